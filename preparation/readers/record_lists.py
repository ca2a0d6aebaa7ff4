"""Which part of a nested JSON value is its list of records.

A list of objects is one. So is an object whose keys are identities and whose values are objects, a set of such
lists whose records look alike (events grouped by kind), rows under a header, and an object of equally long columns.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_MAX_DEPTH = 6
_IDENTITY = re.compile(r"\d+|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|[0-9a-fA-F]{16,}|\d{4}-\d\d-\d\d.*|[A-Za-z]{0,4}[-_]?\d+")
_MIN_RECORDS = 2
_MANY = 8  # objects with the same fields are no settings by then
_ALIKE = 0.4
_MOSTLY = 0.5


@dataclass(frozen=True, slots=True)
class RecordList:
    """Records found in a value.

    Attributes:
        path: The way to them, dotted; "" for the value itself.
        records: Each as found; what is no object among them is a record that a table cannot hold.
        weight: How many plain values they hold.
    """

    path: str
    records: Sequence[Any]
    weight: int


def dominant_records(value: object) -> RecordList | None:
    """The list that holds the most of `value`, or None where it holds no list of records."""
    found = list(_candidates(value, "", 0))
    return max(found, key=lambda candidate: candidate.weight, default=None)


def weight_of(value: object, depth: int = 0) -> int:
    """How many plain values there are inside."""
    if depth > 50:  # noqa: PLR2004 - deeper is no data
        return 1
    if isinstance(value, Mapping):
        return sum(weight_of(inner, depth + 1) for inner in value.values())
    if isinstance(value, list):
        return sum(weight_of(inner, depth + 1) for inner in value)
    return 1


def _candidates(value: object, path: str, depth: int) -> Iterator[RecordList]:
    """Lists of records, outer ones instead of the ones inside them."""
    records = _records_of(value)
    if records is not None:
        yield RecordList(path, records, weight_of(records))
    elif isinstance(value, Mapping) and depth < _MAX_DEPTH:
        for key, inner in value.items():
            yield from _candidates(inner, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(value, list) and len(value) == 1 and depth < _MAX_DEPTH:
        yield from _candidates(value[0], path, depth + 1)


def _records_of(value: object) -> Sequence[Any] | None:
    if isinstance(value, list):
        return _rows_of_list(value)
    if isinstance(value, Mapping):
        return _split_frame(value) or _columns(value) or _by_identity(value) or _grouped(value)
    return None


def _rows_of_list(value: list[Any]) -> Sequence[Any] | None:
    objects = sum(isinstance(item, Mapping) for item in value)
    if objects and objects >= _MOSTLY * len(value) and (len(value) >= _MIN_RECORDS or not _holds_list(value[0])):
        return [_feature(item) for item in value]
    if len(value) > 1 and all(isinstance(item, list) and len(item) == len(value[0]) for item in value) and value[0]:
        header = value[0]
        if all(isinstance(cell, str) for cell in header) and len(set(header)) == len(header):
            return [dict(zip(header, row, strict=True)) for row in value[1:]]
    return None


def _holds_list(value: object) -> bool:
    return isinstance(value, Mapping) and any(_candidates(value, "", 1))


def _feature(item: object) -> object:
    """A GeoJSON feature as a flat record: its properties, and a point's coordinates as columns."""
    if (
        not isinstance(item, Mapping)
        or item.get("type") != "Feature"
        or not isinstance(item.get("properties"), Mapping)
    ):
        return item
    record: dict[str, Any] = {"id": item["id"]} if "id" in item else {}
    record |= item["properties"]
    geometry = item.get("geometry")
    if (
        isinstance(geometry, Mapping)
        and geometry.get("type") == "Point"
        and isinstance(geometry.get("coordinates"), list)
    ):
        names = ("longitude", "latitude", "altitude")
        return dict(zip(names, geometry["coordinates"], strict=False)) | record
    return record | ({"geometry": [geometry]} if geometry else {})


def _split_frame(value: Mapping[str, Any]) -> Sequence[Any] | None:
    """Columns named once and rows as lists, as data frames are often written."""
    columns = next((value[key] for key in ("columns", "fields", "header", "headers") if key in value), None)
    rows = next((value[key] for key in ("data", "rows", "values") if key in value), None)
    if not (isinstance(columns, list) and isinstance(rows, list) and rows and columns):
        return None
    names = [str(c.get("name", "")) if isinstance(c, Mapping) else str(c) for c in columns]
    if not all(isinstance(row, list) and len(row) == len(names) for row in rows):
        return None
    return [dict(zip(names, row, strict=True)) for row in rows]


def _columns(value: Mapping[str, Any]) -> Sequence[Any] | None:
    """An object of lists of plain values, all as long."""
    lists = [inner for inner in value.values() if isinstance(inner, list)]
    if len(lists) < 2 or len(lists) != len(value) or len({len(inner) for inner in lists}) != 1 or len(lists[0]) < 2:  # noqa: PLR2004
        return None
    if any(isinstance(item, Mapping | list) for inner in lists for item in inner):
        return None
    return [dict(zip(value, row, strict=True)) for row in zip(*lists, strict=True)]


def _by_identity(value: Mapping[str, Any], least: int = _MIN_RECORDS) -> Sequence[Any] | None:
    """An object whose keys are identities of the objects in it, as they look or as so many alike have them."""
    if len(value) < least or not all(isinstance(inner, Mapping) for inner in value.values()):
        return None
    if not all(_IDENTITY.fullmatch(str(key)) for key in value) and not (
        len(value) >= _MANY and _are_alike([set(inner) for inner in value.values()])
    ):
        return None
    return [({} if "id" in inner else {"id": key}) | dict(inner) for key, inner in value.items()]


def _grouped(value: Mapping[str, Any]) -> Sequence[Any] | None:
    """Lists of like records under the names of their groups: one list, with the group as a field."""
    groups: dict[str, Sequence[Any]] = {}
    for key, inner in value.items():
        if inner in ({}, []):
            continue
        records = _rows_of_list(inner) if isinstance(inner, list) else None
        records = records or (_by_identity(inner, least=1) if isinstance(inner, Mapping) else None)
        if not records or not isinstance(records[0], Mapping):
            return None
        groups[key] = records
    if len(groups) < 3 or not _are_alike([set(records[0]) for records in groups.values()]):  # noqa: PLR2004
        return None
    return [
        ({} if "group" in record else {"group": key}) | dict(record)
        for key, records in groups.items()
        for record in records
        if isinstance(record, Mapping)
    ]


def _are_alike(fields: Sequence[set[Any]]) -> bool:
    """Whether every kind of record shares the same few fields (what, when, who), whatever else it has."""
    common = set.intersection(*fields)
    return len(common) > 1 and len(common) >= _ALIKE * min(map(len, fields))
