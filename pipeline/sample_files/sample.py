"""One sample file, and the ways its bytes are written."""

import csv
import io
import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
"""The moment the samples were "collected"; fixed, so that writing them twice gives the same bytes."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sample:
    """One file of the set.

    Attributes:
        path: Its way inside the folder, with slashes.
        dataset: The dataset that a careful reader would put it in.
        content: Its bytes.
    """

    path: str
    dataset: str
    content: bytes


def seeded(name: str) -> random.Random:
    """A generator of its own for each file, so that adding one file leaves the others as they are."""
    return random.Random(f"penstock samples: {name}")


def csv_bytes(rows: Sequence[Row], delimiter: str = ",", encoding: str = "utf-8", line_end: str = "\n") -> bytes:
    """A table with a header; the first row's keys are the columns."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, lineterminator=line_end)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def ndjson_bytes(rows: Iterable[Row]) -> bytes:
    """One JSON object a line."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def json_bytes(value: object) -> bytes:
    """One indented JSON value."""
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def lines_bytes(lines: Iterable[str]) -> bytes:
    """Lines of text in UTF-8."""
    return "".join(line + "\n" for line in lines).encode()
