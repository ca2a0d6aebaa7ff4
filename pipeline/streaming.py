"""The views kept as far as the lake by a streaming query on Spark, which is started again whenever it dies."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from pipeline.bootstrap import Parts
from pipeline.marks import Marks
from pipeline.news import News
from pipeline.restarted import Restarted
from preparation import Catalog
from processing import Streamed


class StreamedViews:
    """Does on Spark what `ViewFollower` does in this process.

    Args:
        parts: The lake, the views and Spark.
        catalog: Gives the datasets; asked at each start of the query.
        marks: Is told how far the views have come.
        news: Is told of trouble.
    """

    def __init__(self, parts: Parts, catalog: Callable[[], Catalog], marks: Marks, news: News) -> None:
        self._parts = parts
        self._catalog = catalog
        self._marks = marks
        self._stream = parts.view_stream()
        self._streamed = {parts.views.view(name).dataset for name in parts.views.names()}
        self._kept = Restarted("The views", self._stream, self._begin, news)

    def start(self) -> None:
        """Starts the thread that starts the query: Spark takes seconds, and nobody waits for it."""
        lake = self._parts.lake
        self.follow({name: lake.version(name) for name in lake.names()})
        self._kept.start()

    def follow(self, versions: Mapping[str, int]) -> None:
        """The query sees new versions by itself; only datasets that no view is of are told here."""
        for name, version in versions.items():
            if name not in self._streamed:
                self._marks.reach("views", name, version)

    def stop(self) -> None:
        """Ends the query."""
        self._kept.stop()

    def progress(self) -> Mapping[str, Any]:
        """How it goes: what Spark tells, and how many versions of the lake the views do not have yet."""
        told = self._stream.progress()
        lake, views, store = self._parts.lake, self._parts.views, self._parts.view_store
        behind = (
            lake.version(name) - min(store.version(view) for view in views.of_dataset(name)) for name in self._streamed
        )
        return {"stream": "views", **told, "lag": sum(behind)} if told else {}

    @property
    def threads(self) -> Sequence[threading.Thread]:
        """None that works: Spark does."""
        return []

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Nothing to wait for: a rebuild is swapped in while the query goes on."""
        yield

    def _begin(self) -> bool:
        catalog, views = self._catalog(), self._parts.views
        streamed = [
            Streamed(catalog.dataset(name), views.of_dataset(name))
            for name in sorted(self._streamed)
            if name in catalog
        ]
        self._stream.start(streamed, self._parts.lake, self._reached)
        return True

    def _reached(self, dataset: str, version: int) -> None:
        self._marks.reach("views", dataset, version)
