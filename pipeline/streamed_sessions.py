"""The sessions of a dataset kept as far as the lake by a stateful query on Spark, started again whenever it dies."""

import threading
from collections.abc import Callable

from core.dataset import Dataset
from core.errors import PenstockError
from pipeline.bootstrap import Parts
from pipeline.news import News, Trouble
from preparation import Catalog
from processing import SessionStream, has_sessions

RETRY_SECONDS = 2.0
_LOOK_SECONDS = 1


class StreamedSessions:
    """A thread and a query for each dataset that has sessions, from its first row on.

    Args:
        parts: The lake, the sessions and Spark.
        catalog: Gives the datasets, as they are when it starts.
        news: Is told of trouble.
    """

    def __init__(self, parts: Parts, catalog: Callable[[], Catalog], news: News) -> None:
        self._parts = parts
        self._news = news
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._loop, args=(dataset,), name=f"sessions of {dataset.name}", daemon=True)
            for dataset in catalog().datasets()
            if has_sessions(dataset)
        ]

    def start(self) -> None:
        """Starts the threads; nobody waits for Spark."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ends the queries."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _loop(self, dataset: Dataset) -> None:
        stream = self._parts.session_stream(dataset.name)
        while not self._stopping.is_set():
            if self._parts.lake.version(dataset.name) >= 0:
                try:
                    self._follow_until_it_ends(stream, dataset)
                except PenstockError as error:
                    self._news.tell(Trouble(f"The sessions of {dataset.name} could not be followed: {error}"))
                finally:
                    stream.query.stop()
            self._stopping.wait(RETRY_SECONDS)

    def _follow_until_it_ends(self, stream: SessionStream, dataset: Dataset) -> None:
        stream.start(dataset, self._parts.lake)
        while not self._stopping.is_set() and not stream.wait(_LOOK_SECONDS):
            pass
