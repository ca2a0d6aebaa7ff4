"""Views kept by Spark Structured Streaming over the lake: the speed layer, and the replay from the first version."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import polars as pl

from core.dataset import Dataset
from core.errors import EngineError
from core.frames import lake_schema
from core.ports import Lake
from processing.spark_session import SparkHandle
from processing.state import empty_state, merge
from processing.view import View
from processing.view_store import Compute, ViewStore

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.streaming.query import StreamingQuery

    from processing.lake_source import OpenLake

VERSION = "_version"


class ViewStream:
    """One streaming query that keeps the views of several datasets as far as the lake.

    What was counted is known by the views themselves, version by version, so a query that died, or ran twice, or was
    started on another machine, counts nothing twice and leaves nothing out: Spark's checkpoint is thrown away.

    Args:
        spark: Whose session the query runs in.
        open_lake: Opens the lake in Spark's workers.
        store: Keeps the views.
        folder: For the checkpoint.
    """

    def __init__(self, spark: SparkHandle, open_lake: "OpenLake", store: ViewStore, folder: Path) -> None:
        self._spark = spark
        self._open_lake = open_lake
        self._store = store
        self._folder = folder
        self._query: StreamingQuery | None = None

    def start(self, views: Mapping[str, Sequence[View]], datasets: Mapping[str, Dataset], lake: Lake) -> None:
        """Starts the query; views that cannot go on from where they stand are rebuilt first.

        Args:
            views: By dataset.
            datasets: By name.
            lake: Where rebuilt views are read from.

        Raises:
            EngineError: If Spark does not start.
        """
        since: dict[str, int] = {}
        for name, several in views.items():
            reached = [self._standing(view, datasets[name], lake) for view in several]
            since[name] = min(reached, default=lake.version(name))

        def take(rows: "DataFrame", _: int) -> None:
            for dataset, upto in _ends(rows).items():
                self._take(datasets[dataset], views[dataset], rows, upto)

        self._query = self._spark.run(lambda session: self._started(session, since, take))

    def wait(self, seconds: int) -> bool:
        """Waits so long, at least a second, or until the query ends.

        Returns:
            Whether it ended.

        Raises:
            EngineError: If it ended by an error.
        """
        from pyspark.errors import PySparkException

        if self._query is None:
            return True
        try:
            return bool(self._query.awaitTermination(seconds))
        except PySparkException as error:
            reason = str(error).strip().splitlines()[0][:300]
            raise EngineError(f"The stream of the views failed on Spark: {reason}", "It is started again.") from error

    def progress(self) -> Mapping[str, Any]:
        """What Spark last told of the query: rows a second in and done, the time of a batch; empty before the first."""
        last = self._query.lastProgress if self._query else None
        if last is None:
            return {}
        return {
            "batch": last["batchId"],
            "input_rows_per_second": last["inputRowsPerSecond"],
            "processed_rows_per_second": last["processedRowsPerSecond"],
            "batch_seconds": last["batchDuration"] / 1000,
        }

    def stop(self) -> None:
        """Ends the query; what it was at is done again by the next."""
        query, self._query = self._query, None
        if query is not None:
            query.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _standing(self, view: View, dataset: Dataset, lake: Lake) -> int:
        reached = self._store.readable_version(view, dataset)
        if reached is None or reached > lake.version(dataset.name):
            return self._store.rebuild(view, dataset, lake)
        return reached

    def _started(
        self, session: "SparkSession", since: Mapping[str, int], take: "Callable[[DataFrame, int], None]"
    ) -> "StreamingQuery":
        writer = stream_of(session, self._open_lake, since)
        query: StreamingQuery = writer.foreachBatch(take).option(*_checkpoint(self._folder)).start()
        return query

    def _take(self, dataset: Dataset, views: Sequence[View], rows: "DataFrame", upto: int) -> None:
        from pyspark.sql import functions

        typed = typed_rows(rows, dataset).persist()
        try:
            for view in views:
                after = self._store.version(view)
                if after < upto:
                    new = typed.filter(functions.col(VERSION) > after)
                    self._store.advance(view, dataset, _state(view, dataset, new), after=after, upto=upto)
        finally:
            typed.unpersist()


def replayed_by(spark: SparkHandle, open_lake: "OpenLake", folder: Path) -> Compute:
    """A batch layer by replay: a streaming query of its own goes through all versions, beside the one that is live."""

    def compute(view: View, dataset: Dataset, lake: Lake, upto: int) -> pl.DataFrame:  # noqa: ARG001 # opened anew
        view.check(dataset)
        states = [empty_state(view, dataset)]

        def take(rows: "DataFrame", _: int) -> None:
            from pyspark.sql import functions

            new = typed_rows(rows, dataset).filter(functions.col(VERSION) <= upto)
            states[0] = merge(view, dataset, [states[0], _state(view, dataset, new)])

        def work(session: "SparkSession") -> None:
            states[0] = empty_state(view, dataset)  # begun again where the session died
            writer = stream_of(session, open_lake, {dataset.name: -1})
            writer.foreachBatch(take).option(*_checkpoint(folder)).trigger(availableNow=True).start().awaitTermination()

        spark.run(work)
        shutil.rmtree(folder, ignore_errors=True)
        return states[0]

    return compute


def stream_of(session: "SparkSession", open_lake: "OpenLake", since: Mapping[str, int]) -> Any:
    """A writer of the stream of new versions, without a sink yet."""
    from processing.lake_source import lake_source

    name = f"lake_{uuid4().hex}"
    session.dataSource.register(lake_source(name, open_lake, since))
    return session.readStream.format(name).load().writeStream.queryName(name)


def typed_rows(rows: "DataFrame", dataset: Dataset) -> "DataFrame":
    """The rows of one dataset out of a stream of versions, in its lake schema and `VERSION`."""
    from pyspark.sql import functions

    from processing.lake_source import unpacked
    from processing.spark_views import fields_of

    schema = lake_schema(dataset)
    own = rows.filter((functions.col("dataset") == dataset.name) & functions.col("rows").isNotNull())
    fields = fields_of(pl.Schema({**schema, VERSION: pl.Int64()}))

    def unpack(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        for batch in batches:
            for row in batch.to_pylist():
                frame = unpacked(row["rows"]).with_columns(pl.lit(row["version"], pl.Int64).alias(VERSION))
                yield from _conformed(frame, {**schema, VERSION: pl.Int64()})

    return own.mapInArrow(unpack, fields)


def _conformed(frame: pl.DataFrame, schema: Mapping[str, Any]) -> "Iterator[pa.RecordBatch]":
    """Exactly these columns; Spark takes no large strings."""
    import pyarrow as pa

    columns = [
        pl.col(name).cast(dtype) if name in frame.columns else pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in schema.items()
    ]
    table = frame.select(columns).to_arrow(compat_level=pl.CompatLevel.oldest())
    small = pa.schema([field.with_type(_small(field.type)) for field in table.schema])
    yield from table.cast(small).to_batches()


def _small(kind: Any) -> Any:
    import pyarrow as pa

    if pa.types.is_large_string(kind):
        return pa.string()
    return pa.binary() if pa.types.is_large_binary(kind) else kind


def _checkpoint(folder: Path) -> tuple[str, str]:
    """A new one each time: the views know themselves how far they are."""
    return "checkpointLocation", str(folder / uuid4().hex)


def _ends(rows: "DataFrame") -> dict[str, int]:
    """How far each dataset has come in a micro-batch."""
    from pyspark.sql import functions

    ends = rows.groupBy("dataset").agg(functions.max("version").alias("upto")).collect()
    return {row["dataset"]: row["upto"] for row in ends}


def _state(view: View, dataset: Dataset, rows: "DataFrame") -> pl.DataFrame:
    from processing.spark_views import view_state

    return view_state(view, dataset, rows)
