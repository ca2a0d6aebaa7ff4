"""The few operations on rows that a metric may use, and what every engine must make of them.

A metric is written once, against these; each engine gives them its own expressions. Every operation is exact
or correctly rounded by IEEE 754 on all of them, so that equal rows give equal bits.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from math import frexp
from typing import Any, Generic, TypeVar

from core.dataset import Column, ColumnType, Dataset
from processing.conditions import Condition, Where
from processing.parquet_files import Facts

E = TypeVar("E")

LIMIT = 2.0**80
"""A double at or beyond this magnitude (1.2e24), an infinity and a NaN are no measurement: they count as null."""
SUM_EXPONENTS = (20, -40, -100)
"""A sum of doubles is kept as whole numbers of these powers of two: exact above 2**-47, to 8e-31 below."""
SQUARE_EXPONENTS = (100, 40, -20, -80)
"""The same for a sum of squares, which reach 2**160."""
QUANTILE_BITS = 11
"""Quantiles are of values rounded to so many significant bits: at most 0.05 % off, whole numbers to 2048 exact."""

_UNIT = -40
_INTEGER_BOUND = 2.0**63
MANTISSA_BITS = 53
"""Whole numbers of so many bits are doubles."""
_HALF_BITS = 26


@dataclass(frozen=True, slots=True)
class Term(Generic[E]):
    """Doubles that are added up.

    Attributes:
        x: The double as a multiple of two to the power of `unit`.
        unit: The exponent of that.
        bound: What no magnitude of the double exceeds.
        grain: The exponent of a power of two of which every one of them is a multiple, if one is known.
    """

    x: E
    unit: int
    bound: float
    grain: int | None = None


class Algebra(ABC, Generic[E]):
    """Row expressions of one engine over the rows of one dataset."""

    def __init__(self, dataset: Dataset, facts: Facts | None = None) -> None:
        """Over the rows of `dataset`, of which that much is known."""
        self.dataset = dataset
        self._facts = facts or Facts()
        self._unit = _UNIT
        self._known: dict[Any, Any] = {}

    @abstractmethod
    def column(self, name: str) -> E:
        """The lake column of that name."""

    @abstractmethod
    def let(self, expression: E) -> E:
        """Computes `expression` once for each row; what is returned may be used often."""

    @abstractmethod
    def when(self, condition: E, value: E | float) -> E:
        """`value` where `condition` holds, else null."""

    @abstractmethod
    def either(self, condition: E, value: E | float, otherwise: E) -> E:
        """`value` where `condition` holds, else `otherwise`."""

    @abstractmethod
    def cut(self, expression: E) -> tuple[E, E]:
        """A double without its fraction, as 64-bit integer and as double; magnitudes stay below 2**63."""

    @abstractmethod
    def double(self, expression: E) -> E:
        """An integer as the nearest double."""

    @abstractmethod
    def money_units(self, expression: E) -> E:
        """Money in ten-thousandths, as 64-bit integer."""

    @abstractmethod
    def below(self, expression: E, limit: float) -> E:
        """Whether the magnitude of a double is less than `limit`; false for NaN, null for null."""

    @abstractmethod
    def without_nan(self, expression: E) -> E:
        """A double that is no infinity; null for NaN."""

    @abstractmethod
    def one(self) -> E:
        """1 for every row."""

    @abstractmethod
    def present(self, expression: E) -> E:
        """Whether there is a value."""

    @abstractmethod
    def text(self, expression: E, column: Column) -> E:
        """A keyword, integer, boolean or date as text; "" is no value, here or where it is sketched or counted."""

    @abstractmethod
    def micros(self, expression: E, column: Column) -> E:
        """A timestamp, or the midnight that begins a date, in microseconds since 1970, UTC."""

    @abstractmethod
    def pair(self, at: E, value: E) -> E:
        """A structure of ``at`` and ``value``."""

    @abstractmethod
    def holds(self, condition: Condition, kind: ColumnType) -> E:
        """Whether a condition holds; never null."""

    @abstractmethod
    def every(self, conditions: list[E]) -> E:
        """Whether all hold."""

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """What `make` gave when this key was first asked for."""
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]

    def value(self, name: str, where: Where) -> E:
        """A column as it is, null where the conditions do not hold."""
        column = self.dataset.column(name)
        expression = self.column(name)
        if column.type is ColumnType.NUMBER:
            expression = self._measurement(name)
        if not where:
            return expression
        return self.when(self.passes(where), expression)

    def passes(self, where: Where) -> E:
        """Whether all conditions hold, computed once."""
        made: E = self.once(
            where,
            lambda: self.let(self.every([self.holds(c, self.dataset.column(c.column).type) for c in where])),
        )
        return made

    def tally(self, where: Where) -> E:
        """1 for a row on which the conditions hold, else null."""
        return self.when(self.passes(where), 1) if where else self.one()

    def sum_fits(self, name: str) -> bool:
        """Whether the sum of a column of whole numbers is surely one of 64 bits, whichever of its rows are added."""
        return self._bound(name) * self._facts.rows < _INTEGER_BOUND

    def label(self, kept: str, name: str, where: Where) -> E:
        """What a distinct count of the column `name` counts: the lake column `kept` as text."""
        text = self.text(self.column(kept), self.dataset.column(name))
        return self.when(self.passes(where), text) if where else text

    def number(self, name: str, where: Where) -> E:
        """A numeric column as double, computed once: money in ten-thousandths, for a division is not equal everywhere.

        (Polars 2.1 multiplies by the reciprocal of a constant, one unit off in the last place for a third of all.)
        """

        def make() -> E:
            kind = self.dataset.column(name).type
            expression: Any = self.value(name, where)
            if kind is ColumnType.INTEGER:
                expression = self.double(expression)
            elif kind is ColumnType.MONEY:
                expression = self.double(self.money_units(expression))
            return self.let(expression)

        made: E = self.once(("number", name, where), make)
        return made

    def sum_pieces(self, name: str, where: Where) -> tuple[E | None, ...]:
        """A double as whole numbers of the powers of two in `SUM_EXPONENTS`; None is nothing, in every row."""

        def make() -> tuple[E | None, ...]:
            term = Term(self._units(name, where), self._unit, self._bound(name), self._grain(name))
            return self._pieces([term], SUM_EXPONENTS)

        made: tuple[E | None, ...] = self.once(("sum", name, where), make)
        return made

    def product_pieces(self, name: str, other: str, where: Where) -> tuple[E | None, ...]:
        """The exact product of two columns as whole numbers of the powers of two in `SQUARE_EXPONENTS`.

        The product is rounded, and the rounding error found exactly by Dekker's product; both are counted.
        """

        def make() -> tuple[E | None, ...]:
            bound = self._bound(name) * self._bound(other)
            x: Any = self._units(name, where)
            y: Any = self._units(other, where)
            x_high, x_low = self._halves(name, where)
            y_high, y_low = self._halves(other, where)
            product: Any = self.let(x * y)
            crossed = (x_high + x_high) * x_low if name == other else x_high * y_low + x_low * y_high
            error = self.let(((x_high * y_high - product) + crossed) + x_low * y_low)
            terms = [
                Term(product, 2 * self._unit, bound),
                Term(error, 2 * self._unit, bound * 2.0**-MANTISSA_BITS),
            ]
            return self._pieces(terms, SQUARE_EXPONENTS)

        made: tuple[E | None, ...] = self.once(("product", name, other, where), make)
        return made

    def dated(self, name: str, time: str, where: Where) -> E:
        """A column with the moment of its row in microseconds; null where either is missing."""
        value: Any = self.value(name, where)
        at: Any = self.micros(self.column(time), self.dataset.column(time))
        return self.when(self.every([self.present(value), self.present(at)]), self.pair(at, value))

    def _units(self, name: str, where: Where) -> E:
        """A double as a multiple of two to the power of `_unit`: what is cut there is scaled no further."""

        def make() -> E:
            x: Any = self.number(name, where)
            return self.let(x * 2.0**-self._unit) if self._unit else x

        made: E = self.once(("units", name, where), make)
        return made

    def _halves(self, name: str, where: Where) -> tuple[Any, Any]:
        """Units as the sum of two doubles of 26 bits, whose products are exact."""

        def make() -> tuple[Any, Any]:
            x: Any = self._units(name, where)
            high: Any = self.let(self._rounded(x, _HALF_BITS))
            return high, self.let(x - high)

        made: tuple[Any, Any] = self.once(("halves", name, where), make)
        return made

    def bucket(self, name: str, where: Where) -> E:
        """A double rounded to `QUANTILE_BITS` significant bits."""
        return self._rounded(self.number(name, where), QUANTILE_BITS)

    def _measurement(self, name: str) -> E:
        def make() -> E:
            raw: Any = self.column(name)
            # What holds anyway is not asked for: each look at a value costs a tenth of what summing it does.
            # Polars takes x + 0.0 for x, so the sign of zero is dropped by comparing.
            signed = self.either(raw == 0.0, 0.0, raw) if self._facts.range_of(name).has_zero else raw
            if self._bound(name) < LIMIT:
                return self.let(signed if name in self._facts.without_nan else self.without_nan(signed))
            return self.let(self.when(self.below(raw, LIMIT), signed))

        made: E = self.once(("measurement", name), make)
        return made

    def _rounded(self, x: Any, bits: int) -> E:
        """Veltkamp's split: x to the nearest double of so many significant bits, by exact steps only."""
        spread: Any = self.let(x * (2.0 ** (MANTISSA_BITS - bits) + 1.0))
        rounded: E = spread - (spread - x)
        return rounded

    def _bound(self, name: str) -> float:
        """What no magnitude of a column, as `number` has it, exceeds."""
        limits = {ColumnType.NUMBER: LIMIT, ColumnType.INTEGER: _INTEGER_BOUND}
        kind = self.dataset.column(name).type
        return min(self._facts.range_of(name).magnitude, limits[kind]) if kind in limits else _INTEGER_BOUND

    def _grain(self, name: str) -> int | None:
        """The exponent of a power of two of which every value of a column, as `number` has it, is a multiple."""
        if self.dataset.column(name).type is not ColumnType.NUMBER:
            return 0
        least = self._facts.range_of(name).least_magnitude
        return frexp(least)[1] - MANTISSA_BITS if least else None

    def _pieces(self, terms: Sequence[Term[E]], exponents: tuple[int, ...]) -> tuple[E | None, ...]:
        """What is added up for the sum of doubles, each cut towards zero at the last exponent.

        Whole numbers of powers of two, an exponent each; None is nothing, in every row.
        """
        pieces = [self._cut_at(term, exponents) for term in terms]
        return tuple(reduce(_added, several) for several in zip(*pieces, strict=True))

    def _cut_at(self, term: Term[E], exponents: tuple[int, ...]) -> list[E | None]:
        pieces: list[E | None] = []
        rest: Any = term.x
        unit = term.unit
        for exponent in exponents:
            if term.bound < 2.0**exponent:
                pieces.append(None)
                continue
            if exponent != unit:
                rest, unit = self.let(rest * 2.0 ** (unit - exponent)), exponent
            piece, whole = self.cut(rest)
            pieces.append(piece)
            rest = rest - whole
        return pieces


def _added(one: Any, other: Any) -> Any:
    if one is None or other is None:
        return other if one is None else one
    return one + other
