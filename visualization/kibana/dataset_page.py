"""The dashboard of one dataset: how much there is, what its views and models say, its newest records."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from core.dataset import Column, ColumnType, Dataset
from pipeline import published_datasets as kinds
from pipeline.published_datasets import MODEL_PREFIX, Merge, Published
from pipeline.published_models import EXPLAINED_SUFFIX
from pipeline.verifying import OWN_TABLES
from visualization.kibana import lens
from visualization.kibana.dashboard import Page, Placed, row_of
from visualization.kibana.lens import Heading
from visualization.kibana.lens_columns import by, count, measure, over_time
from visualization.kibana.saved_objects import SavedObject, Source, data_view_title, newest_rows
from visualization.kibana.system_pages import SourceOf, dataset_key
from visualization.wording import title

_TILE, _CHART, _LIST = 6, 12, 18  # heights
_CHARTS_A_ROW = 2
_TOP_VALUES = 4
_TABLE_GROUPS = 20
_SHOWN_COLUMNS = 12
_TOTALS = (("rows", "Records"), ("blobs", "Files"), ("rejected_rows", "Refused records"))
_NAMED = (ColumnType.KEYWORD, ColumnType.BOOLEAN)
_NUMBERS = (ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.MONEY)
EVENTS_SINCE = "now-20y"
"""Records may tell of any year; Kibana shows few at first and none that lie further back."""


def dataset_page(source_of: SourceOf, dataset: Dataset, beside: Sequence[Published]) -> Page:
    """The page of a dataset.

    Args:
        source_of: Where Kibana finds a dataset.
        dataset: The one.
        beside: What is published of it: its views, its models.
    """
    source = source_of(dataset)
    panels = [panel for one in beside for panel in _published(source_of(one.dataset), dataset_key(dataset), one)]
    tops = [column for column in dataset.columns if _is_telling(column, dataset)][:_TOP_VALUES]
    rows = [
        _totals(source_of(kinds.DATASET_BOOKS), dataset),
        _over_time(source),
        *(row_of(_CHART, *panels[at : at + _CHARTS_A_ROW]) for at in range(0, len(panels), _CHARTS_A_ROW)),
        row_of(_CHART, *(_top(source.of_any_time(), column) for column in tops)),
        row_of(_LIST, _records(source.of_any_time())),
    ]
    return Page(
        key=dataset_key(dataset),
        title=f"Penstock: {title(dataset.name)}",
        description=dataset.description,
        rows=[row for row in rows if row],
        since=EVENTS_SINCE,
    )


def _totals(books: Source, dataset: Dataset) -> list[Placed]:
    if dataset.name in OWN_TABLES:  # the books have none of them
        return []
    key, query = dataset_key(dataset), f'dataset : "{dataset.name}"'
    return row_of(
        _TILE,
        *(
            lens.number(books, Heading(f"{key}-{name}", label, query), measure(books, name, Merge.SUM, label))
            for name, label in _TOTALS
        ),
    )


def _over_time(source: Source) -> list[Placed]:
    dataset, time = source.dataset, source.dataset.event_time
    if not time:
        return []
    heading = Heading(f"{dataset_key(dataset)}-over-time", "Records over time")
    return row_of(_CHART, lens.chart(source, heading, "bar_stacked", [count("Records")], over_time(source, time)))


def _top(source: Source, column: Column) -> SavedObject:
    records = count("Records")
    heading = Heading(f"{dataset_key(source.dataset)}-top-{column.name}", title(column.name))
    return lens.chart(source, heading, "bar_horizontal", [records], by(source, column.name, records))


def _is_telling(column: Column, dataset: Dataset) -> bool:
    """Whether a column names things that many records share: no identity, nothing personal."""
    is_identity = column.name in dataset.identity or column.name.endswith(("_id", "_hash", "sha256"))
    return column.type in _NAMED and column.personal is None and not is_identity


def _records(source: Source) -> SavedObject:
    time = source.dataset.event_time
    names = [column.name for column in source.dataset.columns if column.name != time][:_SHOWN_COLUMNS]
    heading = "Newest records, of any time" if time else "Records"
    return newest_rows(source, [time, *names] if time else names, time, heading)


def _published(source: Source, key: str, published: Published) -> Iterator[SavedObject]:
    """What a view or a table of a model shows."""
    prefix = f"{key}-{source.dataset.name}"
    if source.dataset.name.startswith(MODEL_PREFIX):
        yield from _model(source, prefix, published)
        return
    if source.dataset.event_time:
        yield from _lines(source, prefix, published)
    yield _groups(source, Heading(f"{prefix}-rows", source.dataset.description.rstrip(".")), published)


def _model(source: Source, prefix: str, published: Published) -> Iterator[SavedObject]:
    """What a model says of each record, with its reasons; what it has learned, by weight."""
    dataset, weightiest = source.dataset, next(iter(published.measures))
    names = [column.name for column in dataset.columns]
    yield newest_rows(source, names, weightiest, dataset.description.rstrip("."))
    if dataset.name.endswith(EXPLAINED_SUFFIX):
        weight = measure(source, weightiest, published.measures[weightiest])
        heading = Heading(f"{prefix}-{weightiest}", f"{source.label(weightiest)} by {source.label(names[0]).lower()}")
        yield lens.chart(source, heading, "bar_horizontal", [weight], by(source, names[0], weight, _TABLE_GROUPS))


def _lines(source: Source, prefix: str, published: Published) -> Iterator[SavedObject]:
    """What is measured in each window: a chart for the measures of one unit; split, where the view has a dimension."""
    time = source.dataset.event_time or ""
    dimensions = [name for name in source.dataset.identity if name != time]
    for place, names in enumerate(_alike(published)):
        shown = names[:1] if dimensions else names
        values = [measure(source, name, published.measures[name]) for name in shown]
        split = by(source, dimensions[0], values[0]) if dimensions else None
        adds = all(published.measures[name] is Merge.SUM for name in shown)
        series = "bar_stacked" if adds and (split or len(shown) == 1) else "line"
        what = ", ".join(source.label(name) for name in shown)
        heading = Heading(f"{prefix}-{place}", f"{data_view_title(source.dataset).partition(': ')[2]}: {what}")
        yield lens.chart(source, heading, series, values, over_time(source, time), split=split)


def _alike(published: Published) -> list[list[str]]:
    """The numbers that share an axis: of one unit, and whole ones apart from others."""

    def axis(name: str) -> tuple[str, str]:
        column = published.dataset.column(name)
        is_share = name.endswith(("_share", "_rate"))
        return column.unit or "", "share" if is_share else str(column.type is ColumnType.INTEGER)

    numbers = [name for name in published.measures if published.dataset.column(name).type in _NUMBERS]
    return [list(names) for _, names in groupby(sorted(numbers, key=axis), key=axis)]


def _groups(source: Source, heading: Heading, published: Published) -> SavedObject:
    """The rows themselves, by what tells them apart."""
    time = source.dataset.event_time
    values = [measure(source, name, merge) for name, merge in published.measures.items()] or [count("Rows")]
    dimensions = [name for name in source.dataset.identity if name != time]
    groups = [by(source, name, values[0], _TABLE_GROUPS) for name in dimensions]
    return lens.table(source, heading, [over_time(source, time), *groups] if time else groups, values)
