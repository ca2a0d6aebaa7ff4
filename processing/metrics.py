"""Metrics that merge: each is kept as parts that form a monoid, so any split of the rows gives the same answer."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

import polars as pl

from core.dataset import FINGERPRINT_SUFFIX, Column, ColumnType, Dataset
from core.errors import UsageError
from core.frames import MONEY_SCALE, POLARS_TYPES
from processing import answers
from processing.algebra import SQUARE_EXPONENTS, SUM_EXPONENTS, Algebra
from processing.conditions import Where, conditions, describe

WHOLE = pl.Decimal(38, 0)
MONEY = pl.Decimal(38, MONEY_SCALE)
HISTOGRAM = pl.List(pl.Struct({"value": pl.Float64(), "count": pl.Int64()}))

_NUMERIC = (ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.MONEY)
_ORDERED = (*_NUMERIC, ColumnType.DATE, ColumnType.TIMESTAMP)
_COUNTABLE = (ColumnType.KEYWORD, ColumnType.TEXT, ColumnType.INTEGER, ColumnType.BOOLEAN, ColumnType.DATE)


class Merge(StrEnum):
    """How two values of a part become one, and so how rows become a value."""

    ADD = "add"
    LEAST = "least"
    GREATEST = "greatest"
    SKETCH = "sketch"  # HyperLogLog of Apache DataSketches
    HISTOGRAM = "histogram"  # value → count, sorted by value


@dataclass(frozen=True)
class Part:
    """One column of a view's state.

    Attributes:
        name: The column's name, equal for equal content, so that metrics share parts.
        merge: How it merges.
        dtype: Its Polars type in the state.
        lift: What a row adds: the value to add, compare, sketch or count; null adds nothing.
    """

    name: str
    merge: Merge
    dtype: pl.DataType
    lift: Callable[[Algebra[Any]], Any] = field(compare=False)


@dataclass(frozen=True, kw_only=True)
class Metric(ABC):
    """One number, or more, of each group of a view's rows.

    Attributes:
        name: Its column in the view.
        column: The dataset's column that it is about; "" where it is about none.
        where: Only rows on which these conditions hold; see `conditions` for the forms it takes.
        description: One sentence for people.
    """

    name: str
    column: str = ""
    where: Any = ()
    description: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "where", conditions(self.where))

    takes: ClassVar[tuple[ColumnType, ...]] = _NUMERIC

    @property
    def columns(self) -> tuple[str, ...]:
        """Its columns in the view."""
        return (self.name,)

    def check(self, dataset: Dataset) -> None:
        """Refuses a metric that cannot be had of that dataset.

        Raises:
            UsageError: Naming the metric, the column and what would do.
        """
        if not self.column:
            return
        column = dataset.column(self.column)
        if column.type not in self.takes or (column.is_sealed and not isinstance(self, Distinct)):
            kind = "personal" if column.is_sealed else column.type.value
            raise UsageError(
                f"The metric {self.name} is {type(self).__name__} of {dataset.name}.{self.column}, which is {kind}.",
                f"Take a column that is {' or '.join(self.takes)}.",
            )

    @abstractmethod
    def parts(self, dataset: Dataset) -> tuple[Part, ...]:
        """What is kept of it."""

    @abstractmethod
    def answer(self, state: pl.DataFrame, dataset: Dataset) -> list[pl.Series]:
        """Its columns, out of a state that holds its parts."""

    def _part(self, suffix: str, merge: Merge, dtype: pl.DataType, lift: Callable[[Algebra[Any]], Any]) -> Part:
        condition = f"[{describe(self.where)}]" if self.where else ""
        return Part(f"{self.column}{condition}.{suffix}", merge, dtype, lift)

    def _kind(self, dataset: Dataset) -> ColumnType:
        return dataset.column(self.column).type

    def _count(self) -> Part:
        """How many values there are: rows where the metric is about no column."""

        def lift(rows: Algebra[Any]) -> Any:
            if not self.column:
                return rows.tally(self.where)
            return rows.presence(self.column, self.where)

        return self._part("count", Merge.ADD, pl.Int64(), lift)

    def _sums(self, dataset: Dataset) -> tuple[Part, ...]:
        kind = self._kind(dataset)
        if kind is not ColumnType.NUMBER:
            dtype = MONEY if kind is ColumnType.MONEY else WHOLE
            return (self._part("sum", Merge.ADD, dtype, lambda rows: rows.value(self.column, self.where)),)
        return tuple(
            self._part(f"sum{i}", Merge.ADD, WHOLE, _nth(Algebra.sum_pieces, self.column, self.where, i))
            for i in range(len(SUM_EXPONENTS))
        )

    def _double_sums(self) -> tuple[Part, ...]:
        return tuple(
            self._part(f"double{i}", Merge.ADD, WHOLE, _nth(Algebra.sum_pieces, self.column, self.where, i))
            for i in range(len(SUM_EXPONENTS))
        )

    def _squares(self) -> tuple[Part, ...]:
        return tuple(
            self._part(f"square{i}", Merge.ADD, WHOLE, _nth(Algebra.square_pieces, self.column, self.where, i))
            for i in range(len(SQUARE_EXPONENTS))
        )

    def _extreme(self, dataset: Dataset, merge: Merge) -> Part:
        dtype = POLARS_TYPES[self._kind(dataset)]
        return self._part(merge.value, merge, dtype, lambda rows: rows.value(self.column, self.where))


@dataclass(frozen=True, kw_only=True)
class Count(Metric):
    """How many rows; of a column: how many have a value."""

    takes: ClassVar[tuple[ColumnType, ...]] = tuple(ColumnType)

    def check(self, dataset: Dataset) -> None:
        if self.column:
            dataset.column(self.column)

    def parts(self, dataset: Dataset) -> tuple[Part, ...]:  # noqa: ARG002
        return (self._count(),)

    def answer(self, state: pl.DataFrame, dataset: Dataset) -> list[pl.Series]:  # noqa: ARG002
        return [state[self._count().name].alias(self.name)]


@dataclass(frozen=True, kw_only=True)
class Sum(Metric):
    """The exact sum: money to the ten-thousandth, whole numbers, doubles rounded once. Zero where there is no value."""

    def parts(self, dataset: Dataset) -> tuple[Part, ...]:
        return self._sums(dataset)

    def answer(self, state: pl.DataFrame, dataset: Dataset) -> list[pl.Series]:
        names = [part.name for part in self._sums(dataset)]
        return [answers.total(state.select(names), self._kind(dataset)).alias(self.name)]


@dataclass(frozen=True, kw_only=True)
class Mean(Metric):
    """The exact mean rounded once to a double; null where there is no value."""

    def parts(self, dataset: Dataset) -> tuple[Part, ...]:
        return (self._count(), *self._sums(dataset))

    def answer(self, state: pl.DataFrame, dataset: Dataset) -> list[pl.Series]:
        names = [part.name for part in self._sums(dataset)]
        count = state[self._count().name]
        return [answers.mean(state.select(names), count, self._kind(dataset)).alias(self.name)]


@dataclass(frozen=True, kw_only=True)
class Variance(Metric):
    """The sample variance (divided by n - 1), exact and rounded once; null where there are fewer than two values."""

    def parts(self, dataset: Dataset) -> tuple[Part, ...]:  # noqa: ARG002
        return (self._count(), *self._double_sums(), *self._squares())

    def answer(self, state: pl.DataFrame, dataset: Dataset) -> list[pl.Series]:
        sums = state.select(part.name for part in self._double_sums())
        squares = state.select(part.name for part in self._squares())
        return [answers.variance(sums, squares, state[self._count().name], self._kind(dataset)).alias(self.name)]


@dataclass(frozen=True, kw_only=True)
class Min(Metric):
    """The least value; null where there is none."""

    takes: ClassVar[tuple[ColumnType, ...]] = _ORDERED

    def parts(self, dataset: Dataset) -> tuple[Part, ...]:
        return (self._extreme(dataset, Merge.LEAST),)

    def answer(self, state: pl.DataFrame, dataset: Dataset) -> list[pl.Series]:
        return [state[self.parts(dataset)[0].name].alias(self.name)]


@dataclass(frozen=True, kw_only=True)
class Max(Metric):
    """The greatest value; null where there is none."""

    takes: ClassVar[tuple[ColumnType, ...]] = _ORDERED

    def parts(self, dataset: Dataset) -> tuple[Part, ...]:
        return (self._extreme(dataset, Merge.GREATEST),)

    def answer(self, state: pl.DataFrame, dataset: Dataset) -> list[pl.Series]:
        return [state[self.parts(dataset)[0].name].alias(self.name)]


@dataclass(frozen=True, kw_only=True)
class Distinct(Metric):
    """About how many different values: HyperLogLog of 4,096 registers, 1.6 % standard error, near exact to 200.

    Of a personal column the fingerprints are counted, which are as many.
    """

    takes: ClassVar[tuple[ColumnType, ...]] = _COUNTABLE

    def parts(self, dataset: Dataset) -> tuple[Part, ...]:
        def lift(rows: Algebra[Any]) -> Any:
            return rows.label(counted_column(dataset.column(self.column)), self.column, self.where)

        return (self._part("distinct", Merge.SKETCH, pl.Binary(), lift),)

    def answer(self, state: pl.DataFrame, dataset: Dataset) -> list[pl.Series]:
        return [answers.distinct(state[self.parts(dataset)[0].name]).alias(self.name)]


@dataclass(frozen=True, kw_only=True)
class Quantiles(Metric):
    """Nearest-rank quantiles, at most 0.05 % off; its columns are `name` and the percentage: ``latency_p95``.

    Attributes:
        at: The ranks, each in (0, 1].
    """

    at: tuple[float, ...] = (0.5, 0.95)

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(f"{self.name}_p{100 * rank:g}".replace(".", "_") for rank in self.at)

    def parts(self, dataset: Dataset) -> tuple[Part, ...]:
        def lift(rows: Algebra[Any]) -> Any:
            return rows.bucket(self.column, self.where)

        histogram = self._part("histogram", Merge.HISTOGRAM, HISTOGRAM, lift)
        return (histogram, self._extreme(dataset, Merge.LEAST), self._extreme(dataset, Merge.GREATEST))

    def answer(self, state: pl.DataFrame, dataset: Dataset) -> list[pl.Series]:
        histogram, least, greatest = (state[part.name] for part in self.parts(dataset))
        # A rounded value may lie outside of what was there; the extremes are kept exactly.
        bounds = least.cast(pl.Float64), greatest.cast(pl.Float64)
        found = [series.clip(*bounds) for series in answers.quantiles(histogram, self.at, self._kind(dataset))]
        return [series.alias(name) for series, name in zip(found, self.columns, strict=True)]


def counted_column(column: Column) -> str:
    """The lake column whose values stand for that column's: of a personal one its fingerprint."""
    return column.name + FINGERPRINT_SUFFIX if column.is_sealed else column.name


def _nth(pieces: Callable[..., tuple[Any, ...]], column: str, where: Where, i: int) -> Callable[[Algebra[Any]], Any]:
    return lambda rows: pieces(rows, column, where)[i]
