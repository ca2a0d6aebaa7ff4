"""What is made of all values of a group by one sort is what is made of them one by one."""

from collections import Counter
from itertools import product

import numpy as np
import polars as pl
import pytest
from datasketches import HLL_8, hll_sketch, hll_union
from hypothesis import example, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from processing import answers
from processing.coupons import coupons
from processing.parts import HISTOGRAM, Merge, Part
from processing.sketch_bytes import by_register, sketches
from processing.sorted_values import sorted_parts

SIZES = (1, 7, 8, 24, 25, 384, 385, 1_000, 30_000)  # at the edges of lists, sets and registers


def coupon_of(text: str) -> int:
    sketch = hll_sketch(12, HLL_8)
    sketch.update(text)
    coupon = bytes(sketch.serialize_compact()[8:12])
    return int.from_bytes(coupon, "little")


def told_one_by_one(texts: list[str]) -> bytes:
    sketch = hll_sketch(12, HLL_8)
    for text in texts:
        sketch.update(text)
    return bytes(sketch.serialize_compact())


def sketch_of(texts: list[str]) -> bytes:
    [made] = sketches(*coupons_of(texts))
    assert made is not None
    return made


def coupons_of(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    different = np.unique(by_register(coupons(pl.Series(texts, dtype=pl.String))))
    return different, np.array([different.size])


def estimate_of_registers(sketch: bytes) -> int:
    opened, merged = hll_sketch.deserialize(sketch), hll_union(12)
    merged.update(opened)
    merged.update(opened)
    return round(float(merged.get_estimate()))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=70), max_size=20))
@example(["\0", "a\0b", "x" * 15, "x" * 16, "x" * 32, "é" * 8, "x" * 1_000])
def test_a_coupon_is_the_one_of_the_library(texts: list[str]) -> None:
    assert coupons(pl.Series(texts, dtype=pl.String)).tolist() == [coupon_of(text) for text in texts]


@pytest.mark.parametrize("size", SIZES)
def test_a_sketch_of_sorted_coupons_is_as_large_and_tells_as_many_as_one_told_one_by_one(size: int) -> None:
    texts = [f"value {i}" for i in range(size)]
    ours, theirs = sketch_of(texts), told_one_by_one(texts)
    assert len(ours) == len(theirs)
    assert answers.distinct(pl.Series([ours, theirs])).to_list() == [estimate_of_registers(theirs)] * 2


def test_sketches_of_both_kinds_merge_to_the_same() -> None:
    for one, other in product(SIZES, SIZES):
        first, second = [f"one {i}" for i in range(one)], [f"other {i}" for i in range(other)]
        merged = [
            answers.union([sketch_of(first), sketch_of(second)]),
            answers.union([told_one_by_one(second), sketch_of(first)]),
            answers.union([told_one_by_one(first), told_one_by_one(second)]),
        ]
        assert len(set(answers.distinct(pl.Series(merged)))) == 1


def part(name: str, merge: Merge, dtype: pl.DataType) -> Part:
    return Part(name, merge, dtype, lambda _rows: None)


PARTS = (
    part("size", Merge.HISTOGRAM, HISTOGRAM),
    part("least", Merge.LEAST, pl.Int64()),
    part("who", Merge.SKETCH, pl.Binary()),
)
SIZE = st.sampled_from([None, 5e-324, -1.5, 0.0, 2.0, 1e300, -1e300])
WIDE = st.sampled_from([None, -(2**63), 2**63 - 1, 0, 7])
ROWS = st.lists(st.tuples(st.sampled_from([None, "a", "é"]), WIDE, SIZE, WIDE, st.sampled_from([None, "x", "y"])))


@settings(max_examples=100, deadline=None)
@given(ROWS, st.booleans())
def test_groups_keep_their_keys_counts_and_extremes_whatever_the_keys_are(
    rows: list[tuple[object, ...]], is_wide: bool
) -> None:
    keys = {"kind": 1, "number": 1} if is_wide else {"kind": 1}
    names = {"kind": pl.String, "number": pl.Int64, "size": pl.Float64, "least": pl.Int64, "who": pl.String}
    frame = pl.DataFrame(rows, schema=names, orient="row")
    found = sorted_parts(frame.lazy().select(*keys, "size", "least", "who"), keys, PARTS, is_large=False)
    expected: dict[tuple[object, ...], list[tuple[object, ...]]] = {}
    for kind, number, *values in rows:
        expected.setdefault((kind, number) if is_wide else (kind,), []).append(tuple(values))
    assert {row[: len(keys)] for row in found.iter_rows()} == set(expected)
    assert found.height == len(expected)
    for row in found.iter_rows(named=True):
        sizes, leasts, people = zip(*expected[tuple(row[key] for key in keys)], strict=True)
        counted = {each["value"]: each["count"] for each in row["size"] or []}
        assert counted == Counter(size for size in sizes if size is not None)
        assert list(counted) == sorted(counted)
        assert row["least"] == min((least for least in leasts if least is not None), default=None)
        assert answers.distinct(pl.Series([row["who"]], dtype=pl.Binary))[0] == len(set(people) - {None})


def test_groups_made_some_at_a_time_are_those_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = np.random.default_rng(1).integers(0, 40, 2_000)
    rows = pl.LazyFrame({"kind": numbers % 7, "size": numbers / 2, "least": numbers, "who": (numbers * 3).astype(str)})
    at_once = sorted_parts(rows, {"kind": 1}, PARTS, is_large=False)
    for few in (1, 300, 1_999):
        monkeypatch.setattr("processing.sorted_values._ROWS_AT_ONCE", few)
        assert_frame_equal(sorted_parts(rows, {"kind": 1}, PARTS, is_large=False), at_once, check_exact=True)
    assert at_once.height == 7
