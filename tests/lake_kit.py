"""What the tests of kept views share: a dataset, a view of every kind of state, and lake rows by number."""

import polars as pl
from engine_kit import lake_rows

from core.dataset import Column, ColumnType, Dataset
from processing import Count, Distinct, LocalEngine, Mean, Quantiles, Top, View
from processing.state import finish

EVENT = Dataset(
    "event",
    "Something that happened.",
    (Column("at", ColumnType.TIMESTAMP), Column("kind", ColumnType.KEYWORD), Column("size", ColumnType.NUMBER)),
    event_time="at",
)
VIEW = View(
    name="events",
    dataset="event",
    dimensions=("kind",),
    metrics=(
        Count(name="events"),
        Mean(name="size_mean", column="size"),
        Distinct(name="kinds", column="kind"),
        Quantiles(name="size", column="size"),
        Top(name="kind_top", column="kind"),
    ),
)


def batch(number: int, count: int = 50) -> pl.DataFrame:
    """The lake rows of that number."""
    position = pl.int_range(pl.len(), dtype=pl.Int64).alias("_row")
    return lake_rows(EVENT, count, seed=number).with_columns(pl.lit(f"{number:064x}").alias("_blob"), position)


def expected(*batches: int) -> pl.DataFrame:
    """The view's rows of these batches, in one pass."""
    return finish(VIEW, EVENT, LocalEngine().state_of_frames(VIEW, EVENT, [batch(n) for n in batches]))
