"""The worker pool: whatever a file does to its worker, the answer is a `Prepared`, and the next file is served.

Faults are real: a user's own model runs inside the workers, and there kills, hangs or swells as its rows say.
"""

import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import polars as pl
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal

from core.frames import prepared_schema
from core.prepared import Prepared
from core.settings import Preparation
from preparation import Catalog, Pool
from preparation.piecewise import PIECE_BYTES
from preparation.preparing import prepare

MIB = 2**20
MODEL = '''
import os
import signal
import time

import pandera.polars as pa
import polars as pl

from penstock import DatasetModel, column

kept = []


def obey(order: str) -> None:
    word, _, value = order.partition(" ")
    if word == "signal":
        os.kill(os.getpid(), int(value))
    elif word == "once":
        if not os.path.exists(value):
            os.mkdir(value)
            os.kill(os.getpid(), signal.SIGSEGV)
    elif word == "exit":
        os._exit(int(value))
    elif word == "hang":
        time.sleep(float(value))
    elif word == "keep":
        kept.extend([bytes(1) * int(value)] if not kept else [])
    elif word == "take":
        bytes(1) * int(value)
    elif word == "fail":
        raise ValueError(value)
    elif word == "note":
        with open(value, "a") as file:
            print(os.getpid(), file=file)


class Trap(DatasetModel):
    """Traps, and what they are told to do."""

    name: str = column(description="The name of the trap.")
    order: str = column(description="What it is told.", kind="text")

    @pa.check("order")
    def is_obeyed(cls, data) -> pl.LazyFrame:
        """Does as it is told."""
        for order in data.lazyframe.select(data.key).collect().to_series():
            obey(order)
        return data.lazyframe.select(pl.lit(True))
'''
WIDER = MODEL.replace('kind="text")', 'kind="text")\n    depth: float = column(description="How deep it is.")')
SETTINGS = Preparation(workers=1, timeout_seconds=20.0, memory_bytes=1024 * MIB)
READINGS = b"timestamp,sensor_id,temperature\n2026-05-01T00:00:00Z,s1,20.5\n2026-05-01T00:01:00Z,s1,20.6\n"


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    folder = tmp_path / "schemas"
    folder.mkdir()
    (folder / "trap.py").write_text(MODEL, encoding="utf-8")
    return folder


@pytest.fixture
def opened(schemas: Path, tmp_path: Path) -> Iterator[Callable[..., Pool]]:
    pools: list[Pool] = []

    def open_pool(**changes: float) -> Pool:
        values = {"workers": 1, "timeout_seconds": 20.0, "memory_bytes": 1024 * MIB, "files_per_worker": 200}
        pools.append(Pool(Preparation(**(values | changes), writable=(str(tmp_path),)), schemas))  # type: ignore[arg-type]
        return pools[-1]

    yield open_pool
    for pool in pools:
        pool.close()


def told(pool: Pool, *orders: str) -> Prepared:
    """What becomes of a table that gives the model these orders."""
    content = "name,order\n" + "".join(f"t{number},{order}\n" for number, order in enumerate(orders))
    return given(pool, content.encode(), declared="trap")


def given(pool: Pool, content: bytes, declared: str | None = None) -> Prepared:
    return pool.prepare([content], name="x", sha256=hashlib.sha256(content).hexdigest(), declared=declared)


def is_served(pool: Pool) -> bool:
    """Whether the pool still prepares a good file."""
    prepared = given(pool, READINGS)
    return prepared.fault is None and prepared.tables[0].frame.height == 2


def pids(file: Path) -> list[int]:
    return [int(line) for line in file.read_text(encoding="ascii").split()]


def test_frames_come_back_as_they_are_prepared_in_process(opened: Callable[..., Pool]) -> None:
    rows = "".join(f"2026-05-01T00:{at % 60:02}:00Z,s{at},{20 + at / 10},,x{at}\n" for at in range(5_000))
    content = f"timestamp,sensor_id,temperature,humidity,note\n{rows}2026-05-01,s,9999999,,\n".encode()
    catalog = Catalog()
    file = Path("/dev/shm/penstock-test-frames")  # noqa: S108
    file.write_bytes(content)
    try:
        expected = prepare(file, name="x", sha256="0" * 64, size=len(content), catalog=catalog)
    finally:
        file.unlink()
    found = opened().prepare(iter([content[:1000], content[1000:]]), name="x", sha256="0" * 64)
    assert [table.dataset for table in found.tables] == [table.dataset for table in expected.tables]
    for mine, theirs in zip(found.tables, expected.tables, strict=True):
        assert mine.frame.schema == prepared_schema(catalog.dataset(mine.dataset))
        assert_frame_equal(mine.frame, theirs.frame)
        assert (mine.rejections, mine.rejected_rows) == (theirs.rejections, theirs.rejected_rows)
    assert (found.text, found.metadata, found.note) == (expected.text, expected.metadata, expected.note)


