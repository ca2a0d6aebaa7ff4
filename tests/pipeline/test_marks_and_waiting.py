"""Waiting until what arrived is visible."""

import threading
from queue import SimpleQueue
from typing import Any

from ingestion import Arrival, ArrivalState
from pipeline.marks import Marks
from pipeline.news import Inbox, Received, Settled
from pipeline.waiting import Waiting, outcome


def arrival(number: int, state: ArrivalState = ArrivalState.RECEIVED, parent: int | None = None) -> Arrival:
    empty: dict[str, Any] = dict.fromkeys(Arrival.__dataclass_fields__)
    known = {"id": number, "path": f"f{number}", "blob": f"{number:064}", "state": state, "parent": parent}
    return Arrival(**empty | known | {"rows": 0, "rejected_rows": 0, "bytes": 1, "attempts": 1})


def ready_marks() -> Marks:
    marks = Marks(("index", "views"))
    marks.reach("index", "blob", 5)
    marks.reach("views", "blob", 5)
    return marks


def finished(inbox: Inbox, marks: Marks) -> list[int]:
    return [each.id for each in Waiting(inbox, marks).finished()]


def test_a_duplicate_is_answered_at_once() -> None:
    inbox: Inbox = SimpleQueue()
    inbox.put(Received((arrival(1, ArrivalState.DUPLICATE),)))
    inbox.put(None)
    assert finished(inbox, ready_marks()) == [1]


def test_an_arrival_that_settled_before_it_was_known_to_be_ours_is_answered() -> None:
    inbox: Inbox = SimpleQueue()
    inbox.put(Settled((arrival(1, ArrivalState.STORED),), versions={"blob": 5}))
    inbox.put(Received((arrival(1),)))
    inbox.put(None)
    assert finished(inbox, ready_marks()) == [1]


def test_what_is_found_inside_is_waited_for_too() -> None:
    inbox: Inbox = SimpleQueue()
    inbox.put(Received((arrival(1),)))
    inbox.put(None)
    children = (arrival(2, parent=1), arrival(3, ArrivalState.DUPLICATE, parent=1))
    inbox.put(Settled((arrival(1, ArrivalState.STORED),), children, {"blob": 4}))
    inbox.put(Settled((arrival(9, ArrivalState.STORED),)))
    inbox.put(Settled((arrival(2, ArrivalState.QUARANTINED),)))
    assert finished(inbox, ready_marks()) == [1, 3, 2]


def test_nothing_is_answered_before_every_follower_has_it() -> None:
    marks = Marks(("index", "views"))
    inbox: Inbox = SimpleQueue()
    inbox.put(Received((arrival(1),)))
    inbox.put(None)
    inbox.put(Settled((arrival(1, ArrivalState.STORED),), versions={"blob": 3}))
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.extend(finished(inbox, marks)))
    thread.start()
    marks.reach("index", "blob", 3)
    thread.join(0.1)
    assert found == []
    marks.reach("views", "blob", 4)
    thread.join(5)
    assert found == [1]


def test_an_outcome_tells_the_note_where_there_is_no_reason() -> None:
    stored = arrival(1, ArrivalState.STORED)
    assert outcome(stored)["reason"] is None
    assert set(outcome(stored)) == {
        "path", "blob", "outcome", "dataset", "media_type", "rows", "rejected_rows", "reason", "seconds",
    }  # fmt: skip
