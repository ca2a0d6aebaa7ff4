"""What the readers of the single transaction sets share: a record, its place, and how values are written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from preparation.readers.x12_segments import Segment

Values = dict[str, str | None]
_DATE_CHARS = 8


@dataclass(slots=True)
class Record:
    """One claim, payment, status or member.

    Attributes:
        name: For messages, as ``claim A37YH556``.
        values: Its columns.
        spans: Positions first and last of the segments that it is made of; a serious fault in one refuses it.
    """

    name: str
    values: Values
    spans: list[tuple[int, int]] = field(default_factory=list)

    def holds(self, position: int) -> bool:
        """Whether a segment is part of the record."""
        return any(first <= position <= last for first, last in self.spans)


@dataclass(slots=True)
class Outcome:
    """The records of one transaction set, and sums in it that do not add up, in words."""

    dataset: str
    records: list[Record] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def amount(text: str) -> Decimal | None:
    """A decimal number as X12 writes it, or None."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def money(value: Decimal | None) -> str | None:
    """A decimal string with at least two places, never in scientific notation."""
    if value is None:
        return None
    exponent = value.as_tuple().exponent
    places = max(2, -exponent if isinstance(exponent, int) else 2)
    return f"{value:.{places}f}"


def total(values: Iterable[Decimal | None]) -> Decimal:
    """The sum of those that are there."""
    return sum((value for value in values if value is not None), Decimal(0))


def iso_date(text: str) -> str | None:
    """A date in ISO 8601 out of CCYYMMDD or YYMMDD, or None."""
    if not text.isdigit():
        return None
    full = text[:_DATE_CHARS] if len(text) >= _DATE_CHARS else f"20{text}"
    return f"{full[:4]}-{full[4:6]}-{full[6:8]}" if len(full) == _DATE_CHARS else None


def period(segment: Segment) -> tuple[str | None, str | None]:
    """First and last day of a DTP."""
    first, _, last = segment.get(3).partition("-")
    return iso_date(first), iso_date(last or first)


def person(segment: Segment) -> str | None:
    """The name in an NM1: an organization's, or given names before the family name."""
    parts = [segment.get(number).strip() for number in (4, 5, 3, 7)]
    return " ".join(part for part in parts if part) or None


def listed(values: Iterable[str]) -> str | None:
    """Distinct values in order, or None."""
    return ", ".join(dict.fromkeys(value for value in values if value)) or None


def span(segments: Sequence[Segment]) -> tuple[int, int]:
    """The positions that some segments in a row take up."""
    return segments[0].position, segments[-1].position