def test_a_database_that_is_open_elsewhere_is_read_though_a_worker_sees_no_file(
    opened: Callable[..., Pool], tmp_path: Path
) -> None:
    connection = sqlite3.connect(tmp_path / "stations.db")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE measured (timestamp TEXT, sensor_id TEXT, temperature REAL)")
    connection.executemany(
        "INSERT INTO measured VALUES (?, 's1', ?)", [(f"2026-05-01T00:0{n}:00Z", n) for n in range(9)]
    )
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint")
    content = (tmp_path / "stations.db").read_bytes()
    connection.close()
    found = given(opened(), content)
    assert found.fault is None
    assert [(table.dataset, table.frame.height) for table in found.tables] == [("sensor_reading", 9)]


@pytest.mark.parametrize("last", ["20.5", "1.020,5"], ids=["in pieces", "as a whole after all"])
def test_a_large_table_comes_out_whole_and_in_order(opened: Callable[..., Pool], last: str) -> None:
    count = 3 * PIECE_BYTES // 50
    at = pl.int_range(count, eager=True)
    line = pl.format("sensor-number-{},2026-05-01 00:00:00,20.5,wing {}", pl.col("at"), pl.col("at") % 7)
    rows = at.alias("at").to_frame().select(line).to_series().to_list()
    rows[-1] = rows[-1].replace("20.5", f'"{last}"')
    content = "\n".join(["sensor_id,timestamp,temperature,location", *rows]).encode()
    assert len(content) > 2 * PIECE_BYTES
    prepared = given(opened(), content)
    assert prepared.fault is None
    (table,) = prepared.tables
    assert (table.dataset, table.frame.height, table.rejected_rows) == ("sensor_reading", count, 0)
    assert table.frame["_row"].to_list() == at.to_list()
    assert table.frame["sensor_id"][-1] == f"sensor-number-{count - 1}"
    assert table.frame.schema == prepared_schema(Catalog().dataset("sensor_reading"))


def test_a_file_that_takes_too_long_is_stopped_in_time_and_not_tried_again(opened: Callable[..., Pool]) -> None:
    pool = opened(timeout_seconds=1.0)
    pool.warm()
    started = time.monotonic()
    fault = told(pool, "hang 60").fault
    assert time.monotonic() - started < 4.0
    assert fault is not None
    assert fault.reason == "It was not done after 1 seconds."
    assert "preparation.timeout_seconds" in fault.fix
    assert is_served(pool)


def test_a_file_that_kills_its_worker_is_tried_twice_and_given_up_by_the_signals_name(
    opened: Callable[..., Pool], tmp_path: Path
) -> None:
    pool = opened()
    fault = told(pool, f"note {tmp_path / 'tries'}", "signal 11").fault
    assert fault is not None
    assert "SIGSEGV" in fault.reason
    assert "another format" in fault.fix
    assert len(set(pids(tmp_path / "tries"))) == 2
    assert is_served(pool)


def test_an_abort_or_a_kill_is_told_as_what_want_of_memory_may_do(opened: Callable[..., Pool]) -> None:
    pool = opened()
    for number, name in ((6, "SIGABRT"), (9, "SIGKILL")):
        fault = told(pool, f"signal {number}").fault
        assert fault is not None
        assert name in fault.reason
        assert "preparation.memory_bytes" in fault.fix
    assert is_served(pool)


def test_a_worker_that_dies_of_a_file_only_once_costs_nothing(opened: Callable[..., Pool], tmp_path: Path) -> None:
    prepared = told(opened(), f"once {tmp_path / 'died'}")
    assert (tmp_path / "died").is_dir()
    assert prepared.fault is None
    assert prepared.tables[0].frame["name"].to_list() == ["t0"]


def test_a_worker_that_leaves_by_itself_is_a_fault_with_its_status(opened: Callable[..., Pool]) -> None:
    pool = opened()
    fault = told(pool, "exit 3").fault
    assert fault is not None
    assert "status 3" in fault.reason
    assert is_served(pool)


def test_a_file_that_needs_too_much_memory_is_told_so(opened: Callable[..., Pool], tmp_path: Path) -> None:
    pool = opened(memory_bytes=256 * MIB)
    file = tmp_path / "small.parquet"
    pq.write_table(pa.table({"timestamp": pa.repeat("2026-05-01T00:00:00Z", 20_000_000)}), file)
    fault = given(pool, file.read_bytes()).fault
    assert fault is not None
    assert fault.reason == "It needed more than 256 MiB of memory."
    assert "preparation.memory_bytes" in fault.fix
    assert is_served(pool)


