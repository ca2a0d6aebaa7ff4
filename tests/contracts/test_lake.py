"""What every lake does."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from storage_rows import CARE, CLAIM, OTHER_BLOB, PERSON, care_rows, retyped, rows, widened

from core.errors import StorageError, VersionGoneError
from core.frames import lake_schema
from core.ports import Lake
from storage import DeltaLake, MemoryLake


@pytest.fixture(params=["delta", "memory"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Lake:
    return DeltaLake(str(tmp_path / "lake")) if request.param == "delta" else MemoryLake()


def all_rows(lake: Lake, name: str, version: int | None = None) -> pl.DataFrame:
    return pl.DataFrame(lake.rows(name, version).read_all()).sort("_blob", "_row")


def together(frames: Iterator[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(list(frames))


def test_a_lake_without_tables_has_nothing_and_says_so(lake: Lake) -> None:
    assert lake.names() == ()
    assert lake.version("care") == -1
    assert lake.rows("care").read_all().num_rows == 0
    assert list(lake.changes("care", -1, -1)) == []
    assert lake.files("care") == ()
    assert dict(lake.tables()) == {}
    lake.compact("care")


def test_rows_come_back_as_they_went_in(lake: Lake) -> None:
    lake.append(CARE, care_rows(), 1)
    back = all_rows(lake, "care")
    assert back.equals(care_rows())
    assert back.schema == lake_schema(CARE)


def test_repeating_a_batch_appends_nothing_and_gives_the_version_that_holds_it(lake: Lake) -> None:
    first = lake.append(CARE, care_rows(), 10)
    second = lake.append(CARE, rows(CARE, {"code": "later"}, blob=OTHER_BLOB), 11)
    assert lake.append(CARE, care_rows(), 10) == first
    assert lake.append(CARE, care_rows(), 11) == second
    assert all_rows(lake, "care").height == 4


def test_a_lower_batch_than_the_last_is_not_appended(lake: Lake) -> None:
    lake.append(CARE, care_rows(), 10)
    assert lake.append(CARE, rows(CARE, {"code": "old"}), 3) == 0
    assert all_rows(lake, "care").height == 3


def test_a_version_tells_the_last_batch_that_is_in_it(lake: Lake) -> None:
    assert lake.last_batch("care", -1) == lake.last_batch("care", 0) == -1
    first = lake.append(CARE, care_rows(), 10)
    second = lake.append(CARE, rows(CARE, {"code": "later"}, blob=OTHER_BLOB), 12)
    lake.compact("care")
    assert [lake.last_batch("care", version) for version in (-1, first, second, lake.version("care"))] == [
        *(-1, 10, 12, 12)
    ]


def test_each_append_is_one_version(lake: Lake) -> None:
    assert [lake.append(CARE, care_rows(), batch) for batch in (1, 5, 6)] == [0, 1, 2]
    assert lake.version("care") == 2
    assert all_rows(lake, "care", 0).height == 3
    assert all_rows(lake, "care", 1).height == 6


def test_no_rows_are_no_version(lake: Lake) -> None:
    assert lake.append(CARE, care_rows().clear(), 1) == -1
    assert lake.names() == ()
    lake.append(CARE, care_rows(), 2)
    assert lake.append(CARE, care_rows().clear(), 3) == 0
    assert lake.version("care") == 0


def test_a_record_with_a_known_identity_is_left_out(lake: Lake) -> None:
    lake.append(CLAIM, rows(CLAIM, {"number": "1"}, {"number": "2"}), 1)
    lake.append(CLAIM, rows(CLAIM, {"number": "2"}, {"number": "3"}, blob=OTHER_BLOB), 2)
    assert all_rows(lake, "claim")["number"].to_list() == ["1", "2", "3"]


def test_the_unseen_rows_are_those_that_an_append_would_keep(lake: Lake) -> None:
    claims = rows(CLAIM, {"number": "1"}, {"number": "2"})
    assert lake.unseen(CLAIM, claims).equals(claims)
    lake.append(CLAIM, claims.head(1), 1)
    assert lake.unseen(CLAIM, claims).equals(claims.tail(1))
    assert lake.unseen(CARE, care_rows()).equals(care_rows())


def test_an_identity_twice_in_one_frame_is_kept_once(lake: Lake) -> None:
    lake.append(CLAIM, rows(CLAIM, {"number": "1", "paid": Decimal("1.0000")}, {"number": "1"}), 1)
    assert all_rows(lake, "claim")["paid"].to_list() == [Decimal("1.0000")]


def test_records_that_lack_a_part_of_their_identity_are_all_kept(lake: Lake) -> None:
    lake.append(CLAIM, rows(CLAIM, {}, {}), 1)
    lake.append(CLAIM, rows(CLAIM, {}, blob=OTHER_BLOB), 2)
    assert all_rows(lake, "claim").height == 3


def test_a_sealed_identity_is_compared_by_its_fingerprint(lake: Lake) -> None:
    lake.append(PERSON, rows(PERSON, {"ssn": "token a", "ssn_hmac": "f1"}), 1)
    lake.append(PERSON, rows(PERSON, {"ssn": "token b", "ssn_hmac": "f1"}, {"ssn": "token c", "ssn_hmac": "f2"}), 2)
    assert all_rows(lake, "person")["ssn"].to_list() == ["token a", "token c"]


def test_rows_that_are_all_known_make_no_version(lake: Lake) -> None:
    lake.append(CLAIM, rows(CLAIM, {"number": "1"}), 1)
    assert lake.append(CLAIM, rows(CLAIM, {"number": "1"}, blob=OTHER_BLOB), 2) == 0


def test_changes_are_the_rows_of_the_versions_asked_for(lake: Lake) -> None:
    for batch in range(4):
        lake.append(CARE, rows(CARE, {"visits": batch}, start=batch), batch)
    assert together(lake.changes("care", 0, 2))["visits"].to_list() == [1, 2]
    assert together(lake.changes("care", -1, 3)).height == 4
    assert list(lake.changes("care", 3, 3)) == []


def test_changes_have_the_schema_of_the_table(lake: Lake) -> None:
    lake.append(CARE, care_rows(), 1)
    lake.append(widened(), rows(widened(), {"ward": "north"}, blob=OTHER_BLOB), 2)
    frame = together(lake.changes("care", -1, 1))
    assert set(frame.columns) == set(lake_schema(widened()))
    assert frame["ward"].to_list() == [None, None, None, "north"]
    assert frame.select(lake_schema(CARE).names()).head(3).equals(care_rows())


def test_changes_are_given_in_bounded_frames(lake: Lake) -> None:
    many = pl.DataFrame({"_row": pl.int_range(300_000, eager=True)}).with_columns(pl.lit("b").alias("_blob"))
    blank = [pl.lit(None, dtype).alias(name) for name, dtype in lake_schema(CLAIM).items() if name not in many.columns]
    lake.append(CLAIM, many.with_columns(blank).select(lake_schema(CLAIM).names()), 1)
    heights = [frame.height for frame in lake.changes("claim", -1, 0)]
    assert sum(heights) == 300_000
    assert max(heights) <= 100_000


def test_changes_up_to_a_version_that_is_not_there_are_refused(lake: Lake) -> None:
    lake.append(CARE, care_rows(), 1)
    with pytest.raises(VersionGoneError, match="care"):
        list(lake.changes("care", 0, 7))


def test_a_version_that_is_not_there_is_refused(lake: Lake) -> None:
    lake.append(CARE, care_rows(), 1)
    with pytest.raises(VersionGoneError, match="care"):
        lake.rows("care", 7)


def test_compaction_changes_no_row_and_appends_none(lake: Lake) -> None:
    for batch in range(5):
        lake.append(CARE, rows(CARE, {"visits": batch}, start=batch), batch)
    before = all_rows(lake, "care")
    lake.compact("care")
    assert all_rows(lake, "care").equals(before)
    assert lake.append(CARE, rows(CARE, {"visits": 9}), 4) == 4
    assert together(lake.changes("care", -1, lake.version("care"))).height == 5


def test_a_new_column_widens_the_table(lake: Lake) -> None:
    lake.append(CARE, care_rows(), 1)
    lake.append(widened(), rows(widened(), {"ward": "north"}, blob=OTHER_BLOB), 2)
    assert all_rows(lake, "care")["ward"].to_list() == [None, None, None, "north"]


def test_a_column_that_the_dataset_gave_up_stays_in_the_table(lake: Lake) -> None:
    lake.append(widened(), rows(widened(), {"ward": "north"}), 1)
    lake.append(CARE, rows(CARE, {"code": "x"}, blob=OTHER_BLOB), 2)
    assert all_rows(lake, "care")["ward"].to_list() == ["north", None]


def test_a_changed_type_is_refused_in_words(lake: Lake) -> None:
    lake.append(CARE, care_rows(), 1)
    with pytest.raises(StorageError, match="care keeps 'visits'"):
        lake.append(retyped(), rows(retyped(), {"visits": "many"}), 2)
    assert lake.version("care") == 0


def test_rows_that_do_not_fit_their_dataset_are_refused(lake: Lake) -> None:
    with pytest.raises(StorageError, match="lack the column 'code'"):
        lake.append(CARE, care_rows().drop("code"), 1)
    with pytest.raises(StorageError, match="'surprise'"):
        lake.append(CARE, care_rows().with_columns(surprise=1), 1)
    with pytest.raises(StorageError, match="Int64 is expected"):
        lake.append(CARE, care_rows().with_columns(pl.col("visits").cast(pl.String)), 1)


def test_tables_are_datasets_of_whole_versions(lake: Lake) -> None:
    lake.append(CARE, care_rows(), 1)
    lake.append(CLAIM, rows(CLAIM, {"number": "1"}), 1)
    tables = lake.tables()
    lake.append(CLAIM, rows(CLAIM, {"number": "2"}), 2)
    assert sorted(tables) == list(lake.names()) == ["care", "claim"]
    assert tables["claim"].to_table().num_rows == 1
    assert tables["care"].to_table(columns=["day"]).column("day").to_pylist()[0] in {date(2024, 2, 29)}
