"""The whole pipe, warm: a file of a million rows until it is in the lake, and a small file until it is found."""

import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import polars as pl
import psutil
from measure import Figure, at_least, at_most, observed, percentile
from running import running

from core.settings import load_settings
from pipeline.system import System, open_system

BARE = Path(__file__).with_name("bare_ingest.py")
ROWS = 1_000_000
SENSORS = 40
TURNS = 3
SMALL_FILES = 40
GB = 10**9
PATIENCE_SECONDS = 300.0
POLL_SECONDS = 0.02
QUIET_SECONDS = 0.5  # for the disk to take what was written; a copy of that size takes as long in life
MEANS = {
    "temperature": 21.0,
    "humidity": 55.0,
    "pressure": 1013.0,
    "battery": 70.0,
    "voltage": 230.0,
    "co2": 415.0,
    "light": 300.0,
}
START = datetime(2026, 5, 1)  # noqa: DTZ001  # written without a zone, as sensors do


def figures(folder: Path) -> Iterator[Figure]:
    """The bare steps and ours on files of a million rows, in turn; then small files. One running system for all."""
    files = [folder / f"large-{number}.csv" for number in range(TURNS + 1)]
    for number, file in enumerate(files):
        _readings(ROWS, f"hall{number}").write_csv(file)
    with _running(folder / "home") as (system, process):
        _drop(system, "warm-up.csv", _readings(2000, "warm").write_csv().encode())
        _await(lambda: _is_found(system, "warm-0"), "the first file")
        pairs = [_bare_and_ours(system, file, number) for number, file in enumerate(files[:TURNS])]
        with _peak_memory(process) as peak:  # by itself: looking costs a core
            _bare_and_ours(system, files[TURNS], TURNS)
        bare, ours = (statistics.median(seconds) for seconds in zip(*pairs, strict=True))
        yield observed(f"{ROWS:,} rows into the lake ({files[0].stat().st_size / 1e6:.0f} MB)", ROWS / ours, "rows/s")
        yield at_least("the same, of the bare steps' speed", bare / ours, 0.6, "x")
        yield at_most("peak memory of the whole pipe on one", max(peak) / GB, 1.5, "GB")
        waits = [_searchable_seconds(system, number) for number in range(SMALL_FILES)]
        yield at_most("a small file until it is found, median", percentile(waits, 0.5), 1.5, "s")
        yield at_most("a small file until it is found, p95", percentile(waits, 0.95), 1.5, "s")


def _bare_and_ours(system: System, file: Path, number: int) -> tuple[float, float]:
    """Seconds of the bare steps, then of ours until the rows are in the lake, on one file; ends when all is quiet."""
    bare = _bare_seconds(file, file.with_suffix(".bare"))
    hidden = _laid_down(system, file.name, file.read_bytes())
    time.sleep(QUIET_SECONDS)
    before = _rows(system)
    started = time.perf_counter()  # both find the whole file on the disk
    hidden.rename(hidden.with_name(file.name))
    _await(lambda: _rows(system) >= before + ROWS, "the million rows in the lake")
    ours = time.perf_counter() - started
    _await(lambda: _is_found(system, f"hall{number}-{SENSORS - 1}"), "the million rows in the index")
    return bare, ours


def _readings(rows: int, place: str) -> pl.DataFrame:
    """Readings of the sensors in turn, a second apart."""
    rng = random.Random(rows)  # noqa: S311  # the same file each time
    waves = {name: pl.Series([round(rng.gauss(mean, 3), 4) for _ in range(1000)]) for name, mean in MEANS.items()}
    index = pl.int_range(rows, eager=True)
    return pl.DataFrame(
        {
            "sensor_id": pl.select(pl.format(place + "-{}", index % SENSORS)).to_series(),
            "timestamp": pl.select(
                (pl.lit(START) + pl.duration(seconds=pl.lit(index))).dt.strftime("%Y-%m-%d %H:%M:%S")
            ).to_series(),
            **{name: wave.gather(index % len(wave)) for name, wave in waves.items()},
            "location": pl.select(pl.format("building {}, " + place, index % 7)).to_series(),
        }
    )


def _bare_seconds(csv: Path, folder: Path) -> float:
    folder.mkdir()
    answer = subprocess.run(
        [sys.executable, str(BARE), str(csv), str(folder)], check=True, capture_output=True, text=True
    )
    return float(answer.stdout)


@contextmanager
def _running(home: Path) -> Iterator[tuple[System, psutil.Process]]:
    """A running system without a dashboard, and a reader beside it."""
    # models would start Spark, which is not meant here
    with running(home, {"PENSTOCK_PROCESSING_TRAIN": "false"}) as process:
        system = open_system(load_settings(home, environ={}))
        try:
            yield system, process
        finally:
            system.close()


@contextmanager
def _peak_memory(process: psutil.Process) -> Iterator[list[float]]:
    """Proportional memory of the process and all below it, looked at ten times a second."""
    seen = [0.0]
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(0.1):
            total = 0.0
            for each in (process, *process.children(recursive=True)):
                try:
                    total += each.memory_full_info().pss
                except psutil.Error:  # it has ended since
                    continue
            seen.append(total)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()


def _drop(system: System, name: str, content: bytes) -> None:
    """Puts a file into the inbox at once, as a careful writer does."""
    hidden = _laid_down(system, name, content)
    hidden.rename(hidden.with_name(name))


def _laid_down(system: System, name: str, content: bytes) -> Path:
    """A file under a temporary name in the inbox."""
    hidden = system.settings.home / "inbox" / f".{name}.part"
    hidden.write_bytes(content)
    return hidden


def _rows(system: System) -> int:
    return int(system.books()["rows"])


def _is_found(system: System, sensor: str) -> bool:
    return bool(system.search("", dataset="sensor_reading", where={"sensor_id": sensor}, limit=1)["hits"])


def _searchable_seconds(system: System, number: int) -> float:
    place = f"small{number}"
    content = _readings(100, place).write_csv().encode()
    started = time.perf_counter()
    _drop(system, f"{place}.csv", content)
    _await(lambda: _is_found(system, f"{place}-0"), f"the rows of {place}.csv in the index")
    return time.perf_counter() - started


def _await(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            message = f"{what}: not within {PATIENCE_SECONDS:.0f} s"
            raise TimeoutError(message)
        time.sleep(POLL_SECONDS)
