"""A decision can be tried with other costs before anybody acts on it."""

import polars as pl
import pytest

from visualization.what_if import reviews_if

CLAIMS = pl.DataFrame(
    {"fraud_probability": [0.9, 0.5, 0.1, None], "amount": [1_000, 10_000, 500, 99]},
    schema_overrides={"amount": pl.Decimal(18, 4)},
)


def test_the_plan_takes_what_saves_most() -> None:
    plan = reviews_if(CLAIMS, cost=100, most=1)
    assert (plan.count, plan.cost, plan.saved, plan.frauds) == (1, 100, 4_900, 0.5)
    assert plan.by_chance == pytest.approx((800 + 4_900 - 50) / 3)


def test_no_review_is_planned_that_costs_more_than_it_saves() -> None:
    assert reviews_if(CLAIMS, cost=100, most=3).count == 2
    assert reviews_if(CLAIMS, cost=1e6, most=3).count == 0


def test_without_claims_or_time_there_is_no_plan() -> None:
    assert reviews_if(CLAIMS.clear(), cost=1, most=5).saved == 0
    assert reviews_if(CLAIMS, cost=1, most=0).count == 0
