"""A real Elasticsearch for tests: on loopback, over TLS, with security on, stopped and removed afterwards."""

import base64
import contextlib
import hashlib
import os
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
import trustme
from elasticsearch import Elasticsearch
from elasticsearch_distribution import INSTALL, Java, MissingPartError, unpack

NOBODY = 65534
USER = "admin"
PASSWORD = "of-the-tests-alone"
START_SECONDS = 180.0
_SALT = bytes(range(32))
_ITERATIONS = 10_000


def free_port() -> int:
    """A port of loopback that nothing listens on, and below those that systems give to whoever asks for any.

    Another process would be given one of those in the time between.
    """
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as tried, contextlib.suppress(OSError):
            tried.bind(("127.0.0.1", port))
            return port


@dataclass(slots=True)
class ElasticsearchServer:
    """One node. `start` it, `kill` it, start it again: what was acknowledged is there.

    Attributes:
        home: Its distribution, which nodes may share.
        java: What it runs on.
        folder: What is its own: settings, data, certificates, logs.
        certificates: The authority and the node's certificate.
        heap: Of the JVM.
        settings: More settings of ``elasticsearch.yml``.
        data: Where its data is; default inside `folder`.
    """

    home: Path
    java: Java
    folder: Path
    certificates: "Certificates"
    heap: str = "512m"
    settings: Mapping[str, str] = field(default_factory=dict)
    data: Path | None = None
    port: int = field(default_factory=free_port)
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"https://localhost:{self.port}"

    def tls(self) -> ssl.SSLContext:
        """A client's context that trusts this server's authority alone."""
        return ssl.create_default_context(cafile=self.certificates.ca)

    def client(self, **options: Any) -> Elasticsearch:
        """A client with all rights, for what a test sets up and looks into."""
        return Elasticsearch(self.url, ssl_context=self.tls(), basic_auth=(USER, PASSWORD), **options)

    def api_key(self, name: str, privileges: Mapping[str, Any]) -> str:
        """A new API key, encoded, with these privileges alone."""
        # a cluster that has just made its first key takes a moment until it can make another
        with self.client(retry_on_status=(503,), max_retries=20, retry_backoff_cap=0.5) as client:
            made = client.security.create_api_key(name=name, role_descriptors={name: dict(privileges)}, refresh=True)
        return str(made["encoded"])

    def start(self) -> None:
        """Starts it and waits until it answers."""
        self._configure()
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": "/tmp",  # noqa: S108  # Elasticsearch only asks that there is one
            "ES_JAVA_HOME": str(self.java.home),
            "ES_PATH_CONF": str(self.folder / "config"),
            "ES_JAVA_OPTS": f"-Xms{self.heap} -Xmx{self.heap}",
            "ES_TMPDIR": str(self.folder / "tmp"),
        }
        own = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        with (self.folder / "out.log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self.home / "bin" / "elasticsearch"), "-p", str(self.folder / "pid")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                cwd=self.folder,
                start_new_session=True,
                **own,  # type: ignore[call-overload]
            )
        self._await_answer()

    def is_running(self) -> bool:
        """Whether it was started and not killed."""
        return self._process is not None

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Ends it at once, as a power cut does."""
        if self._process is None:
            return
        family = [self._process.pid]
        with contextlib.suppress(psutil.NoSuchProcess):
            family += [child.pid for child in psutil.Process(self._process.pid).children(recursive=True)]
        for pid in reversed(family):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, how)
        self._process.wait(60)
        psutil.wait_procs([psutil.Process(pid) for pid in family[1:] if psutil.pid_exists(pid)], 60)
        self._process = None

    def _configure(self) -> None:
        config = self.folder / "config"
        if config.exists():
            return
        shutil.copytree(self.home / "config", config)
        for name in ("data", "logs", "tmp"):
            (self.folder / name).mkdir()
        settings = {
            "cluster.name": "penstock-tests",
            "node.name": self.folder.name,
            "discovery.type": "single-node",
            "network.host": "127.0.0.1",
            "http.port": str(self.port),
            "transport.port": str(free_port()),
            "path.data": str(self.data or self.folder / "data"),
            "path.logs": str(self.folder / "logs"),
            "cluster.routing.allocation.disk.threshold_enabled": "false",
            "xpack.security.enabled": "true",
            "xpack.security.enrollment.enabled": "false",
            "xpack.security.authc.password_hashing.algorithm": "PBKDF2",
            "xpack.security.http.ssl.enabled": "true",
            "xpack.security.http.ssl.supported_protocols": "TLSv1.3",
            "xpack.security.transport.ssl.enabled": "true",
            "xpack.security.transport.ssl.verification_mode": "certificate",
            "xpack.license.self_generated.type": "basic",
            **dict(self.settings),
        }
        for layer in ("http", "transport"):
            settings[f"xpack.security.{layer}.ssl.key"] = "node.key"
            settings[f"xpack.security.{layer}.ssl.certificate"] = "node.pem"
            settings[f"xpack.security.{layer}.ssl.certificate_authorities"] = "ca.pem"
        lines = [f"{name}: {value}" for name, value in settings.items() if value]
        (config / "elasticsearch.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        (config / "users").write_text(f"{USER}:{_hashed(PASSWORD)}\n", encoding="ascii")
        (config / "users_roles").write_text(f"superuser:{USER}\n", encoding="ascii")
        for file in (self.certificates.ca, self.certificates.cert, self.certificates.key):
            shutil.copy(file, config)
        if os.geteuid() == 0:
            _give(self.folder, self.data)

    def _await_answer(self) -> None:
        assert self._process is not None
        request = urllib.request.Request(f"{self.url}/_cluster/health?wait_for_status=yellow&timeout=1s")  # noqa: S310
        token = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        request.add_header("Authorization", f"Basic {token}")
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                with urllib.request.urlopen(request, timeout=5, context=self.tls()):  # noqa: S310
                    return
            except (OSError, urllib.error.URLError):
                time.sleep(0.2)
        told = (self.folder / "out.log").read_text(encoding="utf-8", errors="replace")[-2000:]
        self.kill()
        message = f"Elasticsearch did not start:\n{told}"
        raise RuntimeError(message)


@dataclass(frozen=True, slots=True)
class Certificates:
    """The files of one authority and of one node."""

    ca: Path
    cert: Path
    key: Path

    @classmethod
    def made_in(cls, folder: Path) -> "Certificates":
        """New ones, good for loopback."""
        folder.mkdir()
        authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
        issued = authority.issue_cert("localhost", "127.0.0.1", key_type=trustme.KeyType.ECDSA)
        made = cls(folder / "ca.pem", folder / "node.pem", folder / "node.key")
        authority.cert_pem.write_to_path(str(made.ca))
        issued.private_key_pem.write_to_path(str(made.key))
        for blob in issued.cert_chain_pems:
            blob.write_to_path(str(made.cert), append=True)
        return made


class ElasticsearchFactory:
    """Makes nodes that share one unpacked distribution; stops them all at its end.

    Args:
        folder: What the nodes need is below it; readable by all, for Elasticsearch refuses to run as root.

    Raises:
        MissingPartError: If a part cannot be had on this machine.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.chmod(0o755)
        self._home, self._java = unpack(folder)
        self.certificates = Certificates.made_in(folder / "certificates")
        self._nodes: list[ElasticsearchServer] = []

    def node(self, **options: Any) -> ElasticsearchServer:
        """A node that is not started yet."""
        folder = self._folder / f"node{len(self._nodes) + 1}"
        folder.mkdir()
        made = ElasticsearchServer(self._home, self._java, folder, self.certificates, **options)
        self._nodes.append(made)
        return made

    def close(self) -> None:
        """Stops every node."""
        for node in self._nodes:
            node.kill()


