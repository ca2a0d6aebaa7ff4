"""Parts that are made of all values of a group, by one sort: histograms of numbers and sketches of texts.

A row is one 64-bit number: its group, and below that its value. To sort ten million of them takes a fifth of a second;
to gather the values of each group in a list takes six times as long, and a sketch that is told one by one thirty times.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from processing.algebra import QUANTILE_BITS
from processing.coupons import coupons
from processing.group_codes import WORD_BITS, Coded, Groups, Words
from processing.parts import HISTOGRAM, Merge, Part
from processing.sketch_bytes import by_register, sketches
from processing.text_columns import TextColumns

T = TypeVar("T")
R = TypeVar("R")

_NONE = TextColumns()
_ZERO_BITS = 53 - QUANTILE_BITS
_BUCKET_BITS = WORD_BITS - _ZERO_BITS
_VALUE_BITS = 32
_SIGN = np.uint64(1 << 63)
_EDGES: dict[Merge, Callable[[str], pl.Expr]] = {Merge.LEAST: pl.min, Merge.GREATEST: pl.max}
_GROUP = "_group"
_ROWS_IN_CACHE = 1 << 16
_ROWS_AT_ONCE = 200_000  # new memory for arrays of all rows would take longer than what is done with them


def is_sorted(part: Part) -> bool:
    """Whether a part is made here."""
    return part.merge is Merge.SKETCH or part.dtype == HISTOGRAM


def are_sorted(parts: Sequence[Part]) -> bool:
    """Whether these parts can all be made here, in one pass."""
    return any(map(is_sorted, parts)) and all(is_sorted(part) or part.merge in _EDGES for part in parts)


def sorted_parts(
    rows: pl.LazyFrame,
    steps: Mapping[str, int],
    parts: Sequence[Part],
    *,
    is_large: bool,
    texts: TextColumns = _NONE,
) -> pl.DataFrame:
    """A row a group: its keys and those parts.

    Args:
        rows: The keys, and what each row adds to each part.
        steps: The columns that make a group; of each, a number that divides all its numbers.
        parts: One at least that is made here; extremes may be among them.
        is_large: Whether the rows are read as a stream.
        texts: Columns of them that are read in another way.
    """
    coded = Coded.of(rows, texts, is_large=is_large)
    groups = Groups.of(coded, steps, WORD_BITS - _VALUE_BITS)
    made = _edges(groups, [part for part in parts if part.merge in _EDGES])
    for part in filter(is_sorted, parts):
        values = _coupons(coded, part.name) if part.merge is Merge.SKETCH else _buckets(coded.rows[part.name])
        pieces = _pieces(groups, part.name, values)
        made.append(pl.concat([column for _, column in pieces]).alias(part.name))
    return groups.keys_of(np.concatenate([numbers for numbers, _ in pieces])).with_columns(made)


@dataclass(frozen=True, slots=True)
class _Values:
    """The value of each row as a whole number, of which equal ones are counted.

    Attributes:
        numbers: The numbers of some values; 0 is no value.
        bits: How many bits none exceeds.
        made: The part of each group out of its runs.
    """

    numbers: Callable[[pl.Series], Words]
    bits: int
    made: Callable[["_Runs"], pl.Series]


@dataclass(frozen=True, slots=True)
class _Runs:
    """Rows of equal group and value, as one each; those without a value are left out, but not their groups.

    Attributes:
        groups: The number of each group, ascending.
        ends: Where each group's values end.
        values: The values, ascending in each group.
        counts: How many rows each stands for.
    """

    groups: Words
    ends: NDArray[np.int64]
    values: Words
    counts: NDArray[np.int64]


def _pieces(groups: Groups, name: str, values: _Values) -> list[tuple[Words, pl.Series]]:
    """The numbers of all groups with their part, some groups at a time; one piece where there is no group."""

    def made(rows: Words) -> tuple[Words, pl.Series]:
        runs = _found(rows, values.bits)
        return runs.groups, values.made(runs)

    rows = _words(groups, name, values)
    bits = np.uint64(values.bits)
    cuts = [0]
    while cuts[-1] < rows.size - _ROWS_AT_ONCE:
        group = rows[cuts[-1] + _ROWS_AT_ONCE] >> bits
        cuts.append(int(np.searchsorted(rows, (group + np.uint64(1)) << bits)))
    return _by_threads(made, [rows[start:end] for start, end in pairwise([*cuts, rows.size])])


def _words(groups: Groups, name: str, values: _Values) -> Words:
    """Each row as one number, ascending."""
    import pyarrow as pa

    rows = groups.coded.rows
    words = np.empty(rows.height, dtype=np.uint64)

    def fill(start: int) -> None:
        some = rows.slice(start, _ROWS_IN_CACHE)
        word = some.select(groups.number * 2**values.bits).to_series().to_numpy()
        np.bitwise_or(word, values.numbers(some[name]), out=words[start : start + some.height])

    _by_threads(fill, range(0, rows.height, _ROWS_IN_CACHE))
    return pl.Series(pa.array(words)).sort().to_numpy()  # as it is: a copy takes half as long as sorting it


def _by_threads(do: Callable[[T], R], each: Sequence[T]) -> list[R]:
    if len(each) <= 1:
        return list(map(do, each))
    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        return list(pool.map(do, each))


def _found(rows: Words, bits: int) -> _Runs:
    last = _ends(rows)
    counts = np.diff(last, prepend=0)
    different = rows[last - 1]
    value, group = different & np.uint64(2**bits - 1), different >> np.uint64(bits)
    ends = _ends(group)
    is_value = value > 0
    upto = np.append(0, np.cumsum(is_value))
    return _Runs(group[ends - 1], upto[ends], value[is_value], counts[is_value])


def _edges(groups: Groups, parts: Sequence[Part]) -> list[pl.Series]:
    """The extremes of each group, in the order of the groups' numbers."""
    if not parts:
        return []
    edges = [_EDGES[part.merge](part.name) for part in parts]
    found = groups.coded.rows.lazy().group_by(groups.number.alias(_GROUP)).agg(edges).collect(engine="streaming")
    return found.sort(_GROUP).drop(_GROUP).get_columns()


