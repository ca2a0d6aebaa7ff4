"""Descriptive: which hosts, and which visitors, behave alike."""

from abc import abstractmethod
from typing import ClassVar

import polars as pl

from core.dataset import FINGERPRINT_SUFFIX, MASK_SUFFIX, Dataset
from processing.models.clusters import GroupModel, defined

MIN_EVENTS = 5
MIN_ACTORS = 12

_BAD = ("error", "err", "critical", "crit", "alert", "emergency", "emerg", "fatal", "severe", "warn", "warning")
_FAILED = 400  # the HTTP status from which a request failed
_MINUTES_IN_HOUR = 60
_NIGHT = 6  # the hour when it ends


class ActorModel(GroupModel):
    """Groups those who act by how much, how often, when and how variedly they do.

    Attributes:
        by: The columns that say who, the first that a row has.
        what: The columns that say what was done, the first that a row has.
    """

    trait_names = ("activity", "variety", "failures", "nights", "pace", "bursts")
    identity = ("actor",)
    subject = f"who did {MIN_EVENTS} things or more"
    least = MIN_ACTORS
    noun = "actors"
    by: ClassVar[tuple[str, ...]]
    what: ClassVar[tuple[str, ...]]

    def traits(self, rows: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
        told = [_shown(name, dataset) for name in self.by if _known(name, dataset) in rows.columns]
        what = [pl.col(name) for name in self.what if name in rows.columns]
        schema = {"actor": pl.String(), "events": pl.Int64()} | dict.fromkeys(self.trait_names, pl.Float64())
        if not told or not what or "time" not in rows.columns:
            return pl.DataFrame(schema=schema)
        acts = rows.select(
            pl.coalesce(told).alias("actor"), "time", pl.coalesce(what).alias("what"), self.failed(rows).alias("failed")
        )
        gap = pl.col("time").diff().dt.total_seconds()
        traits = {
            "activity": pl.len().log(),
            "variety": pl.col("what").n_unique() / pl.len(),
            "failures": pl.col("failed").mean(),
            "nights": (pl.col("time").dt.hour() < _NIGHT).mean(),
            "pace": (1 + gap.median() / _MINUTES_IN_HOUR).log(),
            "bursts": gap.std() / (gap.mean() + gap.std()),
        }
        return (
            acts.drop_nulls(["actor", "time"])
            .sort("actor", "time")
            .group_by("actor", maintain_order=True)
            .agg(
                pl.len().cast(pl.Int64).alias("events"),
                *(defined(expression).alias(trait) for trait, expression in traits.items()),
            )
            .filter(pl.col("events") >= MIN_EVENTS)
        )

    @abstractmethod
    def failed(self, rows: pl.DataFrame) -> pl.Expr:
        """Whether what was done went wrong; never null."""


class HostModel(ActorModel):
    """Groups hosts and addresses by their log lines, flows and connections."""

    name = "host_groups"
    dataset = "network_log"
    description = "Groups of hosts and addresses that behave alike: busy, failing, nightly, of one kind of line."
    by = ("host", "source_ip")
    what = ("template", "destination_ip", "query", "action")

    def failed(self, rows: pl.DataFrame) -> pl.Expr:
        is_bad = pl.col("level").str.to_lowercase().is_in(_BAD) if "level" in rows.columns else pl.lit(None)
        return is_bad.cast(pl.Boolean).fill_null(value=False)


class VisitorModel(ActorModel):
    """Groups visitors by what they saw."""

    name = "visitor_groups"
    dataset = "clickstream"
    description = "Groups of visitors that behave alike: busy, failing, nightly, of one page."
    by = ("user_id", "visitor_id", "ip_address")
    what = ("url", "action", "item_id")

    def failed(self, rows: pl.DataFrame) -> pl.Expr:
        is_bad = pl.col("status_code") >= _FAILED if "status_code" in rows.columns else pl.lit(None)
        return is_bad.cast(pl.Boolean).fill_null(value=False)


def _known(name: str, dataset: Dataset) -> str:
    return name + FINGERPRINT_SUFFIX if name in dataset and dataset.column(name).is_sealed else name


def _shown(name: str, dataset: Dataset) -> pl.Expr:
    """Who, as people may see it; those masked alike are told apart by the beginning of their fingerprint."""
    if _known(name, dataset) == name:
        return pl.col(name)
    return pl.format("{} ({})", name + MASK_SUFFIX, pl.col(name + FINGERPRINT_SUFFIX).str.slice(0, 6))
