"""Gathers what is prepared into groups, each of which becomes one batch of the lake."""

import threading
import time
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue

from pipeline.preparing import Ready

MAX_ARRIVALS = 512
MAX_ROWS = 500_000
MAX_WAITING_BYTES = 256 * 1024 * 1024
GAP_SECONDS = 0.05
MAX_LINGER_SECONDS = 4.0


class Gathering:
    """What waits for its batch. A batch costs a commit of every table, index and view that it touches.

    That is 0.3 s in all, whether it holds one small file or hundreds. So a group that is followed by nothing goes after
    50 ms, and one behind which more arrivals wait than it holds stays open for them, at most for four seconds: the more
    there is to do, the less of the time goes into commits. Of 810 small files dropped at once, groups closed by the gap
    alone held 20 each, and batches took 6 of the 12 ms that the system spent on a file outside of the workers.

    Args:
        behind: Tells how many arrivals nobody has begun to prepare.
    """

    def __init__(self, behind: Callable[[], int]) -> None:
        self._behind = behind
        self._waiting: SimpleQueue[Ready | None] = SimpleQueue()
        self._waiting_bytes = 0
        self._taken = threading.Condition()

    def put(self, ready: Ready) -> None:
        """Takes a prepared arrival; blocks while so much waits that memory could run out."""
        size = _bytes(ready)
        with self._taken:
            self._taken.wait_for(lambda: not self._waiting_bytes or self._waiting_bytes + size <= MAX_WAITING_BYTES)
            self._waiting_bytes += size
        self._waiting.put(ready)

    def end(self) -> None:
        """Nothing more comes: what waits is given as it is, then an empty group."""
        self._waiting.put(None)

    def next_group(self) -> list[Ready]:
        """At least one, and what comes behind it; empty at the end."""
        group: list[Ready] = []
        rows, latest = 0, 0.0
        while len(group) < MAX_ARRIVALS and rows < MAX_ROWS:
            try:
                ready = self._next(len(group), latest)
            except Empty:
                break
            if ready is None:
                if group:
                    self._waiting.put(None)  # the end comes after this group
                break
            if not group:
                latest = time.monotonic() + MAX_LINGER_SECONDS
            group.append(ready)
            rows += _rows(ready)
        self._let_go(group)
        return group

    def _next(self, held: int, latest: float) -> Ready | None:
        """The next that is prepared, or None at the end.

        Raises:
            Empty: If the group shall not wait for it.
        """
        if not held:
            return self._waiting.get()
        try:
            return self._waiting.get_nowait()
        except Empty:
            left = max(0.0, latest - time.monotonic())
            return self._waiting.get(timeout=left if self._behind() > held else min(GAP_SECONDS, left))

    def _let_go(self, group: Iterable[Ready]) -> None:
        with self._taken:
            self._waiting_bytes -= sum(map(_bytes, group))
            self._taken.notify_all()


def _bytes(ready: Ready) -> int:
    return sum(int(table.frame.estimated_size()) for table in ready.prepared.tables)


def _rows(ready: Ready) -> int:
    return sum(table.frame.height for table in ready.prepared.tables)
