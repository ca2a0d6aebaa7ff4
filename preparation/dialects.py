"""How a delimited text is written: delimiter, quotes, preamble, header. Found from its first lines.

Used twice: detection asks whether a text is a table at all, and the reader how to read it.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from preparation.headers import has_header, shape_of

SPACES = "  "
"""Stands for two or more blanks between columns."""
BLANK = " "
"""Any run of blanks between columns of numbers."""
_CANDIDATES = ("\t", ";", "|", ",", "^", "\x1f", "\x01", "~", ":", SPACES, BLANK)
_STRONG = frozenset("\t;|^\x1f\x01~")
_WEAK = {SPACES: (0.95, 4, 3, 0.0, 1), BLANK: (1.0, 2, 2, 0.8, 0), ":": (1.0, 3, 4, 0.0, 0)}
"""Delimiters that prose has too: least share of even rows, rows, columns, share of numbers; most rows before."""
_MAX_FIELD_CHARS = 64 * 1024 * 1024  # above the longest line that is read; the module's default is 131,072
SAMPLE_CHARS = 131_072
_MAX_ROWS = 500
_ENOUGH_ROWS = 2
_WIDE_GAP = re.compile(r"\S[ \t]{2,}\S")
_MAX_PREAMBLE = 40
_MIN_SHARE = 0.9
_MIN_RAGGED_SHARE = 0.6
_PROSE_CELL_CHARS = 25
_PROSE_CELL_WORDS = 3
_NAMES_AND_UNITS = 2
_CODE_ENDS = ("{", "}", ";", "\\")
_MAX_CODE_ENDS, _MAX_INDENTED = 0.3, 0.5
_THOUSANDS_AT_END = re.compile(r"\s\$?\d{1,3}(?:,\d{3})+(?:\.\d\d)?$")
_LETTER = re.compile(r"[^\W\d]")
_MIN_NAMED, _MIN_ROWS_UNDER, _MIN_DATA_SHARE = 4, 2, 0.6
_ONE_NAME = re.compile(r"[A-Za-z_%][\w.%/()\[\]-]*$")
_NUMBER = re.compile(r"[-+]?[\d.,]*\d[\d.,]*(?:[eE][-+]?\d+)?%?$")
_SINGLE_QUOTED = re.compile(r"(?:^|[,;\t|])'[^'\n]*'(?=[,;\t|\r\n]|$)", re.MULTILINE)
_RULE = re.compile(r"[\s|+:=-]+$")
_TOLD_DELIMITER = re.compile(r"sep=.\s*$", re.IGNORECASE)  # a hint that Excel writes and reads
_FIELDS_COMMENT = re.compile(r"#\s?fields:?[ \t]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a delimited text is written.

    Attributes:
        delimiter: One character, or `SPACES`, or `BLANK`.
        quote: The quote character, or None.
        escape: The character that escapes quotes, or None where they are doubled.
        skip: Physical lines before the header (or the first record): titles, comments, blank lines.
        comment: What begins a line to leave out after the header too, or None.
        has_header: Whether the first row names the columns.
        columns: How many columns most rows have.
        share: The share of rows that have just so many.
        header: The header where a comment holds it (``#Fields: …``), else empty.
    """

    delimiter: str
    quote: str | None
    escape: str | None
    skip: int
    comment: str | None
    has_header: bool
    columns: int
    share: float
    header: tuple[str, ...] = ()


def split_rows(lines: Iterable[str], delimiter: str, quote: str | None, escape: str | None) -> Iterator[list[str]]:
    """The rows of `lines`, blank lines as empty rows. An overlong field raises ``csv.Error``."""
    if delimiter in (SPACES, BLANK):
        pattern = re.compile(r"[ \t]{2,}" if delimiter == SPACES else r"\s+")
        return (pattern.split(line.strip()) if line.strip() else [] for line in lines)
    csv.field_size_limit(_MAX_FIELD_CHARS)
    return csv.reader(
        lines,
        delimiter=delimiter,
        quotechar=quote,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        escapechar=escape,
        doublequote=escape is None,
    )


