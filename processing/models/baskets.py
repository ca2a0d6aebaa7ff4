"""What one person, visit or connection did: which things, and in which order."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from core.dataset import BLOB_COLUMN, FINGERPRINT_SUFFIX, ROW_COLUMN, Dataset

GROUP, ITEM, PLACE = "group", "item", "place"
MOST_ITEMS = 12
"""Of one set. A set of 12 has 4,096 subsets, all of which may be frequent; of 40 there are more than fit anywhere."""

MOST_STEPS = 50
"""Of one sequence."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where sets and sequences are read from.

    Attributes:
        dataset: Whose rows.
        by: Whose they are: the first of these column groups of which a row has all, of a sealed one its fingerprint.
        item: The column with what was done.
        split: What parts several items in one value; None where a value is one.
        until: The character at which an item ends, as the address at its question mark; None where it does not.
        names: The column that says an item in words; None where items are words.
        pause: The minutes without a step after which another begins; None where all is one.
        visit: The columns among `by` that tell one from another already, whatever the pauses.
    """

    dataset: str
    by: tuple[tuple[str, ...], ...]
    item: str
    split: str | None = None
    until: str | None = None
    names: str | None = None
    pause: int | None = None
    visit: tuple[str, ...] = ()


def steps(rows: pl.DataFrame, dataset: Dataset, source: Source) -> pl.DataFrame:
    """``group``, ``item`` and ``place``: by whom what was done, in the order of time, as far as rows say so."""
    if source.item not in rows.columns:
        return pl.DataFrame(schema={GROUP: pl.String(), ITEM: pl.String(), PLACE: pl.UInt32()})
    time = pl.col(dataset.event_time) if dataset.event_time else pl.lit(None, dtype=pl.Datetime("us", "UTC"))
    told = rows.select(
        _group(rows, dataset, source).alias(GROUP),
        _items(source).alias(ITEM),
        time.cast(pl.Datetime("us", "UTC")).alias("time"),
        BLOB_COLUMN,
        ROW_COLUMN,
    ).drop_nulls([GROUP, ITEM])
    told = told.sort(GROUP, "time", BLOB_COLUMN, ROW_COLUMN, nulls_last=True)
    if source.pause:
        paused = (pl.col("time") - pl.col("time").shift(1)).over(GROUP) > pl.duration(minutes=source.pause)
        number = paused.fill_null(value=False).cum_sum().over(GROUP)
        is_visit = pl.col(GROUP).str.starts_with(_kind(source.visit))
        parted = pl.concat_str(GROUP, number, separator="#")
        told = told.with_columns(pl.when(is_visit).then(GROUP).otherwise(parted).alias(GROUP))
    each = told.explode(ITEM, empty_as_null=True, keep_nulls=False) if told.height else told.cast({ITEM: pl.String()})
    each = each.with_columns(pl.col(ITEM).str.strip_chars()).filter(pl.col(ITEM) != "")
    return each.select(GROUP, ITEM, pl.int_range(pl.len(), dtype=pl.UInt32).over(GROUP).alias(PLACE))


def sets(done: pl.DataFrame) -> pl.DataFrame:
    """``group`` and ``items``: what each did, once each; of many items those that most others did, too."""
    counted = done.select(GROUP, ITEM).unique().with_columns(pl.len().over(ITEM).alias("n"))
    common = counted.sort("n", ITEM, descending=[True, False])
    return common.group_by(GROUP, maintain_order=True).agg(pl.col(ITEM).head(MOST_ITEMS).alias("items")).sort(GROUP)


def sequences(done: pl.DataFrame) -> pl.DataFrame:
    """``group`` and ``items`` in order; what is done again at once counts once."""
    is_new = (pl.col(ITEM) != pl.col(ITEM).shift(1).over(GROUP)).fill_null(value=True)
    ordered = done.filter(is_new).group_by(GROUP, maintain_order=True).agg(pl.col(ITEM).head(MOST_STEPS).alias("items"))
    return ordered.sort(GROUP)


def names_of(rows: pl.DataFrame, source: Source) -> Mapping[str, str]:
    """Item → what it is called, where rows with that item alone say so."""
    if source.names is None or not {source.item, source.names} <= set(rows.columns):
        return {}
    single = rows.select(pl.col(source.item).alias(ITEM), pl.col(source.names).alias("name")).drop_nulls()
    return dict(single.group_by(ITEM).agg(pl.col("name").mode().sort().first()).iter_rows())


def _group(rows: pl.DataFrame, dataset: Dataset, source: Source) -> pl.Expr:
    found = []
    for columns in source.by:
        told = [
            name + FINGERPRINT_SUFFIX if name in dataset and dataset.column(name).is_sealed else name
            for name in columns
        ]
        if set(told) <= set(rows.columns):
            found.append(pl.concat_str(pl.lit(_kind(columns)), *told, separator="|"))
    return pl.coalesce(found) if found else pl.lit(None, dtype=pl.String)


def _kind(columns: tuple[str, ...]) -> str:
    """How groups begin that are told apart by these columns."""
    return f"{' '.join(columns)}|"


def _items(source: Source) -> pl.Expr:
    """The items of a row, as a list."""
    whole = pl.col(source.item)
    if source.until:
        whole = whole.str.split(source.until).list.first()
    return whole.str.split(source.split) if source.split else pl.concat_list(whole)
