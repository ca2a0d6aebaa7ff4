"""Passwords that a person gave for files that are tried again: in memory alone, and no longer than that lasts."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager


class Passwords:
    """Which passwords to try on which arrivals. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._given: dict[int, tuple[str, ...]] = {}

    @contextmanager
    def given(self, arrivals: Sequence[int], passwords: Iterable[str]) -> Iterator[None]:
        """Has these tried on some arrivals, and on what is found inside them, until the context ends."""
        kept = tuple(passwords)
        with self._lock:
            self._given |= dict.fromkeys(arrivals, kept)
        try:
            yield
        finally:
            with self._lock:
                for arrival in arrivals:
                    self._given.pop(arrival, None)

    def of(self, lineage: Iterable[int]) -> tuple[str, ...]:
        """The passwords of an arrival: those given for it, or for one of those that it came out of."""
        with self._lock:
            return next((self._given[arrival] for arrival in lineage if arrival in self._given), ())
