"""Views by Polars, in this process: whole lake versions, or just the frames that are new."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from core.dataset import Column, ColumnType, Dataset
from core.errors import EngineError
from core.frames import POLARS_TYPES
from processing import answers
from processing.algebra import Algebra
from processing.conditions import Condition
from processing.engine import Engine, LakeTable
from processing.parts import COUNTED, Merge, Part, shown_column
from processing.state import WITHOUT_GROUP, at_the_edge, merge, packed, state_schema
from processing.view import WINDOW_COLUMN, Piece, View

ROWS_AT_ONCE = 500_000
"""Rows whose lifted columns are held in memory together: some 300 bytes each for the richest bundled view."""


_SKETCHES = {Merge.SKETCH: answers.sketch, Merge.THETA: answers.theta_sketch}
"""What makes a sketch of a group's values."""


class LocalEngine(Engine):
    """Computes views with Polars."""

    def _state(self, view: View, table: LakeTable) -> pl.DataFrame:
        try:
            frames = (_read(file, list(view.lake_columns(table.dataset))) for file in table.files)
            return self.state_of_frames(view, table.dataset, frames)
        except (PolarsError, OSError) as error:
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
        states = []
        for frame in frames:
            # Added, then selected: a selection of nothing but columns that an old file lacks would be one row.
            rows = frame.with_columns(_column_or_null(frame, name, dtype) for name, dtype in needed.items())
            rows = rows.select(list(needed))
            rows = rows if needed else pl.DataFrame({WITHOUT_GROUP: pl.repeat(0, frame.height, eager=True)})
            states += [_frame_state(view, dataset, part) for part in rows.iter_slices(ROWS_AT_ONCE)]
        return merge(view, dataset, states)


class PolarsAlgebra(Algebra[pl.Expr]):
    """Row expressions of Polars; `stages` are the columns to add, one after another, before they hold."""

    def __init__(self, dataset: Dataset) -> None:
        super().__init__(dataset)
        self.stages: list[list[pl.Expr]] = []
        self._depth: dict[str, int] = {}

    def column(self, name: str) -> pl.Expr:
        return pl.col(name)

    def let(self, expression: pl.Expr) -> pl.Expr:
        name = f"_let{len(self._depth)}"
        depth = max((self._depth.get(root, -1) + 1 for root in expression.meta.root_names()), default=0)
        if depth == len(self.stages):
            self.stages.append([])
        self.stages[depth].append(expression.alias(name))
        self._depth[name] = depth
        return pl.col(name)

    def when(self, condition: pl.Expr, value: pl.Expr | float) -> pl.Expr:
        return pl.when(condition).then(value)

    def either(self, condition: pl.Expr, value: pl.Expr | float, otherwise: pl.Expr) -> pl.Expr:
        return pl.when(condition).then(value).otherwise(otherwise)

    def whole(self, expression: pl.Expr) -> pl.Expr:
        return expression.cast(pl.Int64)

    def double(self, expression: pl.Expr) -> pl.Expr:
        return expression.cast(pl.Float64)

    def money_units(self, expression: pl.Expr) -> pl.Expr:
        return expression.cast(POLARS_TYPES[ColumnType.MONEY]).to_physical().cast(pl.Int64)

    def below(self, expression: pl.Expr, limit: float) -> pl.Expr:
        return expression.is_finite() & (expression.abs() < limit)

    def one(self) -> pl.Expr:
        return pl.lit(1, dtype=pl.Int64)

    def present(self, expression: pl.Expr) -> pl.Expr:
        return expression.is_not_null()

    def text(self, expression: pl.Expr, column: Column) -> pl.Expr:  # noqa: ARG002
        text = expression.cast(pl.String)
        return pl.when(text != "").then(text)

    def micros(self, expression: pl.Expr, column: Column) -> pl.Expr:  # noqa: ARG002
        return expression.cast(pl.Datetime("us")).cast(pl.Int64)

    def pair(self, at: pl.Expr, value: pl.Expr) -> pl.Expr:
        return pl.struct(at.alias("at"), value.alias("value"))

    def every(self, conditions: list[pl.Expr]) -> pl.Expr:
        return pl.all_horizontal(conditions)

    def holds(self, condition: Condition, kind: ColumnType) -> pl.Expr:
        column = self.value(condition.column, ())
        value = condition.value
        if condition.operator == "is null":
            return column.is_null()
        if condition.operator == "is not null":
            return column.is_not_null()
        if condition.operator == "in":
            compared = pl.any_horizontal([column == _literal(each, kind) for each in value] or [pl.lit(value=False)])
        else:
            right = _literal(value, kind)
            compared = {
                "==": column == right,
                "!=": column != right,
                "<": column < right,
                "<=": column <= right,
                ">": column > right,
                ">=": column >= right,
            }[condition.operator]
        return compared.fill_null(value=False)


