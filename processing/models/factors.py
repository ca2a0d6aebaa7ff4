"""A few patterns that many rows of counts are made of: factors that are nowhere negative."""

from typing import Any

import numpy as np

from processing.models.quality import Numbers

ROUNDS = 60
_TINY = 1e-12


def factors(table: Any, count: int) -> Numbers:
    """The patterns of a sparse table, a row each; the same for the same table.

    Non-negative factors by hierarchical alternating least squares (Cichocki and Phan, 2009), begun at the singular
    vectors (Boutsidis and Gallopoulos, 2008) rather than by lot: no seed decides what is found.
    """
    from scipy.sparse.linalg import svds

    begin = np.ones(min(table.shape))
    left, strength, right = svds(table, k=count, v0=begin, solver="arpack")
    order = np.argsort(-strength)
    pairs = [_positive(left[:, place], right[place], strength[place]) for place in order]
    shares, patterns = np.stack([share for share, _ in pairs], axis=1), np.stack([pattern for _, pattern in pairs])
    for _ in range(ROUNDS):
        shares = _solved(shares, table @ patterns.T, patterns @ patterns.T)
        patterns = _solved(patterns.T, table.T @ shares, shares.T @ shares).T
    return patterns


def shares_of(table: Any, patterns: Numbers) -> Numbers:
    """How much of each pattern is in each row."""
    shares = np.full((table.shape[0], len(patterns)), 1 / max(len(patterns), 1))
    for _ in range(ROUNDS):
        shares = _solved(shares, table @ patterns.T, patterns @ patterns.T)
    return shares


def _positive(left: Numbers, right: Numbers, strength: float) -> tuple[Numbers, Numbers]:
    """The larger of the two halves, positive and negative, of a pair of singular vectors."""
    halves = [(np.maximum(sign * left, 0), np.maximum(sign * right, 0)) for sign in (1, -1)]
    one, other = max(halves, key=lambda half: float(np.linalg.norm(half[0]) * np.linalg.norm(half[1])))
    return one * np.sqrt(strength) + _TINY, other * np.sqrt(strength) + _TINY


def _solved(factor: Numbers, target: Numbers, square: Numbers) -> Numbers:
    """One round of least squares, column by column, none below zero."""
    factor = factor.copy()
    for place in range(factor.shape[1]):
        step = (target[:, place] - factor @ square[:, place]) / max(square[place, place], _TINY)
        factor[:, place] = np.maximum(factor[:, place] + step, _TINY)
    return factor
