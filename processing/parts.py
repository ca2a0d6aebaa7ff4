"""What is kept of metrics: parts that form a monoid each, so that any split of the rows gives the same answer."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import polars as pl

from core.dataset import FINGERPRINT_SUFFIX, MASK_SUFFIX, Column, ColumnType
from core.frames import MONEY_SCALE, POLARS_TYPES
from processing.algebra import SQUARE_EXPONENTS, SUM_EXPONENTS, Algebra
from processing.conditions import Where, describe

WHOLE = pl.Decimal(38, 0)
MONEY = pl.Decimal(38, MONEY_SCALE)
HISTOGRAM = pl.List(pl.Struct({"value": pl.Float64(), "count": pl.Int64()}))
TALLIES = pl.List(pl.Struct({"value": pl.String(), "count": pl.Int64()}))

Lift = Callable[[Algebra[Any]], Any]
"""What a row adds to a part: the value to add, compare, sketch or count; null adds nothing. None: null in all rows."""


class Merge(StrEnum):
    """How two values of a part become one, and so how rows become a value."""

    ADD = "add"
    LEAST = "least"
    GREATEST = "greatest"
    EARLIEST = "earliest"  # a value with its moment; of one moment the least value
    LATEST = "latest"  # of one moment the greatest value
    SKETCH = "sketch"  # HyperLogLog of Apache DataSketches
    THETA = "theta"  # theta sketch of Apache DataSketches
    HISTOGRAM = "histogram"  # value → count, sorted by value


@dataclass(frozen=True)
class Part:
    """One column of a view's state.

    Attributes:
        name: The column's name, equal for equal content, so that metrics share parts.
        merge: How it merges.
        dtype: Its Polars type in the state.
        lift: What a row adds.
        is_count: Whether it is counted how often `lift` is not null, rather than added up.
        fits: Whether the sum is surely one of 64 bits.
    """

    name: str
    merge: Merge
    dtype: pl.DataType
    lift: Lift = field(compare=False)
    is_count: bool = False
    fits: Callable[[Algebra[Any]], bool] = field(default=lambda _rows: False, compare=False)


@dataclass(frozen=True, slots=True)
class Parts:
    """Makes parts of one column of the rows on which conditions hold.

    Attributes:
        column: The dataset's column; "" for rows.
        where: The conditions.
    """

    column: str
    where: Where = ()

    def part(self, suffix: str, merge: Merge, dtype: pl.DataType, lift: Lift) -> Part:
        """A part of any kind; `suffix` tells it from others of the column."""
        condition = f"[{describe(self.where)}]" if self.where else ""
        return Part(f"{self.column}{condition}.{suffix}", merge, dtype, lift)

    def count(self) -> Part:
        """How many values there are: rows where there is no column."""

        def lift(rows: Algebra[Any]) -> Any:
            return rows.value(self.column, self.where) if self.column else rows.tally(self.where)

        return replace(self.part("count", Merge.ADD, pl.Int64(), lift), is_count=True)

    def sums(self, kind: ColumnType) -> tuple[Part, ...]:
        """The exact sum of a column of that kind."""
        if kind is not ColumnType.NUMBER:
            dtype = MONEY if kind is ColumnType.MONEY else WHOLE
            whole = self.part("sum", Merge.ADD, dtype, lambda rows: rows.value(self.column, self.where))
            return (replace(whole, fits=lambda rows: kind is ColumnType.INTEGER and rows.sum_fits(self.column)),)
        return self._pieces("sum", len(SUM_EXPONENTS), self._lifted_sums)

    def double_sums(self) -> tuple[Part, ...]:
        """The sum of the column's doubles, in the pieces that `answers.variance` takes."""
        return self._pieces("double", len(SUM_EXPONENTS), self._lifted_sums)

    def squares(self) -> tuple[Part, ...]:
        """The sum of their squares."""
        return self._pieces(
            "square", len(SQUARE_EXPONENTS), lambda rows: rows.product_pieces(self.column, self.column, self.where)
        )

    def products(self, other: str) -> tuple[Part, ...]:
        """The sum of their products with another column."""
        return self._pieces(
            f"times {other}.", len(SQUARE_EXPONENTS), lambda rows: rows.product_pieces(self.column, other, self.where)
        )

    def extreme(self, kind: ColumnType, merge: Merge) -> Part:
        """The least or the greatest value."""
        return self.part(merge.value, merge, POLARS_TYPES[kind], lambda rows: rows.value(self.column, self.where))

    def _lifted_sums(self, rows: Algebra[Any]) -> tuple[Any, ...]:
        return rows.sum_pieces(self.column, self.where)

    def _pieces(self, name: str, count: int, lift: Callable[[Algebra[Any]], tuple[Any, ...]]) -> tuple[Part, ...]:
        return tuple(self.part(f"{name}{i}", Merge.ADD, WHOLE, _nth(lift, i)) for i in range(count))


def counted_column(column: Column) -> str:
    """The lake column whose values stand for that column's: of a personal one its fingerprint."""
    return column.name + FINGERPRINT_SUFFIX if column.is_sealed else column.name


def shown_column(column: Column) -> str:
    """The lake column that people see in its place: of a personal one its mask."""
    return column.name + MASK_SUFFIX if column.is_sealed else column.name


def _nth(lift: Callable[[Algebra[Any]], tuple[Any, ...]], i: int) -> Lift:
    return lambda rows: lift(rows)[i]
