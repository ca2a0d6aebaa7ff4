"""How good predictions are, on rows that the model has not seen."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[Any]
_ONE_IN_TWENTY = 1.645  # deviations of a normal distribution


def roc_auc(truth: Numbers, score: Numbers) -> float:
    """The chance that a true row scores above a false one; ties count half."""
    values, places, counts = np.unique(score, return_inverse=True, return_counts=True)
    del values
    ends = np.cumsum(counts)
    ranks = (ends - counts + 1 + ends) / 2
    true = truth.astype(bool)
    n, m = int(true.sum()), int((~true).sum())
    return float((ranks[places][true].sum() - n * (n + 1) / 2) / (n * m))


def auc_by_chance(positives: int, negatives: int) -> float:
    """What scores drawn by lot reach once in twenty times: the normal bound of the Mann-Whitney U statistic."""
    deviation = math.sqrt((positives + negatives + 1) / (12 * positives * negatives))
    return 0.5 + _ONE_IN_TWENTY * deviation


def average_precision(truth: Numbers, score: Numbers) -> float:
    """The mean precision at each true row, best scores first."""
    ordered = truth.astype(bool)[np.argsort(-score, kind="stable")]
    precision = np.cumsum(ordered) / np.arange(1, ordered.size + 1)
    return float(precision[ordered].mean())


def brier(truth: Numbers, probability: Numbers) -> float:
    """The mean squared distance of a probability from what was true; 0 is perfect."""
    return float(np.mean((truth.astype(float) - probability) ** 2))


def calibration_error(truth: Numbers, probability: Numbers, groups: int = 10) -> float:
    """How far probabilities are from the shares that came true, on average over groups of like ones; 0 is perfect."""
    order = np.argsort(probability, kind="stable")
    parts = [part for part in np.array_split(order, groups) if len(part)]
    apart = [abs(float(truth[part].mean() - probability[part].mean())) * len(part) for part in parts]
    return sum(apart) / len(truth)


def log_odds(probability: Numbers) -> Numbers:
    """The logarithm of the odds of a probability."""
    cut = np.clip(probability, 1e-9, 1 - 1e-9)
    odds: Numbers = np.log(cut / (1 - cut))
    return odds


def probability_of(odds: Numbers) -> Numbers:
    """What `log_odds` takes back."""
    probability: Numbers = 1 / (1 + np.exp(-np.clip(odds, -50, 50)))
    return probability