@contextlib.contextmanager
def elasticsearch_factory() -> Iterator[ElasticsearchFactory]:
    """A factory in a folder of its own, all of it gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="penstock-elasticsearch-"))
    factory = None
    try:
        factory = ElasticsearchFactory(folder)
        yield factory
    finally:
        if factory:
            factory.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def elasticsearch_nodes(require: Any) -> Iterator[ElasticsearchFactory]:
    """Makes nodes for tests that kill them."""
    with contextlib.ExitStack() as stack:
        try:
            factory = stack.enter_context(elasticsearch_factory())
        except MissingPartError as error:
            require(f"Elasticsearch, for want of {error},", False, INSTALL)
            raise
        yield factory


@pytest.fixture(scope="session")
def elasticsearch(elasticsearch_nodes: ElasticsearchFactory) -> ElasticsearchServer:
    """The one server that tests share; each takes a prefix of its own."""
    node = elasticsearch_nodes.node()
    node.start()
    return node


def _hashed(password: str) -> str:
    """The password as the file realm keeps it."""
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), _SALT, _ITERATIONS, 32)
    return f"{{PBKDF2}}{_ITERATIONS}${base64.b64encode(_SALT).decode()}${base64.b64encode(digest).decode()}"


def _give(*folders: Path | None) -> None:
    for folder in folders:
        for path in [folder, *folder.rglob("*")] if folder else []:
            os.chown(path, NOBODY, NOBODY)
