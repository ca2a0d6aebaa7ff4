"""Events on their way: counted into the views as they come, and handed to the vault and the ledger a stretch at a time.

What the ledger has received is what is not read again. The vault has the bytes first, then the layer of the views
knows their blob, then the ledger does: so whoever finds the blob in the lake finds it in the layer too.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from uuid import uuid4

import polars as pl

from core.blob import Fault
from core.errors import EngineError
from core.frames import prepared_schema
from ingestion import KafkaOrigin, Ledger, Received, Step
from pipeline.bootstrap import Parts
from preparation import REPLAY, Catalog
from processing import EventBlock, Known, LiveLayer, Partition, ServedViews

SOURCE = "kafka"
UNKNOWN = "other"
MAX_STRETCH_BYTES = 32 * 1024 * 1024
MAX_WAITING = 8
"""Stretches that may wait for the vault; where it takes none for so long, events are left in the topic."""
_MICROS = 1_000_000


@dataclass(slots=True)
class Open:
    """The events of a topic that become the next blob."""

    topic: str
    dataset: str
    name: str = field(default_factory=lambda: uuid4().hex)
    opened: float = field(default_factory=time.monotonic)
    ranges: dict[int, tuple[int, int]] = field(default_factory=dict)
    lines: list[bytes] = field(default_factory=list)
    late_lines: list[bytes] = field(default_factory=list)
    late: int = 0
    size: int = 0


@dataclass(slots=True)
class Tally:
    """What came since the start."""

    events: int = 0
    late: int = 0
    rejected: int = 0


class EventStretches:
    """Takes events from the stream, as `processing.EventSink` says. Safe to use from several threads.

    Args:
        parts: The vault, the views and what protects rows.
        ledger: Is told what was received.
        catalog: Gives the datasets.
        live: Serves what is not in the lake yet.
        topics: Topic → the dataset of its events, or None.
    """

    def __init__(
        self,
        parts: Parts,
        ledger: Ledger,
        catalog: Callable[[], Catalog],
        live: LiveLayer,
        topics: Mapping[str, str | None],
    ) -> None:
        self._parts = parts
        self._ledger = ledger
        self._catalog = catalog
        self._live = live
        self._settings = parts.settings.kafka
        self._lock = threading.RLock()
        self._storing = threading.Lock()
        self._positions: dict[Partition, int] = {}
        self._latest: dict[Partition, int] = {}
        self._datasets = {topic: dataset for topic, dataset in topics.items() if dataset}
        self._open: dict[str, Open] = {}
        self._waiting: list[Open] = []
        self.tally = Tally()
        self._recall(topics)

    def positions(self) -> dict[Partition, int]:
        """Where each partition goes on."""
        with self._lock:
            return dict(self._positions)

    def known(self) -> Known:
        """As `EventSink.known`."""
        with self._lock:
            allowed = int(self._settings.watermark_seconds * _MICROS)
            late = {partition: latest - allowed for partition, latest in self._latest.items()} if allowed else {}
            return Known(dict(self._datasets), late)

    def take(self, blocks: Sequence[EventBlock]) -> None:
        """As `EventSink.take`; what was taken before is left out.

        Raises:
            EngineError: If too much waits for the vault.
        """
        with self._lock:
            if len(self._waiting) > MAX_WAITING:
                raise EngineError("Events wait in their topics: the vault takes none.", "See why, above.")
            new = [block for block in blocks if block.first >= self._positions.get(block.partition, 0)]
            for topic in {block.partition[0] for block in new}:
                self._take_of(topic, [block for block in new if block.partition[0] == topic])

    def store(self, *, everything: bool = False) -> int:
        """Makes blobs of the stretches that are due, or of all, and has them received; how many.

        Raises:
            PenstockError: If the vault or the ledger cannot take them; they wait and are tried again.
        """
        with self._storing:
            self._close(everything=everything)
            count = 0
            while self._waiting:
                self._receive(self._waiting[0])
                with self._lock:
                    self._waiting.pop(0)
                count += 1
            return count

    def forget(self, served: ServedViews) -> None:
        """Lets go of the stretches that all views of the lake have by now."""
        views = self._parts.views
        with self._lock:
            passed = [each for each in self._live.stretches() if served.is_passed(each, views.of_dataset(each.dataset))]
            self._live.drop([each.name for each in passed])

    def _recall(self, topics: Mapping[str, str | None]) -> None:
        """Goes on where the ledger says that reading has come to."""
        for topic in topics:
            newest = self._ledger.newest_below(KafkaOrigin.folder(topic))
            origin = KafkaOrigin.of(newest.path) if newest else None
            if newest and origin:
                self._positions |= {(topic, number): upto for number, (_, upto) in origin.ranges.items()}
                if newest.declared:
                    self._datasets.setdefault(topic, newest.declared)

    def _take_of(self, topic: str, blocks: Sequence[EventBlock]) -> None:
        """Counts what a topic brings, then keeps it: if the one fails, the other is not done, and all is read again."""
        named = next((block.dataset for block in blocks if block.dataset != UNKNOWN), UNKNOWN)
        stretch = self._open.get(topic) or Open(topic, self._datasets.get(topic, named))
        frames = [block.frame for block in blocks if block.frame.height and block.dataset == stretch.dataset]
        if frames:
            self._count(stretch, pl.concat(frames, how="diagonal"))
        self._open[topic] = stretch
        if named != UNKNOWN:
            self._datasets.setdefault(topic, named)
        for block in blocks:
            self._keep(stretch, block)

    def _count(self, stretch: Open, frame: pl.DataFrame) -> None:
        dataset = self._catalog().dataset(stretch.dataset)
        whole = frame.select(
            pl.col(name) if name in frame.columns else pl.lit(None, kind).alias(name)
            for name, kind in prepared_schema(dataset).items()
        )
        rows = self._parts.lake.unseen(dataset, self._parts.guard.protect(whole, dataset))
        self._live.add(stretch.name, dataset, self._parts.views.of_dataset(dataset.name), rows)
        self._live.publish(dataset.name)

    def _keep(self, stretch: Open, block: EventBlock) -> None:
        number = block.partition[1]
        first, _ = stretch.ranges.get(number, (block.first, 0))
        stretch.ranges[number] = (first, block.upto)
        stretch.lines += [block.lines] if block.lines else []
        stretch.late_lines += [block.late_lines] if block.late_lines else []
        stretch.late += block.late
        stretch.size += len(block.lines) + len(block.late_lines)
        self._positions[block.partition] = block.upto
        self._advance_watermark(block)
        self.tally.events += block.events
        self.tally.late += block.late
        self.tally.rejected += block.rejected

    def _advance_watermark(self, block: EventBlock) -> None:
        """One clock that is wrong must not make all others late: the future does not count."""
        if block.latest is not None:
            latest = min(block.latest, time.time_ns() // 1000)
            self._latest[block.partition] = max(latest, self._latest.get(block.partition, latest))

    def _close(self, *, everything: bool) -> None:
        with self._lock:
            for topic, stretch in list(self._open.items()):
                age = time.monotonic() - stretch.opened
                if everything or age >= self._settings.store_seconds or stretch.size >= MAX_STRETCH_BYTES:
                    idle = {number: upto for (of, number), upto in self._positions.items() if of == topic}
                    stretch.ranges = {number: (upto, upto) for number, upto in idle.items()} | stretch.ranges
                    self._waiting.append(self._open.pop(topic))

    def _receive(self, stretch: Open) -> None:
        declared = None if stretch.dataset == UNKNOWN else stretch.dataset
        items, refused = [], []
        if stretch.lines:
            origin = KafkaOrigin(stretch.topic, stretch.ranges)
            blob = self._parts.vault.put(BytesIO(origin.content(stretch.lines)))
            with self._lock:
                self._live.seal(stretch.name, blob.sha256)
            items.append(Received(origin.path, blob, SOURCE, declared))
        if stretch.late_lines:
            origin = KafkaOrigin(stretch.topic, stretch.ranges, is_late=True)
            blob = self._parts.vault.put(BytesIO(origin.content(stretch.late_lines)))
            refused.append((Received(origin.path, blob, SOURCE, declared), self._too_late(stretch.late)))
        arrivals = self._ledger.receive(items, refused)
        told = [f"{arrival.bytes} bytes of events hashed and sealed" for arrival in arrivals]
        self._ledger.add_steps(
            [Step(each.id, "ingestion", "collected", text) for each, text in zip(arrivals, told, strict=True)]
        )

    def _too_late(self, count: int) -> Fault:
        allowed = self._settings.watermark_seconds
        return Fault(
            "ingestion",
            f"{count:,} events came too late: they happened more than {allowed:,g} s before the newest that was there.",
            f"Count them all the same: {REPLAY}; or raise kafka.watermark_seconds.",
        )
