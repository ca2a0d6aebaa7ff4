"""A real Kafka broker for tests: on loopback, TLS with client certificates, stopped and removed afterwards."""

import contextlib
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from elasticsearch_distribution import CACHE, MissingPartError
from elasticsearch_server import free_port

from core.settings import Kafka, Tls

VERSION = "4.3.1"
INSTALL = "pip install pyspark confluent-kafka, and any Java (on Debian: apt install openjdk-17-jre-headless)"
JARS = CACHE / "jars"
"""Where tests keep the jars that Spark reads Kafka with."""
_READY = "Kafka Server started"
_START_SECONDS, _SEND_SECONDS = 90.0, 60.0
_ASKED = f"""<ivy-module version="2.0"><info organisation="penstock" module="tests"/>
<configurations><conf name="default"/></configurations><dependencies>
<dependency org="org.apache.kafka" name="kafka_2.13" rev="{VERSION}" conf="default->runtime,master"/>
<dependency org="org.apache.logging.log4j" name="log4j-slf4j-impl" rev="2.25.4" conf="default->runtime,master"/>
</dependencies></ivy-module>"""
_LOG = """rootLogger.level=INFO
rootLogger.appenderRef.c.ref=C
appender.c.type=Console
appender.c.name=C
appender.c.layout.type=PatternLayout
appender.c.layout.pattern=%d %p %m%n
"""


def distribution() -> Path:
    """The folder of the broker's jars, fetched once by the Ivy that Spark brings.

    Raises:
        MissingPartError: If they cannot be had.
    """
    kept = CACHE / f"kafka-{VERSION}"
    if kept.exists():
        return kept
    ivy = sorted(Path(sys.prefix).glob("lib/python*/site-packages/pyspark/jars/ivy-*.jar"))
    if not ivy or not shutil.which("java"):
        message = "pyspark and a Java"
        raise MissingPartError(message)
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as name:
        new = Path(name)
        (new / "ivy.xml").write_text(_ASKED, encoding="utf-8")
        command = ["java", "-jar", str(ivy[-1]), "-ivy", str(new / "ivy.xml"), "-cache", str(new / "cache")]
        command += ["-types", "jar", "bundle", "-retrieve", f"{new}/jars/[artifact]-[revision].[ext]"]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if not (new / "jars" / f"kafka_2.13-{VERSION}.jar").exists():
            message = f"Kafka {VERSION}, which could not be fetched: {done.stdout[-300:]}{done.stderr[-300:]}"
            raise MissingPartError(message)
        (new / "jars").replace(kept)
    return kept


