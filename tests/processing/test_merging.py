"""A view is a monoid: however rows are split, ordered and merged, the answer is the same."""

from engine_kit import lake_rows
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from core.dataset import Column, ColumnType, Dataset, PersonalData
from processing import (
    Correlation,
    Count,
    Covariance,
    Distinct,
    First,
    Histogram,
    Last,
    LocalEngine,
    Max,
    Mean,
    Min,
    Quantiles,
    Sum,
    Top,
    Variance,
    View,
)
from processing.state import empty_state, finish, merge

EVENT = Dataset(
    "event",
    "Something that happened.",
    (
        Column("at", ColumnType.TIMESTAMP),
        Column("kind", ColumnType.KEYWORD),
        Column("who", ColumnType.KEYWORD, personal=PersonalData.PERSON_NAME),
        Column("size", ColumnType.NUMBER),
        Column("price", ColumnType.MONEY),
        Column("hits", ColumnType.INTEGER),
    ),
    event_time="at",
)
VIEW = View(
    name="events",
    dataset="event",
    window="1h",
    dimensions=("kind",),
    metrics=(
        Count(name="events"),
        Sum(name="size_sum", column="size"),
        Mean(name="size_mean", column="size"),
        Variance(name="size_variance", column="size"),
        Variance(name="price_variance", column="price", where=("hits", ">", 0)),
        Min(name="least", column="size"),
        Max(name="last", column="at"),
        Sum(name="price_sum", column="price"),
        Sum(name="hits_sum", column="hits"),
        Distinct(name="people", column="who"),
        Quantiles(name="size", column="size"),
        Histogram(name="sizes", column="size", edges=(0, 10)),
        Top(name="person", column="who"),
        Distinct(name="people_theta", column="who", sketch="theta"),
        Covariance(name="size_hits", column="size", other="hits"),
        Correlation(name="price_size", column="price", other="size"),
        First(name="size_first", column="size"),
        Last(name="price_last", column="price"),
    ),
)
ROWS = lake_rows(EVENT, 400)
WHOLE = finish(VIEW, EVENT, LocalEngine().state_of_frames(VIEW, EVENT, [ROWS]))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_split_in_any_order_merges_to_the_same_view(data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(0, 400, 20)))
    cuts = sorted(data.draw(st.sets(st.integers(1, 399), max_size=6)))
    shuffled = ROWS[[start + i for start in order for i in range(20)]]
    pieces = [shuffled[start:end] for start, end in zip([0, *cuts], [*cuts, 400], strict=True)]
    engine = LocalEngine()
    states = [engine.state_of_frames(VIEW, EVENT, [piece]) for piece in pieces]
    how = data.draw(st.sampled_from(["at once", "one by one", "from the end", "frames"]))
    if how == "frames":
        state = engine.state_of_frames(VIEW, EVENT, pieces)
    elif how == "at once":
        state = merge(VIEW, EVENT, states)
    else:
        state = empty_state(VIEW, EVENT)
        for each in states if how == "one by one" else reversed(states):
            state = merge(VIEW, EVENT, [each, state])
    assert_frame_equal(finish(VIEW, EVENT, state), WHOLE, check_exact=True)


def test_merging_with_nothing_changes_nothing() -> None:
    state = LocalEngine().state_of_frames(VIEW, EVENT, [ROWS])
    nothing = empty_state(VIEW, EVENT)
    assert_frame_equal(finish(VIEW, EVENT, merge(VIEW, EVENT, [nothing, state, nothing])), WHOLE, check_exact=True)
    assert finish(VIEW, EVENT, merge(VIEW, EVENT, [])).is_empty()
