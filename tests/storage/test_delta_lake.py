"""What only the Delta lake does: its log, other processes, other engines."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable
from polars.testing import assert_frame_equal
from pyarrow.dataset import field
from storage_rows import CARE, CLAIM, OTHER_BLOB, care_rows, rows

from core.errors import StorageError, VersionGoneError
from storage import DeltaLake, DuckdbSql

MANY_ROWS = 100_000
REPOSITORY = Path(__file__).resolve().parents[2]
APPENDING = """
import sys, time
sys.path[:0] = [sys.argv[2], sys.argv[2] + "/tests"]
from storage import DeltaLake
from storage_rows import CARE, rows
lake = DeltaLake(sys.argv[1])
print("ready", flush=True)
for batch in range(1, 1_000_000):
    lake.append(CARE, rows(CARE, *({"visits": batch} for _ in range(50)), start=batch * 50), batch)
    print(batch, flush=True)
    time.sleep(0.01)  # a reader asks each file: it has to keep up
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "a lake, 100% ü #"


@pytest.fixture
def lake(folder: Path) -> DeltaLake:
    return DeltaLake(str(folder))


def height(lake: DeltaLake, name: str) -> int:
    return int(lake.rows(name).read_all().num_rows)


def test_a_lake_opened_again_goes_on_where_it_was(lake: DeltaLake, folder: Path) -> None:
    lake.append(CLAIM, rows(CLAIM, {"number": "1"}), 5)
    again = DeltaLake(str(folder))
    assert again.append(CLAIM, rows(CLAIM, {"number": "1"}), 5) == 0
    assert again.append(CLAIM, rows(CLAIM, {"number": "1"}, {"number": "2"}, blob=OTHER_BLOB), 6) == 1
    assert height(again, "claim") == 2


def test_a_version_that_took_rows_away_cannot_be_followed(lake: DeltaLake, folder: Path) -> None:
    lake.append(CARE, rows(CARE, *({"visits": at} for at in range(10))), 1)
    DeltaTable(str(folder / "care")).delete("visits = 3")
    after = lake.append(CARE, rows(CARE, {"visits": 99}, blob=OTHER_BLOB), 2)
    assert after == 2
    with pytest.raises(VersionGoneError, match="care"):
        list(lake.changes("care", 0, after))
    assert [frame["visits"].to_list() for frame in lake.changes("care", 1, after)] == [[99]]
    assert height(lake, "care") == 10


def test_a_version_that_only_took_rows_away_cannot_be_followed(lake: DeltaLake, folder: Path) -> None:
    lake.append(CARE, care_rows(), 1)
    DeltaTable(str(folder / "care")).delete()
    with pytest.raises(VersionGoneError, match="care"):
        list(lake.changes("care", 0, 1))


def test_identities_are_known_after_compaction_and_after_another_writer(lake: DeltaLake, folder: Path) -> None:
    lake.append(CLAIM, rows(CLAIM, {"number": "1"}), 1)
    lake.compact("claim")
    other = DeltaLake(str(folder))
    other.append(CLAIM, rows(CLAIM, {"number": "2"}, blob=OTHER_BLOB), 2)
    lake.append(CLAIM, rows(CLAIM, {"number": "1"}, {"number": "2"}, {"number": "3"}, start=9), 3)
    assert height(lake, "claim") == 3


