"""What a series will be a few readings from now, and how far off that may be."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from processing.models.anomaly_detector import usual_step
from processing.models.profiles import SeasonalProfile
from processing.models.quality import Numbers
from processing.models.running import RunningMean

HORIZONS = (1, 3, 6, 12)
"""So many readings ahead."""

INTERVAL = 0.8
"""The share of the future values that an interval is to hold."""

_DAY, _WEEK = 86_400.0, 604_800.0
_MIN_BIN, _MIN_BINS = 300.0, 2
_MEMORY = 0.3
_LEVEL_READINGS = 100
_ERRORS_KEPT = 1_500  # the newest; of later readings of 29 series 76 % were held, by 600 or by all 73 and 74 %
_MIN_KNOWN = 30  # errors of a way to forecast, before it is trusted


@dataclass(frozen=True, slots=True)
class Errors:
    """What a way to forecast got wrong in the past.

    Attributes:
        way: ``last`` (nothing changes), or what is usual by the ``level`` of late, the time of ``day`` or of the
            ``week``, and part of what was unusual last.
        carried: What share of the last residual is still there.
        found: The error of each forecast made, by the place of the reading forecast; NaN where none was made.
    """

    way: str
    carried: float
    found: Numbers


@dataclass(frozen=True, slots=True)
class Forecast:
    """A value to come, with the interval that is to hold `INTERVAL` of them, and by which way."""

    at: float
    value: float
    low: float
    high: float
    way: str


def past_errors(times: Numbers, values: Numbers, horizon: int, until: int) -> list[Errors]:
    """The errors of every way to forecast so far ahead, each forecast made from what was known at its time.

    Args:
        times: Seconds since the epoch, ascending.
        values: What was read.
        horizon: How many readings ahead.
        until: What is learned beside the profiles is learned from so many readings.
    """
    found = [Errors("last", 1.0, _made(np.zeros(len(values)), values, values, 1.0, horizon))]
    level = RunningMean(_LEVEL_READINGS).before(values)
    known = np.concatenate([np.full(horizon - 1, np.nan), level])[: len(values)]  # when the forecast is made
    usual = {"level": (known, values - level)}
    for way, profile in _profiles(times).items():
        residuals = profile.residuals(times, values)
        usual[way] = values - residuals, residuals
    for way, (then, residuals) in usual.items():
        carried = _carried(residuals[:until], (values - then)[:until], horizon)
        found.append(Errors(way, carried, _made(then, values, residuals, carried, horizon)))
    return found


def chosen(errors: list[Errors], until: int) -> Errors:
    """The way that was least off on the first so many readings, among those tried often enough."""

    def typical(way: Errors) -> float:
        known = way.found[:until][np.isfinite(way.found[:until])]
        return float(np.abs(known).mean()) if len(known) >= _MIN_KNOWN else np.inf

    return min(errors, key=typical)


def interval(errors: Errors, until: int) -> tuple[float, float]:
    """What to add to a forecast to have the bounds of its interval: quantiles of the errors made."""
    known = errors.found[:until][np.isfinite(errors.found[:until])][-_ERRORS_KEPT:]
    edge = (1 - INTERVAL) / 2
    low, high = np.quantile(known, [edge, 1 - edge]) if len(known) else (-np.inf, np.inf)
    return float(low), float(high)


def forecast(times: Numbers, values: Numbers, horizon: int) -> Forecast:
    """The reading so far ahead of the last, by the way that was least off so far."""
    way = chosen(past_errors(times, values, horizon, len(values)), len(values))
    low, high = interval(way, len(values))
    at = float(times[-1] + horizon * (usual_step(times) or 0.0))
    usual, residual = _now(way.way, times, values, at)
    known = np.isfinite(usual) and np.isfinite(residual)
    value = usual + way.carried * residual if known else float(values[-1])
    return Forecast(at, value, value + low, value + high, way.way)


def _now(way: str, times: Numbers, values: Numbers, at: float) -> tuple[float, float]:
    """What is usual at that time, and how far the last value was from what was usual then."""
    if way == "last":
        return 0.0, float(values[-1])
    if way == "level":
        level = RunningMean(_LEVEL_READINGS).before(np.append(values, 0.0))
        return float(level[-1]), float(values[-1] - level[-2])
    profile = _profiles(times)[way]
    residuals = profile.residuals(times, values)
    return float(profile.expected(np.array([at]))[0]), float(residuals[-1])


def _profiles(times: Numbers) -> Mapping[str, SeasonalProfile]:
    step = usual_step(times)
    if step is None:
        return {}
    width = max(step, _MIN_BIN)
    # Not smoothed: a neighbouring bin may have been renewed after the forecast was made.
    profiles = {"day": SeasonalProfile(_DAY, width, _MEMORY), "week": SeasonalProfile(_WEEK, width, _MEMORY)}
    return {way: profile for way, profile in profiles.items() if profile.bins >= _MIN_BINS}


def _carried(residuals: Numbers, later: Numbers, horizon: int) -> float:
    """The least-squares share of a residual that is still there after so many readings."""
    before, after = residuals[:-horizon], later[horizon:]
    both = np.isfinite(before) & np.isfinite(after)
    power = float((before[both] ** 2).sum())
    return float(np.clip((before[both] * after[both]).sum() / power, 0.0, 1.0)) if power > 0 else 0.0


def _made(usual: Numbers, values: Numbers, residuals: Numbers, carried: float, horizon: int) -> Numbers:
    """The error of each forecast: of what is usual then, and what is carried of the residual when it was made."""
    errors = np.full(len(values), np.nan)
    if len(values) > horizon:
        errors[horizon:] = values[horizon:] - (usual[horizon:] + carried * residuals[:-horizon])
    return errors
