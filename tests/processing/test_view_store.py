"""Kept views follow the lake version by version, and never show a half-done write."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from engine_kit import lake_rows
from polars.testing import assert_frame_equal

from core.dataset import Column, ColumnType, Dataset
from core.errors import NotFoundError, VersionGoneError
from processing import Count, Distinct, LocalEngine, Mean, Quantiles, SparkEngine, View, ViewStore, lake_table
from storage import DeltaLake, MemoryLake

EVENT = Dataset(
    "event",
    "Something that happened.",
    (Column("at", ColumnType.TIMESTAMP), Column("kind", ColumnType.KEYWORD), Column("size", ColumnType.NUMBER)),
    event_time="at",
)
VIEW = View(
    name="events",
    dataset="event",
    dimensions=("kind",),
    metrics=(
        Count(name="events"),
        Mean(name="size_mean", column="size"),
        Distinct(name="kinds", column="kind"),
        Quantiles(name="size", column="size"),
    ),
)


def batch(number: int, count: int = 50) -> pl.DataFrame:
    position = pl.int_range(pl.len(), dtype=pl.Int64).alias("_row")
    return lake_rows(EVENT, count, seed=number).with_columns(pl.lit(f"{number:064x}").alias("_blob"), position)


class ForgetfulLake(MemoryLake):
    """A lake that was compacted: its versions can no longer be told apart."""

    def changes(self, name: str, after: int, upto: int) -> Iterator[pl.DataFrame]:
        raise VersionGoneError(f"Versions of {name} in ({after}, {upto}] are gone.", "Read the rows.")


def expected(*batches: int) -> pl.DataFrame:
    from processing.state import finish

    return finish(VIEW, EVENT, LocalEngine().state_of_frames(VIEW, EVENT, [batch(n) for n in batches]))


def test_a_refreshed_view_has_what_a_rebuilt_one_has(tmp_path: Path) -> None:
    lake, store = MemoryLake(), ViewStore(tmp_path)
    for number in (1, 2, 3):
        version = lake.append(EVENT, batch(number), number)
        assert store.refresh(VIEW, EVENT, lake) == version == store.version(VIEW)
    assert_frame_equal(store.rows(VIEW, EVENT), expected(1, 2, 3), check_exact=True)
    store.rebuild(VIEW, EVENT, lake)
    assert_frame_equal(store.rows(VIEW, EVENT), expected(1, 2, 3), check_exact=True)


def test_a_version_is_never_counted_twice(tmp_path: Path) -> None:
    lake, store = MemoryLake(), ViewStore(tmp_path)
    lake.append(EVENT, batch(1), 1)
    for _ in range(3):
        store.refresh(VIEW, EVENT, lake)
    assert_frame_equal(store.rows(VIEW, EVENT), expected(1), check_exact=True)


def test_a_view_of_no_table_is_empty(tmp_path: Path) -> None:
    store = ViewStore(tmp_path)
    assert store.refresh(VIEW, EVENT, MemoryLake()) == -1
    assert store.rows(VIEW, EVENT).is_empty()


def test_a_view_is_rebuilt_where_the_lake_forgot_its_versions(tmp_path: Path) -> None:
    lake, store = ForgetfulLake(), ViewStore(tmp_path)
    for number in (1, 2):
        lake.append(EVENT, batch(number), number)
        store.refresh(VIEW, EVENT, lake)
    assert_frame_equal(store.rows(VIEW, EVENT), expected(1, 2), check_exact=True)


def test_a_changed_definition_is_not_served_and_rebuilds_itself(tmp_path: Path) -> None:
    lake, store = MemoryLake(), ViewStore(tmp_path)
    lake.append(EVENT, batch(1), 1)
    store.refresh(VIEW, EVENT, lake)
    changed = View(name="events", dataset="event", metrics=(Count(name="all"),))
    with pytest.raises(NotFoundError, match="not computed as it is defined now"):
        store.rows(changed, EVENT)
    store.refresh(changed, EVENT, lake)
    assert store.rows(changed, EVENT).rows() == [(50,)]


def test_a_torn_write_is_as_if_it_had_not_been(tmp_path: Path) -> None:
    lake, store = MemoryLake(), ViewStore(tmp_path)
    lake.append(EVENT, batch(1), 1)
    store.refresh(VIEW, EVENT, lake)
    (tmp_path / "events" / "9-torn.parquet").write_bytes(b"PAR1 and then the power went")
    (tmp_path / "events" / "view.json.draft").write_text('{"view": "ev')
    assert_frame_equal(ViewStore(tmp_path).rows(VIEW, EVENT), expected(1), check_exact=True)
    state = next(path for path in (tmp_path / "events").glob("*.parquet") if "torn" not in path.name)
    state.write_bytes(b"rotten")
    again = ViewStore(tmp_path)
    again.refresh(VIEW, EVENT, lake)
    assert_frame_equal(again.rows(VIEW, EVENT), expected(1), check_exact=True)


def test_a_dropped_view_is_gone(tmp_path: Path) -> None:
    lake, store = MemoryLake(), ViewStore(tmp_path)
    store.refresh(VIEW, EVENT, lake)
    store.drop("events")
    with pytest.raises(NotFoundError):
        store.rows(VIEW, EVENT)


def test_both_engines_read_the_files_of_the_lake_as_the_store_does(tmp_path: Path, spark: SparkEngine) -> None:
    lake, store = DeltaLake(str(tmp_path / "lake")), ViewStore(tmp_path / "views")
    narrow = Dataset("event", "", EVENT.columns[:2], event_time="at")
    lake.append(narrow, batch(1).drop("size"), 1)
    store.refresh(VIEW, EVENT, lake)
    lake.append(EVENT, batch(2), 2)
    store.refresh(VIEW, EVENT, lake)
    table = lake_table(lake, EVENT)
    kept = store.rows(VIEW, EVENT)
    assert kept["events"].sum() == 100
    assert_frame_equal(LocalEngine().rows(VIEW, table), kept, check_exact=True)
    assert_frame_equal(spark.rows(VIEW, table), kept, check_exact=True)
    store.rebuild(VIEW, EVENT, lake, spark)
    assert_frame_equal(store.rows(VIEW, EVENT), kept, check_exact=True)
