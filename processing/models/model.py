"""What a model is: it learns from rows, is measured on rows it has not seen, scores rows and gives reasons."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import polars as pl

from core.dataset import BLOB_COLUMN, ROW_COLUMN, Dataset
from core.errors import EngineError
from core.frames import record_id

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


DRIFT_SCHEMA = {"feature": pl.String(), "drift": pl.Float64(), "new_rows": pl.Int64(), "retrain": pl.Boolean()}


class ModelKind(StrEnum):
    """What a model is for."""

    DESCRIPTIVE = "descriptive"  # what is there
    PREDICTIVE = "predictive"  # what will be
    DECISION = "decision"  # what to do


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model that has learned.

    Attributes:
        pipeline: The Spark pipeline; None of a model that needs no Spark.
        plan: What else it takes to score, as JSON values.
        metrics: Its quality on rows it had not seen, and how many rows there were.
        session_id: The Spark application whose JVM holds the pipeline.
    """

    pipeline: Any
    plan: Mapping[str, Any]
    metrics: Mapping[str, float | int]
    session_id: str


class Model(ABC):
    """One kind of knowledge about one dataset.

    Attributes:
        name: By which people call it.
        kind: What it is for.
        dataset: Whose rows it takes.
        description: What it says, in a sentence.
        needs_spark: Whether it learns and scores in a Spark session; where not, the session that it is given is None.
    """

    name: str
    kind: ModelKind
    dataset: str
    description: str
    needs_spark: bool = True

    @abstractmethod
    def fit(self, session: "SparkSession", dataset: Dataset, rows: pl.DataFrame, seed: int) -> Fitted:
        """Learns from rows as the lake keeps them.

        Raises:
            EngineError: If they are too few, saying how many it takes and how many there are.
        """

    @abstractmethod
    def score(self, session: "SparkSession", dataset: Dataset, rows: pl.DataFrame, fitted: Fitted) -> pl.DataFrame:
        """What the model says of each row, in words of the model's own columns, reasons included."""

    @abstractmethod
    def explain(self, fitted: Fitted) -> pl.DataFrame:
        """What the model has learned: one row a feature, the weightiest first."""

    def caution(self, metrics: Mapping[str, float | int]) -> str | None:  # noqa: ARG002 - of others
        """What speaks against acting on what it says, by its metrics; None if nothing does."""
        return None

    def drift(self, dataset: Dataset, rows: pl.DataFrame, fitted: Fitted) -> pl.DataFrame:  # noqa: ARG002 - of others
        """How far each feature has moved since the model learned, most first; no row of a model that cannot go stale.

        ``feature``, ``drift``, ``new_rows`` and ``retrain``, which says that it is time to learn anew.
        """
        return pl.DataFrame(schema=DRIFT_SCHEMA)


class RowModel(Model):
    """A model that says something of each row alone, so that a stream can have new rows scored as they come."""

    @abstractmethod
    def score_pieces(self, pieces: "DataFrame", dataset: Dataset, fitted: Fitted, *, after: int) -> pl.DataFrame:
        """As `score`, to the last digit, of rows that a stream brings.

        Args:
            pieces: Pieces of versions of the lake, as `lake_source` gives them.
            dataset: Whose rows count.
            fitted: What has been learned.
            after: Only versions after this one count.
        """

    @abstractmethod
    def ordered(self, scored: pl.DataFrame) -> pl.DataFrame:
        """What was scored in parts, in the model's own order."""


def identities(dataset: Dataset, rows: pl.DataFrame) -> pl.DataFrame:
    """The columns by which a scored row is found again: ``_id``, ``_blob``, ``_row``."""
    return rows.select(record_id(dataset), BLOB_COLUMN, ROW_COLUMN)


def too_few(model: str, what: str, needed: int, there: int) -> EngineError:
    """The error of a model that cannot learn from so little."""
    return EngineError(
        f"{model} needs at least {needed} {what} and there are {there}.", "Drop more files of that kind."
    )
