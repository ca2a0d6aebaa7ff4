"""Decisions on claims in FHIR, and tax returns as they are e-filed."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

from core.prepared import Prepared
from preparation.catalog import Catalog
from preparation.preparing import prepare

DECISION = {
    "resourceType": "ExplanationOfBenefit",
    "id": "e1",
    "status": "active",
    "type": {"coding": [{"code": "professional"}]},
    "use": "claim",
    "patient": {"reference": "Patient/1"},
    "billablePeriod": {"start": "2026-01-01", "end": "2026-01-02"},
    "created": "2026-01-05",
    "insurer": {"display": "Blue Plan"},
    "provider": {"reference": "Practitioner/1"},
    "outcome": "complete",
    "insurance": [{"focal": True, "coverage": {"reference": "Coverage/1"}}],
    "diagnosis": [{"sequence": 1, "diagnosisCodeableConcept": {"coding": [{"code": "J20.9"}]}}],
    "total": [{"category": {"coding": [{"code": "submitted"}]}, "amount": {"value": 129.16, "currency": "USD"}}],
    "payment": {"amount": {"value": 100.5, "currency": "USD"}},
}
RETURN = """<?xml version="1.0" encoding="utf-8"?>
<Return xmlns="http://www.irs.gov/efile" returnVersion="2021v4.0"><ReturnHeader>
<ReturnTs>2022-05-01T10:00:00-05:00</ReturnTs><ReturnTypeCd>990</ReturnTypeCd><TaxYr>2021</TaxYr>
<Filer><EIN>123456789</EIN><BusinessName><BusinessNameLine1Txt>HELPING HANDS INC</BusinessNameLine1Txt></BusinessName>
</Filer></ReturnHeader><ReturnData documentCnt="1"><IRS990 documentId="1"><CYTotalRevenueAmt>1100000</CYTotalRevenueAmt>
<TotalAssetsEOYAmt>5000</TotalAssetsEOYAmt></IRS990></ReturnData></Return>"""


def prepared(tmp_path: Path, text: str) -> Prepared:
    path = tmp_path / "0a1b2c"
    path.write_text(text, encoding="utf-8")
    return prepare(path, name=path.name, sha256="0" * 64, size=path.stat().st_size, catalog=Catalog())


def test_an_explanation_of_benefit_is_a_claim_with_its_amounts(tmp_path: Path) -> None:
    found = prepared(tmp_path, json.dumps(DECISION, indent=1))
    assert found.classification.dataset == "insurance_claim"
    row = found.tables[0].frame.row(0, named=True)
    assert (row["claim_id"], row["claim_status"], row["insurer"]) == ("e1", "complete", "Blue Plan")
    assert (row["claimed_amount"], row["paid_amount"]) == (Decimal("129.16"), Decimal("100.5"))
    assert (row["incident_date"], row["diagnosis_codes"]) == (date(2026, 1, 1), "J20.9")


def test_other_resources_of_a_bundle_are_kept_beside_the_claims(tmp_path: Path) -> None:
    entries = [{"resource": each} for each in (DECISION, {"resourceType": "Patient", "id": "1", "gender": "female"})]
    found = prepared(tmp_path, json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}))
    assert {table.dataset: table.frame.height for table in found.tables} == {"insurance_claim": 1, "other": 1}
    assert len({row for table in found.tables for row in table.frame["_row"]}) == 2


def test_an_e_filed_return_is_a_tax_form_with_all_its_facts(tmp_path: Path) -> None:
    found = prepared(tmp_path, RETURN)
    assert found.classification.dataset == "tax_form"
    row = found.tables[0].frame.row(0, named=True)
    assert (row["form_type"], row["tax_year"], row["ein"]) == ("990", 2021, "123456789")
    assert (row["taxpayer_name"], row["income"]) == ("HELPING HANDS INC", Decimal(1_100_000))
    assert row["filing_date"] == date(2022, 5, 1)
    assert json.loads(row["_rescued"])["TotalAssetsEOYAmt"] == "5000"
