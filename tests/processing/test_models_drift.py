"""Probabilities can be counted with, and a model says when rows are no longer like those it learned from."""

import numpy as np
import polars as pl
import pytest

from core.dataset import Column, ColumnType, Dataset
from core.frames import lake_schema
from processing.models.calibration import calibrated, calibrated_by_folds
from processing.models.drift import MIN_ROWS, drift, learned_from, stability_index
from processing.models.features import FeaturePlan
from processing.models.quality import calibration_error, log_odds, probability_of

CLAIM = Dataset(
    "insurance_claim", "A claim.", (Column("amount", ColumnType.NUMBER), Column("kind", ColumnType.KEYWORD))
)
PLAN = FeaturePlan(("amount",), ("kind",))


def claims(count: int, seed: int, blob: str, *, scale: float = 1.0, hail: float = 0.2) -> pl.DataFrame:
    dice = np.random.default_rng(seed)
    rows = pl.DataFrame(
        {
            "_blob": [blob] * count,
            "_row": range(count),
            "amount": dice.lognormal(8, 1, count) * scale,
            "kind": np.where(dice.random(count) < hail, "hail", "theft"),
        }
    )
    return pl.concat([pl.DataFrame(schema=lake_schema(CLAIM)), rows], how="diagonal_relaxed")


OLD = claims(2_000, 1, "old")
LEARNED = learned_from(OLD, CLAIM, PLAN)


def moved(new: pl.DataFrame) -> dict[str, tuple[float | None, bool | None]]:
    found = drift(pl.concat([OLD, new]), CLAIM, PLAN, LEARNED)
    return {feature: (far, retrain) for feature, far, _, retrain in found.iter_rows()}


@pytest.mark.parametrize("seed", range(5))
def test_rows_of_the_same_kind_have_not_moved(seed: int) -> None:
    for far, retrain in moved(claims(150, seed + 10, "new")).values():
        assert far is not None
        assert far < 0.1
        assert not retrain


def test_what_has_moved_is_named_first_and_asks_to_learn_anew() -> None:
    found = moved(claims(300, 2, "new", scale=4.0))
    assert next(iter(found)) == "amount"
    assert found["amount"][1] is True
    assert found["kind"][1] is False
    assert moved(claims(300, 2, "new", hail=0.7))["kind"][1] is True


def test_missing_values_and_values_never_seen_are_a_change() -> None:
    empty = claims(300, 3, "new").with_columns(
        pl.lit(None, dtype=pl.Float64).alias("amount"), pl.lit("flood").alias("kind")
    )
    assert [retrain for _, retrain in moved(empty).values()] == [True, True]


def test_of_too_few_new_rows_nothing_is_said() -> None:
    assert set(moved(claims(MIN_ROWS - 1, 4, "new", scale=100)).values()) == {(None, None)}
    assert set(moved(OLD.clear()).values()) == {(None, None)}


def test_the_index_is_that_of_the_textbook() -> None:
    by_hand = (0.3 - 0.5) * np.log(0.3 / 0.5) + (0.7 - 0.5) * np.log(0.7 / 0.5)
    assert stability_index(np.array([0.5, 0.5]), np.array([0.3, 0.7])) == pytest.approx(by_hand)
    assert stability_index(np.array([0.5, 0.5]), np.array([0.5, 0.5])) == 0


def bold(count: int = 4_000) -> tuple[np.ndarray, np.ndarray]:
    """The truth, and odds that are twice as sure as they may be, and shifted."""
    dice = np.random.default_rng(5)
    real = dice.normal(-1, 1, count)
    return dice.random(count) < probability_of(real), 2 * real + 1


def test_a_bold_model_is_taken_back_to_what_comes_true() -> None:
    truth, odds = bold()
    line = calibrated(odds, truth)
    assert line.slope == pytest.approx(0.5, abs=0.05)
    folds = np.arange(len(truth)) % 5
    before = calibration_error(truth, probability_of(odds))
    assert calibration_error(truth, calibrated_by_folds(odds, truth, folds)) < 0.03 < before / 3


def test_odds_that_tell_nothing_or_all_still_give_probabilities() -> None:
    truth = np.arange(200) % 4 == 0
    for odds in (np.zeros(200), np.where(truth, 30.0, -30.0), np.where(truth, -5.0, 5.0)):
        line = calibrated(odds, truth)
        assert line.slope > 0
        assert ((line.probability(odds) >= 0) & (line.probability(odds) <= 1)).all()


def test_odds_are_taken_back_by_their_probability() -> None:
    assert probability_of(log_odds(np.array([0.1, 0.5, 0.99]))) == pytest.approx([0.1, 0.5, 0.99])
