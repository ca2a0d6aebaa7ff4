"""Descriptive: what the columns of a dataset hold: how much is filled in, how it is spread, what goes with what."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import polars as pl

from core.dataset import FINGERPRINT_SUFFIX, MASK_SUFFIX, Column, ColumnType, Dataset
from processing.models.model import Fitted, Model, ModelKind, too_few
from processing.models.seasonality import seasonality

PREFIX = "profile_of_"
BINS, TOP = 20, 5
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
MOST_NUMERIC = 60
MIN_PAIRS = 30
LEAST_CORRELATION = 0.1

_NUMBERS = (ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.MONEY)
_TIMES = (ColumnType.DATE, ColumnType.TIMESTAMP)
_WORDS = (ColumnType.KEYWORD, ColumnType.BOOLEAN)
_VALUE_CHARS = 60
_SCHEMA = {
    "column": pl.String(),
    "type": pl.String(),
    "filled": pl.Int64(),
    "missing": pl.Float64(),
    "distinct": pl.Int64(),
    "least": pl.String(),
    "p05": pl.Float64(),
    "p25": pl.Float64(),
    "median": pl.Float64(),
    "p75": pl.Float64(),
    "p95": pl.Float64(),
    "greatest": pl.String(),
    "mean": pl.Float64(),
    "deviation": pl.Float64(),
    "histogram": pl.List(pl.Int64()),
    "top": pl.String(),
    "seasonality_of_hours": pl.Float64(),
    "seasonality_of_weekdays": pl.Float64(),
    "fullest_hour": pl.Int64(),
    "fullest_weekday": pl.String(),
}


class ProfileModel(Model):
    """Measures every column that has a value.

    Args:
        dataset: Whose columns.
    """

    kind = ModelKind.DESCRIPTIVE
    needs_spark = False

    def __init__(self, dataset: str) -> None:
        self.name, self.dataset = f"{PREFIX}{dataset}", dataset
        self.description = "What its columns hold: how much is filled in, how it is spread, when it comes."

    def fit(self, session: Any, dataset: Dataset, rows: pl.DataFrame, seed: int) -> Fitted:  # noqa: ARG002 - the port's
        columns = _filled(rows, dataset)
        if not columns:
            raise too_few(self.name, "columns with a value", 1, 0)
        pairs = correlations(rows, columns)
        cells = rows.height * len(dataset.columns)
        filled = sum(rows.height - rows[column.name].null_count() for column in columns)
        metrics: dict[str, float | int] = {
            "share_of_cells_filled": filled / cells,
            "columns_filled": len(columns),
            "correlated_pairs": len(pairs),
            "rows": rows.height,
        }
        shares = {column.name: 1 - rows[column.name].null_count() / rows.height for column in columns}
        return Fitted(None, {"filled": shares, "pairs": [list(pair) for pair in pairs]}, metrics, "")

    def score(self, session: Any, dataset: Dataset, rows: pl.DataFrame, fitted: Fitted) -> pl.DataFrame:  # noqa: ARG002
        """A row a column that has a value, in the dataset's order.

        ``column``, ``type``, ``filled``, ``missing`` (the share), ``distinct`` (by HyperLogLog; of a personal column of
        its fingerprints), ``least``, quantiles, ``greatest``, ``mean``, ``deviation``, ``histogram`` (how many in each
        of twenty equal parts from the 1st to the 99th in a hundred), ``top`` (the values that most rows have; of
        personal data as it is masked) and, of the event time, by how much the hour of the day and the day of the week
        tell how many rows come (0 not at all, 1 wholly), with the fullest of each.
        """
        found = [_measured(rows, column, dataset) for column in _filled(rows, dataset)]
        return pl.DataFrame(found, schema=_SCHEMA, orient="row")

    def explain(self, fitted: Fitted) -> pl.DataFrame:
        """``feature``, ``other`` and ``weight``: the correlation of two numeric columns by rank, the strongest first.

        Where none goes with another: each column, and what share of it is filled.
        """
        schema = {"feature": pl.String(), "other": pl.String(), "weight": pl.Float64()}
        pairs = fitted.plan["pairs"] or [[name, None, share] for name, share in fitted.plan["filled"].items()]
        return pl.DataFrame(pairs, schema=schema, orient="row").sort(
            pl.col("weight").abs(), "feature", "other", descending=[True, False, False]
        )


def correlations(rows: pl.DataFrame, columns: list[Column]) -> list[tuple[str, str, float]]:
    """Pairs of numeric columns that go together or against each other, by Spearman's rank correlation."""
    numeric = [c.name for c in columns if c.type in _NUMBERS and not c.is_sealed][:MOST_NUMERIC]
    values = rows.select(_finite(pl.col(name)).alias(name) for name in numeric)
    found = []
    for place, one in enumerate(numeric):
        for other in numeric[place + 1 :]:
            both = values.select(one, other).drop_nulls()
            if both.height < MIN_PAIRS:
                continue
            strength = both.select(pl.corr(one, other, method="spearman")).item()
            if strength is not None and np.isfinite(strength) and abs(strength) >= LEAST_CORRELATION:
                found.append((one, other, float(strength)))
    return found


