"""A streaming query in a thread of its own, started again whenever it dies or must begin anew."""

import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from core.errors import PenstockError
from pipeline.news import News, Trouble

RETRY_SECONDS = 2.0
_LOOK_SECONDS = 1


class Query(Protocol):
    """What can be waited for and ended."""

    def wait(self, seconds: int) -> bool:
        """Waits so long, or until it ends or must begin anew; whether it does."""

    def stop(self) -> None:
        """Ends it; what it was at is done again by the next."""


class Restarted:
    """Keeps one query running.

    Args:
        what: What is followed, in words, for news of trouble.
        query: The query.
        start: Starts it; False where there is nothing to do as yet.
        news: Is told of trouble.
        progress: How it goes; default nothing is told.
    """

    def __init__(
        self,
        what: str,
        query: Query,
        start: Callable[[], bool],
        news: News,
        progress: Callable[[], Mapping[str, Any]] = dict,
    ) -> None:
        self._what = what
        self._query = query
        self._start = start
        self._news = news
        self.progress = progress
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name=what, daemon=True)

    def start(self) -> None:
        """Starts the thread that starts the query: Spark takes seconds, and nobody waits for it."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the query."""
        self._stopping.set()
        self._thread.join()

    def _loop(self) -> None:
        while not self._stopping.is_set():
            try:
                if self._start():
                    self._watch()
            except PenstockError as error:
                self._news.tell(Trouble(f"{self._what} could not be followed: {error}"))
            finally:
                self._query.stop()
            self._stopping.wait(RETRY_SECONDS)

    def _watch(self) -> None:
        while not self._stopping.is_set() and not self._query.wait(_LOOK_SECONDS):
            pass