def _read(file: str, wanted: list[str]) -> pl.DataFrame:
    scan = pl.scan_parquet(file, glob=False)
    there = [name for name in wanted if name in scan.collect_schema()]
    # Without a column there would be no rows to count.
    return (scan.select(there) if there else scan).collect()


def _literal(value: Any, kind: ColumnType) -> pl.Expr:
    exact = Decimal(str(value)) if kind is ColumnType.MONEY else value
    return pl.lit(exact).cast(POLARS_TYPES[kind])


def _column_or_null(frame: pl.DataFrame, name: str, dtype: pl.DataType) -> pl.Expr:
    return pl.col(name).cast(dtype) if name in frame.columns else pl.lit(None, dtype=dtype).alias(name)


def _frame_state(view: View, dataset: Dataset, rows: pl.DataFrame) -> pl.DataFrame:
    algebra = PolarsAlgebra(dataset)
    parts = view.parts(dataset)
    lifted = [part.lift(algebra).cast(_lifted_type(part)).alias(part.name) for part in parts]
    keep = algebra.passes(view.where) if view.where else pl.lit(value=True)
    keys = list(view.keys) or [WITHOUT_GROUP]
    query = rows.lazy()
    for stage in algebra.stages:
        query = query.with_columns(stage)
    # Added, then selected: a selection of nothing but constants would be one row.
    added = query.filter(keep).with_columns(*_keys(view, dataset), *lifted)
    prepared = added.select(*keys, *(part.name for part in parts)).collect()
    state = prepared.group_by(keys).agg(_aggregation(part) for part in parts)
    for part in parts:
        if part.merge in _SKETCHES:
            state = _joined(state, _sketched(prepared, keys, part), keys)
        elif part.merge is Merge.HISTOGRAM:
            counts = prepared.select(*keys, pl.col(part.name).alias("value"), pl.lit(1, dtype=pl.Int64).alias("count"))
            state = _joined(state, packed(counts, keys, part), keys)
    return state.select(state_schema(view, dataset).names())


def _lifted_type(part: Part) -> pl.DataType:
    if part.merge in _SKETCHES:
        return pl.String()
    return COUNTED[part.dtype] if part.merge is Merge.HISTOGRAM else part.dtype


def _keys(view: View, dataset: Dataset) -> list[pl.Expr]:
    keys = [_window(view, dataset)] if view.window else []
    for dimension in view.dimensions:
        if isinstance(dimension, Piece):
            keys.append(_piece(dimension, pl.col(shown_column(dataset.column(dimension.column)))))
        else:
            keys.append(pl.col(shown_column(dataset.column(dimension))).alias(dimension))
    return keys or [pl.lit(0).alias(WITHOUT_GROUP)]


def _window(view: View, dataset: Dataset) -> pl.Expr:
    time = pl.col(view.time_column(dataset)).cast(pl.Datetime("us"))
    return time.dt.truncate(str(view.window)).dt.replace_time_zone("UTC").alias(WINDOW_COLUMN)


def _piece(piece: Piece, text: pl.Expr) -> pl.Expr:
    if piece.before:
        return text.str.split(piece.before).list.first().alias(piece.name)
    last = text.str.split(piece.after).list.last()
    return pl.when(text.str.contains(piece.after, literal=True)).then(last).alias(piece.name)


def _aggregation(part: Part) -> pl.Expr:
    column = pl.col(part.name)
    if part.merge is Merge.LEAST:
        return column.min()
    if part.merge is Merge.GREATEST:
        return column.max()
    if part.merge in (Merge.EARLIEST, Merge.LATEST):
        return at_the_edge(part.name, part.merge)
    return column.sum() if part.merge is Merge.ADD else pl.lit(None).alias(part.name)


def _sketched(rows: pl.DataFrame, keys: list[str], part: Part) -> pl.DataFrame:
    groups = rows.select(*keys, part.name).drop_nulls(part.name).unique().group_by(keys).agg(part.name)
    sketches = [_SKETCHES[part.merge](values) for values in groups[part.name]]
    return groups.with_columns(pl.Series(part.name, sketches, dtype=pl.Binary))


def _joined(state: pl.DataFrame, part: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    name = part.columns[-1]
    return state.drop(name).join(part, on=keys, how="left", nulls_equal=True)
