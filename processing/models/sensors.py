"""Descriptive: which series of sensor readings behave alike, whatever they measure."""

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from core.dataset import BLOB_COLUMN, ColumnType, Dataset
from processing.models.model import Fitted, Model, ModelKind, too_few

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

MIN_SERIES = 8
MIN_READINGS = 20
CLUSTERS = range(2, 7)
TRAITS = ("spread", "skew", "peakedness", "smoothness", "outliers", "zeros", "variety")
"""Free of unit and scale: spread and shape of the values, likeness of neighbours, shares of outliers, zeros, values."""

_HELD_OUT_EACH = 4  # every fourth series
_CLIP = 20.0
_MAD_TO_DEVIATION = 1.4826
_OUTLIER_DEVIATIONS = 3.0


class SensorModel(Model):
    """Clusters the series of each sensor and column by their traits: k-means, k by silhouette on series held out."""

    name = "sensor_groups"
    kind = ModelKind.DESCRIPTIVE
    dataset = "sensor_reading"
    description = "Groups of sensor series that behave alike: steady, spiky, cyclic, switching."

    def fit(self, session: "SparkSession", dataset: Dataset, rows: pl.DataFrame, seed: int) -> Fitted:
        traits = series_traits(rows, dataset)
        if traits.height < MIN_SERIES:
            raise too_few(self.name, f"series of {MIN_READINGS} readings or more", MIN_SERIES, traits.height)
        # Series are sorted by name; every fourth is held out to be measured on.
        numbered = traits.with_row_index("_n")
        train = numbered.filter(pl.col("_n") % _HELD_OUT_EACH != 0).drop("_n")
        held_out = numbered.filter(pl.col("_n") % _HELD_OUT_EACH == 0).drop("_n")
        best = max(
            (self._tried(session, train, held_out, clusters, seed) for clusters in CLUSTERS if clusters < train.height),
            key=lambda tried: tried[0],
        )
        silhouette, inner, clusters = best
        final = _kmeans(session, traits, clusters, seed)
        metrics = {
            "silhouette": silhouette,
            "silhouette_on_training_series": inner,
            "clusters": clusters,
            "series": traits.height,
            "held_out_series": held_out.height,
        }
        plan = {"traits": list(TRAITS), "names": _named(final.stages[-1].clusterCenters())}
        return Fitted(final, plan, metrics, session.sparkContext.applicationId)

    def score(self, session: "SparkSession", dataset: Dataset, rows: pl.DataFrame, fitted: Fitted) -> pl.DataFrame:
        """A row a series: ``series``, ``column``, ``readings``, the traits, ``cluster``, ``behaviour``, ``reasons``."""
        traits = series_traits(rows, dataset)
        if traits.is_empty():
            empty = {"cluster": pl.Int64, "behaviour": pl.String, "reasons": pl.String}
            return traits.with_columns(pl.lit(None, dtype=dtype).alias(name) for name, dtype in empty.items())
        placed = _placed(session, traits, fitted.pipeline)
        scaled = np.asarray(placed.column("scaled").to_pylist(), dtype=float)
        clusters = placed.column("cluster").to_pylist()
        names = fitted.plan["names"]
        return traits.with_columns(
            pl.Series("cluster", clusters, dtype=pl.Int64),
            pl.Series("behaviour", [names[cluster] for cluster in clusters], dtype=pl.String),
            pl.Series("reasons", [_reasons(row) for row in scaled], dtype=pl.String),
        ).sort("cluster", "series", "column")

    def explain(self, fitted: Fitted) -> pl.DataFrame:
        """``cluster``, ``behaviour``, ``trait`` and ``weight``: the centre's distance from the mean, in deviations."""
        centres = fitted.pipeline.stages[-1].clusterCenters()
        found = [
            (number, fitted.plan["names"][number], trait, float(value))
            for number, centre in enumerate(centres)
            for trait, value in zip(TRAITS, centre, strict=True)
        ]
        schema = {"cluster": pl.Int64, "behaviour": pl.String, "trait": pl.String, "weight": pl.Float64}
        return pl.DataFrame(found, schema=schema, orient="row").sort(
            "cluster", pl.col("weight").abs(), descending=[False, True], maintain_order=True
        )

    def _tried(
        self, session: "SparkSession", train: pl.DataFrame, held_out: pl.DataFrame, clusters: int, seed: int
    ) -> tuple[float, float, int]:
        """The silhouette on held-out series and on those learned from, of that many clusters."""
        pipeline = _kmeans(session, train, clusters, seed)
        together = _placed(session, pl.concat([train, held_out]), pipeline)
        points = np.asarray(together.column("scaled").to_pylist(), dtype=float)
        each = _silhouettes(points, np.asarray(together.column("cluster").to_pylist()))
        return float(each[train.height :].mean()), float(each[: train.height].mean()), clusters