def _ends(ordered: Words) -> NDArray[np.int64]:
    """Where each run of equal numbers ends."""
    if not ordered.size:
        return np.zeros(0, dtype=np.int64)
    return np.append(np.flatnonzero(ordered[1:] != ordered[:-1]) + 1, ordered.size)


def _coupons(coded: Coded, name: str) -> _Values:
    texts = coded.texts[name]
    kept = by_register(coupons(texts)) * (texts != "").to_numpy()
    table = np.append(kept, np.uint32(0)).astype(np.uint64)

    def numbers(codes: pl.Series) -> Words:
        found: Words = table[codes.fill_null(len(texts)).to_numpy()]
        return found

    def made(runs: _Runs) -> pl.Series:
        return pl.Series(sketches(runs.values.astype(np.uint32), runs.ends), dtype=pl.Binary)

    return _Values(numbers, _VALUE_BITS, made)


def _buckets(rounded: pl.Series) -> _Values:
    slices = [rounded.slice(start, _ROWS_IN_CACHE) for start in range(0, len(rounded), _ROWS_IN_CACHE)]
    if any(_by_threads(_is_long, slices)):
        different = rounded.drop_nulls().unique().sort().to_numpy()

        def places(some: pl.Series) -> Words:
            place = np.searchsorted(different, some.fill_null(0.0).to_numpy()).astype(np.uint64) + np.uint64(1)
            place *= some.is_not_null().to_numpy()
            return place

        return _Values(places, _VALUE_BITS, lambda runs: _listed(runs, different[runs.values.astype(np.int64) - 1]))

    def ordered(some: pl.Series) -> Words:
        # Ascending as numbers are: the sign is turned, and of negative ones all that follows.
        bits = _bits(some)
        found = bits ^ ((bits.view(np.int64) >> 63).view(np.uint64) | _SIGN)
        found >>= np.uint64(_ZERO_BITS)
        found *= some.is_not_null().to_numpy()  # 0 otherwise is a NaN
        return found

    return _Values(ordered, _BUCKET_BITS, lambda runs: _listed(runs, _numbers(runs.values)))


def _is_long(some: pl.Series) -> bool:
    """Whether a number has more bits than others: those less than 1e-307 do."""
    return bool(np.bitwise_or.reduce(_bits(some)) & np.uint64(2**_ZERO_BITS - 1))


def _bits(some: pl.Series) -> Words:
    return some.fill_null(0.0).to_numpy().view(np.uint64)


def _numbers(ordered: Words) -> NDArray[np.float64]:
    bits = ordered << np.uint64(_ZERO_BITS)
    turned = ~(bits.view(np.int64) >> 63).view(np.uint64)
    turned &= np.uint64(2**WORD_BITS - 2**_ZERO_BITS)
    turned |= _SIGN
    return (bits ^ turned).view(np.float64)


def _listed(runs: _Runs, values: NDArray[np.float64]) -> pl.Series:
    import pyarrow as pa

    buckets = pa.StructArray.from_arrays([pa.array(values), pa.array(runs.counts)], ["value", "count"])
    lists = pl.Series(pa.LargeListArray.from_arrays(np.append(0, runs.ends), buckets), dtype=HISTOGRAM)
    return lists.to_frame("made").select(pl.when(pl.col("made").list.len() > 0).then(pl.col("made")))["made"]
