"""Views of ten million rows in the lake: by each of our engines, and the same aggregation written by hand.

The rows are what shops sell: hourly windows, two dimensions, money and measurements. What is written by hand is what a
person who knows the engine would write over the same files: Polars' streaming engine, Spark's own functions, both to
rows in this process. Ours gives sums that are exact whatever the order; theirs gives what doubles give.

Ours keeps sketches and histograms that merge with those of other rows. What people write for Polars is its exact
`n_unique` and `quantile`, whose answers cannot be merged; they are faster than sketches by hand, so ours must keep up
with them. Beside them stand, promising nothing, `approx_n_unique`, which is a sketch that is thrown away, and sketches
of DataSketches by hand, which can be merged as ours can.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from datasketches import HLL_8, hll_sketch
from measure import Comparison, Figure, compare

from core.dataset import Column, ColumnType, Dataset
from core.frames import lake_schema
from processing import (
    Count,
    Distinct,
    Engine,
    LakeTable,
    LocalEngine,
    Max,
    Mean,
    Metric,
    Min,
    Quantiles,
    SparkEngine,
    Sum,
    Variance,
    View,
    lake_table,
)
from storage import DeltaLake

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn

FILES = 10
ROWS_OF_FILE = 1_000_000
PROMISED = 0.8
DAYS = 14
SHOPS = 8
KINDS = 5
CUSTOMERS = 50_000
SALE = Dataset(
    "sale",
    "What was sold.",
    (
        Column("at", ColumnType.TIMESTAMP),
        Column("shop", ColumnType.KEYWORD),
        Column("kind", ColumnType.KEYWORD),
        Column("customer", ColumnType.KEYWORD),
        Column("price", ColumnType.MONEY),
        Column("weight", ColumnType.NUMBER),
        Column("pieces", ColumnType.INTEGER),
    ),
    event_time="at",
)


@dataclass(frozen=True, slots=True)
class Written:
    """Metrics as we declare them, and what a person writes for them.

    Attributes:
        name: In words.
        metrics: Ours.
        polars: By hand for Polars.
        spark: By hand for Spark, made when there is a session.
    """

    name: str
    metrics: tuple[Metric, ...]
    polars: tuple[pl.Expr, ...]
    spark: Callable[[Any], "Sequence[SparkColumn]"]


WRITTEN = (
    Written(
        "counts, sums, means and extremes",
        (
            Count(name="sales"),
            Sum(name="revenue", column="price"),
            Mean(name="weight_mean", column="weight"),
            Min(name="weight_min", column="weight"),
            Max(name="weight_max", column="weight"),
            Sum(name="pieces_sum", column="pieces"),
        ),
        (
            pl.len().alias("sales"),
            pl.col("price").sum().alias("revenue"),
            pl.col("weight").mean().alias("weight_mean"),
            pl.col("weight").min().alias("weight_min"),
            pl.col("weight").max().alias("weight_max"),
            pl.col("pieces").sum().alias("pieces_sum"),
        ),
        lambda f: (
            f.count("*").alias("sales"),
            f.sum("price").alias("revenue"),
            f.avg("weight").alias("weight_mean"),
            f.min("weight").alias("weight_min"),
            f.max("weight").alias("weight_max"),
            f.sum("pieces").alias("pieces_sum"),
        ),
    ),
    Written(
        "variances",
        (Count(name="sales"), Variance(name="weight_variance", column="weight")),
        (pl.len().alias("sales"), pl.col("weight").var().alias("weight_variance")),
        lambda f: (f.count("*").alias("sales"), f.var_samp("weight").alias("weight_variance")),
    ),
    Written(
        "quantiles",
        (Quantiles(name="weight", column="weight"),),
        (
            pl.col("weight").quantile(0.5).alias("weight_p50"),
            pl.col("weight").quantile(0.95).alias("weight_p95"),
        ),
        lambda f: (f.percentile("weight", f.array(f.lit(0.5), f.lit(0.95))).alias("weight"),),
    ),
    Written(
        "distinct values",
        (Distinct(name="customers", column="customer"),),
        (pl.col("customer").n_unique().alias("customers"),),
        lambda f: (f.hll_sketch_estimate(f.hll_sketch_agg("customer", 12)).alias("customers"),),
    ),
)


def figures(folder: Path) -> Iterator[Figure]:
    """Fills a lake, then asks both engines for each view, ours and by hand in turn."""
    lake = DeltaLake(str(folder / "lake"))
    for number in range(FILES):
        lake.append(SALE, sales(number), number + 1)
    table = lake_table(lake, SALE)
    local, spark = LocalEngine(), SparkEngine(folder / "spark", memory="2g")
    try:
        for written in WRITTEN:
            yield _compared(f"Polars: {written.name}", Pair(local, written, table, _by_polars), PROMISED)
            yield _compared(f"Spark: {written.name}", Pair(spark, written, table, partial(_by_spark, spark)), PROMISED)
        for name, by_hand in {"approx_n_unique": _approximately, "sketches of DataSketches": _by_sketches}.items():
            yield _compared(f"Polars: distinct values, beside {name}", Pair(local, WRITTEN[-1], table, by_hand), 0.0)
    finally:
        spark.close()


def sales(number: int, rows: int = ROWS_OF_FILE) -> pl.DataFrame:
    """Made-up sales in the lake's schema, the same for the same number."""
    dice = np.random.default_rng(number)
    micros = np.sort(dice.integers(0, DAYS * 86_400_000_000, rows))
    made = {
        "_blob": pl.repeat(f"{number:064x}", rows, eager=True),
        "_row": pl.int_range(rows, eager=True),
        "at": pl.Series(1_767_225_600_000_000 + micros).cast(pl.Datetime("us", "UTC")),
        "shop": _names("shop", dice.integers(0, SHOPS, rows)),
        "kind": _names("kind", dice.integers(0, KINDS, rows)),
        "customer": _names("customer", dice.integers(0, CUSTOMERS, rows)),
        "price": pl.Series(dice.integers(1, 10_000_000, rows)).cast(pl.Decimal(18, 0)) / 10_000,
        "weight": pl.Series(np.round(dice.lognormal(1, 1, rows), 3)),
        "pieces": pl.Series(dice.integers(1, 20, rows)),
    }
    schema = lake_schema(SALE)
    return pl.DataFrame(made | {"_rescued": pl.repeat(None, rows, dtype=pl.String, eager=True)}).select(
        pl.col(name).cast(dtype) for name, dtype in schema.items()
    )


