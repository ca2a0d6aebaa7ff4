"""Streams over the lake lose nothing and count nothing twice when what does their work is killed, and killed again."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from engine_kit import shared_spark
from polars.testing import assert_frame_equal
from session_kit import RULE, VISIT, Act, as_told, by_hand, rows_of
from spark_kills import awaited_workers, kill_jvm, kill_workers

from pipeline.news import News
from pipeline.restarted import Restarted
from processing import (
    Count,
    LocalEngine,
    SessionStore,
    SessionStream,
    Streamed,
    Sum,
    View,
    ViewStore,
    ViewStream,
    lake_table,
)
from storage import DeltaLake

MAX_VERSIONS, ROWS, PAUSE_SECONDS = 500, 20, 0.3
WAIT_SECONDS = 90.0
SALES = View(
    name="sales",
    dataset="visit",
    dimensions=("shelf",),
    metrics=(Count(name="acts"), Sum(name="paid_sum", column="paid")),
)


def on_time(count: int, seed: int) -> list[Act]:
    dice = random.Random(seed)  # noqa: S311 - made-up acts
    seconds = sorted(dice.randrange(500_000) for _ in range(count))
    order = sorted(range(count), key=lambda i: seconds[i] + dice.randrange(RULE.lateness_seconds))
    return [(seconds[i], dice.choice("abcdefgh"), dice.choice(["x", "y", None]), dice.random() < 0.1) for i in order]


@contextmanager
def running(folder: Path, lake: DeltaLake, sessions: SessionStore, views: ViewStore) -> Iterator[None]:
    """Both streams, as the running system keeps them."""
    open_lake, spark = partial(DeltaLake, str(folder / "lake")), shared_spark().spark
    visits = SessionStream(spark, open_lake, sessions, folder / "visits")
    sales = ViewStream(spark, open_lake, views, folder / "sales")

    def start_visits() -> bool:
        visits.start(VISIT, lake)
        return True

    def start_sales() -> bool:
        sales.start([Streamed(VISIT, (SALES,))], lake)
        return True

    kept = [Restarted("visits", visits, start_visits, News()), Restarted("sales", sales, start_sales, News())]
    for each in kept:
        each.start()
    try:
        yield
    finally:
        for each in kept:
            each.stop()


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the dead JVM's sockets
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # of py4j's own threads
def test_kills_of_python_workers_and_of_the_jvm_while_a_writer_commits_change_no_count(tmp_path: Path) -> None:
    lake = DeltaLake(str(tmp_path / "lake"))
    sessions, views = SessionStore(tmp_path / "sessions", RULE), ViewStore(tmp_path / "views")
    acts = on_time(MAX_VERSIONS * ROWS, 5)
    lake.append(VISIT, rows_of(acts[:ROWS]), 1)
    enough = threading.Event()

    def write() -> None:
        for number in range(1, MAX_VERSIONS):
            if enough.wait(PAUSE_SECONDS):
                return
            lake.append(VISIT, rows_of(acts[number * ROWS : (number + 1) * ROWS], number * ROWS), number + 1)

    writer = threading.Thread(target=write)
    with running(tmp_path, lake, sessions, views):
        await_version(sessions, views, 0)
        writer.start()
        try:
            for kill in (kill_jvm, kill_workers):
                reached = lake.version("visit")
                awaited_workers()
                kill()
                await_version(sessions, views, reached + 1)
        finally:
            enough.set()
            writer.join()
        await_version(sessions, views, lake.version("visit"))
    standing = sessions.standing(VISIT)
    assert standing is not None
    assert standing.late == 0
    written = acts[: (lake.version("visit") + 1) * ROWS]
    assert as_told(sessions.sessions(VISIT)) == by_hand(written)
    from_zero = LocalEngine().rows(SALES, lake_table(lake, VISIT))
    assert_frame_equal(views.rows(SALES, VISIT), from_zero, check_exact=True)
    assert from_zero["acts"].sum() == len(written)


def await_version(sessions: SessionStore, views: ViewStore, version: int) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        standing = sessions.standing(VISIT)
        if standing is not None and min(standing.version, views.version(SALES)) >= version:
            return
        time.sleep(0.05)
    raise AssertionError(f"{sessions.standing(VISIT)} and {views.version(SALES)} never came to {version}")
