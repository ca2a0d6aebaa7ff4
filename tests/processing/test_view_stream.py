"""Views kept by Spark Structured Streaming have what one pass over the lake gives, to the last bit."""

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from lake_kit import EVENT, VIEW, batch, expected
from polars.testing import assert_frame_equal

from core.dataset import Dataset
from processing import Count, SparkEngine, Streamed, View, ViewStore, ViewStream, replayed_by
from storage import DeltaLake

WAIT_SECONDS = 60.0
OTHER = Dataset("other_event", "Beside it.", EVENT.columns, event_time="at")
OTHER_VIEW = View(name="others", dataset="other_event", metrics=(Count(name="events"),))
STREAMED = (Streamed(EVENT, (VIEW,)), Streamed(OTHER, (OTHER_VIEW,)))


@pytest.fixture
def lake(tmp_path: Path) -> DeltaLake:
    return DeltaLake(str(tmp_path / "lake"))


@pytest.fixture
def store(tmp_path: Path) -> ViewStore:
    return ViewStore(tmp_path / "views")


@pytest.fixture
def stream(tmp_path: Path, lake: DeltaLake, store: ViewStore, spark: SparkEngine) -> Iterator[ViewStream]:
    made = ViewStream(spark.spark, partial(DeltaLake, str(tmp_path / "lake")), store, tmp_path / "checkpoints")
    lake.append(EVENT, batch(1), 1)
    made.start(STREAMED, lake)
    yield made
    made.stop()


def await_version(store: ViewStore, view: View, version: int) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while store.version(view) < version and time.monotonic() < until:
        time.sleep(0.02)
    assert store.version(view) == version


def test_the_stream_follows_the_lake_and_a_restart_counts_nothing_twice(
    stream: ViewStream, lake: DeltaLake, store: ViewStore
) -> None:
    for number in (2, 3):
        await_version(store, VIEW, lake.append(EVENT, batch(number), number))
    assert not stream.wait(1)
    assert stream.progress()["batch"] >= 0
    stream.stop()
    lake.append(EVENT, batch(4), 4)
    lake.append(OTHER, batch(5), 5)
    stream.start(STREAMED, lake)
    await_version(store, VIEW, lake.append(EVENT, batch(6), 6))
    await_version(store, OTHER_VIEW, lake.version("other_event"))
    assert_frame_equal(store.rows(VIEW, EVENT), expected(1, 2, 3, 4, 6), check_exact=True)
    assert store.rows(OTHER_VIEW, OTHER)["events"].to_list() == [50]


def test_a_replay_through_the_stream_gives_the_view_while_it_is_live(
    tmp_path: Path, lake: DeltaLake, store: ViewStore, spark: SparkEngine
) -> None:
    for number in range(1, 6):
        lake.append(EVENT, batch(number), number)
    store.refresh(VIEW, EVENT, lake)
    replay = replayed_by(spark.spark, partial(DeltaLake, str(tmp_path / "lake")), tmp_path / "checkpoints")

    def replayed_while_more_comes(*given: object) -> object:
        state = replay(*given)  # type: ignore[arg-type]
        lake.append(EVENT, batch(6), 6)
        store.refresh(VIEW, EVENT, lake)
        return state

    version = store.rebuild(VIEW, EVENT, lake, replayed_while_more_comes)  # type: ignore[arg-type]
    assert version == lake.version("event")
    kept = store.kept(VIEW)
    assert kept is not None
    assert (kept.batch.version, kept.speed.version) == (version - 1, version)
    assert_frame_equal(store.rows(VIEW, EVENT), expected(1, 2, 3, 4, 5, 6), check_exact=True)
