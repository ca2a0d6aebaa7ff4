"""What models that group share: k-means over traits free of unit and scale, k by silhouette on what is held out."""

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import polars as pl

from core.dataset import Dataset
from processing.models.model import Fitted, Model, ModelKind, too_few

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

CLUSTERS = range(2, 7)

_HELD_OUT_EACH = 4  # every fourth
_MOST_MEASURED = 600  # silhouettes compare each with each
_CLIP = 20.0


class GroupModel(Model):
    """Clusters who or what behaves alike.

    Attributes:
        trait_names: The columns to compare.
        identity: The columns that say who or what a row of traits is of.
        subject: What is grouped, in words.
        least: How many it takes.
        noun: What one of them is called in the metrics.
    """

    kind = ModelKind.DESCRIPTIVE
    trait_names: ClassVar[tuple[str, ...]]
    identity: ClassVar[tuple[str, ...]]
    subject: ClassVar[str]
    least: ClassVar[int]
    noun: ClassVar[str] = "series"

    @abstractmethod
    def traits(self, rows: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
        """A row for each, by `identity` and sorted by it: what it is, how much of it there is, its traits."""

    def fit(self, session: "SparkSession", dataset: Dataset, rows: pl.DataFrame, seed: int) -> Fitted:
        traits = self.traits(rows, dataset)
        if traits.height < self.least:
            raise too_few(self.name, self.subject, self.least, traits.height)
        # They are sorted by name; every fourth is held out to be measured on.
        numbered = traits.with_row_index("_n")
        train = numbered.filter(pl.col("_n") % _HELD_OUT_EACH != 0).drop("_n")
        held_out = numbered.filter(pl.col("_n") % _HELD_OUT_EACH == 0).drop("_n")
        best = max(
            (self._tried(session, train, held_out, clusters, seed) for clusters in CLUSTERS if clusters < train.height),
            key=lambda tried: tried[0],
        )
        silhouette, inner, clusters = best
        final = self._kmeans(session, traits, clusters, seed)
        metrics = {
            "silhouette": silhouette,
            f"silhouette_on_training_{self.noun}": inner,
            "clusters": clusters,
            self.noun: traits.height,
            f"held_out_{self.noun}": held_out.height,
        }
        plan = {"traits": list(self.trait_names), "names": self._named(final.stages[-1].clusterCenters())}
        return Fitted(final, plan, metrics, session.sparkContext.applicationId)

    def score(self, session: "SparkSession", dataset: Dataset, rows: pl.DataFrame, fitted: Fitted) -> pl.DataFrame:
        """A row each: what it is, how much of it there is, its traits, ``cluster``, ``behaviour``, ``reasons``."""
        traits = self.traits(rows, dataset)
        if traits.is_empty():
            empty = {"cluster": pl.Int64, "behaviour": pl.String, "reasons": pl.String}
            return traits.with_columns(pl.lit(None, dtype=dtype).alias(name) for name, dtype in empty.items())
        placed = self._placed(session, traits, fitted.pipeline)
        scaled = np.asarray(placed.column("scaled").to_pylist(), dtype=float)
        clusters = placed.column("cluster").to_pylist()
        names = fitted.plan["names"]
        return traits.with_columns(
            pl.Series("cluster", clusters, dtype=pl.Int64),
            pl.Series("behaviour", [names[cluster] for cluster in clusters], dtype=pl.String),
            pl.Series("reasons", [self._reasons(row) for row in scaled], dtype=pl.String),
        ).sort("cluster", *self.identity)

    def explain(self, fitted: Fitted) -> pl.DataFrame:
        """``cluster``, ``behaviour``, ``trait`` and ``weight``: the centre's distance from the mean, in deviations."""
        centres = fitted.pipeline.stages[-1].clusterCenters()
        found = [
            (number, fitted.plan["names"][number], trait, float(value))
            for number, centre in enumerate(centres)
            for trait, value in zip(self.trait_names, centre, strict=True)
        ]
        schema = {"cluster": pl.Int64, "behaviour": pl.String, "trait": pl.String, "weight": pl.Float64}
        return pl.DataFrame(found, schema=schema, orient="row").sort(
            "cluster", pl.col("weight").abs(), descending=[False, True], maintain_order=True
        )

    def _tried(
        self, session: "SparkSession", train: pl.DataFrame, held_out: pl.DataFrame, clusters: int, seed: int
    ) -> tuple[float, float, int]:
        """The silhouette on what is held out and on what was learned from, of that many clusters."""
        pipeline = self._kmeans(session, train, clusters, seed)
        train, held_out = train.head(_MOST_MEASURED), held_out.head(_MOST_MEASURED)
        together = self._placed(session, pl.concat([train, held_out]), pipeline)
        points = np.asarray(together.column("scaled").to_pylist(), dtype=float)
        each = _silhouettes(points, np.asarray(together.column("cluster").to_pylist()))
        return float(each[train.height :].mean()), float(each[: train.height].mean()), clusters

    def _kmeans(self, session: "SparkSession", traits: pl.DataFrame, clusters: int, seed: int) -> Any:
        from pyspark.ml import Pipeline
        from pyspark.ml.clustering import KMeans
        from pyspark.ml.feature import StandardScaler, VectorAssembler

        stages: list[Any] = [
            VectorAssembler(inputCols=list(self.trait_names), outputCol="plain"),
            StandardScaler(inputCol="plain", outputCol="scaled", withMean=True),
            KMeans(featuresCol="scaled", predictionCol="cluster", k=clusters, seed=seed),
        ]
        return Pipeline(stages=stages).fit(self._frame(session, traits))

    def _placed(self, session: "SparkSession", traits: pl.DataFrame, pipeline: Any) -> Any:
        from pyspark.ml.functions import vector_to_array
        from pyspark.sql import functions

        rows = pipeline.transform(self._frame(session, traits))
        chosen = rows.select("place", vector_to_array(functions.col("scaled")).alias("scaled"), "cluster")
        return chosen.toArrow().sort_by("place")

    def _frame(self, session: "SparkSession", traits: pl.DataFrame) -> "DataFrame":
        placed = traits.select(self.trait_names).with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("place"))
        return session.createDataFrame(placed.to_arrow()).coalesce(1)

    def _named(self, centres: Any) -> list[str]:
        """A cluster in words: the two traits that set its centre apart most."""
        return [self._reasons(np.asarray(centre), joined=" and ") for centre in centres]

    def _reasons(self, scaled: Any, joined: str = "; ") -> str:
        first = np.argsort(-np.abs(scaled), kind="stable")[:2]
        return joined.join(
            f"{'high' if scaled[i] > 0 else 'low'} {self.trait_names[i].replace('_', ' ')}" for i in first
        )


def defined(expression: pl.Expr) -> pl.Expr:
    """A trait that is not defined, as of a constant, is 0; extremes are cut: one wild one is no cluster of its own."""
    return expression.cast(pl.Float64).fill_nan(0.0).fill_null(0.0).clip(-_CLIP, _CLIP)


def _silhouettes(points: Any, clusters: Any) -> Any:
    """The silhouette of each point; 0 for one alone in its cluster."""
    apart = np.sqrt(((points[:, None, :] - points[None, :, :]) ** 2).sum(axis=2))
    found = np.zeros(len(points))
    for i, own in enumerate(clusters):
        mates = (clusters == own) & (np.arange(len(points)) != i)
        others = [apart[i, clusters == other].mean() for other in set(clusters.tolist()) - {own}]
        if mates.any() and others:
            inside, outside = apart[i, mates].mean(), min(others)
            found[i] = (outside - inside) / max(inside, outside, 1e-12)
    return found
