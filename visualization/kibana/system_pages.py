"""The dashboards of the system itself: overview, quarantine, security audit."""

from collections.abc import Callable, Iterable

from core.dataset import Dataset
from pipeline import published_datasets as kinds
from pipeline.published_datasets import Merge
from visualization.kibana import lens
from visualization.kibana.dashboard import WIDTH, Note, Page, dashboard_id, row_of
from visualization.kibana.lens import Heading
from visualization.kibana.lens_columns import by, count, distinct, measure, over_time
from visualization.kibana.saved_objects import SavedObject, Source, newest_rows
from visualization.wording import title

_TILE, _CHART, _LIST, _LINKS = 6, 12, 16, 5  # heights
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
    heading = Heading("overview-books", "Ends over time")
    ends_over_time = lens.chart(history, heading, "line", ends, over_time(history, "at"))
    reasons = _top(source_of(kinds.QUARANTINE), "overview", "reason", "Reasons in quarantine")
    return Page(
        key="overview",
        title="Penstock: Overview",
        description="What was received and what became of it.",
        rows=[
            [Note(_links(prefix, datasets), WIDTH, _LINKS)],
            row_of(_TILE, *tiles),
            row_of(_CHART, *(_arrivals(source_of, name) for name in ("files", "bytes", "rows"))),
            row_of(_CHART, _outcomes(source_of), _datasets(source_of), reasons),
            row_of(_CHART, _alerts(source_of(kinds.ALERTS)), ends_over_time),
            row_of(_LIST, _newest_arrivals(source_of(kinds.ARRIVALS))),
        ],
    )


def quarantine(source_of: SourceOf) -> Page:
    """What could not be taken in: why, and what to do."""
    source, files = source_of(kinds.QUARANTINE), count("Files")
    size = measure(source, "bytes", Merge.SUM, "Bytes")
    attempts = measure(source, "attempts", Merge.GREATEST, "Most attempts")
    over = over_time(source, "received_at")
    columns = ("received_at", "path", "layer", "reason", "fix", "state", "attempts", "bytes", "entry")
    return Page(
        key="quarantine",
        title="Penstock: Quarantine",
        description=source.dataset.description,
        rows=[
            row_of(
                _TILE,
                lens.number(source, Heading("quarantine-files", "Files"), files),
                lens.number(source, Heading("quarantine-bytes", "Bytes"), size),
                lens.number(source, Heading("quarantine-attempts", "Most attempts"), attempts),
            ),
            row_of(
                _CHART,
                _top(source, "quarantine", "reason", "By reason"),
                lens.ring(source, Heading("quarantine-layer", "By layer"), files, by(source, "layer", files)),
                lens.chart(source, Heading("quarantine-time", "When they arrived"), "bar_stacked", [files], over),
                shares=(2, 1, 1),
            ),
            row_of(_LIST, newest_rows(source, columns, "received_at", "In quarantine")),
        ],
        since="now-1y",
    )


def audit(source_of: SourceOf) -> Page:
    """Who did what."""
    source, entries = source_of(kinds.AUDIT), count("Entries")
    actors = distinct("actor", "Actors")
    over, split = over_time(source, "at"), by(source, "action", entries)
    heading = Heading("audit-time", "Actions over time")
    columns = ("at", "actor", "action", "subject", "detail", "entry")
    return Page(
        key="audit",
        title="Penstock: Security audit",
        description=source.dataset.description,
        rows=[
            row_of(
                _TILE,
                lens.number(source, Heading("audit-entries", "Entries"), entries),
                lens.number(source, Heading("audit-actors", "Actors"), actors),
            ),
            row_of(
                _CHART,
                lens.chart(source, heading, "bar_stacked", [entries], over, split=split),
                _top(source, "audit", "action", "By action"),
                _top(source, "audit", "actor", "By actor"),
                shares=(2, 1, 1),
            ),
            row_of(_LIST, newest_rows(source, columns, "at", "Newest entries")),
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
