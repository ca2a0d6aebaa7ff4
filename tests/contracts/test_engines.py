"""Every engine gives equal rows, to the last bit, for every view."""

import importlib
import inspect
import pkgutil
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from engine_kit import lake_rows, shared_spark
from polars.testing import assert_frame_equal

import preparation.schemas
from core.dataset import Column, ColumnType, Dataset, PersonalData
from core.errors import EngineError, UsageError
from preparation.model import DatasetModel, as_dataset
from processing import (
    BUNDLED_VIEWS,
    Count,
    Distinct,
    Engine,
    LakeTable,
    LocalEngine,
    Max,
    Mean,
    Min,
    Piece,
    Quantiles,
    Ratio,
    Sum,
    Variance,
    View,
)

READING = Dataset(
    "reading",
    "What was measured.",
    (
        Column("at", ColumnType.TIMESTAMP),
        Column("day", ColumnType.DATE),
        Column("sensor", ColumnType.KEYWORD),
        Column("owner", ColumnType.KEYWORD, personal=PersonalData.PERSON_NAME),
        Column("value", ColumnType.NUMBER),
        Column("price", ColumnType.MONEY),
        Column("hits", ColumnType.INTEGER),
        Column("valid", ColumnType.BOOLEAN),
        Column("note", ColumnType.TEXT),
    ),
    event_time="at",
)
EVERY_METRIC = (
    Count(name="rows"),
    Count(name="values", column="value"),
    Count(name="high", where=(("value", ">", 1), ("sensor", "!=", "a"))),
    Count(name="some", where=("sensor", "in", ("a", "é"))),
    Count(name="priced", where=("price", "<=", "3.3333")),
    Count(name="unowned", where=("owner", "is null")),
    Sum(name="value_sum", column="value"),
    Sum(name="price_sum", column="price"),
    Sum(name="price_valid", column="price", where=("valid", "==", True)),
    Mean(name="value_mean", column="value"),
    Mean(name="price_mean", column="price"),
    Mean(name="hits_mean", column="hits"),
    Variance(name="value_variance", column="value"),
    Variance(name="price_variance", column="price"),
    Variance(name="hits_variance", column="hits"),
    Min(name="value_min", column="value"),
    Max(name="value_max", column="value"),
    Min(name="price_min", column="price"),
    Max(name="hits_max", column="hits"),
    Min(name="first", column="at"),
    Max(name="last_day", column="day"),
    Distinct(name="owners", column="owner"),
    Distinct(name="notes", column="note"),
    Distinct(name="hits_distinct", column="hits"),
    Distinct(name="days", column="day"),
    Distinct(name="valids", column="valid"),
    Quantiles(name="value", column="value", at=(0.01, 0.5, 0.95, 1.0)),
    Quantiles(name="price", column="price", where=("hits", ">=", 0)),
    Quantiles(name="hits", column="hits"),
)
HARD_VIEWS = (
    View(name="only_count", dataset="reading", metrics=(Count(name="rows"),)),
    View(name="all_rows", dataset="reading", metrics=EVERY_METRIC),
    View(
        name="by_minute",
        dataset="reading",
        window="1m",
        dimensions=("sensor", "owner", "valid"),
        metrics=EVERY_METRIC,
        ratios=(Ratio(name="share", numerator="high", denominator="values"),),
    ),
    View(name="by_hour", dataset="reading", window="1h", metrics=EVERY_METRIC, where=("value", "<", 1e6)),
    View(name="by_day", dataset="reading", window="1d", dimensions=("day",), metrics=(Count(name="rows"),)),
    View(name="by_month", dataset="reading", window="1mo", time="day", dimensions=("hits",), metrics=EVERY_METRIC[:9]),
    View(
        name="by_piece",
        dataset="reading",
        dimensions=(Piece(name="domain", column="note", after="@"), Piece(name="path", column="note", before="?")),
        metrics=(Count(name="rows"), Quantiles(name="value", column="value")),
        order_by="rows",
        limit=3,
    ),
    View(
        name="nothing",
        dataset="reading",
        metrics=(Count(name="rows"), Sum(name="s", column="value")),
        where=("sensor", "==", "?"),
    ),
    View(
        name="only_quantiles", dataset="reading", dimensions=("sensor",), metrics=(Quantiles(name="q", column="value"),)
    ),
)


@pytest.fixture(scope="session", params=["local", "spark"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return LocalEngine() if request.param == "local" else shared_spark()


@cache
def bundled_datasets() -> dict[str, Dataset]:
    modules = [
        importlib.import_module(f"preparation.schemas.{module.name}")
        for module in pkgutil.iter_modules(preparation.schemas.__path__)
    ]
    models = {
        value
        for module in modules
        for value in vars(module).values()
        if inspect.isclass(value) and issubclass(value, DatasetModel) and value is not DatasetModel
    }
    return {dataset.name: dataset for dataset in map(as_dataset, models)}


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


def test_sums_do_not_lose_what_doubles_lose(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "one.parquet"
    pl.DataFrame({"value": [1e16, 1.0, -1e16, 0.1, 0.2, 0.3]}).write_parquet(file)
    metrics = (Sum(name="sum", column="value"), Variance(name="variance", column="value"))
    rows = engine.rows(View(name="sums", dataset="reading", metrics=metrics), LakeTable(READING, (str(file),)))
    assert rows["sum"][0] == 1.6
    assert rows["variance"][0] == pytest.approx(4e31, rel=1e-15)


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
