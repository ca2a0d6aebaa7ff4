"""Sessions kept by a stateful streaming query on Spark, one for a dataset.

Spark keeps the open sessions of each actor in its state, and gives them to the store, version by version. The store
knows how far they have come, and a query begins with what is open there: Spark's checkpoint is thrown away, as that of
the views, and a query that died or ran twice counts nothing twice and loses nothing.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import polars as pl

from core.dataset import Dataset
from core.errors import VersionGoneError
from core.ports import Lake
from processing.running_query import RunningQuery, briefly
from processing.session_fold import Piece, as_text, folded, from_text
from processing.session_store import SessionStore, Standing, Step
from processing.sessions import PIECE, SessionRule

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.streaming.state import GroupState

    from processing.lake_source import OpenLake
    from processing.spark_session import SparkHandle

_MADE = (
    "actor string, start bigint, `end` bigint, events bigint, pages bigint, goals bigint, "
    "entry string, `exit` string, version bigint, late bigint"
)
_STATE = "open string"
_TRIGGER = "500 milliseconds"
_COLUMNS = [part.split()[0].strip("`") for part in _MADE.split(", ")]


class SessionStream(RunningQuery):
    """The query that keeps the sessions of one dataset as far as the lake.

    Args:
        spark: Whose session the query runs in.
        open_lake: Opens the lake in Spark's workers.
        store: Keeps the sessions.
        folder: For the checkpoint and the state.
    """

    def __init__(self, spark: "SparkHandle", open_lake: "OpenLake", store: SessionStore, folder: Path) -> None:
        super().__init__(spark, folder, "The stream of the sessions")
        self._open_lake = open_lake
        self._store = store
        self._made: tuple[Dataset, str] | None = None

    def start(self, dataset: Dataset, lake: Lake) -> None:
        """Starts the query; sessions that cannot go on from where they stand are made anew first.

        Raises:
            EngineError: If Spark does not start.
        """
        standing = _made_ready(self._store, dataset, lake)
        self._made = (dataset, standing.made)

        def take(rows: "DataFrame", _: int) -> None:
            self._take(dataset, pl.DataFrame(rows.toArrow()))

        def writer_of(session: "SparkSession") -> Any:
            made = _sessions_of(session, self._open_lake, self._store, dataset)
            return made.writeStream.outputMode("update").foreachBatch(briefly(take))

        self.launch(writer_of, _TRIGGER)

    def wait(self, seconds: int) -> bool:
        """Waits so long, or until the query ends; whether it has ended, or must: the sessions were made anew.

        Raises:
            EngineError: If it ended by an error.
        """
        if super().wait(seconds) or self._made is None:
            return True
        standing = self._store.standing(self._made[0])
        return standing is None or standing.made != self._made[1]

    def _take(self, dataset: Dataset, made: pl.DataFrame) -> None:
        tally = made.filter(pl.col("version").is_not_null())
        standing = self._store.standing(dataset)
        if tally.is_empty() or standing is None or tally["version"].item() <= standing.version:
            return  # the sessions that were open, or time that has passed: the store knows of both
        if self._made != (dataset, standing.made):
            return  # it was made anew: what this query knows of is not all
        touched = made.filter(pl.col("start").is_not_null()).select(PIECE.names()).cast(PIECE)
        step = Step(touched, tally["end"].item(), int(made["late"].sum() or 0), tally["events"].item())
        self._store.advance(dataset, step, since=standing, upto=tally["version"].item())


def _made_ready(store: SessionStore, dataset: Dataset, lake: Lake) -> Standing:
    standing = store.standing(dataset)
    newest = lake.version(dataset.name)
    try:
        if standing is None or standing.version > newest:
            store.rebuild(dataset, lake)
        else:
            next(iter(lake.changes(dataset.name, standing.version, newest)), None)
    except VersionGoneError:
        store.rebuild(dataset, lake)
    ready = store.standing(dataset)
    assert ready is not None  # noqa: S101 - just made
    return ready


def _sessions_of(session: "SparkSession", open_lake: "OpenLake", store: SessionStore, dataset: Dataset) -> "DataFrame":
    from pyspark.sql.streaming.state import GroupStateTimeout

    from processing.session_source import Origin, session_source

    standing = store.standing(dataset)
    assert standing is not None  # noqa: S101 - made ready before
    name = f"sessions_{uuid4().hex}"
    session.dataSource.register(
        session_source(name, Origin(open_lake, dataset, standing, store.open_sessions(dataset)))
    )
    rule = store.rule
    events = session.readStream.format(name).load().withWatermark("clock", f"{rule.lateness_seconds} seconds")
    return events.groupBy("actor").applyInPandasWithState(
        step_of(rule), _MADE, _STATE, "update", GroupStateTimeout.EventTimeTimeout
    )


def step_of(rule: SessionRule) -> "Callable[[Any, Iterator[pd.DataFrame], GroupState], Iterator[pd.DataFrame]]":
    """What Spark's workers do with the new events of one actor and the sessions that were open."""

    def step(key: Any, batches: "Iterator[pd.DataFrame]", state: "GroupState") -> "Iterator[pd.DataFrame]":
        from processing.session_source import TALLY

        (actor,) = key
        if actor == TALLY:
            yield from map(_tally, batches)
            return
        watermark = state.getCurrentWatermarkMs() * 1000
        still_open = from_text(state.get[0]) if state.exists else []
        still_open = [piece for piece in still_open if piece.end + rule.gap >= watermark]
        late = 0
        for batch in batches if not state.hasTimedOut else ():
            for piece, version in _pieces(batch):
                if version is not None and piece.start < watermark:
                    late += 1
                else:
                    still_open.append(piece)
        still_open = folded(still_open, rule.gap)
        _keep(state, still_open, rule)
        if not state.hasTimedOut:
            yield _made(actor, still_open, late)

    return step


def _pieces(batch: "pd.DataFrame") -> Iterator[tuple[Piece, int | None]]:
    """The pieces of a batch, each with its version; None of a session that was open when the stream began."""
    columns = [batch[name].tolist() for name in (*Piece._fields, "version")]
    for *values, version in zip(*columns, strict=True):
        yield Piece(*values), None if version != version else int(version)  # noqa: PLR0124 - not a number: null


def _keep(state: "GroupState", still_open: list[Piece], rule: SessionRule) -> None:
    if not still_open:
        if state.exists:
            state.remove()
        return
    state.update((as_text(still_open),))
    over = max(piece.end for piece in still_open) + rule.gap
    state.setTimeoutTimestamp(over // 1000 + 1)


def _made(actor: str, still_open: list[Piece], late: int) -> "pd.DataFrame":
    rows: list[tuple[Any, ...]] = [(actor, *piece, None, 0) for piece in still_open]
    if late:
        rows.append((actor, *(None for _ in Piece._fields), None, late))
    return _table(rows)


def _tally(batch: "pd.DataFrame") -> "pd.DataFrame":
    wanted = batch.loc[:, ["actor", *Piece._fields, "version"]]
    return _table([(*row, 0) for row in wanted.astype(object).where(wanted.notna(), None).itertuples(index=False)])


def _table(rows: list[tuple[Any, ...]]) -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame(rows, columns=_COLUMNS, dtype=object)
