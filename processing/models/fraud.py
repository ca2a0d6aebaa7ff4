"""Predictive: how likely an insurance claim is fraud, and why."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from core.dataset import BLOB_COLUMN, ROW_COLUMN, Dataset
from processing.models.features import learn_plan
from processing.models.logistic import FOLDS, explained, learn, predicted
from processing.models.model import Fitted, Model, ModelKind, identities, too_few
from processing.models.quality import Numbers, average_precision, brier, roc_auc

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

TARGET = "fraud_reported"
AFTER_THE_FACT = (
    TARGET,
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
)
"""Columns that are filled in when the claim has been judged: learning from them would be peeking."""

MIN_JUDGED = 60
MIN_OF_EACH = 10


class FraudModel(Model):
    """The probability that a claim is fraud, by a sparse logistic regression over all columns known beforehand."""

    name = "claim_fraud"
    kind = ModelKind.PREDICTIVE
    dataset = "insurance_claim"
    description = "How likely a claim is fraud, learned from claims that were judged."

    def fit(self, session: "SparkSession", dataset: Dataset, rows: pl.DataFrame, seed: int) -> Fitted:
        judged = judged_rows(self.name, rows)
        folds = folds_of(judged, seed)
        fitted, unseen = learned(session, dataset, judged, folds)
        truth = judged[TARGET].to_numpy()
        each = [roc_auc(truth[folds == fold], unseen[folds == fold]) for fold in range(FOLDS)]
        metrics = {
            "auc": float(np.mean(each)),
            "auc_worst_fold": min(each),
            "average_precision": average_precision(truth, unseen),
            "brier": brier(truth, unseen),
            "share_of_frauds": float(truth.mean()),
            "rows": judged.height,
            "folds": FOLDS,
        }
        return replace(fitted, metrics=metrics)

    def score(self, session: "SparkSession", dataset: Dataset, rows: pl.DataFrame, fitted: Fitted) -> pl.DataFrame:
        """``_id``, ``_blob``, ``_row``, ``fraud_probability`` and ``reasons``, the most suspicious first."""
        probabilities, reasons = predicted(session, dataset, rows, fitted)
        scored = identities(dataset, rows).with_columns(
            pl.Series("fraud_probability", probabilities, dtype=pl.Float64),
            pl.Series("reasons", reasons, dtype=pl.String),
        )
        return scored.sort("fraud_probability", "_blob", "_row", descending=[True, False, False])

    def explain(self, fitted: Fitted) -> pl.DataFrame:
        """``feature``, ``value`` and ``weight``: how far it moves the log-odds (a number: by a deviation)."""
        return explained(fitted)


def judged_rows(model: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows whose target is known.

    Raises:
        EngineError: If they are too few, or nearly all of one kind.
    """
    judged = rows.filter(pl.col(TARGET).is_not_null()) if TARGET in rows.columns else rows.clear()
    if judged.height < MIN_JUDGED:
        raise too_few(model, f"claims whose {TARGET} is known", MIN_JUDGED, judged.height)
    for answer in (True, False):
        count = judged.filter(pl.col(TARGET) == answer).height
        if count < MIN_OF_EACH:
            raise too_few(model, f"claims whose {TARGET} is {str(answer).lower()}", MIN_OF_EACH, count)
    return judged


def folds_of(judged: pl.DataFrame, seed: int) -> Numbers:
    """The fold of each row, with the same share of frauds in each; the same for the same seed."""
    # By the row's own identity, not its place: the lake may give rows in another order after compaction.
    place = pl.struct(BLOB_COLUMN, ROW_COLUMN).hash(seed).rank("ordinal").over(TARGET)
    return judged.select((place % FOLDS).cast(pl.Int64)).to_series().to_numpy()


def learned(session: "SparkSession", dataset: Dataset, judged: pl.DataFrame, folds: Numbers) -> tuple[Fitted, Numbers]:
    """A model of those rows, and the probability of each by one that has not seen its fold."""
    plan = learn_plan(judged, dataset, AFTER_THE_FACT, "fraud")
    if not plan.names:
        raise too_few(FraudModel.name, "columns that tell claims apart", 1, 0)
    return learn(session, judged, dataset, plan, truth=judged[TARGET].to_numpy(), folds=folds)
