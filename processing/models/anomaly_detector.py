"""How unusual each value of a series is, told from the values before it alone."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from processing.models.profiles import SeasonalProfile
from processing.models.quality import Numbers
from processing.models.running import LARGEST, RunningDistance, RunningMean, RunningQuantile

WARM_UP = 50
"""So many readings come before the first score."""

ASPECTS: Mapping[str, tuple[int, ...]] = {"level": (5, 20), "day": (5, 20), "week": (1, 5, 20), "change": (1,)}
"""What a value is held against, and over how many readings each: its level, its time of day and of week, the one
before.

Chosen with all that follows by halves of 29 labelled series, the threshold on one half and the score of the Numenta
benchmark on the other: 66.5 ± 5.7 of 100. Tried and no better: the spread of the last 20 (64.3), a fast level (61.0),
the difference over 20 (62.0), other spans (60.7), the largest instead of the mean (45 to 60), a memory of 3,200 or
6,400 readings (64, 65.5)."""

WORDS = {
    "level": "far from its level",
    "day": "unlike this time of day",
    "week": "unlike this time of the week",
    "change": "a sudden change",
}

_MEMORY = 12_800  # readings
_USUAL_SHARE = 0.995  # a distance that one reading in 200 exceeds is 1
_LEAST, _MOST = 0.1, 20.0  # below, all is equally usual: a series that hits its profile exactly hides nothing
_DAY, _WEEK = 86_400.0, 604_800.0
_MIN_BIN = 300.0  # seconds; a week then has 2,016
_MIN_BINS = 2
_DAY_MEMORY, _WEEK_MEMORY, _WEEK_SMOOTHED = 0.3, 0.5, 5
_CHUNK = 16_384  # readings worked on at once; bounds memory, changes no score


@dataclass(frozen=True, slots=True)
class Scores:
    """What was found of some readings.

    Attributes:
        scores: How unusual each is: 1 is what one reading in 200 exceeds, in all aspects; NaN where it cannot be told.
        aspects: The place in `ASPECTS` of what speaks most for that; -1 where the score is NaN.
    """

    scores: Numbers
    aspects: Numbers


class AnomalyDetector:
    """Scores a series as it comes. Its state is bounded, and how the series is cut into calls changes no score.

    A score is the geometric mean over the aspects of how far a value is off, in what was rarely exceeded so far. What
    is not known yet (the first day, the first week) counts as usual; what never can be (a day of daily readings, any
    time where none is given) is left out.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[Numbers, Numbers]] = []
        self._count = 0
        self._series: _Series | None = None

    def extend(self, times: Numbers, values: Numbers) -> Scores:
        """Scores the next readings, and learns from them.

        Args:
            times: Seconds since the epoch, in the order of arrival; NaN where unknown.
            values: What was read; where it is not finite it is passed over, and has no score.
        """
        scores, aspects = np.full(len(values), np.nan), np.full(len(values), -1)
        there = np.flatnonzero(np.isfinite(values))
        kept_times, kept = times[there].astype(float), np.clip(values[there].astype(float), -LARGEST, LARGEST)
        for start in range(0, len(there), _CHUNK):
            piece = slice(start, start + _CHUNK)
            found = self._extended(kept_times[piece], kept[piece])
            scores[there[piece]], aspects[there[piece]] = found.scores, found.aspects
        return Scores(scores, aspects)

    def _extended(self, times: Numbers, values: Numbers) -> Scores:
        if self._series is not None:
            return self._series.extend(times, values)
        self._waiting.append((times, values))
        waited, self._count = self._count, self._count + len(values)
        if self._count < WARM_UP:
            return Scores(np.full(len(values), np.nan), np.full(len(values), -1))
        all_times, all_values = (np.concatenate(parts) for parts in zip(*self._waiting, strict=True))
        self._waiting = []
        self._series = _Series(usual_step(all_times[:WARM_UP]), float(all_values[0]))
        found = self._series.extend(all_times, all_values)
        return Scores(found.scores[waited:], found.aspects[waited:])


class _Series:
    """What is known of a series whose step is known."""

    def __init__(self, step: float | None, origin: float) -> None:
        self._origin = self._last = origin
        self._level = RunningMean(_MEMORY)
        self._profiles = {} if step is None else _profiles(max(step, _MIN_BIN))
        self._measures = {
            aspect: [(RunningDistance(last, _MEMORY), RunningQuantile(_USUAL_SHARE, WARM_UP)) for last in spans]
            for aspect, spans in ASPECTS.items()
            if aspect in {"level", "change", *self._profiles}
        }
        self._seen = 0

    def extend(self, times: Numbers, values: Numbers) -> Scores:
        with np.errstate(over="ignore"):  # how many deviations something is off may be too many to count
            unusual = {aspect: self._measured(aspect, times, values) for aspect in self._measures}
        self._last = float(values[-1])
        scores = np.exp(sum(logs.sum(axis=0) for logs in unusual.values()) / sum(map(len, unusual.values())))
        places = np.array([list(ASPECTS).index(aspect) for aspect in unusual])
        strongest = places[np.argmax([logs.mean(axis=0) for logs in unusual.values()], axis=0)]
        is_known = np.arange(self._seen, self._seen + len(values)) >= WARM_UP
        self._seen += len(values)
        return Scores(np.where(is_known, scores, np.nan), np.where(is_known, strongest, -1))

    def _measured(self, aspect: str, times: Numbers, values: Numbers) -> Numbers:
        """The logarithm of how unusual each value is in that aspect, a row a span."""
        residuals = self._residuals(aspect, times, values)
        known = np.flatnonzero(np.isfinite(residuals))
        if not len(known):
            return np.full((len(self._measures[aspect]), len(values)), np.log(_LEAST))
        logs = np.full((len(self._measures[aspect]), len(values)), np.log(_LEAST))
        for row, (distance, quantile) in zip(logs, self._measures[aspect], strict=True):
            found = distance.distances(residuals[known])
            usual = quantile.before(found)
            ratio = np.where(np.isnan(usual), 0.0, found / usual)
            row[known] = np.log(np.clip(ratio, _LEAST, _MOST))
        return logs

    def _residuals(self, aspect: str, times: Numbers, values: Numbers) -> Numbers:
        shifted = values - self._origin
        if aspect == "level":
            return shifted - self._level.before(shifted)
        if aspect == "change":
            return np.abs(np.diff(values, prepend=self._last))
        residuals = np.full(len(values), np.nan)
        timed = np.isfinite(times)
        if timed.any():
            residuals[timed] = self._profiles[aspect].residuals(times[timed], shifted[timed])
        return residuals


def _profiles(width: float) -> dict[str, SeasonalProfile]:
    """Those that readings so far apart can have."""
    profiles = {
        "day": SeasonalProfile(_DAY, width, _DAY_MEMORY),
        "week": SeasonalProfile(_WEEK, width, _WEEK_MEMORY, _WEEK_SMOOTHED),
    }
    return {aspect: profile for aspect, profile in profiles.items() if profile.bins >= _MIN_BINS}


def usual_step(times: Numbers) -> float | None:
    """The usual distance of two readings in seconds; None where times do not tell."""
    apart = np.diff(times[np.isfinite(times)])
    apart = apart[apart > 0]
    return float(np.median(apart)) if len(apart) else None
