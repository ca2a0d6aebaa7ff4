"""The acts in a dataset as a stream for Spark: first the sessions that were open, then what each version brought."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa
from pyspark.sql.datasource import DataSource, DataSourceStreamReader, InputPartition
from pyspark.sql.streaming.datasource import ReadLimit

from core.dataset import Dataset
from core.ports import Lake
from processing.lake_source import MAX_VERSIONS_AT_ONCE, OpenLake
from processing.session_store import clock_of
from processing.sessions import events_of

if TYPE_CHECKING:
    from processing.session_store import Standing

TALLY = ""
"""Stands for the actor in the row that tells of the versions themselves."""

_COUNTS = ("start", "end", "events", "pages", "goals")
SPARK_SCHEMA = (
    "actor string, start bigint, `end` bigint, events bigint, pages bigint, goals bigint, "
    "entry string, `exit` string, version bigint, clock timestamp"
)
"""`PIECE`, the version (null of a session that was open before) and, in tallies alone, the time of the newest event.

A tally has the rows without an actor or a time as its events, and the time of the newest event as its end. Rows that
are no tally have no `clock`: Spark would leave out what is late by it before we could count it.
"""

SCHEMA = pa.schema(
    [
        ("actor", pa.string()),
        *((name, pa.int64()) for name in _COUNTS),
        ("entry", pa.string()),
        ("exit", pa.string()),
        ("version", pa.int64()),
        ("clock", pa.timestamp("us", tz="UTC")),
    ]
)


class _Open(InputPartition):
    """What was open when the stream began."""


@dataclass
class _Versions(InputPartition):
    after: int
    upto: int


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a stream of acts begins; travels to Spark's workers.

    Attributes:
        open_lake: Opens the lake.
        dataset: Whose acts.
        standing: How far its sessions have come.
        open_sessions: Those that the next version may change.
    """

    open_lake: OpenLake
    dataset: Dataset
    standing: "Standing"
    open_sessions: pl.DataFrame


def session_source(name: str, origin: Origin) -> type[DataSource]:
    """A data source of that name."""

    class SessionSource(DataSource):
        """Made here, so that it travels to Spark's workers with all it needs."""

        @classmethod
        def name(cls) -> str:
            return name

        def schema(self) -> str:
            return SPARK_SCHEMA

        def streamReader(self, schema: Any) -> DataSourceStreamReader:  # noqa: ARG002 # Spark's form
            return SessionReader(origin)

    return SessionSource


class SessionReader(DataSourceStreamReader):
    """Gives the open sessions as a first micro-batch of their own, then new versions.

    They come first, and alone, because Spark's watermark is that of the micro-batches before: by the second it is
    where it was when the sessions were kept.
    """

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._lake: Lake | None = None

    def initialOffset(self) -> dict[str, int]:
        return {"version": self._origin.standing.version, "begun": 0}

    def latestOffset(self, start: dict[str, int], limit: ReadLimit) -> dict[str, int]:  # noqa: ARG002 # Spark's form
        after = start["version"]
        if not start["begun"]:
            return {"version": after, "begun": 1}
        if self._lake is None:
            self._lake = self._origin.open_lake()
        newest = self._lake.version(self._origin.dataset.name)
        return {"version": max(after, min(newest, after + MAX_VERSIONS_AT_ONCE)), "begun": 1}

    def partitions(self, start: dict[str, int], end: dict[str, int]) -> Sequence[InputPartition]:
        if not start["begun"]:
            return [_Open(None)]
        return [_Versions(start["version"], end["version"])] if end["version"] > start["version"] else []

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        standing, dataset = self._origin.standing, self._origin.dataset
        if isinstance(partition, _Open):
            yield from _batches(self._origin.open_sessions, None)
            yield _tally(standing.version, standing.clock, 0)
            return
        assert isinstance(partition, _Versions)  # noqa: S101 - Spark hands back what it was given
        clock = unplaced = 0
        for frame in self._origin.open_lake().changes(dataset.name, partition.after, partition.upto):
            found = events_of(frame, dataset)
            clock, unplaced = max(clock, clock_of(found)), unplaced + frame.height - found.height
            yield from _batches(found, partition.upto)
        yield _tally(partition.upto, clock, unplaced)


def _batches(pieces: pl.DataFrame, version: int | None) -> Iterator[pa.RecordBatch]:
    if pieces.height:
        rows = pieces.with_columns(
            pl.lit(version, pl.Int64).alias("version"), pl.lit(None, pl.Datetime("us", "UTC")).alias("clock")
        )
        yield from rows.to_arrow().cast(SCHEMA).to_batches()


def _tally(version: int, clock: int, unplaced: int) -> pa.RecordBatch:
    row = dict.fromkeys(SCHEMA.names) | {"actor": TALLY, "version": version, "events": unplaced, "end": clock}
    return pa.RecordBatch.from_pylist([row | {"clock": clock}], schema=SCHEMA)
