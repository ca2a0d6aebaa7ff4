"""From what is kept of a metric to what people read, the same code for every engine.

Sums are carried in whole numbers and divided once, by Python's correctly rounded division, so no answer
depends on the order, the number or the kind of the steps before.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt, prod
from typing import Any

import numpy as np
import polars as pl
from datasketches import HLL_8, compact_theta_sketch, hll_sketch, hll_union, theta_union, update_theta_sketch

from core.dataset import ColumnType
from core.frames import MONEY_SCALE
from processing.algebra import SQUARE_EXPONENTS, SUM_EXPONENTS
from processing.sketch_bytes import LOG2_REGISTERS, as_merged

THETA_LOG2_ENTRIES = 12

_INT64 = 2**63
_MONEY_UNITS = 10**MONEY_SCALE
_SPREAD_UNIT = 2.0 ** (2 * SUM_EXPONENTS[-1])
_PRODUCT_LIFT = SQUARE_EXPONENTS[-1] - 2 * SUM_EXPONENTS[-1]  # bits to the finer unit, that of two sums' product


def total(sums: pl.DataFrame, kind: ColumnType) -> pl.Series:
    """The sum: money as decimal(38, 4), whole numbers as 64 bits (null beyond), doubles as double."""
    if kind is ColumnType.MONEY:
        return sums.to_series()
    if kind is ColumnType.INTEGER:
        wholes = [value if -_INT64 <= value < _INT64 else None for value in _integers(sums.to_series())]
        return pl.Series(wholes, dtype=pl.Int64)
    scale = 2 ** -SUM_EXPONENTS[-1]
    return pl.Series([value / scale for value in _gathered(sums, SUM_EXPONENTS)], dtype=pl.Float64)


def mean(sums: pl.DataFrame, count: pl.Series, kind: ColumnType) -> pl.Series:
    """The mean as double."""
    if kind is ColumnType.NUMBER:
        values, scale = _gathered(sums, SUM_EXPONENTS), 2 ** -SUM_EXPONENTS[-1]
    else:
        scale = _MONEY_UNITS if kind is ColumnType.MONEY else 1
        values = _integers(sums.to_series())
    pairs = zip(values, count.to_list(), strict=True)
    return pl.Series([value / (scale * n) if n else None for value, n in pairs], dtype=pl.Float64)


def variance(sums: pl.DataFrame, squares: pl.DataFrame, count: pl.Series, kind: ColumnType) -> pl.Series:
    """The sample variance as double; money was summed in ten-thousandths."""
    joint = Joint(sums=sums, other_sums=sums, products=squares, count=count, kinds=(kind, kind))
    return joint.covariance()


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """How two columns vary together, out of sums in the pieces of `SUM_EXPONENTS` and `SQUARE_EXPONENTS`.

    Attributes:
        sums: Of the one column, a row a group; money was summed in ten-thousandths.
        other_sums: Of the other.
        products: Of their products.
        count: How many rows there were.
        kinds: The types of both columns.
    """

    sums: pl.DataFrame
    other_sums: pl.DataFrame
    products: pl.DataFrame
    count: pl.Series
    kinds: tuple[ColumnType, ColumnType]

    def covariance(self) -> pl.Series:
        """The sample covariance as double; null of fewer than two rows."""
        money = prod(_MONEY_UNITS for kind in self.kinds if kind is ColumnType.MONEY)
        numerators = self._spread(self.sums, self.other_sums, self.products)
        rows = zip(numerators, self.count.to_list(), strict=True)
        found = [top / (n * (n - 1) * money) if n > 1 else None for top, n in rows]
        return pl.Series(found, dtype=pl.Float64) * _SPREAD_UNIT  # which is exact

    def correlation(self, squares: pl.DataFrame, other_squares: pl.DataFrame) -> pl.Series:
        """Pearson's correlation as double; null where a column does not vary."""
        together = self._spread(self.sums, self.other_sums, self.products)
        mine = self._spread(self.sums, self.sums, squares)
        others = self._spread(self.other_sums, self.other_sums, other_squares)
        rows = zip(together, mine, others, strict=True)
        found = [top / isqrt(a * b) if a > 0 and b > 0 else None for top, a, b in rows]
        return pl.Series([None if r is None else min(max(r, -1.0), 1.0) for r in found], dtype=pl.Float64)

    def _spread(self, sums: pl.DataFrame, other_sums: pl.DataFrame, products: pl.DataFrame) -> list[int]:
        """n Σxy - Σx Σy of each group, in units of `_SPREAD_UNIT`; of one column with itself never below zero."""
        first = _gathered(sums, SUM_EXPONENTS)
        second = first if sums is other_sums else _gathered(other_sums, SUM_EXPONENTS)
        both = _gathered(products, SQUARE_EXPONENTS)
        rows = zip(first, second, both, self.count.to_list(), strict=True)
        spread = [(n * xy << _PRODUCT_LIFT) - x * y for x, y, xy, n in rows]
        return [each if each > 0 else 0 for each in spread] if sums is other_sums else spread


