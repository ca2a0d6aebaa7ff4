"""How what came out of a file is held against its right answer: words, form values, rows and fields of logs.

Words: `\\w+` in lower case, counted; recall and F1 of the two bags.

A value of a form is found where each telling word of it is: amounts compare as numbers, dates as day, month and year in
whatever order, other words letter by letter. Where a value is several (``PA 87654321 wages 37160.56 tax 1135.65``) the
words in small letters beside numbers are the answer's own names for its parts, and tell nothing.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import polars as pl
from samples import Sample

_WORD = re.compile(r"\w+")
_TOKEN = re.compile(r"[^\s,;:]+(?:,\d{3})*(?:\.\d+)?")
_AMOUNT = re.compile(r"[-(]?\$?(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?\)?$")
_DATE = re.compile(r"(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})(?:[T ].*)?$")
_OWN_NAME = re.compile(r"[a-z]+$")
_LOG_FIELDS = {
    "Content": ("content",),
    "Component": ("component", "host"),  # the answers call the host so in one log,
    "Level": ("level", "host"),  # and so in another
    "Pid": ("pid",),
}
_CLOCK = re.compile(r"\d\d:\d\d:\d\d")


def word_scores(text: str, truth: str) -> tuple[float, float]:
    """Recall and F1 of the words."""
    wanted, found = Counter(_WORD.findall(truth.lower())), Counter(_WORD.findall(text.lower()))
    common = (wanted & found).total()
    recall, precision = common / max(1, wanted.total()), common / max(1, found.total())
    return recall, 2 * recall * precision / (recall + precision) if common else 0.0


def form_values(truth: Path) -> list[str]:
    """The values that a person read from a form, one a line behind the name of its field."""
    lines = truth.read_text(encoding="utf-8").splitlines()
    return [value.strip() for _, colon, value in (line.partition(":") for line in lines) if colon and value.strip()]


def found_values(values: Iterable[str], texts: Iterable[str]) -> int:
    """How many of the values are in some texts."""
    there = {form for text in texts for form in _forms_of(text)}
    return sum(all(_forms(token) & there for token in _telling(value)) for value in values)


def _telling(value: str) -> list[str]:
    tokens = [token.strip("()'\"") for token in _TOKEN.findall(value)]
    numbers = sum(any(map(str.isdigit, token)) for token in tokens)
    return [token for token in tokens if numbers < 2 or not _OWN_NAME.match(token)]


def _forms_of(text: str) -> Iterator[str]:
    for token in _TOKEN.findall(text):
        yield from _forms(token)
        for part in re.split(r"[-/()]", token):  # a range of dates, a form's name with its edition
            yield from _forms(part)


def _forms(token: str) -> set[str]:
    """The ways in which a word may be written, as one each."""
    bare = token.strip("()'\".").lower()
    forms = {re.sub(r"[\W_]+", "", bare)} - {""}
    if amount := _AMOUNT.match(bare):
        forms.add(f"{float(amount[1].replace(',', '') + (amount[2] or '')):.2f}")
    if date := _DATE.match(bare):
        forms.add("date " + " ".join(sorted(f"{int(part) % 100:02d}" for part in date.groups())))
    return forms


def records_of(sample: Sample, *, has_header: bool) -> int:
    """The records of a table of commas."""
    with sample.path.open(encoding="utf-8-sig", newline="") as file:
        return sum(1 for row in csv.reader(file) if row) - has_header


def log_fields_right(sample: Sample, rows: pl.DataFrame) -> tuple[int, int]:
    """Of the fields that a correct parser finds in a log: how many are right, of how many."""
    assert sample.truth is not None
    with sample.truth.open(encoding="utf-8", newline="") as file:
        wanted = list(csv.DictReader(file))
    pairs = zip(wanted, rows.iter_rows(named=True), strict=False)
    right = sum(_is_right(name, value, row) for expected, row in pairs for name, value in _asked(expected))
    return right, sum(1 for expected in wanted for _ in _asked(expected))


def _asked(expected: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in expected.items():
        known = name.capitalize()
        if value and (known in _LOG_FIELDS or (known == "Time" and _CLOCK.search(value))):
            yield known, value


def _is_right(name: str, value: str, row: Mapping[str, object]) -> bool:
    if name == "Time":
        clock = _CLOCK.search(value)
        return clock is not None and clock[0] in str(row.get("time"))
    return any(str(row.get(column)) == value for column in _LOG_FIELDS[name])
