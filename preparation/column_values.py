"""What the values of a column look like, whatever its header says."""

import re
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from preparation.units import unit_of_cells

_SAMPLE_ROWS = 80
_MAX_COLUMNS = 400
_MOST = 0.8
_EXAMPLES = 20
NULL_WORDS = frozenset(("", "na", "n/a", "null", "none", "nan", "-", "--", "?", "nil", "#n/a", "n.a.", "\\n", "<null>"))

_NUMBER = re.compile(r"^[-+(]?\s*[$€£¥₹]?\s*[-+]?(?:\d[\d,. '\u00a0]*|\.\d+)(?:[eE][-+]?\d+)?\s*[%$€£¥₹)]?\)?\s*$")
_MONEY = re.compile(
    r"^[-+(]?\s*(?:[$€£¥₹]|USD|EUR|GBP|INR|Rs\.?|R\$)\s*[-+]?\d[\d,. ]*\)?\s*$|^[-+]?\d[\d,. ]*\s*[$€£¥₹]\s*$"
)
_IP = re.compile(r"^(?:\d{1,3}\.){3}\d{1,3}(?::\d+|/\d+)?$|^(?=.*:.*:)[0-9a-fA-F:]{3,39}(?:%\w+)?$")
_DATE = re.compile(
    r"^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}$|^\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}$|^\d{1,2}[- ][A-Za-z]{3,9}[-, ]+\d{2,4}$"
    r"|^[A-Za-z]{3,9}\.? \d{1,2},? \d{4}$|^(?:19|20)\d{6}$"
)
_DATETIME = re.compile(
    r"^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}[T _]\d{1,2}:?\d{2}|^\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4},? +\d{1,2}:\d{2}"
    r"|^[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} .*\d{4}$|^\[?\d{1,2}/[A-Z][a-z]{2}/\d{4}:\d{2}:"
    r"|^\d{1,2}[- ][A-Za-z]{3,9}[-, ]+\d{2,4} \d{1,2}:\d{2}|^[A-Za-z]{3,9}\.? \d{1,2},? \d{4},? (?:at )?\d{1,2}:\d{2}"
    r"|^[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4}|^[A-Z][a-z]{2} +\d{1,2} \d{2}:\d{2}:\d{2}|^\d{14}$"
)
_CLOCK = re.compile(r"^\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?$")
_EPOCH = re.compile(r"^1[0-9]{9}(?:\.\d+)?$|^1[0-9]{12}(?:\.\d+)?$|^1[0-9]{15}$|^1[0-9]{18}$")
_URL = re.compile(r"^(?:https?://|www\.)\S+$|^/[\w\-./?=&%#~:+@]*$")
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$|<[^@\s]+@[^@\s]+>")
_REQUEST = re.compile(r"^\"?(?:GET|POST|PUT|HEAD|DELETE|PATCH|OPTIONS|CONNECT) \S+")
_POST_MARK = re.compile(r"(?:^|\s)[@#]\w{2,}|\bRT @|https?://t\.co/")


class Look(StrEnum):
    """Kinds of values."""

    EMPTY = "empty"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    DATETIME = "date and time"
    CLOCK = "time of day"
    EPOCH = "epoch"
    BOOLEAN = "boolean"
    IP = "IP address"
    URL = "URL"
    EMAIL = "e-mail address"
    REQUEST = "HTTP request"
    PROSE = "prose"
    WORDS = "words"


TIMES = frozenset((Look.DATE, Look.DATETIME, Look.EPOCH))
NUMERIC = frozenset((Look.NUMBER, Look.MONEY, Look.EPOCH, Look.BOOLEAN))
_PATTERNS = (
    (Look.EPOCH, _EPOCH),
    (Look.DATETIME, _DATETIME),
    (Look.DATE, _DATE),
    (Look.CLOCK, _CLOCK),
    (Look.IP, _IP),  # after the clock: 17:24:00 could be an address
    (Look.MONEY, _MONEY),
    (Look.NUMBER, _NUMBER),
    (Look.REQUEST, _REQUEST),
    (Look.URL, _URL),
    (Look.EMAIL, _EMAIL),
)
_BOOLEANS = frozenset(("true", "false", "yes", "no", "y", "n", "t", "f"))
_PROSE_WORDS = 4
_PROSE_CHARS = 22


