"""Predictive: how unusual the readings of each sensor are, and whether something is wrong with it now."""

from typing import Any

import numpy as np
import polars as pl

from core.dataset import Dataset
from processing.models.alert_costs import PUBLIC, Experience
from processing.models.anomaly_detector import ASPECTS
from processing.models.model import Fitted, ModelKind
from processing.models.watching import WHEN, Watched, WatchingModel, watch

_PER_READINGS = 10_000


class AnomalyModel(WatchingModel):
    """Scores every series by what came before alone; nothing is learned that is not learned as the series goes."""

    name = "sensor_anomalies"
    kind = ModelKind.PREDICTIVE
    description = "How unusual each sensor's readings are, by its level, its time of day and of week, and its changes."

    def fit(self, session: Any, dataset: Dataset, rows: pl.DataFrame, seed: int) -> Fitted:  # noqa: ARG002 - the port's
        watched, experience = self.watched(rows, dataset)
        threshold = experience.cheapest(self.missed_cost, self.false_cost).threshold
        watched = [one.at(threshold) for one in watched]
        plan = {"threshold": threshold, "spoke": _spoke(watched)}
        return Fitted(None, plan, quality(watched, experience, threshold), "")

    def score(self, session: Any, dataset: Dataset, rows: pl.DataFrame, fitted: Fitted) -> pl.DataFrame:  # noqa: ARG002
        """A row a series, those on alert first, then by the highest score.

        ``series``, ``column``, ``readings``, ``last_reading``, ``is_alert`` and ``since`` (of the alert that lasts),
        ``anomaly_score`` (of the last reading), ``highest_score`` and ``highest_at``, ``alerts``, ``reasons``.
        """
        found = [_row(watched) for watched in watch(rows, dataset, fitted.plan["threshold"])]
        schema = {
            "series": pl.String(),
            "column": pl.String(),
            "readings": pl.Int64(),
            "last_reading": WHEN,
            "is_alert": pl.Boolean(),
            "since": WHEN,
            "anomaly_score": pl.Float64(),
            "highest_score": pl.Float64(),
            "highest_at": WHEN,
            "alerts": pl.Int64(),
            "reasons": pl.String(),
        }
        order = ("is_alert", "highest_score", "series", "column")
        return pl.DataFrame(found, schema=schema, orient="row").sort(
            order, descending=[True, True, False, False], nulls_last=True
        )

    def explain(self, fitted: Fitted) -> pl.DataFrame:
        """``aspect`` and ``weight``: in what share of the alerts it spoke most."""
        spoke = fitted.plan["spoke"]
        schema = {"aspect": pl.String(), "weight": pl.Float64()}
        rows = pl.DataFrame({"aspect": list(spoke), "weight": list(spoke.values())}, schema=schema)
        return rows.sort("weight", "aspect", descending=[True, False])


def quality(watched: list[Watched], experience: Experience, threshold: float) -> dict[str, float | int]:
    """How many alerts there were, and where readings are labelled, what they found.

    No score knows the readings after it, so all of them are unseen.
    """
    readings = sum(len(one.found.scores) for one in watched)
    alerts = sum(len(one.alerts) for one in watched)
    measured: dict[str, float | int] = {"alerts_per_10_000_readings": alerts * _PER_READINGS / readings}
    if experience is not PUBLIC:
        outcome = next(outcome for outcome in experience.outcomes if outcome.threshold == threshold)
        measured |= {"share_of_anomalies_found": outcome.found / experience.anomalies, "false_alerts": outcome.false}
        measured["labelled_anomalies"] = experience.anomalies
    return measured | {"alerts": alerts, "series": len(watched), "readings": readings}


def _spoke(watched: list[Watched]) -> dict[str, float]:
    places = [one.found.aspects[alert.at_peak] for one in watched for alert in one.alerts]
    return {aspect: places.count(place) / max(len(places), 1) for place, aspect in enumerate(ASPECTS)}


def _row(watched: Watched) -> tuple[Any, ...]:
    series, scores, current = watched.series, watched.found.scores, watched.current
    told = np.isfinite(scores)
    highest = int(np.nanargmax(scores)) if told.any() else None
    last = len(scores) - 1
    return (
        series.name,
        series.column,
        len(scores),
        series.moment(last),
        current is not None,
        series.moment(current.start) if current else None,
        float(scores[last]) if told[last] else None,
        None if highest is None else float(scores[highest]),
        None if highest is None else series.moment(highest),
        len(watched.alerts),
        "" if highest is None else watched.reason(current.at_peak if current else highest),
    )
