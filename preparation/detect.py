"""What a blob is, from its content; its name decides only between kinds of text that the content allows."""

import codecs
import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from preparation import media_types as types
from preparation.binary_kinds import magic_kind, signed_kind
from preparation.dialects import BLANK, SPACES, Dialect, sniff
from preparation.ebcdic import code_page, has_line_ends, holds_ebcdic_records, is_ebcdic, is_page
from preparation.encodings import decode
from preparation.headers import shape_of
from preparation.log_kinds import begins_with_time, log_kind, tool_kind
from preparation.markup_kinds import has_toml_tables, markup_kind
from preparation.readers.chats import are_chat
from preparation.text_kinds import declared_kind

HEAD_BYTES = 262_144
_CHAT_CHARS = 8_000
_CONTROLS = bytes([*range(1, 7), *range(0x0E, 0x1B), 0x7F])  # not the separators \x1c-\x1f, nor vertical tab and escape
_PRINTABLE = bytes([*range(0x20, 0x7F), *b"\t\n\r"])
_MAX_CONTROL_SHARE = 0.01
_MAX_NUL_SHARE = 0.05
_MIN_ASCII_SHARE = 0.85
_LEVEL = re.compile(r"\b(?:DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL)\b")
_NAME = re.compile(r"""^\s*["']?[^\W\d][\w .()/%#°-]{0,40}["']?\s*$""")
_MIN_NAMES = 3
_MIN_SPLIT_SHARE = 0.6
_WIDE = ("utf-16", "utf-32")
_BINARY_DOUBT_BYTES = 16
_TIFF = (b"II*\0", b"MM\0*")
_WIKI_HEAD = re.compile(r"\s*\|\|[^|]+(?:\|\|[^|]+)*\|\|\s*")
_WIKI_ROW = re.compile(r"\s*\|[^|]+(?:\|[^|]*)*\|\s*")
_CODE = re.compile(
    r"^(?:#!|#\s*(?:include|define|pragma|if|undef)|diff |Index: |Only in |[-+*]{3} |@@ |\s*/[*/])|<\?|[;{]\s*$",
    re.MULTILINE,
)
"""What every program and patch has, and hardly any prose: to have libmagic look for them takes it 2 to 6 ms a text."""
_ELEMENT = re.compile(r"<[A-Za-z][\w-]*(?:\s[^<>]*)?/?>|&#?\w+;")
_TABLE_HINTS = (types.CSV, types.TSV)
_WORDY_HINTS = (types.PLAIN, "text/markdown", "text/x-rst", "text/x-org", "application/x-tex", "text/asciidoc")


@dataclass(frozen=True, slots=True)
class Detected:
    """What a blob is.

    Attributes:
        media_type: A type of `preparation.media_types`, or one that libmagic gives.
        encoding: The codec of a text, or None.
        why: What told, in words.
    """

    media_type: str
    encoding: str | None
    why: str


def detect(path: Path, name: str, size: int) -> Detected:
    """Tells what the file at `path` is.

    Args:
        path: Where its bytes can be opened.
        name: The name it arrived under; may tell nothing.
        size: Its bytes.

    Raises:
        OSError: If it cannot be opened.
    """
    hint = types.hint_of(name)
    if size == 0:
        return Detected(hint or types.EMPTY, None, "it is empty; only its name says what it was meant to be")
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if kind := signed_kind(path, head, name):
        return Detected(kind[0], None, kind[1])
    encoding = _text_encoding(head)
    if encoding is None:
        return _detect_binary(path, head)
    complete = len(head) >= size
    text = decode(head, partial=not complete).text
    media_type, why = _text_kind(path, text, hint, complete=complete)
    return Detected(media_type, encoding, why)


def _text_encoding(head: bytes) -> str | None:
    """The encoding of a text, or None where the bytes are none."""
    decoded = decode(head[:65_536], partial=True)
    if decoded.encoding.startswith(_WIDE):
        odd = sum(not c.isprintable() and c not in "\t\r\n\f\ufeff" for c in decoded.text)
        return decoded.encoding if odd <= _MAX_CONTROL_SHARE * len(decoded.text) + 1 else None
    nuls, controls = head.count(0), len(head) - len(head.translate(None, _CONTROLS))
    is_text = (
        not is_page(decoded.encoding)
        and nuls <= _MAX_NUL_SHARE * len(head)
        and controls <= _MAX_CONTROL_SHARE * len(head)
        and (not nuls or head.startswith(codecs.BOM_UTF8) or _is_mostly_ascii(head))
    )
    is_clean = decoded.encoding in ("utf-8", "utf-8-sig") and not decoded.note
    return decoded.encoding if is_text and (is_clean or _is_plausible(head, decoded.text)) else None


def _is_mostly_ascii(head: bytes) -> bool:
    others = head[:65_536].translate(None, _PRINTABLE)
    return min(len(head), 65_536) - len(others) >= _MIN_ASCII_SHARE * min(len(head), 65_536)


def _is_plausible(head: bytes, text: str) -> bool:
    """Whether bytes above 127 read as letters, or are few among plain ones."""
    if len(head) < _BINARY_DOUBT_BYTES:
        return all(byte > 31 or byte in (9, 10, 13) for byte in head) and text.isprintable()  # noqa: PLR2004
    letters = sum(c.isalnum() or c.isspace() for c in text)
    return _is_mostly_ascii(head) or letters >= 0.7 * len(text)


