"""The failure knobs of the backends in memory, and the front door."""

import subprocess
import sys
from pathlib import Path

import pytest
from storage_rows import CARE, care_rows

import storage
from core.errors import StorageError, VersionGoneError
from storage import MemoryIndex, MemoryLake

REPOSITORY = Path(__file__).resolve().parents[2]


def test_a_lake_told_to_fail_before_keeps_nothing() -> None:
    lake = MemoryLake(failing_before=1)
    with pytest.raises(StorageError, match="told to fail"):
        lake.append(CARE, care_rows(), 1)
    assert lake.version("care") == -1
    assert lake.append(CARE, care_rows(), 1) == 0


def test_a_lake_told_to_fail_after_has_the_batch() -> None:
    lake = MemoryLake(failing_after=1)
    with pytest.raises(StorageError, match="told to fail"):
        lake.append(CARE, care_rows(), 1)
    assert lake.append(CARE, care_rows(), 1) == 0
    assert lake.rows("care").read_all().num_rows == 3


def test_a_lake_told_to_forget_gives_whole_tables_only() -> None:
    lake = MemoryLake()
    lake.append(CARE, care_rows(), 1)
    lake.append(CARE, care_rows(), 2)
    lake.forget("care", before=1)
    with pytest.raises(VersionGoneError):
        list(lake.changes("care", -1, 1))
    assert sum(frame.height for frame in lake.changes("care", 0, 1)) == 3


def test_an_index_told_to_fail_stays_as_it_was() -> None:
    index = MemoryIndex()
    index.write(CARE, iter([care_rows()]), 1)
    index.failing = 1
    with pytest.raises(StorageError, match="told to fail"):
        index.write(CARE, iter([care_rows()]), 2)
    assert index.version("care") == 1


def test_the_front_door_gives_every_backend_it_names() -> None:
    assert [getattr(storage, name).__name__ for name in storage.__all__] == storage.__all__
    with pytest.raises(AttributeError, match="nonsense"):
        storage.nonsense  # noqa: B018


def test_the_front_door_imports_no_driver() -> None:
    code = "import sys, storage; print(sorted({'deltalake', 'tantivy', 'duckdb', 'polars'} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
