"""The local socket between commands and the running system."""

import stat
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from core.errors import BusyError, NotFoundError, UsageError
from pipeline.conversation import Listener, ask, is_answering
from pipeline.home import Home, HomeLock


@pytest.fixture
def socket_path(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "s.sock"

    def handle(command: str, arguments: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        if command == "fail":
            raise UsageError("That means nothing.", "Say something else.")
        for number in range(arguments["count"]):
            yield {"number": number, "text": "grüß"}

    listener = Listener(path, handle)
    listener.start()
    yield path
    listener.close()


def test_answers_come_in_order_as_they_were_given(socket_path: Path) -> None:
    answers = list(ask(socket_path, "count", {"count": 3}))
    assert answers == [{"number": number, "text": "grüß"} for number in range(3)]


def test_only_the_owner_may_open_the_socket(socket_path: Path) -> None:
    assert stat.S_IMODE(socket_path.stat().st_mode) == 0o600


def test_an_error_arrives_with_its_type_reason_and_fix(socket_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        list(ask(socket_path, "fail", {}))
    assert (caught.value.reason, caught.value.fix) == ("That means nothing.", "Say something else.")


def test_several_conversations_at_once_do_not_mix(socket_path: Path) -> None:
    found: dict[int, int] = {}

    def talk(number: int) -> None:
        found[number] = len(list(ask(socket_path, "count", {"count": number * 50})))

    threads = [threading.Thread(target=talk, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: number * 50 for number in range(5)}


def test_asking_where_nobody_listens_says_how_to_start(tmp_path: Path) -> None:
    assert not is_answering(tmp_path / "none.sock")
    with pytest.raises(NotFoundError, match="penstock run"):
        list(ask(tmp_path / "none.sock", "count", {}))


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
