"""Both ends of a wire on loopback: homes with authorities, servers that say who came, peers that misbehave."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core import settings
from core.errors import HandshakeError
from core.handshake import handshaking
from security import CertificateAuthority, ChainedAuditTrail, KeyRing, Tls

GREETING = b"who is there?"
SECONDS = 5.0
PLAIN_REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
LONG_AGO, SOON = timedelta(days=-200), timedelta(days=20)


def authority_of(home: Path, *, at: timedelta = timedelta()) -> CertificateAuthority:
    """The authority of a home, whose clock may go wrong."""
    ring = KeyRing.open(settings.Security(), home)
    audit = ChainedAuditTrail(home / "audit.jsonl", ring, "tester")
    return CertificateAuthority(home / "certs", ring, audit, now=lambda: datetime.now(UTC) + at)


def made_home(home: Path) -> Path:
    """A home with an authority, made a year ago, and the certificates that attacks need."""
    authority_of(home, at=timedelta(days=-365)).init(f"authority of {home.name}")
    for name, at in (("penstock", timedelta()), ("expired", LONG_AGO), ("early", SOON)):
        authority_of(home, at=at).issue(name, ["localhost", "127.0.0.1"])
    authority_of(home).issue("elsewhere", ["elsewhere.example"])
    return home


def tls_of(home: Path) -> Tls:
    """What builds the contexts of a home."""
    return Tls(settings.Tls(), home / "certs")


def careless_client(trusts: Path, shows: Path | None = None, *, name: str = "penstock") -> ssl.SSLContext:
    """A client that shows what it is told to, good or not."""
    return _careless(ssl.PROTOCOL_TLS_CLIENT, trusts, shows, name)


def careless_server(shows: Path, *, name: str = "penstock") -> ssl.SSLContext:
    """A server that shows what it is told to, good or not, and asks for nothing."""
    return _careless(ssl.PROTOCOL_TLS_SERVER, shows, shows, name)


def _careless(protocol: int, trusts: Path, shows: Path | None, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.load_verify_locations(trusts / "certs" / "ca.pem")
    if shows:
        context.load_cert_chain(shows / "certs" / f"{name}.pem", shows / "certs" / f"{name}.key")
    return context


@dataclass
class Door:
    """A server of one connection.

    Attributes:
        port: Where.
        heard: What a client that was let in said.
        refusals: Why one was not.
    """

    port: int
    heard: list[bytes] = field(default_factory=list)
    refusals: list[HandshakeError] = field(default_factory=list)

    @property
    def refusal(self) -> str:
        """Why the one that came was not let in."""
        [refused] = self.refusals
        return refused.reason


@contextmanager
def door(
    context: ssl.SSLContext | None, *, plain_answer: bytes = b"HTTP/1.1 400 Bad Request\r\n\r\n"
) -> Iterator[Door]:
    """Serves the next connection by TLS, or without a context in the clear; it is over after the block."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        opened = Door(server.getsockname()[1])

        def serve() -> None:
            connection, _ = server.accept()
            connection.settimeout(SECONDS)
            with connection:
                if context is None:
                    connection.sendall(plain_answer)
                    connection.recv(1024)
                    return
                with context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False) as secured:
                    try:
                        with handshaking("the client"):
                            secured.do_handshake()
                            opened.heard.append(secured.recv(1024))
                            secured.sendall(GREETING)
                    except HandshakeError as error:
                        opened.refusals.append(error)
                        _linger(secured)

        thread = threading.Thread(target=serve)
        thread.start()
        yield opened
        thread.join()


def _linger(refused: ssl.SSLSocket) -> None:
    """Waits until the client hangs up: closing over words not read resets the connection, and loses the alert."""
    with socket.socket(fileno=refused.detach()) as connection, suppress(OSError):
        connection.settimeout(SECONDS)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1024):
            pass


def knock(opened: Door, context: ssl.SSLContext | None, host: str = "localhost") -> bytes:
    """Connects and says hello; what comes back.

    Raises:
        HandshakeError: If one of the two does not accept the other.
    """
    with socket.create_connection(("127.0.0.1", opened.port), SECONDS) as connection:
        if context is None:
            connection.sendall(PLAIN_REQUEST)
            try:
                return connection.recv(1024)
            except ConnectionResetError:
                return b""
        with handshaking("the server"), context.wrap_socket(connection, server_hostname=host) as secured:
            secured.sendall(b"hello")
            return secured.recv(1024)
