"""A Spark standalone cluster on this machine out of PySpark's own distribution: a master and two workers."""

import json
import os
import secrets
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from urllib.request import urlopen

import psutil
import pyspark
import pytest
from elasticsearch_server import free_port

from processing.spark_session import java_command

WORKERS = 2
START_SECONDS = 60.0
STOP_SECONDS = 10.0
_SPARK_CLASS = Path(pyspark.__file__).parent / "bin" / "spark-class"
_PROPERTIES = """\
spark.authenticate                   true
spark.authenticate.secret            {secret}
spark.network.crypto.enabled         true
spark.network.crypto.cipher          AES/GCM/NoPadding
spark.network.crypto.authEngineVersion  2
spark.network.crypto.saslFallback    false
spark.io.encryption.enabled          true
spark.master.rest.enabled            false
spark.driver.host                    127.0.0.1
spark.driver.bindAddress             127.0.0.1
spark.executor.memory                512m
spark.executor.cores                 1
spark.cores.max                      {workers}
spark.sql.shuffle.partitions         {workers}
"""


class Cluster:
    """A master and its workers, which answer only those who know their secret.

    Attributes:
        master: The master's URL.
        properties: The file that a driver needs to be let in.
        workers: The processes of the workers that live.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.properties = folder / "spark.conf"
        self.properties.touch(mode=0o600)
        self.properties.write_text(_PROPERTIES.format(secret=secrets.token_hex(32), workers=WORKERS))
        port, self._web = free_port(), free_port()
        self.master = f"spark://127.0.0.1:{port}"
        given = ["--host", "127.0.0.1", "--port", str(port), "--webui-port", str(self._web)]
        self._master = self._started("master", "org.apache.spark.deploy.master.Master", *given)
        self.workers: list[subprocess.Popen[bytes]] = []
        self._numbers = count()

    def add_worker(self) -> None:
        """Starts a worker; it is there when `await_workers` says so."""
        name = f"worker{next(self._numbers)}"
        work = ["--work-dir", str(self._folder / name)]
        given = ["--host", "127.0.0.1", "--cores", "1", "--memory", "768m", "--webui-port", "0", *work, self.master]
        self.workers.append(self._started(name, "org.apache.spark.deploy.worker.Worker", *given))

    def await_workers(self, wanted: int) -> None:
        """Waits until the master knows of so many living workers."""
        until = time.monotonic() + START_SECONDS
        while self._told().get("aliveworkers") != wanted:
            if time.monotonic() > until:
                raise TimeoutError((self._folder / "master.log").read_text()[-2000:])
            time.sleep(0.1)

    def executors(self, worker: subprocess.Popen[bytes]) -> list[psutil.Process]:
        """The processes below a worker: its executors' JVMs and their Python workers."""
        return psutil.Process(worker.pid).children(recursive=True)

    def arguments(self, worker: subprocess.Popen[bytes]) -> list[str]:
        """What the command lines of the processes below a worker say, of those that live."""
        said: list[str] = []
        for each in self.executors(worker):
            with suppress(psutil.NoSuchProcess):  # ended since, perhaps not yet waited for
                said += each.cmdline()
        return said

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """Ends a worker with all below it, as a machine that loses its power does."""
        for each in [*self.executors(worker), psutil.Process(worker.pid)]:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        worker.wait()
        self.workers.remove(worker)

    def stop(self) -> None:
        """Ends whatever still runs."""
        for process in (*self.workers, self._master):
            if process.poll() is None:
                below = psutil.Process(process.pid).children(recursive=True)
                process.terminate()
                try:
                    process.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                for each in psutil.wait_procs(below, STOP_SECONDS)[1]:
                    each.kill()

    def _told(self) -> Mapping[str, object]:
        try:
            with urlopen(f"http://127.0.0.1:{self._web}/json/", timeout=5) as answer:
                told: Mapping[str, object] = json.load(answer)
                return told
        except (OSError, ValueError):  # not up yet, or another program at its port
            return {}

    def _started(self, name: str, kind: str, *given: str) -> subprocess.Popen[bytes]:
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("SPARK_")},
            "JAVA_HOME": str(Path(java_command()).resolve().parents[1]),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_DAEMON_MEMORY": "256m",
        }
        command = [str(_SPARK_CLASS), kind, *given[:-1], "--properties-file", str(self.properties), given[-1]]
        if kind.endswith("Master"):
            command = [str(_SPARK_CLASS), kind, *given, "--properties-file", str(self.properties)]
        with (self._folder / f"{name}.log").open("wb") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, env=environment)


@pytest.fixture(scope="session")
def spark_standalone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster of `WORKERS` workers for all tests; one that kills a worker adds another."""
    cluster = Cluster(tmp_path_factory.mktemp("spark-cluster"))
    try:
        for _ in range(WORKERS):
            cluster.add_worker()
        cluster.await_workers(WORKERS)
        yield cluster
    finally:
        cluster.stop()