def sniff(text: str, *, complete: bool) -> Dialect | None:
    """The dialect of a table that begins with `text`, or None where the text reads as no table.

    Args:
        text: The start of the text.
        complete: Whether it is the whole text; if not, its last line is cut.
    """
    lines = text[:SAMPLE_CHARS].splitlines(keepends=True)
    if (not complete or len(text) > SAMPLE_CHARS) and len(lines) > 1:
        lines.pop()
    told = 1 if lines and _TOLD_DELIMITER.match(lines[0]) else 0
    commented, comment, header = _leading_comments(lines[told:])
    commented += told
    body = [line for line in lines[commented:] if not (comment and line.startswith(comment))]
    found = [dialect for delimiter in _beside_quotes(body) if (dialect := _fit(body, delimiter, len(header)))]
    if not found:
        return None
    best = max(found, key=_merit)
    if commented and comment and not header and not best.skip:
        header = _header_comment(lines[told:commented], best)
    return Dialect(
        delimiter=best.delimiter,
        quote=best.quote,
        escape=best.escape,
        skip=commented + best.skip,
        comment=comment,
        has_header=best.has_header and not header,
        columns=best.columns,
        share=best.share,
        header=header if len(header) >= best.columns else (),
    )


def _beside_quotes(lines: Sequence[str]) -> list[str]:
    """The delimiters that may be: where values are quoted, those that stand beside the quotes."""
    text = "".join(lines[:_MAX_ROWS])
    beside = {mark: text.count(f'{mark}"') + text.count(f'"{mark}') for mark in _CANDIDATES if mark.strip(" ")}
    most = max(beside.values())
    if most * 4 < text.count('"') or most < 2:  # noqa: PLR2004
        return list(_CANDIDATES)
    return [mark for mark in _CANDIDATES if beside.get(mark, 0) * 2 >= most]


def _merit(dialect: Dialect) -> tuple[float, float]:
    """Even rows first, then the rarer character: many columns by a weak delimiter count less than few by a strong."""
    strength = 1.0 if dialect.delimiter in _STRONG else 0.9 if dialect.delimiter == "," else 0.5
    return round(dialect.share, 1) * strength + min(dialect.columns, 8) / 20, dialect.share


def _leading_comments(lines: Sequence[str]) -> tuple[int, str | None, tuple[str, ...]]:
    """How many comment lines come first, what begins them, and the header if one of them holds it."""
    count = 0
    header: tuple[str, ...] = ()
    while count < min(len(lines), _MAX_PREAMBLE * 5) and lines[count].startswith("#"):
        if found := _FIELDS_COMMENT.match(lines[count]):
            header = tuple(lines[count][found.end() :].split())
        count += 1
    if count == 1 and not header and _names_columns(lines):
        return 0, None, ()
    return count, "#" if count else None, header


def _header_comment(lines: Sequence[str], dialect: Dialect) -> tuple[str, ...]:
    """The names in the comment right above the table, where there are just so many; its units may stand between."""
    if dialect.has_header:
        return ()
    rows = [
        next(split_rows([line.lstrip("#").strip()], dialect.delimiter, dialect.quote, dialect.escape), [])
        for line in lines[-_NAMES_AND_UNITS:]
    ]
    fitting = [tuple(row) for row in reversed(rows) if len(row) == dialect.columns]
    if not fitting or len(rows[-1]) != dialect.columns:
        return ()
    return next((names for names in fitting if len(set(names)) == len(names)), fitting[0])


def _names_columns(lines: Sequence[str]) -> bool:
    """Whether a single first line with ``#`` is the header itself: it has as many delimiters as the next."""
    return len(lines) > 1 and any(lines[0].count(d) == lines[1].count(d) > 0 for d in ",;\t|")


