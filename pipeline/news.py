"""What just happened to arrivals, told to whoever listens: commands that wait, the log of a run."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any

from ingestion import Arrival


@dataclass(frozen=True, slots=True)
class Received:
    """Arrivals are in the ledger; some may have their fate already."""

    arrivals: tuple[Arrival, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """Arrivals have their fate.

    Attributes:
        arrivals: They themselves.
        children: What was found inside, already received.
        versions: Dataset → the lake version that holds their rows.
    """

    arrivals: tuple[Arrival, ...]
    children: tuple[Arrival, ...] = ()
    versions: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something went wrong that a person should know of; work goes on."""

    what: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How a stream goes, by name of the figure."""

    figures: Mapping[str, Any]


Item = Received | Settled | Trouble | Progress
Inbox = SimpleQueue[Item | None]


class News:
    """Passes every item to every listener, in order."""

    def __init__(self) -> None:
        self._listeners: list[Inbox] = []
        self._lock = threading.Lock()

    def tell(self, item: Item) -> None:
        """Passes an item on."""
        with self._lock:
            for listener in self._listeners:
                listener.put(item)

    def close(self) -> None:
        """Ends every listener's wait."""
        with self._lock:
            for listener in self._listeners:
                listener.put(None)

    @contextmanager
    def listening(self) -> Iterator[Inbox]:
        """An inbox that gets every item from now on; None in it means the end."""
        inbox: Inbox = SimpleQueue()
        with self._lock:
            self._listeners.append(inbox)
        try:
            yield inbox
        finally:
            with self._lock:
                self._listeners.remove(inbox)
