"""Predictive: how likely a payer refuses a medical bill, and why."""

import polars as pl

from processing.models.judged import JudgedModel, Question

REFUSED = ("denied", "deny", "denial", "rejected", "refused", "declined", "not approved", "not covered")
TAKEN = ("paid", "approved", "accepted", "settled", "allowed", "partially paid", "paid in full", "payable")
"""What `bill_status` says when a payer has decided; all else (pending, billed, appealed) is no decision."""

DENIAL = Question(
    target="is_denied",
    subject="bills",
    positives="denials",
    probability="denial_probability",
    after_the_fact=(
        "bill_status",
        "denial_reason",
        "allowed_amount",
        "insured_amount",
        "paid_amount",
        "adjustment_amount",
        "patient_responsibility",
        "copay",
        "deductible",
        "balance_due",
        "payment_date",
        "payment_mode",
        "days_in_receivables",
        "discrepancy",
    ),
    forbidden="deni",
)


class DenialModel(JudgedModel):
    """The probability that a payer refuses a bill, learned from bills that one has decided on."""

    name = "bill_denial"
    dataset = "medical_bill"
    description = "How likely a payer refuses a bill, learned from bills that were paid or denied."
    question = DENIAL

    def rows_with_answer(self, rows: pl.DataFrame) -> pl.DataFrame:
        if "bill_status" not in rows.columns:
            return rows
        status = pl.col("bill_status").str.strip_chars().str.to_lowercase().str.replace_all("[_-]+", " ")
        refused, taken = status.is_in(REFUSED), status.is_in(TAKEN)
        return rows.with_columns(pl.when(refused).then(True).when(taken).then(False).alias(DENIAL.target))
