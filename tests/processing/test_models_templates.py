"""Kinds of log lines are counted over time, and a planted burst and a new kind are told from the usual."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from core.dataset import Column, ColumnType, Dataset
from core.frames import lake_schema
from processing import SparkEngine
from processing.models import ModelStore
from processing.models.template_bursts import TemplateModel

T = ColumnType
LOG = Dataset(
    "network_log",
    "A line.",
    (Column("time", T.TIMESTAMP), Column("host", T.KEYWORD), Column("template", T.KEYWORD)),
    event_time="time",
)
BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
HOURS = 48


def lines(host: str, template: str, hours: np.ndarray) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "time": [BEGIN + timedelta(hours=float(hour)) for hour in hours],
            "host": [host] * len(hours),
            "template": [template] * len(hours),
        },
        schema_overrides={"time": pl.Datetime("us", "UTC")},
    )


def usual(dice: np.random.Generator, host: str) -> list[pl.DataFrame]:
    """A day and a night of lines as they come, and a job that says much, but says it every hour."""
    steady = [lines(host, f"worker {name}", np.sort(dice.uniform(0, HOURS, 150))) for name in "abc"]
    hourly = np.repeat(np.arange(HOURS), 20) + 0.25
    return [*steady, lines(host, "backup of <*>", hourly), lines(host, "end of log", np.array([0.0, HOURS - 0.01]))]


@pytest.fixture
def store(spark: SparkEngine, tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path, spark, (TemplateModel(),))


def in_lake(frames: list[pl.DataFrame]) -> pl.DataFrame:
    rows = pl.concat(frames).with_columns(pl.lit("a" * 64).alias("_blob"), pl.int_range(pl.len()).alias("_row"))
    return pl.concat([pl.DataFrame(schema=lake_schema(LOG)), rows], how="diagonal")


def test_a_planted_burst_comes_first_and_a_new_kind_is_marked(store: ModelStore) -> None:
    dice = np.random.default_rng(8)
    attack = lines("db", "Failed password for <*>", 30.5 + dice.uniform(0, 0.2, 40))
    before = lines("db", "Failed password for <*>", np.arange(0, HOURS, 6.0))
    disk = lines("db", "disk <*> is full", np.array([47.2, 47.5, 47.8]))
    rows = in_lake([*usual(dice, "db"), *usual(dice, "web"), attack, before, disk])
    card = store.train("log_templates", LOG, rows, lake_version=2)
    found = store.score("log_templates", LOG, rows)
    first = found.row(0, named=True)
    assert (first["source"], first["template"]) == ("db", "Failed password for <*>")
    assert abs(first["burst_at"] - (BEGIN + timedelta(hours=30))) <= timedelta(hours=1)
    assert first["lines_in_burst"] >= 40
    assert first["first_seen"] == BEGIN
    assert sum(first["per_tenth"]) == first["lines"] == 48
    assert "lines within 1h" in first["reasons"]
    assert found["burst_at"].is_not_null().sum() == 1  # the backup of every hour is none
    assert found.filter("is_new")["template"].to_list() == ["disk <*> is full"]
    assert card.metrics["bursts"] == 1
    assert card.metrics["logs"] == 2
    assert store.explain("log_templates")["window"].to_list() == ["1h", "1h"]


@pytest.mark.parametrize("seed", range(5))
def test_lines_that_come_as_they_come_are_no_burst(store: ModelStore, seed: int) -> None:
    rows = in_lake(usual(np.random.default_rng(seed), "web"))
    store.train("log_templates", LOG, rows, lake_version=0)
    assert store.score("log_templates", LOG, rows)["burst_at"].is_null().all()
