"""How what is prepared is gathered into batches."""

import threading
import time
from dataclasses import fields
from typing import Any

import pytest

from core.prepared import Classification, Prepared
from ingestion import Arrival, ArrivalState
from pipeline import gathering
from pipeline.gathering import Gathering
from pipeline.preparing import Ready

NOTHING: dict[str, Any] = dict.fromkeys(field.name for field in fields(Arrival))
PREPARED = Prepared("text/plain", Classification("other", 1.0, "told"))


def ready(number: int) -> Ready:
    arrival = Arrival(**NOTHING | {"id": number, "state": ArrivalState.PREPARING})
    return Ready(arrival, PREPARED, (), 0.0, ())


def numbers(group: list[Ready]) -> list[int]:
    return [each.arrival.id for each in group]


def test_a_file_alone_does_not_wait_for_others() -> None:
    waiting = Gathering(lambda: 0)
    waiting.put(ready(1))
    started = time.monotonic()
    assert numbers(waiting.next_group()) == [1]
    assert time.monotonic() - started < gathering.MAX_LINGER_SECONDS / 2


def test_what_is_ready_already_goes_together() -> None:
    waiting = Gathering(lambda: 0)
    for number in range(5):
        waiting.put(ready(number))
    assert numbers(waiting.next_group()) == [0, 1, 2, 3, 4]


def test_a_group_stays_open_while_more_waits_than_it_holds() -> None:
    left = [3]
    waiting = Gathering(lambda: left[0])

    def prepare() -> None:
        for number in (2, 3, 4):
            time.sleep(4 * gathering.GAP_SECONDS)
            left[0] -= 1
            waiting.put(ready(number))

    waiting.put(ready(1))
    thread = threading.Thread(target=prepare)
    thread.start()
    group = numbers(waiting.next_group())
    thread.join()
    assert group[:2] == [1, 2]  # two waited behind the first; behind the second, only one
    assert len(group) < 4


def test_a_group_stays_open_no_longer_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "MAX_LINGER_SECONDS", 0.3)
    waiting = Gathering(lambda: 1_000)
    waiting.put(ready(1))
    started = time.monotonic()
    assert numbers(waiting.next_group()) == [1]
    assert 0.25 < time.monotonic() - started < 2.0


def test_a_group_is_full_at_some_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "MAX_ARRIVALS", 2)
    waiting = Gathering(lambda: 1_000)
    for number in range(3):
        waiting.put(ready(number))
    assert numbers(waiting.next_group()) == [0, 1]


def test_the_end_comes_after_what_waits() -> None:
    waiting = Gathering(lambda: 1_000)
    waiting.put(ready(1))
    waiting.end()
    assert numbers(waiting.next_group()) == [1]
    assert waiting.next_group() == []
