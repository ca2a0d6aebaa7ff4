"""The series among sensor readings: who measured what, in the order of time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import polars as pl

from core.dataset import BLOB_COLUMN, ROW_COLUMN, ColumnType, Dataset
from processing.models.quality import Numbers
from processing.models.running import LARGEST

LABEL = "anomaly"
"""The column that says whether a reading is known to be abnormal: no series of its own."""

_LONG_FORM = "value"  # the column whose `metric` says what was measured
_MICROSECONDS = 1e6


@dataclass(frozen=True, slots=True)
class Series:
    """The readings of one sensor (or, where none is named, blob) and column.

    Attributes:
        name: The sensor or the blob.
        column: What was measured.
        times: Seconds since the epoch, ascending; NaN where unknown, which come last.
        values: What was read, cut at `LARGEST`.
        labels: Whether a reading is known to be abnormal (1) or not (0); NaN where nobody said.
    """

    name: str
    column: str
    times: Numbers
    values: Numbers
    labels: Numbers

    def moment(self, place: int) -> datetime | None:
        """When the reading of that place was taken."""
        seconds = self.times[place]
        return datetime.fromtimestamp(float(seconds), UTC) if np.isfinite(seconds) else None


def series_of(rows: pl.DataFrame, dataset: Dataset, least: int) -> Iterator[Series]:
    """All series of at least so many readings, by name and column."""
    for name in sorted(_measured(rows, dataset)):
        column = pl.coalesce("metric", pl.lit(name)) if _has_metrics(rows, name) else pl.lit(name)
        readings = (
            rows.lazy()
            .select(
                pl.coalesce("sensor_id", BLOB_COLUMN).alias("series"),
                column.alias("column"),
                (pl.col("time").dt.epoch("us") / _MICROSECONDS).fill_null(np.nan).alias("time"),
                pl.col(BLOB_COLUMN, ROW_COLUMN),
                pl.col(name).cast(pl.Float64).alias("value"),
                _label(rows).alias("label"),
            )
            .filter(pl.col("value").is_finite())
            .with_columns(pl.col("value").clip(-LARGEST, LARGEST))
            .sort("series", "column", "time", BLOB_COLUMN, ROW_COLUMN, nulls_last=True)
            .group_by("series", "column", maintain_order=True)
            .agg("time", "value", "label")
            .filter(pl.col("value").list.len() >= least)
            .collect()
        )
        for own in readings.iter_slices(1):
            times, values, labels = (own[part].explode().to_numpy() for part in ("time", "value", "label"))
            yield Series(own["series"][0], own["column"][0], times, values, labels)


def _measured(rows: pl.DataFrame, dataset: Dataset) -> list[str]:
    return [
        column.name
        for column in dataset.columns
        if column.type is ColumnType.NUMBER
        and not column.is_sealed
        and column.name != LABEL
        and column.name in rows.columns
        and rows[column.name].null_count() < rows.height
    ]


def _has_metrics(rows: pl.DataFrame, name: str) -> bool:
    return name == _LONG_FORM and "metric" in rows.columns


def _label(rows: pl.DataFrame) -> pl.Expr:
    if LABEL not in rows.columns:
        return pl.lit(np.nan)
    return pl.when(pl.col(LABEL).is_finite()).then(pl.col(LABEL) > 0).cast(pl.Float64).fill_null(np.nan)
