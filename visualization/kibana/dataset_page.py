"""The dashboard of one dataset: how much there is, what its views and models say, its newest records."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from core.dataset import Column, ColumnType, Dataset
from pipeline import published_datasets as kinds
from pipeline.published_datasets import MODEL_PREFIX, Merge, Published
from pipeline.verifying import OWN_TABLES
from visualization.kibana import lens
from visualization.kibana.dashboard import Page, Placed
from visualization.kibana.lens import Heading
from visualization.kibana.lens_columns import by, count, measure, over_time
from visualization.kibana.saved_objects import SavedObject, Source, data_view_title, newest_rows
from visualization.kibana.system_pages import SourceOf, dataset_key
from visualization.wording import title

_TILE, _CHART, _LIST = 6, 12, 18  # heights
_HALF, _THIRD, _WHOLE = 24, 16, 48  # widths
_TOP_VALUES = 4
_TABLE_GROUPS = 20
_SHOWN_COLUMNS = 12
_TOTALS = (("rows", "Records"), ("blobs", "Files"), ("rejected_rows", "Refused records"))
_NAMED = (ColumnType.KEYWORD, ColumnType.BOOLEAN)
EVENTS_SINCE = "now-20y"
"""Records may tell of any year; Kibana shows few at first and none that lie further back."""


def dataset_page(source_of: SourceOf, dataset: Dataset, beside: Sequence[Published]) -> Page:
    """The page of a dataset.

    Args:
        source_of: Where Kibana finds a dataset.
        dataset: The one.
        beside: What is published of it: its views, its models.
    """
    panels = [placed for published in beside for placed in _published_panels(source_of, dataset, published)]
    source = source_of(dataset)
    return Page(
        key=dataset_key(dataset),
        title=f"Penstock: {title(dataset.name)}",
        description=dataset.description,
        rows=[
            *([] if dataset.name in OWN_TABLES else [_totals(source_of(kinds.DATASET_BOOKS), dataset)]),
            *([_over_time(source, dataset.event_time)] if dataset.event_time else []),
            *_in_rows(panels),
            *_top_values(source.of_any_time()),
            [Placed(_records(source.of_any_time()), _WHOLE, _LIST)],
        ],
        since=EVENTS_SINCE,
    )


def _totals(books: Source, dataset: Dataset) -> list[Placed]:
    query = f'dataset : "{dataset.name}"'
    return [
        Placed(
            lens.number(
                books, Heading(f"{dataset_key(dataset)}-{name}", label, query), measure(books, name, Merge.SUM, label)
            ),
            _THIRD,
            _TILE,
        )
        for name, label in _TOTALS
    ]


def _over_time(source: Source, time: str) -> list[Placed]:
    heading = Heading(f"{dataset_key(source.dataset)}-over-time", "Records over time")
    panel = lens.chart(source, heading, "bar_stacked", [count("Records")], over_time(source, time))
    return [Placed(panel, _WHOLE, _CHART)]


def _top_values(source: Source) -> Iterator[list[Placed]]:
    tops = [column for column in source.dataset.columns if _is_telling(column, source.dataset)][:_TOP_VALUES]
    if tops:
        yield [Placed(_top(source, column), _WHOLE // len(tops), _CHART) for column in tops]


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
    return newest_rows(
        source, [time, *names] if time else names, time, "Newest records, of any time" if time else "Records"
    )


def _published_panels(source_of: SourceOf, dataset: Dataset, published: Published) -> Iterator[Placed]:
    source = source_of(published.dataset)
    if not published.measures:
        return
    if published.dataset.event_time:
        yield from _lines(source, dataset, published)
    yield Placed(_rows(source, dataset, published), _HALF, _CHART)


def _lines(source: Source, dataset: Dataset, published: Published) -> Iterator[Placed]:
    """What is measured in each window: a chart for the measures of one unit; split, where the view has a dimension."""
    time = published.dataset.event_time or ""
    dimensions = [name for name in published.dataset.identity if name != time]
    for place, names in enumerate(_alike(published)):
        shown = names[:1] if dimensions else names
        values = [measure(source, name, published.measures[name]) for name in shown]
        split = by(source, dimensions[0], values[0]) if dimensions else None
        adds = all(published.measures[name] is Merge.SUM for name in shown)
        heading = Heading(_key(dataset, published, str(place)), _heading(source, published, shown))
        series = "bar_stacked" if adds and (split or len(shown) == 1) else "line"
        yield Placed(lens.chart(source, heading, series, values, over_time(source, time), split=split), _HALF, _CHART)


def _alike(published: Published) -> list[list[str]]:
    """The measures that share an axis: of one unit, and whole numbers apart from others."""

    def axis(name: str) -> tuple[str, str]:
        column = published.dataset.column(name)
        is_share = name.endswith(("_share", "_rate"))
        return column.unit or "", "share" if is_share else str(column.type is ColumnType.INTEGER)

    return [list(names) for _, names in groupby(sorted(published.measures, key=axis), key=axis)]


def _rows(source: Source, dataset: Dataset, published: Published) -> SavedObject:
    """The rows themselves, by what tells them apart."""
    time = published.dataset.event_time
    values = [measure(source, name, merge) for name, merge in published.measures.items()]
    dimensions = [name for name in published.dataset.identity if name != time]
    groups = [by(source, name, values[0], _TABLE_GROUPS) for name in dimensions]
    if time:
        groups = [over_time(source, time), *groups]
    heading = Heading(_key(dataset, published, "rows"), published.dataset.description.rstrip("."))
    return lens.table(source, heading, groups, values)


def _key(dataset: Dataset, published: Published, part: str) -> str:
    return f"{dataset_key(dataset)}-{published.dataset.name}-{part}"


def _heading(source: Source, published: Published, names: Sequence[str]) -> str:
    what = ", ".join(source.label(name) for name in names)
    kind = "model" if published.dataset.name.startswith(MODEL_PREFIX) else "view"
    return f"{data_view_title(published.dataset).partition(': ')[2] or kind}: {what}"


def _in_rows(panels: Sequence[Placed]) -> Iterator[list[Placed]]:
    per_row = _WHOLE // _HALF
    for start in range(0, len(panels), per_row):
        yield list(panels[start : start + per_row])
