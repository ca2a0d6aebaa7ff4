"""What Spark makes of views: row expressions, reading the lake's files, groups."""

from decimal import Decimal
from functools import reduce
from typing import Any

import polars as pl
from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame, SparkSession, functions

from core.dataset import Column, ColumnType, Dataset
from core.frames import MONEY_PRECISION, MONEY_SCALE
from processing.algebra import Algebra
from processing.answers import THETA_LOG2_ENTRIES
from processing.conditions import COMPARISONS, Condition
from processing.engine import LakeTable
from processing.parquet_files import Facts
from processing.parts import WHOLE, Merge, Part, shown_column
from processing.sketch_bytes import LOG2_REGISTERS
from processing.spark_session import escaped_path
from processing.state import WITHOUT_GROUP, empty_state
from processing.view import WINDOW_COLUMN, WINDOW_MICROS, Piece, View

_TYPES: dict[pl.DataType, str] = {
    pl.String(): "string",
    pl.Int64(): "bigint",
    pl.Float64(): "double",
    pl.Decimal(MONEY_PRECISION, MONEY_SCALE): f"decimal({MONEY_PRECISION},{MONEY_SCALE})",
    pl.Boolean(): "boolean",
    pl.Date(): "date",
    pl.Datetime("us", "UTC"): "timestamp",
    pl.Decimal(38, 0): "decimal(38,0)",
    pl.Decimal(38, MONEY_SCALE): f"decimal(38,{MONEY_SCALE})",
}
_COLUMN_TYPES: dict[ColumnType, str] = {
    ColumnType.KEYWORD: "string",
    ColumnType.TEXT: "string",
    ColumnType.INTEGER: "bigint",
    ColumnType.NUMBER: "double",
    ColumnType.MONEY: f"decimal({MONEY_PRECISION},{MONEY_SCALE})",
    ColumnType.BOOLEAN: "boolean",
    ColumnType.DATE: "date",
    ColumnType.TIMESTAMP: "timestamp",
}
_LOWER_HALF = 2**32 - 1
_SAME_FUNCTION = {  # structures, values with their moments, compare field by field
    Merge.LEAST: functions.min,
    Merge.EARLIEST: functions.min,
    Merge.GREATEST: functions.max,
    Merge.LATEST: functions.max,
}


class SparkAlgebra(Algebra[SparkColumn]):
    """Row expressions of Spark; `rows` gains a column for each that is used often."""

    def __init__(self, dataset: Dataset, rows: DataFrame, facts: Facts) -> None:
        super().__init__(dataset, facts)
        self.rows = rows
        self._lets = 0

    def column(self, name: str) -> SparkColumn:
        return functions.col(quoted(name))

    def let(self, expression: SparkColumn) -> SparkColumn:
        name = f"_let{self._lets}"
        self._lets += 1
        self.rows = self.rows.withColumn(name, expression)
        return self.column(name)

    def when(self, condition: SparkColumn, value: SparkColumn | float) -> SparkColumn:
        return functions.when(condition, value)

    def either(self, condition: SparkColumn, value: SparkColumn | float, otherwise: SparkColumn) -> SparkColumn:
        return functions.when(condition, value).otherwise(otherwise)

    def cut(self, expression: SparkColumn) -> tuple[SparkColumn, SparkColumn]:
        whole = self.let(expression.cast("bigint"))
        return whole, self.double(whole)

    def double(self, expression: SparkColumn) -> SparkColumn:
        return expression.cast("double")

    def money_units(self, expression: SparkColumn) -> SparkColumn:
        units: SparkColumn = (expression * 10**MONEY_SCALE).cast("bigint")
        return units

    def below(self, expression: SparkColumn, limit: float) -> SparkColumn:
        is_below: SparkColumn = functions.abs(expression) < limit
        return is_below  # Spark holds NaN greater than any number

    def without_nan(self, expression: SparkColumn) -> SparkColumn:
        return functions.nullif(expression, functions.lit(float("nan")))  # which is equal to itself here

    def one(self) -> SparkColumn:
        return functions.lit(1)

    def present(self, expression: SparkColumn) -> SparkColumn:
        return expression.isNotNull()

    def text(self, expression: SparkColumn, column: Column) -> SparkColumn:  # noqa: ARG002
        text = expression.cast("string")
        return self.when(text != "", text)

    def micros(self, expression: SparkColumn, column: Column) -> SparkColumn:  # noqa: ARG002
        return functions.unix_micros(expression.cast("timestamp"))

    def pair(self, at: SparkColumn, value: SparkColumn) -> SparkColumn:
        return functions.struct(at.alias("at"), value.alias("value"))

    def every(self, conditions: list[SparkColumn]) -> SparkColumn:
        return reduce(lambda left, right: left & right, conditions)

    def holds(self, condition: Condition, kind: ColumnType) -> SparkColumn:
        column = self.value(condition.column, ())
        value = condition.value
        if condition.operator == "is null":
            return column.isNull()
        if condition.operator == "is not null":
            return column.isNotNull()
        if condition.operator == "in":
            compared = reduce(
                lambda left, right: left | right,
                [column == _literal(each, kind) for each in value],
                functions.lit(False),
            )
        else:
            right = _literal(value, kind)
            compared = COMPARISONS[condition.operator](column, right)
        return functions.coalesce(compared, functions.lit(False))


