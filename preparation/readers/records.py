"""The careful way to read delimited text: record by record, whatever is wrong with it.

Short records are padded with nulls and kept, long ones rejected; a quote that is never closed is taken as a
character of its line; NULs are left out; bytes of no character are replaced. Memory is bounded by the longest
line and by the frame.
"""

import csv
import io
import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from core.prepared import Rejection
from preparation.dialects import Dialect, split_rows
from preparation.ebcdic import is_page
from preparation.encodings import REPLACEMENT, decode
from preparation.extraction import RawTable, Source

MAX_LINE_CHARS = 32 * 1024 * 1024
_MAX_RECORD_CHARS = 8 * 1024 * 1024  # a quoted value that runs on for longer is a quote that was never closed
_MAX_UNCLOSED = 20  # after so many, quotes are characters like any other
_ROWS_PER_CHUNK = 50_000
_MAX_CELLS_PER_CHUNK = 2_000_000


class LineTooLongError(Exception):
    """A line passes the limit; nothing of the blob is taken in."""


class _UnclosedQuoteError(Exception):
    """A record runs on past its limit, or past the end of the file."""


@dataclass(slots=True)
class _Lines:
    """The lines of a text one by one, of which some can be put back."""

    stream: io.TextIOBase
    max_chars: int
    number: int = 0
    nuls: int = 0
    replaced: int = 0
    _back: deque[str] = field(default_factory=deque)

    def next_line(self) -> str:
        """The next line with its end, or "" at the end of the text."""
        if self._back:
            return self._back.popleft()
        line = self.stream.readline(self.max_chars)
        self.number += 1
        if len(line) >= self.max_chars and not line.endswith(("\n", "\r")):
            raise LineTooLongError(
                f"Line {self.number} is longer than {self.max_chars} characters, so it is no record of a table."
            )
        if "\0" in line:
            self.nuls += line.count("\0")
            line = line.replace("\0", "") or "\n"
        self.replaced += line.count(REPLACEMENT)
        return line

    def put_back(self, lines: list[str]) -> None:
        self._back.extendleft(reversed(lines))


def read_records(
    source: Source, encoding: str, dialect: Dialect, names: list[str], max_line_chars: int
) -> tuple[RawTable, str | None]:
    """Reads every record after the preamble and the header.

    Args:
        source: The blob.
        encoding: The codec of its text.
        dialect: How it is written; `columns` is the width of the frame.
        names: A name for each column.
        max_line_chars: The longest line that is read.

    Returns:
        The table, and what a person should know of it.

    Raises:
        LineTooLongError: If a line is longer than `max_line_chars`.
    """
    gathered = _Gathered(names, source.limits.max_rejections)
    with source.path.open("rb") as file:
        stream: io.TextIOBase
        if is_page(encoding):  # its line ends are no line ends to the text layer
            stream = io.StringIO(decode(file.read()).text)
        else:
            stream = io.TextIOWrapper(file, encoding, errors="replace", newline="")
        lines = _Lines(stream, max_line_chars)
        for _ in range(dialect.skip):
            lines.next_line()
        unclosed = 0
        for record in _records(lines, dialect):
            if isinstance(record, int):
                unclosed = record
            elif gathered.header_pending and dialect.has_header:
                gathered.header_pending = False
            else:
                gathered.add(record)
    return gathered.table(), _note(lines, gathered, unclosed)


def _note(lines: _Lines, gathered: "_Gathered", unclosed: int) -> str | None:
    parts = []
    if lines.nuls:
        parts.append(f"{lines.nuls} NUL characters were left out.")
    if lines.replaced:
        parts.append(f"{lines.replaced} bytes or characters that no encoding explains were replaced.")
    if unclosed:
        parts.append(f"{unclosed} quotes that are never closed were read as characters.")
    if gathered.padded:
        parts.append(f"{gathered.padded} short records were filled up with nulls.")
    return " ".join(parts) or None