def _names(kind: str, numbers: Any) -> pl.Series:
    return pl.Series(numbers).cast(pl.String).str.zfill(6).str.replace("^", f"{kind} ")


@dataclass(frozen=True, slots=True)
class Pair:
    """The same metrics by an engine and by hand."""

    engine: Engine
    written: Written
    table: LakeTable
    by_hand: Callable[[LakeTable, Written], pl.DataFrame]

    def ours(self) -> pl.DataFrame:
        metrics = self.written.metrics
        view = View(name="sales", dataset="sale", window="1h", dimensions=("shop", "kind"), metrics=metrics)
        return self.engine.rows(view, self.table)

    def bare(self) -> pl.DataFrame:
        return self.by_hand(self.table, self.written)


def _compared(name: str, pair: Pair, promised: float) -> Figure:
    if (ours := pair.ours().height) != (theirs := pair.bare().height):
        raise AssertionError(f"{name}: {ours} groups of ours, {theirs} by hand")
    rows = FILES * ROWS_OF_FILE
    return compare(Comparison(f"{name}, {rows:,} rows", rows, "rows", pair.ours, pair.bare, promised))


def _by_polars(table: LakeTable, written: Written) -> pl.DataFrame:
    return _grouped(table, written.polars)


def _approximately(table: LakeTable, written: Written) -> pl.DataFrame:  # noqa: ARG001 - called as the others are
    return _grouped(table, [pl.col("customer").approx_n_unique().alias("customers")])


def _by_sketches(table: LakeTable, written: Written) -> pl.DataFrame:  # noqa: ARG001 - called as the others are
    groups = _grouped(table, [pl.col("customer")])
    return groups.with_columns(pl.Series("customers", [_estimate(each.to_list()) for each in groups["customer"]]))


def _estimate(values: list[str]) -> float:
    sketch = hll_sketch(12, HLL_8)
    for value in values:
        sketch.update(value)
    return float(sketch.get_estimate())


def _grouped(table: LakeTable, metrics: Sequence[pl.Expr]) -> pl.DataFrame:
    keys = [pl.col("at").dt.truncate("1h").alias("window"), "shop", "kind"]
    query = pl.scan_parquet(list(table.files)).group_by(keys).agg(metrics).sort("window", "shop", "kind")
    return query.collect(engine="streaming")


def _by_spark(spark: SparkEngine, table: LakeTable, written: Written) -> pl.DataFrame:
    from pyspark.sql import functions

    rows = spark.spark.session().read.parquet(*table.files)
    window = functions.date_trunc("hour", "at").alias("window")
    found = rows.groupBy(window, "shop", "kind").agg(*written.spark(functions)).orderBy("window", "shop", "kind")
    frame = pl.from_arrow(found.toArrow())
    assert isinstance(frame, pl.DataFrame)
    return frame
