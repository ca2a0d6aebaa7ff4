"""Sessions kept by a stateful stream on Spark are, session by session, those of one pass over the lake."""

import random
import time
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
from session_kit import RULE, VISIT, Act, as_told, by_hand, rows_of

from processing import SparkEngine
from processing.session_store import SessionStore, Standing
from processing.session_stream import SessionStream
from storage import DeltaLake

WAIT_SECONDS = 40.0


@pytest.fixture
def lake(tmp_path: Path) -> DeltaLake:
    return DeltaLake(str(tmp_path / "lake"))


@pytest.fixture
def store(tmp_path: Path) -> SessionStore:
    return SessionStore(tmp_path / "sessions", RULE)


@pytest.fixture
def stream(tmp_path: Path, store: SessionStore, spark: SparkEngine) -> Iterator[SessionStream]:
    made = SessionStream(spark.spark, partial(DeltaLake, str(tmp_path / "lake")), store, tmp_path / "checkpoints")
    yield made
    made.stop()


def await_version(store: SessionStore, version: int) -> Standing:
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        standing = store.standing(VISIT)
        if standing is not None and standing.version >= version:
            return standing
        time.sleep(0.05)
    raise AssertionError(f"{store.standing(VISIT)} never came to {version}")


def on_time(count: int, seed: int) -> list[Act]:
    """Acts that come in disorder, but none after one that is newer by the lateness."""
    dice = random.Random(seed)  # noqa: S311 - made-up acts
    seconds = sorted(dice.randrange(20_000) for _ in range(count))
    order = sorted(range(count), key=lambda i: seconds[i] + dice.randrange(RULE.lateness_seconds))
    return [(seconds[i], dice.choice("abcde"), dice.choice(["x", "y", None]), dice.random() < 0.1) for i in order]


def test_the_stream_closes_what_is_over_counts_what_is_late_and_goes_on_after_a_stop(
    stream: SessionStream, lake: DeltaLake, store: SessionStore, tmp_path: Path
) -> None:
    acts = on_time(400, 1)
    ends = [0, 60, 100, 230, 300, 400]
    for number, (first, last) in enumerate(pairwise(ends)):
        if number == 1:
            stream.start(VISIT, lake)
        if number == 3:
            stream.stop()
        version = lake.append(VISIT, rows_of(acts[first:last], first), number + 1)
        if number == 3:
            stream.start(VISIT, lake)
        standing = await_version(store, version) if number else None
    assert standing is not None
    assert (standing.late, standing.unplaced) == (0, 0)
    assert as_told(store.sessions(VISIT)) == by_hand(acts)
    again = SessionStore(tmp_path / "anew", RULE)
    again.rebuild(VISIT, lake)
    assert store.sessions(VISIT).equals(again.sessions(VISIT)), "open and closed alike"
    late: list[Act] = [(10, "a", "x", False), (20, "z", "x", False), (None, "z", "x", False), (20_500, "z", "x", True)]
    standing = await_version(store, lake.append(VISIT, rows_of(late, 400), 9))
    assert (standing.late, standing.unplaced) == (2, 1)
    found = store.sessions(VISIT)
    assert found["events"].sum() == 401
    assert found.row(0, named=True)["actor"] == "card=z"
    assert stream.progress()["state_rows"] <= 5, "what is over leaves the state"
