"""From what is kept of a metric to what people read, the same code for every engine.

Sums are carried in whole numbers and divided once, by Python's correctly rounded division, so no answer
depends on the order, the number or the kind of the steps before.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil

import polars as pl
from datasketches import HLL_8, hll_sketch, hll_union

from core.dataset import ColumnType
from core.frames import MONEY_SCALE
from processing.algebra import SQUARE_EXPONENTS, SUM_EXPONENTS

SKETCH_LOG2_REGISTERS = 12

_INT64 = 2**63
_MONEY_UNITS = 10**MONEY_SCALE


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
    first = _gathered(sums, SUM_EXPONENTS)
    second = _gathered(squares, SQUARE_EXPONENTS)
    # Both to the finer unit 2**-200, that of a squared sum.
    lift = 2 ** (SQUARE_EXPONENTS[-1] - 2 * SUM_EXPONENTS[-1])
    unit = 2 ** (-2 * SUM_EXPONENTS[-1]) * (_MONEY_UNITS**2 if kind is ColumnType.MONEY else 1)
    rows = zip(first, second, count.to_list(), strict=True)
    spread = [max(n * q * lift - s * s, 0) / (n * (n - 1) * unit) if n > 1 else None for s, q, n in rows]
    return pl.Series(spread, dtype=pl.Float64)


def distinct(sketches: pl.Series) -> pl.Series:
    """The estimates of serialized sketches, rounded to whole numbers; 0 for null."""
    return pl.Series([0 if each is None else _estimate(each) for each in sketches], dtype=pl.Int64)


def quantiles(histograms: pl.Series, at: Sequence[float], kind: ColumnType) -> list[pl.Series]:
    """The nearest-rank quantiles of histograms sorted by value; null for null. Money was counted in ten-thousandths."""
    units = _MONEY_UNITS if kind is ColumnType.MONEY else 1
    columns: list[list[float | None]] = [[] for _ in at]
    for histogram in histograms.to_list():
        for column, rank in zip(columns, at, strict=True):
            column.append(_quantile(histogram, rank) / units if histogram else None)
    return [pl.Series(column, dtype=pl.Float64) for column in columns]


def new_sketch() -> hll_sketch:
    """An empty sketch of the kind that all engines use: 8-bit HyperLogLog."""
    return hll_sketch(SKETCH_LOG2_REGISTERS, HLL_8)


def union(sketches: Sequence[bytes]) -> bytes:
    """One serialized sketch of all that the given ones have seen."""
    merged = hll_union(SKETCH_LOG2_REGISTERS)
    for each in sketches:
        merged.update(hll_sketch.deserialize(each))
    return bytes(merged.get_result(HLL_8).serialize_compact())


def _estimate(sketch: bytes) -> int:
    # A sketch that saw its values one by one estimates from their order (HIP). A union of two cannot: uniting the
    # sketch with itself leaves the estimate that depends on the registers only, equal on every engine.
    opened = hll_sketch.deserialize(sketch)
    merged = hll_union(SKETCH_LOG2_REGISTERS)
    merged.update(opened)
    merged.update(opened)
    return round(float(merged.get_estimate()))


def _quantile(histogram: list[dict[str, float]], rank: float) -> float:
    # As a fraction of what was written: 0.07 * 100 is more than 7 in doubles.
    wanted = ceil(Fraction(str(rank)) * int(sum(bucket["count"] for bucket in histogram)))
    for bucket in histogram:
        wanted -= int(bucket["count"])
        if wanted <= 0:
            return bucket["value"]
    return histogram[-1]["value"]


def _gathered(pieces: pl.DataFrame, exponents: tuple[int, ...]) -> list[int]:
    """The whole numbers of several powers of two as one of the smallest."""
    columns = [_integers(series) for series in pieces]
    shifts = [exponent - exponents[-1] for exponent in exponents]
    return [sum(v << s for v, s in zip(row, shifts, strict=True)) for row in zip(*columns, strict=True)]


def _integers(series: pl.Series) -> list[int]:
    """A decimal column as its unscaled whole numbers."""
    return series.to_physical().cast(pl.Int128).to_list()
