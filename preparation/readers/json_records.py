"""JSON and JSON Lines: the records in it as a table, the rest as text."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import uuid4

import polars as pl

from core.prepared import Rejection
from preparation.encodings import Decoded, decode, encoding_of
from preparation.extraction import Extraction, Limits, RawTable, Source, unreadable
from preparation.media_types import FHIR, NDJSON
from preparation.readers.fhir_claims import claims_of
from preparation.readers.record_frames import FrameBuilder, TooManyColumnsError, flat, json_text
from preparation.readers.record_lists import RecordList, dominant_records, weight_of
from preparation.readers.rich_text import rich_text

MAX_DOCUMENT_BYTES = 256 * 1024 * 1024  # a parsed document takes about ten times its bytes
MAX_LINE_BYTES = 64 * 1024 * 1024
_DOMINANT = 0.5
_SHOWN_CHARS = 2000
_ESCAPE = re.compile(r"\\(?:u[dD][89abAB]\w\w\\u[dD][c-fC-F]\w\w|(?P<half>u[dD][89a-fA-F]\w\w)|.)", re.S)
_MAX_DIGITS = 4300  # `sys.int_info.default_max_str_digits`: beyond, conversion takes quadratic time


def read(source: Source, *, max_line_bytes: int = MAX_LINE_BYTES) -> Extraction:
    """The records of a JSON text."""
    try:
        if source.media_type == NDJSON:
            return _read_lines(source, max_line_bytes)
        return _read_document(source)
    except TooManyColumnsError:
        return unreadable(
            f"Its records have more than {source.limits.max_columns} different fields.",
            "Put what varies from record to record into a list of names and values.",
        )


def _read_document(source: Source) -> Extraction:
    if source.size > MAX_DOCUMENT_BYTES:
        return unreadable(
            f"The JSON document has {source.size} bytes; at most {MAX_DOCUMENT_BYTES} are read whole.",
            "Write its records as JSON Lines, one object a line, which has no such limit.",
        )
    decoded = decode(source.path.read_bytes())
    try:
        value = _parsed(decoded.text)
    except RecursionError:
        return unreadable("The JSON is nested too deeply to be data.", "Flatten it and drop it again.")
    except ValueError as error:
        return unreadable(f"The JSON does not parse: {error}.", "Mend it at that place, or send it again whole.")
    if source.media_type == FHIR and (claims := _decided_claims(value, source, decoded)):
        return claims
    return _of_value(value, source, decoded)


def table_of_lines(lines: Sequence[bytes], limits: Limits) -> RawTable:
    """Objects as rows, one JSON text each, as `read` takes them from a file of JSON Lines."""
    values = _plain_values(lines)
    if values is None:
        return _table(enumerate(_value(at, _text_of(line)) for at, line in enumerate(lines, start=1)), limits)
    return _table(enumerate(values), limits)


def _plain_values(lines: Sequence[bytes]) -> list[Any] | None:
    """The values of lines that are all plain and sound, in half the time; None where each has to be looked at.

    They are one JSON text with a mark between two: a line that is but a part of a value, or several values, moves it.
    """
    if not all(map(_is_plain, lines)):
        return None
    mark = uuid4().hex
    text = f',"{mark}",'.join(map(bytes.decode, lines))
    if "\\u" in text:
        return None
    try:
        values = json.loads(f"[{text}]")
    except (ValueError, RecursionError):
        return None
    is_each_one = len(values) == 2 * len(lines) - 1 and values[1::2].count(mark) == len(lines) - 1
    return values[::2] if is_each_one else None


def _decided_claims(value: Any, source: Source, decoded: Decoded) -> Extraction | None:
    """The decisions on claims of a FHIR document, and its other resources beside them."""
    found = claims_of(value)
    if found is None:
        return None
    table, others = found
    tables = (table, _table(enumerate(others), source.limits, name="resources")) if others else (table,)
    metadata = {"encoding": decoded.encoding}
    return Extraction(kind="table", text=_text(source, decoded), tables=tables, metadata=metadata, note=decoded.note)


def _of_value(value: Any, source: Source, decoded: Decoded) -> Extraction:
    metadata = {"encoding": decoded.encoding}
    written = rich_text(value)
    if written is not None:
        text = written[: source.limits.max_text_chars]
        return Extraction(kind="document", text=text, metadata=metadata, note=decoded.note)
    found = dominant_records(value)
    if found is None and isinstance(value, Mapping) and len(flat(value)) > 1:
        found = RecordList("", [value], weight_of(value))
    if found is None:
        return Extraction(kind="data", text=_text(source, decoded), metadata=metadata, note=decoded.note)
    table = _table(enumerate(found.records), source.limits, name=found.path)
    dominates = found.weight >= _DOMINANT * weight_of(value) and table.frame.height > 0
    return Extraction(
        kind="table" if dominates else "data",
        text="" if not found.path and len(found.records) > 1 else _text(source, decoded),
        tables=(table,) if table.frame.width else (),
        metadata=metadata,
        note=decoded.note,
    )


def _parsed(text: str) -> Any:
    """The value of a JSON text.

    Halves of characters beyond the basic plane become U+FFFD; integers of more digits than Python converts, text.
    """
    plain = text.replace("\0", "") if "\0" in text else text
    if "\\ud" in plain or "\\uD" in plain:
        plain = _ESCAPE.sub(lambda found: "\\ufffd" if found["half"] else found[0], plain)
    try:
        return json.loads(plain)
    except json.JSONDecodeError:
        raise
    except ValueError:
        return json.loads(plain, parse_int=lambda digits: int(digits) if len(digits) <= _MAX_DIGITS else digits)


def _text(source: Source, decoded: Decoded) -> str:
    return decoded.text[: source.limits.max_text_chars]


def _table(records: Iterator[tuple[int, Any]], limits: Limits, *, name: str = "") -> RawTable:
    """Objects as rows; what is no object is rejected, with the exception it came with as the reason."""
    builder = FrameBuilder(limits.max_columns)
    positions: list[int] = []
    rejections: list[Rejection] = []
    rejected = 0
    for position, record in records:
        if isinstance(record, Mapping) and record:
            builder.add(record)
            positions.append(position)
            continue
        rejected += 1
        if len(rejections) < limits.max_rejections:
            reason = record.reason if isinstance(record, _BadLine) else "It is no JSON object with fields."
            shown = record.text if isinstance(record, _BadLine) else json_text(record)
            rejections.append(Rejection(position, reason, json.dumps({"value": shown[:_SHOWN_CHARS]})))
    return RawTable(
        frame=builder.frame(),
        name=name,
        positions=pl.Series("position", positions, dtype=pl.Int64) if rejected else None,
        rejections=tuple(rejections),
        rejected_rows=rejected,
    )


class _BadLine:
    """A line that is no record, and why."""

    def __init__(self, reason: str, text: str) -> None:
        self.reason = reason
        self.text = text


def _read_lines(source: Source, max_line_bytes: int) -> Extraction:
    with source.path.open("rb") as file:
        encoding = encoding_of(file.read(65_536))
    table = _table(enumerate(_lines(source, encoding, max_line_bytes)), source.limits)
    if not table.frame.height:
        first = table.rejections[0].reason if table.rejections else "It has no line."
        return unreadable(f"No line is a JSON object. {first}", "Write one JSON object a line.")
    return Extraction(kind="table", tables=(table,), metadata={"encoding": encoding})


def _lines(source: Source, encoding: str, max_line_bytes: int) -> Iterator[object]:
    """The value of each line that is not blank, or why it has none."""
    if encoding.startswith(("utf-16", "utf-32")):
        for number, text in enumerate(decode(source.path.read_bytes()).text.splitlines(), start=1):
            if text.strip():
                yield _value(number, text)
        return
    with source.path.open("rb") as file:
        number = 0
        while line := file.readline(max_line_bytes):
            number += 1
            if len(line) >= max_line_bytes and not line.endswith(b"\n"):
                while (rest := file.readline(max_line_bytes)) and not rest.endswith(b"\n"):
                    pass
                yield _BadLine(f"Line {number} is longer than {max_line_bytes} bytes.", line[:200].decode("latin-1"))
            elif line.strip(b"\xef\xbb\xbf \t\r\n\0"):
                yield _value(number, _text_of(line))


def _text_of(line: bytes) -> str:
    """A line as text; its charset is looked for where it is not plainly ASCII, which takes half the time of a line."""
    return line.decode("ascii") if _is_plain(line) else decode(line).text


def _is_plain(line: bytes) -> bool:
    is_ascii = line.startswith(b"{") and line.isascii() and line.count(b"+") <= 1
    return is_ascii and b"\x1b" not in line and b"~{" not in line and b"\0" not in line


def _value(number: int, line: str) -> object:
    try:
        return _parsed(line)
    except (ValueError, RecursionError) as error:
        return _BadLine(f"Line {number} is not JSON: {error}", line)
