"""Series are scored as they come, alerts are few and cost least, and both are said of each sensor."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.dataset import Column, ColumnType, Dataset
from core.errors import EngineError
from core.frames import lake_schema
from processing import SparkEngine
from processing.models import ModelStore
from processing.models.alert_costs import PUBLIC, experience_of
from processing.models.alerting import LEARNING, AlertRule
from processing.models.anomaly_detector import WARM_UP, AnomalyDetector

T = ColumnType
READING = Dataset(
    "sensor_reading",
    "A reading.",
    (
        Column("time", T.TIMESTAMP),
        Column("sensor_id", T.KEYWORD),
        Column("metric", T.KEYWORD),
        Column("value", T.NUMBER),
        Column("temperature", T.NUMBER),
        Column("anomaly", T.NUMBER),
    ),
    event_time="time",
)
BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
STEP = 600.0
Numbers = NDArray[np.float64]


def busy_days(days: int, seed: int = 1) -> tuple[Numbers, Numbers]:
    """Readings every ten minutes that are high by day and low by night."""
    times = BEGIN.timestamp() + np.arange(int(days * 86_400 / STEP)) * STEP
    daily = np.where((times % 86_400 > 30_000) & (times % 86_400 < 64_000), 100.0, 20.0)
    return times, daily + np.random.default_rng(seed).normal(0, 2, len(times))


def scores_of(times: Numbers, values: Numbers) -> Numbers:
    found: Numbers = AnomalyDetector().extend(times, values).scores
    return found


@st.composite
def cut_series(draw: Callable[..., object]) -> tuple[Numbers, Numbers, list[int]]:
    """A series of any step, with gaps, jumps, missing and late readings, and where it is cut."""
    dice = np.random.default_rng(draw(st.integers(0, 10_000)))
    count = int(str(draw(st.integers(0, 900))))
    step = float(str(draw(st.sampled_from([1, 60, 300, 1_800, 3_600, 43_200, 86_400, 700_000]))))
    gaps = step * np.where(dice.random(count) < 0.1, dice.integers(-2, 50, count), 1)
    times = 1e9 + np.cumsum(gaps)
    values = dice.normal(0, 1, count).cumsum() * float(str(draw(st.sampled_from([0, 1e-9, 1, 1e12]))))
    values[dice.random(count) < 0.05] = np.nan
    times[dice.random(count) < 0.05] = np.nan
    cuts = sorted(dice.integers(0, count + 1, int(str(draw(st.integers(0, 12))))).tolist())
    return times, values, cuts


@settings(max_examples=60, deadline=None)
@given(cut_series())
def test_how_a_series_is_cut_into_calls_changes_no_score(case: tuple[Numbers, Numbers, list[int]]) -> None:
    times, values, cuts = case
    detector = AnomalyDetector()
    pieces = [detector.extend(*piece) for piece in zip(np.split(times, cuts), np.split(values, cuts), strict=True)]
    whole = AnomalyDetector().extend(times, values)
    np.testing.assert_array_equal(np.concatenate([piece.scores for piece in pieces]), whole.scores)
    np.testing.assert_array_equal(np.concatenate([piece.aspects for piece in pieces]), whole.aspects)
    assert not np.isinf(whole.scores).any()
    assert np.isnan(whole.scores[~np.isfinite(values)]).all()


def test_a_score_knows_nothing_of_the_readings_after_it() -> None:
    times, values = busy_days(10)
    changed = values.copy()
    changed[900:] = 1e6
    np.testing.assert_array_equal(scores_of(times, values)[:900], scores_of(times, changed)[:900])


def test_one_by_one_gives_what_all_at_once_gives() -> None:
    times, values = busy_days(2)
    detector = AnomalyDetector()
    single = [detector.extend(times[i : i + 1], values[i : i + 1]).scores[0] for i in range(len(times))]
    np.testing.assert_array_equal(single, scores_of(times, values))


def test_a_usual_value_at_an_unusual_hour_stands_out() -> None:
    times, values = busy_days(21)
    night = 19 * 144 + 12  # two o'clock of a night in the third week
    values[night : night + 6] = 100.0
    found = AnomalyDetector().extend(times, values)
    assert np.nanmax(found.scores[night : night + 6]) > 1
    assert np.nanmax(found.scores[night : night + 6]) > np.nanmax(found.scores[7 * 144 : night])


def test_the_unit_of_a_series_changes_no_score() -> None:
    times, values = busy_days(9)
    values[1_000] = 400
    np.testing.assert_allclose(scores_of(times, values * 1024), scores_of(times, values), rtol=1e-6)


@pytest.mark.parametrize("values", [np.zeros(400), np.full(400, 0.1), np.full(400, 1e300), np.full(400, np.nan)])
def test_a_series_that_never_changes_is_never_unusual(values: Numbers) -> None:
    scores = scores_of(np.arange(400) * 60.0, values)
    assert not (scores > 0.5).any()


def test_a_jump_after_silence_is_seen_without_any_times() -> None:
    values = np.concatenate([np.full(300, 5.0), [9.0], np.full(20, 5.0)])
    scores = scores_of(np.full(len(values), np.nan), values)
    assert np.nanargmax(scores) == 300
    assert scores[300] > 1


def test_the_first_readings_have_no_score() -> None:
    scores = scores_of(*busy_days(1))
    assert np.isnan(scores[:WARM_UP]).all()
    assert np.isfinite(scores[WARM_UP:]).all()


def test_memory_does_not_grow_with_the_series() -> None:
    import pickle

    times, values = busy_days(60)
    detector = AnomalyDetector()
    detector.extend(times[:4_320], values[:4_320])
    early = len(pickle.dumps(detector))
    detector.extend(times[4_320:], values[4_320:])
    assert len(pickle.dumps(detector)) < 1.05 * early


def scores_with(*stretches: tuple[int, int, float], length: int = 1_000) -> Numbers:
    scores = np.full(length, 0.2)
    for first, last, score in stretches:
        scores[first : last + 1] = score
    return scores


def test_what_jitters_about_the_threshold_is_one_alert() -> None:
    scores = scores_with((400, 404, 1.1), (405, 405, 0.9), (406, 409, 1.3), (420, 421, 1.2))
    (alert,) = AlertRule(1.0).extend(scores)
    assert (alert.start, alert.end, alert.peak, alert.at_peak) == (400, 410, 1.3, 406)


def test_after_the_cool_down_another_alert_is_raised() -> None:
    found = AlertRule(1.0).extend(scores_with((400, 401, 2.0), (499, 499, 2.0), (500, 500, 2.0)))
    assert [alert.start for alert in found] == [400, 500]


def test_a_series_that_has_just_begun_raises_no_alert() -> None:
    (alert,) = AlertRule(1.0).extend(scores_with((10, LEARNING + 5, 3.0)))
    assert alert.start == LEARNING


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.integers(0, 600), max_size=8))
def test_alerts_do_not_depend_on_how_the_scores_come(seed: int, cuts: list[int]) -> None:
    scores = np.random.default_rng(seed).gamma(1.0, 0.5, 600)
    scores[::7] = np.nan
    rule, ended = AlertRule(1.0, cool_down=20), []
    for piece in np.split(scores, sorted(cuts)):
        ended += [alert for alert in rule.extend(piece) if alert.end is not None]
    whole = AlertRule(1.0, cool_down=20).extend(scores)
    lasting = [] if rule.current is None else [rule.current]
    assert ended + lasting == whole


def test_dearer_misses_lower_the_threshold_and_dearer_alarms_raise_it() -> None:
    cheapest = [PUBLIC.cheapest(missed, 1.0).threshold for missed in (1, 5, 9, 50)]
    assert cheapest == sorted(cheapest, reverse=True)
    assert cheapest[0] > cheapest[-1]


def test_a_home_with_labels_learns_from_its_own_anomalies() -> None:
    labels = np.zeros(3_000)
    starts = list(range(300, 3_000, 250))
    for start in starts:
        labels[start : start + 5] = 1
    own = experience_of([(scores_with(*((s, s + 4, 0.9) for s in starts), length=3_000), labels)])
    assert own.anomalies == len(starts)
    best = own.cheapest(9.0, 1.0)
    assert (best.found, best.false) == (len(starts), 0)
    assert experience_of([(np.ones(50), np.full(50, np.nan))]) is PUBLIC


def test_labels_of_something_else_than_odd_readings_teach_nothing() -> None:
    dice = np.random.default_rng(1)
    scores = scores_with((500, 505, 2.0), length=3_000)
    everywhere = (dice.random(3_000) < 0.1).astype(float)
    elsewhere = np.zeros(3_000)
    elsewhere[600:3_000:200] = 1
    assert experience_of([(scores, everywhere)]) is PUBLIC
    assert experience_of([(scores, elsewhere)]) is PUBLIC


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    times, values = busy_days(21)
    broken = values.copy()
    broken[-30:] = 400.0
    moments = [BEGIN + timedelta(seconds=STEP * i) for i in range(len(times))]
    frames = [
        pl.DataFrame({"time": moments, "sensor_id": name, "value": own, "_row": range(len(own)), "_blob": "e" * 64})
        for name, own in {"pump": broken, "fan": values}.items()
    ]
    frames[1] = frames[1].with_columns(pl.lit("rotation").alias("metric")).reverse()  # the lake keeps no order
    return pl.concat([pl.DataFrame(schema=lake_schema(READING)), *frames], how="diagonal_relaxed")


@pytest.fixture
def store(tmp_path: Path, spark: SparkEngine) -> ModelStore:
    return ModelStore(tmp_path, spark)


def test_each_sensor_says_whether_it_is_on_alert_and_since_when(store: ModelStore, rows: pl.DataFrame) -> None:
    card = store.train("sensor_anomalies", READING, rows, lake_version=4)
    assert (card.kind, card.metrics["series"], card.metrics["readings"]) == ("predictive", 2, rows.height)
    said = store.score("sensor_anomalies", READING, rows)
    assert said.select("series", "column", "is_alert").rows() == [("pump", "value", True), ("fan", "rotation", False)]
    begun = BEGIN + timedelta(seconds=STEP * (21 * 144 - 30))
    assert said["since"].to_list() == [begun, None]
    assert "400" in said["reasons"][0]
    assert store.explain("sensor_anomalies")["weight"].sum() == pytest.approx(1)


def test_alerts_are_listed_with_their_time_and_reason(store: ModelStore, rows: pl.DataFrame) -> None:
    store.train("sensor_alerts", READING, rows, lake_version=4)
    (first, *_) = store.score("sensor_alerts", READING, rows).rows(named=True)
    assert (first["series"], first["lasts"], first["ended_at"]) == ("pump", True, None)
    assert first["raised_at"] == BEGIN + timedelta(seconds=STEP * (21 * 144 - 30))
    assert first["reading"] == 400
    what_if = store.explain("sensor_alerts")
    assert what_if["threshold"].is_sorted(descending=True)
    assert what_if["alerts"].is_sorted()
    assert ModelStore(store.folder, store._engine).explain("sensor_alerts").equals(what_if)


def test_too_short_series_are_refused_with_how_many_readings_it_takes(store: ModelStore, rows: pl.DataFrame) -> None:
    with pytest.raises(EngineError, match="series of 100 readings or more"):
        store.train("sensor_anomalies", READING, rows.head(20), lake_version=0)
