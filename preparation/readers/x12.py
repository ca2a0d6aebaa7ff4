"""X12 EDI: claims, payments, enrolment and acknowledgements as rows; every fault named with segment and position."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import polars as pl

from core.blob import Fault
from core.prepared import Rejection
from preparation.encodings import decode
from preparation.extraction import Extraction, Limits, RawTable, Source
from preparation.readers.x12_claims import claims
from preparation.readers.x12_envelope import Opened, TransactionSet, opened
from preparation.readers.x12_others import acknowledgements, any_set, eligibility, interchange_acknowledgement, members
from preparation.readers.x12_payments import payments, statuses
from preparation.readers.x12_record import Outcome, Record, Values
from preparation.readers.x12_segments import X12Fault, before_first, interchanges

MAX_FAULTS_TOLD = 10
MAX_REMARKS_TOLD = 5
MAX_RECORD_CHARS = 2_000
_WHOLE = "Ask the sender for the whole interchange, from ISA to IEA."
_FIX = "Correct these segments at the sender, or in a copy, and drop the corrected interchange."
_SET_HEAD = re.compile(r"(?:^|[^A-Za-z0-9])ST[^A-Za-z0-9\s](\d{3})[^A-Za-z0-9]")
_FIRST_ID = re.compile(r"\s*([A-Z][A-Z0-9]{1,2})\b")
_DATASETS = {"837": "medical_bill", "835": "insurance_claim", "277": "insurance_claim"}
_NAMES = {"medical_bill": "claims", "insurance_claim": "claim payments or states", "other": "records"}


@dataclass(slots=True)
class _Rows:
    """What becomes of the records of one dataset; `count` goes on over refused ones."""

    values: list[Values] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    rejected: int = 0
    kinds: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.values) + self.rejected


@dataclass(slots=True)
class _Book:
    """All that is gathered over the interchanges of one blob."""

    limits: Limits
    rows: dict[str, _Rows] = field(default_factory=dict)
    faults: list[X12Fault] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    sets: int = 0
    refused_sets: int = 0
    segments: int = 0


def read(source: Source) -> Extraction:
    """Reads interchanges; faulty claims and sets are rejected, and a blob of which nothing is sound is a fault."""
    decoded = decode(source.path.read_bytes())
    found = list(interchanges(decoded.text))
    lost = before_first(decoded.text)
    if not found:
        reason, table = _headless(lost, source.limits)
        return Extraction(kind="edi", tables=(table,) if table else (), fault=Fault("preparation", reason, _WHOLE))
    book = _Book(source.limits)
    if lost:
        _take_lost(book, lost)
    for interchange in found:
        book.segments += len(interchange.segments)
        content = opened(interchange)
        _take_envelope(book, interchange.faults, content)
        for each in content.sets:
            _take_set(book, each)
    metadata: dict[str, str | int | float | bool] = {
        "encoding": decoded.encoding,
        "interchanges": len(found),
        "transaction_sets": book.sets,
        "refused_transaction_sets": book.refused_sets,
        "segments": book.segments,
        "faults": sum(fault.is_serious for fault in book.faults),
    }
    first = found[0].segments[0]
    metadata |= {"sender": first.get(6).strip(), "receiver": first.get(8).strip()}
    return _extraction(book, metadata)


def _headless(text: str, limits: Limits) -> tuple[str, RawTable | None]:
    """What stands before the first ISA: without one the delimiters are not told, so nothing can be read for sure."""
    first = _FIRST_ID.match(text)
    found = first.group(1) if first else "The text"
    reason = f"{found} at segment 1: expected ISA, with which every X12 interchange begins."
    head = _SET_HEAD.search(text)
    if head is None:
        return reason, None
    rejection = Rejection(0, reason, json.dumps({"text": text[:MAX_RECORD_CHARS]}, ensure_ascii=False))
    table = RawTable(
        pl.DataFrame(),
        dataset=_DATASETS.get(head.group(1), "other"),
        why=f"X12 {head.group(1)} without its ISA",
        rejections=(rejection,)[: limits.max_rejections],
        rejected_rows=1,
        has_header=False,
    )
    return reason, table


def _take_lost(book: _Book, text: str) -> None:
    """An interchange without its ISA before one that has its own."""
    reason, table = _headless(text, book.limits)
    first = reason.split(" at ")[0]
    book.faults.append(X12Fault(1, 1, first, "it stands before the first ISA; every interchange begins with its own."))
    if table is not None and table.dataset:
        rows = book.rows.setdefault(table.dataset, _Rows())
        rows.rejections += table.rejections
        rows.rejected += table.rejected_rows
        rows.kinds.append(table.why.removeprefix("X12 "))


def _take_envelope(book: _Book, faults: Sequence[X12Fault], content: Opened) -> None:
    held = {(f.interchange, f.position) for each in content.sets for f in each.faults}
    book.faults += content.faults
    book.faults += [fault for fault in faults if (fault.interchange, fault.position) not in held]
    for segment in content.acknowledgements:
        rows = book.rows.setdefault("other", _Rows())
        rows.positions.append(rows.count)
        rows.values.append(interchange_acknowledgement(segment).values)
        rows.kinds.append("TA1")


def _take_set(book: _Book, each: TransactionSet) -> None:
    book.sets += 1
    book.faults += each.faults
    outcome = _outcome(each)
    serious = [fault for fault in each.faults if fault.is_serious]
    loose = [fault for fault in serious if not any(record.holds(fault.position) for record in outcome.records)]
    book.refused_sets += bool(loose)
    rows = book.rows.setdefault(outcome.dataset, _Rows())
    if each.kind:
        rows.kinds.append(f"{each.kind} {each.guide}".strip())
    for record in outcome.records or [Record("set", {"transaction": each.kind or None})] * bool(loose):
        against = loose or [fault for fault in serious if record.holds(fault.position)]
        if against:
            _reject(book, rows, record, against)
        else:
            rows.positions.append(rows.count)
            rows.values.append(record.values)
    book.remarks += outcome.remarks


def _outcome(each: TransactionSet) -> Outcome:
    component, segments = each.interchange.component, each.segments
    readers: dict[str, Callable[[], Outcome]] = {
        "837": lambda: claims(segments, each.guide, component),
        "835": lambda: payments(segments, component),
        "277": lambda: statuses(segments, component),
        "834": lambda: members(segments),
        "270": lambda: eligibility(segments, each.kind),
        "271": lambda: eligibility(segments, each.kind),
        "997": lambda: acknowledgements(segments, each.kind),
        "999": lambda: acknowledgements(segments, each.kind),
    }
    return readers.get(each.kind, lambda: any_set(segments, each.kind, each.guide))()


def _reject(book: _Book, rows: _Rows, record: Record, against: list[X12Fault]) -> None:
    if len(rows.rejections) < book.limits.max_rejections:
        reason = f"{record.name.capitalize()}: {_told(against, 3)}"
        rows.rejections.append(Rejection(rows.count, reason, json.dumps(record.values, ensure_ascii=False)))
    rows.rejected += 1


def _told(faults: Sequence[X12Fault], at_most: int) -> str:
    more = f" And {len(faults) - at_most} more." if len(faults) > at_most else ""
    return " ".join(str(fault) for fault in faults[:at_most]) + more


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _extraction(book: _Book, metadata: dict[str, str | int | float | bool]) -> Extraction:
    serious = [fault for fault in book.faults if fault.is_serious]
    sound = sum(len(rows.values) for rows in book.rows.values())
    tables = tuple(_table(dataset, rows) for dataset, rows in book.rows.items() if rows.kinds or rows.count)
    text = "\n".join(table.why for table in tables)
    if not sound:
        reason = (
            f"The interchange does not match its guide: {_told(serious, MAX_FAULTS_TOLD)}"
            if serious
            else "The interchange holds no transaction set: ISA at segment 1."
        )
        return Extraction(
            kind="edi", text=text, tables=tables, metadata=metadata, fault=Fault("preparation", reason, _FIX)
        )
    return Extraction(kind="edi", text=text, tables=tables, metadata=metadata, note=_note(book, serious))


def _table(dataset: str, rows: _Rows) -> RawTable:
    names = list(dict.fromkeys(name for values in rows.values for name in values))
    frame = pl.DataFrame(
        {name: [values.get(name) for values in rows.values] for name in names}, schema=dict.fromkeys(names, pl.String())
    )
    kinds = ", ".join(dict.fromkeys(rows.kinds))
    return RawTable(
        frame,
        dataset=dataset,
        why=f"X12 {kinds}, {_NAMES[dataset]}: {rows.count}",
        positions=pl.Series("position", rows.positions, dtype=pl.Int64),
        rejections=tuple(rows.rejections),
        rejected_rows=rows.rejected,
        has_header=False,
    )


def _note(book: _Book, serious: list[X12Fault]) -> str | None:
    parts = []
    if serious:
        parts.append(f"{_counted(len(serious), 'fault')}: {_told(serious, MAX_FAULTS_TOLD)}")
    parts += book.remarks[:MAX_REMARKS_TOLD]
    if len(book.remarks) > MAX_REMARKS_TOLD:
        parts.append(f"{len(book.remarks) - MAX_REMARKS_TOLD} more sums do not add up.")
    slight = [fault for fault in book.faults if not fault.is_serious]
    if slight:
        parts.append(f"{_counted(len(slight), 'slight deviation')}: {_told(slight, MAX_REMARKS_TOLD)}")
    return " ".join(parts) or None
