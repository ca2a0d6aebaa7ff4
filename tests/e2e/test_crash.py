"""kill -9 of a running system at random moments while files arrive: afterwards everything is there exactly once."""

import json
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

FILES = 500
KILLS = 20
ROWS_PER_FILE = 4
SETTLE_SECONDS = 240.0

pytestmark = pytest.mark.timeout(900)


def penstock(home: Path, *arguments: str) -> list[dict[str, object]]:
    command = [sys.executable, "-m", "pipeline.cli", "--home", str(home), *arguments, "--json"]
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert told.returncode == 0, told.stderr + told.stdout
    return [json.loads(line) for line in told.stdout.splitlines()]


def running(home: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "pipeline.cli", "--home", str(home), "run", "--no-dashboard", "--json"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def drop_slowly(inbox: Path, stop: threading.Event) -> None:
    for number in range(FILES):
        hidden = inbox / f".{number}.part"
        rows = "".join(
            f"2026-05-{1 + row:02}T00:00:00Z,s{number},{number + row / 10}\n" for row in range(ROWS_PER_FILE)
        )
        hidden.write_text("timestamp,sensor_id,temperature\n" + rows, encoding="utf-8")
        hidden.rename(inbox / f"readings-{number}.csv")
        if stop.wait(0.06):
            return


def test_killing_the_system_twenty_times_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    chance = random.Random(7)  # noqa: S311  # moments, not secrets
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    stop = threading.Event()
    dropper = threading.Thread(target=drop_slowly, args=(inbox, stop))
    dropper.start()
    try:
        for _ in range(KILLS):
            system = running(tmp_path)
            time.sleep(chance.uniform(0.5, 4.0))
            system.send_signal(signal.SIGKILL)
            system.wait()
            assert system.stdout
            system.stdout.close()
        dropper.join()
        system = running(tmp_path)
        try:
            books = await_calm(tmp_path)
        finally:
            system.send_signal(signal.SIGTERM)
            system.communicate(timeout=60)
    finally:
        stop.set()
        dropper.join()
    assert books["received"] == books["stored"] == FILES
    assert books["rows"] == FILES * ROWS_PER_FILE
    (counted,) = penstock(tmp_path, "query", "SELECT count(*) AS n, count(DISTINCT _blob) AS blobs FROM sensor_reading")
    assert counted == {"n": FILES * ROWS_PER_FILE, "blobs": FILES}
    assert [check for check in penstock(tmp_path, "verify") if not check["ok"]] == []


def await_calm(home: Path) -> dict[str, object]:
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        (books,) = penstock(home, "status")
        if books["received"] == FILES and books["in_flight"] == 0:
            return books
        assert time.monotonic() < deadline, books
        time.sleep(0.5)
