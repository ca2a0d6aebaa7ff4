"""kill -9 of a system whose streams run on Spark, while logs arrive: views and sessions are those of the whole lake."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from polars.testing import assert_frame_equal

from core.settings import Settings
from pipeline.system import System, open_system
from processing import SessionStore, lake_table

FILES, ROWS_PER_FILE = 18, 10
PAUSE_SECONDS, SETTLE_SECONDS = 0.5, 120.0
ENVIRONMENT = os.environ | {"PENSTOCK_PROCESSING_LIVE": "spark", "PENSTOCK_PROCESSING_TRAIN": "false"}

pytestmark = [pytest.mark.timeout(300), pytest.mark.soak]  # the kills of each part by itself are no soak


def running(home: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "pipeline.cli", "--home", str(home), "run", "--no-dashboard", "--json"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=ENVIRONMENT)


def drop_slowly(inbox: Path) -> None:
    for number in range(FILES):
        hour, minute = 10 + number // 6, number % 6 * 10
        rows = "".join(
            f"2026-05-04T{hour}:{minute + i:02d}:00Z,v{(number + i) % 7},/p{i},\n" for i in range(ROWS_PER_FILE)
        )
        hidden = inbox / f".{number}.part"
        hidden.write_text("timestamp,visitor_id,page_url,referrer\n" + rows, encoding="utf-8")
        hidden.rename(inbox / f"log-{number}.csv")
        time.sleep(PAUSE_SECONDS)


def standing(system: System) -> int:
    found = system.parts.session_store.standing(system.dataset("clickstream"))
    return -1 if found is None else found.version


def awaited(system: System, version: int) -> None:
    until = time.monotonic() + SETTLE_SECONDS
    views = system.parts.views.of_dataset("clickstream")
    while min(standing(system), *(system.parts.view_store.version(view) for view in views)) < version:
        assert time.monotonic() < until, (standing(system), version)
        time.sleep(0.1)


def test_killing_a_system_with_streams_loses_nothing_and_counts_nothing_twice(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    process = running(tmp_path)
    dropper = threading.Thread(target=drop_slowly, args=(tmp_path / "inbox",))
    dropper.start()
    system = open_system(Settings(tmp_path))
    try:
        awaited(system, 3)  # some by the stream, some on the way
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        gone, alive = psutil.wait_procs(children, timeout=30)
        assert gone
        assert not alive, "nothing goes on without its system"
        process = running(tmp_path)
        dropper.join()
        while system.books()["stored"] < FILES:
            time.sleep(0.2)
        awaited(system, system.parts.lake.version("clickstream"))
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        dropper.join()
    dataset = system.dataset("clickstream")
    sessions = system.parts.session_store.sessions(dataset)
    again = SessionStore(tmp_path / "anew", system.parts.session_store.rule)
    again.rebuild(dataset, system.parts.lake)
    assert sessions["events"].sum() == FILES * ROWS_PER_FILE
    assert sessions.equals(again.sessions(dataset))
    for view in system.parts.views.of_dataset("clickstream"):
        from_zero = system.parts.local.rows(view, lake_table(system.parts.lake, dataset))
        assert_frame_equal(system.parts.view_store.rows(view, dataset), from_zero, check_exact=True)
    system.close()
