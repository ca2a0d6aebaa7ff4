"""Kept views follow the lake version by version, and never show a half-done write."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest
from lake_kit import EVENT, VIEW, batch, expected
from polars.testing import assert_frame_equal

from core.dataset import Dataset
from core.errors import NotFoundError, VersionGoneError
from processing import Count, LocalEngine, SparkEngine, View, ViewStore, batch_by, lake_table
from storage import DeltaLake, MemoryLake


class ForgetfulLake(MemoryLake):
    """A lake that was compacted: its versions can no longer be told apart."""

    def changes(self, name: str, after: int, upto: int) -> Iterator[pl.DataFrame]:
        raise VersionGoneError(f"Versions of {name} in ({after}, {upto}] are gone.", "Read the rows.")


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
    kept = store.kept(VIEW)
    assert kept is not None
    (tmp_path / "events" / kept.batch.state).write_bytes(b"rotten")
    again = ViewStore(tmp_path)
    again.refresh(VIEW, EVENT, lake)
    assert_frame_equal(again.rows(VIEW, EVENT), expected(1), check_exact=True)


def test_at_every_moment_both_layers_merge_to_the_view_from_zero(tmp_path: Path) -> None:
    lake, store = DeltaLake(str(tmp_path / "lake")), ViewStore(tmp_path / "views")
    lake.append(EVENT, batch(1), 1)
    store.refresh(VIEW, EVENT, lake)
    last = 40
    seen: list[int] = []
    written = threading.Event()

    def write() -> None:
        for number in range(2, last + 1):
            lake.append(EVENT, batch(number), number)
            store.refresh(VIEW, EVENT, lake)
        written.set()

    def rebuild() -> None:
        while not written.is_set():
            store.rebuild(VIEW, EVENT, lake, batch_by(LocalEngine()) if len(seen) % 2 else None)

    def look() -> None:
        beside = ViewStore(tmp_path / "views")  # as another process does
        while not written.is_set() or not seen or seen[-1] < last:
            rows = beside.rows(VIEW, EVENT)
            count = sum(rows["events"].to_list()) // 50
            assert_frame_equal(rows, expected(*range(1, count + 1)), check_exact=True)
            seen.append(count)

    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(each) for each in (look, rebuild, write)]:
            done.result(timeout=60)
    assert seen == sorted(seen)
    assert len(set(seen)) > 3
    kept = store.kept(VIEW)
    assert kept is not None
    assert kept.speed.version >= kept.batch.version


def test_versions_are_counted_only_where_the_view_stands(tmp_path: Path) -> None:
    lake, store = MemoryLake(), ViewStore(tmp_path)
    lake.append(EVENT, batch(1), 1)
    at = store.refresh(VIEW, EVENT, lake)
    new = LocalEngine().state_of_frames(VIEW, EVENT, [batch(2)])
    assert not store.advance(VIEW, EVENT, new, after=at + 1, upto=at + 2)
    assert store.advance(VIEW, EVENT, new, after=at, upto=at + 1)
    assert not store.advance(VIEW, EVENT, new, after=at, upto=at + 1)
    assert_frame_equal(store.rows(VIEW, EVENT), expected(1, 2), check_exact=True)


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
    store.rebuild(VIEW, EVENT, lake, batch_by(spark))
    assert_frame_equal(store.rows(VIEW, EVENT), kept, check_exact=True)