def _fit(lines: Sequence[str], delimiter: str, named: int) -> Dialect | None:
    """The dialect with this delimiter, or None where its rows make no table; `named` columns are known by name."""
    if not _may_part(delimiter, lines):
        return None
    quote, escape = _quoting(lines, delimiter)
    rows = _rows_with_lines(lines, delimiter, quote, escape)
    widths = Counter(len(row) for _, row in rows if row)
    usual = [(count, width) for width, count in widths.items() if width > 1]
    if not usual:
        return None
    columns = max(usual)[1]
    start = next(index for index, (_, row) in enumerate(rows) if len(row) == columns)
    start = _after_titles(rows, start, columns)
    table = [row for _, row in rows[start:] if row]
    share = sum(len(row) == columns for row in table) / len(table)
    is_named = named == columns and share >= _MIN_SHARE
    if start > _MAX_PREAMBLE or not (is_named or _is_table(table, delimiter, columns, share, preamble=start)):
        return None
    return Dialect(
        delimiter=delimiter,
        quote=quote,
        escape=escape,
        skip=rows[start][0],
        comment=None,
        has_header=has_header(table),
        columns=columns,
        share=share,
    )


def _may_part(delimiter: str, lines: Sequence[str]) -> bool:
    """Whether it is worth while to split the lines: most texts are no tables, by any of the delimiters."""
    if delimiter == BLANK:  # every row has to have as many cells, so the last two have
        last = [len(line.split()) for line in lines[:_MAX_ROWS] if not line.isspace()][-_ENOUGH_ROWS:]
        return len(last) == _ENOUGH_ROWS and len(set(last)) == 1 and last[0] > 1
    if delimiter == SPACES:
        return any(_WIDE_GAP.search(line) for line in lines[:_MAX_ROWS])
    return any(delimiter in line for line in lines[:_MAX_PREAMBLE])


def _rows_with_lines(
    lines: Sequence[str], delimiter: str, quote: str | None, escape: str | None
) -> list[tuple[int, list[str]]]:
    """The first rows, each with the index of its first physical line."""
    consumed = 0

    def feed() -> Iterator[str]:
        nonlocal consumed
        for line in lines:
            consumed += 1
            yield line

    rows: list[tuple[int, list[str]]] = []
    first = 0
    try:
        for row in split_rows(feed(), delimiter, quote, escape):
            rows.append((first, row))
            first = consumed
            if len(rows) >= _MAX_ROWS:
                break
    except csv.Error:
        return rows
    return rows


def _after_titles(rows: Sequence[tuple[int, list[str]]], start: int, columns: int) -> int:
    """Past title rows: one filled cell in a row of several, with a fuller row below."""
    while start + 1 < len(rows):
        row, below = rows[start][1], rows[start + 1][1]
        filled = sum(bool(cell.strip()) for cell in row)
        if filled > 1 or columns == 2 or sum(bool(cell.strip()) for cell in below) < columns:  # noqa: PLR2004
            break
        start += 1
    return start


def _is_table(table: list[list[str]], delimiter: str, columns: int, share: float, *, preamble: int) -> bool:
    if len(table) < 2 or preamble > len(table) + 3:  # noqa: PLR2004
        return False
    if delimiter in _WEAK:
        return _is_weakly_delimited(table, delimiter, columns, share, preamble=preamble)
    if (
        _is_code(table, delimiter, columns)
        or (delimiter == "|" and _is_markup_table(table))
        or (delimiter in ",;" and _is_prose(table, columns))
    ):
        return False
    if delimiter == "," and all(_is_form_line(",".join(row)) for row in table):
        return False
    needed = _MIN_RAGGED_SHARE if columns > 3 or delimiter in "\t|\x1f\x01" else _MIN_SHARE  # noqa: PLR2004
    return share >= needed