def distinct(sketches: pl.Series) -> pl.Series:
    """The estimates of serialized sketches, rounded to whole numbers; 0 for null."""
    return pl.Series([0 if each is None else _estimate(each) for each in sketches], dtype=pl.Int64)


def distinct_theta(sketches: pl.Series) -> pl.Series:
    """The estimates of serialized theta sketches, rounded to whole numbers; 0 for null."""
    opened = [None if each is None else compact_theta_sketch.deserialize(each) for each in sketches]
    return pl.Series([0 if each is None else round(each.get_estimate()) for each in opened], dtype=pl.Int64)


def top(tallies: pl.Series, k: int) -> list[pl.Series]:
    """Values and counts by rank, most frequent first: 2 `k` columns, null beyond what there is."""
    ranked = [_ranked(each or [])[:k] for each in tallies.to_list()]
    columns: list[pl.Series] = []
    for rank in range(k):
        found = [each[rank] if rank < len(each) else {"value": None, "count": None} for each in ranked]
        columns.append(pl.Series([one["value"] for one in found], dtype=pl.String))
        columns.append(pl.Series([one["count"] for one in found], dtype=pl.Int64))
    return columns


def quantiles(histograms: pl.Series, at: Sequence[float], kind: ColumnType) -> list[pl.Series]:
    """The nearest-rank quantiles of histograms sorted by value; null for null. Money was counted in ten-thousandths."""
    units = _MONEY_UNITS if kind is ColumnType.MONEY else 1
    lengths = histograms.list.len().fill_null(0).to_numpy().astype(np.int64)
    there = np.flatnonzero(lengths)
    buckets = histograms.drop_nulls().explode(empty_as_null=False).struct.unnest()
    reached = np.cumsum(buckets["count"].to_numpy())
    upto = reached[np.cumsum(lengths[there]) - 1]
    before = np.concatenate(([0], upto[:-1]))[: there.size]
    columns: list[pl.Series] = []
    for rank in at:
        exact = Fraction(str(rank))  # as a fraction of what was written: 0.07 * 100 is more than 7 in doubles
        top, bottom = exact.as_integer_ratio()
        wanted = [-(-total * top // bottom) for total in (upto - before).tolist()]  # rounded up
        values = buckets["value"].to_numpy()[np.searchsorted(reached, before + wanted)]
        column = np.full(len(histograms), np.nan)
        column[there] = values / units
        columns.append(pl.Series(column).fill_nan(None))
    return columns


def theta_sketch(values: Iterable[str]) -> bytes:
    """The serialized theta sketch of these values."""
    sketch = update_theta_sketch(THETA_LOG2_ENTRIES)
    deque(map(sketch.update, values), maxlen=0)
    return theta_united([sketch.compact().serialize()])


def theta_united(sketches: Iterable[bytes]) -> bytes:
    """One serialized theta sketch of all that the given ones have seen.

    A union keeps the smallest hashes only, so what comes out depends on what was seen, not on its order.
    """
    merged = theta_union(THETA_LOG2_ENTRIES)
    for each in sketches:
        merged.update(compact_theta_sketch.deserialize(each))
    return bytes(merged.get_result().serialize())


def union(sketches: Sequence[bytes]) -> bytes:
    """One serialized sketch of all that the given ones have seen."""
    merged = hll_union(LOG2_REGISTERS)
    for each in sketches:
        merged.update(hll_sketch.deserialize(each))
    return bytes(merged.get_result(HLL_8).serialize_compact())


def _estimate(sketch: bytes) -> int:
    # A sketch that saw its values one by one estimates from their order (HIP). One that was merged cannot, which leaves
    # the estimate that depends on the registers only, equal on every engine.
    return round(float(hll_sketch.deserialize(as_merged(sketch)).get_estimate()))


def _ranked(tallies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(tallies, key=lambda each: (-each["count"], each["value"]))


def _gathered(pieces: pl.DataFrame, exponents: tuple[int, ...]) -> list[int]:
    """The whole numbers of several powers of two as one of the smallest."""
    gathered: list[int] = []
    reached = exponents[-1]
    for series, exponent in zip(pieces, exponents, strict=True):
        if not (series != 0).any():  # most sums reach the last two only
            continue
        column = _integers(series)
        if gathered:
            shift = reached - exponent
            column = [(high << shift) + low for high, low in zip(gathered, column, strict=True)]
        gathered, reached = column, exponent
    if shift := reached - exponents[-1]:
        return [each << shift for each in gathered]
    return gathered or [0] * pieces.height


def _integers(series: pl.Series) -> list[int]:
    """A decimal column as its unscaled whole numbers."""
    return series.to_physical().to_list()