def _detect_binary(path: Path, head: bytes) -> Detected:
    is_picture = head.startswith(_TIFF)  # of two values a pixel, it may read as letters of EBCDIC
    if is_ebcdic(head) and not is_picture:
        return _detect_ebcdic(path, head)
    if not is_picture and holds_ebcdic_records(head[:65_536]):
        return Detected(types.EBCDIC, code_page(head), "records of EBCDIC text and packed numbers")
    media_type, why = magic_kind(path)
    if media_type.startswith("text/"):  # bytes that are no text have been ruled out above
        return Detected(types.OPAQUE, None, "bytes of no known kind")
    return Detected(media_type, None, why)


def _detect_ebcdic(path: Path, head: bytes) -> Detected:
    decoded = decode(head, partial=True)
    text = decoded.text
    if "\n" not in text[:2000] or not has_line_ends(head):
        return Detected(types.EBCDIC, decoded.encoding, "EBCDIC letters and digits in records without line ends")
    media_type, why = _text_kind(path, text, None, complete=False)
    return Detected(media_type, decoded.encoding, f"EBCDIC; {why}")


def _text_kind(path: Path, text: str, hint: str | None, *, complete: bool) -> tuple[str, str]:
    """The kind of a text: what it declares, then log or table, then markup, else prose."""
    if complete and not text.strip("\ufeff\0 \t\r\n"):
        return hint or types.PLAIN, "blank; only its name says what it was meant to be"
    declared = declared_kind(text, complete=complete, hint=hint) or _chat_kind(text)
    if declared:
        return declared
    lines = text.splitlines()[:400]
    log = log_kind(lines)
    if (log is None or log[0] == types.LOG) and (written_so := tool_kind(lines)):
        return written_so
    if log is None or log[0] == types.LOG:
        table = sniff(text, complete=complete)
        if table and _is_rather_table(table, lines, hint, is_log=log is not None) and not has_toml_tables(text):
            kind = types.TSV if table.delimiter == "\t" else types.CSV
            return kind, f"{table.columns} columns by {_delimiter_words(table)} in {table.share:.0%} of its rows"
        if log and (delimiter := _named_delimiter(lines)):
            kind = types.TSV if delimiter == "\t" else types.CSV
            return kind, "a line of names above rows of uneven length"
    return log or markup_kind(text[:65_536], hint) or _plain_kind(path, lines, hint)


def _chat_kind(text: str) -> tuple[str, str] | None:
    is_chat = are_chat(text[:_CHAT_CHARS].splitlines())
    return (types.CHAT, "its lines begin with a moment and an author, as messengers export them") if is_chat else None


def _is_rather_table(table: Dialect, lines: list[str], hint: str | None, *, is_log: bool) -> bool:
    """Whether what splits evenly is a table even so: a log may hold a comma a line, a poem too."""
    if hint in _TABLE_HINTS:
        return True
    if _has_wiki_tables(lines):
        return False
    if is_log and not table.header:
        return _is_timed_table(table, lines)
    return hint not in _WORDY_HINTS or (table.columns > 2 and table.share == 1)  # noqa: PLR2004


def _has_wiki_tables(lines: list[str]) -> bool:
    """Tables as Jira, Confluence and other wikis write them: heads between double bars, cells between single ones."""
    pairs = pairwise(lines)
    return any(_WIKI_HEAD.fullmatch(head) and _WIKI_ROW.fullmatch(row) for head, row in pairs)


def _is_timed_table(table: Dialect, lines: list[str]) -> bool:
    """Whether lines that begin with a time are rows: named columns, or cells of data rather than of words."""
    if table.share < 1 or table.delimiter in (SPACES, ":") or _LEVEL.search("\n".join(lines[1:20])):
        return False
    if table.has_header and not begins_with_time(lines[0]):
        return True
    cells = [
        cell for line in lines[1:50] for cell in line.split(table.delimiter if table.delimiter != BLANK else None)[1:]
    ]
    return sum(shape_of(cell) != "words" for cell in cells) > len(cells) / 2


def _named_delimiter(lines: list[str]) -> str | None:
    """The delimiter of a first line that holds the names of columns, where the lines below it are split by it too.

    A log has no such line; a table whose rows begin with a time and are of uneven length reads like a log otherwise.
    """
    delimiter = max(",;\t|", key=lines[0].count)
    names = lines[0].split(delimiter)
    split = sum(delimiter in line for line in lines)
    is_named = len(names) >= _MIN_NAMES and len(set(names)) == len(names) and all(map(_NAME.match, names))
    return delimiter if is_named and split >= _MIN_SPLIT_SHARE * len(lines) else None


def _delimiter_words(table: Dialect) -> str:
    return {"\t": "tab", SPACES: "blanks", BLANK: "blanks"}.get(table.delimiter, repr(table.delimiter))


def _plain_kind(path: Path, lines: list[str], hint: str | None) -> tuple[str, str]:
    """Text without marks of its own: what its name says, if such text can be that."""
    if hint in _TABLE_HINTS or hint in ("text/x-rst", "text/markdown", "text/x-org", "application/x-tex"):
        return hint, "text, and named so"
    if hint == types.HTML and _ELEMENT.search("\n".join(lines)):
        return types.HTML, "text with elements, and named so"
    if hint == types.LOG and lines:
        return types.LOG, "lines, and named a log"
    if _CODE.search("\n".join(lines)):
        media_type, why = magic_kind(path)
        if media_type in ("text/x-shellscript", "text/x-diff", "text/x-c", "text/x-php", "text/x-perl"):
            return media_type, why
    return types.PLAIN, "text without the marks of any markup"
