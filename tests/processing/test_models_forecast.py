"""Sensors are forecast from what was known, by the way that was least off, with intervals that hold what they say."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from core.dataset import Column, ColumnType, Dataset
from core.errors import EngineError
from core.frames import lake_schema
from processing import SparkEngine
from processing.models import ModelStore
from processing.models.forecasting import INTERVAL, chosen, forecast, interval, past_errors

T = ColumnType
READING = Dataset(
    "sensor_reading",
    "A reading.",
    (Column("time", T.TIMESTAMP), Column("sensor_id", T.KEYWORD), Column("value", T.NUMBER)),
    event_time="time",
)
BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
TIMES = BEGIN.timestamp() + np.arange(20 * 144) * 600.0
Numbers = NDArray[np.float64]
NOISE: Numbers = np.random.default_rng(2).normal(0, 1, len(TIMES))
DAILY: Numbers = 20 * np.sin(TIMES / 86_400 * 2 * np.pi)
SERIES = {"daily": DAILY + NOISE, "noise": NOISE, "walk": NOISE.cumsum()}


def test_each_series_is_forecast_by_what_suits_it() -> None:
    ways = {name: forecast(TIMES, values, 12).way for name, values in SERIES.items()}
    assert (ways["daily"], ways["noise"]) == ("day", "level")
    assert ways["walk"] != "day"


def test_a_cycle_is_forecast_where_the_last_value_would_be_far_off() -> None:
    made = forecast(TIMES, SERIES["daily"], 12)
    truth = 20 * np.sin(made.at / 86_400 * 2 * np.pi)
    assert made.at == TIMES[-1] + 12 * 600
    assert abs(made.value - truth) < 3 < abs(SERIES["daily"][-1] - truth)
    assert made.low < truth < made.high


@pytest.mark.parametrize("name", SERIES)
@pytest.mark.parametrize("horizon", [1, 6])
def test_intervals_hold_their_share_of_readings_not_learned_from(name: str, horizon: int) -> None:
    learned = 2_300
    way = chosen(past_errors(TIMES, SERIES[name], horizon, learned), learned)
    low, high = interval(way, learned)
    held = ((way.found[learned:] >= low) & (way.found[learned:] <= high)).mean()
    assert held == pytest.approx(INTERVAL, abs=0.08)


@pytest.mark.parametrize("horizon", [1, 5])
def test_no_forecast_knows_what_came_after_it_was_made(horizon: int) -> None:
    changed = SERIES["daily"].copy()
    changed[2_000:] = 1e6
    for before, after in zip(
        past_errors(TIMES, SERIES["daily"], horizon, 1_000), past_errors(TIMES, changed, horizon, 1_000), strict=True
    ):
        made = SERIES["daily"] - before.found, changed - after.found
        np.testing.assert_allclose(made[0][: 2_000 + horizon], made[1][: 2_000 + horizon], atol=1e-6)


def test_readings_without_a_cycle_or_of_one_value_are_forecast_too() -> None:
    still = forecast(TIMES[:150], np.full(150, 7.0), 3)
    assert (still.value, still.low, still.high) == (7, 7, 7)
    yearly = forecast(np.arange(200) * 4e7, np.arange(200.0), 1)
    assert yearly.way in {"last", "level"}


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    frames = [
        pl.DataFrame(
            {
                "time": [BEGIN + timedelta(seconds=600 * i) for i in range(len(TIMES))],
                "sensor_id": name,
                "value": values,
                "_row": range(len(TIMES)),
                "_blob": "f" * 64,
            }
        )
        for name, values in SERIES.items()
    ]
    return pl.concat([pl.DataFrame(schema=lake_schema(READING)), *frames], how="diagonal_relaxed")


def test_the_model_is_measured_on_the_readings_it_has_not_learned_from(
    rows: pl.DataFrame, tmp_path: Path, spark: SparkEngine
) -> None:
    store = ModelStore(tmp_path, spark)
    card = store.train("sensor_forecast", READING, rows, lake_version=1)
    assert card.metrics["error_beside_last_value"] < 0.9
    assert card.metrics["share_of_readings_in_interval"] == pytest.approx(INTERVAL, abs=0.06)
    said = store.score("sensor_forecast", READING, rows)
    assert said.select("series", "ahead").unique().height == 12
    assert said["at"].min() == BEGIN + timedelta(seconds=600 * len(TIMES))
    assert (said["low"] <= said["forecast"]).all()
    assert store.explain("sensor_forecast")["weight"].sum() == pytest.approx(1)
    with pytest.raises(EngineError, match="100 readings with their times"):
        store.train(
            "sensor_forecast",
            READING,
            rows.with_columns(pl.lit(None).cast(rows.schema["time"]).alias("time")),
            lake_version=1,
        )
