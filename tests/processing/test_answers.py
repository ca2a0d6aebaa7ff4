"""What people read of a metric is what the definition of the metric says."""

import math
import statistics
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.dataset import Column, ColumnType, Dataset
from core.errors import UsageError
from processing import Condition, Count, Distinct, LocalEngine, Mean, Piece, Quantiles, Ratio, Sum, Variance, View
from processing.state import finish

NUMBERS = Dataset("numbers", "", (Column("x", ColumnType.NUMBER), Column("word", ColumnType.KEYWORD)))
MEASUREMENTS = st.lists(st.floats(-1e15, 1e15).filter(lambda x: x == 0 or abs(x) > 1e-9), min_size=2, max_size=40)


def answers(view: View, **columns: list[object]) -> pl.DataFrame:
    frame = pl.DataFrame(columns, schema_overrides={"x": pl.Float64, "word": pl.String}, strict=False)
    return finish(view, NUMBERS, LocalEngine().state_of_frames(view, NUMBERS, [frame]))


@settings(max_examples=60, deadline=None)
@given(MEASUREMENTS)
def test_sums_means_and_variances_are_exact_and_rounded_once(xs: list[float]) -> None:
    metrics = (Sum(name="sum", column="x"), Mean(name="mean", column="x"), Variance(name="variance", column="x"))
    total, mean, variance = answers(View(name="v", dataset="numbers", metrics=metrics), x=xs).row(0)
    exact = [Fraction(x) for x in xs]
    assert total == math.fsum(xs)
    assert mean == float(sum(exact) / len(xs))
    assert variance == pytest.approx(float(statistics.variance(exact)), rel=1e-12, abs=1e-20)


@settings(max_examples=60, deadline=None)
@given(MEASUREMENTS, st.sampled_from([0.01, 0.07, 0.5, 0.9, 0.95, 1.0]))
def test_a_quantile_is_within_its_promise_of_the_nearest_rank(xs: list[float], rank: float) -> None:
    metrics = (Quantiles(name="x", column="x", at=(rank,)),)
    found = answers(View(name="v", dataset="numbers", metrics=metrics), x=xs).row(0)[0]
    exact = sorted(xs)[math.ceil(Fraction(str(rank)) * len(xs)) - 1]
    assert found == pytest.approx(exact, rel=0.0005)


def test_distinct_counts_are_within_three_standard_errors() -> None:
    for many in (10, 200, 5_000):
        words = [f"word {i}" for i in range(many)] * 2
        view = View(name="v", dataset="numbers", metrics=(Distinct(name="words", column="word"),))
        found = answers(view, word=words)["words"][0]
        assert abs(found - many) <= max(3 * 0.0163 * many, 0.5)


def test_rows_come_with_null_first_and_text_by_code_point() -> None:
    view = View(name="v", dataset="numbers", dimensions=("word",), metrics=(Count(name="n"),))
    assert answers(view, word=["b", None, "a", "B", "é"])["word"].to_list() == [None, "B", "a", "b", "é"]


def test_an_ordered_view_has_its_greatest_rows_first_and_no_more_than_its_limit() -> None:
    view = View(name="v", dataset="numbers", dimensions=("word",), metrics=(Count(name="n"),), order_by="n", limit=2)
    assert answers(view, word=["b", "a", "c", "c", "a", "d"]).rows() == [("a", 2), ("c", 2)]


def test_a_ratio_of_nothing_is_null() -> None:
    view = View(
        name="v",
        dataset="numbers",
        dimensions=("word",),
        metrics=(Count(name="n", column="x"), Count(name="high", where=Condition("x", ">", 1))),
        ratios=(Ratio(name="share", numerator="high", denominator="n"),),
    )
    assert answers(view, x=[2.0, 0.0, None], word=["a", "a", "b"]).rows() == [("a", 2, 1, 0.5), ("b", 0, 0, None)]


def test_a_dimension_can_be_a_piece_of_a_text() -> None:
    pieces = (Piece(name="after", column="word", after="@"), Piece(name="before", column="word", before="?"))
    view = View(name="v", dataset="numbers", dimensions=pieces, metrics=(Count(name="n"),))
    assert answers(view, word=["a@b@c?d"]).rows() == [("c?d", "a@b@c", 1)]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: View(name="Bad Name", dataset="d", metrics=()), "named 'Bad Name'"),
        (lambda: View(name="v", dataset="d", window="5m", metrics=()), "window '5m'"),  # type: ignore[arg-type]
        (lambda: View(name="v", dataset="d", metrics=(Count(name="n"), Count(name="n"))), "names a column twice"),
        (lambda: View(name="v", dataset="d", metrics=(Count(name="n"),), order_by="m"), "ordered by m"),
        (lambda: Condition("x", "~", 1), "operator '~'"),
        (lambda: Piece(name="p", column="x"), "no separator"),
    ],
)
def test_a_view_that_cannot_mean_anything_is_refused_where_it_is_declared(make: object, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        make()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("view", "says"),
    [
        (View(name="v", dataset="numbers", window="1h", metrics=(Count(name="n"),)), "no event time"),
        (View(name="v", dataset="numbers", dimensions=("x",), metrics=(Count(name="n"),)), "grouped by x"),
        (View(name="v", dataset="numbers", metrics=(Sum(name="s", column="word"),)), "Sum of numbers.word"),
        (View(name="v", dataset="numbers", metrics=(Distinct(name="s", column="x"),)), "which is number"),
    ],
)
def test_a_view_that_does_not_fit_its_dataset_is_refused(view: View, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        view.check(NUMBERS)
