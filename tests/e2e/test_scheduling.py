"""A folder in which one file takes long: the others are not kept waiting, and a stop loses nothing of it."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import model_stub
import pytest

from core.errors import BusyError
from core.settings import Preparation, Settings
from ingestion import Step
from pipeline.commands import obey
from pipeline.writer import Writer

READING = b"timestamp,sensor_id,temperature\n2026-05-01T00:00:00Z,s%d,20.5\n"
SMALL_FILES = 200
SCAN_SECONDS = 8.0


def test_small_files_are_stored_long_before_the_scan_that_was_dropped_first(tmp_path: Path) -> None:
    home, folder = tmp_path / "home", tmp_path / "dropped"
    model_stub.install(home / "schemas")
    folder.mkdir()
    (folder / "000.toml").write_bytes(model_stub.scan(seconds=SCAN_SECONDS))
    for number in range(SMALL_FILES):
        (folder / f"{number:03}.csv").write_bytes(READING % number)
    settings = Settings(home=home, preparation=Preparation(workers=2, model_workers=1))
    with Writer(settings) as writer:
        started = time.monotonic()
        answers = [
            (Path(answer["path"]).suffix, answer["outcome"], time.monotonic() - started)
            for answer in obey(writer, "drop", {"paths": [(str(folder), str(folder))], "source": "test"})
        ]
    assert {outcome for _, outcome, _ in answers} == {"stored"}
    assert [suffix for suffix, _, _ in answers] == [".csv"] * SMALL_FILES + [".toml"]
    assert answers[-1][2] > SCAN_SECONDS
    assert answers[-2][2] < SCAN_SECONDS - 2


def test_a_system_that_stops_in_a_scan_stops_at_once_and_reads_it_at_the_next_start(tmp_path: Path) -> None:
    home, mended = tmp_path / "home", tmp_path / "mended"
    model_stub.install(home / "schemas")
    scan = tmp_path / "scan.toml"
    scan.write_bytes(model_stub.scan(seconds=60, unless=str(mended)))
    settings = Settings(home=home, preparation=Preparation(workers=1, model_workers=1))
    with ThreadPoolExecutor(1) as executor:
        with Writer(settings) as writer:
            dropping = executor.submit(
                list, obey(writer, "drop", {"paths": [(str(scan), str(scan))], "source": "test"})
            )
            await_that(lambda: any(step.step == "handed to a model" for step in steps(writer)))
            stopped = time.monotonic()
        assert time.monotonic() - stopped < 10
        with pytest.raises(BusyError):
            dropping.result()
    mended.touch()
    with Writer(settings) as writer:
        await_that(lambda: writer.ledger.books()["stored"] == 1)
        assert writer.ledger.books()["in_flight"] == 0


def steps(writer: Writer) -> list[Step]:
    return [step for arrival in writer.ledger.in_flight() for step in writer.ledger.steps(arrival.id)]


def await_that(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)
