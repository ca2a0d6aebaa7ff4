"""One row out of plain facts: what `normalize` gives for a table of one row, without a table's costs.

Half of all blobs are documents, pictures and mails, and yield nothing but such rows. Through a frame with a column a
fact a row took 5 ms, which was a third of what a blob cost; value by value it takes 0.4 ms. A value of another kind
than its column goes the way of `normalize` by itself.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import polars as pl

from core.dataset import BLOB_COLUMN, RESCUED_COLUMN, ROW_COLUMN, Column, ColumnType, Dataset
from core.frames import prepared_schema
from preparation.normalizing import KEYWORD_NULLS, converted_value
from preparation.units import conversion

_MAY_BE_TIME = re.compile(r"(?:\d.*){4}", re.DOTALL)
_ISO = re.compile(r"(?:19|20)\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)?$")
_MIN_EPOCH = 10**8
_MAX_LOOKED_AT_CHARS = 64


def fact_row(
    facts: Mapping[str, object], dataset: Dataset, sha256: str, *, is_timed: bool = False
) -> pl.DataFrame | None:
    """The one row of the dataset that holds these facts; None where `normalize` has to make it.

    It has to where a fact is no plain value, or where one that has no column may tell when the thing happened;
    `is_timed` says that none of them does.
    """
    if not all(_is_plain(value) for value in facts.values()):
        return None
    if not is_timed and _may_lack_its_time(facts, dataset):
        return None
    values: dict[str, object] = {BLOB_COLUMN: sha256, ROW_COLUMN: 0}
    rescued: dict[str, object] = {}
    for name, value in facts.items():
        if name not in dataset:
            rescued[name] = value
            continue
        values[name] = _fitted(value, dataset.column(name))
        if values[name] is None and value is not None and not _is_null_word(value, dataset.column(name)):
            rescued[name] = value
    values[RESCUED_COLUMN] = _as_json(rescued)
    schema = prepared_schema(dataset)
    # as a row: column by column it takes thrice the time
    return pl.DataFrame([tuple(values.get(name) for name in schema)], schema=schema, orient="row")


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | bool | int | datetime) or _is_finite(value)


def _is_finite(value: object) -> bool:
    return isinstance(value, float) and math.isfinite(value)


def _may_lack_its_time(facts: Mapping[str, object], dataset: Dataset) -> bool:
    """Whether the event time is not among the facts, but something that could be a time is."""
    event = dataset.event_time
    if event is None or facts.get(event) is not None:
        return False
    return any(_may_be_time(value) for name, value in facts.items() if name not in dataset)


def _may_be_time(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= _MAX_LOOKED_AT_CHARS and bool(_MAY_BE_TIME.search(value))
    return isinstance(value, datetime) or (isinstance(value, int | float) and value >= _MIN_EPOCH)


def _fitted(value: object, column: Column) -> object:
    """The value in the column's type and unit; None where there is none."""
    if value is None:
        return None
    if column.type is ColumnType.TIMESTAMP and isinstance(value, str) and _ISO.match(value):
        return _moment(value)
    if column.type is ColumnType.KEYWORD and _is_whole(value):
        value = str(value)  # how many attachments a mail has: by a frame 0.7 ms, a fifth of what a mail takes
    own = _OWN.get(column.type)
    if own is None or not own(value) or conversion(column.name, column.unit):
        return converted_value(value, column)
    if column.type is ColumnType.NUMBER:
        return float(value)  # type: ignore[arg-type]  # it is a number
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return None if _is_null_word(value, column) else value


def _moment(text: str) -> datetime | None:
    """The moment that a reader wrote in ISO 8601, in UTC where it names no zone; None where there is no such day."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _is_null_word(value: object, column: Column) -> bool:
    if column.type is ColumnType.TEXT:
        return value == ""
    return isinstance(value, str) and value in KEYWORD_NULLS


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63


_OWN: Mapping[ColumnType, Callable[[object], bool]] = {
    ColumnType.KEYWORD: lambda value: isinstance(value, str),
    ColumnType.TEXT: lambda value: isinstance(value, str),
    ColumnType.INTEGER: _is_whole,
    ColumnType.NUMBER: lambda value: _is_whole(value) or _is_finite(value),
    ColumnType.BOOLEAN: lambda value: isinstance(value, bool),
    ColumnType.TIMESTAMP: lambda value: isinstance(value, datetime) and value.tzinfo is not None,
}
"""The values that are already what a column of the type holds."""


def _as_json(rescued: Mapping[str, object]) -> str | None:
    there = {name: value for name, value in rescued.items() if value is not None}
    return json.dumps(there, ensure_ascii=False, separators=(",", ":"), default=str) if there else None
