"""The benchmark's score of detections: the published formula, by what it must give and by hand."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.nab_scoring import Labelled, Profile, nab_score, raw_score, sigmoid

SERIES = Labelled(1_000, ((300, 399), (700, 749)))


def at(*places: int) -> NDArray[np.int64]:
    return np.array(places, dtype=np.int64)


def test_a_detector_that_says_nothing_has_0() -> None:
    assert nab_score([(SERIES, at()), (Labelled(500, ()), at())]) == 0


def test_a_detection_at_the_start_of_each_window_has_100() -> None:
    assert nab_score([(SERIES, at(300, 700))]) == pytest.approx(100, abs=0.01)


def test_a_detector_that_flags_everything_pays_for_every_reading_outside() -> None:
    found = nab_score([(SERIES, np.arange(1_000))])
    early = 0.11 * (300 - 150)  # after probation and before the first window each costs all
    between = 0.11 * sum(-max(-1.0, sigmoid((i - 399) / 99)) for i in range(400, 700))
    after = 0.11 * sum(-max(-1.0, sigmoid((i - 749) / 49)) for i in range(750, 1_000))
    assert found == pytest.approx(100 * (4 - early - between - after) / 4, abs=0.01)
    assert found < 0


def test_a_detection_in_the_middle_of_a_window_earns_what_the_formula_says() -> None:
    by_hand = (2 / (1 + math.exp(5 * -0.5)) - 1) / (2 / (1 + math.exp(-5)) - 1)
    assert raw_score(SERIES, at(350)) == pytest.approx(by_hand - 1)


def test_only_the_earliest_detection_in_a_window_counts() -> None:
    assert raw_score(SERIES, at(320, 350, 399)) == raw_score(SERIES, at(320))


def test_a_false_alarm_costs_less_near_a_window_and_all_of_it_far_away() -> None:
    def cost(place: int) -> float:
        return raw_score(SERIES, at()) - raw_score(SERIES, at(place))

    assert cost(401) < cost(450) < cost(600)
    assert cost(999) == pytest.approx(0.11)
    assert cost(200) == pytest.approx(0.11)


def test_detections_while_learning_count_for_nothing() -> None:
    assert raw_score(SERIES, at(0, 149)) == raw_score(SERIES, at())
    assert Labelled(20_000, ()).probation == 750


def test_missing_more_dearly_is_another_profile() -> None:
    dear = Profile(1.0, 0.11, 2.0)
    assert raw_score(SERIES, at(300), dear) == pytest.approx(-1, abs=0.01)
