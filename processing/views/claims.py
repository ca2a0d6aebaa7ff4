"""Views of bills, claims and taxes."""

from processing.metrics import Count, Max, Mean, Sum
from processing.metrics_of_values import Distinct, Quantiles
from processing.view import Ratio, View

CLAIM_VIEWS = (
    View(
        name="billed_and_paid_by_payer",
        dataset="medical_bill",
        description="What was billed and what was paid, by payer.",
        dimensions=("payer",),
        metrics=(
            Count(name="bills", description="Bill lines."),
            Distinct(name="patients", column="patient_id", description="Different patients."),
            Sum(name="billed", column="billed_amount", description="Billed."),
            Sum(name="paid", column="paid_amount", description="Paid."),
            Mean(name="billed_mean", column="billed_amount", description="Mean bill."),
        ),
        ratios=(Ratio(name="paid_share", numerator="paid", denominator="billed", description="Paid of billed."),),
        order_by="billed",
    ),
    View(
        name="bills_by_month",
        dataset="medical_bill",
        description="Bills by the month of service.",
        window="1mo",
        metrics=(
            Count(name="bills", description="Bill lines."),
            Sum(name="billed", column="billed_amount", description="Billed."),
            Sum(name="paid", column="paid_amount", description="Paid."),
            Quantiles(name="billed", column="billed_amount", at=(0.5, 0.95), description="Quantiles of a bill."),
        ),
    ),
    View(
        name="claims_by_state_and_severity",
        dataset="insurance_claim",
        description="Claims by state and severity: claimed, paid, and the share reported as fraud.",
        dimensions=("incident_state", "severity"),
        metrics=(
            Count(name="claims", description="Claims."),
            Sum(name="claimed", column="claimed_amount", description="Claimed."),
            Sum(name="paid", column="paid_amount", description="Paid."),
            Count(name="judged", column="fraud_reported", description="Claims known to be fraud or not."),
            Count(name="frauds", where=("fraud_reported", "==", True), description="Claims reported as fraud."),
            Max(name="largest", column="claimed_amount", description="Largest claim."),
        ),
        ratios=(Ratio(name="fraud_share", numerator="frauds", denominator="judged", description="Frauds of judged."),),
    ),
    View(
        name="claims_by_month",
        dataset="insurance_claim",
        description="Claims by the month of the incident.",
        window="1mo",
        dimensions=("claim_status",),
        metrics=(
            Count(name="claims", description="Claims."),
            Sum(name="claimed", column="claimed_amount", description="Claimed."),
            Sum(name="paid", column="paid_amount", description="Paid."),
        ),
    ),
    View(
        name="refunds_by_year_and_status",
        dataset="tax_form",
        description="Tax refunds by tax year and filing status.",
        dimensions=("tax_year", "filing_status"),
        metrics=(
            Count(name="forms", description="Forms."),
            Count(name="refunds", where=("refund", ">", 0), description="Forms with a refund."),
            Sum(name="refunded", column="refund", description="Refunded."),
            Mean(name="refund_mean", column="refund", description="Mean refund."),
            Sum(name="income", column="income", description="Income."),
            Sum(name="withheld", column="tax_withheld", description="Tax withheld."),
        ),
    ),
)
