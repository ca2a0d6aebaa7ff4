"""A profile says of each column what a person with the rows at hand would count."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from core.dataset import Column, ColumnType, Dataset, PersonalData
from core.frames import lake_schema
from processing import SparkEngine
from processing.models import ModelStore
from processing.models.dataset_profile import profiles_of
from processing.models.seasonality import seasonality

T = ColumnType
VISIT = Dataset(
    "visit",
    "A visit.",
    (
        Column("at", T.TIMESTAMP),
        Column("ward", T.KEYWORD),
        Column("name", T.KEYWORD, personal=PersonalData.PERSON_NAME),
        Column("age", T.INTEGER),
        Column("cost", T.MONEY),
        Column("weight", T.NUMBER),
        Column("note", T.TEXT),
    ),
    event_time="at",
)
COUNT = 4000
BEGIN = datetime(2026, 2, 2, tzinfo=UTC)  # a Monday


@pytest.fixture(scope="module")
def visits() -> pl.DataFrame:
    dice = np.random.default_rng(1)
    age = dice.integers(0, 100, COUNT)
    columns: dict[str, Any] = {
        "_blob": ["a" * 64] * COUNT,
        "_row": range(COUNT),
        "at": [BEGIN + timedelta(hours=float(hour)) for hour in dice.uniform(0, 24 * 28, COUNT)],
        "ward": dice.choice(["north", "south", "east"], COUNT, p=[0.7, 0.2, 0.1]),
        "name": [f"token {place}" for place in range(COUNT)],
        "name_hmac": [f"{place % 500}" for place in range(COUNT)],
        "name_masked": ["A. B."] * COUNT,
        "age": age,
        "cost": age * 10 + 5,
        "weight": np.where(
            np.arange(COUNT) == 7, 1e200, np.where(np.arange(COUNT) % 4 == 0, np.nan, dice.normal(70, 9, COUNT))
        ),
    }
    schema = lake_schema(VISIT)
    frame = pl.DataFrame(columns).with_columns(pl.col("weight").fill_nan(None))
    return pl.concat([pl.DataFrame(schema=schema), frame.cast({n: schema[n] for n in columns})], how="diagonal")


@pytest.fixture
def store(spark: SparkEngine, tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path, spark, profiles_of(["visit"]))


def test_each_filled_column_is_measured(store: ModelStore, visits: pl.DataFrame) -> None:
    card = store.train("profile_of_visit", VISIT, visits, lake_version=6)
    profile = {row["column"]: row for row in store.score("profile_of_visit", VISIT, visits).iter_rows(named=True)}
    assert list(profile) == ["at", "ward", "name", "age", "cost", "weight"]
    assert (profile["age"]["type"], profile["age"]["least"], profile["age"]["greatest"]) == ("integer", "0", "99")
    ages = visits["age"]
    assert profile["age"]["median"] == ages.median()
    assert profile["age"]["mean"] == pytest.approx(ages.mean())
    assert profile["cost"]["p95"] == pytest.approx(float(ages.quantile(0.95, "linear") or 0) * 10 + 5)
    assert profile["ward"]["top"].startswith(f"north ({visits.filter(ward='north').height:,}), south (")
    assert profile["name"]["distinct"] == pytest.approx(500, rel=0.05)
    assert "token" not in str(profile["name"])
    assert profile["weight"]["missing"] == pytest.approx(0.25, abs=0.001)
    assert profile["weight"]["filled"] == sum(profile["weight"]["histogram"]) == 3000
    assert profile["weight"]["histogram"][9] > 200  # one wild value does not hide the others
    assert card.metrics["columns_filled"] == 6
    assert card.metrics["share_of_cells_filled"] == pytest.approx((5 + 0.75) / 7, abs=0.001)


def test_columns_that_go_together_are_named_and_others_are_not(store: ModelStore, visits: pl.DataFrame) -> None:
    store.train("profile_of_visit", VISIT, visits, lake_version=6)
    assert store.explain("profile_of_visit").rows() == [("age", "cost", pytest.approx(1.0))]


def test_a_dataset_without_a_number_has_a_profile(store: ModelStore, visits: pl.DataFrame) -> None:
    bare = visits.with_columns(pl.lit(None).cast(visits.schema[name]).alias(name) for name in ("age", "cost", "weight"))
    store.train("profile_of_visit", VISIT, bare, lake_version=0)
    assert store.score("profile_of_visit", VISIT, bare)["column"].to_list() == ["at", "ward", "name"]
    assert set(store.explain("profile_of_visit")["feature"]) == {"at", "ward", "name"}


def moments(hours: np.ndarray) -> pl.Series:
    times = [BEGIN + timedelta(hours=float(hour)) for hour in hours]
    return pl.Series("at", times, dtype=pl.Datetime("us", "UTC"))


def test_the_season_of_a_day_is_told_from_none() -> None:
    dice = np.random.default_rng(3)
    flat = seasonality(moments(dice.uniform(0, 24 * 28, 6000)))
    assert flat["seasonality_of_hours"] < 0.1
    assert flat["seasonality_of_weekdays"] < 0.3
    nightly = moments(dice.integers(0, 28, 6000) * 24 + dice.normal(22.5, 0.8, 6000))
    found = seasonality(nightly)
    assert found["seasonality_of_hours"] > 0.8
    assert found["fullest_hour"] == 22


def test_the_season_of_a_week_is_told_with_its_day() -> None:
    dice = np.random.default_rng(4)
    weekend = dice.integers(0, 8, 6000) * 168 + 5 * 24 + dice.uniform(0, 24, 6000)  # Saturdays
    days = moments(np.concatenate([weekend, dice.uniform(0, 8 * 168, 1000)])).cast(pl.Date)
    found = seasonality(days)
    assert found["seasonality_of_weekdays"] > 0.8
    assert found["fullest_weekday"] == "Saturday"
    assert "fullest_hour" not in found


def test_three_days_have_no_season_of_the_week() -> None:
    assert seasonality(moments(np.arange(0, 48, 0.5))) == {}
