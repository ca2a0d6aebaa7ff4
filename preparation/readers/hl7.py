"""HL7 version 2: messages with the delimiters that their MSH declares, in batches or alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import polars as pl

from core.prepared import Rejection
from preparation.encodings import decode
from preparation.extraction import Extraction, RawTable, Source, unreadable

_BATCH = ("FHS", "BHS", "BTS", "FTS")
_SEGMENT_ID = re.compile(r"[A-Z][A-Z0-9]{2}")
_START = re.compile(r"(?:\A|[\r\n\x0b\x1c])[ \t\x0b]*(MSH|FHS|BHS)[^A-Za-z0-9\s]")
_ESCAPES = {"F": "|", "S": "^", "T": "&", "R": "~", "E": "\\", ".br": "\n"}
_ESCAPE = re.compile(r"\\([FSTRE]|\.br)\\")
_SEXES = {"M": "male", "F": "female", "O": "other", "U": "unknown", "A": "ambiguous"}
_FIX = "Ask the sender for the whole message, each segment on its own line from MSH on."
_TIME = re.compile(r"(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\.\d+)?([+-]\d{4})?")
_DATE_PARTS = 3
Values = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its segments in order, each a list of fields, and its delimiters (field, component, repeat)."""

    segments: list[list[str]]
    field: str
    component: str
    repeat: str

    def all(self, name: str) -> list[list[str]]:
        """Every segment of that name."""
        return [segment for segment in self.segments if segment[0] == name]

    def get(self, segment: Sequence[str], number: int, component: int = 1) -> str:
        """A component of the first repeat of a field; "" where it is left out."""
        at = number - 1 if segment[0] in ("MSH", *_BATCH) else number
        if at >= len(segment):
            return ""
        parts = segment[at].split(self.repeat)[0].split(self.component)
        text = parts[component - 1] if component <= len(parts) else ""
        return _ESCAPE.sub(lambda match: _ESCAPES[match.group(1)], text).strip().removeprefix('""')


def read(source: Source) -> Extraction:
    """Reads messages: charges (DFT) as ``medical_bill``, a row a charge; all others as a row a message."""
    decoded = decode(source.path.read_bytes())
    found = list(_messages(decoded.text))
    if not found:
        reason = "This is no HL7 message: no MSH segment with its delimiters begins a line."
        return unreadable(reason, _FIX, kind="edi")
    bills: list[Values] = []
    others: list[Values] = []
    positions: list[int] = []
    rejections: list[Rejection] = []
    for number, message in enumerate(found):
        if reason := _complaint(message):
            rejections.append(Rejection(number, reason, "{}"))
            continue
        charges = _charges(message)
        bills += charges
        if not charges:
            others.append(_other(message))
            positions.append(number)
    if not bills and not others:
        return unreadable(rejections[0].reason, _FIX, kind="edi")
    tables = []
    if bills:
        tables.append(RawTable(_frame(bills), dataset="medical_bill", why="HL7 charges (FT1)", has_header=False))
    if others or rejections:
        tables.append(
            RawTable(
                _frame(others),
                dataset="other",
                why="HL7 messages",
                positions=pl.Series("position", positions, dtype=pl.Int64),
                rejections=tuple(rejections[: source.limits.max_rejections]),
                rejected_rows=len(rejections),
                has_header=False,
            )
        )
    kinds = ", ".join(dict.fromkeys(filter(None, map(_kind, found))))
    return Extraction(
        kind="edi",
        text=_text(found)[: source.limits.max_text_chars],
        tables=tuple(tables),
        metadata={"encoding": decoded.encoding, "messages": len(found), "message_types": kinds[:500]},
        note=f"{len(rejections)} messages could not be read: {rejections[0].reason}" if rejections else None,
    )


def _messages(text: str) -> list[Message]:
    starts = [match.start(1) for match in _START.finditer(text)]
    messages = []
    for at, start in enumerate(starts):
        end = starts[at + 1] if at + 1 < len(starts) else len(text)
        lines = [line.strip(" \t\x0b\x1c\x00") for line in re.split(r"[\r\n]+", text[start:end])]
        head = text[start : start + 8]
        if head[:3] != "MSH":
            continue
        component, repeat = (head[4], head[5]) if len(head) > 5 else ("^", "~")  # noqa: PLR2004 - MSH|^~
        segments = [line.split(head[3]) for line in lines if line and line[:3] not in _BATCH]
        messages.append(Message(segments, head[3], component, repeat))
    return messages


def _complaint(message: Message) -> str:
    for number, segment in enumerate(message.segments, 1):
        if not _SEGMENT_ID.fullmatch(segment[0]):
            return (
                f"{segment[0][:20]!r} at segment {number} is no segment identifier; expected three capitals or digits."
            )
    if not message.get(message.segments[0], 9):
        return "MSH at segment 1, field 9: the message type is missing; it is required."
    return ""


