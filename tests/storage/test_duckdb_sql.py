"""SQL over a lake: answers, and what it refuses."""

from decimal import Decimal
from pathlib import Path

import pytest
from storage_rows import CARE, CLAIM, care_rows, rows

from core.errors import QueryError
from core.ports import Lake
from storage import DeltaLake, DuckdbSql, MemoryLake


@pytest.fixture(params=["delta", "memory"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Lake:
    made: Lake = DeltaLake(str(tmp_path / "lake")) if request.param == "delta" else MemoryLake()
    made.append(CARE, care_rows(), 1)
    made.append(
        CLAIM, rows(CLAIM, {"number": "1", "paid": Decimal("0.1000")}, {"number": "2", "paid": Decimal("0.2000")}), 1
    )
    return made


@pytest.fixture
def sql(lake: Lake) -> DuckdbSql:
    return DuckdbSql(lake)


def test_money_adds_up_exactly(sql: DuckdbSql) -> None:
    assert sql.query("SELECT sum(paid) AS paid FROM claim").item() == Decimal("0.3000")


def test_tables_join_and_filters_apply(sql: DuckdbSql) -> None:
    found = sql.query(
        "WITH one AS (SELECT * FROM care WHERE visits > 0) SELECT code, number FROM one, claim ORDER BY 2"
    )
    assert found.rows() == [("A-12", "1"), ("A-12", "2")]


def test_types_come_back_as_they_are_kept(sql: DuckdbSql) -> None:
    found = sql.query("SELECT * FROM care ORDER BY _row")
    assert found.equals(care_rows())


def test_a_limit_bounds_the_rows(sql: DuckdbSql) -> None:
    assert sql.query("SELECT * FROM range(1000000)", 7).height == 7
    assert sql.query("SELECT * FROM claim").height == 2


def test_new_rows_are_seen_by_the_next_query(sql: DuckdbSql, lake: Lake) -> None:
    lake.append(CLAIM, rows(CLAIM, {"number": "3"}), 2)
    assert sql.query("SELECT count(*) FROM claim").item() == 3


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_parquet('https://example.com/x.parquet')",
        "COPY claim TO '/tmp/claim.csv'",
        "ATTACH '/tmp/other.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "PRAGMA database_list",
        "CREATE TABLE x AS SELECT 1",
        "INSERT INTO claim VALUES (1)",
        "DROP VIEW claim",
        "CALL pragma_version()",
        "SELECT 1; SELECT 2",
        "SELECT 1; SET threads = 9",
        "EXPORT DATABASE '/tmp/x'",
        "",
        "-- nothing",
    ],
)
def test_all_but_one_select_of_the_lake_is_refused(sql: DuckdbSql, statement: str) -> None:
    with pytest.raises(QueryError):
        sql.query(statement)


def test_python_variables_are_out_of_reach(sql: DuckdbSql) -> None:
    hidden = care_rows()
    with pytest.raises(QueryError, match="hidden"):
        sql.query("SELECT * FROM hidden")
    assert hidden.height == 3


def test_an_error_says_what_duckdb_says_and_which_tables_there_are(sql: DuckdbSql) -> None:
    with pytest.raises(QueryError, match=r"(?s)nowhere.*Tables are: care, claim"):
        sql.query("SELECT * FROM nowhere")
    with pytest.raises(QueryError, match="syntax error"):
        sql.query("SELECT FROM WHERE")


def test_an_empty_lake_still_answers() -> None:
    assert DuckdbSql(MemoryLake()).query("SELECT 1 AS one").item() == 1


def test_a_join_of_all_columns_keeps_both_of_one_name(sql: DuckdbSql) -> None:
    """A join by ``*`` of two tables of the lake failed: both have ``_blob`` and ``_row``."""
    found = sql.query("SELECT a.*, b.* FROM claim a JOIN claim b USING (number) ORDER BY number")
    assert found["number"].to_list() == found["number_2"].to_list() == ["1", "2"]
    assert found["paid"].to_list() == found["paid_2"].to_list()


def test_a_string_can_be_compared(sql: DuckdbSql) -> None:
    """Files that were written from Polars' views of strings could not be filtered by one."""
    assert sql.query("SELECT paid FROM claim WHERE number = '2'").item() == Decimal("0.2000")
    assert sql.query("SELECT count(*) AS n FROM claim WHERE number IN ('1', '2') AND number > '0'").item() == 2
    assert sql.query("SELECT count(*) AS n FROM claim a JOIN care b ON a.number = '1' AND b.code = 'A-12'").item() == 1
