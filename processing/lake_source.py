"""The lake as a stream for Spark: offsets are versions, so what was read is what the lake says it was, every time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import polars as pl
import pyarrow as pa
from pyspark.sql.datasource import DataSource, DataSourceStreamReader, InputPartition
from pyspark.sql.streaming.datasource import ReadLimit, SupportsTriggerAvailableNow

from core.ports import Lake

OpenLake = Callable[[], Lake]
"""Opens the lake; it is sent to Spark's workers, so what it holds must travel."""

SCHEMA = pa.schema([("dataset", pa.string()), ("version", pa.int64()), ("rows", pa.binary())])
"""One piece of a version: its rows as Arrow stream; null rows say that the version is complete."""
SPARK_SCHEMA = "dataset string, version bigint, rows binary"
MAX_VERSIONS_AT_ONCE = 64  # of a dataset in one micro-batch: a long replay goes in steps


@dataclass
class _Versions(InputPartition):
    dataset: str
    after: int
    upto: int


def lake_source(name: str, open_lake: OpenLake, since: Mapping[str, int]) -> type[DataSource]:
    """A data source of that name: the versions of the datasets of `since`, after those given there."""
    start = dict(since)

    class LakeSource(DataSource):
        """Made here, so that it travels to Spark's workers with all it needs."""

        @classmethod
        def name(cls) -> str:
            return name

        def schema(self) -> str:
            return SPARK_SCHEMA

        def streamReader(self, schema: Any) -> DataSourceStreamReader:  # noqa: ARG002 # Spark's form
            return LakeReader(open_lake, start)

    return LakeSource


class LakeReader(DataSourceStreamReader, SupportsTriggerAvailableNow):
    """Reads new versions of several datasets; one partition a dataset."""

    def __init__(self, open_lake: OpenLake, start: Mapping[str, int]) -> None:
        self._open_lake = open_lake
        self._start = dict(start)
        self._lake: Lake | None = None
        self._last: dict[str, int] | None = None

    def initialOffset(self) -> dict[str, int]:
        return self._start

    def latestOffset(self, start: dict[str, int], limit: ReadLimit) -> dict[str, int]:  # noqa: ARG002 # Spark's form
        newest = self._last or self._newest()
        return {name: max(after, min(newest[name], after + MAX_VERSIONS_AT_ONCE)) for name, after in start.items()}

    def prepareForTriggerAvailableNow(self) -> None:
        self._last = self._newest()

    def partitions(self, start: dict[str, int], end: dict[str, int]) -> Sequence[InputPartition]:
        return [_Versions(name, start[name], upto) for name, upto in end.items() if upto > start[name]]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        assert isinstance(partition, _Versions)  # noqa: S101 - Spark hands back what it was given
        lake = self._open_lake()
        for version in range(partition.after + 1, partition.upto + 1):
            for frame in lake.changes(partition.dataset, version - 1, version):
                yield _batch(partition.dataset, version, packed(frame))
        yield _batch(partition.dataset, partition.upto, None)

    def _newest(self) -> dict[str, int]:
        if self._lake is None:
            self._lake = self._open_lake()
        return {name: self._lake.version(name) for name in self._start}


def packed(frame: pl.DataFrame) -> bytes:
    """Rows as an Arrow stream."""
    buffer = BytesIO()
    frame.write_ipc_stream(buffer)
    return buffer.getvalue()


def unpacked(rows: bytes) -> pl.DataFrame:
    """The rows of an Arrow stream."""
    return pl.read_ipc_stream(BytesIO(rows))


def _batch(dataset: str, version: int, rows: bytes | None) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([{"dataset": dataset, "version": version, "rows": rows}], schema=SCHEMA)
