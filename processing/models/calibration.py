"""Probabilities that can be counted with: of those said to be 30 % likely, 30 % are true."""

from dataclasses import dataclass

import numpy as np

from processing.models.quality import Numbers, probability_of

_STEPS = 25
_RIDGE = 1e-3  # keeps the step finite where truth is told apart without a mistake


@dataclass(frozen=True, slots=True)
class Calibration:
    """A line through log-odds (Platt's scaling): a model that is shy or bold has its odds stretched or pressed."""

    slope: float = 1.0
    shift: float = 0.0

    def probability(self, odds: Numbers) -> Numbers:
        """The probability of each row, from its log-odds."""
        return probability_of(self.slope * odds + self.shift)


def calibrated(odds: Numbers, truth: Numbers) -> Calibration:
    """The line that makes the truth likeliest, by Newton's method; odds must be of rows that the model has not seen."""
    design = np.stack([odds, np.ones(len(odds))], axis=1)
    line = np.array([1.0, 0.0])
    for _ in range(_STEPS):
        probability = probability_of(design @ line)
        gradient = design.T @ (truth - probability) - _RIDGE * (line - [1.0, 0.0])
        curvature = (design * (probability * (1 - probability))[:, None]).T @ design + _RIDGE * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        line = line + np.clip(step, -1.0, 1.0)
    return Calibration(float(line[0]), float(line[1])) if line[0] > 0 else Calibration()


def calibrated_by_folds(odds: Numbers, truth: Numbers, folds: Numbers) -> Numbers:
    """The probability of each row by a line learned on the other folds, to be measured by."""
    found = np.zeros(len(odds))
    for fold in np.unique(folds):
        own = folds == fold
        found[own] = calibrated(odds[~own], truth[~own]).probability(odds[own])
    return found
