"""FHIR's decisions on claims, explanations of benefit and responses, as rows of insurance claims."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from preparation.extraction import RawTable

_DECISIONS = frozenset(("ExplanationOfBenefit", "ClaimResponse"))
_TOTALS = {"submitted": "claimed_amount", "eligible": "approved_amount", "benefit": "paid_amount"}
_COLUMNS = (
    *("claim_id", "payer_claim_id", "policy_number", "claimant_id", "insurer", "provider", "line_of_business"),
    *("claim_type", "claim_status", "claim_date", "incident_date", "claimed_amount", "approved_amount", "paid_amount"),
    *("diagnosis_codes", "procedure_codes", "rejection_reason", "resource"),
)


def claims_of(value: object) -> tuple[RawTable, list[Any]] | None:
    """The decisions on claims in a resource or bundle as a table, and its other resources; None without decisions."""
    resources = list(_resources(value))
    rows = [_row(each) for each in resources if each.get("resourceType") in _DECISIONS]
    if not rows:
        return None
    frame = pl.DataFrame(rows, schema=dict.fromkeys(_COLUMNS, pl.String))
    why = f"{len(rows)} FHIR resources of {' and '.join(sorted(_DECISIONS))}"
    table = RawTable(frame, name="claims", dataset="insurance_claim", why=why, has_header=False)
    return table, [each for each in resources if each.get("resourceType") not in _DECISIONS]


def _resources(value: object) -> Iterator[Mapping[str, Any]]:
    if not isinstance(value, Mapping):
        return
    if value.get("resourceType") != "Bundle":
        yield value
        return
    for entry in _list(value.get("entry")):
        inner = entry.get("resource") if isinstance(entry, Mapping) else None
        if isinstance(inner, Mapping):
            yield inner


def _row(resource: Mapping[str, Any]) -> dict[str, str | None]:
    coverage = next((_referred(_at(each, "coverage")) for each in _list(resource.get("insurance"))), None)
    row: dict[str, str | None] = {
        "claim_id": _identifier(resource) or _text(resource.get("id")),
        "payer_claim_id": _referred(resource.get("request") or resource.get("claim")),
        "policy_number": coverage,
        "claimant_id": _referred(resource.get("patient")),
        "insurer": _referred(resource.get("insurer")),
        "provider": _referred(resource.get("provider") or resource.get("requestor")),
        "line_of_business": "health",
        "claim_type": _code(resource.get("type")),
        "claim_status": _text(resource.get("outcome")) or _text(resource.get("status")),
        "claim_date": _text(resource.get("created")),
        "incident_date": _text(_at(resource, "billablePeriod", "start")),
        "paid_amount": _text(_at(resource, "payment", "amount", "value")),
        "diagnosis_codes": _codes(resource.get("diagnosis"), "diagnosisCodeableConcept"),
        "procedure_codes": _codes(resource.get("item"), "productOrService"),
        "rejection_reason": _text(resource.get("disposition")),
        "resource": json.dumps(resource, ensure_ascii=False),
    }
    for total in _list(resource.get("total")):
        column = _TOTALS.get(_code(_at(total, "category")) or "")
        if column and not row.get(column):
            row[column] = _text(_at(total, "amount", "value"))
    return row


def _identifier(resource: Mapping[str, Any]) -> str | None:
    return next((_text(_at(each, "value")) for each in _list(resource.get("identifier"))), None)


def _codes(values: object, key: str) -> str | None:
    codes = [_code(_at(each, key)) for each in _list(values)]
    return ", ".join(dict.fromkeys(code for code in codes if code)) or None


def _code(concept: object) -> str | None:
    coded = next(iter(_list(_at(concept, "coding"))), None)
    return _text(_at(coded, "code")) or _text(_at(concept, "text"))


def _referred(reference: object) -> str | None:
    return _text(_at(reference, "display")) or _text(_at(reference, "reference"))


def _at(value: object, *keys: str) -> object:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str | None:
    return None if value is None or isinstance(value, Mapping | list) else str(value)
