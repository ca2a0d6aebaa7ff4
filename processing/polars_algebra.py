"""What Polars makes of the row expressions of views: values, conditions, windows and dimensions."""

from decimal import Decimal
from typing import Any

import polars as pl

from core.dataset import Column, ColumnType, Dataset
from core.frames import POLARS_TYPES
from processing.algebra import Algebra
from processing.conditions import COMPARISONS, Condition
from processing.parquet_files import Facts
from processing.parts import shown_column
from processing.state import WITHOUT_GROUP
from processing.view import WINDOW_COLUMN, WINDOW_MICROS, Piece, View


class PolarsAlgebra(Algebra[pl.Expr]):
    """Row expressions of Polars; `stages` are the columns to add, one after another, before they hold."""

    def __init__(self, dataset: Dataset, facts: Facts | None = None) -> None:
        super().__init__(dataset, facts)
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

    def cut(self, expression: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
        whole = self.let(expression.cast(pl.Int64, wrap_numerical=True))  # they fit: not to look saves a third
        return whole, self.double(whole)

    def double(self, expression: pl.Expr) -> pl.Expr:
        return expression.cast(pl.Float64)

    def money_units(self, expression: pl.Expr) -> pl.Expr:
        return expression.cast(POLARS_TYPES[ColumnType.MONEY]).to_physical().cast(pl.Int64)

    def below(self, expression: pl.Expr, limit: float) -> pl.Expr:
        return expression.is_finite() & (expression.abs() < limit)

    def without_nan(self, expression: pl.Expr) -> pl.Expr:
        return expression.fill_nan(None)

    def one(self) -> pl.Expr:
        return pl.lit(1, dtype=pl.Int64)

    def present(self, expression: pl.Expr) -> pl.Expr:
        return expression.is_not_null()

    def text(self, expression: pl.Expr, column: Column) -> pl.Expr:  # noqa: ARG002
        return expression.cast(pl.String)

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
            compared = pl.any_horizontal([column == literal(each, kind) for each in value] or [pl.lit(value=False)])
        else:
            right = literal(value, kind)
            compared = COMPARISONS[condition.operator](column, right)
        return compared.fill_null(value=False)


def keys_of(view: View, dataset: Dataset) -> list[pl.Expr]:
    """The expressions of a view's keys; of one without keys a constant."""
    keys = [_window(view, dataset)] if view.window else []
    for dimension in view.dimensions:
        if isinstance(dimension, Piece):
            keys.append(_piece(dimension, pl.col(shown_column(dataset.column(dimension.column)))))
        else:
            keys.append(pl.col(shown_column(dataset.column(dimension))).alias(dimension))
    return keys or [pl.lit(0).alias(WITHOUT_GROUP)]


def _window(view: View, dataset: Dataset) -> pl.Expr:
    time = pl.col(view.time_column(dataset)).cast(pl.Datetime("us"))
    micros = WINDOW_MICROS.get(str(view.window))
    if micros is None:
        start = time.dt.truncate(str(view.window))
    else:  # what `truncate` gives, in a third of its time
        start = (time.cast(pl.Int64) // micros * micros).cast(pl.Datetime("us"))
    return start.dt.replace_time_zone("UTC").alias(WINDOW_COLUMN)


def _piece(piece: Piece, text: pl.Expr) -> pl.Expr:
    if piece.before:
        return text.str.split(piece.before).list.first().alias(piece.name)
    last = text.str.split(piece.after).list.last()
    return pl.when(text.str.contains(piece.after, literal=True)).then(last).alias(piece.name)


def literal(value: Any, kind: ColumnType) -> pl.Expr:
    """A value that a condition compares with a column of that type."""
    exact = Decimal(str(value)) if kind is ColumnType.MONEY else value
    return pl.lit(exact).cast(POLARS_TYPES[kind])
