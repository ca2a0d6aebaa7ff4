"""Files of mainframes: EBCDIC records with or without their lengths, numbers in packed decimals among their text.

What a record's fields are stands in a copybook that does not travel with the file. So a record is a line, parted where
its bytes tell that a field ends: text from packed numbers, digits from letters and filled columns from blank ones.
"""

import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from preparation.ebcdic import code_page, decoded, has_line_ends
from preparation.extraction import Extraction, Source

_LENGTH_BYTES = 4
_MIN_RECORD, _MAX_RECORD = 16, 32_760
_MIN_RECORDS = 3
_MAX_SAMPLED_RECORDS = 2_000
_SETTLED = 0.95
_MOSTLY_BLANK = 0.8
_SURELY_FILLED = 0.98
_TOLERANCE = 0.02
_BLANK = 0x40
_BLANKS, _DIGITS, _LETTERS, _SIGNS, _CONTROLS = range(5)
_ENDED_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:[+-]\d\d:\d\d|Z))(?=\S)")
_PACKED_SIGNS = b"\x0c\x0d\x0f"
_LOW = bytes(range(0x40))
_BELOW_CHARACTERS = re.compile(rb"[\x00-\x3f]")


def read(source: Source) -> Extraction:
    """The text of EBCDIC data, a line a record."""
    limit = source.limits.max_text_chars
    with source.path.open("rb") as file:
        data = file.read(limit)
    page = code_page(data[:65_536])
    metadata: dict[str, str | int | float | bool] = {"encoding": page}
    if records := _counted_records(data):
        metadata |= {"record_format": "variable", "records": len(records)}
    elif has_line_ends(data):
        records = re.split(rb"[\x15\x25]", data)
    elif length := record_length(data, source.size):
        records = [data[at : at + length] for at in range(0, len(data), length)]
        metadata |= {"record_format": "fixed", "record_bytes": length, "records": source.size // length}
    else:
        records = [data]
    edges = _edges(records) if metadata.get("record_format") == "fixed" else []
    text = "\n".join(_shown(record, page, edges) for record in records)
    note = f"Only the first {limit} of {source.size} bytes are searchable." if source.size > limit else None
    return Extraction(kind="data", text=text[:limit], metadata=metadata, note=note)


def record_length(data: bytes, size: int) -> int | None:
    """The length at which bytes of one kind stand below one another, where records are all of one length.

    Of the lengths that part the file evenly, the shortest that is within a fiftieth of the best: a multiple of the true
    length is as good.
    """
    kinds = _kinds(np.frombuffer(data, np.uint8))
    lengths = [n for n in range(_MIN_RECORD, min(size // _MIN_RECORDS, _MAX_RECORD) + 1) if size % n == 0]
    base = _agreement(kinds, 1)
    scores = {length: _agreement(kinds, length) for length in lengths if len(data) >= _MIN_RECORDS * length}
    best = max(scores.values(), default=0.0)
    if best - base < _TOLERANCE:
        return None
    return next(length for length, score in scores.items() if score >= best - _TOLERANCE)


def _kinds(data: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Of each byte whether it is a blank, a digit, a letter, a sign or no character."""
    table = np.full(256, _SIGNS, np.uint8)
    table[:_BLANK] = _CONTROLS
    table[_BLANK] = _BLANKS
    table[0xF0:0xFA] = _DIGITS
    for first, last in ((0x81, 0x89), (0x91, 0x99), (0xA2, 0xA9), (0xC1, 0xC9), (0xD1, 0xD9), (0xE2, 0xE9)):
        table[first : last + 1] = _LETTERS
    return table[data]


def _agreement(kinds: NDArray[np.uint8], length: int) -> float:
    """How many of the bytes are of the kind that most bytes in their column are, of 1."""
    rows = min(len(kinds) // length, _MAX_SAMPLED_RECORDS)
    columns = kinds[: rows * length].reshape(rows, length)
    most = np.zeros(length, np.int64)
    for kind in range(_CONTROLS + 1):
        most = np.maximum(most, (columns == kind).sum(axis=0))
    # Of few records some agree by chance in each column: what is expected of chance is taken off.
    return float(most.sum() / (rows * length) - 1 / rows)


def _counted_records(data: bytes) -> list[bytes]:
    """The records of a file in which each begins with its length, as far as they fill it; else nothing."""
    records, at = [], 0
    while at + _LENGTH_BYTES <= len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        if length <= _LENGTH_BYTES or length > _MAX_RECORD or data[at + 2 : at + _LENGTH_BYTES] != b"\0\0":
            return []
        records.append(data[at + _LENGTH_BYTES : at + length])
        at += length
    return records if len(records) >= _MIN_RECORDS else []


def _edges(records: Sequence[bytes]) -> list[int]:
    """Where fields begin, as far as all records together tell: between digits and letters, or behind blanks."""
    whole = [record for record in records[:_MAX_SAMPLED_RECORDS] if len(record) == len(records[0])]
    kinds = _kinds(np.frombuffer(b"".join(whole), np.uint8)).reshape(len(whole), -1)
    blank, digits, letters = ((kinds == kind).mean(axis=0) for kind in (_BLANKS, _DIGITS, _LETTERS))
    is_digit, is_letter = _pairs(digits >= _SETTLED), _pairs(letters >= _SETTLED)
    # Two columns of each kind: the T of a time among its digits begins no field, nor does a word behind one blank.
    from_blanks = _pairs(blank >= _MOSTLY_BLANK)[:-1] & (blank[2:] <= 1 - _SURELY_FILLED)
    found = set(np.flatnonzero(from_blanks) + 2)
    for before, after in ((is_digit, is_letter), (is_letter, is_digit)):
        found |= set(np.flatnonzero(before[:-2] & after[2:]) + 2)
    return sorted(map(int, found))


def _pairs(columns: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where a column and the next are both so."""
    return columns[:-1] & columns[1:]


def _shown(record: bytes, page: str, edges: Sequence[int]) -> str:
    pieces = [record[start:end] for start, end in zip([0, *edges], [*edges, len(record)], strict=True)]
    told = "\t".join(" ".join(_told(piece, page)) for piece in pieces)
    return re.sub(r"[ \t]*\t[ \t]*", "\t", _ENDED_TIME.sub(r"\1 ", told)).strip()


def _told(piece: bytes, page: str) -> Iterator[str]:
    """Text and packed numbers by turns."""
    if not piece.translate(None, piece.translate(None, _LOW)):  # no byte below the characters: text alone
        yield " ".join(decoded(piece, page).split())
        return
    start = 0
    while found := _BELOW_CHARACTERS.search(piece, start):
        yield from decoded(piece[start : found.start()], page).split()
        number, start = _packed(piece, found.start())
        if number is not None:
            yield str(number)
    yield from decoded(piece[start:], page).split()


def _packed(piece: bytes, at: int) -> tuple[int | None, int]:
    """A packed decimal that begins here and the place behind it: two digits a byte, and a sign in its last half."""
    end, digits = at, 0
    while end < len(piece):
        high, low = piece[end] >> 4, piece[end] & 0x0F
        if high > 9:  # noqa: PLR2004 - digits
            break
        if low > 9:  # noqa: PLR2004 - digits
            is_number = low in _PACKED_SIGNS
            digits = digits * 10 + high
            return ((-digits if low == 0x0D else digits) if is_number else None), end + 1  # noqa: PLR2004 - minus
        digits = digits * 100 + high * 10 + low
        end += 1
    while at < len(piece) and piece[at] < _BLANK:
        at += 1
    return None, at
