"""Whether the first row of a table names its columns, and names for those that it leaves unnamed."""

import re
from collections import Counter
from collections.abc import Sequence

_MAX_BODY_ROWS = 200
_USUAL_SHARE = 0.7
_MAX_NAME_CHARS = 80
_MAX_SHAPED_CHARS = 300
_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("number", re.compile(r"[-+(]?[$€£¥₹]?\s?[-+]?(?:\d[\d,.' ]*|\.\d+)(?:[eE][-+]?\d+)?\s?[%)€]?$")),
    ("time", re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ].*)?$|\d{1,2}:\d{2}(?::\d{2})?")),
    ("date", re.compile(r"(?:\d{1,2}[ -])?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*[ -]\d{1,4}\b.*$")),
    ("email", re.compile(r"\S+@\S+\.\w+$")),
    ("url", re.compile(r"(?:https?://|www\.|/)\S+$")),
    ("address", re.compile(r"(?:[0-9a-fA-F]{1,4}:){3,}|\d{1,3}(?:\.\d{1,3}){3}")),
    ("flag", re.compile(r"(?:true|false|yes|no|y|n|t|f|m|male|female|null|none|nan|n/a)$", re.IGNORECASE)),
    ("code", re.compile(r"(?=\S*\d)(?=\S*[A-Za-z])[\w.:/-]+$")),
)
_YEAR = re.compile(r"(?:19|20)\d\d$")


def shape_of(cell: str) -> str:
    """A word for what a cell looks like: ``number``, ``time``, ``email`` …, ``words``, or ``empty``."""
    cell = cell.strip()
    if not cell or len(cell) > _MAX_SHAPED_CHARS:
        return "words" if cell else "empty"
    return next((name for name, pattern in _SHAPES if pattern.match(cell)), "words")


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether `rows[0]` names the columns of the rows below it.

    Each column votes: yes where its first cell is of another shape than the cells below, no where it is of the
    same shape (unless all are words) or comes back among them.
    """
    first, body = rows[0], [row for row in rows[1 : _MAX_BODY_ROWS + 1] if row]
    if not body or all(not cell.strip() for cell in first) or any(len(c) > _MAX_NAME_CHARS * 4 for c in first):
        return False
    if _names_years(first):
        return True
    votes = sum(_vote(cell, [row[at] for row in body if at < len(row)]) for at, cell in enumerate(first))
    if votes:
        return votes > 0
    names = [cell.strip() for cell in first if cell.strip()]
    return len(set(names)) == len(names) and all(shape_of(n) in ("words", "flag", "code") for n in names)


def _vote(first: str, below: Sequence[str]) -> int:
    shapes = Counter(shape_of(cell) for cell in below)
    shapes.pop("empty", None)
    if not shapes or not first.strip():
        return 0
    usual, count = shapes.most_common(1)[0]
    shape = shape_of(first)
    if count < _USUAL_SHARE * shapes.total():
        return -1 if first in below else 0
    if usual == "words":
        return (-1 if first in below else 0) if shape == "words" else (1 if shape in ("number", "code") else -1)
    if shape == usual:
        return -1
    return 2 if shape == "words" else (0 if {shape, usual} == {"code", "number"} else 1)


def _names_years(first: Sequence[str]) -> bool:
    """A pivoted table: words, then years in order."""
    years = [cell.strip() for cell in first if _YEAR.match(cell.strip())]
    others = [cell for cell in first if not _YEAR.match(cell.strip())]
    return len(years) > 1 and years == sorted(set(years)) and bool(others) and shape_of(others[0]) == "words"


def unique_names(cells: Sequence[str], count: int) -> list[str]:
    """`count` distinct names out of header cells: ``column_3`` where one is empty, ``name_2`` where it comes back."""
    names: list[str] = []
    taken: set[str] = set()
    for at in range(count):
        cell = cells[at].strip().removeprefix("\ufeff") if at < len(cells) else ""
        base = name = cell or f"column_{at + 1}"
        number = 2
        while name in taken:
            name = f"{base}_{number}"
            number += 1
        taken.add(name)
        names.append(name)
    return names
