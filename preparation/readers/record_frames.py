"""Records as Python has them (dicts of anything) to a frame of plain columns.

Nested objects become columns with dotted names, lists become JSON text. A column keeps a type only where all of its
values have it and none would change: integers past 64 bits and mixed columns are strings.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import polars as pl

_MAX_DEPTH = 8
_INT64 = 1 << 63
_EXACT_FLOAT = 1 << 53
_PLAIN_TYPES: dict[type, pl.DataType] = {
    bool: pl.Boolean(),
    float: pl.Float64(),
    date: pl.Date(),
    time: pl.Time(),
    timedelta: pl.Duration("us"),
}
_SCALARS = (str, int, float)
_SCALAR_TYPES = {str, int, float, bool, type(None)}
_NAME_TYPES = {str}
_CHUNK_RECORDS = 50_000
_MAX_CELLS = 50_000_000


def flat(record: Mapping[str, Any], *, prefix: str = "", depth: int = 0) -> dict[str, Any]:
    """`record` with the fields of nested objects under dotted names."""
    is_flat = _SCALAR_TYPES.issuperset(map(type, record.values())) and _NAME_TYPES.issuperset(map(type, record))
    if is_flat and not prefix:
        return dict(record)  # nearly all, in a sixth of the time
    fields: dict[str, Any] = {}
    for key, value in record.items():
        name = f"{prefix}{key}" if prefix else str(key)
        if value is None or isinstance(value, _SCALARS):  # nearly all: an abstract class is asked ten times slower
            fields[name] = value
            continue
        if isinstance(value, Mapping) and value and depth < _MAX_DEPTH:
            fields.update(flat(value, prefix=f"{name}.", depth=depth + 1))
        elif isinstance(value, Mapping | list | tuple):
            fields[name] = json_text(value) if value else None
        else:
            fields[name] = value
    return fields


def json_text(value: object) -> str:
    """`value` as one line of JSON; times in ISO 8601, whatever JSON does not know as its string."""
    return json.dumps(value, ensure_ascii=False, default=_as_json)


def _as_json(value: object) -> object:
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def column_of(name: str, values: Sequence[Any]) -> pl.Series:
    """A column of the narrowest type that changes no value."""
    types = {type(value) for value in values if value is not None}
    if types == {str}:
        return pl.Series(name, values, dtype=pl.String)
    target = _type_of(types, values)
    if target is None:
        return pl.Series(name, [_as_string(value) for value in values], dtype=pl.String)
    return pl.Series(name, values, dtype=target, strict=target != pl.Float64())


def _type_of(types: set[type], values: Sequence[Any]) -> pl.DataType | None:
    """The type that holds every value as it is, or None where only a string does."""
    plain: pl.DataType | None = _PLAIN_TYPES.get(next(iter(types))) if len(types) == 1 else None
    if not types:
        plain = pl.Null()
    elif types == {int}:
        plain = pl.Int64() if all(value is None or -_INT64 <= value < _INT64 for value in values) else None
    elif types == {int, float}:
        plain = pl.Float64() if all(type(v) is not int or abs(v) <= _EXACT_FLOAT for v in values) else None
    elif types == {datetime}:
        zones = {str(value.tzinfo) for value in values if value is not None}
        plain = pl.Datetime("us", None if zones == {"None"} else "UTC") if len(zones) == 1 else None
    return plain


def _as_string(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return json_text(value) if isinstance(value, bool | int | float | list | dict) else str(value)


class TooManyColumnsError(Exception):
    """The records have more different fields than a table may have columns."""


class FrameBuilder:
    """Records on their way into one frame, so many at a time."""

    def __init__(self, max_columns: int) -> None:
        self._max_columns = max_columns
        self._names: dict[str, None] = {}
        self._pending: list[dict[str, Any]] = []
        self._chunks: list[pl.DataFrame] = []

    def add(self, record: Mapping[str, Any]) -> None:
        """One record.

        Raises:
            TooManyColumnsError: If it brings one column too many.
        """
        fields = flat(record)
        if fields.keys() != self._names.keys():
            self._names.update(dict.fromkeys(fields))
        if len(self._names) > self._max_columns or len(self._names) * len(self._pending) > _MAX_CELLS:
            raise TooManyColumnsError
        self._pending.append(fields)
        if len(self._pending) >= _CHUNK_RECORDS:
            self._flush()

    def frame(self) -> pl.DataFrame:
        """All records; a column that has no value at all is a string column of nulls."""
        self._flush()
        if not self._chunks:
            return pl.DataFrame()
        return joined(self._chunks, list(self._names))

    def _flush(self) -> None:
        if not self._pending:
            return
        names = list(self._names) or ["value"]
        self._chunks.append(pl.DataFrame([column_of(n, [r.get(n) for r in self._pending]) for n in names]))
        self._pending = []


def joined(chunks: Sequence[pl.DataFrame], names: Sequence[str]) -> pl.DataFrame:
    """Chunks of one table under one type a column: the common one, a string where they disagree."""
    targets: dict[str, pl.DataType] = {}
    schemas = [chunk.schema for chunk in chunks]  # made anew each time it is asked for, which thousands of columns feel
    for name in names or chunks[0].columns:
        seen = {schema[name] for schema in schemas if name in schema} - {pl.Null()}
        numeric = seen <= {pl.Int64(), pl.Float64()} and len(seen) > 1
        targets[name] = next(iter(seen)) if len(seen) == 1 else pl.Float64() if numeric else pl.String()
    aligned = [
        chunk.select(
            pl.col(name).cast(target) if name in schema else pl.lit(None, target).alias(name)
            for name, target in targets.items()
        )
        for chunk, schema in zip(chunks, schemas, strict=True)
    ]
    return pl.concat(aligned)


def frame_of(records: Iterable[Mapping[str, Any]], max_columns: int) -> pl.DataFrame:
    """A frame of records; see `FrameBuilder`."""
    builder = FrameBuilder(max_columns)
    for record in records:
        builder.add(record)
    return builder.frame()
