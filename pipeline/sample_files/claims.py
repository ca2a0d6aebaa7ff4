"""Medical bills, insurance claims and tax returns as tables."""

import random
from collections.abc import Iterator
from datetime import timedelta

from pipeline.sample_files import people
from pipeline.sample_files.sample import NOW, Row, Sample, csv_bytes, json_bytes, ndjson_bytes, seeded
from pipeline.sample_files.workbook import workbook

PROCEDURES = {
    "99213": 125.0,
    "99214": 185.0,
    "71046": 240.0,
    "80053": 88.5,
    "93000": 95.0,
    "97110": 72.0,
    "70551": 1320.0,
}
DIAGNOSES = ("E11.9", "I10", "J06.9", "M54.50", "Z00.00", "S93.401A", "K21.9")
TAX_YEAR = 2025


def claims() -> Iterator[Sample]:
    """The tables of the clinic, the insurer and the tax office."""
    yield from _medical_bills()
    yield from _insurance_claims()
    yield from _tax_forms()


def _medical_bills() -> Iterator[Sample]:
    path = "clinic/billing_export.csv"
    rng = seeded(path)
    yield Sample(path, "medical_bill", csv_bytes([_bill(rng, number) for number in range(1200)]))

    path = "clinic/branch_office_semicolons.csv"
    rng = seeded(path)
    rows = [_bill(rng, number) for number in range(5000, 5160)]
    european = [{key: _decimal_comma(value) for key, value in row.items()} for row in rows]
    yield Sample(path, "medical_bill", csv_bytes(european, ";", "cp1252", "\r\n"))

    path = "clinic/charges_utf16.tsv"
    rng = seeded(path)
    yield Sample(path, "medical_bill", csv_bytes([_charge(rng, number) for number in range(220)], "\t", "utf-16"))

    path = "clinic/dental_bills.json"
    rng = seeded(path)
    sent = [_bill(rng, number) for number in range(7000, 7090)]
    again = [dict(row, bill_id=f"{row['bill_id']}-2") for row in sent[::10]]  # as happens; `bill_holds` finds them
    yield Sample(path, "medical_bill", json_bytes({"bills": [*sent, *again]}))

    path = "clinic/hospital_statement.xml"
    rng = seeded(path)
    bills = "\n".join(_bill_element(_bill(rng, number)) for number in range(9000, 9060))
    yield Sample(path, "medical_bill", f'<?xml version="1.0" encoding="UTF-8"?>\n<bills>\n{bills}\n</bills>\n'.encode())


def _bill(rng: random.Random, number: int) -> Row:
    code, price = rng.choice(list(PROCEDURES.items()))
    billed = round(price * rng.uniform(0.9, 1.6), 2)
    allowed = round(billed * rng.uniform(0.55, 0.85), 2)
    status = rng.choices(("paid", "pending", "denied"), (78, 14, 8))[0]
    paid = round(allowed * rng.choice((0.8, 0.9, 1.0)), 2) if status == "paid" else 0.0
    day = NOW - timedelta(days=rng.randint(1, 120))
    return {
        "bill_id": f"B-{100_000 + number}",
        "patient_name": people.full_name(rng),
        "member_id": people.member_id(rng),
        "provider_name": rng.choice(people.PROVIDERS),
        "payer": rng.choice(people.PAYERS),
        "procedure_code": code,
        "diagnosis_code": rng.choice(DIAGNOSES),
        "service_date": day.date().isoformat(),
        "billed_amount": billed,
        "allowed_amount": allowed,
        "paid_amount": paid,
        "patient_responsibility": round(allowed - paid, 2) if status == "paid" else 0.0,
        "status": status,
    }


def _charge(rng: random.Random, number: int) -> Row:
    bill = _bill(rng, 3000 + number)
    day = NOW - timedelta(days=rng.randint(1, 90))
    return {
        "Invoice No": bill["bill_id"],
        "Patient": bill["patient_name"],
        "Insurance": bill["payer"],
        "CPT Code": bill["procedure_code"],
        "Date of Service": day.strftime("%m/%d/%Y"),
        "Total Charges": f"${bill['billed_amount']:,.2f}",
        "Amount Paid": f"${bill['paid_amount']:,.2f}",
        "Payment Status": str(bill["status"]).title(),
    }


def _decimal_comma(value: object) -> object:
    return str(value).replace(".", ",") if isinstance(value, float) else value


def _bill_element(row: Row) -> str:
    fields = "".join(f"<{key}>{value}</{key}>" for key, value in row.items())
    return f"  <bill>{fields}</bill>"


def _insurance_claims() -> Iterator[Sample]:
    path = "insurer/motor_claims.csv"
    rng = seeded(path)
    yield Sample(path, "insurance_claim", csv_bytes([_motor_claim(rng, number) for number in range(640)]))

    path = "insurer/home_claims.xlsx"
    rng = seeded(path)
    yield Sample(path, "insurance_claim", workbook("Claims", [_home_claim(rng, number) for number in range(180)]))

    path = "insurer/travel_claims.ndjson"
    rng = seeded(path)
    yield Sample(path, "insurance_claim", ndjson_bytes(_home_claim(rng, 800 + number) for number in range(150)))


