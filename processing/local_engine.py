"""Views by Polars, in this process: whole lake versions, or just the frames that are new."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce

import polars as pl
from polars.exceptions import PolarsError

from core.dataset import Dataset
from core.errors import EngineError
from processing import answers
from processing.engine import Engine, LakeTable
from processing.parquet_files import Facts, Footer, facts_of, footers, numeric
from processing.parts import WHOLE, Merge, Part
from processing.polars_algebra import PolarsAlgebra, keys_of
from processing.sorted_values import are_sorted, is_sorted, sorted_parts
from processing.state import WITHOUT_GROUP, at_the_edge, empty_state, merge, merged_parts, state_schema
from processing.view import WINDOW_COLUMN, WINDOW_MICROS, View

ROWS_AT_ONCE = 500_000
"""Rows of a frame whose lifted columns are held together: some 300 bytes each for the richest bundled view."""
_VALUES_AT_ONCE = 16_000_000
_ROWS_HELD: dict[Merge, int] = {
    Merge.HISTOGRAM: _VALUES_AT_ONCE,  # some 60 bytes a row: to merge two costs more than to sort all values
    Merge.SKETCH: _VALUES_AT_ONCE,
    Merge.THETA: 2_000_000,
    Merge.EARLIEST: 2_000_000,
    Merge.LATEST: 2_000_000,
}
"""Of files, how many rows may be held for parts whose group is made of all its values; other parts hold none."""


class LocalEngine(Engine):
    """Computes views with Polars."""

    def _state(self, view: View, table: LakeTable) -> pl.DataFrame:
        import pyarrow as pa

        try:
            return _FilesState(view, table).state()
        except (PolarsError, OSError, pa.ArrowException) as error:
            raise EngineError(f"The files of {table.dataset.name} cannot be read: {error}", "Run verify.") from error

    def close(self) -> None:
        """Holds nothing."""

    def state_of_frames(self, view: View, dataset: Dataset, frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
        """The state of a view over rows as the lake keeps them, in any number of frames.

        Raises:
            UsageError: If the view names what the dataset does not have.
        """
        view.check(dataset)
        needed = view.lake_columns(dataset)
        schema = state_schema(view, dataset)
        states = []
        for frame in frames:
            rows = _with_columns(frame.lazy(), frame.schema, needed).collect()
            for part in rows.iter_slices(ROWS_AT_ONCE):
                query = _Query(view, dataset, part.lazy())
                states.append(query.state(view.parts(dataset)).select(schema.names()))
        if len(states) == 1 and states[0].schema == schema:
            return states[0]  # to merge it with nothing took as long as to make it
        return merge(view, dataset, states)


class _FilesState:
    """The state of a view over files, in as few passes as its parts allow."""

    def __init__(self, view: View, table: LakeTable) -> None:
        self._view = view
        self._dataset = table.dataset
        self._needed = view.lake_columns(table.dataset)
        numbers = numeric(self._needed)
        self._footers = footers(table.files, numbers)
        self._facts = facts_of(self._footers, numbers)
        self._schemas = {file: self._schema(file) for file in table.files}

    def _schema(self, file: str) -> pl.Schema:
        """Of the needed columns that a file has."""
        there = _scanned([file]).collect_schema()
        return pl.Schema({name: there[name] for name in self._needed if name in there})

    def state(self) -> pl.DataFrame:
        parts = self._view.parts(self._dataset)
        if are_sorted(parts):
            return self._passed(list(parts), _VALUES_AT_ONCE).select(state_schema(self._view, self._dataset).names())
        held = {_ROWS_HELD.get(part.merge, 0) for part in parts}
        passes = [self._passed([p for p in parts if _ROWS_HELD.get(p.merge, 0) == rows], rows) for rows in held]
        keys = list(self._view.keys) or [WITHOUT_GROUP]
        state = reduce(lambda one, other: one.join(other, on=keys, how="left", nulls_equal=True), passes)
        return state.select(state_schema(self._view, self._dataset).names())

    def _passed(self, parts: list[Part], rows_held: int) -> pl.DataFrame:
        states = [
            _Query(self._view, self._dataset, self._scan(files), self._facts, is_large=True).state(parts)
            for files in self._chunks(rows_held)
        ]
        return states[0] if len(states) == 1 else merged_parts(pl.concat(states), _keys(self._view), parts)

    def _chunks(self, rows_held: int) -> Iterator[list[str]]:
        """The files, so many at once that no more rows are held, or one; all of them where none are."""
        if not rows_held:
            yield [each.file for each in self._footers]
            return
        chunk: list[Footer] = []
        for each in self._footers:
            rows = [rows_held if one.rows is None else one.rows for one in (*chunk, each)]
            if chunk and sum(rows) > rows_held:
                yield [one.file for one in chunk]
                chunk = []
            chunk.append(each)
        yield [one.file for one in chunk]

    def _scan(self, files: list[str]) -> pl.LazyFrame:
        alike: dict[tuple[object, ...], list[str]] = {}
        for file in files:
            alike.setdefault(tuple(self._schemas[file].items()), []).append(file)
        return pl.concat(_with_columns(_scanned(same), self._schemas[same[0]], self._needed) for same in alike.values())


class _Query:
    """A view's query over rows that have the columns it needs.

    Args:
        view: The view.
        dataset: What it is of.
        rows: The rows; with a column at least.
        facts: As `Algebra` takes them.
        is_large: Whether the rows are streamed, rather than held.
    """

    def __init__(
        self,
        view: View,
        dataset: Dataset,
        rows: pl.LazyFrame,
        facts: Facts | None = None,
        *,
        is_large: bool = False,
    ) -> None:
        self._keys = _keys(view)
        self._view = view
        self._dataset = dataset
        self._rows = rows
        self._algebra = PolarsAlgebra(dataset, facts)
        self._is_large = is_large

    def state(self, parts: Sequence[Part]) -> pl.DataFrame:
        """Those parts of the state, a row a group, after its keys."""
        lifted = {part.name: part.lift(self._algebra) for part in parts}
        there = [part for part in parts if lifted[part.name] is not None]
        added = self._kept().with_columns(
            *keys_of(self._view, self._dataset),
            *(self._typed(lifted[part.name], part).alias(part.name) for part in there),
        )
        # Added, then selected: a selection of nothing but constants would be one row.
        prepared = added.select(*self._keys, *(part.name for part in there))
        if not self._is_large:
            rows = prepared.collect()
            if rows.is_empty():
                return empty_state(self._view, self._dataset)
            prepared = rows.lazy()
        state = self._aggregated(prepared, there)
        return state.select(*self._keys, *(_finished(part, is_there=part in there) for part in parts))

    def _aggregated(self, rows: pl.LazyFrame, parts: Sequence[Part]) -> pl.DataFrame:
        if are_sorted(parts):
            return sorted_parts(rows, self._steps(), parts, is_large=self._is_large)
        sketched = [part for part in parts if part.merge is Merge.THETA]
        ordered = [part for part in parts if is_sorted(part)]
        plain = [_aggregation(part) for part in parts if part not in (*sketched, *ordered)]
        frames = [self._collected(rows.group_by(self._keys).agg(plain))]
        frames += [self._sketched(rows, part) for part in sketched]
        if ordered:
            its = rows.select(*self._keys, *(part.name for part in ordered))
            frames.append(sorted_parts(its, self._steps(), ordered, is_large=self._is_large))
        return reduce(lambda one, other: one.join(other, on=self._keys, how="left", nulls_equal=True), frames)

    def _steps(self) -> dict[str, int]:
        """The keys; of each, what divides all that it can be: months begin at midnight."""
        window = WINDOW_MICROS.get(str(self._view.window), WINDOW_MICROS["1d"])
        return {key: window if key == WINDOW_COLUMN else 1 for key in self._keys}

    def _typed(self, lifted: pl.Expr, part: Part) -> pl.Expr:
        """What a row adds, in the type in which it is aggregated."""
        if part.is_count or part.fits(self._algebra):
            return lifted
        if is_sorted(part):
            return lifted  # of texts, "" is left out there: to look for it in every row takes a tenth of the time
        if part.merge in (Merge.THETA, Merge.HISTOGRAM):
            return pl.when(lifted != "").then(lifted)
        return lifted.cast(pl.Int128 if part.dtype == WHOLE else part.dtype)  # summed in half the time of a decimal

    def _kept(self) -> pl.LazyFrame:
        where = self._view.where
        keep = self._algebra.passes(where) if where else None
        rows = self._rows
        for stage in self._algebra.stages:
            rows = rows.with_columns(stage)
        return rows if keep is None else rows.filter(keep)

    def _sketched(self, prepared: pl.LazyFrame, part: Part) -> pl.DataFrame:
        values = prepared.select(*self._keys, part.name).drop_nulls(part.name).unique()
        groups = self._collected(values.group_by(self._keys).agg(part.name))
        sketches = [answers.theta_sketch(each.to_list()) for each in groups[part.name]]
        return groups.with_columns(pl.Series(part.name, sketches, dtype=pl.Binary))

    def _collected(self, query: pl.LazyFrame) -> pl.DataFrame:
        return query.collect(engine="streaming" if self._is_large else "in-memory")


def _keys(view: View) -> list[str]:
    return list(view.keys) or [WITHOUT_GROUP]


def _scanned(files: list[str]) -> pl.LazyFrame:
    """Files that have the needed columns alike; other columns may differ."""
    return pl.scan_parquet(files, glob=False, extra_columns="ignore", missing_columns="insert")


def _with_columns(rows: pl.LazyFrame, schema: pl.Schema, needed: Mapping[str, pl.DataType]) -> pl.LazyFrame:
    """Rows with exactly the needed columns, null where there is none; of a view that needs none, with a constant."""
    if not needed:
        return rows.with_columns(pl.lit(0).alias(WITHOUT_GROUP)).select(WITHOUT_GROUP)
    made = [
        pl.col(name).cast(dtype) if name in schema else pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in needed.items()
        if schema.get(name) != dtype
    ]
    # Added, then selected: a selection of nothing but columns that an old file lacks would be one row.
    return rows.with_columns(made).select(list(needed))


def _aggregation(part: Part) -> pl.Expr:
    column = pl.col(part.name)
    if part.is_count:
        return column.count()
    if part.merge is Merge.LEAST:
        return column.min()
    if part.merge is Merge.GREATEST:
        return column.max()
    if part.merge in (Merge.EARLIEST, Merge.LATEST):
        return at_the_edge(part.name, part.merge)
    return column.sum() if part.merge is Merge.ADD else column


def _finished(part: Part, *, is_there: bool) -> pl.Expr:
    """A part as it is kept, out of what was aggregated."""
    column = pl.col(part.name)
    if not is_there:
        return pl.lit(0 if part.merge is Merge.ADD else None, dtype=part.dtype).alias(part.name)
    if part.merge is Merge.HISTOGRAM and not is_sorted(part):
        value = pl.element()
        runs = column.list.eval(value.drop_nulls().sort().rle())
        field = value.struct.field
        counted = runs.list.eval(pl.struct(field("value"), field("len").cast(pl.Int64).alias("count")))
        return pl.when(counted.list.len() > 0).then(counted).alias(part.name)
    return column.cast(part.dtype)