def read(session: SparkSession, table: LakeTable, schema: pl.Schema) -> DataFrame:
    """The rows of a lake version, with exactly the columns of `schema`; what a file lacks is null."""
    fields = ", ".join(f"{quoted(name)} {_TYPES[dtype]}" for name, dtype in schema.items())
    if not table.files:
        return session.createDataFrame([], fields)
    return session.read.schema(fields).parquet(*(escaped_path(file) for file in table.files))


def frame_of(rows: DataFrame) -> pl.DataFrame:
    """All rows of a Spark frame, here."""
    frame = pl.from_arrow(rows.toArrow())
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 - a table never becomes a series
    return frame


def quoted(name: str) -> str:
    """A name as Spark's SQL takes it, whatever is in it."""
    return "`" + name.replace("`", "``") + "`"


def view_state(view: View, dataset: Dataset, rows: DataFrame, facts: Facts) -> pl.DataFrame:
    """The state of a view over rows; `facts` as `Algebra` takes them."""
    parts = view.parts(dataset)
    algebra = SparkAlgebra(dataset, rows, facts)
    lifted = {part.name: part.lift(algebra) for part in parts}
    there = [part for part in parts if lifted[part.name] is not None]
    kept = algebra.passes(view.where) if view.where else functions.lit(True)
    keys = list(view.keys) or [WITHOUT_GROUP]
    prepared = algebra.rows.filter(kept).select(
        *_keys(view, dataset), *(lifted[part.name].alias(part.name) for part in there)
    )
    split = {part.name for part in there if part.dtype == WHOLE and not part.fits(algebra)}
    plain = [
        column
        for part in there
        if part.merge is not Merge.HISTOGRAM
        for column in (_halves(part) if part.name in split else [_aggregation(part)])
    ]
    grouped = prepared.groupBy(*map(quoted, keys))
    state = frame_of(grouped.agg(*plain) if plain else prepared.select(*map(quoted, keys)).distinct())
    for part in there:
        if part.merge is Merge.HISTOGRAM:
            state = state.join(_histograms(prepared, keys, part), on=keys, how="left", nulls_equal=True)
    if state.is_empty():
        return empty_state(view, dataset)
    types = view.key_types(dataset)
    return state.select(
        *(pl.col(name).cast(dtype) for name, dtype in types.items()),
        *(_finished(part, is_there=part in there, is_split=part.name in split) for part in parts),
    )