@dataclass(frozen=True, slots=True)
class ColumnLook:
    """What a column's values look like.

    Attributes:
        look: The kind that most of its values are.
        has_post_marks: Whether a good part of it bears ``@name``, ``#tag`` or shortened links.
        distinct: Distinct values over values, in the sample.
        examples: A few values.
        is_whole: Whether its numbers are whole numbers.
    """

    look: Look
    has_post_marks: bool = False
    distinct: float = 0.0
    examples: tuple[str, ...] = ()
    is_whole: bool = False


def looks_of(frame: pl.DataFrame) -> list[ColumnLook]:
    """The look of each column, from a sample of its rows."""
    sample = frame if frame.height <= _SAMPLE_ROWS else _sample(frame)
    return [
        _look(sample.to_series(index)) if index < _MAX_COLUMNS else ColumnLook(Look.WORDS)
        for index in range(frame.width)
    ]


def look_of_value(value: object) -> ColumnLook:
    """As `looks_of` a column that has this one value, without the cost of a column."""
    if not isinstance(value, str):
        return _look(pl.Series([value], strict=False))
    text = value.strip()
    return _look_of_texts([text]) if text.lower() not in NULL_WORDS else ColumnLook(Look.EMPTY)


def _sample(frame: pl.DataFrame) -> pl.DataFrame:
    half = _SAMPLE_ROWS // 2
    step = max((frame.height - half) // half, 1)
    return pl.concat([frame.head(half), frame.slice(half).gather_every(step).head(half)])


def _look(series: pl.Series) -> ColumnLook:
    typed = _by_type(series.dtype)
    texts = [text for text in _texts(series) if text.lower() not in NULL_WORDS]
    if not texts:
        return ColumnLook(Look.EMPTY)
    if typed is None:
        return _look_of_texts(texts)
    whole = series.dtype.is_integer() or all("." not in text for text in texts)
    return ColumnLook(typed, False, len(set(texts)) / len(texts), tuple(texts[:_EXAMPLES]), whole)


def _look_of_texts(texts: list[str]) -> ColumnLook:
    marks = sum(bool(_POST_MARK.search(text)) for text in texts) / len(texts)
    whole = all("." not in text for text in texts)
    distinct = len(set(texts)) / len(texts)
    return ColumnLook(_by_pattern(texts), marks >= 0.25, distinct, tuple(texts[:_EXAMPLES]), whole)  # noqa: PLR2004


def _texts(series: pl.Series) -> list[str]:
    if series.dtype.is_nested():
        return [str(value) for value in series.drop_nulls().to_list()]
    if series.dtype == pl.String:  # most are, and of one row: each call of Polars costs more than the value
        return [text.strip() for text in series.to_list() if text is not None]
    return [text.strip() for text in series.drop_nulls().cast(pl.String, strict=False).drop_nulls().to_list()]


def _by_type(dtype: pl.DataType) -> Look | None:
    if dtype == pl.Boolean:
        return Look.BOOLEAN
    if dtype == pl.Date:
        return Look.DATE
    if dtype == pl.Time:
        return Look.CLOCK
    if dtype.is_temporal():
        return Look.DATETIME
    return Look.NUMBER if dtype.is_float() else None


def _by_pattern(texts: list[str]) -> Look:
    if all(text.lower() in _BOOLEANS for text in texts):
        return Look.BOOLEAN
    for look, pattern in _PATTERNS:
        if sum(bool(pattern.match(text)) for text in texts) >= _MOST * len(texts):
            return look
    amounts = sum(bool(_NUMBER.match(text) or _MONEY.match(text)) for text in texts)
    if amounts >= _MOST * len(texts):  # some with a currency, some without
        return Look.MONEY
    if not texts[0][:1].isalpha() and unit_of_cells(pl.Series(texts)):
        return Look.NUMBER
    words = sum(len(text.split()) for text in texts) / len(texts)
    chars = sum(map(len, texts)) / len(texts)
    return Look.PROSE if words >= _PROSE_WORDS and chars >= _PROSE_CHARS else Look.WORDS
