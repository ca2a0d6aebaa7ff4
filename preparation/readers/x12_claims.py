"""Claims out of an 837, professional, institutional or dental: one record a CLM."""

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

_DIAGNOSES = ("ABK", "ABF", "BK", "BF", "ABJ", "BJ", "APR", "PR", "ABN", "BN")
_PROCEDURES = ("BBR", "BBQ", "BR", "BQ")
_SEXES = {"M": "male", "F": "female"}
_KINDS = {"X222": "professional", "X098": "professional", "X223": "institutional", "X096": "institutional"}
_KINDS |= {"X224": "dental", "X097": "dental"}
_SUBSCRIBER, _PATIENT, _PROVIDER = "22", "23", "20"


def claims(segments: Sequence[Segment], guide: str, component: str) -> Outcome:
    """Every claim of a set with its patient, provider and payer; charges that do not add up are remarked."""
    outcome = Outcome("medical_bill")
    kind = next((kind for part, kind in _KINDS.items() if part in guide), None)
    provider: Values = {}
    people: list[tuple[str, Values, tuple[int, int]]] = []
    for block in _blocks(segments):
        level = block[0].get(3) if block[0].id == "HL" else ""
        header, own = _claims_in(block)
        if level == _PROVIDER:
            provider, people = _provider(header), []
        elif level in (_SUBSCRIBER, _PATIENT):
            people = [each for each in people if level == _PATIENT and each[0] == _SUBSCRIBER]
            people.append((level, _person(header), span(header)))
        for claim in own:
            known: Values = dict(provider)
            for _level, values, _place in people:
                known |= {key: value for key, value in values.items() if value is not None}
            record, remark = _claim(claim, known, component)
            record.values["claim_type"] = kind
            record.spans = [span(claim), *(place for _level, _values, place in people)]
            outcome.records.append(record)
            outcome.remarks += [remark] if remark else []
    return outcome


def _blocks(segments: Sequence[Segment]) -> list[list[Segment]]:
    """The set cut before each HL."""
    blocks: list[list[Segment]] = [[]]
    for segment in segments:
        if segment.id == "HL":
            blocks.append([])
        blocks[-1].append(segment)
    return [block for block in blocks if block]


def _claims_in(block: list[Segment]) -> tuple[list[Segment], list[list[Segment]]]:
    """What precedes the first CLM, and the claims."""
    header: list[Segment] = []
    found: list[list[Segment]] = []
    for segment in block:
        if segment.id == "CLM":
            found.append([])
        if segment.id != "SE":
            (found[-1] if found else header).append(segment)
    return header, found


def _provider(header: list[Segment]) -> Values:
    name = next((s for s in header if s.id == "NM1" and s.get(1) == "85"), None)
    if name is None:
        return {}
    return {"provider": person(name), "provider_npi": name.get(9) if name.get(8) == "XX" else None}


def _person(header: list[Segment]) -> Values:
    """Subscriber or patient, and the payer named beside them."""
    values: Values = {}
    current = ""
    for segment in header:
        if segment.id == "NM1":
            current = segment.get(1)
            if current in ("IL", "QC"):
                values["patient_name"] = person(segment)
                values["member_id"] = segment.get(9) or None
            elif current == "PR":
                values["payer"] = person(segment)
        elif segment.id == "DMG" and current in ("IL", "QC"):
            values["patient_birth_date"] = iso_date(segment.get(2))
            values["patient_sex"] = _SEXES.get(segment.get(3))
        elif segment.id == "N3" and current in ("IL", "QC"):
            values["patient_address"] = " ".join(segment.elements[1:]).strip() or None
        elif segment.id == "N4" and current in ("IL", "QC"):
            town = f"{segment.get(1)} {segment.get(2)} {segment.get(3)}".strip()
            values["patient_address"] = listed([values.get("patient_address") or "", town])
            values["patient_state"] = segment.get(2) or None
    return values


def _claim(claim: list[Segment], known: Values, component: str) -> tuple[Record, str | None]:
    head = claim[0]
    billed = amount(head.get(2))
    diagnoses: list[str] = []
    procedures: list[str] = []
    revenue: list[str] = []
    days: list[str] = []
    charges: list[Decimal | None] = []
    values: Values = {"claim_id": head.get(1) or None, **known, "billed_amount": money(billed)}
    values["place_of_service"] = head.get(5).split(component)[0] or None
    for segment in claim[1:]:
        if segment.id == "HI":
            _codes(segment, component, diagnoses, procedures, values)
        elif segment.id in ("SV1", "SV2", "SV3"):
            _line(segment, component, procedures, revenue, charges)
        elif segment.id == "DTP":
            _dates(segment, days, values)
        elif segment.id == "NM1" and segment.get(1) == "77" and "facility" not in values:
            values["facility"] = person(segment)
        elif segment.id == "AMT" and segment.get(1) == "F5":
            values["paid_amount"] = money(amount(segment.get(2)))
    values["diagnosis_codes"] = listed(diagnoses)
    values["procedure_codes"] = listed(procedures)
    values["revenue_code"] = listed(revenue)
    values["service_date"] = min(days, default=None) or values.pop("statement_from", None)
    values["service_end_date"] = max(days, default=None) or values.pop("statement_to", None)
    values["service_lines"] = str(len(charges))
    for name in ("statement_from", "statement_to"):
        values.pop(name, None)
    remark = None
    if billed is not None and charges and total(charges) != billed:
        remark = (
            f"Claim {head.get(1)} at segment {head.position} bills {money(billed)}, "
            f"but its {len(charges)} service lines add up to {money(total(charges))}."
        )
    return Record(f"claim {head.get(1)}", values), remark


def _codes(segment: Segment, component: str, diagnoses: list[str], procedures: list[str], values: Values) -> None:
    """The codes of an HI; one that separates qualifier and code by the element separator is understood as well."""
    qualifier = ""
    for element in segment.elements[1:]:
        first, _, rest = element.partition(component)
        code = rest.split(component)[0]
        if not rest:
            is_qualifier = first in (*_DIAGNOSES, *_PROCEDURES, "DR")
            qualifier, code = (first, "") if is_qualifier else (qualifier, first)
        else:
            qualifier = first
        if not code:
            continue
        if qualifier in _DIAGNOSES:
            diagnoses.append(code)
        elif qualifier in _PROCEDURES:
            procedures.append(code)
        elif qualifier == "DR":
            values["drg"] = code


def _line(
    segment: Segment, component: str, procedures: list[str], revenue: list[str], charges: list[Decimal | None]
) -> None:
    at = 2 if segment.id == "SV2" else 1
    parts = segment.get(at).split(component)
    procedures.append(parts[1] if len(parts) > 1 else "")
    charges.append(amount(segment.get(at + 1)))
    if segment.id == "SV2":
        revenue.append(segment.get(1))


def _dates(segment: Segment, days: list[str], values: Values) -> None:
    first, last = period(segment)
    match segment.get(1):
        case "472":
            days += [day for day in (first, last) if day]
        case "434":
            values["statement_from"], values["statement_to"] = first, last
        case "435":
            values["admission_date"] = first
        case "096":
            values["discharge_date"] = first
