"""What a metric is: one number, or more, of each group of a view's rows, the same on every engine."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import polars as pl

from core.dataset import ColumnType, Dataset
from core.errors import UsageError
from processing.conditions import conditions
from processing.parts import Part, Parts

NUMERIC = (ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.MONEY)
ORDERED = (*NUMERIC, ColumnType.DATE, ColumnType.TIMESTAMP)
COUNTABLE = (ColumnType.KEYWORD, ColumnType.TEXT, ColumnType.INTEGER, ColumnType.BOOLEAN, ColumnType.DATE)


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

    takes: ClassVar[tuple[ColumnType, ...]] = NUMERIC
    takes_personal: ClassVar[bool] = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Its columns in the view."""
        return (self.name,)

    def reads(self, dataset: Dataset) -> tuple[str, ...]:  # noqa: ARG002  # some read the event time
        """The dataset's columns that it needs, beyond those of its conditions."""
        return (self.column,) if self.column else ()

    def check(self, dataset: Dataset) -> None:
        """Refuses a metric that cannot be had of that dataset.

        Raises:
            UsageError: Naming the metric, the column and what would do.
        """
        if self.column:
            self._check_column(dataset, self.column)

    @abstractmethod
    def parts(self, dataset: Dataset) -> tuple[Part, ...]:
        """What is kept of it."""

    @abstractmethod
    def answer(self, state: pl.DataFrame, dataset: Dataset) -> list[pl.Series]:
        """Its columns, out of a state that holds its parts."""

    @property
    def _parts(self) -> Parts:
        return Parts(self.column, self.where)

    def _kind(self, dataset: Dataset) -> ColumnType:
        return dataset.column(self.column).type

    def _check_column(self, dataset: Dataset, name: str) -> None:
        column = dataset.column(name)
        if column.type not in self.takes or (column.is_sealed and not self.takes_personal):
            kind = "personal" if column.is_sealed else column.type.value
            raise UsageError(
                f"The metric {self.name} is {type(self).__name__} of {dataset.name}.{name}, which is {kind}.",
                f"Take a column that is {' or '.join(self.takes)}.",
            )


def named(parts: tuple[Part, ...]) -> list[str]:
    """The columns of a state that hold these parts."""
    return [part.name for part in parts]