def test_two_writers_of_one_batch_append_it_once(lake: DeltaLake, folder: Path) -> None:
    lake.append(CARE, care_rows(), 1)
    others = [DeltaLake(str(folder)) for _ in range(4)]
    versions = [one.version("care") for one in others]
    threads = [threading.Thread(target=one.append, args=(CARE, care_rows(), 2)) for one in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert versions == [0] * 4
    assert height(lake, "care") == 6


def test_a_reader_in_another_process_sees_whole_versions_while_a_writer_is_killed(
    lake: DeltaLake, folder: Path
) -> None:
    command = [sys.executable, "-c", APPENDING, str(folder), str(REPOSITORY)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        told = 0
        for line in writer.stdout:
            told = 0 if line.strip() == "ready" else int(line)
            if 0 < told <= 15:  # what else it wrote by then is read once, below
                counts = pl.DataFrame(lake.rows("care").read_all()).group_by("visits").len()
                assert set(counts["len"]) == {50}
            if told == 15:
                writer.kill()
    visits = pl.DataFrame(lake.rows("care").read_all())["visits"]
    assert visits.n_unique() == visits.max() >= told
    assert visits.len() == 50 * visits.n_unique()
    newest = visits.max()
    lake.append(CARE, rows(CARE, {"visits": newest}), newest)
    assert height(lake, "care") == visits.len()


def test_changes_whose_log_is_gone_are_told_so(lake: DeltaLake, folder: Path) -> None:
    for batch in range(3):
        lake.append(CARE, rows(CARE, {"visits": batch}), batch)
    (folder / "care" / "_delta_log" / f"{1:020}.json").unlink()
    with pytest.raises(VersionGoneError, match="Version 1 of lake table care"):
        list(lake.changes("care", 0, 2))


def test_changes_whose_files_are_gone_are_told_so(lake: DeltaLake, folder: Path) -> None:
    for batch in range(3):
        lake.append(CARE, rows(CARE, {"visits": batch}), batch)
    lake.compact("care")
    DeltaTable(str(folder / "care")).vacuum(0, dry_run=False, enforce_retention_duration=False)
    with pytest.raises(VersionGoneError, match="care"):
        list(lake.changes("care", -1, 2))
    assert height(lake, "care") == 3


def test_compaction_leaves_what_followers_still_need(lake: DeltaLake) -> None:
    for batch in range(6):
        lake.append(CARE, rows(CARE, {"visits": batch}, start=batch), batch)
    lake.compact("care")
    assert len(lake.files("care")) == 1
    assert len(lake.files("care", 5)) == 6
    assert sum(frame.height for frame in lake.changes("care", 2, 6)) == 3


def test_files_can_be_read_by_any_parquet_reader(lake: DeltaLake) -> None:
    lake.append(CARE, care_rows(), 1)
    (file,) = lake.files("care")
    assert pl.read_parquet(file).equals(care_rows())


def test_the_log_holds_no_prose_and_no_tokens(lake: DeltaLake, folder: Path) -> None:
    lake.append(CARE, rows(CARE, {"note": "pages " * 1_000 + "end", "ssn": "gAAAAtoken"}), 1)
    log = (folder / "care" / "_delta_log" / f"{0:020}.json").read_text(encoding="utf-8")
    assert "pages" not in log
    assert "gAAAA" not in log


def test_many_small_appends_write_checkpoints(lake: DeltaLake, folder: Path) -> None:
    for batch in range(55):
        lake.append(CARE, rows(CARE, {"visits": batch}, start=batch), batch)
    assert list((folder / "care" / "_delta_log").glob("*.checkpoint*.parquet"))
    assert height(DeltaLake(str(folder)), "care") == 55
    assert DeltaLake(str(folder)).last_batch("care", 54) == 54


def test_what_another_tool_asks_of_a_table_is_asked_of_every_append(lake: DeltaLake, folder: Path) -> None:
    lake.append(CARE, rows(CARE, {"visits": 1}), 1)
    DeltaTable(str(folder / "care")).alter.add_constraint({"few": "visits < 100"})
    with pytest.raises(StorageError, match="failed validation"):
        lake.append(CARE, rows(CARE, {"visits": 200}, start=1), 2)
    assert lake.append(CARE, rows(CARE, {"visits": 2}, start=1), 3) == 2
    assert sorted(pl.DataFrame(lake.rows("care").read_all())["visits"]) == [1, 2]


@pytest.mark.parametrize("with_checkpoint", [False, True])
def test_a_filter_finds_the_rows_of_every_append(lake: DeltaLake, folder: Path, with_checkpoint: bool) -> None:
    blobs = [f"{number:064x}" for number in range(3)]  # the first is written by delta-rs, which tells their bounds
    for batch, blob in enumerate(blobs, 1):
        lake.append(CARE, rows(CARE, {"visits": batch}, {"visits": None}, blob=blob), batch)
    if with_checkpoint:
        DeltaTable(str(folder / "care")).create_checkpoint()
    for dataset in (lake.tables()["care"], DeltaTable(str(folder / "care")).to_pyarrow_dataset()):
        for batch, blob in enumerate(blobs, 1):
            assert dataset.to_table(filter=field("_blob") == blob).num_rows == 2
            assert dataset.to_table(filter=field("visits") == batch)["_blob"].to_pylist() == [blob]
    told = DuckdbSql(lake).query(f"SELECT sum(visits) AS total FROM care WHERE _blob = '{blobs[2]}'")  # noqa: S608
    assert pl.DataFrame(told)["total"].item() == 3


def test_an_append_that_fails_leaves_nothing_behind(lake: DeltaLake, folder: Path) -> None:
    lake.append(CARE, rows(CARE, {"visits": 1}), 1)
    before = sorted((folder / "care").rglob("*"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "link", no_links)
        with pytest.raises(StorageError, match="no links here"):
            lake.append(CARE, rows(CARE, {"visits": 2}, start=1), 2)
    assert sorted((folder / "care").rglob("*")) == before
    assert lake.append(CARE, rows(CARE, {"visits": 2}, start=1), 2) == 1


def no_links(*_: Path) -> None:
    raise OSError("no links here")


def test_a_folder_that_delta_would_mistake_for_another_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="%20"):
        DeltaLake(str(tmp_path / "my%20lake"))


def test_a_table_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / "care").write_text("in the way")
    with pytest.raises(StorageError, match="care"):
        DeltaLake(str(tmp_path / "lake")).append(CARE, care_rows(), 1)


def many(blob: str) -> pl.DataFrame:
    """Rows of several row groups, with a value of every type."""
    full = care_rows().head(2).with_columns(pl.lit(blob).alias("_blob"))
    count = 2 * MANY_ROWS
    repeated = full.select(pl.all().gather(pl.int_range(count) % 2))
    return repeated.with_columns(
        pl.int_range(count, dtype=pl.Int64).alias("_row"), pl.lit(None, pl.String).alias("note")
    )


def test_a_large_append_is_read_like_a_small_one(lake: DeltaLake, folder: Path) -> None:
    small, large = care_rows().head(2), many(OTHER_BLOB)
    lake.append(CARE, small, 1)
    assert lake.append(CARE, large, 2) == 1
    assert lake.append(CARE, large, 2) == 1  # the batch is known
    (new,) = [pl.concat(lake.changes("care", 0, 1))]
    assert_frame_equal(new.sort("_row"), large)
    whole = pl.DataFrame(DeltaLake(str(folder)).rows("care").read_all())
    assert_frame_equal(whole.filter(pl.col("_blob") == OTHER_BLOB).sort("_row"), large)
    counted = DuckdbSql(lake).query(
        "SELECT code, count(*) AS n, sum(paid) AS paid FROM care GROUP BY code ORDER BY code"
    )
    assert pl.DataFrame(counted)["n"].to_list() == [MANY_ROWS + 1, MANY_ROWS + 1]
    assert len(lake.files("care", 1)) == 2


def test_a_large_append_survives_compaction(lake: DeltaLake) -> None:
    lake.append(CARE, care_rows().head(2), 1)
    lake.append(CARE, many(OTHER_BLOB), 2)
    lake.compact("care")
    assert height(lake, "care") == 2 * MANY_ROWS + 2
