"""The score of the Numenta Anomaly Benchmark, by the formula of its paper.

A. Lavin and S. Ahmad, "Evaluating Real-time Anomaly Detection Algorithms: the Numenta Anomaly Benchmark", 14th
International Conference on Machine Learning and Applications, 2015. Each anomaly has a window. The earliest detection
in a window earns by its place there, one outside loses by its distance from the window before, a window without a
detection loses one; the sum is put on a scale from 0, a detector that says nothing, to 100, one that detects each
window at its start. Where the published program is more exact than the paper (a window's last place is at -1 / width,
not 0; what comes after three widths costs all; the first 15 % of a series, 750 readings at most, are for learning), it
is followed.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PROBATION_SHARE, PROBATION_READINGS = 0.15, 5_000
_FAR = 3.0  # widths of a window


@dataclass(frozen=True, slots=True)
class Profile:
    """What detections are worth: found, for nothing, missed."""

    true_positive: float = 1.0
    false_positive: float = 0.11
    false_negative: float = 1.0


STANDARD = Profile()


@dataclass(frozen=True, slots=True)
class Labelled:
    """A series of so many readings, and the first and last place of each window with an anomaly, in order."""

    readings: int
    windows: Sequence[tuple[int, int]]

    @property
    def probation(self) -> int:
        """How many readings at its beginning are for learning."""
        return int(min(PROBATION_SHARE * self.readings, PROBATION_SHARE * PROBATION_READINGS))


def nab_score(series: Iterable[tuple[Labelled, NDArray[np.int64]]], profile: Profile = STANDARD) -> float:
    """The score of those series with the places of their detections, from 0 (as good as nothing) to 100."""
    raw = windows = 0.0
    for labelled, detections in series:
        raw += raw_score(labelled, detections, profile)
        windows += len(labelled.windows)
    null, perfect = -windows * profile.false_negative, windows * profile.true_positive
    return 100 * (raw - null) / (perfect - null)


def raw_score(labelled: Labelled, detections: NDArray[np.int64], profile: Profile = STANDARD) -> float:
    """What the detections in one series earn and lose."""
    best: dict[int, float] = {}
    lost = 0.0
    for place in detections[detections >= labelled.probation].tolist():
        inside = next((i for i, (first, last) in enumerate(labelled.windows) if first <= place <= last), None)
        if inside is None:
            lost += profile.false_positive * _outside(labelled, place)
        else:
            best[inside] = max(best.get(inside, -math.inf), _inside(labelled.windows[inside], place))
    missed = len(labelled.windows) - len(best)
    return profile.true_positive * sum(best.values()) + lost - profile.false_negative * missed


def sigmoid(place: float) -> float:
    """What a detection is worth at that place: -1 is a window's begin, 0 its end, above it lies behind."""
    return -1.0 if place > _FAR else 2 / (1 + math.exp(5 * place)) - 1


def _inside(window: tuple[int, int], place: int) -> float:
    first, last = window
    width = last - first + 1
    return sigmoid(-(last - place + 1) / width) / sigmoid(-1.0)


def _outside(labelled: Labelled, place: int) -> float:
    """Of a detection outside all windows; before the first it costs all."""
    before = [(first, last) for first, last in labelled.windows if last < place]
    if not before:
        return -1.0
    first, last = before[-1]
    width = last - first + 1
    return sigmoid((place - last) / (width - 1)) if width > 1 else -1.0
