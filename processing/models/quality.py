"""How good predictions are, on rows that the model has not seen."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[Any]


def roc_auc(truth: Numbers, score: Numbers) -> float:
    """The chance that a true row scores above a false one; ties count half."""
    values, places, counts = np.unique(score, return_inverse=True, return_counts=True)
    del values
    ends = np.cumsum(counts)
    ranks = (ends - counts + 1 + ends) / 2
    true = truth.astype(bool)
    n, m = int(true.sum()), int((~true).sum())
    return float((ranks[places][true].sum() - n * (n + 1) / 2) / (n * m))


def average_precision(truth: Numbers, score: Numbers) -> float:
    """The mean precision at each true row, best scores first."""
    ordered = truth.astype(bool)[np.argsort(-score, kind="stable")]
    precision = np.cumsum(ordered) / np.arange(1, ordered.size + 1)
    return float(precision[ordered].mean())


def brier(truth: Numbers, probability: Numbers) -> float:
    """The mean squared distance of a probability from what was true; 0 is perfect."""
    return float(np.mean((truth.astype(float) - probability) ** 2))
