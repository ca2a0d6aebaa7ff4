"""What people write into forms, by kind: amounts, dates, numbers of persons and firms, names and addresses."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from preparation.forms.spans import Span


class Kind(StrEnum):
    """What a field holds; it decides what of the words near its label is its value."""

    MONEY = "money"
    CENTS = "cents"  # money in a box of fixed place, in which a line parts dollars and cents
    NUMBER = "number"
    DATE = "date"
    BIRTH_DATE = "birth_date"
    YEAR = "year"
    SSN = "ssn"
    EIN = "ein"
    ID = "id"  # a number or code that names one thing: it has a digit
    MEDICAL_CODE = "medical_code"  # of a diagnosis or a procedure
    CODE = "code"  # one short word: a state, a class of cover, a diagnosis
    PHONE = "phone"
    TEXT = "text"  # the words of one line
    LINES = "lines"  # the words of all lines
    NAME = "name"
    ADDRESS = "address"
    PARTY = "party"  # a name, and below it an address
    CHECKBOX = "checkbox"


PERSONAL = frozenset(
    (
        Kind.BIRTH_DATE,
        Kind.SSN,
        Kind.EIN,
        Kind.ID,
        Kind.PHONE,
        Kind.TEXT,
        Kind.LINES,
        Kind.NAME,
        Kind.ADDRESS,
        Kind.PARTY,
    )
)
"""Kinds whose values may tell who someone is."""

MONEY = re.compile(
    r"(?<![^\s$€£(:=|_])[-(]{0,2}\s?(?:[$€£]|USD|US\$)?\s?-?(?:\d{1,3}(?:[, ]\d{3})+|\d+)"
    r"(?:[.,]\d{2})?-?\)?(?![^\s|;,_)]|[.,]\d)"
)
_AMOUNT = re.compile(r"[.,]\d{2}\)?$|^\W*\d{1,3}(?:,\d{3})+\)?$|[$€£]")
DATE = re.compile(
    r"(?<!\d)(?:\d{1,2}[/.\- ]\d{1,2}[/.\- ](?:\d{4}|\d{2})|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d{1,2},?\s+\d{4}|"
    r"\d{1,2}[ -](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ -]\d{4}|"
    r"(?:0[1-9]|1[0-2])\d{2}(?:19|20)\d\d)(?!\d)",
    re.I,
)
_SHORT_DATE = re.compile(DATE.pattern + r"|(?<!\d)(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d\d(?!\d)", re.I)  # MMDDYY
_PATTERNS = {
    Kind.MONEY: MONEY,
    Kind.NUMBER: re.compile(r"(?<![\w.,])-?\d[\d,]*(?:\.\d+)?%?(?!\w)"),
    Kind.DATE: _SHORT_DATE,
    Kind.BIRTH_DATE: _SHORT_DATE,
    Kind.YEAR: re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)"),
    Kind.SSN: re.compile(
        r"(?<![\d-])(?:[\dX*]{3}[- \u2013]?[\dX*]{2}[- \u2013]?\d{4}|\d{2}-\d{7}|(?:\d[ |]{1,3}){8}\d)(?![\d-])"
    ),
    Kind.EIN: re.compile(
        r"(?<![\d-])(?:\d{2}[- \u2013]?\s?\d{7}|\d{3}[- \u2013]\d{2}[- \u2013]\d{4}|(?:\d ){8}\d)(?![\d-])"
    ),
    Kind.PHONE: re.compile(r"(?:\+?1[-. ])?\(?\d{3}\)?[-. ]{0,2}\d{3}[-. ]?\d{4}(?!\d)"),
    Kind.ID: re.compile(r"(?<!\S)(?=\S*\d)[\w#][\w#*./-]*(?!\S)"),
    Kind.MEDICAL_CODE: re.compile(r"(?<!\S)(?=\S*\d)[A-Z0-9][A-Z0-9.]{2,7}(?!\S)"),
    Kind.CODE: re.compile(r"(?<!\S)[A-Z0-9][\w.-]{0,9}(?!\S)"),
}
_BOXED_DAY = re.compile(r"(?<=\d) (?=\d)")  # month, day and year in boxes of their own
_CHECKED = re.compile(r"^(?:[xX\u00d7✓✔☒☑√v8]|\[[xX✓]\]|yes|on)$")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MAX_LINE_CHARS = 400
_MAX_SMALL_WORDS = 3
_INDENT = 4.0  # in heights: lines of one address begin no further from each other
_COLUMN_GAP = 3.0  # in heights: words further apart are of two columns
_CENTURY_TURN = 40  # a year of two digits above it is of the last century


@dataclass(frozen=True, slots=True)
class Value:
    """What was filled in.

    Attributes:
        text: As a person would copy it.
        spans: Its words.
    """

    text: str
    spans: tuple[Span, ...]


def find_value(kind: Kind, lines: Sequence[Sequence[Span]]) -> Value | None:
    """The value of a kind among words, line by line; None where no word can be one."""
    if kind in _PATTERNS:
        return next((found for line in lines if (found := _matched(kind, line))), None)
    if kind is Kind.CHECKBOX:
        return next((Value("yes", (span,)) for line in lines for span in line if is_mark(span.text)), None)
    whole = [_first_run(line) for line in lines if any(character.isalnum() for span in line for character in span.text)]
    if not whole:
        return None
    whole = whole[:1] if kind in (Kind.TEXT, Kind.NAME) else _aligned(whole)
    if kind is Kind.TEXT and _line_text(whole[0]).islower() and len(whole[0]) > _MAX_SMALL_WORDS:
        return None  # the end of a sentence that is printed there
    spans = tuple(span for line in whole for span in line)
    return Value(", ".join(_line_text(line) for line in whole)[:_MAX_LINE_CHARS], spans)


def is_mark(text: str) -> bool:
    """Whether a word is the mark in a checked box."""
    return bool(_CHECKED.match(text))


def is_amount(text: str) -> bool:
    """Whether it can only be an amount of money: with cents, groups of thousands or a sign of currency."""
    return bool(MONEY.fullmatch(text.strip()) and _AMOUNT.search(text.strip()))


def normal(kind: Kind, text: str) -> str:
    """A value as its dataset's column takes it; as it stands where it cannot be read so."""
    if kind in (Kind.MONEY, Kind.CENTS):
        amount = amount_of(text)
        return text if amount is None else str(amount)
    if kind in (Kind.DATE, Kind.BIRTH_DATE):
        day = date_of(text)
        return day.isoformat() if day else text
    if kind is Kind.SSN:
        digits = re.sub(r"[ |\u2013-]", "", text)
        return f"{digits[:3]}-{digits[3:5]}-{digits[5:]}" if len(digits) == 9 and "-" not in text[:3] else text  # noqa: PLR2004
    return text


