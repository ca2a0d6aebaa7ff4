"""The metrics of which values there are: how many different ones, quantiles, histograms, the most frequent."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar, Literal

import polars as pl

from core.dataset import ColumnType, Dataset
from core.errors import UsageError
from processing import answers
from processing.algebra import Algebra
from processing.conditions import Condition
from processing.metric import COUNTABLE, Metric
from processing.parts import HISTOGRAM, TALLIES, Merge, Part, Parts, counted_column, shown_column


@dataclass(frozen=True, kw_only=True)
class Distinct(Metric):
    """About how many different values; of a personal column its fingerprints are counted, which are as many.

    Attributes:
        sketch: ``hll``: HyperLogLog of 4,096 registers, 1.6 % standard error, near exact to 200. ``theta``: exact to
            4,096 values, then 1.6 %; larger, but what is in two of them can be compared.
    """

    sketch: Literal["hll", "theta"] = "hll"

    takes: ClassVar[tuple[ColumnType, ...]] = COUNTABLE
    takes_personal: ClassVar[bool] = True

    def check(self, dataset: Dataset) -> None:
        super().check(dataset)
        if self.sketch not in ("hll", "theta"):
            raise UsageError(f"The metric {self.name} has the sketch {self.sketch!r}.", "Choose hll or theta.")

    def parts(self, dataset: Dataset) -> tuple[Part, ...]:
        def lift(rows: Algebra[Any]) -> Any:
            return rows.label(counted_column(dataset.column(self.column)), self.column, self.where)

        if self.sketch == "theta":
            return (self._parts.part("theta", Merge.THETA, pl.Binary(), lift),)
        return (self._parts.part("distinct", Merge.SKETCH, pl.Binary(), lift),)

    def answer(self, state: pl.DataFrame, dataset: Dataset) -> list[pl.Series]:
        sketches = state[self.parts(dataset)[0].name]
        return [(answers.distinct_theta if self.sketch == "theta" else answers.distinct)(sketches).alias(self.name)]


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

        kind = self._kind(dataset)
        histogram = self._parts.part("histogram", Merge.HISTOGRAM, HISTOGRAM, lift)
        return (histogram, self._parts.extreme(kind, Merge.LEAST), self._parts.extreme(kind, Merge.GREATEST))

    def answer(self, state: pl.DataFrame, dataset: Dataset) -> list[pl.Series]:
        histogram, least, greatest = (state[part.name] for part in self.parts(dataset))
        # A rounded value may lie outside of what was there; the extremes are kept exactly.
        bounds = least.cast(pl.Float64), greatest.cast(pl.Float64)
        found = [series.clip(*bounds) for series in answers.quantiles(histogram, self.at, self._kind(dataset))]
        return [series.alias(name) for series, name in zip(found, self.columns, strict=True)]


@dataclass(frozen=True, kw_only=True)
class Histogram(Metric):
    """How many values lie between each edge and the next: ``age_below_18``, ``age_18_to_65``, ``age_from_65``.

    Attributes:
        edges: Ascending; a value that equals one lies above it.
    """

    edges: tuple[float, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        shown = [f"{edge:g}".replace(".", "_").replace("-", "minus_") for edge in self.edges]
        between = [f"{low}_to_{high}" for low, high in pairwise(shown)]
        return tuple(f"{self.name}_{each}" for each in (f"below_{shown[0]}", *between, f"from_{shown[-1]}"))

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.edges or list(self.edges) != sorted(set(self.edges)):
            raise UsageError(f"The histogram {self.name} has the edges {self.edges}.", "Give one or more, ascending.")

    def parts(self, dataset: Dataset) -> tuple[Part, ...]:  # noqa: ARG002
        low = [(), *((Condition(self.column, ">=", edge),) for edge in self.edges)]
        high = [*((Condition(self.column, "<", edge),) for edge in self.edges), ()]
        return tuple(
            Parts(self.column, self.where + above + below).count() for above, below in zip(low, high, strict=True)
        )

    def answer(self, state: pl.DataFrame, dataset: Dataset) -> list[pl.Series]:
        parts = zip(self.parts(dataset), self.columns, strict=True)
        return [state[part.name].alias(name) for part, name in parts]


@dataclass(frozen=True, kw_only=True)
class Top(Metric):
    """The most frequent values and how often each is there, exactly: ``path_1``, ``path_1_count``, ``path_2`` …

    All values are kept with their counts, so the column should have thousands of them rather than millions; of a
    personal column the masks are counted. Of values that are there as often, the lesser by code point comes first.

    Attributes:
        k: How many.
    """

    k: int = 3

    takes: ClassVar[tuple[ColumnType, ...]] = COUNTABLE
    takes_personal: ClassVar[bool] = True

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(f"{self.name}_{rank}{part}" for rank in range(1, self.k + 1) for part in ("", "_count"))

    def parts(self, dataset: Dataset) -> tuple[Part, ...]:
        def lift(rows: Algebra[Any]) -> Any:
            return rows.label(shown_column(dataset.column(self.column)), self.column, self.where)

        return (self._parts.part("tallies", Merge.HISTOGRAM, TALLIES, lift),)

    def answer(self, state: pl.DataFrame, dataset: Dataset) -> list[pl.Series]:
        series = answers.top(state[self.parts(dataset)[0].name], self.k)
        return [each.alias(name) for each, name in zip(series, self.columns, strict=True)]
