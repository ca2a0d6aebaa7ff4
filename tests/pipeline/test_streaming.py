"""With `processing.live = "spark"` a streaming query keeps the views, and comes back when its JVM is killed."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from core.settings import Preparation, Processing, Settings
from pipeline.commands import obey
from pipeline.writer import Writer
from processing import lake_table

HEADER = "timestamp,sensor_id,temperature\n"


@pytest.fixture(scope="module")
def writer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Writer]:
    home = tmp_path_factory.mktemp("streamed") / "home"
    settings = Settings(home, preparation=Preparation(workers=1), processing=Processing(live="spark", train=False))
    with Writer(settings) as running:
        yield running


def dropped(writer: Writer, file: Path, minute: int) -> None:
    rows = "".join(f"2026-05-01T10:{minute:02d}:{second:02d}Z,hall-{second % 3},{second / 7}\n" for second in range(60))
    file.write_text(HEADER + rows, encoding="utf-8")
    [answer] = obey(writer, "drop", {"paths": [[str(file), str(file)]], "source": "test"})
    assert answer["outcome"] == "stored"


def served_and_from_zero(writer: Writer) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    parts = writer.parts
    for view in parts.views.of_dataset("sensor_reading"):
        dataset = writer.catalog().dataset(view.dataset)
        yield parts.view_store.rows(view, dataset), parts.local.rows(view, lake_table(parts.lake, dataset))


def test_a_dropped_file_is_in_the_views_when_drop_says_so_also_after_a_kill_of_the_jvm(
    writer: Writer, tmp_path: Path
) -> None:
    from pyspark import SparkContext

    dropped(writer, tmp_path / "a.csv", 1)
    for served, from_zero in served_and_from_zero(writer):
        assert_frame_equal(served, from_zero, check_exact=True)
    os.kill(SparkContext._gateway.proc.pid, signal.SIGKILL)
    dropped(writer, tmp_path / "b.csv", 2)
    for served, from_zero in served_and_from_zero(writer):
        assert_frame_equal(served, from_zero, check_exact=True)


def test_a_rebuild_by_replay_on_spark_beside_the_live_view_changes_nothing(writer: Writer, tmp_path: Path) -> None:
    dropped(writer, tmp_path / "c.csv", 3)
    before = [served for served, _ in served_and_from_zero(writer)]
    names = [view.name for view in writer.parts.views.of_dataset("sensor_reading")]
    for name in names:
        [answer] = obey(writer, "rebuild_views", {"name": name, "engine": "spark"})
        assert answer == {"view": name, "version": writer.parts.lake.version("sensor_reading")}
    for was, (served, from_zero) in zip(before, served_and_from_zero(writer), strict=True):
        assert_frame_equal(served, was, check_exact=True)
        assert_frame_equal(served, from_zero, check_exact=True)
