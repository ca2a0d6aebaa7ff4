"""Descriptive: which series of sensor readings behave alike, whatever they measure."""

import polars as pl

from core.dataset import BLOB_COLUMN, ColumnType, Dataset
from processing.models.clusters import GroupModel, defined

MIN_SERIES = 8
MIN_READINGS = 20
TRAITS = ("spread", "skew", "peakedness", "smoothness", "outliers", "zeros", "variety")
"""Free of unit and scale: spread and shape of the values, likeness of neighbours, shares of outliers, zeros, values."""

_MAD_TO_DEVIATION = 1.4826
_OUTLIER_DEVIATIONS = 3.0


class SensorModel(GroupModel):
    """Groups the series of each sensor and column by their traits."""

    name = "sensor_groups"
    dataset = "sensor_reading"
    description = "Groups of sensor series that behave alike: steady, spiky, cyclic, switching."
    trait_names = TRAITS
    identity = ("series", "column")
    subject = f"series of {MIN_READINGS} readings or more"
    least = MIN_SERIES

    def traits(self, rows: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
        return series_traits(rows, dataset)


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
            *(defined(expression).alias(trait) for trait, expression in traits.items()),
        )
        .filter(pl.col("readings") >= MIN_READINGS)
    )
