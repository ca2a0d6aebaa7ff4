"""The metrics of two columns: how they vary together, and what one was first or last in the other's time."""

from dataclasses import dataclass
from typing import Any, ClassVar

import polars as pl

from core.dataset import ColumnType, Dataset
from core.errors import UsageError
from core.frames import POLARS_TYPES
from processing import answers
from processing.algebra import Algebra
from processing.conditions import Condition
from processing.metric import ORDERED, Metric, named
from processing.parts import Merge, Part, Parts


@dataclass(frozen=True, kw_only=True)
class Covariance(Metric):
    """The sample covariance of two columns over the rows that have both, exact and rounded once.

    Null where there are fewer than two such rows.

    Attributes:
        other: The other column.
    """

    other: str

    def reads(self, dataset: Dataset) -> tuple[str, ...]:  # noqa: ARG002
        return (self.column, self.other)

    def check(self, dataset: Dataset) -> None:
        super().check(dataset)
        self._check_column(dataset, self.other)

    def parts(self, dataset: Dataset) -> tuple[Part, ...]:  # noqa: ARG002
        mine, others = self._both
        return (mine.count(), *mine.double_sums(), *others.double_sums(), *mine.products(self.other))

    def answer(self, state: pl.DataFrame, dataset: Dataset) -> list[pl.Series]:
        return [self._joint(state, dataset).covariance().alias(self.name)]

    @property
    def _both(self) -> tuple[Parts, Parts]:
        both = (Condition(self.column, "is not null"), Condition(self.other, "is not null"))
        return Parts(self.column, self.where + both), Parts(self.other, self.where + both)

    def _joint(self, state: pl.DataFrame, dataset: Dataset) -> answers.Joint:
        mine, others = self._both
        return answers.Joint(
            sums=state.select(named(mine.double_sums())),
            other_sums=state.select(named(others.double_sums())),
            products=state.select(named(mine.products(self.other))),
            count=state[mine.count().name],
            kinds=(self._kind(dataset), dataset.column(self.other).type),
        )


@dataclass(frozen=True, kw_only=True)
class Correlation(Covariance):
    """Pearson's correlation of two columns over the rows that have both; null where one of them does not vary."""

    def parts(self, dataset: Dataset) -> tuple[Part, ...]:
        mine, others = self._both
        return (*super().parts(dataset), *mine.squares(), *others.squares())

    def answer(self, state: pl.DataFrame, dataset: Dataset) -> list[pl.Series]:
        squares = (state.select(named(parts.squares())) for parts in self._both)
        return [self._joint(state, dataset).correlation(*squares).alias(self.name)]


@dataclass(frozen=True, kw_only=True)
class _AtTheEdge(Metric):
    """A value by the time of its row.

    Attributes:
        by: The column that tells the time; default the dataset's event time.
    """

    by: str = ""

    takes: ClassVar[tuple[ColumnType, ...]] = (*ORDERED, ColumnType.KEYWORD, ColumnType.TEXT, ColumnType.BOOLEAN)
    merge: ClassVar[Merge]

    def reads(self, dataset: Dataset) -> tuple[str, ...]:
        return (self.column, self._time(dataset))

    def check(self, dataset: Dataset) -> None:
        super().check(dataset)
        time = dataset.column(self._time(dataset))
        if time.type not in (ColumnType.TIMESTAMP, ColumnType.DATE):
            raise UsageError(
                f"The metric {self.name} is by {dataset.name}.{time.name}, which is no time.", "Give by= a time."
            )

    def parts(self, dataset: Dataset) -> tuple[Part, ...]:
        time = self._time(dataset)

        def lift(rows: Algebra[Any]) -> Any:
            return rows.dated(self.column, time, self.where)

        dtype = pl.Struct({"at": pl.Int64(), "value": POLARS_TYPES[self._kind(dataset)]})
        return (self._parts.part(f"{self.merge.value} by {time}", self.merge, dtype, lift),)

    def answer(self, state: pl.DataFrame, dataset: Dataset) -> list[pl.Series]:
        return [state[self.parts(dataset)[0].name].struct.field("value").alias(self.name)]

    def _time(self, dataset: Dataset) -> str:
        time = self.by or dataset.event_time
        if time is None:
            raise UsageError(f"The metric {self.name} needs a time, and {dataset.name} has none.", "Give it by=.")
        return time


@dataclass(frozen=True, kw_only=True)
class First(_AtTheEdge):
    """The column's value in the earliest row that has one; of rows of one moment the least value."""

    merge: ClassVar[Merge] = Merge.EARLIEST


@dataclass(frozen=True, kw_only=True)
class Last(_AtTheEdge):
    """The column's value in the latest row that has one; of rows of one moment the greatest value."""

    merge: ClassVar[Merge] = Merge.LATEST
