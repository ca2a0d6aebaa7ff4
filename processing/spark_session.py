"""One long-lived Spark session of this process, set up so that nothing has to be installed or configured by hand."""

import logging
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from shutil import which
from typing import TYPE_CHECKING, TypeVar

from core.errors import EngineError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

T = TypeVar("T")

_DEATH_SECONDS = 2.0
_JAVA_FOLDERS = ("/usr/lib/jvm", "/Library/Java/JavaVirtualMachines", "/opt/java")
_JAVA_FIX = "Install a Java runtime 17 or 21 (Debian: apt install openjdk-17-jre-headless), or set JAVA_HOME to one."
# Where Spark makes the secret itself and hands it to its own processes. A standalone master has one of its cluster's:
# in a file, for what the session is given is written on the command line of its JVM.
_MAKES_ITS_TOLD_BY_ITS_CLUSTER = re.compile(r"local(\[.*\])?|yarn|k8s://.*")
_SECURE_NETWORK = {
    "spark.authenticate": "true",
    "spark.network.crypto.enabled": "true",
    "spark.network.crypto.cipher": "AES/GCM/NoPadding",  # the default, CTR, does not notice a change
    "spark.network.crypto.authEngineVersion": "2",
    "spark.network.crypto.saslFallback": "false",
}
_TOLD_BY_ITS_CLUSTER = "spark.authenticate.secret"
_CHECKPOINT_FILES = "org.apache.spark.sql.execution.streaming.checkpointing.FileSystemBasedCheckpointFileManager"
_GLOB = str.maketrans({character: f"\\{character}" for character in "\\{}[]*?"})
_LOG_SETTINGS = """\
rootLogger.level = error
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n%ex{2}
# A lost JVM or a wrong query is reported by our own errors.
logger.parser.name = org.apache.spark.sql.catalyst
logger.parser.level = off
# It would tell whoever reads our own lines how to set a level.
logger.gateway.name = org.apache.spark.api.python.PythonGatewayServer
logger.gateway.level = error
"""


class SparkHandle:
    """Starts the session when it is first needed, and again where its JVM died.

    Args:
        folder: Where Spark may write: scratch, warehouse, packages, log settings.
        master: The Spark master's URL.
        memory: The driver's heap, as Spark writes it: ``1g``.
        jars: More jars that the session needs; asked for when it starts.
        properties: A file like spark-defaults.conf. What it names is as it says there, whatever is ours.
    """

    def __init__(
        self,
        folder: Path,
        master: str = "local[2]",
        memory: str = "1g",
        jars: Callable[[], Sequence[Path]] = tuple,
        properties: Path | None = None,
    ) -> None:
        self._folder = folder.absolute()
        self._master = master
        self._memory = memory
        self._jars = jars
        self._properties = None if properties is None else properties.absolute()
        self._session: SparkSession | None = None
        self._lock = threading.Lock()

    def run(self, work: Callable[["SparkSession"], T]) -> T:
        """Does `work`, once more in a new session where the JVM is gone.

        Raises:
            EngineError: If there is no Java, or the session does not start or breaks twice.
        """
        session = self.session()
        try:
            return work(session)
        except Exception as error:
            if not self._has_lost(session, error):
                raise
            self._let_go(session)
        session = self.session()
        try:
            return work(session)
        except Exception as error:
            if not self._has_lost(session, error):
                raise
            raise EngineError(
                "The Spark session died twice.", "Give it more memory (processing.spark_memory)."
            ) from error

    def session(self) -> "SparkSession":
        """The session; about five seconds when it is first asked for."""
        with self._lock:
            if self._session is None or _is_stopped(self._session):
                self._session = self._start()
            return self._session

    def close(self) -> None:
        """Ends the session and its JVM."""
        with self._lock:
            session, self._session = self._session, None
            if session is not None:
                _stop(session)

    def close_if_dead(self) -> None:
        """Forgets a session whose JVM is gone; one that another thread has started since is left alone."""
        with self._lock:
            if self._session is not None and _is_dead():
                _stop(self._session)
                self._session = None

    def _has_lost(self, session: "SparkSession", error: BaseException) -> bool:
        """Whether the JVM of a session is gone, rather than the work at fault."""
        return _is_of_the_bridge(error) and (session is not self._session or _is_dead())

    def _let_go(self, session: "SparkSession") -> None:
        """Ends a session that was lost, unless another thread has done so and started the next."""
        with self._lock:
            if self._session is session:
                _stop(session)
                self._session = None

    def _start(self) -> "SparkSession":
        try:
            from pyspark.sql import SparkSession
        except ImportError as error:
            raise EngineError("PySpark is not installed.", "pip install 'pyspark>=4.2.1,<4.3'") from error
        builder = SparkSession.builder.master(self._master).appName("penstock")
        named = names_of(self._properties) if self._properties else frozenset()
        self._check_secret(named)
        for key, value in self._settings().items():
            if key not in named:
                builder = builder.config(key, value)
        with _child_environment(self._master, self._properties):
            try:
                session = builder.getOrCreate()
            except Exception as error:
                raise EngineError(f"The Spark session does not start: {_first_line(error)}.", _JAVA_FIX) from error
        session.sparkContext.setLogLevel("ERROR")
        # It prints the whole Java stack of every wrong query; our error has what a person needs of it.
        logging.getLogger("SQLQueryContextLogger").disabled = True
        return session

    def _check_secret(self, named: frozenset[str]) -> None:
        if not _MAKES_ITS_TOLD_BY_ITS_CLUSTER.fullmatch(self._master) and _TOLD_BY_ITS_CLUSTER not in named:
            raise EngineError(
                f"The Spark master {self._master} is its own cluster's, and the secret of that cluster is not known.",
                f"Write {_TOLD_BY_ITS_CLUSTER} into a file of mode 0600 and name it: processing.spark_properties; see "
                "docs/clusters.md.",
            )

    def _settings(self) -> dict[str, str]:
        self._folder.mkdir(parents=True, exist_ok=True)
        log_settings = self._folder / "log4j2.properties"
        log_settings.write_text(_LOG_SETTINGS)
        java = f"-Dlog4j2.configurationFile={log_settings.as_uri()}"
        local = self._master.startswith("local")
        here = {
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.local.dir": str(self._folder / "scratch"),
        }
        jars = ",".join(map(str, self._jars()))
        return (
            (here if local else {})
            | _SECURE_NETWORK
            | ({"spark.jars": jars} if jars else {})
            | {
                "spark.driver.memory": self._memory,
                "spark.driver.extraJavaOptions": java,
                "spark.ui.enabled": "false",
                "spark.ui.showConsoleProgress": "false",
                "spark.jars.ivy": str(self._folder / "ivy"),
                "spark.sql.warehouse.dir": (self._folder / "warehouse").as_uri(),
                "spark.sql.catalogImplementation": "in-memory",
                "spark.pyspark.python": sys.executable,
                "spark.pyspark.driver.python": sys.executable,
                "spark.sql.session.timeZone": "UTC",
                # One machine: more partitions only cost start-up, 15 ms each.
                "spark.sql.shuffle.partitions": "2" if local else "200",
                # The other one starts a `chmod` for each file: a micro-batch took 80 ms for its logs, and takes 45.
                "spark.sql.streaming.checkpointFileManagerClass": _CHECKPOINT_FILES,
                # Delta's Parquet files have no Spark metadata: their dates are proleptic Gregorian as written.
                "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
                "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED",
                "spark.sql.runSQLOnFiles": "false",
                "spark.sql.variable.substitute": "false",  # ${env:…} would tell this process's environment
                "spark.sql.execution.arrow.pyspark.enabled": "true",
            }
        )


