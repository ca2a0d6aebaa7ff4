"""Events of topics, read by a streaming query on Spark that is started again whenever it ends."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from core.errors import PenstockError
from ingestion import Ledger
from pipeline.bootstrap import Parts
from pipeline.event_stretches import EventStretches
from pipeline.kafka_connection import connection, topics_of
from pipeline.news import News, Progress, Trouble
from preparation import Catalog, JsonEvents
from processing import KafkaStream

RETRY_SECONDS = 2.0
PROGRESS_SECONDS = 10.0
_LOOK_SECONDS = 1


class EventStream:
    """Shows the events of topics as they come, and has them stored.

    Args:
        parts: The vault, the views and Spark.
        ledger: Is told what was received; tells where reading goes on.
        catalog: Gives the datasets.
        news: Is told of trouble, and how it goes.
        wake: Is told how many blobs wait to be prepared.
    """

    def __init__(
        self,
        parts: Parts,
        ledger: Ledger,
        catalog: Callable[[], Catalog],
        *,
        news: News,
        wake: Callable[[int], None],
    ) -> None:
        self._parts = parts
        self._ledger = ledger
        self._catalog = catalog
        self._news = news
        self._wake = wake
        self._topics = topics_of(parts.settings)
        self._live = parts.live_layer
        self._stretches: EventStretches | None = None
        self._stream: KafkaStream | None = None
        self._told = time.monotonic()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Starts the thread that starts the query: Spark takes seconds, and nobody waits for it."""
        self._live.restore(lambda blob: bool(self._ledger.find(blob)))
        stretches = EventStretches(self._parts, self._ledger, self._catalog, self._live, self._topics)
        self._stretches = stretches
        for dataset in filter(None, self._topics.values()):
            self._begin_views(dataset)
        self._thread = threading.Thread(target=self._loop, args=(stretches,), name="events", daemon=True)
        self._thread.start()

    def _begin_views(self, name: str) -> None:
        """Views of no rows, where the lake has none yet: the first events are seen above them."""
        parts = self._parts
        if name in self._catalog() and parts.lake.version(name) < 0:
            for view in parts.views.of_dataset(name):
                parts.view_store.refresh(view, self._catalog().dataset(name), parts.lake)

    def stop(self) -> None:
        """Ends the query; what it has taken is stored."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def progress(self) -> Mapping[str, Any]:
        """How it goes: what Spark tells, and what came since the start."""
        if self._stretches is None or self._stream is None:
            return {}
        tally = self._stretches.tally
        return {
            "stream": "kafka",
            "topics": sorted(self._topics),
            "events": tally.events,
            "late": tally.late,
            "rejected": tally.rejected,
            "state_bytes": self._live.size(),
            "waiting_blobs": len(self._live.stretches()),
            **self._stream.progress(),
        }

    def _loop(self, stretches: EventStretches) -> None:
        while not self._stopping.is_set():
            try:
                self._follow_until_it_ends(stretches)
            except (PenstockError, OSError) as error:
                self._news.tell(Trouble(f"Events could not be followed: {error}"))
            finally:
                if self._stream:
                    self._stream.stop()
                self._tend(stretches, everything=True)
            self._stopping.wait(RETRY_SECONDS)

    def _follow_until_it_ends(self, stretches: EventStretches) -> None:
        folder = self._parts.home.scratch / "events"
        reader = JsonEvents(self._parts.home.schemas)
        reached = connection(self._parts)
        skip = self._parts.settings.kafka.skip_lost
        self._stream = KafkaStream(self._parts.spark.spark, reached, reader, folder, skip_lost=skip)
        self._stream.start(sorted(self._topics), stretches.positions(), stretches)
        while not self._stopping.is_set() and not self._stream.wait(_LOOK_SECONDS):
            self._tend(stretches)

    def _tend(self, stretches: EventStretches, *, everything: bool = False) -> None:
        """Has stored what is due, forgets what the lake's views have, and tells how it goes."""
        try:
            if count := stretches.store(everything=everything):
                self._wake(count)
            stretches.forget(self._parts.served_views)
        except (PenstockError, OSError) as error:
            self._news.tell(Trouble(f"Events could not be stored, to be tried again: {error}"))
        if time.monotonic() - self._told >= PROGRESS_SECONDS:
            self._told = time.monotonic()
            self._news.tell(Progress(self.progress()))
