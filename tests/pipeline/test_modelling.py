"""Models are kept up with the lake without being asked, and not tried in vain again and again."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from core.dataset import Dataset
from core.frames import lake_schema
from core.settings import Settings
from pipeline import modelling
from pipeline.bootstrap import Parts
from pipeline.system import open_system
from processing import Model, ModelKind, ModelStore
from processing.models.drift import drift, learned_from
from processing.models.features import FeaturePlan
from processing.models.model import Fitted

BEGIN, STEP = datetime(2026, 5, 4, tzinfo=UTC), timedelta(minutes=10)
WEEKS = 3 * 7 * 144  # readings


def readings(parts: Parts, first: int, count: int, value: float, blob: str = "c") -> pl.DataFrame:
    schema = lake_schema(parts.catalog.dataset("sensor_reading"))
    rows = pl.DataFrame(
        {
            "_blob": [blob * 64] * count,
            "_row": range(first, first + count),
            "time": [BEGIN + STEP * (first + i) for i in range(count)],
            "sensor_id": ["boiler"] * count,
            "temperature": [value + i % 3 for i in range(count)],
        }
    )
    return pl.concat([pl.DataFrame(schema=schema), rows], how="diagonal_relaxed").cast(dict(schema))


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    system = open_system(Settings(tmp_path / "home"))
    yield system.parts
    system.close()


def append(parts: Parts, rows: pl.DataFrame) -> None:
    dataset = parts.catalog.dataset("sensor_reading")
    parts.lake.append(dataset, rows, batch=parts.lake.version(dataset.name) + 1)


def test_what_came_since_is_scored_without_being_asked(parts: Parts) -> None:
    append(parts, readings(parts, 0, WEEKS, 20.0))
    modelling.train(parts, "sensor_anomalies")
    assert modelling.score_what_is_behind(parts) == []
    append(parts, readings(parts, WEEKS, 20, 95.0))
    assert modelling.score_what_is_behind(parts) == []  # it has just been scored, and not for nothing
    os.utime(parts.home.models / "sensor_anomalies" / "scored.json", (0, 0))
    assert modelling.score_what_is_behind(parts) == ["sensor_anomalies"]
    (boiler,) = modelling.results(parts, "sensor_anomalies").rows(named=True)
    assert boiler["is_alert"]
    assert boiler["since"] == BEGIN + STEP * WEEKS
    os.utime(parts.home.models / "sensor_anomalies" / "scored.json", (0, 0))
    assert modelling.score_what_is_behind(parts) == []


def test_a_model_that_was_refused_waits_for_new_rows_or_an_hour(parts: Parts) -> None:
    append(parts, readings(parts, 0, 60, 20.0))
    assert modelling.train_what_can_be(parts) == ["profile_of_sensor_reading"]
    refused = parts.home.models / "sensor_forecast" / "refused.json"
    first = refused.stat().st_mtime_ns
    assert modelling.train_what_can_be(parts) == []
    assert refused.stat().st_mtime_ns == first
    os.utime(refused, (0, 0))
    assert modelling.train_what_can_be(parts) == []
    assert refused.stat().st_mtime_ns > first
    append(parts, readings(parts, 60, 100, 20.0))
    assert "sensor_forecast" in modelling.train_what_can_be(parts)


def test_a_model_says_what_has_moved_since_it_learned(parts: Parts) -> None:
    append(parts, readings(parts, 0, 400, 20.0))
    assert modelling.train(parts, "sensor_anomalies")["retrain"] is False
    moved = pl.DataFrame(
        {"feature": ["age", "state"], "drift": [0.6, 0.1], "new_rows": [200, 200], "retrain": [True, False]}
    )
    moved.write_parquet(parts.home.models / "sensor_anomalies" / modelling.DRIFT)
    card = modelling.described(parts, "sensor_anomalies")
    assert (card["retrain"], card["drifted"]) == (True, ["age"])


class SpreadModel(Model):
    """Knows how temperatures are spread, and when they no longer are."""

    name, kind, dataset, needs_spark = "spread", ModelKind.DESCRIPTIVE, "sensor_reading", False
    description = "How temperatures are spread."
    plan = FeaturePlan(("temperature",), ())

    def fit(self, session: Any, dataset: Dataset, rows: pl.DataFrame, seed: int) -> Fitted:  # noqa: ARG002
        return Fitted(None, learned_from(rows, dataset, self.plan), {"rows": rows.height}, "")

    def score(self, session: Any, dataset: Dataset, rows: pl.DataFrame, fitted: Fitted) -> pl.DataFrame:  # noqa: ARG002
        return rows.select(pl.col("temperature").mean())

    def explain(self, fitted: Fitted) -> pl.DataFrame:  # noqa: ARG002
        return pl.DataFrame()

    def drift(self, dataset: Dataset, rows: pl.DataFrame, fitted: Fitted) -> pl.DataFrame:
        return drift(rows, dataset, self.plan, fitted.plan)


def test_rows_of_another_kind_have_the_model_trained_anew_and_rows_of_the_same_kind_not(parts: Parts) -> None:
    parts.model_store = ModelStore(parts.home.models, parts.spark, (SpreadModel(),))
    append(parts, readings(parts, 0, 400, 20.0))
    modelling.train(parts, "spread")
    for blob, value, is_other in (("d", 20.0, False), ("e", 90.0, True)):
        append(parts, readings(parts, 400, 300, value, blob))
        os.utime(parts.home.models / "spread" / "scored.json", (0, 0))
        assert modelling.score_what_is_behind(parts) == ["spread"]
        assert modelling.described(parts, "spread")["retrain"] is is_other
        assert modelling.retrain_what_has_drifted(parts) == (["spread"] if is_other else [])
    told = modelling.described(parts, "spread")
    assert (told["retrain"], told["version"], told["metrics"]["rows"]) == (False, 2, 1000)
    assert modelling.retrain_what_has_drifted(parts) == []
