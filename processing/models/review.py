"""Decision: which claims a person should review first, by what a review is expected to save."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from core.dataset import Dataset
from processing.models.fraud import FRAUD
from processing.models.judged import folds_of, judged_rows, learned
from processing.models.logistic import FOLDS, drifted, explained, predicted
from processing.models.model import Fitted, Model, ModelKind, identities, too_few
from processing.models.quality import Numbers

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

AMOUNT = "claimed_amount"
MIN_WITH_AMOUNT = 60
_EVEN = 0.5
_SIMPLER = {
    "saved_by_chance": "Drawing claims by lot",
    "saved_by_largest_first": "Taking the largest amounts first",
}


class ReviewModel(Model):
    """Ranks claims by expected saving: probability of fraud times amount claimed, less the cost of a review.

    Args:
        review_cost: What one review costs, in the currency of the claims.
        budget: What all reviews together may cost; None: a tenth of the claims are reviewed.
    """

    name = "claim_review"
    kind = ModelKind.DECISION
    dataset = "insurance_claim"
    description = "Which claims to review first: where a review is expected to save most, within a budget."

    def __init__(self, review_cost: float = 250.0, budget: float | None = None) -> None:
        self.review_cost = review_cost
        self.budget = budget

    def fit(self, session: "SparkSession", dataset: Dataset, rows: pl.DataFrame, seed: int) -> Fitted:
        judged = judged_rows(self.name, rows, FRAUD).filter(pl.col(AMOUNT).is_not_null())
        if judged.height < MIN_WITH_AMOUNT:
            raise too_few(self.name, f"judged claims with a {AMOUNT}", MIN_WITH_AMOUNT, judged.height)
        judged = judged_rows(self.name, judged, FRAUD)
        fitted, unseen = learned(session, dataset, judged, FRAUD, folds_of(judged, FRAUD, seed))
        amounts = judged[AMOUNT].cast(pl.Float64).to_numpy()
        return replace(fitted, metrics=self._metrics(judged[FRAUD.target].to_numpy(), unseen, amounts))

    def score(self, session: "SparkSession", dataset: Dataset, rows: pl.DataFrame, fitted: Fitted) -> pl.DataFrame:
        """The claim to review first at the top.

        ``_id``, ``_blob``, ``_row``, ``rank``, ``review``, ``expected_saving``, ``fraud_probability``, ``amount``,
        ``reasons``. Left out are claims without an amount and, unless all are, those that were judged already.
        """
        with_amount = rows.filter(pl.col(AMOUNT).is_not_null())
        unjudged = with_amount.filter(pl.col(FRAUD.target).is_null())
        open_rows = with_amount if unjudged.is_empty() else unjudged
        probabilities, reasons = predicted(session, dataset, open_rows, fitted)
        scored = identities(dataset, open_rows).with_columns(
            (pl.Series(probabilities, dtype=pl.Float64) * open_rows[AMOUNT].cast(pl.Float64) - self.review_cost).alias(
                "expected_saving"
            ),
            pl.Series("fraud_probability", probabilities, dtype=pl.Float64),
            open_rows[AMOUNT].alias("amount"),
            pl.Series("reasons", reasons, dtype=pl.String),
        )
        ranked = scored.sort("expected_saving", "_blob", "_row", descending=[True, False, False])
        ranked = ranked.with_row_index("rank", offset=1).with_columns(pl.col("rank").cast(pl.Int64))
        affordable = (pl.col("rank") <= self._reviews(ranked.height)) & (pl.col("expected_saving") > 0)
        columns = ("rank", "review", "expected_saving", "fraud_probability", "amount", "reasons")
        return ranked.with_columns(affordable.alias("review")).select("_id", "_blob", "_row", *columns)

    def caution(self, metrics: Mapping[str, float | int]) -> str | None:
        """Where a simpler choice saves as much."""
        for simpler, told in _SIMPLER.items():
            if metrics["saved"] <= metrics[simpler]:
                return f"{told} saves as much on claims kept aside: its choice is not worth following yet."
        return None

    def drift(self, dataset: Dataset, rows: pl.DataFrame, fitted: Fitted) -> pl.DataFrame:
        """As the port says; of claims in files that it has not learned from."""
        return drifted(dataset, rows, fitted)

    def explain(self, fitted: Fitted) -> pl.DataFrame:
        """As the model of fraud, on which the decision rests."""
        return explained(fitted)

    def _reviews(self, claims: int) -> int:
        """How many reviews the budget pays for."""
        return -(-claims // 10) if self.budget is None else int(self.budget // self.review_cost)

    def _metrics(self, truth: Numbers, probability: Numbers, amount: Numbers) -> dict[str, float | int]:
        """What the decision would have saved on claims it had not seen, beside simpler ways to spend the budget."""
        count = min(self._reviews(truth.size), truth.size)
        prevented = np.where(truth, amount, 0.0)
        chosen = np.argsort(-(probability * amount), kind="stable")[:count]
        largest = np.argsort(-amount, kind="stable")[:count]
        likely = np.flatnonzero(probability >= _EVEN)  # as they come, as long as the budget lasts
        cost = count * self.review_cost
        saved = float(prevented[chosen].sum() - cost)
        share = min(1.0, count / max(len(likely), 1))
        return {
            "saved": saved,
            "saved_by_even_odds": share * float(prevented[likely].sum() - len(likely) * self.review_cost),
            "saved_by_largest_first": float(prevented[largest].sum() - cost),
            "saved_by_chance": float(prevented.mean() * count - cost),
            "frauds_among_reviewed": float(truth[chosen].mean()),
            "share_of_frauds": float(truth.mean()),
            "reviews": count,
            "rows": int(truth.size),
            "folds": FOLDS,
        }
