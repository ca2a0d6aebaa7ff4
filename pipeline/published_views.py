"""What is published of views: a dataset each, derived from its definition; and all that is published."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from core.dataset import Column, ColumnType, Dataset
from pipeline.published_datasets import SYSTEM, VIEW_PREFIX, Merge, Published
from pipeline.published_models import published_models
from processing import SESSION, LakeTable, LocalEngine, View, describe_view, hourly_view, list_name

if TYPE_CHECKING:
    from pipeline.system import System

_MERGES = {
    "count": Merge.SUM,
    "sum": Merge.SUM,
    "mean": Merge.MEAN,
    "variance": Merge.MEAN,
    "quantiles": Merge.MEAN,
    "ratio": Merge.MEAN,
    "min": Merge.LEAST,
    "max": Merge.GREATEST,
    "distinct": Merge.GREATEST,
    "covariance": Merge.MEAN,
    "correlation": Merge.MEAN,
    "histogram": Merge.SUM,
    "top": Merge.SUM,
    "first": Merge.LEAST,
    "last": Merge.GREATEST,
}
"""Kind of metric → how it merges once only its answer is left."""
_TYPES: tuple[tuple[type[pl.DataType], ColumnType], ...] = (
    (pl.String, ColumnType.KEYWORD),
    (pl.Boolean, ColumnType.BOOLEAN),
    (pl.Date, ColumnType.DATE),
    (pl.Datetime, ColumnType.TIMESTAMP),
    (pl.Decimal, ColumnType.MONEY),
)


def published(system: "System") -> Iterator[Published]:
    """All that is published beside the lake: of the system, of each view, of each model."""
    yield from SYSTEM
    for name in system.parts.views.names():
        view = system.parts.views.view(name)
        yield published_view(view, system.dataset(view.dataset))
    for dataset in system.parts.session_views.datasets():
        yield from published_sessions(dataset)
    for name in system.parts.model_store.names():
        yield from published_models(name, system.parts.model_store.model(name).dataset)


def published_view(view: View, dataset: Dataset) -> Published:
    """A view's rows as a dataset: its window is the event time, its dimensions and window the identity."""
    schema = LocalEngine().rows(view, LakeTable(dataset, ())).schema
    told = {column["name"]: column for column in describe_view(view, dataset)["columns"]}
    columns = tuple(
        Column(name, column_type(dtype), told[name]["description"], unit=told[name]["unit"])
        for name, dtype in schema.items()
    )
    measures = {
        name: _MERGES[column["kind"]]
        for name, column in told.items()
        if column["kind"] in _MERGES and (schema[name].is_numeric() or schema[name].is_temporal())
    }
    time = next((name for name, column in told.items() if column["kind"] == "window"), None)
    return Published(
        Dataset(VIEW_PREFIX + view.name, view.description, columns, identity=view.keys, event_time=time),
        page=dataset.name,
        measures=measures,
        window=view.window or "",
    )


def published_sessions(dataset: Dataset) -> tuple[Published, Published]:
    """The list of a dataset's sessions, and their figures by the hour."""
    listed = Dataset(
        VIEW_PREFIX + list_name(dataset.name),
        "Sessions of visitors.",
        SESSION.columns,
        identity=("actor", "start"),
        event_time=SESSION.event_time,
    )
    measures = {"duration_seconds": Merge.SUM, "events": Merge.SUM, "pages": Merge.SUM, "end": Merge.GREATEST}
    hourly = published_view(hourly_view(dataset.name), SESSION)
    return Published(listed, page=dataset.name, measures=measures), replace(hourly, page=dataset.name)


def column_type(dtype: pl.DataType) -> ColumnType:
    """The type of a column whose values have that Polars type."""
    if dtype.is_integer():
        return ColumnType.INTEGER
    return next((kind for known, kind in _TYPES if isinstance(dtype, known)), ColumnType.NUMBER)