def test_memory_that_a_file_left_taken_is_not_held_against_the_next(opened: Callable[..., Pool]) -> None:
    """A worker that was nearly full after one file let the next, a modest one, fail for want of memory."""
    pool = opened(memory_bytes=1200 * MIB)
    assert told(pool, f"keep {650 * MIB}").fault is None
    assert told(pool, f"take {650 * MIB}").fault is None
    assert told(pool, f"take {1200 * MIB}").fault is not None
    assert is_served(pool)


def test_a_check_that_raises_is_a_fault_that_names_it(opened: Callable[..., Pool]) -> None:
    pool = opened()
    fault = told(pool, "fail the bait is gone").fault
    assert fault is not None
    assert "'is_obeyed' of order in the model of trap failed" in fault.reason
    assert "the bait is gone" in fault.reason
    assert is_served(pool)


def test_workers_are_replaced_after_their_number_of_files(opened: Callable[..., Pool], tmp_path: Path) -> None:
    pool = opened(files_per_worker=2)
    for _ in range(5):
        assert told(pool, f"note {tmp_path / 'pids'}").fault is None
    found = pids(tmp_path / "pids")
    assert found[0] == found[1] != found[2] == found[3] != found[4]
    assert not any(psutil.pid_exists(pid) for pid in found[:4])


def test_the_first_workers_are_replaced_early_and_not_together(opened: Callable[..., Pool], tmp_path: Path) -> None:
    pool = opened(workers=2, files_per_worker=4)
    for _ in range(7):
        assert told(pool, f"note {tmp_path / 'pids'}").fault is None
    found = pids(tmp_path / "pids")
    assert [len(list(run)) for _, run in groupby(found)] == [2, 4, 1]


def test_renewed_workers_know_the_models_as_they_are_now(opened: Callable[..., Pool], schemas: Path) -> None:
    pool = opened()
    assert "depth" not in told(pool, "rest").tables[0].frame.columns
    (schemas / "trap.py").write_text(WIDER, encoding="utf-8")
    assert "depth" not in told(pool, "rest").tables[0].frame.columns
    pool.renew()
    assert "depth" in told(pool, "rest").tables[0].frame.columns


def test_a_worker_that_a_model_file_keeps_from_starting_is_a_fault_of_the_file(
    opened: Callable[..., Pool], schemas: Path
) -> None:
    (schemas / "deadly.py").write_text("import os\nos._exit(7)\n", encoding="utf-8")
    pool = opened()
    pool.warm()
    fault = given(pool, READINGS).fault
    assert fault is not None
    assert "7" in fault.reason
    assert "schemas" in fault.fix
    (schemas / "deadly.py").unlink()
    assert is_served(pool)


def test_many_threads_share_the_workers_and_each_gets_its_own_rows(opened: Callable[..., Pool], tmp_path: Path) -> None:
    pool = opened(workers=2, timeout_seconds=5.0)

    def task(number: int) -> tuple[int, list[str] | str]:
        orders = {0: "signal 11", 1: f"note {tmp_path / 'pids'}"}.get(number % 6, "rest")
        prepared = told(pool, *[f"{orders}"] * 3, f"rest {number}")
        return number, prepared.fault.reason if prepared.fault else prepared.tables[0].frame["order"].to_list()

    with ThreadPoolExecutor(6) as executor:
        answers = dict(executor.map(task, range(18)))
    for number, answer in answers.items():
        assert ("SIGSEGV" in answer) if number % 6 == 0 else answer[-1] == f"rest {number}"
    assert len(set(pids(tmp_path / "pids"))) <= 8
    assert is_served(pool)


def test_closing_leaves_no_process_behind(schemas: Path, tmp_path: Path) -> None:
    pool = Pool(replace(SETTINGS, writable=(str(tmp_path),)), schemas)
    assert told(pool, f"note {tmp_path / 'pids'}").fault is None
    pool.close()
    assert not any(psutil.pid_exists(pid) for pid in pids(tmp_path / "pids"))


def test_workers_step_back_as_they_are_told(schemas: Path, tmp_path: Path) -> None:
    pool = Pool(replace(SETTINGS, writable=(str(tmp_path),)), schemas, niceness=7)
    try:
        assert told(pool, f"note {tmp_path / 'pids'}").fault is None
        assert {psutil.Process(pid).nice() for pid in pids(tmp_path / "pids")} == {psutil.Process().nice() + 7}
    finally:
        pool.close()


def test_a_frame_without_rows_keeps_its_columns(opened: Callable[..., Pool]) -> None:
    prepared = given(opened(), b"temperature,humidity,timestamp\n")
    for table in prepared.tables:
        assert isinstance(table.frame, pl.DataFrame)
        assert table.frame.schema == prepared_schema(Catalog().dataset(table.dataset))
