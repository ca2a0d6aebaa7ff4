"""Records out of the transaction sets that are neither bill nor payment: enrolment, eligibility, acknowledgement."""

from collections.abc import Sequence

from preparation.readers.x12_record import Outcome, Record, Values, iso_date, listed, period, person, span
from preparation.readers.x12_segments import Segment

_ACCEPTED = {
    "A": "accepted",
    "E": "accepted with errors",
    "P": "partially accepted",
    "R": "rejected",
    "M": "rejected",
    "W": "rejected",
    "X": "rejected",
}
_RELATIONS = {"18": "self", "01": "spouse", "19": "child", "G8": "other"}
_CHANGES = {"021": "addition", "024": "termination", "001": "change", "025": "reinstatement", "030": "audit"}


def members(segments: Sequence[Segment]) -> Outcome:
    """An 834: one record a member (INS)."""
    outcome = Outcome("other")
    shared: Values = {"transaction": "834 enrolment"}
    current: list[Segment] = []
    groups: list[list[Segment]] = []
    for segment in segments:
        if segment.id == "INS":
            current = [segment]
            groups.append(current)
        elif current and segment.id != "SE":
            current.append(segment)
        elif segment.id == "N1":
            names = {"P5": "sponsor", "IN": "insurer"}
            shared[names.get(segment.get(1), f"party_{segment.get(1).lower()}")] = segment.get(2) or None
    outcome.records = [_member(group, shared) for group in groups]
    return outcome


def _member(group: list[Segment], shared: Values) -> Record:
    head = group[0]
    values: Values = {
        **shared,
        "is_subscriber": "yes" if head.get(1) == "Y" else "no",
        "relationship": _RELATIONS.get(head.get(2), head.get(2)) or None,
        "maintenance": _CHANGES.get(head.get(3), head.get(3)) or None,
    }
    coverages: list[str] = []
    for segment in group[1:]:
        if segment.id == "NM1" and segment.get(1) in ("IL", "74"):
            values["member_name"], values["ssn"] = person(segment), segment.get(9) or None
        elif segment.id == "REF" and segment.get(1) in ("0F", "1L"):
            values["member_id" if segment.get(1) == "0F" else "group_number"] = segment.get(2) or None
        elif segment.id == "DMG":
            values["birth_date"], values["sex"] = iso_date(segment.get(2)), segment.get(3) or None
        elif segment.id == "HD":
            coverages.append(segment.get(3))
        elif segment.id == "DTP":
            names = {"356": "eligible_from", "357": "eligible_to", "348": "coverage_from", "349": "coverage_to"}
            if name := names.get(segment.get(1)):
                values[name] = period(segment)[0]
    values["coverage"] = listed(coverages)
    return Record(f"member {values.get('member_id')}", values, [span(group)])


def eligibility(segments: Sequence[Segment], kind: str) -> Outcome:
    """A 270 or 271: one record a subscriber or dependent."""
    outcome = Outcome("other")
    shared: Values = {"transaction": f"{kind} eligibility"}
    current: list[Segment] = []
    groups: list[list[Segment]] = []
    for segment in segments:
        if segment.id == "HL":
            current = [segment] if segment.get(3) in ("22", "23") else []
            groups += [current] if current else []
        elif current and segment.id != "SE":
            current.append(segment)
        elif segment.id == "NM1":
            shared["insurer" if segment.get(1) == "PR" else "provider"] = person(segment)
    for group in groups:
        values = dict(shared)
        benefits: list[str] = []
        for segment in group:
            if segment.id == "NM1" and segment.get(1) in ("IL", "03"):
                values["member_name"], values["member_id"] = person(segment), segment.get(9) or None
            elif segment.id == "DMG":
                values["birth_date"], values["sex"] = iso_date(segment.get(2)), segment.get(3) or None
            elif segment.id in ("EB", "EQ"):
                benefits.append(" ".join(part for part in segment.elements[1:6] if part))
            elif segment.id == "TRN":
                values["trace_number"] = segment.get(2) or None
        values["benefits"] = listed(benefits)
        outcome.records.append(Record(f"member {values.get('member_id')}", values, [span(group)]))
    return outcome


def acknowledgements(segments: Sequence[Segment], kind: str) -> Outcome:
    """A 997 or 999: one record a transaction set acknowledged, or one for the group where it names none."""
    outcome = Outcome("other")
    shared: Values = {"transaction": f"{kind} acknowledgement"}
    current: Record | None = None
    faults: list[str] = []
    for segment in segments:
        match segment.id:
            case "AK1":
                shared["group"], shared["group_control_number"] = segment.get(1) or None, segment.get(2) or None
            case "AK2":
                values: Values = {**shared, "set": segment.get(1) or None, "set_control_number": segment.get(2) or None}
                current, faults = Record(f"set {segment.get(2)}", values, [(segment.position, segment.position)]), []
                outcome.records.append(current)
            case "AK3" | "IK3" | "AK4" | "IK4" if current:
                faults.append(" ".join(part for part in segment.elements[1:] if part))
                current.values["errors"] = listed(faults)
            case "AK5" | "IK5" if current:
                current.values["status"] = _ACCEPTED.get(segment.get(1), segment.get(1)) or None
            case "AK9":
                _close(segment, outcome, shared)
    return outcome


def _close(segment: Segment, outcome: Outcome, shared: Values) -> None:
    if not outcome.records:
        outcome.records.append(Record("group", dict(shared), [(segment.position, segment.position)]))
    for record in outcome.records:
        record.values["group_status"] = _ACCEPTED.get(segment.get(1), segment.get(1)) or None


def interchange_acknowledgement(segment: Segment) -> Record:
    """A TA1."""
    values: Values = {
        "transaction": "TA1 acknowledgement",
        "group_control_number": segment.get(1) or None,
        "status": _ACCEPTED.get(segment.get(4), segment.get(4)) or None,
        "errors": segment.get(5) or None,
    }
    return Record(f"interchange {segment.get(1)}", values, [(segment.position, segment.position)])


def any_set(segments: Sequence[Segment], kind: str, guide: str) -> Outcome:
    """Any other set: one record with what its header says."""
    control = segments[0].get(2) or None
    values: Values = {
        "transaction": kind,
        "set_control_number": control,
        "guide": guide or None,
        "segments": str(len(segments)),
    }
    return Outcome("other", [Record(f"set {control}", values, [span(segments)])])
