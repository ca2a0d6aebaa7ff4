"""A dataset with a column of every type, and lake rows of it, for the tests of storage."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from core.dataset import Column, ColumnType, Dataset, PersonalData
from core.frames import lake_schema

BLOB = "ab" * 32
OTHER_BLOB = "cd" * 32

COLUMNS = (
    Column("code", ColumnType.KEYWORD),
    Column("note", ColumnType.TEXT),
    Column("visits", ColumnType.INTEGER),
    Column("weight", ColumnType.NUMBER),
    Column("paid", ColumnType.MONEY),
    Column("is_open", ColumnType.BOOLEAN),
    Column("day", ColumnType.DATE),
    Column("seen_at", ColumnType.TIMESTAMP),
    Column("ssn", ColumnType.KEYWORD, personal=PersonalData.SSN),
)
CARE = Dataset("care", "Visits.", COLUMNS)
CLAIM = Dataset(
    "claim", "Claims.", (Column("number", ColumnType.KEYWORD), Column("paid", ColumnType.MONEY)), identity=("number",)
)
PERSON = Dataset(
    "person",
    "People.",
    (Column("ssn", ColumnType.KEYWORD, personal=PersonalData.SSN), Column("city", ColumnType.KEYWORD)),
    identity=("ssn",),
)


def rows(dataset: Dataset, *values: dict[str, Any], blob: str = BLOB, start: int = 0) -> pl.DataFrame:
    """Lake rows of `dataset`; what a row does not say is null."""
    schema = lake_schema(dataset)
    blank: dict[str, Any] = dict.fromkeys(schema.names())
    given = [blank | {"_blob": blob, "_row": start + at} | value for at, value in enumerate(values)]
    return pl.DataFrame(given, schema=schema)


def care_rows() -> pl.DataFrame:
    """Three rows: one full, one in other scripts, one with nothing but its place."""
    return rows(
        CARE,
        {
            "code": "A-12",
            "note": "The horses were walking through Zürich at night",
            "visits": 8080,
            "weight": 71.25,
            "paid": Decimal("1234.5600"),
            "is_open": True,
            "day": date(2024, 2, 29),
            "seen_at": datetime(2024, 2, 29, 23, 59, 59, 999999, tzinfo=UTC),
            "ssn": "gAAAAtoken1",
            "ssn_hmac": "1f" * 32,
            "ssn_masked": "***-**-1234",
            "_rescued": json.dumps({"species": "setosa", "petal.width": 0.2, "owner": "Jürgen"}),
        },
        {
            "code": "east wing",
            "note": '東京 タワー, "quoted" words\nand a 🐎 line',
            "visits": -3,
            "weight": float("inf"),
            "paid": Decimal("-0.0001"),
            "is_open": False,
            "day": date(1899, 12, 31),
            "seen_at": datetime(2300, 1, 1, tzinfo=UTC),
            "ssn": "gAAAAtoken2",
            "ssn_hmac": "2f" * 32,
            "ssn_masked": "***-**-9999",
            "_rescued": '{"species": "virginica"}',
        },
        {},
    )


def widened() -> Dataset:
    """`CARE` after its owner added a column."""
    return Dataset("care", "Visits.", (*COLUMNS, Column("ward", ColumnType.KEYWORD)))


def retyped() -> Dataset:
    """`CARE` after its owner changed a column's type."""
    changed = (
        Column("code", ColumnType.KEYWORD),
        Column("note", ColumnType.TEXT),
        Column("visits", ColumnType.KEYWORD),
    )
    return Dataset("care", "Visits.", (*changed, *COLUMNS[3:]))
