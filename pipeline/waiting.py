"""Follows arrivals, and what is found inside them, until each is stored, duplicate or quarantined and visible."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import BusyError
from ingestion import Arrival
from pipeline.interrupting import next_of
from pipeline.marks import Marks
from pipeline.news import Inbox, Received, Settled


@dataclass(frozen=True, slots=True)
class _Fate:
    arrival: Arrival
    children: tuple[Arrival, ...]
    versions: Mapping[str, int]


class Waiting:
    """The arrivals that one command waits for.

    Args:
        inbox: Hears of arrivals that settle, of those received for this command, and of the last of them by None.
        marks: Tells when a lake version is visible.
    """

    def __init__(self, inbox: Inbox, marks: Marks) -> None:
        self._inbox = inbox
        self._marks = marks
        self._open: set[int] = set()
        self._early: dict[int, _Fate] = {}  # settled before we were told that they are ours
        self._is_fed = False

    def finished(self) -> Iterator[Arrival]:
        """Each arrival when it is visible; ends when all have ended and no more will be received.

        Raises:
            BusyError: If the system stops before.
        """
        while self._open or not self._is_fed:
            item = next_of(self._inbox)
            match item:
                case Received(arrivals):
                    yield from self._take(arrivals)
                case Settled():
                    yield from self._settle(item)
                case None if self._is_fed:
                    raise BusyError("The system stops.", "What was received is safe; see `penstock status`.")
                case None:
                    self._is_fed = True
                    self._early.clear()

    def _take(self, arrivals: Iterable[Arrival]) -> Iterator[Arrival]:
        for arrival in arrivals:
            if arrival.is_finished:
                yield arrival
            elif fate := self._early.pop(arrival.id, None):
                yield from self._end(fate)
            else:
                self._open.add(arrival.id)

    def _settle(self, item: Settled) -> Iterator[Arrival]:
        for arrival in item.arrivals:
            children = tuple(child for child in item.children if child.parent == arrival.id)
            fate = _Fate(arrival, children, item.versions)
            if arrival.id in self._open:
                self._open.discard(arrival.id)
                yield from self._end(fate)
            elif not self._is_fed:
                self._early[arrival.id] = fate

    def _end(self, fate: _Fate) -> Iterator[Arrival]:
        self._marks.wait(fate.versions)
        yield fate.arrival
        yield from self._take(fate.children)


def outcome(arrival: Arrival) -> dict[str, Any]:
    """What a command prints of an arrival that has its fate."""
    return {
        "path": arrival.path,
        "blob": arrival.blob,
        "outcome": arrival.state.value,
        "dataset": arrival.dataset,
        "media_type": arrival.media_type,
        "rows": arrival.rows,
        "rejected_rows": arrival.rejected_rows,
        "reason": arrival.reason or arrival.note,
        "seconds": arrival.seconds,
    }
