"""Bills of doctors, hospitals and laboratories, and the claims (X12 837, CMS-1500, UB-04) that carry them."""

from datetime import date
from decimal import Decimal

from core.dataset import PersonalData
from preparation.model import DatasetModel, column

_MONEY = (
    "billed_amount, paid_amount, allowed_amount, insured_amount, patient_responsibility, balance_due, unit_price, "
    "consultation_fee, medicine_charges, lab_charges, procedure_charges, room_charges, cost"
)
_CARE = (
    "patient_id, patient_name, procedure_codes, diagnosis_codes, drg, procedure, diagnosis, provider, "
    "provider_npi, facility, department, payer, consultation_fee, medicine_charges, lab_charges"
)
_ONE_BILL = (
    "bill_id, claim_id, patient_id, patient_name, patient_age, member_id, payer, provider, provider_npi, "
    "facility, service_date, admission_date, bill_date, payment_date, drg"
)


class MedicalBill(
    DatasetModel,
    needs=(_MONEY, _CARE, _ONE_BILL),
    words=(
        "patient, hospital, copay, procedure, medicare, medicaid, drg, hcpcs, denial, inpatient, outpatient, "
        "discharge, treatment, physician"
    ),
):
    """A medical bill, or one service line of it: who was treated, for what, at what price, and who paid."""

    bill_id: str = column(
        description="The bill's number at the provider.",
        synonyms=(
            "billing id, bill no, bill number, invoice id, invoice number, statement number, encounter id, account "
            "number, numero factura, rechnungsnummer"
        ),
        telling=0.9,
    )
    claim_id: str = column(
        description="The claim that carries the bill.",
        synonyms=("claim number, claim no, patient control number, icn, dcn, clm id, claim control number"),
    )
    claim_type: str = column(
        description="Professional, institutional or dental.", synonyms="type of claim, type of bill", telling=0.4
    )
    line_number: int = column(description="Position of the service line.", synonyms="line no, line item, service line")
    patient_id: str = column(
        description="The patient's number at the provider.",
        synonyms=(
            "mrn, medical record number, patient no, patient number, patient account, pt id, uhid, desynpuf id, "
            "bene id, beneficiary id"
        ),
        personal=PersonalData.MEMBER_ID,
    )
    patient_name: str = column(
        description="The patient's name.",
        synonyms=("patient, patient full name, nombre paciente, nome do paciente, beneficiary name"),
        personal=PersonalData.PERSON_NAME,
    )
    patient_birth_date: date = column(
        description="The patient's date of birth.",
        synonyms=("dob, date of birth, birth date, patient dob, geburtsdatum, fecha de nacimiento"),
        personal=PersonalData.BIRTH_DATE,
        telling=0.4,
    )
    patient_age: float = column(
        description="The patient's age.",
        unit="a",
        synonyms="age, age years, edad, alter, idade",
        ge=0,
        le=130,
        telling=0.4,
    )
    patient_sex: str = column(description="The patient's sex.", telling=0.4, synonyms="sex, gender, patient gender")
    patient_address: str = column(
        description="Where the patient lives.", synonyms="patient street", personal=PersonalData.ADDRESS
    )
    patient_state: str = column(description="State of the patient or provider.", synonyms="state, provider state")
    member_id: str = column(
        description="The patient's number at the payer.",
        synonyms=("subscriber id, insured id, insurance id, insurance number, policy number, medicare id"),
        personal=PersonalData.MEMBER_ID,
    )
    provider: str = column(
        description="Who gave the service.",
        synonyms=(
            "provider name, doctor, doctor name, physician, attending physician, attending doctor, rendering "
            "provider, billing provider, medico, arzt"
        ),
        telling=0.9,
        names_a_party=True,
    )
    provider_id: str = column(
        description="The provider's number.",
        synonyms=("doctor id, physician id, prvdr num, provider number, provider ccn, rndrng prvdr ccn"),
        telling=0.6,
        names_a_party=True,
    )
    provider_npi: str = column(
        description="The provider's National Provider Identifier.",
        synonyms="npi, npi number, billing npi, rendering npi, rndrng npi, at physn npi, prescriber npi",
        names_a_party=True,
    )
    facility: str = column(
        description="Hospital, clinic or laboratory.",
        synonyms=("hospital, hospital name, clinic, facility name, hospital id, krankenhaus"),
        names_a_party=True,
    )
    department: str = column(
        description="Department of the hospital.", synonyms="ward, service department, specialty", telling=0.5
    )
    payer: str = column(
        description="Who is asked to pay.",
        synonyms=(
            "payer name, payor, insurance, insurance provider, insurer, insurance company, health plan, insurance "
            "type, payer type, insurer id, insurance plan, primary payer, coverage type"
        ),
        telling=0.8,
    )
    diagnosis_codes: str = column(
        description="ICD codes of the diagnoses, the principal first.",
        synonyms=(
            "icd code, icd10, icd 10 code, icd9 code, diagnosis code, dx code, dx, primary diagnosis code, icd9 "
            "dgns cd 1, principal diagnosis, icd codes"
        ),
    )
    diagnosis: str = column(
        description="The diagnosis in words.",
        synonyms=(
            "diagnosis description, medical condition, condition, disease, diagnostico, diagnose, reason description"
        ),
        telling=0.7,
    )
    procedure_codes: str = column(
        description="CPT or HCPCS codes of the procedures.",
        synonyms=(
            "cpt, cpt code, hcpcs, hcpcs code, procedure code, proc code, cpt codes, service code, hcpcs cd, "
            "billing code"
        ),
    )
    procedure: str = column(
        description="What was done, in words.",
        synonyms=(
            "procedure description, procedure name, service, service description, treatment, treatment type, "
            "service name, medication, procedure type, service type, hcpcs description, drug name, generic drug name, "
            "gnrc name"
        ),
        telling=0.7,
    )
    drg: str = column(
        description="Diagnosis-related group.",
        synonyms=("drg code, ms drg, drg definition, drg cd, apr drg code, apr drg description, drg desc"),
    )
    revenue_code: str = column(description="UB-04 revenue code.", synonyms="rev code, revenue cd")
    place_of_service: str = column(
        description="Code of the kind of place.", synonyms="pos code, place of service code, service location"
    )
    service_lines: int = column(
        description="Service lines on the bill.", synonyms="number of service lines, line count", ge=0
    )
    quantity: float = column(description="Units of service.", synonyms="units, service units, qty", telling=0.3)
    unit_price: Decimal = column(description="Price of one unit.", synonyms="unit cost, rate", telling=0.4)
    billed_amount: Decimal = column(
        description="What was charged.",
        synonyms=(
            "billing amount, bill amount, total bill, total billed, charge, charges, charge amount, total charge, "
            "total charges, amount billed, claim amount, submitted charge, total amount, total cost, amount, total, "
            "average covered charges, total discharges charges, gross charge, medical cost, hospital bill, avg "
            "submtd chrg, submitted charge amount, treatment cost, medical charges, invoice amount, valor total, "
            "average submitted charge amount, standard charge gross, base encounter cost, total claim cost, clm pmt "
            "amt, betrag, net amount, total bill amount, total cost of treatment"
        ),
    )
    cost: Decimal = column(
        description="What the service cost the provider.",
        synonyms="provider cost, actual cost, total costs",
        telling=0.4,
    )
    allowed_amount: Decimal = column(
        description="What the payer allows.",
        synonyms=(
            "allowed, approved amount, eligible amount, average medicare allowed amount, avg mdcr alowd amt, "
            "average total payments, negotiated rate, standard charge negotiated dollar"
        ),
    )
    insured_amount: Decimal = column(
        description="What insurance covers of it.",
        synonyms=(
            "insurance covered, covered amount, insurance coverage, insurance amount, amount covered, payer "
            "coverage, insurance covered amount, covered by insurance"
        ),
    )
    paid_amount: Decimal = column(
        description="What was paid.",
        synonyms=(
            "paid, amount paid, payment amount, insurance paid, insurance payment, payment, average medicare "
            "payments, avg mdcr pymt amt, payer paid, total paid, average total payment"
        ),
    )
    adjustment_amount: Decimal = column(
        description="What was written off.",
        synonyms="adjustment, adjustments, write off, contractual adjustment, discount",
    )
    patient_responsibility: Decimal = column(
        description="What the patient has to pay.",
        synonyms=(
            "patient payable, patient paid, patient pay, out of pocket, patient amount, patient due, patient "
            "balance, member liability, patient payment"
        ),
    )
    copay: Decimal = column(description="Copayment.", synonyms="co pay, copayment, copay amount, coinsurance")
    deductible: Decimal = column(description="Deductible applied.", synonyms="deductible amount", telling=0.5)
    balance_due: Decimal = column(
        description="What is still open.",
        synonyms="balance, outstanding, outstanding balance, amount due, open balance",
        telling=0.7,
    )
    consultation_fee: Decimal = column(
        description="Fee of the consultation.", synonyms="doctor fee, consult fee, visit fee"
    )
    medicine_charges: Decimal = column(
        description="Charge for medicines.",
        synonyms=(
            "medicine cost, medication cost, pharmacy charges, drug cost, medicine charge, drug charges, pharmacy, "
            "total drug cost"
        ),
    )
    lab_charges: Decimal = column(
        description="Charge of the laboratory.",
        synonyms="lab fee, lab cost, laboratory charges, test charges, lab charge",
    )
    procedure_charges: Decimal = column(
        description="Charge for procedures.",
        synonyms="surgery cost, procedure cost, surgery charges, operation charges",
    )
    room_charges: Decimal = column(description="Charge for the room.", synonyms="room charge, bed charges, room cost")
    service_date: date = column(
        description="When the service was given.",
        synonyms=(
            "date of service, dos, visit date, treatment date, service from, service from date, encounter date, "
            "procedure date, date, clm from dt, from date, statement from date, service start date"
        ),
        event_time=True,
        falls_back_on="admission_date, service_end_date, discharge_date, bill_date, payment_date",
    )
    service_end_date: date = column(
        description="When the service ended.", synonyms="service to, service to date, clm thru dt, thru date"
    )
    admission_date: date = column(
        description="When the patient was admitted.",
        synonyms="date of admission, admit date, admitted, clm admsn dt",
    )
    discharge_date: date = column(
        description="When the patient left.", synonyms="date of discharge, discharged, nch bene dschrg dt"
    )
    bill_date: date = column(
        description="When it was billed.",
        synonyms=("billing date, invoice date, date billed, claim date, submission date, statement date"),
    )
    payment_date: date = column(description="When it was paid.", synonyms="paid date, date paid", telling=0.6)
    bill_status: str = column(
        description="State of the bill.",
        synonyms=("payment status, billing status, claim status, status, bill status, claim outcome"),
        telling=0.5,
    )
    payment_mode: str = column(
        description="How it was paid.",
        synonyms="payment method, payment type, mode of payment",
        telling=0.4,
    )
    denial_reason: str = column(
        description="Why the payer refused.",
        synonyms="denial code, denial, denied reason, rejection reason, denial history",
    )
    days_in_receivables: float = column(
        description="Days the bill has been open.",
        unit="d",
        synonyms="days ar, ar days, days in ar, aging days, billing lag",
    )
    length_of_stay: float = column(description="Nights in hospital.", unit="d", synonyms="los, stay days, days stayed")
    room_number: str = column(description="Room.", synonyms="room no, bed number, bed no", telling=0.6)
    admission_type: str = column(description="Why admitted.", synonyms="type of admission, encounter class")
    card_number: str = column(description="Card it was paid by.", synonyms="credit card", personal=PersonalData.CARD)
    discrepancy: str = column(description="Where the amounts of the form do not add up, in words.", kind="text")