def _records(lines: _Lines, dialect: Dialect) -> Iterator[list[str] | int]:
    """Each record's cells; between them, as a number, how many unclosed quotes were met so far."""
    unclosed = 0
    quote = dialect.quote
    taken: list[str] = []

    def feed() -> Iterator[str]:
        size = 0
        while line := lines.next_line():
            if dialect.comment and not taken and line.startswith(dialect.comment):
                continue
            size = len(line) if not taken else size + len(line)
            taken.append(line)
            if len(taken) > 1 and size > _MAX_RECORD_CHARS:
                raise _UnclosedQuoteError
            yield line

    while True:
        try:
            for cells in split_rows(feed(), dialect.delimiter, quote, dialect.escape):
                if len(taken) > 1 and not _is_closed(taken, dialect):
                    raise _UnclosedQuoteError
                taken.clear()
                if cells and (len(cells) > 1 or dialect.columns == 1 or cells[0].strip()):
                    yield cells
        except (_UnclosedQuoteError, csv.Error):
            unclosed += 1
            first, rest = taken[0], taken[1:]
            taken.clear()
            lines.put_back(rest)
            yield next(split_rows([first], dialect.delimiter, None, dialect.escape))
            yield unclosed
            if unclosed >= _MAX_UNCLOSED:
                quote = None
            continue
        return


def _is_closed(taken: list[str], dialect: Dialect) -> bool:
    """Whether the last of the lines of one record closes its quote, rather than the file ending in it."""
    reader = csv.reader(
        taken,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        escapechar=dialect.escape,
        doublequote=dialect.escape is None,
        strict=True,
    )
    try:
        for _ in reader:
            pass
    except csv.Error as error:
        return "unexpected end" not in str(error)
    return True


class _Gathered:
    """Rows on their way into a frame, and the records that do not fit it."""

    def __init__(self, names: list[str], max_rejections: int) -> None:
        self.names = names
        self.header_pending = True
        self.padded = 0
        self._max_rejections = max_rejections
        self._rows_per_chunk = max(min(_ROWS_PER_CHUNK, _MAX_CELLS_PER_CHUNK // len(names)), 1)
        self._rows: list[list[str | None]] = []
        self._chunks: list[pl.DataFrame] = []
        self._positions: list[int] = []
        self._rejections: list[Rejection] = []
        self._rejected = 0
        self._seen = 0

    def add(self, cells: list[str]) -> None:
        """One record: a row where it fits the columns, else a rejection."""
        width = len(self.names)
        position = self._seen
        self._seen += 1
        if len(cells) > width and any(cell.strip() for cell in cells[width:]):
            self._reject(position, cells)
            return
        self.padded += len(cells) < width
        row: list[str | None] = [cell or None for cell in cells[:width]]
        row.extend([None] * (width - len(row)))
        self._rows.append(row)
        self._positions.append(position)
        if len(self._rows) >= self._rows_per_chunk:
            self._flush()

    def table(self) -> RawTable:
        """All of it."""
        self._flush()
        empty = pl.DataFrame(schema=dict.fromkeys(self.names, pl.String))
        return RawTable(
            frame=pl.concat(self._chunks) if self._chunks else empty,
            positions=pl.Series("position", self._positions, dtype=pl.Int64) if self._rejected else None,
            rejections=tuple(self._rejections),
            rejected_rows=self._rejected,
        )

    def _reject(self, position: int, cells: list[str]) -> None:
        self._rejected += 1
        if len(self._rejections) < self._max_rejections:
            width = len(self.names)
            record: dict[str, object] = dict(zip(self.names, cells, strict=False))
            record["(more)"] = cells[width:]
            reason = f"It has {len(cells)} values where the table has {width} columns."
            self._rejections.append(Rejection(position, reason, json.dumps(record, ensure_ascii=False)))

    def _flush(self) -> None:
        if not self._rows:
            return
        columns = zip(*self._rows, strict=True)
        self._chunks.append(
            pl.DataFrame([pl.Series(n, c, dtype=pl.String) for n, c in zip(self.names, columns, strict=True)])
        )
        self._rows.clear()
