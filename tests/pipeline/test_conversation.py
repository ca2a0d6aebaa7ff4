"""The local socket between commands and the running system."""

import socket
import stat
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from core.errors import BusyError, NotFoundError, RefusedError, TamperedError, UsageError
from core.settings import Security
from pipeline.conversation import REFUSED, Listener, ask, is_answering
from pipeline.home import Home, HomeLock
from security import Conversation, KeyRing, MessageSealer

REQUEST = b'{"command": "count", "arguments": {"count": 1}}'


@dataclass
class Running:
    """A system that listens, and what it refused."""

    path: Path
    sealer: MessageSealer
    refused: list[str] = field(default_factory=list)

    def ask(self, command: str, **arguments: Any) -> Iterator[dict[str, Any]]:
        return ask(self.path, self.sealer, command, arguments)


def handle(command: str, arguments: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if command == "fail":
        yield {"number": 0}
        raise UsageError("That means nothing.", "Say something else.")
    for number in range(arguments["count"]):
        yield {"number": number, "text": "grüß\nGott"}


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    system = Running(tmp_path / "s.sock", MessageSealer(KeyRing.open(Security(), tmp_path)))
    listener = Listener(system.path, handle, system.sealer, lambda error: system.refused.append(error.reason))
    listener.start()
    yield system
    listener.close()


def test_answers_come_in_order_as_they_were_given(running: Running) -> None:
    answers = list(running.ask("count", count=3000))
    assert answers == [{"number": number, "text": "grüß\nGott"} for number in range(3000)]
    assert running.refused == []


def test_an_answer_comes_when_it_is_given_not_when_the_last_one_is(tmp_path: Path) -> None:
    heard = threading.Event()

    def slowly(*_: object) -> Iterator[Mapping[str, Any]]:
        yield {"number": 1}
        assert heard.wait(10), "the first answer did not arrive before the second was given"
        yield {"number": 2}

    sealer = MessageSealer(KeyRing.open(Security(), tmp_path))
    listener = Listener(tmp_path / "s.sock", slowly, sealer, lambda _: None)
    listener.start()
    answers = ask(tmp_path / "s.sock", sealer, "count", {})
    assert next(answers) == {"number": 1}
    heard.set()
    assert list(answers) == [{"number": 2}]
    listener.close()


def test_only_the_owner_may_open_the_socket(running: Running) -> None:
    assert stat.S_IMODE(running.path.stat().st_mode) == 0o600


def test_an_error_arrives_with_its_type_reason_and_fix(running: Running) -> None:
    with pytest.raises(UsageError) as caught:
        list(running.ask("fail"))
    assert (caught.value.reason, caught.value.fix) == ("That means nothing.", "Say something else.")


def test_several_conversations_at_once_do_not_mix(running: Running) -> None:
    found: dict[int, int] = {}

    def talk(number: int) -> None:
        found[number] = len(list(running.ask("count", count=number * 50)))

    threads = [threading.Thread(target=talk, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: number * 50 for number in range(5)}


def test_who_leaves_early_does_not_stop_the_others(running: Running) -> None:
    answers = running.ask("count", count=100_000)
    assert next(answers)["number"] == 0
    answers.close()  # type: ignore[attr-defined]  # a generator
    assert len(list(running.ask("count", count=5))) == 5
    assert running.refused == []


def test_nothing_that_is_said_can_be_read_on_the_socket(running: Running) -> None:
    with greeted(running) as (connection, stream, conversation):
        connection.sendall(conversation.seal(REQUEST) + b"\n")
        tokens = stream.readlines()
    said = b"\n".join(conversation.open(token.rstrip()) for token in tokens)
    assert said.count(b"number") == 1
    assert not any(word in token for token in tokens for word in (b"answer", b"number"))


def test_a_request_in_the_clear_is_refused_and_told(running: Running) -> None:
    assert said_to(running, REQUEST + b"\n") == [REFUSED]
    assert len(running.refused) == 1
    assert "changed on its way" in running.refused[0]


def test_a_command_with_another_key_ring_is_refused_on_both_sides(running: Running, tmp_path: Path) -> None:
    foreign = MessageSealer(KeyRing.open(Security(), tmp_path / "other"))
    with pytest.raises(RefusedError, match="one key ring"):
        list(ask(running.path, foreign, "count", {"count": 1}))
    assert "keys that are not ours" in running.refused[0]


def test_a_request_caught_from_one_connection_is_refused_on_another(running: Running) -> None:
    with greeted(running) as (_, _, conversation):
        caught = conversation.seal(REQUEST)
    with greeted(running) as (connection, stream, _):
        connection.sendall(caught + b"\n")
        assert stream.readlines() == [REFUSED]
    assert "another conversation" in running.refused[0]


def test_a_listener_without_the_key_ring_cannot_play_the_system(tmp_path: Path) -> None:
    sealer = MessageSealer(KeyRing.open(Security(), tmp_path))
    foreign = MessageSealer(KeyRing.open(Security(), tmp_path / "other"))
    with impostor(tmp_path / "i.sock", lambda _: foreign.seal(b"x", b"y")), pytest.raises(TamperedError):
        list(ask(tmp_path / "i.sock", sealer, "drop", {}))
    with impostor(tmp_path / "j.sock", lambda hello: hello), pytest.raises(TamperedError, match="another point"):
        list(ask(tmp_path / "j.sock", sealer, "drop", {}))


def test_a_system_that_ends_amid_its_answers_is_told_from_one_that_is_done(tmp_path: Path) -> None:
    sealer = MessageSealer(KeyRing.open(Security(), tmp_path))
    with (
        impostor(tmp_path / "i.sock", lambda hello: sealer.answer(hello)[0]),
        pytest.raises(BusyError, match="stopped before it was done"),
    ):
        list(ask(tmp_path / "i.sock", sealer, "drop", {}))


def test_asking_where_nobody_listens_says_how_to_start(tmp_path: Path) -> None:
    assert not is_answering(tmp_path / "none.sock")
    with pytest.raises(NotFoundError, match="penstock run"):
        list(ask(tmp_path / "none.sock", MessageSealer(KeyRing.open(Security(), tmp_path)), "count", {}))


def test_a_home_with_a_long_path_still_has_a_socket_that_can_be_bound(tmp_path: Path) -> None:
    home = Home(tmp_path / ("x" * 120))
    assert len(str(home.socket)) <= 100


def test_one_home_has_one_writer(tmp_path: Path) -> None:
    home = Home(tmp_path)
    first, second = HomeLock(home), HomeLock(home)
    first.acquire()
    with pytest.raises(BusyError, match="another process"):
        second.acquire()
    first.release()
    second.acquire()
    second.release()


@contextmanager
def greeted(running: Running) -> Iterator[tuple[socket.socket, BinaryIO, Conversation]]:
    """A connection of one with our keys, by hand."""
    call = running.sealer.call()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(running.path))
        connection.sendall(call.hello + b"\n")
        with connection.makefile("rb") as stream:
            yield connection, stream, call.welcomed(stream.readline().rstrip())


def said_to(running: Running, content: bytes) -> list[bytes]:
    """Sends bytes as they are; the lines that come back."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(running.path))
        connection.sendall(content)
        with connection.makefile("rb") as stream:
            return stream.readlines()


@contextmanager
def impostor(path: Path, reply: Callable[[bytes], bytes]) -> Iterator[None]:
    """Listens at a path, answers the first line by `reply`, and leaves."""

    def serve() -> None:
        connection, _ = server.accept()
        with connection, connection.makefile("rb") as stream:
            connection.sendall(reply(stream.readline().rstrip()) + b"\n")
            stream.readline()

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join()
