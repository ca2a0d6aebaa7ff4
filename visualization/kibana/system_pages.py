"""The dashboards of the system itself: overview, quarantine, security audit."""

from collections.abc import Callable, Iterable

from core.dataset import Dataset
from pipeline import published_datasets as kinds
from pipeline.published_datasets import Merge
from visualization.kibana import lens
from visualization.kibana.dashboard import Note, Page, Placed, dashboard_id
from visualization.kibana.lens import Heading
from visualization.kibana.lens_columns import by, count, distinct, measure, over_time
from visualization.kibana.saved_objects import SavedObject, Source, newest_rows
from visualization.wording import title

_TILE, _CHART, _LIST = 6, 12, 16  # heights
_HALF, _THIRD, _WHOLE = 24, 16, 48  # widths
_TOTALS = (
    ("received", "Received"),
    ("stored", "Stored"),
    ("duplicate", "Duplicate"),
    ("quarantined", "Quarantined"),
    ("in_flight", "In flight"),
    ("bytes", "Bytes received"),
)

SourceOf = Callable[[Dataset], Source]


def dataset_key(dataset: Dataset) -> str:
    """What the dashboard of a dataset is called among the others."""
    return f"dataset-{dataset.name}"


def overview(source_of: SourceOf, prefix: str, datasets: Iterable[Dataset]) -> Page:
    """How things stand."""
    books, history = source_of(kinds.BOOKS), source_of(kinds.BOOKS_HISTORY)
    tiles = [
        lens.number(books, Heading(f"overview-{name}", label), measure(books, name, Merge.GREATEST, label))
        for name, label in _TOTALS
    ]
    ends = [measure(history, name, Merge.GREATEST, label) for name, label in _TOTALS[1:4]]
    return Page(
        key="overview",
        title="Penstock: Overview",
        description="What was received and what became of it.",
        rows=[
            [Note(_links(prefix, datasets), _WHOLE, 5)],
            [Placed(tile, _WHOLE // len(tiles), _TILE) for tile in tiles],
            [Placed(_arrivals(source_of, name), _THIRD, _CHART) for name in ("files", "bytes", "rows")],
            [
                Placed(_outcomes(source_of), _THIRD, _CHART),
                Placed(_datasets(source_of), _THIRD, _CHART),
                Placed(
                    _top(source_of(kinds.QUARANTINE), "overview", "reason", "Reasons in quarantine"), _THIRD, _CHART
                ),
            ],
            [
                Placed(_alerts(source_of(kinds.ALERTS)), _HALF, _CHART),
                Placed(
                    lens.chart(
                        history, Heading("overview-books", "Ends over time"), "line", ends, over_time(history, "at")
                    ),
                    _HALF,
                    _CHART,
                ),
            ],
            [Placed(_newest_arrivals(source_of(kinds.ARRIVALS)), _WHOLE, _LIST)],
        ],
    )


def quarantine(source_of: SourceOf) -> Page:
    """What could not be taken in: why, and what to do."""
    source = source_of(kinds.QUARANTINE)
    files = count("Files")
    over = over_time(source, "received_at")
    columns = ("received_at", "path", "layer", "reason", "fix", "state", "attempts", "bytes", "entry")
    return Page(
        key="quarantine",
        title="Penstock: Quarantine",
        description=source.dataset.description,
        rows=[
            [
                Placed(lens.number(source, Heading("quarantine-files", "Files"), files), _THIRD, _TILE),
                Placed(
                    lens.number(
                        source, Heading("quarantine-bytes", "Bytes"), measure(source, "bytes", Merge.SUM, "Bytes")
                    ),
                    _THIRD,
                    _TILE,
                ),
                Placed(
                    lens.number(
                        source,
                        Heading("quarantine-attempts", "Most attempts"),
                        measure(source, "attempts", Merge.GREATEST, "Most attempts"),
                    ),
                    _THIRD,
                    _TILE,
                ),
            ],
            [
                Placed(_top(source, "quarantine", "reason", "By reason"), _HALF, _CHART),
                Placed(
                    lens.ring(source, Heading("quarantine-layer", "By layer"), files, by(source, "layer", files)),
                    _HALF // 2,
                    _CHART,
                ),
                Placed(
                    lens.chart(source, Heading("quarantine-time", "When they arrived"), "bar_stacked", [files], over),
                    _HALF // 2,
                    _CHART,
                ),
            ],
            [Placed(newest_rows(source, columns, "received_at", "In quarantine"), _WHOLE, _LIST)],
        ],
        since="now-1y",
    )


def audit(source_of: SourceOf) -> Page:
    """Who did what."""
    source = source_of(kinds.AUDIT)
    entries, actors = count("Entries"), distinct(source, "actor", "Actors")
    split = by(source, "action", entries)
    over = over_time(source, "at")
    columns = ("at", "actor", "action", "subject", "detail", "entry")
    return Page(
        key="audit",
        title="Penstock: Security audit",
        description=source.dataset.description,
        rows=[
            [
                Placed(lens.number(source, Heading("audit-entries", "Entries"), entries), _HALF, _TILE),
                Placed(lens.number(source, Heading("audit-actors", "Actors"), actors), _HALF, _TILE),
            ],
            [
                Placed(
                    lens.chart(
                        source, Heading("audit-time", "Actions over time"), "bar_stacked", [entries], over, split=split
                    ),
                    _HALF,
                    _CHART,
                ),
                Placed(_top(source, "audit", "action", "By action"), _HALF // 2, _CHART),
                Placed(_top(source, "audit", "actor", "By actor"), _HALF // 2, _CHART),
            ],
            [Placed(newest_rows(source, columns, "at", "Newest entries"), _WHOLE, _LIST)],
        ],
        since="now-30d",
    )


def _links(prefix: str, datasets: Iterable[Dataset]) -> str:
    pages = [("Quarantine", "quarantine"), ("Security audit", "audit")]
    pages += [(title(dataset.name), dataset_key(dataset)) for dataset in datasets]
    return " · ".join(f"[{label}](#/view/{dashboard_id(prefix, key)})" for label, key in pages)


def _arrivals(source_of: SourceOf, name: str) -> SavedObject:
    source = source_of(kinds.MINUTES)
    heading = Heading(f"overview-{name}-over-time", f"{title(name)} received")
    return lens.chart(source, heading, "bar_stacked", [measure(source, name, Merge.SUM)], over_time(source, "minute"))


def _outcomes(source_of: SourceOf) -> SavedObject:
    source = source_of(kinds.OUTCOMES)
    files = measure(source, "files", Merge.SUM)
    return lens.ring(source, Heading("overview-outcomes", "What became of them"), files, by(source, "outcome", files))


def _datasets(source_of: SourceOf) -> SavedObject:
    source = source_of(kinds.DATASET_BOOKS)
    counts = [measure(source, name, Merge.SUM) for name in ("rows", "blobs", "rejected_rows")]
    return lens.table(source, Heading("overview-datasets", "Datasets"), [by(source, "dataset", counts[0], 50)], counts)


def _top(source: Source, page: str, name: str, label: str) -> SavedObject:
    files = count("Files" if source.dataset is kinds.QUARANTINE else "Entries")
    return lens.chart(source, Heading(f"{page}-by-{name}", label), "bar_horizontal", [files], by(source, name, files))


def _alerts(source: Source) -> SavedObject:
    return newest_rows(source, ("level", "what", "do", "since"), "since", "Needs attention")


def _newest_arrivals(source: Source) -> SavedObject:
    columns = ("received_at", "path", "state", "dataset", "rows", "rejected_rows", "bytes", "reason")
    return newest_rows(source, columns, "received_at", "Newest arrivals")