def _kind(message: Message) -> str:
    head = message.segments[0]
    return "^".join(part for part in (message.get(head, 9, 1), message.get(head, 9, 2)) if part)


def _patient(message: Message) -> Values:
    values: Values = {}
    for segment in message.all("PID")[:1]:
        family, given, middle = (message.get(segment, 5, part) for part in (1, 2, 3))
        values["patient_id"] = message.get(segment, 3) or message.get(segment, 2) or None
        values["patient_name"] = " ".join(part for part in (given, middle, family) if part) or None
        values["patient_birth_date"] = _moment(message.get(segment, 7), date_only=True)
        values["patient_sex"] = _SEXES.get(message.get(segment, 8), message.get(segment, 8)) or None
        town = [message.get(segment, 11, part) for part in (1, 3, 4, 5)]
        values["patient_address"] = ", ".join(part for part in town if part) or None
    for segment in message.all("IN1")[:1]:
        values["payer"] = message.get(segment, 4) or None
        values["member_id"] = message.get(segment, 36) or None
    for segment in message.all("PV1")[:1]:
        provider = [message.get(segment, 7, part) for part in (3, 2)]
        values["provider"] = " ".join(part for part in provider if part) or None
        values["facility"] = message.get(segment, 3, 4) or message.get(segment, 3, 1) or None
    return values


def _charges(message: Message) -> list[Values]:
    """The FT1 segments of a DFT, each with the patient."""
    known = _patient(message)
    diagnoses = ", ".join(dict.fromkeys(code for s in message.all("DG1") if (code := message.get(s, 3)))) or None
    rows = []
    for segment in message.all("FT1"):
        quantity, unit = _decimal(message.get(segment, 10)), _decimal(message.get(segment, 12))
        whole = _decimal(message.get(segment, 11))
        if whole is None and unit is not None:
            whole = unit * (quantity or 1)
        rows.append(
            {
                "bill_id": message.get(segment, 2) or None,
                "line_number": message.get(segment, 1) or None,
                **known,
                "service_date": _moment(message.get(segment, 4), date_only=True),
                "bill_date": _moment(message.get(segment, 5), date_only=True),
                "procedure_codes": message.get(segment, 25) or message.get(segment, 7) or None,
                "procedure": message.get(segment, 25, 2) or message.get(segment, 7, 2) or None,
                "diagnosis_codes": message.get(segment, 19) or diagnoses,
                "quantity": str(quantity) if quantity is not None else None,
                "unit_price": _money(unit),
                "billed_amount": _money(whole),
            }
        )
    return rows


def _other(message: Message) -> Values:
    head = message.segments[0]
    observations = []
    for segment in message.all("OBX"):
        name, value, unit = (
            message.get(segment, 3, 2) or message.get(segment, 3),
            message.get(segment, 5),
            message.get(segment, 6),
        )
        observations.append(f"{name}: {value} {unit}".strip())
    return {
        "message_type": _kind(message),
        "control_id": message.get(head, 10) or None,
        "time": _moment(message.get(head, 7)),
        "sender": message.get(head, 3) or message.get(head, 4) or None,
        "receiver": message.get(head, 5) or message.get(head, 6) or None,
        **_patient(message),
        "observations": "; ".join(observations) or None,
    }


def _frame(rows: list[Values]) -> pl.DataFrame:
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in names}, schema=dict.fromkeys(names, pl.String())
    )


def _text(messages: list[Message]) -> str:
    """The values of all fields, a line a segment."""
    lines = []
    for message in messages:
        for segment in message.segments:
            cut = re.compile(f"[{re.escape(message.component + message.repeat)}&]+")
            values = (" ".join(cut.split(value)).strip() for value in segment[1:])
            lines.append(" ".join(value for value in values if value and value != "\\"))
    return "\n".join(line for line in lines if line)


def _moment(text: str, *, date_only: bool = False) -> str | None:
    """An HL7 time (YYYYMMDDHHMMSS, cut off anywhere after the day) in ISO 8601; None where not even a day is told."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    parts = [part for part in match.groups()[:6] if part]
    if len(parts) < _DATE_PARTS:
        return None
    day = "-".join(parts[:_DATE_PARTS])
    if date_only or len(parts) <= _DATE_PARTS:
        return day
    clock = ":".join([*parts[_DATE_PARTS:], "00", "00"][:_DATE_PARTS])
    zone = match.group(8) or ""
    return f"{day}T{clock}{match.group(7) or ''}{zone[:3]}{':' if zone else ''}{zone[3:]}"


def _decimal(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _money(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:.2f}" if value == round(value, 2) else f"{value:f}"
