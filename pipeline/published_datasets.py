"""What is published beside the lake's records, so that others than our pages can show it: each kind a plain `Dataset`.

Mappings, documents and Kibana's objects are derived from these alone, as they are from the models of the lake.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from core.dataset import Column, ColumnType, Dataset

KEYWORD, TEXT, INTEGER = ColumnType.KEYWORD, ColumnType.TEXT, ColumnType.INTEGER
NUMBER, BOOLEAN, TIMESTAMP = ColumnType.NUMBER, ColumnType.BOOLEAN, ColumnType.TIMESTAMP
SYSTEM_PREFIX, VIEW_PREFIX, MODEL_PREFIX = "system-", "view-", "model-"
"""No dataset of the lake has a hyphen in its name, so none can be taken for one of these."""


class Merge(StrEnum):
    """How the values that several rows have of a measure become one."""

    SUM = "sum"
    MEAN = "mean"  # of a mean or a share: near, not exact
    LEAST = "least"
    GREATEST = "greatest"  # of a count of different values: at least so many


@dataclass(frozen=True, slots=True)
class Published:
    """A dataset that is published, and what it takes to show it.

    Attributes:
        dataset: Its columns; `identity` tells its rows apart, `event_time` is what charts run along.
        page: The dataset of the lake that it tells of; "" where it tells of the system.
        measures: Column → how its values are put together; numbers and times that are none tell rows apart.
        window: The width of the rows' windows (``1h``), or "".
    """

    dataset: Dataset
    page: str = ""
    measures: Mapping[str, Merge] = field(default_factory=dict)
    window: str = ""


def _column(name: str, kind: ColumnType, description: str, unit: str | None = None) -> Column:
    return Column(name, kind, description, unit=unit)


_COUNTS = (
    _column("received", INTEGER, "Files received."),
    _column("stored", INTEGER, "Files stored."),
    _column("duplicate", INTEGER, "Files whose bytes were there already."),
    _column("quarantined", INTEGER, "Files that could not be taken in."),
    _column("in_flight", INTEGER, "Files on their way."),
    _column("balanced", BOOLEAN, "Whether received is stored, duplicate, quarantined and in flight together."),
    _column("bytes", INTEGER, "Bytes received.", "By"),
    _column("rows", INTEGER, "Records accepted."),
    _column("rejected_rows", INTEGER, "Records refused."),
)
_DATASET_COUNTS = (
    _column("dataset", KEYWORD, "The dataset."),
    _column("blobs", INTEGER, "Files stored."),
    _column("rows", INTEGER, "Records accepted."),
    _column("rejected_rows", INTEGER, "Records refused."),
)
_AT = _column("at", TIMESTAMP, "When it was so.")

BOOKS = Dataset(
    "system-books",
    "The books as they are now: one row.",
    (_column("book", KEYWORD, "Always: all."), *_COUNTS),
    identity=("book",),
)
BOOKS_HISTORY = Dataset(
    "system-books_history",
    "The books as they were: a row when they changed, two a minute at most, and one every ten minutes.",
    (_AT, *_COUNTS),
    identity=("at",),
    event_time="at",
)
OUTCOMES = Dataset(
    "system-outcomes",
    "How many files came to which end, over all time.",
    (_column("outcome", KEYWORD, "Where they are."), _column("files", INTEGER, "Files.")),
    identity=("outcome",),
)
DATASET_BOOKS = Dataset(
    "system-dataset_books", "The books of each dataset as they are now.", _DATASET_COUNTS, identity=("dataset",)
)
DATASET_BOOKS_HISTORY = Dataset(
    "system-dataset_books_history",
    "The books of each dataset as they were.",
    (_AT, *_DATASET_COUNTS),
    identity=("at", "dataset"),
    event_time="at",
)
MINUTES = Dataset(
    "system-minutes",
    "What arrived in each minute.",
    (
        _column("minute", TIMESTAMP, "The minute of arrival."),
        _column("files", INTEGER, "Files."),
        _column("bytes", INTEGER, "Bytes.", "By"),
        _column("rows", INTEGER, "Records accepted."),
    ),
    identity=("minute",),
    event_time="minute",
)
ARRIVALS = Dataset(
    "system-arrivals",
    "The newest thousand arrivals and what became of them.",
    (
        _column("arrival", INTEGER, "Its number."),
        _column("received_at", TIMESTAMP, "When it arrived."),
        _column("path", KEYWORD, "Where it came from."),
        _column("state", KEYWORD, "Where it is: stored, duplicate, quarantined, or on its way."),
        _column("dataset", KEYWORD, "The dataset it belongs to."),
        _column("media_type", KEYWORD, "IANA media type, by content."),
        _column("source", KEYWORD, "The source that brought it."),
        _column("blob", KEYWORD, "SHA-256 of its bytes."),
        _column("bytes", INTEGER, "Size.", "By"),
        _column("rows", INTEGER, "Records accepted out of it."),
        _column("rejected_rows", INTEGER, "Records refused."),
        _column("reason", TEXT, "Why it was not taken in."),
        _column("seconds", NUMBER, "How long its preparation took.", "s"),
        _column("finished_at", TIMESTAMP, "When its end was known."),
    ),
    identity=("arrival",),
    event_time="received_at",
)
QUARANTINE = Dataset(
    "system-quarantine",
    "What could not be taken in and is not discarded.",
    (
        _column("entry", KEYWORD, "Its name for `penstock quarantine`."),
        _column("received_at", TIMESTAMP, "When it first arrived."),
        _column("path", KEYWORD, "Where it was first seen."),
        _column("layer", KEYWORD, "The layer that refused it."),
        _column("reason", KEYWORD, "What is wrong."),
        _column("fix", KEYWORD, "What to do."),
        _column("state", KEYWORD, "open, or replaying."),
        _column("bytes", INTEGER, "Size.", "By"),
        _column("attempts", INTEGER, "How often it was tried."),
        _column("blob", KEYWORD, "SHA-256 of its bytes."),
    ),
    identity=("entry",),
    event_time="received_at",
)
AUDIT = Dataset(
    "system-audit",
    "Who read, opened, changed or dropped what.",
    (
        _column("entry", INTEGER, "Its number in the chain, from 0."),
        _column("at", TIMESTAMP, "When."),
        _column("actor", KEYWORD, "Who."),
        _column("action", KEYWORD, "Did what."),
        _column("subject", KEYWORD, "To what."),
        _column("detail", TEXT, "What else there is to know."),
    ),
    identity=("entry",),
    event_time="at",
)
ALERTS = Dataset(
    "system-alerts",
    "What needs a person.",
    (
        _column("what", KEYWORD, "What is so."),
        _column("level", KEYWORD, "warning, or error."),
        _column("do", KEYWORD, "What to do."),
        _column("page", KEYWORD, "The page of the dashboard that shows more."),
        _column("since", TIMESTAMP, "Since when it was seen."),
    ),
    identity=("what",),
)
MODELS = Dataset(
    "system-models",
    "The models, trained or not.",
    (
        _column("model", KEYWORD, "Its name."),
        _column("kind", KEYWORD, "descriptive, predictive or decision."),
        _column("dataset", KEYWORD, "What it learns from."),
        _column("description", TEXT, "What it says."),
        _column("version", INTEGER, "How often it was trained; none: never."),
        _column("trained_at", TIMESTAMP, "When it was trained last."),
    ),
    identity=("model",),
)
MODEL_QUALITY = Dataset(
    "system-model_quality",
    "How good the models are on records that they had not seen.",
    (
        _column("model", KEYWORD, "Its name."),
        _column("measure", KEYWORD, "What was measured."),
        _column("value", NUMBER, "What came of it."),
    ),
    identity=("model", "measure"),
)


def _totals(dataset: Dataset) -> dict[str, Merge]:
    """Totals over all time: of several the newest, which is the greatest."""
    return {column.name: Merge.GREATEST for column in dataset.columns if column.type is INTEGER}


SYSTEM: tuple[Published, ...] = (
    Published(BOOKS, measures=_totals(BOOKS)),
    Published(BOOKS_HISTORY, measures=_totals(BOOKS_HISTORY)),
    Published(OUTCOMES, measures={"files": Merge.SUM}),
    Published(DATASET_BOOKS, measures=dict.fromkeys(("blobs", "rows", "rejected_rows"), Merge.SUM)),
    Published(DATASET_BOOKS_HISTORY, measures=_totals(DATASET_BOOKS_HISTORY)),
    Published(MINUTES, measures=dict.fromkeys(("files", "bytes", "rows"), Merge.SUM), window="1m"),
    Published(ARRIVALS, measures=dict.fromkeys(("bytes", "rows", "rejected_rows", "seconds"), Merge.SUM)),
    Published(QUARANTINE, measures={"bytes": Merge.SUM, "attempts": Merge.GREATEST}),
    Published(AUDIT),
    Published(ALERTS),
    Published(MODELS),
    Published(MODEL_QUALITY, measures={"value": Merge.GREATEST}),
)
"""What is published of the system itself."""
