"""Every engine gives equal rows, to the last bit, for every view."""

from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from bundled_datasets import bundled_datasets
from engine_kit import lake_rows, shared_spark
from hard_views import HARD_VIEWS, READING
from hypothesis import given, settings
from hypothesis.strategies import floats, integers, lists, none, one_of
from polars.testing import assert_frame_equal

from core.dataset import Dataset
from core.errors import EngineError, UsageError
from processing import (
    BUNDLED_VIEWS,
    Correlation,
    Count,
    Covariance,
    Distinct,
    Engine,
    First,
    Histogram,
    LakeTable,
    Last,
    LocalEngine,
    Max,
    Mean,
    Min,
    Piece,
    Quantiles,
    Sum,
    Top,
    Variance,
    View,
)
from processing.parquet_files import facts_of, footers
from processing.state import finish


@pytest.fixture(scope="session", params=["local", "spark"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return LocalEngine() if request.param == "local" else shared_spark()


def table(folder: Path, dataset: Dataset, count: int) -> LakeTable:
    """Rows in three files, of which one was written before the dataset had its last columns."""
    rows = lake_rows(dataset, count)
    third = max(count // 3, 1)
    pieces = [rows[:third], rows[third : 2 * third], rows[2 * third :]]
    pieces[0] = pieces[0].select(rows.columns[: -min(2, len(dataset.columns) - 1)])
    files = []
    for i, piece in enumerate(pieces):
        file = folder / f"part [{i}] é.parquet"
        piece.write_parquet(file)
        files.append(str(file))
    return LakeTable(dataset, tuple(files))


@pytest.mark.parametrize("view", HARD_VIEWS, ids=lambda view: view.name)
def test_engines_agree_to_the_last_bit_on_the_values_that_break_engines(view: View, tmp_path: Path) -> None:
    rows = table(tmp_path, READING, 3_000)
    assert_frame_equal(shared_spark().rows(view, rows), LocalEngine().rows(view, rows), check_exact=True)


@pytest.mark.parametrize("view", BUNDLED_VIEWS, ids=lambda view: view.name)
def test_engines_agree_on_every_bundled_view(view: View, tmp_path: Path) -> None:
    rows = table(tmp_path, bundled_datasets()[view.dataset], 300)
    local = LocalEngine().rows(view, rows)
    assert local.height > 0
    assert tuple(local.columns) == view.columns
    assert_frame_equal(shared_spark().rows(view, rows), local, check_exact=True)


def test_a_table_without_files_gives_a_view_without_rows(engine: Engine) -> None:
    for view in HARD_VIEWS:
        rows = engine.rows(view, LakeTable(READING, ()))
        assert rows.is_empty()
        assert tuple(rows.columns) == view.columns


def test_texts_of_conditions_and_separators_stand_for_themselves(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "texts.parquet"
    texts = ["'", "\\", "\\'", '"', "`", "\n", "${env:HOME}", "%", "\\u0041", "é\x00", "{}"]
    pl.DataFrame({"note": texts}).write_parquet(file)
    counts = tuple(Count(name=f"n{i}", where=("note", "==", text)) for i, text in enumerate(texts))
    view = View(name="texts", dataset="reading", metrics=counts)
    assert engine.rows(view, LakeTable(READING, (str(file),))).row(0) == (1,) * len(texts)
    piece = Piece(name="piece", column="note", after="\\")
    pieces = View(name="pieces", dataset="reading", dimensions=(piece,), metrics=counts[:1])
    found = engine.rows(pieces, LakeTable(READING, (str(file),)))["piece"].to_list()
    assert found == [None, "", "'", "u0041"]


def test_what_is_no_measurement_counts_as_null(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "one.parquet"
    values = [float("nan"), float("inf"), 1e300, -0.0, 2.0]
    pl.DataFrame({"value": values}).write_parquet(file)
    view = View(
        name="values",
        dataset="reading",
        metrics=(
            Count(name="rows"),
            Count(name="values", column="value"),
            Sum(name="sum", column="value"),
            Min(name="least", column="value"),
            Max(name="most", column="value"),
        ),
    )
    rows = engine.rows(view, LakeTable(READING, (str(file),)))
    assert rows.rows() == [(5, 2, 2.0, 0.0, 2.0)]
    assert str(rows["least"][0]) == "0.0"


def test_pairs_are_of_rows_that_have_both(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "one.parquet"
    pairs = {"value": [1.0, 2.0, 4.0, None, 9.0], "hits": [3, 5, 10, 8, None], "sensor": ["a", "b", "a", None, "b"]}
    at = pl.Series("at", [3, 1, 1, 0, 2]).cast(pl.Datetime("us", "UTC"))
    pl.DataFrame(pairs).with_columns(at).write_parquet(file)
    metrics = (
        Covariance(name="covariance", column="value", other="hits"),
        Correlation(name="correlation", column="value", other="hits"),
        First(name="first", column="value"),
        Last(name="last", column="sensor"),
        Top(name="sensor", column="sensor", k=3),
        Histogram(name="hits", column="hits", edges=(5, 10)),
        Distinct(name="sensors", column="sensor", sketch="theta"),
    )
    view = View(name="pairs", dataset="reading", metrics=metrics)
    [row] = engine.rows(view, LakeTable(READING, (str(file),))).rows(named=True)
    assert row == {
        "covariance": 5.5,
        "correlation": pytest.approx(11 / (26 * 42 / 9) ** 0.5),
        "first": 2.0,
        "last": "a",
        "sensor_1": "a",
        "sensor_1_count": 2,
        "sensor_2": "b",
        "sensor_2_count": 2,
        "sensor_3": None,
        "sensor_3_count": None,
        "hits_below_5": 1,
        "hits_5_to_10": 2,
        "hits_from_10": 1,
        "sensors": 2,
    }


def test_theta_sketches_of_many_values_are_equal_and_near(engine: Engine, tmp_path: Path) -> None:
    files = []
    for i in range(3):  # overlapping thirds
        files.append(str(tmp_path / f"{i}.parquet"))
        pl.DataFrame({"note": [f"value {n}" for n in range(i * 10_000, i * 10_000 + 20_000)]}).write_parquet(files[-1])
    view = View(name="many", dataset="reading", metrics=(Distinct(name="notes", column="note", sketch="theta"),))
    found = engine.rows(view, LakeTable(READING, tuple(files)))["notes"][0]
    assert found == LocalEngine().rows(view, LakeTable(READING, tuple(reversed(files))))["notes"][0]
    assert found == pytest.approx(40_000, rel=0.05)


def test_sums_do_not_lose_what_doubles_lose(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "one.parquet"
    pl.DataFrame({"value": [1e16, 1.0, -1e16, 0.1, 0.2, 0.3]}).write_parquet(file)
    metrics = (Sum(name="sum", column="value"), Variance(name="variance", column="value"))
    rows = engine.rows(View(name="sums", dataset="reading", metrics=metrics), LakeTable(READING, (str(file),)))
    assert rows["sum"][0] == 1.6
    assert rows["variance"][0] == pytest.approx(4e31, rel=1e-15)


def test_what_is_left_out_because_footers_bound_it_changes_no_bit(engine: Engine, tmp_path: Path) -> None:
    metrics = (
        Sum(name="sum", column="value"),
        Variance(name="variance", column="value"),
        Covariance(name="value_hits", column="value", other="hits"),
        Min(name="least", column="value"),
        Quantiles(name="value", column="value"),
    )
    view = View(name="bounded", dataset="reading", dimensions=("sensor",), metrics=metrics)
    frames, files = [], []
    for power in (-50, -21, 10, 19, 20, 40, 79):  # on both sides of the powers of two at which sums are cut
        edge = 2.0**power
        values = [edge, -edge * (1 - 2.0**-53), edge / 3, edge * 1e-9, -0.0, float("nan"), None, 0.1 * edge]
        sensors = [f"2^{power}"] * len(values)
        frames.append(pl.DataFrame({"sensor": sensors, "value": values, "hits": range(len(values))}))
        files.append(str(tmp_path / f"{power}.parquet"))
        frames[-1].write_parquet(files[-1])
    for count in (2, 5, len(files)):  # the bound grows from file to file
        expected = finish(view, READING, LocalEngine().state_of_frames(view, READING, frames[:count]))
        known = facts_of(footers(files[:count], ["value"]), ["value"])
        assert known.range_of("value").magnitude == frames[count - 1]["value"][0]
        found = engine.rows(view, LakeTable(READING, tuple(files[:count])))
        assert_frame_equal(found, expected, check_exact=True)


def test_what_footers_say_of_zeros_and_sums_changes_no_bit(engine: Engine, tmp_path: Path) -> None:
    metrics = (
        Sum(name="sum", column="value"),
        Min(name="least", column="value"),
        Count(name="values", column="value"),
        Sum(name="hits_sum", column="hits"),
        Variance(name="hits_variance", column="hits"),
    )
    view = View(name="bounded", dataset="reading", dimensions=("sensor",), metrics=metrics)
    huge = 2**62  # the sum of three is no number of 64 bits
    frames = [
        pl.DataFrame({"sensor": ["a"] * 3, "value": [0.5, float("nan"), 3.0], "hits": [1, None, 3], "note": [1, 2, 3]}),
        pl.DataFrame({"sensor": ["b"] * 3, "value": [-0.0, float("nan"), None], "hits": [-1, -2, 0], "note": "x"}),
        pl.DataFrame({"sensor": ["b"] * 3, "value": [1.0, 2.0, 4.0], "hits": [huge, huge, huge]}),
    ]
    files = [str(tmp_path / f"{number}.parquet") for number in range(len(frames))]
    for frame, file in zip(frames, files, strict=True):
        frame.write_parquet(file)
    known = [facts_of(footers(files[:count], ["value", "hits"]), ["value", "hits"]) for count in (1, 2, 3)]
    assert [each.range_of("value").has_zero for each in known] == [False, True, True]
    for count in (1, 2, 3):
        lake = [frame.drop("note", strict=False) for frame in frames[:count]]
        expected = finish(view, READING, LocalEngine().state_of_frames(view, READING, lake))
        found = engine.rows(view, LakeTable(READING, tuple(files[:count])))
        assert_frame_equal(found, expected, check_exact=True)
    assert found["values"].to_list() == [2, 4]
    assert found["hits_sum"].to_list() == [4, None]
    assert [str(value) for value in found["least"]] == ["0.5", "0.0"]


def test_windows_that_are_not_filled_alike_change_no_bit(engine: Engine, tmp_path: Path) -> None:
    count = 30_000
    values = [2.0**20 - number * (1 / 3) for number in range(count)]
    metrics = (Sum(name="sum", column="value"), Variance(name="variance", column="value"))
    view = View(name="hours", dataset="reading", window="1h", metrics=metrics)
    last = pl.Series([*range(count), 10**12]).cast(pl.Datetime("us", "UTC"))  # eleven days after all the others
    rows = pl.DataFrame({"at": last, "value": [*values, 1.0]})
    file = tmp_path / "skewed.parquet"
    rows.write_parquet(file)
    found = engine.rows(view, LakeTable(READING, (str(file),)))
    assert found["sum"].to_list() == [float(sum(map(Fraction, values))), 1.0]
    assert_frame_equal(found, finish(view, READING, LocalEngine().state_of_frames(view, READING, [rows])))


def test_columns_without_values_and_files_without_bounds_are_added_up(engine: Engine, tmp_path: Path) -> None:
    metrics = (
        Count(name="rows"),
        Sum(name="sum", column="value"),
        Variance(name="variance", column="value"),
        Variance(name="hits_variance", column="hits"),
        Covariance(name="covariance", column="value", other="price"),
    )
    view = View(name="hours", dataset="reading", window="1h", metrics=metrics)
    at = pl.Series([0, 1, 3_600_000_000]).cast(pl.Datetime("us", "UTC"))
    given = [
        pl.DataFrame({"at": at}),
        pl.DataFrame({"at": at, "value": [0.0, 0.0, -0.0], "hits": [0, 0, None]}),
        pl.DataFrame({"at": at, "value": [1.5, 2.5, float("nan")], "hits": [1, 2, 3]}),
    ]
    for number, rows in enumerate(given):
        expected = finish(view, READING, LocalEngine().state_of_frames(view, READING, [rows]))
        for there, is_told in ((rows, True), (rows, False), (rows.clear(), True)):
            file = tmp_path / f"{number} {is_told} {there.height}.parquet"
            there.write_parquet(file, statistics=is_told)
            found = engine.rows(view, LakeTable(READING, (str(file),)))
            assert_frame_equal(found, expected if there.height else found.clear(), check_exact=True)


@given(
    values=lists(one_of(none(), floats(), floats(1e-12, 1e12), floats(-1.0, 1.0, width=16)), min_size=1, max_size=40),
    hits=integers(-(2**62), 2**62),
)
@settings(max_examples=60, deadline=None)
def test_sums_of_any_doubles_of_files_are_those_of_frames(values: list[float | None], hits: int) -> None:
    metrics = (
        Sum(name="sum", column="value"),
        Mean(name="mean", column="value", where=("hits", ">", 0)),
        Variance(name="variance", column="value"),
        Covariance(name="covariance", column="value", other="hits"),
    )
    view = View(name="any", dataset="reading", dimensions=("sensor",), metrics=metrics)
    rows = pl.DataFrame(
        {"sensor": ["a", "b"] * (len(values) // 2) + ["b"] * (len(values) % 2), "value": values},
        schema={"sensor": pl.String, "value": pl.Float64},
    ).with_columns(hits=pl.Series(hits // (place + 1) for place in range(len(values))))
    expected = finish(view, READING, LocalEngine().state_of_frames(view, READING, [rows]))
    with TemporaryDirectory() as folder:
        file = Path(folder) / "any.parquet"
        rows.write_parquet(file)
        found = LocalEngine().rows(view, LakeTable(READING, (str(file),)))
    assert_frame_equal(found, expected, check_exact=True)


def test_moments_beyond_what_doubles_tell_apart_are_in_their_windows(engine: Engine, tmp_path: Path) -> None:
    hour = 3_600_000_000
    late = (2**53 // hour + 3) * hour
    moments = [-1, 0, hour - 1, hour, late - 1, late, late + 1]
    file = tmp_path / "late.parquet"
    view = View(name="hours", dataset="reading", window="1h", metrics=(Count(name="rows"),))
    for there in (moments, moments[:4]):
        pl.DataFrame({"at": pl.Series(there).cast(pl.Datetime("us", "UTC"))}).write_parquet(file)
        starts = engine.rows(view, LakeTable(READING, (str(file),)))["window"].to_physical().to_list()
        assert starts == sorted({moment // hour * hour for moment in there})


def test_a_view_of_a_column_that_is_not_there_is_refused_by_name(engine: Engine) -> None:
    view = View(name="wrong", dataset="reading", metrics=(Sum(name="sum", column="weight"),))
    with pytest.raises(UsageError, match="names weight, which reading does not have"):
        engine.rows(view, LakeTable(READING, ()))


def test_files_that_are_gone_are_an_engine_error(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(EngineError):
        engine.rows(HARD_VIEWS[0], LakeTable(READING, (str(tmp_path / "gone.parquet"),)))


def test_an_engine_that_was_closed_can_be_used_again(tmp_path: Path) -> None:
    rows = table(tmp_path, READING, 30)
    engine = LocalEngine()
    engine.close()
    assert engine.rows(HARD_VIEWS[0], rows).rows() == [(30,)]
