"""A running system: the inbox, commands beside it, and its end."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

READINGS = "timestamp,sensor_id,temperature\n2026-05-01T10:00:00Z,{name},20.5\n2026-05-01T10:01:00Z,{name},20.7\n"
PATIENCE_SECONDS = 60.0


def penstock(home: Path, *arguments: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "pipeline.cli", "--home", str(home), *arguments, "--json"]
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert told.returncode == 0, told.stderr + told.stdout
    return [json.loads(line) for line in told.stdout.splitlines()]


@contextmanager
def running(home: Path, **variables: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "pipeline.cli", "--home", str(home), "run", "--no-dashboard", "--json"]
    environment = os.environ | {"PENSTOCK_PROCESSING_TRAIN": "false"} | variables
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout
        try:
            assert json.loads(process.stdout.readline())["event"] == "started"
            yield process
        finally:
            process.kill()


def await_that(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def books(home: Path) -> dict[str, Any]:
    return penstock(home, "status")[0]


def write_whole(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    hidden = path.with_name(f".{path.name}.part")
    hidden.write_text(text, encoding="utf-8")
    hidden.rename(path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_is_dropped_into_the_inbox_is_stored_and_a_signal_ends_the_run(tmp_path: Path, number: int) -> None:
    with running(tmp_path) as process:
        write_whole(tmp_path / "inbox" / "north" / "a.csv", READINGS.format(name="north-1"))
        await_that(lambda: books(tmp_path)["stored"] == 1, "the file is stored")
        assert (tmp_path / "inbox" / "north" / "a.csv").exists()
        process.send_signal(number)
        assert process.stdout
        events = [json.loads(line) for line in process.stdout]
        assert process.wait(30) == 0
    assert [event["event"] for event in events] == ["stored", "stopped"]
    assert [check for check in penstock(tmp_path, "verify") if not check["ok"]] == []


def test_a_command_beside_the_run_is_answered_by_it(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "b.csv").write_text(READINGS.format(name="south-1"), encoding="utf-8")
    home = tmp_path / "home"
    with running(home):
        (answer,) = penstock(home, "drop", str(tmp_path / "elsewhere" / "b.csv"), "--source", "courier")
        assert (answer["outcome"], answer["rows"]) == ("stored", 2)
        assert len(penstock(home, "search", "south-1")) == 2
        assert {step["step"] for step in penstock(home, "trace", answer["blob"])} >= {
            "received",
            "stored",
            "searchable",
        }


def test_a_folder_named_like_a_dataset_tells_what_a_file_is(tmp_path: Path) -> None:
    with running(tmp_path):
        write_whole(tmp_path / "inbox" / "sensor_reading" / "odd.csv", "when,reading\n2026-05-01,1\n2026-05-02,2\n")
        await_that(lambda: books(tmp_path)["stored"] == 1, "the file is stored")
        assert books(tmp_path)["datasets"]["sensor_reading"]["blobs"] == 1


def test_files_are_moved_once_they_are_safe_where_the_settings_say_so(tmp_path: Path) -> None:
    with running(tmp_path, PENSTOCK_INGESTION_AFTER="move"):
        write_whole(tmp_path / "inbox" / "deep" / "c.csv", READINGS.format(name="east-1"))
        await_that((tmp_path / "done" / "deep" / "c.csv").exists, "the file is moved")
        await_that(lambda: books(tmp_path)["stored"] == 1, "the file is stored")
    assert not (tmp_path / "inbox" / "deep" / "c.csv").exists()


def test_a_second_run_on_one_home_is_refused_in_words(tmp_path: Path) -> None:
    with running(tmp_path):
        command = [sys.executable, "-m", "pipeline.cli", "--home", str(tmp_path), "run", "--no-dashboard"]
        told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert told.returncode == 1
    assert "another process" in told.stderr


def test_a_model_added_while_it_runs_counts_from_the_next_file_on(tmp_path: Path) -> None:
    model = (
        "from penstock import DatasetModel, column\n"
        "class TideTable(DatasetModel):\n"
        '    """High and low waters at a port."""\n'
        "    port: str = column(description='The port.', synonyms=('harbour',), required=True)\n"
        "    high_water: float = column(description='Height.', unit='m', synonyms=('hw height',))\n"
        "    low_water: float = column(description='Height.', unit='m', synonyms=('lw height',))\n"
    )
    with running(tmp_path):
        write_whole(tmp_path / "schemas" / "tide_table.py", model)
        write_whole(tmp_path / "inbox" / "tides.csv", "Harbour,HW height,LW height\nHusum,3.4,0.2\nEmden,3.1,0.4\n")
        await_that(lambda: books(tmp_path)["stored"] == 1, "the file is stored")
        assert penstock(tmp_path, "query", "SELECT port FROM tide_table ORDER BY port")[0] == {"port": "Emden"}
