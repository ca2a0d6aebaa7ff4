"""Predictive: how unusual the readings of each sensor are, and whether something is wrong with it now."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from core.dataset import Dataset
from processing.models.alert_costs import PUBLIC, Experience, experience_of
from processing.models.alerting import Alert, AlertRule
from processing.models.anomaly_detector import ASPECTS, WORDS, AnomalyDetector, Scores
from processing.models.model import Fitted, Model, ModelKind, too_few
from processing.models.series import Series, series_of

MIN_READINGS = 100
MISSED_COST, FALSE_COST = 9.0, 1.0
"""What it costs to miss an anomaly and to be called for nothing; nine to one as in the standard profile of the Numenta
benchmark."""

_WHEN = pl.Datetime("us", "UTC")
_PER_READINGS = 10_000


@dataclass(frozen=True, slots=True)
class Watched:
    """A series, the score of each of its readings, and its alerts, the last of which may not be over."""

    series: Series
    found: Scores
    alerts: list[Alert]

    @property
    def current(self) -> Alert | None:
        """The alert that lasts, if one does."""
        return self.alerts[-1] if self.alerts and self.alerts[-1].end is None else None

    def at(self, threshold: float) -> "Watched":
        """The same with the alerts at another threshold."""
        return Watched(self.series, self.found, AlertRule(threshold).extend(self.found.scores))

    def reason(self, place: int) -> str:
        """In words why the reading of that place is unusual."""
        aspect = int(self.found.aspects[place])
        return "" if aspect < 0 else f"{WORDS[list(ASPECTS)[aspect]]}: {self.series.values[place]:g}"


class AnomalyModel(Model):
    """Scores every series by what came before alone; nothing is learned that is not learned as the series goes.

    Args:
        missed_cost: What an anomaly costs that nobody was told of.
        false_cost: What it costs to be told of nothing, in the same currency.
    """

    name = "sensor_anomalies"
    kind = ModelKind.PREDICTIVE
    dataset = "sensor_reading"
    description = "How unusual each sensor's readings are, by its level, its time of day and of week, and its changes."
    needs_spark = False

    def __init__(self, missed_cost: float = MISSED_COST, false_cost: float = FALSE_COST) -> None:
        self.missed_cost, self.false_cost = missed_cost, false_cost

    def fit(self, session: Any, dataset: Dataset, rows: pl.DataFrame, seed: int) -> Fitted:  # noqa: ARG002 - the port's
        watched = list(watch(rows, dataset, np.inf))
        if not watched:
            raise too_few(self.name, f"series of {MIN_READINGS} readings or more", 1, 0)
        experience = experience_of((one.found.scores, one.series.labels) for one in watched)
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
            "last_reading": _WHEN,
            "is_alert": pl.Boolean(),
            "since": _WHEN,
            "anomaly_score": pl.Float64(),
            "highest_score": pl.Float64(),
            "highest_at": _WHEN,
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


def watch(rows: pl.DataFrame, dataset: Dataset, threshold: float) -> Iterator[Watched]:
    """Every series with its scores and the alerts at that threshold."""
    for series in series_of(rows, dataset, MIN_READINGS):
        found = AnomalyDetector().extend(series.times, series.values)
        yield Watched(series, found, AlertRule(threshold).extend(found.scores))


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
