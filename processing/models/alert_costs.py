"""At which score an alert costs least: what alerts at a score have found and cried for nothing, weighed."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from processing.models.alerting import AlertRule
from processing.models.quality import Numbers

LATE = 20
"""So many readings after an anomaly an alert still counts as having found it."""

MIN_ANOMALIES = 10  # of a home's own, to learn from them instead
MAX_COVERED_SHARE, MIN_FOUND_SHARE = 0.2, 0.5
"""Labels that are everywhere, or that no threshold finds, are of something else than odd readings."""

_PER_READINGS = 10_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of alerts at one threshold.

    Attributes:
        threshold: The score that raised them.
        found: How many of the known anomalies had one.
        false: How many alerts were for nothing.
    """

    threshold: float
    found: int
    false: int


@dataclass(frozen=True, slots=True)
class Experience:
    """What came of alerts at several thresholds, on the same labelled readings."""

    anomalies: int
    readings: int
    outcomes: tuple[Outcome, ...]

    def cost(self, outcome: Outcome, missed_cost: float, false_cost: float) -> float:
        """What alerts at that threshold cost for 10,000 readings."""
        missed = (self.anomalies - outcome.found) * missed_cost
        return (missed + outcome.false * false_cost) * _PER_READINGS / self.readings

    def cheapest(self, missed_cost: float, false_cost: float) -> Outcome:
        """The threshold at which missed anomalies and alerts for nothing together cost least."""
        return min(self.outcomes, key=lambda outcome: self.cost(outcome, missed_cost, false_cost))

    def as_json(self) -> dict[str, Any]:
        """As JSON values, to be kept with a model."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Experience":
        """As `as_json` gave it."""
        outcomes = tuple(Outcome(**outcome) for outcome in kept["outcomes"])
        return cls(kept["anomalies"], kept["readings"], outcomes)


PUBLIC = Experience(
    anomalies=61,
    readings=157_810,
    outcomes=(
        Outcome(0.40, 53, 357),
        Outcome(0.45, 53, 282),
        Outcome(0.50, 53, 230),
        Outcome(0.55, 52, 185),
        Outcome(0.60, 52, 142),
        Outcome(0.65, 51, 118),
        Outcome(0.68, 51, 103),
        Outcome(0.75, 48, 77),
        Outcome(0.80, 46, 64),
        Outcome(0.90, 44, 42),
        Outcome(1.00, 36, 25),
        Outcome(1.20, 30, 15),
        Outcome(1.50, 18, 7),
        Outcome(2.00, 13, 2),
    ),
)
"""Of the detector on 29 labelled series of the Numenta benchmark (servers, traffic, adverts, a machine, tweets), but
for the first 15 % of each. It stands in where too few of a home's own readings are labelled."""


def experience_of(scores: Iterable[tuple[Numbers, Numbers]]) -> Experience:
    """That of a home's own labelled series, given as scores and labels (1, 0, NaN); `PUBLIC` where it is too little."""
    labelled = [(found, labels) for found, labels in scores if np.isfinite(labels).any()]
    anomalies = [_stretches(labels) for _, labels in labelled]
    known = sum(len(stretches) for stretches in anomalies)
    readings = sum(len(own) for own, _ in labelled)
    covered = sum(last + 1 + LATE - first for stretches in anomalies for first, last in stretches)
    if known < MIN_ANOMALIES or covered > MAX_COVERED_SHARE * readings:
        return PUBLIC
    outcomes = []
    for threshold in (outcome.threshold for outcome in PUBLIC.outcomes):
        counted = [_counted(own, runs, threshold) for (own, _), runs in zip(labelled, anomalies, strict=True)]
        outcomes.append(Outcome(threshold, sum(found for found, _ in counted), sum(false for _, false in counted)))
    if max(outcome.found for outcome in outcomes) < MIN_FOUND_SHARE * known:
        return PUBLIC
    return Experience(known, readings, tuple(outcomes))


def _counted(scores: Numbers, anomalies: list[tuple[int, int]], threshold: float) -> tuple[int, int]:
    """How many anomalies an alert fell into, and how many alerts fell into none."""
    starts = [alert.start for alert in AlertRule(threshold).extend(scores)]
    found = sum(any(first <= start <= last + LATE for start in starts) for first, last in anomalies)
    false = sum(not any(first <= start <= last + LATE for first, last in anomalies) for start in starts)
    return found, false


def _stretches(labels: Numbers) -> list[tuple[int, int]]:
    """The first and the last place of each run of abnormal readings."""
    edges = np.diff(np.concatenate([[0], (labels > 0).astype(int), [0]]))
    return list(zip(np.flatnonzero(edges == 1).tolist(), (np.flatnonzero(edges == -1) - 1).tolist(), strict=True))
