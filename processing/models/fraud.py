"""Predictive: how likely an insurance claim is fraud, and why."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from core.dataset import BLOB_COLUMN, ROW_COLUMN, Dataset
from processing.models.features import MISSING, FeaturePlan, features, learn_plan
from processing.models.model import Fitted, Model, ModelKind, identities, too_few
from processing.models.quality import Numbers, average_precision, brier, roc_auc

if TYPE_CHECKING:
    from pyspark.ml import PipelineModel
    from pyspark.sql import DataFrame, SparkSession

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
REASONS = 3

FOLDS = 4

# L1 at 0.02 gave the best out-of-fold AUC of what was tried on 700 vehicle claims (0.03: -0.007, 0.055: -0.016;
# gradient-boosted trees and random forests: -0.03), is the fastest, and its weights are the reasons.
_REGULARISATION = 0.02


class FraudModel(Model):
    """The probability that a claim is fraud, by a sparse logistic regression over all columns known beforehand."""

    name = "claim_fraud"
    kind = ModelKind.PREDICTIVE
    dataset = "insurance_claim"
    description = "How likely a claim is fraud, learned from claims that were judged."

    def fit(self, session: "SparkSession", dataset: Dataset, rows: pl.DataFrame, seed: int) -> Fitted:
        judged = judged_rows(self.name, rows)
        folds = folds_of(judged, seed)
        unseen = out_of_fold(session, dataset, judged, folds)
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
        return fitted_on(session, dataset, judged, metrics)

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
        found = [
            (name, value, weight if value is None else weight / scale)
            for (name, value), weight, scale in zip(
                fitted.plan["slots"], _weights(fitted.pipeline), fitted.plan["scales"], strict=True
            )
            if weight and scale
        ]
        rows = pl.DataFrame(
            found, schema={"feature": pl.String, "value": pl.String, "weight": pl.Float64}, orient="row"
        )
        return rows.sort(pl.col("weight").abs(), "feature", "value", descending=[True, False, False])


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


def out_of_fold(session: "SparkSession", dataset: Dataset, judged: pl.DataFrame, folds: Numbers) -> Numbers:
    """The probability of each row, by a model that has not seen its fold."""
    unseen = np.zeros(judged.height)
    for fold in range(FOLDS):
        fitted = fitted_on(session, dataset, judged.filter(folds != fold), {})
        unseen[folds == fold] = predicted(session, dataset, judged.filter(folds == fold), fitted)[0]
    return unseen


def fitted_on(
    session: "SparkSession", dataset: Dataset, judged: pl.DataFrame, metrics: Mapping[str, float | int]
) -> Fitted:
    """A model that has learned from all those rows."""
    plan = learn_plan(judged, dataset, AFTER_THE_FACT, "fraud")
    if not plan.names:
        raise too_few(FraudModel.name, "columns that tell claims apart", 1, 0)
    positives = int(judged[TARGET].sum())
    weight = (judged.height - positives) / positives
    pipeline = _trained(session, judged, features(judged, dataset, plan), plan, weight)
    means = _vectors(session, pipeline, features(judged, dataset, plan), plan).mean(axis=0)
    kept = asdict(plan) | {"weight": weight, "means": means.tolist()} | _slots(pipeline, plan)
    return Fitted(pipeline, kept, metrics, session.sparkContext.applicationId)


def predicted(
    session: "SparkSession", dataset: Dataset, rows: pl.DataFrame, fitted: Fitted
) -> tuple[Numbers, list[str]]:
    """The probability of each row, in the rows' order, and its reasons in words."""
    if rows.is_empty():
        return np.empty(0), []
    plan = FeaturePlan(tuple(fitted.plan["numbers"]), tuple(fitted.plan["categories"]))
    known = features(rows, dataset, plan)
    scaled = _vectors(session, fitted.pipeline, known, plan)
    weights = _weights(fitted.pipeline)
    odds = scaled @ weights + fitted.pipeline.stages[-1].intercept  # type: ignore[attr-defined]
    # Frauds were weighted up to be learned; taking the weight back makes the probability one that can be counted with.
    probability = 1 / (1 + np.exp(-(odds - np.log(fitted.plan["weight"]))))
    shares = (scaled - np.asarray(fitted.plan["means"])) * weights
    return probability, _reasons(shares, known, fitted)


