"""Whether rows are still like those that a model learned from."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from core.dataset import BLOB_COLUMN, Dataset
from processing.models.features import FeaturePlan, features
from processing.models.quality import Numbers

BINS = 10
MIN_ROWS = 100
"""So many new rows it takes to say that they are others; of fewer chance says more than change."""

RETRAIN_AT = 0.25
"""The customary mark of the population stability index: below 0.1 nothing has changed, above 0.25 much has."""

_MAX_BLOBS = 20_000
_LEAST_SHARE = 1e-3


def learned_from(rows: pl.DataFrame, dataset: Dataset, plan: FeaturePlan) -> dict[str, Any]:
    """What to keep with a model, as JSON values: how each feature was spread, and which blobs it has seen."""
    known = features(rows, dataset, plan)
    edges = {name: _edges(known[name].drop_nulls().to_numpy()) for name in plan.numbers}
    shares = {
        name: dict(known[name].value_counts(normalize=True, sort=True).head(BINS * 2).rows())
        for name in plan.categories
    }
    spread = {name: _spread(known[name], edges[name]).tolist() for name in plan.numbers}
    blobs = rows[BLOB_COLUMN].unique().sort().to_list()
    return {"rows": rows.height, "edges": edges, "spread": spread, "shares": shares, "blobs": blobs[:_MAX_BLOBS]}


def drift(rows: pl.DataFrame, dataset: Dataset, plan: FeaturePlan, learned: Mapping[str, Any]) -> pl.DataFrame:
    """How far each feature has moved since, most first: ``feature``, ``drift``, ``new_rows``, ``retrain``.

    ``drift`` is the population stability index of rows of blobs that the model has not seen, less what chance alone
    would give; null while they are too few. ``retrain`` says that it is time to learn anew.
    """
    new = rows.filter(~pl.col(BLOB_COLUMN).is_in(learned["blobs"]))
    if new.height < MIN_ROWS:
        moved: list[float | None] = [None] * len(plan.names)
    else:
        known = features(new, dataset, plan)
        moved = [_moved(known[name], learned, new.height) for name in plan.names]
    found = pl.DataFrame({"feature": plan.names, "drift": pl.Series(moved, dtype=pl.Float64)})
    return found.with_columns(
        pl.lit(new.height, dtype=pl.Int64).alias("new_rows"), (pl.col("drift") >= RETRAIN_AT).alias("retrain")
    ).sort("drift", "feature", descending=[True, False], nulls_last=True)


def stability_index(before: Numbers, now: Numbers) -> float:
    """The population stability index of two spreads over the same bins."""
    old, new = np.maximum(before, _LEAST_SHARE), np.maximum(now, _LEAST_SHARE)
    return float(np.sum((new - old) * np.log(new / old)))


def _moved(values: pl.Series, learned: Mapping[str, Any], rows: int) -> float:
    name = values.name
    if name in learned["edges"]:
        before, now = np.asarray(learned["spread"][name]), _spread(values, learned["edges"][name])
    else:
        shares: Mapping[str, float] = learned["shares"][name]
        counted = dict(values.value_counts(normalize=True).rows())
        now = np.array([counted.get(value, 0.0) for value in shares])
        before = np.array(list(shares.values()))
        before, now = np.append(before, 1 - before.sum()), np.append(now, 1 - now.sum())
    by_chance = (len(before) - 1) * (1 / rows + 1 / learned["rows"])
    return max(0.0, stability_index(before, now) - float(by_chance))


def _edges(values: Numbers) -> list[float]:
    """The inner bounds of bins of about as many values each."""
    if not len(values):
        return []
    quantiles: Sequence[float] = np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1]).tolist()
    return sorted(set(quantiles))


def _spread(values: pl.Series, edges: Sequence[float]) -> Numbers:
    """The share of values in each bin, and last that of missing ones."""
    there = values.drop_nulls().to_numpy()
    counts = np.bincount(np.searchsorted(edges, there, side="left"), minlength=len(edges) + 1)
    shares: Numbers = np.append(counts, values.null_count()) / max(len(values), 1)
    return shares
