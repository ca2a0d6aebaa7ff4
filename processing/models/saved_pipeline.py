"""A trained pipeline applied: to a table, or to a micro-batch of a stream, by the same stages to the same last digit.

All that depends on more than one row at a time is learned before and kept with the pipeline; Spark then does each row
alone, in the driver's machine or in any other, so that it does not matter in whose company a row comes.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import polars as pl

from core.dataset import BLOB_COLUMN, ROW_COLUMN, Dataset
from processing.models.features import FeaturePlan, features
from processing.models.model import identities

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.ml import PipelineModel
    from pyspark.sql import DataFrame, SparkSession

SCALED, MARGIN = "scaled", "margin"
"""The vector that the last stage takes, and the log-odds that it gives."""

_PLACE = "place"
_IDENTITY = ("_id", BLOB_COLUMN, ROW_COLUMN)


def spark_names(plan: FeaturePlan) -> dict[str, str]:
    """Feature → a name that no Spark stage stumbles over, whatever the column is called."""
    numbers = {name: f"n{i}" for i, name in enumerate(plan.numbers)}
    return numbers | {name: f"c{i}" for i, name in enumerate(plan.categories)}


def spark_frame(session: "SparkSession", known: pl.DataFrame, plan: FeaturePlan) -> "DataFrame":
    """Features, and whatever columns stand beside them, in Spark."""
    return session.createDataFrame(known.rename(spark_names(plan)).to_arrow())


def applied_to_table(
    session: "SparkSession", known: pl.DataFrame, plan: FeaturePlan, pipeline: "PipelineModel"
) -> pl.DataFrame:
    """`SCALED` and `MARGIN` of each row of features, in their order."""
    place = pl.int_range(pl.len(), dtype=pl.Int64).alias(_PLACE)
    return _applied(spark_frame(session, known.with_columns(place), plan), pipeline, [_PLACE]).sort(_PLACE)


def applied_to_pieces(
    pieces: "DataFrame", dataset: Dataset, plan: FeaturePlan, pipeline: "PipelineModel", *, after: int
) -> pl.DataFrame:
    """The identities, features, `SCALED` and `MARGIN` of the rows of a stream, in no promised order.

    Args:
        pieces: Pieces of versions, as `lake_source` gives them.
        dataset: Whose rows count.
        plan: The features.
        pipeline: What is applied.
        after: Only versions after this one count.
    """
    names = spark_names(plan)

    def mapped(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        yield from _features_of(batches, dataset, plan, after)

    carried = [*_IDENTITY, *names.values()]
    table = _applied(pieces.mapInArrow(mapped, _spark_schema(plan)), pipeline, carried)
    return table.rename({short: name for name, short in names.items()})


def _applied(rows: "DataFrame", pipeline: "PipelineModel", carried: Sequence[str]) -> pl.DataFrame:
    from pyspark.ml.functions import vector_to_array
    from pyspark.sql import functions

    said = pipeline.transform(rows).select(
        *carried,
        vector_to_array(functions.col("scaled")).alias(SCALED),
        vector_to_array(functions.col("rawPrediction"))[1].alias(MARGIN),
    )
    return pl.DataFrame(said.toArrow())


def _features_of(
    batches: "Iterator[pa.RecordBatch]", dataset: Dataset, plan: FeaturePlan, after: int
) -> "Iterator[pa.RecordBatch]":
    from processing.lake_source import unpacked

    schema = _polars_schema(plan)
    for batch in batches:
        for piece in batch.to_pylist():
            if piece["dataset"] != dataset.name or piece["rows"] is None or piece["version"] <= after:
                continue
            rows = unpacked(piece["rows"])
            known = features(rows, dataset, plan).rename(spark_names(plan))
            found = pl.concat([identities(dataset, rows), known], how="horizontal").cast(schema)
            # Spark takes no large strings from here
            yield from found.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(_arrow_schema(plan)).to_batches()


def _polars_schema(plan: FeaturePlan) -> pl.Schema:
    identity: dict[str, pl.DataType] = {"_id": pl.String(), BLOB_COLUMN: pl.String(), ROW_COLUMN: pl.Int64()}
    names = spark_names(plan)
    numbers: dict[str, pl.DataType] = {names[name]: pl.Float64() for name in plan.numbers}
    return pl.Schema(identity | numbers | {names[name]: pl.String() for name in plan.categories})


def _arrow_schema(plan: FeaturePlan) -> "pa.Schema":
    import pyarrow as pa

    types = {pl.String(): pa.string(), pl.Int64(): pa.int64(), pl.Float64(): pa.float64()}
    return pa.schema([(name, types[kind]) for name, kind in _polars_schema(plan).items()])


def _spark_schema(plan: FeaturePlan) -> str:
    types = {pl.String(): "string", pl.Int64(): "bigint", pl.Float64(): "double"}
    return ", ".join(f"{name} {types[kind]}" for name, kind in _polars_schema(plan).items())
