"""Delimited text: CSV, TSV and whatever else separates columns by a character or by blanks.

Every record of the file is a row of the frame or a rejection. Values are strings exactly as written, null where
empty: measured on a 105 MB file of 1,000,000 rows, Polars takes as long to read strings as to guess types
(0.26-0.31 s), casting the numeric columns later costs 0.05 s, and a guess would turn ``007`` into 7.
"""

import mmap
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import polars as pl

from preparation.dialects import BLANK, SPACES, Dialect, sniff, split_rows
from preparation.encodings import Decoded, decode
from preparation.extraction import Extraction, RawTable, Source, unreadable
from preparation.headers import has_header, unique_names
from preparation.media_types import TSV
from preparation.readers.records import MAX_LINE_CHARS, LineTooLongError, read_records

HEAD_BYTES = 262_144
_FIRST_BYTES = 1024 * 1024
_MIN_RECODED_BYTES = 2 * 1024 * 1024
_MAX_RECODED_BYTES = 256 * 1024 * 1024
_UTF8 = ("utf-8", "utf-8-sig")
_DELIMITER_WORDS = {"\t": "tab", SPACES: "blanks", BLANK: "blanks"}
_MAX_PREAMBLE_CHARS = 1000


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a delimited text is laid out, as far as its head tells."""

    head: Decoded
    dialect: Dialect
    names: list[str]
    skip: int
    has_header: bool


def read(source: Source, *, max_line_chars: int = MAX_LINE_CHARS) -> Extraction:
    """The table of a delimited text.

    Args:
        source: The blob.
        max_line_chars: A line longer than this makes the blob unreadable, so that memory stays bounded.
    """
    layout = _layout(source)
    if isinstance(layout, Extraction):
        return layout
    frame, note = _read_fast(source, layout, max_line_chars)
    if frame is not None:
        return _extraction(RawTable(frame, has_header=layout.has_header), layout, note)
    dialect = replace(layout.dialect, columns=len(layout.names))
    try:
        table, note = read_records(source, layout.head.encoding, dialect, layout.names, max_line_chars)
    except LineTooLongError as error:
        return unreadable(str(error), "Put each record on a line of its own and drop it again.", kind="table")
    return _extraction(replace(table, has_header=layout.has_header), layout, note)


Piece = Callable[[Collection[str]], Extraction | None]
"""Reads a piece; the columns of these names as doubles."""


def pieces(source: Source, piece_bytes: int, *, max_line_chars: int = MAX_LINE_CHARS) -> Iterator[Piece]:
    """What `read` gives, in pieces with positions; each is read by a call of its own, in any order or side by side.

    A call gives None where its piece cannot be cut out like that: a value holds a line end, a line is blank, or a value
    is no number where numbers are asked for. There are no pieces of a text that Polars cannot read as it is.
    """
    layout = _layout(source)
    if isinstance(layout, Extraction) or not (_is_simple(layout.dialect) and _is_clean(layout.head)):
        return
    start, skip = 0, layout.skip
    with source.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for at in _cuts(data, piece_bytes):
            text = data[at]
            rows = text.count(b"\n") + (not text.endswith(b"\n")) - skip
            rows -= _trailing_blank_lines(text) if at.stop == len(data) else 0
            yield partial(_piece, text, replace(layout, skip=skip), start, rows, max_line_chars)
            start, skip = start + rows, 0


def _cuts(data: mmap.mmap, piece_bytes: int) -> Iterator[slice]:
    """Slices of about that size that end where lines end; the first is short, since the others wait for it."""
    at, size = 0, min(piece_bytes, _FIRST_BYTES)
    while at < len(data):
        end = data.rfind(b"\n", at, at + size) + 1 if len(data) - at > size else len(data)
        end = end or data.find(b"\n", at) + 1 or len(data)
        yield slice(at, end)
        at, size = end, piece_bytes


def _piece(  # noqa: PLR0913, PLR0917 - the last is given by who calls the piece
    text: bytes, layout: _Layout, start: int, rows: int, max_line_bytes: int, numbers: Collection[str]
) -> Extraction | None:
    frame = _parsed(text, text, layout, max_line_bytes, numbers)
    if frame is None or frame.height != rows:
        return None
    positions = pl.int_range(start, start + rows, dtype=pl.Int64, eager=True)
    return _extraction(RawTable(frame, positions=positions, has_header=layout.has_header), layout, None)


def _layout(source: Source) -> _Layout | Extraction:
    with source.path.open("rb") as file:
        head = decode(file.read(HEAD_BYTES), partial=source.size > HEAD_BYTES)
    complete = source.size <= HEAD_BYTES
    dialect = sniff(head.text, complete=complete) or _loose_dialect(head.text, source.media_type)
    header, header_lines = _header(head.text, dialect)
    width = max(dialect.columns, len(header))
    if width > source.limits.max_columns:
        more = "" if complete or "\n" in head.text else " or more"
        return unreadable(
            f"The table has {width}{more} columns; at most {source.limits.max_columns} are read.",
            "Split it, or turn its columns into rows.",
            kind="table",
        )
    return _Layout(head, dialect, unique_names(header, width), dialect.skip + header_lines, bool(header))


def _extraction(table: RawTable, layout: _Layout, note: str | None) -> Extraction:
    head, dialect = layout.head, layout.dialect
    metadata: dict[str, str | int | float | bool] = {
        "encoding": head.encoding,
        "delimiter": _DELIMITER_WORDS.get(dialect.delimiter, dialect.delimiter),
        "columns": table.frame.width,
        "has_header": table.has_header,
    }
    preamble = "".join(head.text.splitlines(keepends=True)[: dialect.skip]).strip()
    if preamble:
        metadata["preamble"] = preamble[:_MAX_PREAMBLE_CHARS]
    return Extraction(kind="table", tables=(table,), metadata=metadata, note=note)


def _loose_dialect(text: str, media_type: str) -> Dialect:
    """A way to read what is said to be a table but does not split evenly: by the likeliest mark, of the usual width."""
    lines = text.splitlines(keepends=True)[:200]
    marks = ("\t", ",") if media_type == TSV else (",", "\t", ";", "|")
    delimiter = max(marks, key=lambda mark: sum(mark in line for line in lines))
    rows = [row for row in split_rows(lines, delimiter, '"', None) if row]
    widths = Counter(map(len, rows))
    usual = max(widths, key=lambda width: (widths[width], width), default=1)
    columns = max(usual, len(rows[0]) if rows else 1)
    named = len(rows) > 1 and (has_header(rows) or columns == 1)
    return Dialect(delimiter, '"', None, 0, None, named or len(rows) == 1, columns, 0.0)


def _header(text: str, dialect: Dialect) -> tuple[list[str], int]:
    """The cells of the header and the physical lines that it takes; nothing where there is none."""
    if dialect.header:
        return list(dialect.header), 0
    if not dialect.has_header:
        return [], 0
    lines = text.splitlines(keepends=True)[dialect.skip :]
    consumed = quotes = 0
    for consumed, line in enumerate(lines, start=1):  # noqa: B007 - read after the loop
        quotes += line.count(dialect.quote or "\0")
        if line.strip() and quotes % 2 == 0:
            break
    cells = next(
        (row for row in split_rows(lines[:consumed], dialect.delimiter, dialect.quote, dialect.escape) if row), []
    )
    while len(cells) > dialect.columns and not cells[-1].strip():
        cells.pop()
    return cells, consumed


def _is_simple(dialect: Dialect) -> bool:
    """Whether Polars can read it."""
    return len(dialect.delimiter) == 1 and dialect.delimiter != BLANK and not dialect.escape and not dialect.comment


def _is_clean(head: Decoded) -> bool:
    """Whether Polars can read it as it is."""
    return head.encoding in _UTF8 and head.note is None


def _read_fast(source: Source, layout: _Layout, max_line_bytes: int) -> tuple[pl.DataFrame | None, str | None]:
    """The table read by Polars, and a note; no table where the file is not clean enough to trust that.

    A large file in another encoding, or with NULs, is first brought into clean UTF-8 in memory: the careful way
    takes some ten times as long.
    """
    if not _is_simple(layout.dialect):
        return None, None
    if _is_clean(layout.head):
        with source.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            frame = _parsed(data, source.path, layout, max_line_bytes)
        if frame is not None:
            return frame, None
    if not _MIN_RECODED_BYTES < source.size < _MAX_RECODED_BYTES:
        return None, None
    decoded = decode(source.path.read_bytes())
    nuls = decoded.text.count("\0")
    clean = decoded.text.replace("\0", "").encode("utf-8", errors="replace")
    notes = [f"{nuls} NUL characters were left out."] if nuls else []
    notes += [decoded.note] if decoded.note else []
    return _parsed(clean, clean, layout, max_line_bytes), " ".join(notes) or None


def _parsed(
    data: mmap.mmap | bytes, place: Path | bytes, layout: _Layout, max_line_bytes: int, numbers: Collection[str] = ()
) -> pl.DataFrame | None:
    """What Polars makes of `data`, which is what lies at `place`; None where that cannot be trusted.

    Polars is strict about quotes, encoding and overlong rows. What it would take without a word is looked for
    first: NUL bytes, lone carriage returns, lines without end; and afterwards: blank lines between records.
    """
    dialect, skip = layout.dialect, layout.skip
    if data.find(b"\0") >= 0 or not _has_plain_line_ends(data) or _has_endless_line(data, max_line_bytes):
        return None
    quoted = bool(dialect.quote) and data.find((dialect.quote or "").encode()) >= 0
    blanks = _trailing_blank_lines(data)
    line_ends = _count_of(data, b"\n") if quoted else 0
    if isinstance(data, mmap.mmap):  # Polars maps the file again: without this its pages count twice
        data.madvise(mmap.MADV_DONTNEED)
    try:
        frame = pl.read_csv(
            place,
            has_header=False,
            schema={name: pl.Float64 if name in numbers else pl.String for name in layout.names},
            separator=dialect.delimiter,
            quote_char=dialect.quote,
            skip_lines=skip,
            glob=False,
        )
    except (pl.exceptions.PolarsError, UnicodeError):
        return None
    lines_a_row = line_ends <= frame.height + skip  # then no value holds a line end
    frame = frame.head(max(frame.height - blanks, 0))
    return frame if _is_trusted(frame, dialect.quote if quoted and not lines_a_row else None) else None


def _has_plain_line_ends(data: mmap.mmap | bytes) -> bool:
    if data.find(b"\r") < 0:
        return True
    step = 1 << 20
    returns = pairs = 0
    for at in range(0, len(data), step):
        piece = data[at : at + step + 1]
        returns += piece[:step].count(b"\r")
        pairs += piece.count(b"\r\n")
    return returns == pairs


def _count_of(data: mmap.mmap | bytes, sign: bytes) -> int:
    step = 1 << 20
    return sum(data[at : at + step].count(sign) for at in range(0, len(data), step))


def _has_endless_line(data: mmap.mmap | bytes, max_bytes: int) -> bool:
    at = 0
    while len(data) - at > max_bytes:
        end = data.rfind(b"\n", at, at + max_bytes)
        if end < 0:
            return True
        at = end + 1
    return False


def _trailing_blank_lines(data: mmap.mmap | bytes) -> int:
    tail = data[-65_536:].replace(b"\r", b"")
    return max(len(tail) - len(tail.rstrip(b"\n")) - 1, 0)


def _is_trusted(frame: pl.DataFrame, quote: str | None) -> bool:
    """No row without any value (a blank line in the middle), and no value that swallowed a quote and a line end."""
    gaps = all(column.null_count() for column in frame.iter_columns())
    if gaps and frame.width > 1 and frame.select(pl.all_horizontal(pl.all().is_null()).any()).item():
        return False
    if frame.width == 1 and frame.to_series().null_count():
        return False
    if quote is None:
        return True
    texts = pl.col(pl.String)
    text = texts.str.contains("\n", literal=True) & texts.str.contains(quote, literal=True)
    return not any(frame.select(text.any()).row(0))
