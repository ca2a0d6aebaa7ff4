"""Predictive: what each sensor will read next, with the interval that it is to be in."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from core.dataset import Dataset
from processing.models.forecasting import HORIZONS, INTERVAL, chosen, forecast, interval, past_errors
from processing.models.model import Fitted, Model, ModelKind, too_few
from processing.models.quality import Numbers
from processing.models.series import Series, series_of

MIN_READINGS = 100
_LEARNED_SHARE = 0.8  # the rest is what it is measured on
_WHEN = pl.Datetime("us", "UTC")
_READINGS_KEPT = 20_000  # readings of a series that are looked at, the newest


class ForecastModel(Model):
    """Forecasts by the last value or by what is usual at that time, whichever was less off for that series so far."""

    name = "sensor_forecast"
    kind = ModelKind.PREDICTIVE
    dataset = "sensor_reading"
    description = "What each sensor will read next, with an interval that holds four in five of the readings."
    needs_spark = False

    def fit(self, session: Any, dataset: Dataset, rows: pl.DataFrame, seed: int) -> Fitted:  # noqa: ARG002 - the port's
        tested = [
            result for series in _timed(rows, dataset) for horizon in HORIZONS if (result := _tested(series, horizon))
        ]
        if not tested:
            raise too_few(self.name, f"series of {MIN_READINGS} readings with their times", 1, 0)
        ways = [way for way, _, _ in tested]
        metrics: dict[str, float | int] = {
            "error_beside_last_value": float(np.exp(np.mean([np.log(ratio) for _, ratio, _ in tested]))),
            "share_of_readings_in_interval": float(np.mean([held for _, _, held in tested])),
            "forecasts": len(tested),
        }
        plan = {"ways": {way: ways.count(way) / len(ways) for way in sorted(set(ways))}, "interval": INTERVAL}
        return Fitted(None, plan, metrics, "")

    def caution(self, metrics: Mapping[str, float | int]) -> str | None:
        """Where the last value does as well."""
        if metrics["error_beside_last_value"] < 1:
            return None
        return "On readings kept aside it is no better than saying the last value again."

    def score(self, session: Any, dataset: Dataset, rows: pl.DataFrame, fitted: Fitted) -> pl.DataFrame:  # noqa: ARG002
        """A row a series and horizon.

        ``series``, ``column``, ``ahead`` (in readings), ``at``, ``forecast``, ``low``, ``high``, ``last_value``,
        ``way``.
        """
        found = []
        for series in _timed(rows, dataset):
            for horizon in HORIZONS:
                made = forecast(series.times, series.values, horizon)
                row = (series.name, series.column, horizon, round(made.at * 1e6), made.value, made.low, made.high)
                found.append((*row, float(series.values[-1]), made.way))
        schema = {"series": pl.String, "column": pl.String, "ahead": pl.Int64, "at": pl.Int64}
        schema |= dict.fromkeys(("forecast", "low", "high", "last_value"), pl.Float64) | {"way": pl.String}
        return pl.DataFrame(found, schema=schema, orient="row").with_columns(
            pl.col("at").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
        )

    def explain(self, fitted: Fitted) -> pl.DataFrame:
        """``way`` and ``weight``: for what share of the series and horizons that way was least off."""
        ways = fitted.plan["ways"]
        rows = pl.DataFrame({"way": list(ways), "weight": list(ways.values())})
        return rows.sort("weight", "way", descending=[True, False])


def _timed(rows: pl.DataFrame, dataset: Dataset) -> list[Series]:
    """Series whose readings have times, each cut to its newest."""
    found = []
    for series in series_of(rows, dataset, MIN_READINGS):
        known = np.flatnonzero(np.isfinite(series.times))[-_READINGS_KEPT:]
        if len(known) >= MIN_READINGS:
            times, values, labels = series.times[known], series.values[known], series.labels[known]
            found.append(Series(series.name, series.column, times, values, labels))
    return found


def _tested(series: Series, horizon: int) -> tuple[str, float, float] | None:
    """Of the last readings, which are not learned from: the way, its error beside the last value's, the share held."""
    learned = int(_LEARNED_SHARE * len(series.values))
    errors = past_errors(series.times, series.values, horizon, learned)
    way = chosen(errors, learned)
    low, high = interval(way, learned)
    unseen, simple = _known(way.found[learned:]), _known(errors[0].found[learned:])
    if not len(unseen) or not np.abs(simple).sum():
        return None  # a series that stands still is no test
    ratio = max(float(np.abs(unseen).mean() / np.abs(simple).mean()), 1e-3)
    return way.way, ratio, float(((unseen >= low) & (unseen <= high)).mean())


def _known(errors: Numbers) -> Numbers:
    known: Numbers = errors[np.isfinite(errors)]
    return known
