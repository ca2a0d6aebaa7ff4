"""Predictive: how likely an insurance claim is fraud, and why."""

from processing.models.judged import JudgedModel, Question

FRAUD = Question(
    target="fraud_reported",
    subject="claims",
    positives="frauds",
    probability="fraud_probability",
    after_the_fact=(
        "claim_status",
        "approved_amount",
        "paid_amount",
        "settled_amount",
        "reserve_amount",
        "adjustments",
        "adjustment_reasons",
        "processing_days",
        "rejection_reason",
        "payment_reference",
        "reimbursed_party",
        "adjuster",
        "patient_responsibility",
        "number_of_claims",
    ),
    forbidden="fraud",
)


class FraudModel(JudgedModel):
    """The probability that a claim is fraud."""

    name = "claim_fraud"
    dataset = "insurance_claim"
    description = "How likely a claim is fraud, learned from claims that were judged."
    question = FRAUD
