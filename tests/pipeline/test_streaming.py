"""With `processing.live = "spark"` streaming queries keep views, sessions and scores; a killed JVM comes back."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from spark_kills import kill_jvm, kill_workers

from core.settings import Preparation, Processing, Settings
from pipeline import modelling
from pipeline.commands import obey
from pipeline.system import open_system
from pipeline.writer import Writer
from processing import SessionStore, lake_table

HEADER = "timestamp,sensor_id,temperature\n"
WAIT_SECONDS = 90.0
DENIALS = "bill_denial"
BILL_HEADER = "bill_id,patient_id,payer,department,billed_amount,patient_age,bill_status\n"


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
    dropped(writer, tmp_path / "a.csv", 1)
    for served, from_zero in served_and_from_zero(writer):
        assert_frame_equal(served, from_zero, check_exact=True)
    kill_jvm()
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


def stored(writer: Writer, file: Path, text: str, dataset: str) -> None:
    file.write_text(text, encoding="utf-8")
    [answer] = obey(writer, "drop", {"paths": [[str(file), str(file)]], "source": "test"})
    assert (answer["outcome"], answer["dataset"]) == ("stored", dataset)


def bills(count: int, seed: int) -> str:
    dice = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        payer = dice.choice(["North", "South", "Public"])
        refused = dice.random() < (0.6 if payer == "North" else 0.08)
        amount = dice.lognormal(6, 1)
        department = dice.choice(["cardiology", "dermatology", "urology"])
        status = "denied" if refused else "paid"
        rows.append(f"C{seed}-{number},P{number},{payer},{department},{amount:.2f},{dice.integers(20, 90)},{status}\n")
    return BILL_HEADER + "".join(rows)


def awaited(found: Callable[[], bool]) -> bool:
    until = time.monotonic() + WAIT_SECONDS
    while not found() and time.monotonic() < until:
        time.sleep(0.05)
    return found()


def test_new_bills_are_scored_once_as_they_come_also_after_kills_of_python_workers_and_the_jvm(
    writer: Writer, tmp_path: Path
) -> None:
    parts = writer.parts
    stored(writer, tmp_path / "bills.csv", bills(150, 1), "medical_bill")
    modelling.train(parts, DENIALS)
    assert modelling.results(parts, DENIALS).height == 150
    for seed, kill in ((2, kill_workers), (3, kill_jvm)):
        kill()
        stored(writer, tmp_path / f"more{seed}.csv", bills(20, seed), "medical_bill")
    assert awaited(lambda: modelling.results(parts, DENIALS).height == 190)
    streamed = open_system(parts.settings).model_results(DENIALS)
    assert streamed["denial_probability"].is_sorted(descending=True)
    at_once = modelling.score(parts, DENIALS)
    assert_frame_equal(streamed, at_once, check_exact=True)
    assert_frame_equal(modelling.results(parts, DENIALS), at_once, check_exact=True)


def test_visits_become_sessions_by_a_stateful_stream(writer: Writer, tmp_path: Path) -> None:
    parts = writer.parts
    dataset = writer.catalog().dataset("clickstream")
    for day in (4, 5, 6):
        rows = "".join(
            f"2026-05-0{day}T{hour:02d}:{minute:02d}:00Z,v{who},/shop/{minute},\n"
            for hour in (9, 14)
            for minute in (0, 7, 21)
            for who in range(5)
        )
        stored(writer, tmp_path / f"{day}.csv", "timestamp,visitor_id,page_url,referrer\n" + rows, "clickstream")

    def stands() -> bool:
        standing = parts.session_store.standing(dataset)
        return standing is not None and standing.version == parts.lake.version("clickstream")

    def held() -> list[object]:
        told = [each for each in obey(writer, "streams", {}) if each["stream"] == "sessions of clickstream"]
        return [(each["held"], each["lag"]) for each in told]

    assert awaited(stands)
    assert awaited(lambda: held() == [(5, 0)]), "the state is of visitors whose session is open"
    found = open_system(parts.settings).view_rows("clickstream_sessions")
    assert (found.height, found["events"].sum(), found["is_open"].sum()) == (30, 90, 5)
    again = SessionStore(tmp_path / "anew", parts.session_store.rule)
    again.rebuild(dataset, parts.lake)
    assert found.equals(again.sessions(dataset))
    assert found.select(pl.col("duration_seconds").unique()).to_series().to_list() == [1260.0]
