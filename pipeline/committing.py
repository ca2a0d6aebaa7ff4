"""Commits what is prepared: groups of arrivals go to the lake as one batch, exactly once.

The batch is named in the ledger first, with its arrivals. Each table's append carries the batch's number as a
Delta application transaction, so that a batch redone after a crash appends only what is not there yet. Then the
ledger gives all its arrivals their fate in one transaction.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import polars as pl

from core.blob import Fault, Outcome
from core.errors import PenstockError
from ingestion import Arrival, Ledger, Result, Step
from pipeline.bootstrap import Parts
from pipeline.catalogue import blob_rows, rejected_rows
from pipeline.gathering import Gathering
from pipeline.news import News, Settled, Trouble
from pipeline.preparing import Ready
from preparation import Catalog

RETRY_SECONDS = 2.0
MANY_PARTS = 8
"""More frames than that are copied into one: what a commit asks of them costs so much for each part."""


class Committer:
    """One thread that batches and commits.

    Args:
        ledger: The ledger.
        parts: Where rows go, and what protects them first.
        catalog: Gives the datasets; asked anew for each batch.
        news: Is told of trouble.
        settled: Is told what settled.
    """

    def __init__(
        self,
        ledger: Ledger,
        parts: Parts,
        *,
        catalog: Callable[[], Catalog],
        news: News,
        settled: Callable[[Settled], None],
    ) -> None:
        self._ledger = ledger
        self._lake = parts.lake
        self._guard = parts.guard
        self._catalog = catalog
        self._news = news
        self._settled = settled
        self._waiting = Gathering(ledger.waiting)
        self._thread = threading.Thread(target=self._loop, name="committer", daemon=True)
        self._stopping = threading.Event()

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Commits what waits, then ends."""
        self._waiting.end()
        self._stopping.set()
        self._thread.join()

    @property
    def threads(self) -> Sequence[threading.Thread]:
        """Its thread."""
        return [self._thread]

    def hand_over(self, ready: Ready) -> None:
        """Takes a prepared arrival; blocks while so much waits that memory could run out."""
        self._waiting.put(ready)

    def redo(self, batch: int, group: Sequence[Ready]) -> None:
        """Finishes a batch that a crash left open. Call it before `start`: batches reach the lake in their order."""
        self._commit(batch, group)

    def _loop(self) -> None:
        # No group is held on to while the next is waited for: it may be large.
        while self._settle(self._waiting.next_group()):
            pass

    def _settle(self, group: list[Ready]) -> bool:
        """Gives a group its fate; False at the end, and where later batches must not overtake one that stays open."""
        faulted = [ready for ready in group if ready.prepared.fault]
        sound = [ready for ready in group if not ready.prepared.fault]
        if faulted:
            self._ledger.finish([_result(ready) for ready in faulted])
            self._tell(faulted, (), {})
        if sound and not self._commit(self._ledger.open_batch([ready.arrival.id for ready in sound]), sound):
            return False  # all that waits is recovered at the next start
        return bool(group)

    def _commit(self, batch: int, group: Sequence[Ready]) -> bool:
        """Writes a batch and closes it; False if the system stopped while the lake could not be written."""
        started = time.monotonic()
        versions: dict[str, int] = {}
        try:
            group = self._append_tables(batch, group, versions)
            self._append_own(batch, [ready for ready in group if not ready.prepared.fault], versions)
        except _StoppedError:
            return False
        seconds = round(time.monotonic() - started, 4)
        results = [_result(ready, _lake_step(ready.arrival, batch, versions, seconds)) for ready in group]
        children = self._ledger.close_batch(batch, versions, results)
        self._tell(group, children, versions)
        return True

    def _append_tables(self, batch: int, group: Sequence[Ready], versions: dict[str, int]) -> list[Ready]:
        """Appends the rows of each dataset; the group, with a fault at those whose rows a table refused."""
        frames: dict[str, list[pl.DataFrame]] = defaultdict(list)
        for ready in group:
            for table in ready.prepared.tables:
                frames[table.dataset].append(table.frame)
        checked = list(group)
        for name, parts in frames.items():
            try:
                self._append(batch, name, parts, versions)
            except PenstockError as error:
                fault = Fault("storage", error.reason, error.fix)
                checked = [_refused(ready, name, fault) for ready in checked]
        return checked

    def _append_own(self, batch: int, group: Sequence[Ready], versions: dict[str, int]) -> None:
        """Appends the rejected records and the catalogue's rows."""
        refused, blobs = self._catalog().dataset("rejected_row"), self._catalog().dataset("blob")
        pairs = [(ready.arrival, ready.prepared) for ready in group]
        self._append(batch, refused.name, [rejected_rows(pairs, refused)], versions)
        self._append(batch, blobs.name, [blob_rows(pairs, blobs)], versions)

    def _append(self, batch: int, name: str, parts: Sequence[pl.DataFrame], versions: dict[str, int]) -> None:
        """Appends to one table, trying again while the disk or the network refuses."""
        frame = pl.concat(parts, rechunk=len(parts) > MANY_PARTS)
        if not frame.height:
            return
        dataset = self._catalog().dataset(name)
        rows = self._guard.protect(frame, dataset)
        while True:
            try:
                versions[name] = self._lake.append(dataset, rows, batch)
            except (PenstockError, OSError) as error:
                if isinstance(error, PenstockError) and not error.is_retryable:
                    raise
                self._news.tell(Trouble(f"Batch {batch} cannot be written to {name}, trying again: {error}"))
                if self._stopping.wait(RETRY_SECONDS):
                    raise _StoppedError from error
            else:
                return

    def _tell(self, group: Iterable[Ready], children: Sequence[Arrival], versions: Mapping[str, int]) -> None:
        settled = self._ledger.arrivals([ready.arrival.id for ready in group])
        self._settled(Settled(tuple(settled), tuple(children), versions))


class _StoppedError(Exception):
    """The system stops; the batch stays open."""


def _refused(ready: Ready, dataset: str, fault: Fault) -> Ready:
    if all(table.dataset != dataset for table in ready.prepared.tables):
        return ready
    return replace(ready, prepared=replace(ready.prepared, fault=fault, tables=()), children=())


def _result(ready: Ready, *more: Step) -> Result:
    prepared = ready.prepared
    counts = {table.dataset: (table.frame.height, table.rejected_rows) for table in prepared.tables}
    own = counts.get(prepared.classification.dataset, (0, 0))
    return Result(
        arrival=ready.arrival.id,
        outcome=Outcome.QUARANTINED if prepared.fault else Outcome.STORED,
        dataset=prepared.classification.dataset,
        media_type=prepared.media_type,
        confidence=prepared.classification.confidence,
        why=prepared.classification.why,
        rows=own[0],
        rejected_rows=own[1],
        tables=counts,
        fault=prepared.fault,
        note=prepared.note,
        seconds=round(time.monotonic() - ready.started, 4),
        children=ready.children,
        steps=(*ready.steps, *more),
    )


def _lake_step(arrival: Arrival, batch: int, versions: Mapping[str, int], seconds: float) -> Step:
    told = ", ".join(f"{name} version {version}" for name, version in versions.items())
    return Step(arrival.id, "storage", "committed to the lake", f"batch {batch}: {told}", seconds)
