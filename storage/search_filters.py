"""The ``where`` of a search: values and ranges, read by the kind of their field."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from core.errors import QueryError
from storage.index_fields import FieldKind

_RANGE = ".."
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TRUE = frozenset({"true", "yes", "1"})
_FALSE = frozenset({"false", "no", "0"})
_EXPECTED = {
    FieldKind.INTEGER: "a whole number",
    FieldKind.NUMBER: "a number",
    FieldKind.BOOLEAN: "true or false",
    FieldKind.DATE: "a date such as 2024-03-31",
    FieldKind.TIMESTAMP: "a time such as 2024-03-31T12:00:00Z, or a date",
}


@dataclass(frozen=True, slots=True)
class Span:
    """Values from `low` to `high`, both inclusive; None is open."""

    low: Any
    high: Any


def span(name: str, kind: FieldKind, text: str) -> Span:
    """What `text` asks of the field `name`: a value, or a range ``a..b``.

    Dates count days and timestamps microseconds since 1970; a date asked of a timestamp is that whole day.

    Raises:
        QueryError: If it is no value of that kind.
    """
    low, dots, high = text.partition(_RANGE)
    if not dots:
        return _value(name, kind, text)
    return Span(
        _value(name, kind, low).low if low.strip() else None, _value(name, kind, high).high if high.strip() else None
    )


def is_range(text: str) -> bool:
    """Whether a value of ``where`` may be meant as a range."""
    return _RANGE in text


def shown(kind: FieldKind, value: Any) -> Any:
    """A kept value as people and JSON write it."""
    if kind is FieldKind.DATE:
        return (_EPOCH + timedelta(days=int(value))).date().isoformat()
    if kind is FieldKind.TIMESTAMP:
        return (_EPOCH + timedelta(microseconds=int(value))).isoformat().replace("+00:00", "Z")
    return value


def _value(name: str, kind: FieldKind, text: str) -> Span:
    try:
        return _READERS[kind](text.strip())
    except (ValueError, OverflowError, KeyError) as error:
        expected = _EXPECTED.get(kind, "one value")
        raise QueryError(f"The filter {name} = {text[:80]!r} is not {expected}.", "Mend the value.") from error


def _integer(text: str) -> Span:
    value = int(text)
    if not -(2**63) <= value < 2**63:
        raise OverflowError
    return Span(value, value)


def _number(text: str) -> Span:
    return Span(float(text), float(text))


def _boolean(text: str) -> Span:
    if text.lower() not in _TRUE | _FALSE:
        raise ValueError
    return Span(text.lower() in _TRUE, text.lower() in _TRUE)


def _date(text: str) -> Span:
    days = (date.fromisoformat(text) - _EPOCH.date()).days
    return Span(days, days)


def _timestamp(text: str) -> Span:
    moment = datetime.fromisoformat(text)
    start = moment.replace(tzinfo=moment.tzinfo or UTC)
    micros = (start - _EPOCH) // _MICROSECOND
    is_day = len(text) <= len("2024-03-31")
    return Span(micros, micros + (timedelta(days=1) // _MICROSECOND - 1 if is_day else 0))


def _text(text: str) -> Span:
    return Span(text, text)


_READERS: dict[FieldKind, Callable[[str], Span]] = {
    FieldKind.INTEGER: _integer,
    FieldKind.NUMBER: _number,
    FieldKind.BOOLEAN: _boolean,
    FieldKind.DATE: _date,
    FieldKind.TIMESTAMP: _timestamp,
    FieldKind.CODE: _text,
    FieldKind.PROSE: _text,
}