def _motor_claim(rng: random.Random, number: int) -> Row:
    """Fraud is likelier for new policies, much damage without a witness or police report, and claims at night."""
    months = rng.randint(1, 240)
    severity = rng.choices(("Minor Damage", "Major Damage", "Total Loss"), (50, 32, 18))[0]
    witnesses = rng.randint(0, 3)
    police = rng.choice(("YES", "NO"))
    hour = rng.randint(0, 23)
    suspicion = 0.04 + 0.30 * (months < 18) + 0.28 * (severity != "Minor Damage" and witnesses == 0)
    suspicion += 0.16 * (police == "NO") * (hour < 6 or hour > 21)
    vehicle = round(
        {"Minor Damage": 3200, "Major Damage": 14500, "Total Loss": 31000}[severity] * rng.uniform(0.7, 1.5), 2
    )
    injury = round(vehicle * rng.uniform(0, 0.4), 2)
    fraud = rng.random() < suspicion
    day = NOW - timedelta(days=rng.randint(1, 365))
    return {
        "claim_id": f"MC{200_000 + number}",
        "policy_number": rng.randint(500_000, 999_999),
        "months_as_customer": months,
        "age": rng.randint(18, 81),
        "policy_state": rng.choice(people.STATES),
        "incident_date": day.date().isoformat(),
        "incident_hour_of_the_day": hour,
        "incident_type": rng.choice(
            ("Single Vehicle Collision", "Multi-vehicle Collision", "Vehicle Theft", "Parked Car")
        ),
        "incident_severity": severity,
        "incident_state": rng.choice(people.STATES),
        "witnesses": witnesses,
        "police_report_available": police,
        "injury_claim": injury,
        "vehicle_claim": vehicle,
        "total_claim_amount": round((vehicle + injury) * (1.35 if fraud else 1.0), 2),
        "fraud_reported": "Y" if fraud else "N",
    }


def _home_claim(rng: random.Random, number: int) -> Row:
    amount = round(rng.lognormvariate(7.6, 0.8), 2)
    status = rng.choices(("approved", "open", "rejected"), (60, 28, 12))[0]
    day = NOW - timedelta(days=rng.randint(2, 200))
    return {
        "ClaimID": f"HC-{number:05d}",
        "PolicyID": f"P-{rng.randint(10_000, 99_999)}",
        "ClaimType": rng.choice(("water", "fire", "storm", "theft", "liability")),
        "ClaimDate": day.date().isoformat(),
        "ClaimAmount": amount,
        "ApprovedAmount": round(amount * rng.uniform(0.6, 1.0), 2) if status == "approved" else 0.0,
        "ClaimStatus": status,
        "State": rng.choice(people.STATES),
    }


def _tax_forms() -> Iterator[Sample]:
    path = "tax/returns_2025.csv"
    rng = seeded(path)
    yield Sample(path, "tax_form", csv_bytes([_return(rng, number) for number in range(420)]))

    path = "tax/w2_wages.psv"
    rng = seeded(path)
    yield Sample(path, "tax_form", csv_bytes([_wages(rng) for _ in range(130)], "|"))


def _return(rng: random.Random, number: int) -> Row:
    income = round(rng.lognormvariate(10.9, 0.5), 2)
    deductions = round(min(income * 0.5, 14_600 + rng.expovariate(1 / 4000)), 2)
    due = round((income - deductions) * rng.uniform(0.1, 0.22), 2)
    withheld = round(due * rng.uniform(0.8, 1.25), 2)
    return {
        "return_id": f"R{TAX_YEAR}-{number:06d}",
        "taxpayer_name": people.full_name(rng),
        "ssn": people.ssn(rng),
        "tax_year": TAX_YEAR,
        "form_type": rng.choice(("1040", "1040-SR", "1040-NR")),
        "filing_status": rng.choice(("single", "married filing jointly", "head of household")),
        "filing_date": (NOW - timedelta(days=rng.randint(200, 290))).date().isoformat(),
        "total_income": income,
        "total_deductions": deductions,
        "taxable_income": round(income - deductions, 2),
        "tax_due": due,
        "tax_withheld": withheld,
        "refund_amount": max(0.0, round(withheld - due, 2)),
        "state": rng.choice(people.STATES),
    }


def _wages(rng: random.Random) -> Row:
    wages = round(rng.lognormvariate(10.8, 0.4), 2)
    return {
        "Employee Name": people.full_name(rng),
        "Employee SSN": people.ssn(rng),
        "Employer": rng.choice(people.EMPLOYERS),
        "Employer EIN": f"{rng.randint(10, 99)}-{rng.randint(1_000_000, 9_999_999)}",
        "Tax Year": TAX_YEAR,
        "Wages": wages,
        "Federal Income Tax Withheld": round(wages * rng.uniform(0.09, 0.2), 2),
        "Social Security Wages": wages,
        "Social Security Tax Withheld": round(wages * 0.062, 2),
        "Medicare Tax Withheld": round(wages * 0.0145, 2),
        "State": rng.choice(people.STATES),
    }
