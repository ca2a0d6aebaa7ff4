"""Decision: when to raise an alert about a sensor, so that missed anomalies and false alarms cost least together."""

from typing import Any

import polars as pl

from core.dataset import Dataset
from processing.models.alert_costs import Experience
from processing.models.alerting import AlertRule
from processing.models.model import Fitted, ModelKind
from processing.models.watching import WHEN, WatchingModel, watch

_COST_RATIOS = (1.0, 2.0, 5.0, 9.0, 20.0, 50.0)


class AlertModel(WatchingModel):
    """Alerts at the score where they are expected to cost least; one an event, none soon after another."""

    name = "sensor_alerts"
    kind = ModelKind.DECISION
    description = "When to raise an alert: where missed anomalies and false alarms cost least together."

    def fit(self, session: Any, dataset: Dataset, rows: pl.DataFrame, seed: int) -> Fitted:  # noqa: ARG002 - the port's
        watched, experience = self.watched(rows, dataset)
        best = experience.cheapest(self.missed_cost, self.false_cost)
        alerts = {
            f"{outcome.threshold}": sum(len(AlertRule(outcome.threshold).extend(one.found.scores)) for one in watched)
            for outcome in experience.outcomes
        }
        metrics: dict[str, float | int] = {
            "threshold": best.threshold,
            "expected_cost": experience.cost(best, self.missed_cost, self.false_cost),
            "share_of_anomalies_found": best.found / experience.anomalies,
            "alerts": alerts[f"{best.threshold}"],
            "labelled_anomalies": experience.anomalies,
            "series": len(watched),
            "readings": sum(len(one.found.scores) for one in watched),
        }
        plan = {"threshold": best.threshold, "alerts": alerts, "experience": experience.as_json()}
        return Fitted(None, plan, metrics, "")

    def score(self, session: Any, dataset: Dataset, rows: pl.DataFrame, fitted: Fitted) -> pl.DataFrame:  # noqa: ARG002
        """A row an alert, those that last first, then the newest: what to look at.

        ``series``, ``column``, ``lasts``, ``raised_at``, ``ended_at``, ``anomaly_score`` (the highest in it),
        ``reading`` (that of the highest score), ``readings`` (how many it spans), ``reasons``.
        """
        found = [
            (
                watched.series.name,
                watched.series.column,
                alert.end is None,
                watched.series.moment(alert.start),
                None if alert.end is None else watched.series.moment(alert.end),
                alert.peak,
                float(watched.series.values[alert.at_peak]),
                (len(watched.found.scores) if alert.end is None else alert.end) - alert.start,
                watched.reason(alert.at_peak),
            )
            for watched in watch(rows, dataset, fitted.plan["threshold"])
            for alert in watched.alerts
        ]
        schema = {
            "series": pl.String(),
            "column": pl.String(),
            "lasts": pl.Boolean(),
            "raised_at": WHEN,
            "ended_at": WHEN,
            "anomaly_score": pl.Float64(),
            "reading": pl.Float64(),
            "readings": pl.Int64(),
            "reasons": pl.String(),
        }
        alerts = pl.DataFrame(found, schema=schema, orient="row")
        order = ("lasts", "raised_at", "series", "column")
        return alerts.sort(order, descending=[True, True, False, False], nulls_last=True)

    def explain(self, fitted: Fitted) -> pl.DataFrame:
        """What if a missed anomaly cost more or less, a false alarm one: a row a cost.

        ``missed_cost``, ``threshold`` (the cheapest then), ``alerts`` (that it raises on the readings learned from),
        ``share_found`` and ``weight`` (the expected cost for 10,000 readings).
        """
        experience = Experience.from_json(fitted.plan["experience"])
        found = []
        for missed_cost in _COST_RATIOS:
            best = experience.cheapest(missed_cost, 1.0)
            alerts = fitted.plan["alerts"][f"{best.threshold}"]
            cost = experience.cost(best, missed_cost, 1.0)
            found.append((missed_cost, best.threshold, alerts, best.found / experience.anomalies, cost))
        columns = ("missed_cost", "threshold", "alerts", "share_found", "weight")
        return pl.DataFrame(found, schema=columns, orient="row")