def _is_code(table: list[list[str]], delimiter: str, columns: int) -> bool:
    """Lines of a program: many end as statements and macros do, or the delimiter ends them, or the tab indents them."""
    pairs = [row for row in table if len(row) == columns == 2]  # noqa: PLR2004 - that is what a pair is
    if pairs and not all(any(cell.strip() for cell in column) for column in zip(*pairs, strict=True)):
        return True
    ends = sum(row[-1].rstrip().endswith(_CODE_ENDS) for row in table if row)
    if delimiter != ";" and ends > _MAX_CODE_ENDS * len(table):
        return True
    indented = sum(row[0].startswith("\t") or (delimiter == "\t" and not row[0].strip()) for row in table if row)
    return indented > _MAX_INDENTED * len(table) and not has_header(table)


def _is_form_line(line: str) -> bool:
    """Words, and an amount at their end; in one expression it takes minutes of a line of a million characters."""
    amount = _THOUSANDS_AT_END.search(line)
    return bool(amount and _LETTER.search(line[: amount.start()].rpartition("\n")[2]))


def _is_weakly_delimited(table: list[list[str]], delimiter: str, columns: int, share: float, *, preamble: int) -> bool:
    """Whether what prose has too delimits here: rows are even, and many or of numbers."""
    if delimiter == BLANK and share == 1 and _has_names_above_data(table):
        return True
    even, rows, width, least, titles = _WEAK[delimiter]
    if share < even or len(table) < rows or columns < width or preamble > titles:
        return False
    cells = [cell.strip() for row in table for cell in row]
    numbers = sum(bool(_NUMBER.match(cell)) or shape_of(cell) == "time" for cell in cells)
    return numbers >= least * len(cells)


def _has_names_above_data(table: list[list[str]]) -> bool:
    """Whether one-word names, each once, stand above cells of which most are numbers, codes or addresses."""
    names, *rows = table
    if len(names) < _MIN_NAMED or len(rows) < _MIN_ROWS_UNDER:
        return False
    if len(set(names)) < len(names) or not all(map(_ONE_NAME.match, names)):
        return False
    cells = [cell for row in rows for cell in row]
    return has_header(table) and sum(shape_of(cell) != "words" for cell in cells) >= _MIN_DATA_SHARE * len(cells)


def _is_markup_table(table: list[list[str]]) -> bool:
    """Rows that begin with a bar, or a rule of dashes below the header: Markdown, Org and their like."""
    framed = sum(not row[0].strip() for row in table)
    ruled = any(all(_RULE.match(cell) for cell in row if cell) and any("--" in cell for cell in row) for row in table)
    return framed > 0.8 * len(table) or ruled


def _is_prose(table: list[list[str]], columns: int) -> bool:
    """Sentences that happen to have as many commas: blanks after them, long cells of words, no header."""
    if columns > 4:  # noqa: PLR2004
        return False
    inner = [cell for row in table for cell in row[1:]]
    spaced = sum(cell.startswith(" ") for cell in inner) / max(len(inner), 1)
    words = [cell for row in table for cell in row if not _NUMBER.match(cell.strip())]
    mean = sum(map(len, words)) / max(len(words), 1)
    wordy = sum(len(cell.split()) for cell in words) >= _PROSE_CELL_WORDS * len(words)
    ends = sum(row[-1].rstrip().endswith((".", "!", "?", ",", ";", "{", "}", ")")) for row in table) / len(table)
    return (spaced > 0.8 and (mean > _PROSE_CELL_CHARS or wordy)) or (spaced > 0.5 and ends > 0.4 and columns < 4)  # noqa: PLR2004


def _quoting(lines: Sequence[str], delimiter: str) -> tuple[str | None, str | None]:
    if delimiter in (SPACES, BLANK):
        return None, None
    text = "".join(lines[:_MAX_ROWS])
    if '"' not in text:
        single = len(_SINGLE_QUOTED.findall(text))
        return ("'" if single >= min(len(lines) - 1, _MAX_ROWS) * 0.8 else '"'), None
    mark = re.escape(delimiter)
    escaped = len(re.findall(rf'[^\\{mark}\n]\\"(?!\s*(?:{mark}|\r?\n|$))', text))
    doubled = len(re.findall(rf'[^{mark}\n]""(?!{mark}|\r?\n|$)', text))
    return '"', "\\" if escaped > doubled else None
