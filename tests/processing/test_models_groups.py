"""Hosts and visitors that behave alike are one group, whatever they are called."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from core.dataset import Column, ColumnType, Dataset, PersonalData
from core.frames import lake_schema
from processing import SparkEngine
from processing.models import ModelStore
from processing.models.actor_groups import HostModel, VisitorModel

T = ColumnType
LOG = Dataset(
    "network_log",
    "A line.",
    (
        Column("time", T.TIMESTAMP),
        Column("host", T.KEYWORD),
        Column("level", T.KEYWORD),
        Column("template", T.KEYWORD),
    ),
    event_time="time",
)
CLICKS = Dataset(
    "clickstream",
    "A click.",
    (
        Column("time", T.TIMESTAMP),
        Column("user_id", T.KEYWORD, personal=PersonalData.ACCOUNT),
        Column("url", T.KEYWORD),
        Column("status_code", T.INTEGER),
    ),
    event_time="time",
)
BEGIN = datetime(2026, 4, 6, tzinfo=UTC)


def lines(dice: np.random.Generator) -> pl.DataFrame:
    """Eight hosts each that work by day, that fail all the time, and that back up at night."""
    frames = []
    for number in range(8):
        kinds = {
            "office": (dice.uniform(8, 18, 120), ["info"], [f"work {kind}" for kind in range(40)]),
            "broken": (dice.uniform(0, 24, 120), ["ERROR", "warning"], [f"trouble {kind}" for kind in range(40)]),
            "backup": (dice.uniform(1, 4, 120), ["info"], ["copied <*>"]),
        }
        for name, (hours, levels, templates) in kinds.items():
            frames.append(
                pl.DataFrame(
                    {
                        "time": [BEGIN + timedelta(hours=float(hour)) for hour in hours],
                        "host": f"{name} {number}",
                        "level": dice.choice(levels, 120),
                        "template": dice.choice(templates, 120),
                    }
                )
            )
    rows = pl.concat(frames).with_columns(
        pl.lit("a" * 64).alias("_blob"),
        pl.int_range(pl.len()).alias("_row"),
        pl.col("time").cast(pl.Datetime("us", "UTC")),
    )
    return pl.concat([pl.DataFrame(schema=lake_schema(LOG)), rows], how="diagonal_relaxed")


def test_hosts_that_behave_alike_are_one_group(spark: SparkEngine, tmp_path: Path) -> None:
    rows = lines(np.random.default_rng(2))
    store = ModelStore(tmp_path, spark, (HostModel(),))
    card = store.train("host_groups", LOG, rows, lake_version=1)
    groups = store.score("host_groups", LOG, rows)
    assert (card.metrics["actors"], card.metrics["held_out_actors"]) == (24, 6)
    assert card.metrics["clusters"] >= 3
    assert card.metrics["silhouette"] > 0.3
    kinds = groups.select(pl.col("actor").str.split(" ").list.first().alias("kind"), "cluster", "behaviour").unique()
    assert kinds.height == kinds["cluster"].n_unique()  # no group is of two kinds
    said = {kind: " ".join(own["behaviour"]) for (kind,), own in kinds.partition_by("kind", as_dict=True).items()}
    assert "high failures" in said["broken"]
    assert "high nights" in said["backup"] or "low variety" in said["backup"]
    assert "high failures" not in said["office"]
    assert store.explain("host_groups")["trait"].n_unique() == 6


def test_visitors_are_told_apart_and_never_by_name() -> None:
    rows = pl.DataFrame(
        {
            "_blob": ["b" * 64] * 12,
            "_row": range(12),
            "time": [BEGIN + timedelta(minutes=minute) for minute in range(12)],
            "user_id": ["token"] * 12,
            "user_id_hmac": ["aaaaaaaa"] * 6 + ["bbbbbbbb"] * 6,
            "user_id_masked": ["***"] * 12,
            "url": ["/home"] * 12,
            "status_code": [404] * 6 + [200] * 5 + [None],
        },
        schema_overrides={"time": pl.Datetime("us", "UTC")},
    )
    traits = VisitorModel().traits(rows, CLICKS)
    assert traits["actor"].to_list() == ["*** (aaaaaa)", "*** (bbbbbb)"]
    assert traits["failures"].to_list() == [1.0, 0.0]
    assert traits["events"].to_list() == [6, 6]
    assert VisitorModel().traits(rows.clear(), CLICKS).is_empty()
