"""The state of a view: one row a group, its keys and its parts; how states merge, and what people read of them."""

from collections.abc import Callable, Iterable, Sequence

import polars as pl

from core.dataset import Dataset
from processing import answers
from processing.parts import Merge, Part
from processing.view import View

UNIONS: dict[Merge, Callable[[Sequence[bytes]], bytes]] = {
    Merge.SKETCH: answers.union,
    Merge.THETA: answers.theta_united,
}
"""Sketches, and what makes one of several."""
WITHOUT_GROUP = "_all"
"""A key that stands in where a view has none."""


def group_keys(view: View) -> list[str]:
    """The columns that make a group; of a view without keys a constant."""
    return list(view.keys) or [WITHOUT_GROUP]


def state_schema(view: View, dataset: Dataset) -> pl.Schema:
    """The schema of a view's state: its keys, then its parts."""
    parts = {part.name: part.dtype for part in view.parts(dataset)}
    return pl.Schema(view.key_types(dataset) | parts)


def empty_state(view: View, dataset: Dataset) -> pl.DataFrame:
    """The state of no rows."""
    return pl.DataFrame(schema=state_schema(view, dataset))


def merge(view: View, dataset: Dataset, states: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """One state of several; in which order does not matter, nor how the rows were split among them."""
    schema = state_schema(view, dataset)
    several = pl.concat([pl.DataFrame(schema=schema), *(state.select(schema.names()) for state in states)])
    if not view.keys:
        several = several.with_columns(pl.lit(0).alias(WITHOUT_GROUP))
    merged = merged_parts(several, group_keys(view), view.parts(dataset))
    return merged.select(pl.col(name).cast(dtype) for name, dtype in schema.items())


def merged_parts(several: pl.DataFrame, keys: list[str], parts: Sequence[Part]) -> pl.DataFrame:
    """One row a group of several, with those of a state's parts that are given."""
    merged = several.group_by(keys).agg(_merging(part) for part in parts)
    for part in parts:
        if part.merge in UNIONS:
            merged = merged.with_columns(_united(merged[part.name], UNIONS[part.merge]))
        elif part.merge is Merge.HISTOGRAM:
            merged = merged.drop(part.name).join(
                packed(several.select(*keys, part.name).explode(part.name).unnest(part.name), keys, part),
                on=keys,
                how="left",
                nulls_equal=True,
            )
    return merged


def packed(counts: pl.DataFrame, keys: list[str], part: Part) -> pl.DataFrame:
    """Rows of keys, ``value`` and ``count`` as one histogram a group, sorted by value."""
    assert isinstance(part.dtype, pl.List)  # noqa: S101 - a histogram is a list of values with their counts
    return (
        counts.filter(pl.col("value").is_not_null())
        .group_by(*keys, "value")
        .agg(pl.col("count").sum())
        .sort("value")
        .group_by(keys, maintain_order=True)
        .agg(pl.struct("value", "count").alias(part.name).cast(part.dtype.inner))
    )


def at_the_edge(name: str, merge: Merge) -> pl.Expr:
    """Of values with their moments the earliest or the latest; null where there is none."""
    moment, value = (pl.col(name).struct.field(field) for field in ("at", "value"))
    if merge is Merge.EARLIEST:
        return pl.col(name).sort_by(moment, value, nulls_last=True).first()
    return pl.col(name).sort_by(moment, value, nulls_last=False).last()


def finish(view: View, dataset: Dataset, state: pl.DataFrame) -> pl.DataFrame:
    """The view's rows: its keys, metrics and ratios, in a stable order (null first, text by code point)."""
    if not view.keys and state.is_empty():
        return pl.DataFrame(schema=_answer_schema(view, dataset, state))
    columns = [state[key] for key in view.keys]
    columns += [series for metric in view.metrics for series in metric.answer(state, dataset)]
    rows = pl.DataFrame(columns)
    for ratio in view.ratios:
        over = pl.col(ratio.denominator).cast(pl.Float64)
        whole = pl.col(ratio.numerator).cast(pl.Float64) / over
        rows = rows.with_columns(pl.when(over != 0.0).then(whole).alias(ratio.name))
    order = [view.order_by, *view.keys] if view.order_by else list(view.keys)
    if order:
        descending = [column == view.order_by for column in order]
        rows = rows.sort(order, descending=descending, nulls_last=descending)
    return rows if view.limit is None else rows.head(view.limit)


def _answer_schema(view: View, dataset: Dataset, state: pl.DataFrame) -> dict[str, pl.DataType]:
    series = [series for metric in view.metrics for series in metric.answer(state, dataset)]
    return {each.name: each.dtype for each in series} | {ratio.name: pl.Float64() for ratio in view.ratios}


def _merging(part: Part) -> pl.Expr:
    column = pl.col(part.name)
    if part.merge in (Merge.EARLIEST, Merge.LATEST):
        return at_the_edge(part.name, part.merge)
    if part.merge in UNIONS:
        return column.drop_nulls()
    by_merge = {
        Merge.ADD: column.sum(),
        Merge.LEAST: column.min(),
        Merge.GREATEST: column.max(),
        Merge.HISTOGRAM: column.first(),  # replaced by the caller, which has to go below the group
    }
    return by_merge[part.merge]


def _united(lists: pl.Series, union: Callable[[Sequence[bytes]], bytes]) -> pl.Series:
    united: list[bytes | None] = []
    for sketches in lists.to_list():
        if not sketches:
            united.append(None)
        else:
            united.append(sketches[0] if len(sketches) == 1 else union(sketches))
    return pl.Series(lists.name, united, dtype=pl.Binary)
