"""Followers of the lake: the index and the views, each in a thread of its own, version by version."""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import ClassVar

from core.dataset import Dataset
from core.errors import NotFoundError, VersionGoneError
from pipeline.bootstrap import Parts
from pipeline.marks import Marks
from pipeline.memory import give_back
from pipeline.news import News, Trouble
from preparation import Catalog
from processing import has_sessions, lake_frames

RETRY_SECONDS = 2.0
GIVE_BACK_SECONDS = 5.0
MAX_REST_SECONDS = 2.0
"""A follower rests as long as its last round took, at most so long. In a stream of small files the versions of that
time are then one round: without it, index and views took a third of both processors at whatever pace files came."""
LOOK_SECONDS = 0.05
QUIET_LOOKS = 3
"""It ends its rest when at so many looks in a row nothing was in flight: nothing would gather. The last files of a drop
of thousands waited 1.5 s for it, with both processors idle."""


class Follower(ABC):
    """Keeps something derived as far as the lake.

    Args:
        parts: The lake, and what follows it.
        catalog: Gives the datasets; asked anew each time.
        marks: Is told how far it has come.
        news: Is told of trouble.
        unfinished: Tells how many arrivals are in flight, each of which may bring a version more.
    """

    name: ClassVar[str]
    """Its name among the marks."""

    def __init__(
        self,
        parts: Parts,
        catalog: Callable[[], Catalog],
        marks: Marks,
        news: News,
        *,
        unfinished: Callable[[], int],
    ) -> None:
        self._open(parts)  # here, where trouble is told who starts the system, and no two threads open it
        self._lake = parts.lake
        self._unfinished = unfinished
        self._catalog = catalog
        self._marks = marks
        self._news = news
        self._wanted: dict[str, int] = {}
        self._lock = threading.Lock()
        self._working = threading.Lock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._gave_back = 0.0
        self._thread = threading.Thread(target=self._loop, name=self.name, daemon=True)

    def start(self) -> None:
        """Starts the thread, with all that the lake has by now to catch up on."""
        self.follow({name: self._lake.version(name) for name in self._lake.names()})
        self._thread.start()

    def follow(self, versions: Mapping[str, int]) -> None:
        """Tells that datasets have new versions."""
        with self._lock:
            self._wanted |= versions
        self._wake.set()

    def stop(self) -> None:
        """Ends the thread after the dataset it is at."""
        self._stopping.set()
        self._wake.set()
        self._thread.join()

    @property
    def threads(self) -> Sequence[threading.Thread]:
        """Its thread."""
        return [self._thread]

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Keeps the thread from working, for one who rebuilds what it derives."""
        with self._working:
            yield

    @abstractmethod
    def _open(self, parts: Parts) -> None:
        """Takes what it keeps as far as the lake."""

    @abstractmethod
    def catch_up(self, dataset: Dataset, version: int) -> None:
        """Brings what is derived from a dataset to a version, exactly once however often it is called."""

    def _loop(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait()
            self._wake.clear()
            started = time.monotonic()
            for name, version in self._take().items():
                if self._stopping.is_set():
                    return
                self._try(name, version)
            self._rest(time.monotonic() - started)

    def _rest(self, seconds: float) -> None:
        """Lets versions gather; what has gathered when the system stops is still followed, where that is short."""
        latest = time.monotonic() + min(seconds, MAX_REST_SECONDS)
        quiet = 0
        while quiet < QUIET_LOOKS and (left := latest - time.monotonic()) > 0:
            if self._stopping.wait(min(LOOK_SECONDS, left)):
                if seconds <= MAX_REST_SECONDS:
                    for name, version in self._take().items():
                        self._try(name, version)
                return
            quiet = 0 if self._unfinished() else quiet + 1

    def _give_back(self) -> None:
        if time.monotonic() - self._gave_back > GIVE_BACK_SECONDS:
            give_back()
            self._gave_back = time.monotonic()

    def _take(self) -> dict[str, int]:
        with self._lock:
            wanted, self._wanted = self._wanted, {}
        return wanted

    def _try(self, name: str, version: int) -> None:
        try:
            with self._working:
                self.catch_up(self._catalog().dataset(name), version)
            self._give_back()
        except NotFoundError:
            self._news.tell(Trouble(f"The lake has {name}, but no model says what it is: put its file back."))
        except Exception as error:  # noqa: BLE001  # a thread that ended would keep every command waiting for ever
            self._news.tell(Trouble(f"The {self.name} of {name} could not be brought to version {version}: {error}"))
            self._stopping.wait(RETRY_SECONDS)
            with self._lock:
                self._wanted = {name: version} | self._wanted
            self._wake.set()
            return
        self._marks.reach(self.name, name, version)


class IndexFollower(Follower):
    """Makes new rows searchable."""

    name = "index"

    def _open(self, parts: Parts) -> None:
        self._index = parts.index

    def catch_up(self, dataset: Dataset, version: int) -> None:
        reached = self._index.version(dataset.name)
        if reached >= version and not self._index.needs_rebuild(dataset):
            return
        if self._index.needs_rebuild(dataset):
            self._index.rebuild(dataset, lake_frames(self._lake, dataset.name, version), version)
            return
        try:
            self._index.write(dataset, self._lake.changes(dataset.name, reached, version), version)
        except VersionGoneError:
            self._index.rebuild(dataset, lake_frames(self._lake, dataset.name, version), version)


class ViewFollower(Follower):
    """Counts new rows into the views, and takes them into the sessions of visitors."""

    name = "views"

    def _open(self, parts: Parts) -> None:
        self._views = parts.views
        self._store = parts.view_store
        self._sessions = parts.session_store

    def catch_up(self, dataset: Dataset, version: int) -> None:  # noqa: ARG002  # a view always goes to the newest
        if has_sessions(dataset):
            self._sessions.refresh(dataset, self._lake)
        for view in self._views.of_dataset(dataset.name):
            self._store.refresh(view, dataset, self._lake)
