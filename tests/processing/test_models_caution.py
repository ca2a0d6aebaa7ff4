"""What speaks against acting on a model."""

import numpy as np
import pytest

from processing.models.denial import DenialModel
from processing.models.fraud import FraudModel
from processing.models.quality import auc_by_chance, roc_auc
from processing.models.review import ReviewModel
from processing.models.sensor_forecast import ForecastModel


def test_lots_reach_the_bound_of_chance_once_in_twenty_times() -> None:
    lots = np.random.default_rng(4)
    truth = np.arange(120) < 30
    reached = [roc_auc(truth, lots.random(120)) >= auc_by_chance(30, 90) for _ in range(4000)]
    assert np.mean(reached) == pytest.approx(0.05, abs=0.01)


@pytest.mark.parametrize(("auc", "rows", "is_chance"), [(0.52, 400, True), (0.52, 40_000, False), (0.85, 100, False)])
def test_whether_it_is_chance_depends_on_how_many_rows_there_were(auc: float, rows: int, is_chance: bool) -> None:
    measured = {"auc": auc, "rows": rows, "share_of_denials": 0.25, "share_of_frauds": 0.25}
    for model in (DenialModel(), FraudModel()):
        caution = model.caution(measured)
        assert (caution is not None) == is_chance
        assert not caution or caution.startswith("No better than chance: on records kept aside")


def test_reviews_are_not_worth_following_where_a_simpler_choice_saves_as_much() -> None:
    saved = {"saved": 900.0, "saved_by_chance": 400.0, "saved_by_largest_first": 800.0}
    assert ReviewModel().caution(saved) is None
    told = ReviewModel().caution(saved | {"saved_by_largest_first": 900.0})
    assert told is not None
    assert told.startswith("Taking the largest amounts first saves as much")


def test_a_forecast_is_held_against_the_last_value() -> None:
    assert ForecastModel().caution({"error_beside_last_value": 0.8}) is None
    assert ForecastModel().caution({"error_beside_last_value": 1.0})
