"""The series of sensors as two models watch them: scored by their own past alone, with alerts where a score is high."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from core.dataset import Dataset
from processing.models.alert_costs import Experience, experience_of
from processing.models.alerting import Alert, AlertRule
from processing.models.anomaly_detector import ASPECTS, WORDS, AnomalyDetector, Scores
from processing.models.model import Model, too_few
from processing.models.series import Series, series_of

MIN_READINGS = 100
MISSED_COST, FALSE_COST = 9.0, 1.0
"""What it costs to miss an anomaly and to be called for nothing; nine to one as in the standard profile of the Numenta
benchmark."""

WHEN = pl.Datetime("us", "UTC")


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


class WatchingModel(Model):
    """A model of sensors that weighs missed anomalies against false alarms.

    Args:
        missed_cost: What an anomaly costs that nobody was told of.
        false_cost: What it costs to be told of nothing, in the same currency.
    """

    dataset = "sensor_reading"
    needs_spark = False

    def __init__(self, missed_cost: float = MISSED_COST, false_cost: float = FALSE_COST) -> None:
        self.missed_cost, self.false_cost = missed_cost, false_cost

    def watched(self, rows: pl.DataFrame, dataset: Dataset) -> tuple[list[Watched], Experience]:
        """Every series without alerts yet, and how anomalies and scores went together in them.

        Raises:
            EngineError: If no series has readings enough.
        """
        watched = list(watch(rows, dataset, np.inf))
        if not watched:
            raise too_few(self.name, f"series of {MIN_READINGS} readings or more", 1, 0)
        return watched, experience_of((one.found.scores, one.series.labels) for one in watched)


def watch(rows: pl.DataFrame, dataset: Dataset, threshold: float) -> Iterator[Watched]:
    """Every series with its scores and the alerts at that threshold."""
    for series in series_of(rows, dataset, MIN_READINGS):
        found = AnomalyDetector().extend(series.times, series.values)
        yield Watched(series, found, AlertRule(threshold).extend(found.scores))