def amount_of(text: str) -> Decimal | None:
    """An amount as it is written on forms of the United States: ``$1,234.50``, ``(12.00)``, ``538,83``."""
    bare = re.sub(r"[$€£\s]|USD|US", "", text)
    is_negative = bare.startswith(("(", "-")) or bare.endswith("-")
    bare = bare.strip("()-")
    if re.search(r",\d{2}$", bare):  # OCR takes the point for a comma
        bare = f"{bare[:-3]}.{bare[-2:]}"
    try:
        amount = Decimal(bare.replace(",", ""))
    except InvalidOperation:
        return None
    return -amount if is_negative else amount


def date_of(text: str) -> date | None:
    """A day as it is written on forms of the United States: the month first, or the year."""
    if named := re.search(r"[a-z]{3,}", text, re.I):
        month = _MONTHS.index(named.group()[:3].lower()) + 1 if named.group()[:3].lower() in _MONTHS else 0
        numbers = [int(part) for part in re.findall(r"\d+", text)]
        return _day(numbers[1], month, numbers[0]) if len(numbers) == 2 else None  # noqa: PLR2004
    parts = re.findall(r"\d+", text)
    if len(parts) == 1 and len(parts[0]) in (6, 8):  # MMDDYY, MMDDYYYY
        parts = [parts[0][:2], parts[0][2:4], parts[0][4:]]
    if len(parts) != 3:  # noqa: PLR2004
        return None
    if len(parts[0]) == 4:  # noqa: PLR2004
        return _day(int(parts[0]), int(parts[1]), int(parts[2]))
    year = int(parts[2])
    if len(parts[2]) == 2:  # noqa: PLR2004
        year += 1900 if year > _CENTURY_TURN else 2000
    return _day(year, int(parts[0]), int(parts[1])) or _day(year, int(parts[1]), int(parts[0]))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _matched(kind: Kind, line: Sequence[Span]) -> Value | None:
    text = " ".join(span.text for span in line)
    matches = list(_PATTERNS[kind].finditer(text))
    if kind is Kind.MONEY:
        matches = [each for each in matches if any(map(str.isdigit, each.group()))]
        amounts = [each for each in matches if is_amount(each.group())]
        matches = amounts or matches[::-1]  # the number of a line is left of its amount
    if not matches:
        return None
    begin, end = matches[0].span()
    spans, at = [], 0
    for span in line:
        if at < end and at + len(span.text) > begin:
            spans.append(span)
        at += len(span.text) + 1
    text = matches[0].group().strip()
    if kind in (Kind.DATE, Kind.BIRTH_DATE):
        text = _BOXED_DAY.sub("/", text)
    return Value(text, tuple(spans))


def _aligned(lines: Sequence[Sequence[Span]]) -> list[Sequence[Span]]:
    """The lines that begin below each other, up to the first that does not."""
    kept: list[Sequence[Span]] = []
    for line in lines:
        if kept and abs(line[0].left - kept[0][0].left) > _INDENT * kept[0][0].height:
            break
        kept.append(line)
    return kept


def _first_run(line: Sequence[Span]) -> Sequence[Span]:
    """The words of a line up to the next column."""
    for index in range(1, len(line)):
        if line[index].left - line[index - 1].right > _COLUMN_GAP * line[index].height:
            return line[:index]
    return line


def _line_text(line: Sequence[Span]) -> str:
    return " ".join(span.text for span in line).strip(" ,:|_")