def series_traits(rows: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """A row for each sensor (or, where none is named, blob) and numeric column with enough readings."""
    numeric = [
        c.name for c in dataset.columns if c.type is ColumnType.NUMBER and not c.is_sealed and c.name in rows.columns
    ]
    series = pl.coalesce("sensor_id", BLOB_COLUMN).alias("series")
    found = [_column_traits(rows, series, name) for name in numeric if rows[name].null_count() < rows.height]
    schema = {"series": pl.String, "column": pl.String, "readings": pl.Int64} | dict.fromkeys(TRAITS, pl.Float64)
    return pl.concat([pl.DataFrame(schema=schema), *found]).sort("series", "column")


def _column_traits(rows: pl.DataFrame, series: pl.Expr, name: str) -> pl.DataFrame:
    x = pl.col("x")
    deviation = x.std()
    mad = (x - x.median()).abs().median() * _MAD_TO_DEVIATION
    before = pl.col("x").shift(1)
    traits = {
        "spread": deviation / (x.abs().mean() + deviation),
        "skew": x.skew(),
        "peakedness": x.kurtosis(),
        "smoothness": pl.corr(x, before),
        "outliers": ((x - x.median()).abs() > _OUTLIER_DEVIATIONS * pl.max_horizontal(mad, deviation / 10)).mean(),
        "zeros": (x == 0).mean(),
        "variety": x.n_unique() / pl.len(),
    }
    values = rows.select(series, pl.col("time"), pl.col("_row"), pl.col(name).alias("x"))
    return (
        values.filter(x.is_finite())
        .sort("series", "time", "_row")
        .group_by("series", maintain_order=True)
        .agg(
            pl.lit(name).alias("column"),
            pl.len().cast(pl.Int64).alias("readings"),
            *(_defined(expression).alias(trait) for trait, expression in traits.items()),
        )
        .filter(pl.col("readings") >= MIN_READINGS)
    )


def _defined(expression: pl.Expr) -> pl.Expr:
    """A trait of a constant series is 0; extremes are cut, so that one wild series is no cluster of its own."""
    return expression.cast(pl.Float64).fill_nan(0.0).fill_null(0.0).clip(-_CLIP, _CLIP)


def _kmeans(session: "SparkSession", traits: pl.DataFrame, clusters: int, seed: int) -> Any:
    from pyspark.ml import Pipeline
    from pyspark.ml.clustering import KMeans
    from pyspark.ml.feature import StandardScaler, VectorAssembler

    stages: list[Any] = [
        VectorAssembler(inputCols=list(TRAITS), outputCol="plain"),
        StandardScaler(inputCol="plain", outputCol="scaled", withMean=True),
        KMeans(featuresCol="scaled", predictionCol="cluster", k=clusters, seed=seed),
    ]
    return Pipeline(stages=stages).fit(_spark_frame(session, traits))


def _placed(session: "SparkSession", traits: pl.DataFrame, pipeline: Any) -> Any:
    from pyspark.ml.functions import vector_to_array
    from pyspark.sql import functions

    rows = pipeline.transform(_spark_frame(session, traits))
    chosen = rows.select("place", vector_to_array(functions.col("scaled")).alias("scaled"), "cluster")
    return chosen.toArrow().sort_by("place")


def _spark_frame(session: "SparkSession", traits: pl.DataFrame) -> "DataFrame":
    placed = traits.select(TRAITS).with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("place"))
    return session.createDataFrame(placed.to_arrow()).coalesce(1)


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


def _named(centres: Any) -> list[str]:
    """A cluster in words: the two traits that set its centre apart most."""
    return [_reasons(np.asarray(centre), joined=" and ") for centre in centres]


def _reasons(scaled: Any, joined: str = "; ") -> str:
    first = np.argsort(-np.abs(scaled), kind="stable")[:2]
    return joined.join(f"{'high' if scaled[i] > 0 else 'low'} {TRAITS[i]}" for i in first)
