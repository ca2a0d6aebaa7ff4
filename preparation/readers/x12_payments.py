"""Payments out of an 835 (one record a CLP) and claim states out of a 277 (one record a claim's STC)."""

from collections.abc import Sequence
from decimal import Decimal

from preparation.readers.x12_record import (
    Outcome,
    Record,
    Values,
    amount,
    iso_date,
    listed,
    money,
    period,
    person,
    span,
    total,
)
from preparation.readers.x12_segments import Segment

_STATES = {
    "1": "processed as primary",
    "2": "processed as secondary",
    "3": "processed as tertiary",
    "4": "denied",
    "19": "processed as primary, forwarded",
    "20": "processed as secondary, forwarded",
    "21": "processed as tertiary, forwarded",
    "22": "reversal of previous payment",
    "23": "not our claim, forwarded",
    "25": "predetermination, no payment",
}
_CATEGORIES = {"A": "acknowledged", "P": "pending", "F": "finalized", "R": "more information requested", "E": "error"}
_FIRST_ADJUSTMENT, _ADJUSTMENT_STEP, _LAST_ADJUSTMENT = 2, 3, 17
_FIRST_PROVIDER_AMOUNT, _LAST_PROVIDER_AMOUNT = 4, 14


def payments(segments: Sequence[Segment], component: str) -> Outcome:
    """Every claim payment of a remittance; charges, adjustments and payments that do not add up are remarked."""
    outcome = Outcome("insurance_claim")
    shared: Values = {}
    paid_in_all: Decimal | None = None
    provider_adjustments: list[Decimal | None] = []
    current: list[Segment] = []
    groups: list[list[Segment]] = []
    for segment in segments:
        if segment.id == "CLP":
            current = [segment]
            groups.append(current)
            continue
        if segment.id in ("LX", "PLB", "SE", "TS3", "TS2"):
            current = []
        if current:
            current.append(segment)
        elif segment.id == "BPR":
            paid_in_all = amount(segment.get(2))
            shared["settlement_date"] = iso_date(segment.get(16))
        elif segment.id == "TRN":
            shared["payment_reference"] = segment.get(2) or None
        elif segment.id == "N1":
            shared["insurer" if segment.get(1) == "PR" else "provider"] = segment.get(2) or None
        elif segment.id == "PLB":
            values = range(_FIRST_PROVIDER_AMOUNT, _LAST_PROVIDER_AMOUNT + 1, 2)
            provider_adjustments += [amount(segment.get(number)) for number in values]
    for group in groups:
        record, remark = _payment(group, shared, component)
        outcome.records.append(record)
        outcome.remarks += [remark] if remark else []
    claims_paid = total(amount(group[0].get(4)) for group in groups)
    expected = claims_paid - total(provider_adjustments)
    if paid_in_all is not None and expected != paid_in_all:
        outcome.remarks.append(
            f"The remittance pays {money(paid_in_all)} (BPR02), but its claims less provider adjustments "
            f"add up to {money(expected)}."
        )
    return outcome


def _payment(group: list[Segment], shared: Values, component: str) -> tuple[Record, str | None]:
    head = group[0]
    charged, paid = amount(head.get(3)), amount(head.get(4))
    reasons: list[str] = []
    adjusted: list[Decimal | None] = []
    procedures: list[str] = []
    days: list[str] = []
    values: Values = {
        "claim_id": head.get(1) or None,
        "claim_status": _STATES.get(head.get(2), head.get(2)) or None,
        "claimed_amount": money(charged),
        "paid_amount": money(paid),
        "patient_responsibility": money(amount(head.get(5))),
        "payer_claim_id": head.get(7) or None,
        **shared,
    }
    for segment in group[1:]:
        if segment.id == "CAS":
            _adjust(segment, reasons, adjusted)
        elif segment.id == "NM1" and segment.get(1) == "QC":
            values["claimant_name"], values["claimant_id"] = person(segment), segment.get(9) or None
        elif segment.id == "SVC":
            procedures.append(([*segment.get(1).split(component), ""])[1])
        elif segment.id == "DTM" and segment.get(1) in ("150", "232", "472"):
            days += [day] if (day := iso_date(segment.get(2))) else []
    values["adjustments"] = money(total(adjusted))
    values["adjustment_reasons"] = listed(reasons)
    values["procedure_codes"] = listed(procedures)
    values["incident_date"] = min(days, default=None)
    record = Record(f"payment of claim {head.get(1)}", values, [span(group)])
    if charged is None or paid is None or charged - total(adjusted) == paid:
        return record, None
    return record, (
        f"Payment of claim {head.get(1)} at segment {head.position}: charge {money(charged)} less adjustments "
        f"{money(total(adjusted))} is not the {money(paid)} paid."
    )


def _adjust(segment: Segment, reasons: list[str], adjusted: list[Decimal | None]) -> None:
    for number in range(_FIRST_ADJUSTMENT, _LAST_ADJUSTMENT + 1, _ADJUSTMENT_STEP):
        if reason := segment.get(number):
            reasons.append(f"{segment.get(1)}-{reason}")
            adjusted.append(amount(segment.get(number + 1)))


def statuses(segments: Sequence[Segment], component: str) -> Outcome:
    """Every claim state of a 277 with its payer, provider and patient."""
    outcome = Outcome("insurance_claim")
    shared: Values = {}
    claim: list[Segment] = []
    is_claim_level = False
    for segment in [*segments, Segment(0, ["SE"])]:
        if segment.id in ("HL", "TRN", "SE") and claim:
            if any(each.id == "STC" for each in claim):
                outcome.records.append(_status(claim, shared, component))
            claim = []
        if segment.id == "HL":
            is_claim_level = segment.get(3) in ("22", "23", "PT")
        elif segment.id == "NM1" and not claim:
            _party(segment, shared)
        elif segment.id == "TRN" and is_claim_level:
            claim = [segment]
        elif claim:
            claim.append(segment)
    return outcome


def _party(segment: Segment, shared: Values) -> None:
    match segment.get(1):
        case "PR":
            shared["insurer"] = person(segment)
        case "85" | "1P":
            shared["provider"] = person(segment)
        case "IL" | "QC":
            shared["claimant_name"], shared["claimant_id"] = person(segment), segment.get(9) or None


def _status(claim: list[Segment], shared: Values, component: str) -> Record:
    values: Values = {"claim_id": claim[0].get(2) or None, **shared}
    for segment in claim[1:]:
        if segment.id == "STC" and "claim_status" not in values:
            category, code = ([*segment.get(1).split(component), ""])[:2]
            words = _CATEGORIES.get(category[:1], "")
            values["claim_status"] = f"{category}:{code} {words}".strip()
            values["claim_date"] = iso_date(segment.get(2))
            values["claimed_amount"] = money(amount(segment.get(4)))
            values["paid_amount"] = money(amount(segment.get(5)))
        elif segment.id == "REF" and segment.get(1) == "1K":
            values["payer_claim_id"] = segment.get(2) or None
        elif segment.id == "DTP" and segment.get(1) == "472":
            values["incident_date"] = period(segment)[0]
    return Record(f"status of claim {claim[0].get(2)}", values, [span(claim)])
