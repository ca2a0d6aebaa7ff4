"""The one process that writes a home: takes in, prepares, commits, and keeps index and views as far as the lake."""

import threading
from typing import Self

from core.settings import Settings, read_again
from ingestion import Ledger
from pipeline.bootstrap import Parts
from pipeline.committing import Committer
from pipeline.event_stream import EventStream
from pipeline.following import IndexFollower, ViewFollower
from pipeline.home import HomeLock
from pipeline.intake import Intake
from pipeline.live_catalog import LiveCatalog
from pipeline.marks import Marks
from pipeline.news import News, Settled
from pipeline.passwords import Passwords
from pipeline.prepared_ahead import PreparedAhead
from pipeline.preparing import Preparer
from pipeline.priorities import step_back
from pipeline.publishing import Publishing
from pipeline.streamed_models import streamed_models
from pipeline.streaming import StreamedViews


class Writer:
    """A system at work on one home; a context manager.

    Args:
        settings: What to run.

    Raises:
        BusyError: If another process writes the home.
    """

    def __init__(self, settings: Settings) -> None:
        self.parts = Parts(settings)
        self.parts.home.prepare()
        self._lock = HomeLock(self.parts.home)
        self._lock.acquire()
        try:
            self._open()
        except BaseException:
            self._lock.release()
            raise

    def _open(self) -> None:
        self._warming = threading.Thread(target=self.parts.pool.warm, daemon=True)
        self._warming.start()  # workers load their libraries while we load ours
        self.ledger = Ledger(self.parts.home.ledger)
        self.news = News()
        self.passwords = Passwords()
        self.ahead = PreparedAhead()
        self.marks = Marks(("index", "views"))
        self.intake = Intake(self.parts.vault, self.ledger)
        self.catalog = LiveCatalog(
            self.parts.catalog, self.parts.home.schemas, self.news, changed=self.parts.pool.renew
        )
        self._build()

    def _build(self) -> None:
        parts, catalog, news = self.parts, self.catalog, self.news
        self._committer = Committer(self.ledger, parts, catalog=catalog, news=news, settled=self._settled)
        self._preparer = Preparer(
            self.ledger,
            parts,
            hand_over=self._committer.hand_over,
            refresh=catalog,
            passwords=self.passwords,
            ahead=self.ahead,
        )
        unfinished = self.ledger.unfinished
        self.index = IndexFollower(parts, catalog, self.marks, news, unfinished=unfinished)
        is_streamed = parts.settings.processing.live == "spark"
        self.views = (
            StreamedViews(parts, catalog, self.marks, news)
            if is_streamed
            else ViewFollower(parts, catalog, self.marks, news, unfinished=unfinished)
        )
        self.streamed = streamed_models(parts, catalog, news) if is_streamed else []
        self.events = (
            EventStream(parts, self.ledger, catalog, news=news, wake=self.wake_preparer)
            if parts.settings.kafka.servers
            else None
        )
        self._publishing = Publishing(parts.settings, parts.publisher, news) if parts.publisher else None

    def __enter__(self) -> Self:
        """Finishes what a crash left open, then starts to work."""
        self.ledger.recover()
        for batch in self.ledger.open_batches():
            self._committer.redo(batch.id, [self._preparer.prepare(arrival) for arrival in batch.arrivals])
        self.index.start()
        self.views.start()
        for each in self.streamed:
            each.start()
        self._committer.start()
        if self._publishing:
            self._publishing.start()
        self._preparer.start()
        self.wake_preparer(len(self.ledger.in_flight()))
        return self

    def follow_events(self) -> None:
        """Starts to read topics, where the settings name some; a command that runs for a moment does not."""
        if self.events:
            step_back([*self._preparer.threads, *self._committer.threads, *self.index.threads, *self.views.threads])
            self.events.start()

    def __exit__(self, *_: object) -> None:
        """Stops in order: what is under way is finished; what waits is taken up at the next start."""
        if self.events:
            self.events.stop()
        self.intake.close()
        self.ahead.close()
        self._preparer.stop()
        self._committer.stop()
        self.index.stop()
        self.views.stop()
        for each in self.streamed:
            each.stop()
        if self._publishing:
            self._publishing.stop()
        self.marks.close()
        self.news.close()
        self._warming.join()
        self.parts.close()
        self.ledger.close()
        self._lock.release()

    def read_settings_again(self) -> None:
        """Takes up limits that were raised, and extras that were installed, since the start.

        Raises:
            SettingsError: If the settings do not make sense any more; nothing changes then.
        """
        self.parts.adopt(read_again(self.parts.settings))

    def wake_preparer(self, count: int) -> None:
        """Tells that so many arrivals wait."""
        if count:
            self._preparer.wake()

    def _settled(self, item: Settled) -> None:
        self.index.follow(item.versions)
        self.views.follow(item.versions)
        self.wake_preparer(sum(not child.is_finished for child in item.children))
        self.news.tell(item)
