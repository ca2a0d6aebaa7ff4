"""What the models that learn from past judgements share: a question that people have answered of some rows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from core.dataset import BLOB_COLUMN, ROW_COLUMN, Dataset
from processing.models.features import learn_plan
from processing.models.logistic import FOLDS, drifted, explained, learn, predicted, predicted_of_pieces
from processing.models.model import Fitted, ModelKind, RowModel, identities, too_few
from processing.models.quality import Numbers, auc_by_chance, average_precision, brier, calibration_error, roc_auc

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

MIN_JUDGED = 60
MIN_OF_EACH = 10


@dataclass(frozen=True, slots=True)
class Question:
    """A yes or no that is known of some rows.

    Attributes:
        target: The column with the answer, a boolean; null where it is not known.
        subject: What the rows are, in words.
        positives: What those are of which it is true, in words that make a name.
        probability: What the column of its probability is called.
        after_the_fact: Columns that are filled in when a row has been judged: learning from them would be peeking.
        forbidden: A word in the names of columns that hold the answer under another name.
    """

    target: str
    subject: str
    positives: str
    probability: str
    after_the_fact: tuple[str, ...]
    forbidden: str


class JudgedModel(RowModel):
    """The probability of a yes, by a sparse logistic regression over all columns known beforehand."""

    kind = ModelKind.PREDICTIVE
    question: Question

    def rows_with_answer(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows with the column of the answer."""
        return rows

    def fit(self, session: "SparkSession", dataset: Dataset, rows: pl.DataFrame, seed: int) -> Fitted:
        question = self.question
        judged = judged_rows(self.name, self.rows_with_answer(rows), question)
        folds = folds_of(judged, question, seed)
        fitted, unseen = learned(session, dataset, judged, question, folds)
        truth = judged[question.target].to_numpy()
        each = [roc_auc(truth[folds == fold], unseen[folds == fold]) for fold in range(FOLDS)]
        metrics = {
            "auc": float(np.mean(each)),
            "auc_worst_fold": min(each),
            "average_precision": average_precision(truth, unseen),
            "brier": brier(truth, unseen),
            "calibration_error": calibration_error(truth, unseen),
            f"share_of_{question.positives}": float(truth.mean()),
            "rows": judged.height,
            "folds": FOLDS,
        }
        return replace(fitted, metrics=metrics)

    def caution(self, metrics: Mapping[str, float | int]) -> str | None:
        """Where it ranks no better than lots would."""
        share, rows = metrics[f"share_of_{self.question.positives}"], metrics["rows"]
        if metrics["auc"] > auc_by_chance(round(share * rows), round((1 - share) * rows)):
            return None
        return (
            f"No better than chance: on records kept aside it ranks {self.question.subject} no better than lots would. "
            "Do not act on its probabilities; train it anew when there is more to learn from."
        )

    def score(self, session: "SparkSession", dataset: Dataset, rows: pl.DataFrame, fitted: Fitted) -> pl.DataFrame:
        """``_id``, ``_blob``, ``_row``, the probability and ``reasons``, the likeliest first."""
        return self.ordered(self._said(identities(dataset, rows), *predicted(session, dataset, rows, fitted)))

    def score_pieces(self, pieces: "DataFrame", dataset: Dataset, fitted: Fitted, *, after: int) -> pl.DataFrame:
        """As `score`, of rows that a stream brings."""
        return self.ordered(self._said(*predicted_of_pieces(pieces, dataset, fitted, after=after)))

    def ordered(self, scored: pl.DataFrame) -> pl.DataFrame:
        """The likeliest first."""
        name = self.question.probability
        return scored.sort(name, BLOB_COLUMN, ROW_COLUMN, descending=[True, False, False])

    def _said(self, rows: pl.DataFrame, probabilities: Numbers, reasons: list[str]) -> pl.DataFrame:
        return rows.with_columns(
            pl.Series(self.question.probability, probabilities, dtype=pl.Float64),
            pl.Series("reasons", reasons, dtype=pl.String),
        )

    def drift(self, dataset: Dataset, rows: pl.DataFrame, fitted: Fitted) -> pl.DataFrame:
        """As the port says; of rows in files that it has not learned from."""
        return drifted(dataset, rows, fitted)

    def explain(self, fitted: Fitted) -> pl.DataFrame:
        """``feature``, ``value`` and ``weight``: how far it moves the log-odds (a number: by a deviation)."""
        return explained(fitted)


def judged_rows(model: str, rows: pl.DataFrame, question: Question) -> pl.DataFrame:
    """The rows whose answer is known.

    Raises:
        EngineError: If they are too few, or nearly all of one kind.
    """
    target, subject = question.target, question.subject
    judged = rows.filter(pl.col(target).is_not_null()) if target in rows.columns else rows.clear()
    if judged.height < MIN_JUDGED:
        raise too_few(model, f"{subject} whose {target} is known", MIN_JUDGED, judged.height)
    for answer in (True, False):
        count = judged.filter(pl.col(target) == answer).height
        if count < MIN_OF_EACH:
            raise too_few(model, f"{subject} whose {target} is {str(answer).lower()}", MIN_OF_EACH, count)
    return judged


def folds_of(judged: pl.DataFrame, question: Question, seed: int) -> Numbers:
    """The fold of each row, with the same share of yes in each; the same for the same seed."""
    # By the row's own identity, not its place: the lake may give rows in another order after compaction.
    place = pl.struct(BLOB_COLUMN, ROW_COLUMN).hash(seed).rank("ordinal").over(question.target)
    return judged.select((place % FOLDS).cast(pl.Int64)).to_series().to_numpy()


def learned(
    session: "SparkSession", dataset: Dataset, judged: pl.DataFrame, question: Question, folds: Numbers
) -> tuple[Fitted, Numbers]:
    """A model of those rows, and the probability of each by one that has not seen its fold."""
    plan = learn_plan(judged, dataset, (question.target, *question.after_the_fact), question.forbidden)
    if not plan.names:
        raise too_few("It", f"columns that tell {question.subject} apart", 1, 0)
    return learn(session, judged, dataset, plan, truth=judged[question.target].to_numpy(), folds=folds)
