"""Insurance claims of any line of business, and the payments on them (X12 835)."""

from datetime import date
from decimal import Decimal

from core.dataset import PersonalData
from preparation.model import DatasetModel, column

_CLAIM = (
    "claim_id, claimed_amount, claim_status, claim_date, claim_type, fraud_reported, incident_date, "
    "incident_type, severity, loss_amount, number_of_claims, settled_amount, injury_claim, property_claim, "
    "vehicle_claim, notification_date"
)


class InsuranceClaim(
    DatasetModel,
    needs=(_CLAIM,),
    words=(
        "claim, claims, policy, policyholder, insured, insurance, incident, accident, fraud, premium, deductible, "
        "adjuster, witness, witnesses, settlement, reimbursement, claimant, collision, peril, underwriting, "
        "sinistro, siniestro, schaden"
    ),
):
    """A claim on an insurance policy, or a payment on one: what happened, what is asked, what was paid."""

    claim_id: str = column(
        description="The claim's number.",
        synonyms=(
            "claim number, claim no, claim reference, claim ref, clm id, claimid, id claim, claims id, numero "
            "sinistro, siniestro, schadennummer, icn, original claim number"
        ),
        identity=False,
        telling=1.8,
    )
    payer_claim_id: str = column(
        description="The claim's number at the payer.",
        synonyms="payer claim number, payer control number, payer claim control number",
    )
    policy_number: str = column(
        description="The policy.",
        synonyms=(
            "policy id, policy no, policy, policyholder id, contract number, poliza, apolice, policennummer, idpol, "
            "policy ref"
        ),
        personal=PersonalData.ACCOUNT,
        telling=0.8,
    )
    claimant_id: str = column(
        description="Who claims, by number.",
        synonyms=(
            "customer id, insured id, member id, patient id, claimant no, client id, policyholder number, "
            "beneficiary id, subscriber id, participant id"
        ),
        personal=PersonalData.MEMBER_ID,
        telling=0.5,
    )
    claimant_name: str = column(
        description="Who claims, by name.",
        synonyms=(
            "claimant, policyholder, policyholder name, insured name, insured, customer name, patient name, farmer name"
        ),
        personal=PersonalData.PERSON_NAME,
    )
    claimant_age: float = column(
        description="Age of the insured.",
        unit="a",
        synonyms=("age, patient age, customer age, insured age, age of policyholder, age of driver, driver age"),
        ge=0,
        le=130,
        telling=0.5,
    )
    claimant_sex: str = column(
        description="Sex of the insured.",
        synonyms=("insured sex, patient gender, sex, gender, insured gender, customer gender"),
        telling=0.6,
    )
    insurer: str = column(
        description="The insurer or payer.",
        synonyms=(
            "insurance provider, insurance company, payer, payer name, insurer id, insurer name, carrier, company name"
        ),
        telling=0.6,
    )
    provider: str = column(
        description="Who is paid: a provider, garage or agent.",
        synonyms=(
            "provider id, provider name, payee, payee name, hospital, garage, agent id, agent, vendor id, agent name"
        ),
        telling=0.3,
        names_a_party=True,
    )
    line_of_business: str = column(
        description="Line of business.",
        synonyms=(
            "lob, policy type, insurance type, product, claim area, coverage type, type of policy, base policy, "
            "coverage, branch, ramo, policy product"
        ),
        telling=0.7,
    )
    claim_type: str = column(
        description="Kind of claim.",
        telling=1.3,
        synonyms=(
            "type of claim, claim category, cause, incident cause, cause of loss, claim reason, reason, claim "
            "cause, loss type, peril, claim description, damage type, notification type, cause of damage"
        ),
    )
    claim_status: str = column(
        description="State of the claim.",
        synonyms=(
            "status, claim state, status of claim, claim outcome, approval status, claim decision, settlement "
            "status, claim status code"
        ),
        telling=1.5,
    )
    claim_date: date = column(
        description="When it was claimed.",
        telling=1.2,
        synonyms=(
            "date of claim, date claimed, submission date, claim submission date, claim start date, claim start dt, "
            "claim received date, filing date, date filed, claim filed date, clm date, claim submitted date, date "
            "of service, service date, payment effective date"
        ),
    )
    notification_date: date = column(
        description="When the insurer was told.",
        synonyms=(
            "date reported, reported date, report date, notice date, fnol date, date received, date of "
            "notification, declaration date, date of declaration"
        ),
    )
    incident_date: date = column(
        description="When the loss happened.",
        synonyms=(
            "date of loss, loss date, accident date, date of incident, occurrence date, date of accident, incident "
            "time, date of event, event date, dateofloss, fecha siniestro, schadendatum, crash date"
        ),
        event_time=True,
        falls_back_on="notification_date, claim_date, approval_date, settlement_date",
    )
    approval_date: date = column(
        description="When it was approved.", synonyms="date approved, decision date, adjudication date"
    )
    settlement_date: date = column(
        description="When it was settled.",
        synonyms=("date settled, closed date, close date, payment date, reimbursement date, paid date, date closed"),
    )
    processing_days: float = column(
        description="Days from claim to decision.",
        unit="d",
        synonyms=(
            "days to settle, processing time, settlement days, days open, claim age, notification time, lifecycle"
        ),
    )
    claimed_amount: Decimal = column(
        description="What is asked for.",
        synonyms=(
            "claim amount, amount claimed, total claim amount, billed amount, claim amt, claim cost, claim value, "
            "total charge, charge amount, amount incurred, incurred, total incurred, ultimate incurred claim cost, "
            "claims amount, claim size, claim payment requested, requested amount, clm amt, valor sinistro, claim "
            "total, total charges, amount, clm pmt amt, insc claim amt reimbursed, claim amount reimbursed, "
            "schadenhoehe, claim severity amount"
        ),
        telling=1.3,
    )
    approved_amount: Decimal = column(
        description="What was granted.",
        synonyms="amount approved, allowed amount, granted amount, eligible amount",
    )
    paid_amount: Decimal = column(
        description="What was paid.",
        synonyms=(
            "amount paid, paid, payment amount, claim payment, claim paid, reimbursed amount, reimbursement amount, "
            "payout, payout amount, indemnity paid, total paid, amount paid on building claim, indemnity amount, "
            "reimbursement, paid loss, cumulative paid"
        ),
    )
    settled_amount: Decimal = column(
        description="What it was settled for.", synonyms="settlement amount, amount settled, final settlement"
    )
    reserve_amount: Decimal = column(
        description="What is set aside.",
        synonyms=(
            "reserve, outstanding reserve, case reserve, initial incurred claims cost, outstanding, case estimate"
        ),
    )
    adjustments: Decimal = column(
        description="What was taken off the claim.",
        synonyms=("adjustment amount, adjustment, total adjustments, contractual adjustment"),
    )
    adjustment_reasons: str = column(
        description="Codes of the adjustments.",
        synonyms="carc, adjustment reason, adjustment code, reason code, remark code",
    )
    patient_responsibility: Decimal = column(
        description="What the patient has to pay.", synonyms="patient liability, member liability"
    )
    injury_claim: Decimal = column(
        description="Share for injuries.", synonyms="injury claim amount, bodily injury claim, injury amount"
    )
    property_claim: Decimal = column(
        description="Share for property.",
        synonyms=(
            "property claim amount, property damage amount, amount paid on contents claim, building damage amount, "
            "damage amount"
        ),
    )
    vehicle_claim: Decimal = column(
        description="Share for the vehicle.", synonyms="vehicle claim amount, repair cost, repair estimate"
    )
    loss_amount: Decimal = column(
        description="The loss as assessed.",
        synonyms=(
            "loss, assessed loss, damage, net loss, total loss amount, estimated loss, estimated damage, damage "
            "cost, loss cost, crop loss"
        ),
    )
    sum_insured: Decimal = column(
        description="Limit of the cover.",
        synonyms=(
            "coverage amount, insured value, umbrella limit, coverage limit, insured amount, insurance coverage, "
            "sum assured, limit"
        ),
        telling=0.6,
    )
    premium: Decimal = column(
        description="Premium of the policy.",
        synonyms=(
            "premium amount, annual premium, policy annual premium, policy premium, monthly premium auto, earned "
            "premium"
        ),
        telling=0.5,
    )
    deductible: Decimal = column(
        description="What the insured bears.",
        synonyms="policy deductible, policy deductable, deductible amount, excess",
        telling=0.6,
    )
    number_of_claims: float = column(
        description="Claims on the policy so far.",
        synonyms=(
            "total policy claims, past number of claims, claim count, claim nb, no of claims, previous claims, "
            "prior claims, past claims, claim history, num claims, claim frequency, nb claims, number of open "
            "complaints, claim number count, num prior claims"
        ),
    )
    incident_type: str = column(
        description="What happened.",
        synonyms=(
            "type of incident, accident type, collision type, loss cause, event type, event, incident description, "
            "accident area, description of accident, type of loss"
        ),
    )
    collision_type: str = column(description="How vehicles met.", synonyms="type of collision, impact")
    severity: str = column(
        description="How bad it was.",
        synonyms=("incident severity, claim severity, damage severity, severity level, accident severity"),
        telling=0.8,
    )
    incident_state: str = column(
        description="State of the loss.",
        synonyms="state, loss state, state code, region, claim state code",
        telling=0.5,
    )
    incident_city: str = column(
        description="City of the loss.", synonyms="city, reported city, accident city", telling=0.5
    )
    incident_location: str = column(
        description="Place of the loss.",
        synonyms="location, accident location, loss location, district",
        telling=0.4,
        names_a_party=True,
    )
    incident_hour: int = column(
        description="Hour of the day of the loss.",
        unit="h",
        synonyms="incident hour of the day, incident hour, hour of accident",
        ge=0,
        le=24,
    )
    police_report: str = column(
        description="Whether police reported.",
        synonyms=("police report available, police report filed, police, authorities contacted, police reported"),
    )
    witnesses: str = column(description="Witnesses.", synonyms="witness present, number of witnesses, witness")
    bodily_injuries: float = column(
        description="People hurt.", synonyms="injuries, number of injuries, injured, injury count"
    )
    vehicles_involved: float = column(
        description="Vehicles in it.", synonyms="number of vehicles involved, number of cars, vehicles"
    )
    vehicle_make: str = column(
        description="Make.", synonyms="auto make, make, car make, vehicle brand, vehicle type", telling=0.5
    )
    vehicle_model: str = column(
        description="Model.", synonyms="auto model, vehicle, car model, vehicle class", telling=0.5
    )
    vehicle_year: int = column(
        description="Year of the vehicle.",
        synonyms="auto year, year of vehicle, model year, age of vehicle",
        telling=0.5,
    )
    vehicle_registration: str = column(
        description="Plate of the vehicle.",
        synonyms="license plate, registration number, plate, vin",
        personal=PersonalData.ACCOUNT,
    )
    policy_start: date = column(
        description="When the cover began.",
        synonyms=(
            "policy bind date, policy start date, effective date, inception date, policy effective date, insr "
            "begin, policy date"
        ),
        telling=0.4,
    )
    policy_end: date = column(
        description="When the cover ends.",
        synonyms=("policy end date, expiry date, expiration date, insr end, policy expiry date"),
        telling=0.4,
    )
    policy_state: str = column(description="State of the policy.", synonyms="state of issue, policy issue state")
    months_as_customer: float = column(
        description="Tenure.", unit="mo", synonyms="tenure, customer tenure, customer since months", telling=0.6
    )
    diagnosis_codes: str = column(description="ICD codes.", synonyms="diagnosis code, icd code, diagnosis", telling=0.3)
    procedure_codes: str = column(
        description="CPT or HCPCS codes.", synonyms="procedure code, cpt code, hcpcs", telling=0.3
    )
    rejection_reason: str = column(
        description="Why it was refused.",
        synonyms=("denial reason, rejection code, reason for rejection, decline reason, reason for denial"),
    )
    fraud_reported: bool = column(
        description="Whether it was found fraudulent.",
        synonyms=(
            "fraudulent, fraud, is fraud, fraud found, fraud found p, fraud flag, fraudulent claim, potential "
            "fraud, suspicious, fraud label, fraud indicator, fraud suspected, is fraudulent"
        ),
        telling=1.2,
    )
    reimbursed_party: str = column(description="Who received the payment.", synonyms="paid to, payee type")
    payment_reference: str = column(
        description="Cheque or transfer of the payment.", synonyms="check number, trace number, eft number"
    )
    adjuster: str = column(
        description="Who handles it.",
        synonyms=("claim adjuster, claims handler, adjuster name, adjuster notes, assigned adjuster, handler"),
        names_a_party=True,
    )
    ssn: str = column(
        description="Social security number.", synonyms="social security number", personal=PersonalData.SSN
    )
    email: str = column(
        description="E-mail of the insured.", synonyms="email address", personal=PersonalData.EMAIL, telling=0.2
    )
    phone: str = column(
        description="Phone of the insured.",
        synonyms="phone number, telephone",
        personal=PersonalData.PHONE,
        telling=0.2,
    )
    address: str = column(
        description="Address of the insured.",
        synonyms="insured zip, street address, postal code, zip",
        personal=PersonalData.ADDRESS,
        telling=0.2,
    )
    birth_date: date = column(
        description="Birth date of the insured.",
        synonyms="dob, date of birth",
        personal=PersonalData.BIRTH_DATE,
        telling=0.2,
    )
    discrepancy: str = column(description="Where the amounts of the form do not add up, in words.", kind="text")
