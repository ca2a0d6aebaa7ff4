"""What a view is: groups of a dataset's rows and the metrics of each group, declared once for every engine."""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

import polars as pl

from core.dataset import ColumnType, Dataset
from core.errors import UsageError
from core.frames import POLARS_TYPES, lake_schema
from processing.conditions import conditions, describe
from processing.metric import Metric
from processing.parts import Part, counted_column, shown_column

WINDOW_COLUMN = "window"
"""The column that holds the start of each window, in UTC."""

WINDOW_MICROS = {"1m": 60_000_000, "1h": 3_600_000_000, "1d": 86_400_000_000}
"""How long windows are that are always as long, in microseconds; they begin at whole multiples since 1970, UTC."""

Window = Literal["1m", "1h", "1d", "1mo"]

_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_WINDOWS = ("1m", "1h", "1d", "1mo")
_DIMENSION_TYPES = (ColumnType.KEYWORD, ColumnType.TEXT, ColumnType.INTEGER, ColumnType.BOOLEAN, ColumnType.DATE)
_TIME_TYPES = (ColumnType.TIMESTAMP, ColumnType.DATE)
_TEXT_TYPES = (ColumnType.KEYWORD, ColumnType.TEXT)


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A dimension that is a part of a text column: what stands before the first or after the last separator.

    Attributes:
        name: The dimension's column in the view.
        column: The dataset's column; of a personal one the mask is cut.
        before: The separator; a text without it counts whole. Give this or `after`.
        after: The separator; a text without it counts as null.
    """

    name: str
    column: str
    before: str = ""
    after: str = ""

    def __post_init__(self) -> None:
        if bool(self.before) == bool(self.after):
            raise UsageError(f"The dimension {self.name} has no separator, or two.", "Give before= or after=.")


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """A column that is one metric divided by another of the same view; null where that is null or zero.

    Attributes:
        name: Its column in the view.
        numerator: The name of a metric's column.
        denominator: The name of a metric's column.
        description: One sentence for people.
    """

    name: str
    numerator: str
    denominator: str
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class View:
    """Groups of a dataset's rows, and the metrics of each.

    Attributes:
        name: The view's name: snake case, unique.
        dataset: The dataset's name.
        description: One sentence for people.
        dimensions: What rows are grouped by: names of columns (of a personal one, its mask) or `Piece`s.
            Null is a group of its own.
        window: Groups rows by time, too: ``1m``, ``1h``, ``1d`` or ``1mo``, in UTC; None does not.
        time: The column that windows are of; default the dataset's event time.
        where: Only rows on which these conditions hold: a ``(column, operator, value)`` or several; see `Condition`.
        metrics: What is counted of each group.
        ratios: Columns derived from them.
        order_by: The column by which rows come, greatest first; None: by the window and the dimensions.
        limit: At most so many rows; None: all.
    """

    name: str
    dataset: str
    description: str = ""
    dimensions: tuple[str | Piece, ...] = ()
    window: Window | None = None
    time: str | None = None
    where: Any = ()
    metrics: tuple[Metric, ...]
    ratios: tuple[Ratio, ...] = ()
    order_by: str | None = None
    limit: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "where", conditions(self.where))
        if self.window is not None and self.window not in _WINDOWS:
            raise UsageError(
                f"The view {self.name} has the window {self.window!r}.", f"Choose one of {', '.join(_WINDOWS)}."
            )
        if not _NAME.fullmatch(self.name):
            raise UsageError(f"A view is named {self.name!r}.", "Take lower-case letters, digits and underscores.")
        names = [*self.keys, *(column for metric in self.metrics for column in metric.columns)]
        for ratio in self.ratios:
            for part in (ratio.numerator, ratio.denominator):
                if part not in names:
                    raise UsageError(f"The ratio {ratio.name} of {self.name} is of {part}.", _choices(names))
        names += [ratio.name for ratio in self.ratios]
        if len(set(names)) < len(names):
            raise UsageError(f"The view {self.name} names a column twice: {', '.join(names)}.", "Rename one.")
        if self.order_by is not None and self.order_by not in names:
            raise UsageError(f"The view {self.name} is ordered by {self.order_by}.", _choices(names))

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that tell its rows apart: the window, if any, then the dimensions."""
        window = (WINDOW_COLUMN,) if self.window else ()
        return window + tuple(d if isinstance(d, str) else d.name for d in self.dimensions)

    @property
    def columns(self) -> tuple[str, ...]:
        """All its columns, in order."""
        metrics = tuple(column for metric in self.metrics for column in metric.columns)
        return self.keys + metrics + tuple(ratio.name for ratio in self.ratios)

    @property
    def fingerprint(self) -> str:
        """Changes with whatever changes what is kept of the view."""
        kept = (self.dataset, self.dimensions, self.window, self.time, describe(self.where), self.metrics)
        return sha256(repr(kept).encode()).hexdigest()

    def time_column(self, dataset: Dataset) -> str:
        """The column that windows are of.

        Raises:
            UsageError: If the view has a window and the dataset no event time.
        """
        name = self.time or dataset.event_time
        if name is None:
            raise UsageError(
                f"The view {self.name} has a window, but {dataset.name} has no event time.", "Give the view time=."
            )
        return name

    def parts(self, dataset: Dataset) -> tuple[Part, ...]:
        """What is kept of each group; what two metrics share is there once."""
        found = {part.name: part for metric in self.metrics for part in metric.parts(dataset)}
        return tuple(found.values())

    def key_types(self, dataset: Dataset) -> dict[str, pl.DataType]:
        """The Polars types of `keys`."""
        types: dict[str, pl.DataType] = {WINDOW_COLUMN: pl.Datetime("us", "UTC")} if self.window else {}
        for dimension in self.dimensions:
            if isinstance(dimension, Piece):
                types[dimension.name] = pl.String()
            else:
                column = dataset.column(dimension)
                types[dimension] = pl.String() if column.is_sealed else POLARS_TYPES[column.type]
        return types

    def lake_columns(self, dataset: Dataset) -> dict[str, pl.DataType]:
        """The lake columns that the view reads, with their types."""
        names = set()
        for name in self._named(dataset):
            column = dataset.column(name)
            names |= {name, shown_column(column), counted_column(column)}
        return {name: dtype for name, dtype in lake_schema(dataset).items() if name in names}

    def check(self, dataset: Dataset) -> None:
        """Refuses a view that cannot be had of that dataset.

        Raises:
            UsageError: Naming the column that is missing or of another type, and what would do.
        """
        for name in self._named(dataset):
            if name not in dataset:
                raise UsageError(
                    f"The view {self.name} names {name}, which {dataset.name} does not have.",
                    _choices([column.name for column in dataset.columns]),
                )
        if self.window and dataset.column(self.time_column(dataset)).type not in (
            ColumnType.TIMESTAMP,
            ColumnType.DATE,
        ):
            raise UsageError(f"{self.name} has windows of {self.time_column(dataset)}, which is no time.", "Change it.")
        for dimension in self.dimensions:
            self._check_dimension(dimension, dataset)
        for condition in (*self.where, *(c for metric in self.metrics for c in metric.where)):
            if dataset.column(condition.column).is_sealed and "null" not in condition.operator:
                raise UsageError(
                    f"The view {self.name} compares {condition.column}, which is personal.", "Ask is null, or nothing."
                )
        for metric in self.metrics:
            metric.check(dataset)

    def _named(self, dataset: Dataset) -> list[str]:
        names = [d if isinstance(d, str) else d.column for d in self.dimensions]
        names += [self.time_column(dataset)] if self.window else []
        names += [condition.column for condition in self.where]
        for metric in self.metrics:
            names += metric.reads(dataset)
            names += [condition.column for condition in metric.where]
        return names

    def _check_dimension(self, dimension: str | Piece, dataset: Dataset) -> None:
        piece = isinstance(dimension, Piece)
        column = dataset.column(dimension.column if isinstance(dimension, Piece) else dimension)
        fits = _TEXT_TYPES if piece else _DIMENSION_TYPES
        if column.type not in fits and not column.is_sealed:
            raise UsageError(
                f"The view {self.name} is grouped by {column.name}, which is {column.type}.",
                f"Take a column that is {' or '.join(fits)}.",
            )


def _choices(names: list[str]) -> str:
    return f"It has {', '.join(names)}."
