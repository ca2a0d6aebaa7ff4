"""Whether two records tell of the same thing, by how rarely their values agree (Fellegi and Sunter, 1969)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from processing.models.quality import Numbers, probability_of

_ROUNDS = 50
_LEAST, _MOST = 1e-4, 0.999  # no single field decides alone
_SAME_PRIOR = 0.05  # of pairs worth comparing
_USUAL_AGREEMENT = 0.9
_PSEUDO_PAIRS = 50  # so many pairs of the usual kind are counted with those seen: a few alone would teach anything
_CHANCE_PAIRS = 20_000


@dataclass(frozen=True, slots=True)
class Linkage:
    """How telling agreement is, field by field.

    Attributes:
        fields: The fields compared.
        same: How often they agree in pairs that are the same thing.
        chance: How often they agree in pairs drawn by lot.
        prior: What share of the compared pairs is the same thing.
    """

    fields: tuple[str, ...]
    same: tuple[float, ...]
    chance: tuple[float, ...]
    prior: float

    def weights(self, agreement: Numbers) -> Numbers:
        """What each field adds to the log-odds of a pair: a row a pair, 0 where a value is missing (NaN)."""
        same, chance = np.asarray(self.same), np.asarray(self.chance)
        agree, differ = np.log(same / chance), np.log((1 - same) / (1 - chance))
        weights: Numbers = np.where(np.isnan(agreement), 0.0, np.where(agreement == 1, agree, differ))
        return weights

    def probability(self, agreement: Numbers) -> Numbers:
        """How likely each pair is the same thing."""
        prior = np.log(self.prior / (1 - self.prior))
        return probability_of(self.weights(agreement).sum(axis=1) + prior)


def agreements(left: pl.DataFrame, right: pl.DataFrame, fields: Sequence[str]) -> Numbers:
    """For each pair (the same row of both) and field: 1 agrees, 0 differs, NaN where one is missing."""
    columns = [(left[field] == right[field]).cast(pl.Float64).fill_null(np.nan).to_numpy() for field in fields]
    return np.stack(columns, axis=1) if left.height else np.empty((0, len(fields)))


def learn_linkage(rows: pl.DataFrame, pairs: Numbers, fields: Sequence[str], seed: int) -> Linkage:
    """Learns without any label, by expectation and maximisation, from pairs (places of rows) worth comparing.

    How often fields agree by chance is counted on pairs drawn by lot, so that only the rest is to be learned.
    """
    dice = np.random.default_rng(seed)
    drawn = dice.integers(0, rows.height, (2, _CHANCE_PAIRS))
    drawn = drawn[:, drawn[0] != drawn[1]]
    by_chance = agreements(rows[drawn[0].tolist()], rows[drawn[1].tolist()], fields)
    chance = np.clip(_mean(by_chance, np.ones(len(by_chance))), _LEAST, 0.5)
    compared = agreements(rows[pairs[:, 0].tolist()], rows[pairs[:, 1].tolist()], fields)
    found = Linkage(tuple(fields), tuple([_USUAL_AGREEMENT] * len(fields)), tuple(chance.tolist()), _SAME_PRIOR)
    for _ in range(_ROUNDS if len(compared) else 0):
        likely = found.probability(compared)
        weight = np.isfinite(compared) * likely[:, None]
        agreed = np.where(compared == 1, weight, 0.0).sum(axis=0)
        same = np.clip((agreed + _USUAL_AGREEMENT * _PSEUDO_PAIRS) / (weight.sum(axis=0) + _PSEUDO_PAIRS), 0.5, _MOST)
        prior = float((likely.sum() + _SAME_PRIOR * _PSEUDO_PAIRS) / (len(likely) + _PSEUDO_PAIRS))
        found = Linkage(tuple(fields), tuple(same.tolist()), found.chance, prior)
    return found


def _mean(agreement: Numbers, weight: Numbers) -> Numbers:
    """The weighted share of agreement of each field, missing values left out."""
    known = np.isfinite(agreement) * weight[:, None]
    mean: Numbers = np.nansum(agreement * weight[:, None], axis=0) / np.maximum(known.sum(axis=0), 1e-9)
    return mean
