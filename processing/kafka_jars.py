"""The jars that Spark reads Kafka with: exactly these, each known by its hash, fetched once by the Ivy that Spark has.

Spark's own `spark.jars.packages` cannot do it: the connector asks for a version of its token provider that was never
published, and pinning another beside an exclusion would leave out both.
"""

import hashlib
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.errors import EngineError
from processing.spark_session import java_command

_SECONDS = 300
_PATTERN = "[artifact]-[revision].[ext]"


@dataclass(frozen=True, slots=True)
class Jar:
    """One artifact of Maven Central."""

    group: str
    name: str
    version: str
    sha256: str

    @property
    def file(self) -> str:
        """Its file's name."""
        return f"{self.name}-{self.version}.jar"


JARS = (
    Jar(
        *("org.apache.spark", "spark-sql-kafka-0-10_2.13", "4.2.0"),
        "64539c45e5d39f7ddb747312c239f38f5208d08c1a0ddf7d70beb2fbd9373705",
    ),
    Jar(
        *("org.apache.spark", "spark-token-provider-kafka-0-10_2.13", "4.1.0-preview1"),
        "ab6e27a8a47ce63348dd0ecbd5543dc6212b4783180305cde5749e79684ea97b",
    ),
    Jar(
        *("org.apache.kafka", "kafka-clients", "3.9.2"),
        "014b4ef36884478a932641818b080c36a8f8e2e92dc771e800c9d2694f4f83d8",
    ),
    Jar(
        *("org.apache.commons", "commons-pool2", "2.13.1"),
        "f77a5060d6936a9144023584232f9de3f2248f1abfe156e9d31795f18770674f",
    ),
)


def connector_jars(folder: Path) -> tuple[Path, ...]:
    """The jars in `folder`; those that are not there are fetched.

    Raises:
        EngineError: If one cannot be had, or is not the file that it should be.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if missing := [jar for jar in JARS if not (folder / jar.file).exists()]:
        _fetch(missing, folder)
    for jar in JARS:
        if hashlib.sha256((folder / jar.file).read_bytes()).hexdigest() != jar.sha256:
            raise EngineError(f"{folder / jar.file} is not the file that it should be.", "Remove it and start again.")
    return tuple(folder / jar.file for jar in JARS)


def _fetch(missing: Iterable[Jar], folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as name:
        scratch = Path(name)
        asked = scratch / "ivy.xml"
        asked.write_text(_asked(missing), encoding="utf-8")
        command = [java_command(), "-jar", str(_ivy()), "-ivy", str(asked), "-cache", str(scratch / "cache")]
        command += ["-retrieve", str(scratch / _PATTERN)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_SECONDS)
        for jar in missing:
            if not (scratch / jar.file).exists():
                told = (done.stderr or done.stdout).strip()[-300:]
                raise EngineError(
                    f"{jar.file}, which Spark reads Kafka with, could not be fetched: {told}",
                    f"Put {jar.group}:{jar.name}:{jar.version} of Maven Central into {folder}.",
                )
            (scratch / jar.file).replace(folder / jar.file)


def _asked(jars: Iterable[Jar]) -> str:
    wanted = "".join(
        f'<dependency org="{jar.group}" name="{jar.name}" rev="{jar.version}" transitive="false">'
        f'<artifact name="{jar.name}" type="jar" ext="jar"/></dependency>'
        for jar in jars
    )
    info = '<info organisation="penstock" module="kafka"/>'
    return f'<ivy-module version="2.0">{info}<dependencies>{wanted}</dependencies></ivy-module>'


def _ivy() -> Path:
    import pyspark

    return next((Path(pyspark.__file__).parent / "jars").glob("ivy-*.jar"))