def escaped_path(path: str) -> str:
    """A path as Spark reads it, which takes every path for a pattern."""
    return path.translate(_GLOB)


def names_of(properties: Path) -> frozenset[str]:
    """What a file like spark-defaults.conf sets.

    Raises:
        EngineError: If it cannot be read.
    """
    try:
        lines = properties.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise EngineError(
            f"Spark's properties file {properties} cannot be read: {error.strerror}.",
            "Check processing.spark_properties.",
        ) from error
    # A key ends at the first white space, `=` or `:`, as Java reads it.
    set_there = (re.split(r"[\s=:]", line.strip(), maxsplit=1)[0] for line in lines)
    return frozenset(name for name in set_there if name and name[0] not in "#!")


@contextmanager
def _child_environment(master: str = "local", properties: Path | None = None) -> Iterator[None]:
    """The variables that PySpark's launcher hands to the JVM, for as long as it starts.

    They are no settings of ours: the launcher takes them from nowhere else.
    """
    wanted = {"PYSPARK_PYTHON": sys.executable}
    if master.startswith("local"):
        wanted["SPARK_LOCAL_IP"] = "127.0.0.1"
    if properties is not None:
        wanted["PYSPARK_SUBMIT_ARGS"] = f"--properties-file {quote(str(properties))} pyspark-shell"
    before = {name: os.environ.get(name) for name in (*wanted, "JAVA_HOME")}
    home = before["JAVA_HOME"]
    if which("java") is None and not (home and (Path(home) / "bin" / "java").exists()):
        wanted["JAVA_HOME"] = _java_home()
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def java_command() -> str:
    """The Java that Spark runs on.

    Raises:
        EngineError: If there is none.
    """
    home = os.environ.get("JAVA_HOME")
    own = Path(home) / "bin" / "java" if home else None
    if own is not None and own.exists():
        return str(own)
    return which("java") or str(Path(_java_home()) / "bin" / "java")


def _java_home() -> str:
    found = (
        java.parent.parent
        for folder in _JAVA_FOLDERS
        for pattern in ("*/bin/java", "*/Contents/Home/bin/java")
        for java in sorted(Path(folder).glob(pattern))
    )
    home = next(found, None)
    if home is None:
        raise EngineError("Spark needs Java, and there is none on PATH or under /usr/lib/jvm.", _JAVA_FIX)
    return str(home)


def _is_of_the_bridge(error: BaseException) -> bool:
    """Whether an error may come of a JVM that is gone."""
    from py4j.protocol import Py4JError, Py4JJavaError  # type: ignore[import-untyped]

    return isinstance(error, Py4JError | OSError) and not isinstance(error, Py4JJavaError)


def _is_dead() -> bool:
    """Whether the JVM of this process has ended, or ends within a moment."""
    from pyspark import SparkContext

    process = getattr(SparkContext._gateway, "proc", None)
    if process is None:
        return True
    try:
        process.wait(timeout=_DEATH_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return True


def _stop(session: "SparkSession") -> None:
    """Ends a session whose JVM may be dead already, so that the next one starts its own."""
    from py4j.protocol import Py4JError
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    gateway = SparkContext._gateway
    try:
        session.stop()
    except (Py4JError, OSError):
        SparkContext._active_spark_context = None
        SparkSession._instantiatedSession = None
    if gateway is not None:
        gateway.shutdown()
        process = getattr(gateway, "proc", None)
        if process is not None:
            process.stdin.close()  # the JVM ends itself when its parent's pipe closes
            process.wait()
    SparkContext._gateway = None
    SparkContext._jvm = None


def _is_stopped(session: "SparkSession") -> bool:
    """Whether another handle of this process has stopped the context that all of them share."""
    return session.sparkContext._jsc is None


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]
