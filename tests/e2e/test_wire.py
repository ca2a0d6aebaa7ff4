"""Attacks on every wire, with real sockets on loopback; each is refused, and says why. Listed in docs/security.md."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from wire_kit import GREETING, careless_client, careless_server, door, knock, made_home, tls_of

from core import settings
from core.errors import HandshakeError, RefusedError, TamperedError
from core.settings import Security
from pipeline.conversation import REFUSED, Listener, ask
from security import Conversation, KeyRing, MessageSealer, Tls


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_home(tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_home(tmp_path_factory.mktemp("foreign"))


def test_both_ends_with_certificates_of_one_authority_talk(home: Path) -> None:
    with door(tls_of(home).server_context()) as opened:
        assert knock(opened, tls_of(home).client_context()) == GREETING
    assert (opened.heard, opened.refusals) == ([b"hello"], [])


def test_a_client_without_a_certificate(home: Path) -> None:
    with door(tls_of(home).server_context()) as opened, pytest.raises(HandshakeError, match="we showed none"):
        knock(opened, careless_client(home))
    assert opened.refusal == "the client showed no certificate, and must."


def test_a_client_of_another_authority(home: Path, foreign: Path) -> None:
    with door(tls_of(home).server_context()) as opened, pytest.raises(HandshakeError, match="does not trust"):
        knock(opened, careless_client(home, foreign))
    assert "authority that is not trusted here" in opened.refusal


def test_a_client_whose_certificate_has_expired(home: Path) -> None:
    with door(tls_of(home).server_context()) as opened, pytest.raises(HandshakeError, match="it has expired"):
        knock(opened, careless_client(home, home, name="expired"))
    assert "has expired" in opened.refusal


def test_a_client_whose_certificate_is_not_valid_yet(home: Path) -> None:
    with door(tls_of(home).server_context()) as opened, pytest.raises(HandshakeError, match="refuses our certificate"):
        knock(opened, careless_client(home, home, name="early"))
    assert "not valid yet" in opened.refusal


def test_a_server_of_another_authority(home: Path, foreign: Path) -> None:
    with door(careless_server(foreign)) as opened, pytest.raises(HandshakeError, match="not trusted here"):
        knock(opened, tls_of(home).client_context())
    assert opened.heard == []


def test_a_server_whose_certificate_has_expired(home: Path) -> None:
    with door(careless_server(home, name="expired")) as opened, pytest.raises(HandshakeError, match="has expired"):
        knock(opened, tls_of(home).client_context())
    assert opened.heard == []


def test_a_server_whose_certificate_is_not_valid_yet(home: Path) -> None:
    with door(careless_server(home, name="early")) as opened, pytest.raises(HandshakeError, match="not valid yet"):
        knock(opened, tls_of(home).client_context())
    assert opened.heard == []


def test_a_server_with_a_certificate_for_another_host_name(home: Path) -> None:
    with (
        door(careless_server(home, name="elsewhere")) as opened,
        pytest.raises(HandshakeError, match="another host name"),
    ):
        knock(opened, tls_of(home).client_context())
    assert opened.heard == []


def test_a_server_with_a_certificate_for_another_address(home: Path) -> None:
    with door(careless_server(home)) as opened, pytest.raises(HandshakeError, match="another address"):
        knock(opened, tls_of(home).client_context(), host="127.0.0.2")
    assert opened.heard == []


def test_a_client_that_speaks_tls_1_2_at_most(home: Path) -> None:
    old = careless_client(home, home)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with (
        door(tls_of(home).server_context()) as opened,
        pytest.raises(HandshakeError, match="no protocol that we speak"),
    ):
        knock(opened, old)
    assert opened.refusal == "the client speaks no TLS 1.3."


def test_a_server_that_speaks_tls_1_2_at_most(home: Path) -> None:
    old = careless_server(home)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with door(old) as opened, pytest.raises(HandshakeError, match="no protocol that we speak"):
        knock(opened, tls_of(home).client_context())
    assert opened.heard == []


def test_a_client_that_speaks_in_the_clear(home: Path) -> None:
    with door(tls_of(home).server_context()) as opened:
        assert GREETING not in knock(opened, None)
    assert opened.refusal == "the client speaks plain HTTP, not TLS."


def test_a_server_that_speaks_in_the_clear(home: Path) -> None:
    with door(None) as opened, pytest.raises(HandshakeError, match="does not speak TLS"):
        knock(opened, tls_of(home).client_context())


class FarAway:
    """A socket that is connected to another machine; nothing is sent to it."""

    family = socket.AF_INET

    def getpeername(self) -> tuple[str, int]:
        return "192.0.2.1", 443


def test_verification_switched_off_beyond_this_machine(home: Path) -> None:
    with pytest.warns(UserWarning, match="NO SERVER IS VERIFIED"):
        context = Tls(settings.Tls(insecure_development=True), home / "certs").client_context()
    with pytest.raises(HandshakeError, match="this machine only"):
        context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="elastic.example")
    with pytest.raises(HandshakeError, match=r"192\.0\.2\.1 is not on it"):
        context.wrap_socket(FarAway(), server_hostname="localhost")  # type: ignore[arg-type]  # all it is asked is where it goes
    with door(careless_server(home, name="elsewhere")) as opened:
        assert knock(opened, context, host="anything") == GREETING, "on loopback it may, whatever the name"


class Running:
    """A system that listens, and what it refused."""

    def __init__(self, folder: Path, late_by: float = 0.0) -> None:
        self.path = folder / "s.sock"
        self.ring = KeyRing.open(Security(), folder)
        self.refused: list[str] = []
        self.done: list[str] = []
        sealer = MessageSealer(self.ring, lambda: time.time() + late_by)
        self.listener = Listener(self.path, self._handle, sealer, lambda error: self.refused.append(error.reason))
        self.listener.start()

    def _handle(self, command: str, _: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        self.done.append(command)
        yield {"done": command}

    def answer_to(self, *lines: bytes) -> bytes:
        """Sends lines as they are, each after an answer to the one before; the last answer."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.path))
            with connection.makefile("rb") as heard:
                answer = b""
                for line in lines:
                    connection.sendall(line + b"\n")
                    answer = heard.readline()
                return answer

    def greeted(self) -> tuple[socket.socket, Conversation]:
        """A connection of one with our keys."""
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(self.path))
        call = MessageSealer(self.ring).call()
        connection.sendall(call.hello + b"\n")
        with connection.makefile("rb", buffering=0) as heard:
            return connection, call.welcomed(heard.readline().rstrip())