def _filled(rows: pl.DataFrame, dataset: Dataset) -> list[Column]:
    return [c for c in dataset.columns if c.name in rows.columns and rows[c.name].null_count() < rows.height]


def _finite(values: pl.Expr) -> pl.Expr:
    number = values.cast(pl.Float64)
    return pl.when(number.is_finite()).then(number)


def profiles_of(datasets: Iterable[str]) -> tuple[ProfileModel, ...]:
    """A profile of each of those datasets."""
    return tuple(ProfileModel(name) for name in datasets)


def _measured(rows: pl.DataFrame, column: Column, dataset: Dataset) -> dict[str, Any]:
    values = rows[column.name].drop_nulls()
    told = rows[column.name + FINGERPRINT_SUFFIX].drop_nulls() if column.is_sealed else values
    measured: dict[str, Any] = {
        "column": column.name,
        "type": column.type.value,
        "filled": len(values),
        "missing": 1 - len(values) / rows.height,
        "distinct": min(int(str(told.approx_n_unique())), len(told)),
    }
    if column.is_sealed:
        return measured | _top(rows[column.name + MASK_SUFFIX].drop_nulls())
    if column.type in _NUMBERS:
        return measured | _numbers(values.to_frame("x").select(_finite(pl.col("x"))).to_series().drop_nulls())
    if column.type in _TIMES:
        season = seasonality(values) if column.name == dataset.event_time else {}
        return measured | {"least": str(values.min()), "greatest": str(values.max())} | _histogram(values) | season
    return measured | (_top(values.cast(pl.String)) if column.type in _WORDS else {})


def _numbers(values: pl.Series) -> dict[str, Any]:
    if values.is_empty():
        return {}
    quantiles = (values.quantile(at, "linear") for at in QUANTILES)
    return {
        "least": f"{float(str(values.min())):.6g}",
        "greatest": f"{float(str(values.max())):.6g}",
        "mean": values.mean(),
        "deviation": values.std(),
        **dict(zip(("p05", "p25", "median", "p75", "p95"), quantiles, strict=True)),
        **_top(values.cast(pl.String) if values.n_unique() <= BINS else pl.Series(dtype=pl.String)),
        **_histogram(values),
    }


def _histogram(values: pl.Series) -> dict[str, Any]:
    """Of the middle 98 in a hundred; what is beyond counts with the last bin, so that one wild value hides nothing."""
    numbers = values.cast(pl.Int64).cast(pl.Float64) if values.dtype.is_temporal() else values.cast(pl.Float64)
    low, high = float(str(numbers.quantile(0.01))), float(str(numbers.quantile(0.99)))
    if not np.isfinite(high - low) or high <= low:
        return {"histogram": [len(numbers)]}
    counts, _ = np.histogram(np.clip(numbers.to_numpy(), low, high), bins=BINS, range=(low, high))
    return {"histogram": counts.tolist()}


def _top(values: pl.Series) -> dict[str, Any]:
    if values.is_empty():
        return {}
    counts = values.alias("value").value_counts(name="n").sort("n", "value", descending=[True, False]).head(TOP)
    return {"top": ", ".join(f"{value[:_VALUE_CHARS]} ({count:,})" for value, count in counts.iter_rows())}