@dataclass(slots=True)
class KafkaServer:
    """One broker. `stop` it, `start` it again: what was acknowledged is there.

    Attributes:
        folder: What is its own: settings, data, certificates, log.
        jars: Its program.
    """

    folder: Path
    jars: Path
    port: int = field(default_factory=free_port)
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"localhost:{self.port}"

    def tls(self, name: str = "client") -> Tls:
        """The settings of a client with a certificate that it accepts."""
        return Tls(str(self.folder / "ca.pem"), str(self.folder / f"{name}.pem"), str(self.folder / f"{name}.key"))

    def settings(self, *topics: str, **others: Any) -> Kafka:
        """The settings of a system that reads topics of it."""
        return Kafka(servers=(self.address,), topics=topics, jars=str(JARS), **others)

    def client(self) -> dict[str, Any]:
        """The configuration of a client of librdkafka."""
        tls = self.tls()
        return {
            "bootstrap.servers": self.address,
            "security.protocol": "SSL",
            "ssl.ca.location": tls.ca_file,
            "ssl.certificate.location": tls.cert_file,
            "ssl.key.location": tls.key_file,
        }

    def make_topic(self, name: str, partitions: int = 2) -> str:
        """A new topic; its name."""
        admin = AdminClient(self.client())
        [made] = admin.create_topics([NewTopic(name, partitions, 1)]).values()
        made.result(_SEND_SECONDS)
        return name

    def send(self, topic: str, events: Iterable[bytes], partitions: int = 2) -> None:
        """Sends events, to the partitions in turn, and waits until the broker has them."""
        producer = Producer(self.client() | {"enable.idempotence": True, "queue.buffering.max.messages": 1_000_000})
        for number, event in enumerate(events):
            producer.produce(topic, event, partition=number % partitions)
            producer.poll(0)
        assert producer.flush(_SEND_SECONDS) == 0

    def start(self) -> None:
        """Starts it and waits until it answers."""
        properties = self._configured()
        with (self.folder / "out.log").open("wb") as log:
            self._process = subprocess.Popen(
                self._java("kafka.Kafka", str(properties)), stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        deadline = time.monotonic() + _START_SECONDS
        while _READY not in (told := (self.folder / "out.log").read_text(encoding="utf-8")):
            if time.monotonic() > deadline or self._process.poll() is not None:
                self.stop()
                message = f"Kafka did not start:\n{told[-2000:]}"
                raise RuntimeError(message)
            time.sleep(0.1)

    def stop(self) -> None:
        """Kills it, as a power cut does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _configured(self) -> Path:
        file = self.folder / "server.properties"
        if file.exists():
            return file
        _make_certificates(self.folder, ("broker", "client"))
        (self.folder / "log4j2.properties").write_text(_LOG, encoding="utf-8")
        file.write_text("".join(f"{key}={value}\n" for key, value in self._properties().items()), encoding="utf-8")
        identity = subprocess.run(
            self._java("kafka.tools.StorageTool", "random-uuid"), check=True, capture_output=True, text=True
        ).stdout.split()[-1]
        format_it = ["kafka.tools.StorageTool", "format", "--standalone", "-t", identity, "-c", str(file)]
        subprocess.run(self._java(*format_it), check=True, capture_output=True)
        return file

    def _properties(self) -> Mapping[str, str]:
        controller = f"localhost:{free_port()}"
        alone = ("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")
        return {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.bootstrap.servers": controller,
            "log.dirs": str(self.folder / "data"),
            "listeners": f"BROKER://{self.address},CONTROLLER://{controller}",
            "advertised.listeners": f"BROKER://{self.address}",
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "BROKER",
            "listener.security.protocol.map": "CONTROLLER:SSL,BROKER:SSL",
            "ssl.client.auth": "required",
            "ssl.enabled.protocols": "TLSv1.3",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self.folder / "broker.both.pem"),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.folder / "ca.pem"),
            "auto.create.topics.enable": "false",
            "transaction.state.log.min.isr": "1",
            "share.coordinator.state.topic.min.isr": "1",
        } | {f"{name}.replication.factor": "1" for name in alone}

    def _java(self, *words: str) -> Sequence[str]:
        log = f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}"
        return ["java", "-Xms256m", "-Xmx512m", log, "-cp", f"{self.jars}/*", *words]


def _make_certificates(folder: Path, names: Iterable[str]) -> None:
    """An authority, and for each name a certificate, its key, and both in one file, as Kafka wants them."""
    authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    for name in names:
        issued = authority.issue_cert("localhost", "127.0.0.1", common_name=name, key_type=trustme.KeyType.ECDSA)
        key = load_pem_private_key(issued.private_key_pem.bytes(), None)
        plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        chain = b"".join(blob.bytes() for blob in issued.cert_chain_pems)
        for ending, content in (("key", plain), ("pem", chain), ("both.pem", plain + chain)):
            file = folder / f"{name}.{ending}"
            file.write_bytes(content)
            file.chmod(0o600)


@contextlib.contextmanager
def kafka_server() -> Iterator[KafkaServer]:
    """A broker in a folder of its own, all of it gone afterwards.

    Raises:
        MissingPartError: If it cannot be had on this machine.
    """
    jars = distribution()
    folder = Path(tempfile.mkdtemp(prefix="penstock-kafka-"))
    server = KafkaServer(folder, jars)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def kafka(require: Any) -> Iterator[KafkaServer]:
    """The one broker that tests share; each makes topics of its own."""
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(kafka_server())
        except MissingPartError as error:
            require(f"Kafka, for want of {error},", False, INSTALL)
            raise
        yield server
