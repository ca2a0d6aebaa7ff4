"""Views kept by Spark Structured Streaming over the lake: the speed layer, and the replay from the first version.

A micro-batch is one map and one reduce: Spark's workers make the states of what they read, and this process merges
them. A view's own plan in Spark SQL would take some ten jobs a micro-batch, and a minute to compile for the first.
"""

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import polars as pl

from core.dataset import Dataset
from core.ports import Lake
from processing.local_engine import LocalEngine
from processing.running_query import RunningQuery, briefly
from processing.spark_session import SparkHandle
from processing.state import empty_state, merge
from processing.view import View
from processing.view_store import Compute, ViewStore

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

    from processing.lake_source import OpenLake

_STATES = "dataset string, version bigint, view string, state binary"
Reached = Callable[[str, int], None]
"""Is told how far all views of a dataset have come."""


@dataclass(frozen=True, slots=True)
class Streamed:
    """A dataset with its views, at least one; travels to Spark's workers."""

    dataset: Dataset
    views: tuple[View, ...]


class ViewStream(RunningQuery):
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
        super().__init__(spark, folder, "The stream of the views")
        self._open_lake = open_lake
        self._store = store

    def start(self, streamed: Sequence[Streamed], lake: Lake, reached: Reached | None = None) -> None:
        """Starts the query; views that cannot go on from where they stand are rebuilt first.

        Args:
            streamed: The datasets.
            lake: Where rebuilt views are read from.
            reached: Is told of each step, from the first standing on.

        Raises:
            EngineError: If Spark does not start.
        """
        by_name = {each.dataset.name: each for each in streamed}
        tell = reached or (lambda _dataset, _version: None)
        since = {name: min(self._ready(view, one.dataset, lake) for view in one.views) for name, one in by_name.items()}
        for name, version in since.items():
            tell(name, version)

        def take(rows: "DataFrame", _: int) -> None:
            standing = {view.name: self._store.version(view) for each in streamed for view in each.views}
            for name, found in states_of(rows, by_name, standing).items():
                for view in by_name[name].views:
                    self._advance(view, by_name[name].dataset, found, standing[view.name])
                tell(name, found.upto)

        def writer_of(session: "SparkSession") -> Any:
            return stream_of(session, self._open_lake, since).foreachBatch(briefly(take))

        self.launch(writer_of)

    def _ready(self, view: View, dataset: Dataset, lake: Lake) -> int:
        reached = self._store.readable_version(view, dataset)
        if reached is None or reached > lake.version(dataset.name):
            return self._store.rebuild(view, dataset, lake)
        return reached

    def _advance(self, view: View, dataset: Dataset, found: "Found", after: int) -> None:
        if after < found.upto:
            state = merge(view, dataset, found.states[view.name])
            self._store.advance(view, dataset, state, after=after, upto=found.upto)


@dataclass(slots=True)
class Found:
    """What a micro-batch has of one dataset: the states of its views, and the version that is complete."""

    upto: int
    states: dict[str, list[pl.DataFrame]]


def replayed_by(spark: SparkHandle, open_lake: "OpenLake", folder: Path) -> Compute:
    """A batch layer by replay: a streaming query of its own goes through all versions, beside the one that is live."""

    def compute(view: View, dataset: Dataset, lake: Lake, upto: int) -> pl.DataFrame:  # noqa: ARG001 # opened anew
        view.check(dataset)
        states = [empty_state(view, dataset)]
        one = {dataset.name: Streamed(dataset, (view,))}

        def take(rows: "DataFrame", _: int) -> None:
            for found in states_of(rows, one, {view.name: -1}, upto).values():
                states[0] = merge(view, dataset, [states[0], *found.states[view.name]])

        def work(session: "SparkSession") -> None:
            states[0] = empty_state(view, dataset)  # begun again where the session died
            writer = stream_of(session, open_lake, {dataset.name: -1}).foreachBatch(take)
            writer.option(*_checkpoint(folder)).trigger(availableNow=True).start().awaitTermination()

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


def states_of(
    rows: "DataFrame", streamed: Mapping[str, Streamed], standing: Mapping[str, int], upto: int | None = None
) -> dict[str, Found]:
    """The states of the views over a micro-batch, a dataset each.

    Args:
        rows: Pieces of versions, as `lake_source` gives them.
        streamed: By dataset.
        standing: By view, the version after which it counts.
        upto: The last version that counts; None: all.
    """
    after = dict(standing)
    chosen = dict(streamed)

    def mapped(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        return _mapped(batches, chosen, after, upto)

    found: dict[str, Found] = {}
    for row in rows.mapInArrow(mapped, _STATES).collect():
        one = found.setdefault(row["dataset"], Found(-1, defaultdict(list)))
        one.upto = max(one.upto, row["version"])
        if row["state"] is not None:
            one.states[row["view"]].append(_state(bytes(row["state"])))
    return found


def _mapped(
    batches: "Iterator[pa.RecordBatch]",
    streamed: Mapping[str, Streamed],
    standing: Mapping[str, int],
    upto: int | None,
) -> "Iterator[pa.RecordBatch]":
    import pyarrow as pa

    from processing.lake_source import packed, unpacked

    engine = LocalEngine()
    for batch in batches:
        for row in batch.to_pylist():
            dataset, version = row["dataset"], row["version"]
            made: list[dict[str, Any]] = []
            if row["rows"] is None:
                made = [{"view": None, "state": None}]
            elif upto is None or version <= upto:
                frame, one = unpacked(row["rows"]), streamed[dataset]
                made = [
                    {"view": view.name, "state": packed(engine.state_of_frames(view, one.dataset, [frame]))}
                    for view in one.views
                    if version > standing[view.name]
                ]
            for each in made:
                table = {"dataset": dataset, "version": version} | each
                yield pa.RecordBatch.from_pylist([table], schema=_states_schema())


def _states_schema() -> "pa.Schema":
    import pyarrow as pa

    types = {"dataset": pa.string(), "version": pa.int64(), "view": pa.string(), "state": pa.binary()}
    return pa.schema(list(types.items()))


def _state(packed: bytes) -> pl.DataFrame:
    from processing.lake_source import unpacked

    return unpacked(packed)


def _checkpoint(folder: Path) -> tuple[str, str]:
    """A new one each time: the views know themselves how far they are."""
    return "checkpointLocation", str(folder / uuid4().hex)