def _histograms(prepared: DataFrame, keys: list[str], part: Part) -> pl.DataFrame:
    """One histogram a group, made by Spark: to count rows of keys and values here would take the memory of the rows."""
    names = [quoted(key) for key in keys]
    values = prepared.filter(functions.col(quoted(part.name)).isNotNull())
    counts = values.groupBy(*names, functions.col(quoted(part.name)).alias("value")).count()
    buckets = functions.sort_array(functions.collect_list(functions.struct("value", "count")))
    return frame_of(counts.groupBy(*names).agg(buckets.alias(part.name)))


def _keys(view: View, dataset: Dataset) -> list[SparkColumn]:
    keys = []
    if view.window:
        time = functions.col(quoted(view.time_column(dataset))).cast("timestamp")
        keys.append(_window(time, view.window).alias(WINDOW_COLUMN))
    for dimension in view.dimensions:
        if isinstance(dimension, Piece):
            keys.append(_piece(dimension, functions.col(quoted(shown_column(dataset.column(dimension.column))))))
        else:
            keys.append(functions.col(quoted(shown_column(dataset.column(dimension)))).alias(dimension))
    return keys or [functions.lit(0).alias(WITHOUT_GROUP)]


def _window(time: SparkColumn, window: str) -> SparkColumn:
    if window not in WINDOW_MICROS:
        return functions.date_trunc("month", time)
    micros = functions.unix_micros(time)  # what `date_trunc` gives, without looking for time zones in every row
    return functions.timestamp_micros(micros - functions.pmod(micros, functions.lit(WINDOW_MICROS[window])))


def _piece(piece: Piece, text: SparkColumn) -> SparkColumn:
    if piece.before:
        return functions.substring_index(text, piece.before, 1).alias(piece.name)
    last = functions.substring_index(text, piece.after, -1)
    return functions.when(functions.contains(text, functions.lit(piece.after)), last).alias(piece.name)


def _halves(part: Part) -> list[SparkColumn]:
    """The upper and the lower halves of 64-bit numbers added, which 2^31 rows cannot make overflow.

    Spark adds decimals beyond 18 digits as objects, some 200 ns each.
    """
    wholes = functions.col(quoted(part.name)).cast("bigint")
    return [
        functions.sum(functions.shiftright(wholes, 32)).alias(part.name),
        functions.sum(wholes.bitwiseAND(functions.lit(_LOWER_HALF))).alias(_lower(part)),
    ]


def _aggregation(part: Part) -> SparkColumn:
    column = functions.col(quoted(part.name))
    if part.is_count:
        return functions.count(column).alias(part.name)
    if part.merge in _SAME_FUNCTION:
        return _SAME_FUNCTION[part.merge](column).alias(part.name)
    if part.merge is Merge.SKETCH:
        return functions.hll_sketch_agg(column, LOG2_REGISTERS).alias(part.name)
    if part.merge is Merge.THETA:
        return functions.theta_sketch_agg(column, THETA_LOG2_ENTRIES).alias(part.name)
    added = column if part.dtype == WHOLE else column.cast(_TYPES[part.dtype])
    return functions.coalesce(functions.sum(added), functions.lit(0)).alias(part.name)


def _finished(part: Part, *, is_there: bool, is_split: bool) -> pl.Expr:
    """A part as it is kept, out of what was aggregated."""
    if not is_there:
        return pl.lit(0 if part.merge is Merge.ADD else None, dtype=part.dtype).alias(part.name)
    column = pl.col(part.name)
    if is_split:
        upper, lower = (pl.col(name).fill_null(0).cast(pl.Int128) for name in (part.name, _lower(part)))
        column = upper * 2**32 + lower
    return column.cast(part.dtype).alias(part.name)


def _lower(part: Part) -> str:
    return f"{part.name}.lower"


def _literal(value: Any, kind: ColumnType) -> SparkColumn:
    exact = Decimal(str(value)) if kind is ColumnType.MONEY else value
    return functions.lit(exact).cast(_COLUMN_TYPES[kind])
