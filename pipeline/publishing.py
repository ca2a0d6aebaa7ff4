"""Publishing what the pages show, beside the pipe and never in its way."""

import sqlite3
import threading
import time
from collections.abc import Callable, Hashable, Mapping, Sequence

from polars.exceptions import PolarsError

from core.errors import EngineError, NotFoundError, PenstockError, StorageError, UsageError
from core.ports import Publisher
from core.settings import Settings
from pipeline.news import News, Trouble
from pipeline.published_rows import Source, sources
from pipeline.system import System

LOOK_SECONDS = 1.0
RETRY_SECONDS = 5.0
ANEW_SECONDS = 600.0
"""All is published anew after so long, changed or not: what somebody deleted comes back, at the cost of comparing."""
RESTS = 20
"""What took a second of the processor rests for so many, so that publishing leaves the pipe its cores.

A view of 100,000 rows takes 0.4 s to compare with what is published, and 0.6 s to send whole.
"""
DEAR_SHARE = 0.1
"""A source that took so much of a look is dear: it rests for all that the look took, lest many dear ones add up."""
_NEVER = object()
_CAUGHT = (PenstockError, OSError, sqlite3.Error, PolarsError)
_OF_ONE_SOURCE = (StorageError, UsageError, NotFoundError, EngineError)
"""What may be wrong with one source alone; anything else (no key, no server) is wrong with all."""


class Publishing:
    """A thread that looks every second at what may have changed, and publishes it.

    It reads the home as the pages do, so that both say the same. What could not be published is tried again; nothing
    waits for it. What changed while nobody published is published at the next start, since the first look takes all.

    Args:
        settings: The home's.
        publisher: Where rows are published; closed at the end.
        news: Is told of trouble, once for each that begins.
    """

    def __init__(self, settings: Settings, publisher: Publisher, news: News) -> None:
        self._settings = settings
        self._publisher = publisher
        self._news = news
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="publishing", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Publishes what changed last, then ends the thread; where that fails, the next start does it."""
        self._stopping.set()
        self._thread.join()
        self._publisher.close()

    def _loop(self) -> None:
        system = System(self._settings)
        try:
            look = Look(sources(system, self._publisher), self._told)
            while not self._stopping.wait(RETRY_SECONDS if look.is_out else LOOK_SECONDS):
                look.publish(self._publisher)
            look.publish(self._publisher, is_last=True)
        except _CAUGHT as error:  # the user's views do not load, say; the pages say it too
            self._told(f"Nothing is published: {error}")
        finally:
            system.close()

    def _told(self, what: str) -> None:
        self._news.tell(Trouble(what))


class Look:
    """Looks at sources, and publishes those whose answer changed since it last succeeded.

    Args:
        sources: What to look at.
        tell: Is told what went wrong, once until it is well again.
        clock: Seconds that never go back.
        effort: Seconds that this thread has had of the processor.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        tell: Callable[[str], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        effort: Callable[[], float] = time.thread_time,
    ) -> None:
        self._sources = sources
        self._tell = tell
        self._clock = clock
        self._effort = effort
        self._published: dict[str, tuple[Hashable, float]] = {}
        self._not_before: dict[str, float] = {}
        self._faults: set[str] = set()
        self._is_out = False

    @property
    def is_out(self) -> bool:
        """Whether nothing could be published at the last look."""
        return self._is_out

    def publish(self, publisher: Publisher, *, is_last: bool = False) -> None:
        """Publishes what changed. An outage ends the look; what is wrong with one source alone keeps no other waiting.

        Args:
            publisher: Where to.
            is_last: Whether to hold nothing back for a later look.
        """
        self._is_out = False
        spent: dict[Source, float] = {}
        for source in self._sources:
            if not is_last and self._clock() < self._not_before.get(source.dataset.name, 0.0):
                continue
            try:
                if (took := self._publish(source, publisher)) is not None:
                    spent[source] = took
            except _CAUGHT as error:
                self._failed(source, error)
                self._is_out = not isinstance(error, _OF_ONE_SOURCE) or error.is_retryable
                if self._is_out:
                    break
            else:
                self._faults.discard(source.dataset.name)
        self._rest(spent)

    def _publish(self, source: Source, publisher: Publisher) -> float | None:
        """Publishes what a source has, if it changed; what that took of the processor, or None."""
        name, began, effort = source.dataset.name, self._clock(), self._effort()
        signature = source.signature()
        before, at = self._published.get(name, (_NEVER, began))
        if signature == before and began - at < ANEW_SECONDS:
            return None
        send = publisher.put if source.stay else publisher.replace
        send(source.dataset, source.frame())
        self._published[name] = signature, began
        return self._effort() - effort

    def _rest(self, spent: Mapping[Source, float]) -> None:
        whole = sum(spent.values())
        for source, own in spent.items():
            rest = RESTS * (whole if own >= DEAR_SHARE * whole else own)
            self._not_before[source.dataset.name] = self._clock() + max(source.seconds, rest)

    def _failed(self, source: Source, error: Exception) -> None:
        if not self._faults:
            self._tell(f"{source.dataset.name} could not be published, to be tried again: {error}")
        self._faults.add(source.dataset.name)
        self._not_before[source.dataset.name] = self._clock() + RETRY_SECONDS