def _trained(
    session: "SparkSession", train: pl.DataFrame, known: pl.DataFrame, plan: FeaturePlan, weight: float
) -> "PipelineModel":
    from pyspark.ml import Pipeline
    from pyspark.ml.classification import LogisticRegression
    from pyspark.ml.feature import Imputer, OneHotEncoder, StandardScaler, StringIndexer, VectorAssembler

    stages: list[Any] = []
    if plan.numbers:
        outputs = [f"{name}#" for name in _safe(plan.numbers)]
        stages.append(Imputer(strategy="median", inputCols=_safe(plan.numbers), outputCols=outputs))
    if plan.categories:
        inputs, indexed = _safe(plan.categories, "c"), [f"{name}#" for name in _safe(plan.categories, "c")]
        stages.append(StringIndexer(inputCols=inputs, outputCols=indexed, handleInvalid="keep"))
        encoded = [f"{name}@" for name in inputs]
        stages.append(OneHotEncoder(inputCols=indexed, outputCols=encoded, dropLast=False))
    parts = [f"{n}#" for n in _safe(plan.numbers)] + [f"{n}@" for n in _safe(plan.categories, "c")]
    stages.append(VectorAssembler(inputCols=parts, outputCol="plain"))
    stages.append(StandardScaler(inputCol="plain", outputCol="scaled"))
    stages.append(
        LogisticRegression(
            featuresCol="scaled",
            labelCol="label",
            weightCol="weight",
            regParam=_REGULARISATION,
            elasticNetParam=1.0,
            standardization=False,
        )
    )
    label = train[TARGET].cast(pl.Float64)
    weights = (label * (weight - 1) + 1).alias("weight")
    frame = _spark_frame(session, known, plan, [label.alias("label"), weights]).coalesce(1).cache()
    try:
        return Pipeline(stages=stages).fit(frame)
    finally:
        frame.unpersist()


def _slots(pipeline: "PipelineModel", plan: FeaturePlan) -> dict[str, Any]:
    """What each slot of the vector stands for (a column, or one value of it), and its scale."""
    slots: list[tuple[str, str | None]] = [(name, None) for name in plan.numbers]
    if plan.categories:
        indexer = pipeline.stages[1 if plan.numbers else 0]
        for name, labels in zip(plan.categories, indexer.labelsArray, strict=True):  # type: ignore[attr-defined]
            slots += [(name, label) for label in (*labels, "a value never seen")]
    return {"slots": slots, "scales": pipeline.stages[-2].std.toArray().tolist()}  # type: ignore[attr-defined]


def _vectors(session: "SparkSession", pipeline: "PipelineModel", known: pl.DataFrame, plan: FeaturePlan) -> Numbers:
    from pyspark.ml.functions import vector_to_array
    from pyspark.sql import functions

    place = pl.Series("place", range(known.height), dtype=pl.Int64)
    rows = _spark_frame(session, known, plan, [place])
    for stage in pipeline.stages[:-1]:
        rows = stage.transform(rows)  # type: ignore[union-attr]
    table = rows.select("place", vector_to_array(functions.col("scaled")).alias("scaled")).toArrow().sort_by("place")
    return np.asarray(table.column("scaled").to_pylist(), dtype=float)


def _spark_frame(session: "SparkSession", known: pl.DataFrame, plan: FeaturePlan, more: list[pl.Series]) -> "DataFrame":
    names = dict(zip(plan.numbers, _safe(plan.numbers), strict=True))
    names |= dict(zip(plan.categories, _safe(plan.categories, "c"), strict=True))
    return session.createDataFrame(known.rename(names).with_columns(more).to_arrow())


def _safe(names: tuple[str, ...], prefix: str = "n") -> list[str]:
    """Names that no Spark stage stumbles over, whatever the columns are called."""
    return [f"{prefix}{i}" for i in range(len(names))]


def _weights(pipeline: "PipelineModel") -> Numbers:
    return np.asarray(pipeline.stages[-1].coefficients.toArray())  # type: ignore[attr-defined]


def _reasons(shares: Numbers, known: pl.DataFrame, fitted: Fitted) -> list[str]:
    """For each row the columns that raise its odds most, with what it has there."""
    columns = known.columns
    by_column = np.zeros((shares.shape[0], len(columns)))
    for slot, (name, _) in enumerate(fitted.plan["slots"]):
        by_column[:, columns.index(name)] += shares[:, slot]
    found = []
    for row, values in zip(by_column, known.iter_rows(), strict=True):
        first = [i for i in np.argsort(-row, kind="stable")[:REASONS] if row[i] > 0]
        found.append("; ".join(f"{columns[i]} is {_shown(values[i])} (+{row[i]:.2f})" for i in first))
    return found


def _shown(value: Any) -> str:
    if value is None:
        return MISSING
    return f"{value:g}" if isinstance(value, float) else str(value)