REQUEST = json.dumps({"command": "discard", "arguments": {}}).encode()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    system = Running(tmp_path)
    yield system
    system.listener.close()


def said(connection: socket.socket, token: bytes) -> bytes:
    """What comes back for a token."""
    with connection, connection.makefile("rb") as heard:
        connection.sendall(token + b"\n")
        return heard.readline()


def test_a_message_that_was_changed(running: Running) -> None:
    connection, conversation = running.greeted()
    token = bytearray(conversation.seal(REQUEST))
    token[len(token) // 2] ^= 1
    assert said(connection, bytes(token)) == REFUSED
    assert "changed on its way" in running.refused[0]
    assert running.done == []


def test_a_message_that_was_said_before(running: Running) -> None:
    connection, conversation = running.greeted()
    token = conversation.seal(REQUEST)
    assert said(connection, token) != REFUSED
    again, _ = running.greeted()
    assert said(again, token) == REFUSED
    assert "another conversation" in running.refused[0]
    assert running.done == ["discard"], "it was done once"


def test_a_message_out_of_order(running: Running) -> None:
    connection, conversation = running.greeted()
    conversation.seal(b"kept back")
    assert said(connection, conversation.seal(REQUEST)) == REFUSED
    assert "one before it is missing" in running.refused[0]
    assert running.done == []


def test_a_message_that_is_too_old(tmp_path: Path) -> None:
    running = Running(tmp_path, late_by=61)
    hello = MessageSealer(running.ring).call().hello
    assert running.answer_to(hello) == REFUSED
    assert "it was good for 60 s" in running.refused[0]
    running.listener.close()


def test_a_message_sealed_with_foreign_keys(running: Running, tmp_path: Path) -> None:
    foreign_sealer = MessageSealer(KeyRing.open(Security(), tmp_path / "other"))
    with pytest.raises(RefusedError, match="does not take our messages"):
        list(ask(running.path, foreign_sealer, "discard", {}))
    assert "keys that are not ours" in running.refused[0]
    assert running.done == []


def test_a_message_in_the_clear(running: Running) -> None:
    assert running.answer_to(REQUEST) == REFUSED
    assert running.done == []


def test_a_listener_that_plays_the_running_system(tmp_path: Path) -> None:
    sealer = MessageSealer(KeyRing.open(Security(), tmp_path))
    impostor = MessageSealer(KeyRing.open(Security(), tmp_path / "other"))
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s.sock"))
        server.listen()

        def play() -> None:
            connection, _ = server.accept()
            with connection, connection.makefile("rb") as heard:
                heard.readline()
                connection.sendall(impostor.call().hello + b"\n")

        thread = threading.Thread(target=play)
        thread.start()
        with pytest.raises(TamperedError, match="keys that are not ours"):
            list(ask(tmp_path / "s.sock", sealer, "drop", {"paths": ["/secret"]}))
        thread.join()
