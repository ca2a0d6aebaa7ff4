"""The metrics of one number: counts, sums, means, variances, extremes."""

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from core.dataset import ColumnType, Dataset
from processing import answers
from processing.metric import ORDERED, Metric, named
from processing.parts import Merge, Part


@dataclass(frozen=True, kw_only=True)
class Count(Metric):
    """How many rows; of a column: how many have a value."""

    takes: ClassVar[tuple[ColumnType, ...]] = tuple(ColumnType)
    takes_personal: ClassVar[bool] = True

    def parts(self, dataset: Dataset) -> tuple[Part, ...]:  # noqa: ARG002
        return (self._parts.count(),)

    def answer(self, state: pl.DataFrame, dataset: Dataset) -> list[pl.Series]:  # noqa: ARG002
        return [state[self._parts.count().name].alias(self.name)]


@dataclass(frozen=True, kw_only=True)
class Sum(Metric):
    """The exact sum: money to the ten-thousandth, whole numbers, doubles rounded once. Zero where there is no value."""

    def parts(self, dataset: Dataset) -> tuple[Part, ...]:
        return self._parts.sums(self._kind(dataset))

    def answer(self, state: pl.DataFrame, dataset: Dataset) -> list[pl.Series]:
        return [answers.total(state.select(named(self.parts(dataset))), self._kind(dataset)).alias(self.name)]


@dataclass(frozen=True, kw_only=True)
class Mean(Metric):
    """The exact mean rounded once to a double; null where there is no value."""

    def parts(self, dataset: Dataset) -> tuple[Part, ...]:
        return (self._parts.count(), *self._parts.sums(self._kind(dataset)))

    def answer(self, state: pl.DataFrame, dataset: Dataset) -> list[pl.Series]:
        count, *sums = named(self.parts(dataset))
        return [answers.mean(state.select(sums), state[count], self._kind(dataset)).alias(self.name)]


@dataclass(frozen=True, kw_only=True)
class Variance(Metric):
    """The sample variance (divided by n - 1), exact and rounded once; null where there are fewer than two values."""

    def parts(self, dataset: Dataset) -> tuple[Part, ...]:  # noqa: ARG002
        return (self._parts.count(), *self._parts.double_sums(), *self._parts.squares())

    def answer(self, state: pl.DataFrame, dataset: Dataset) -> list[pl.Series]:
        sums, squares = named(self._parts.double_sums()), named(self._parts.squares())
        count = state[self._parts.count().name]
        found = answers.variance(state.select(sums), state.select(squares), count, self._kind(dataset))
        return [found.alias(self.name)]


@dataclass(frozen=True, kw_only=True)
class _Extreme(Metric):
    takes: ClassVar[tuple[ColumnType, ...]] = ORDERED
    merge: ClassVar[Merge]

    def parts(self, dataset: Dataset) -> tuple[Part, ...]:
        return (self._parts.extreme(self._kind(dataset), self.merge),)

    def answer(self, state: pl.DataFrame, dataset: Dataset) -> list[pl.Series]:
        return [state[self.parts(dataset)[0].name].alias(self.name)]


@dataclass(frozen=True, kw_only=True)
class Min(_Extreme):
    """The least value; null where there is none."""

    merge: ClassVar[Merge] = Merge.LEAST


@dataclass(frozen=True, kw_only=True)
class Max(_Extreme):
    """The greatest value; null where there is none."""

    merge: ClassVar[Merge] = Merge.GREATEST
