"""The rows of what is published, as the system says them: where they come from and when they may have changed."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from core.dataset import ColumnType, Dataset
from core.errors import NotFoundError, UsageError
from core.frames import POLARS_TYPES
from core.ports import Publisher
from ingestion import utc_now
from pipeline import published_datasets as kinds
from pipeline.modelling import EXPLANATION, results_file
from pipeline.published_models import EXPLAINED_SUFFIX, RENAMED, published_models
from pipeline.published_views import published_sessions, published_view
from pipeline.system import System
from processing import View

HISTORY_SECONDS = 30.0
MAX_ARRIVALS = 1000
_MAX_MINUTES = 30 * 24 * 60
_OUTCOMES = ("stored", "duplicate", "quarantined", "in_flight")


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Where the rows of a published dataset come from.

    Attributes:
        dataset: What they are.
        signature: Cheap to ask; another answer means that the rows may be others.
        frame: The rows, in the dataset's columns.
        stay: Whether rows that were published stay, as a history's do; otherwise those that are gone leave.
        seconds: Publish at most so often.
    """

    dataset: Dataset
    signature: Callable[[], Hashable]
    frame: Callable[[], pl.DataFrame]
    stay: bool = False
    seconds: float = 0.0


def sources(system: System, publisher: Publisher) -> list[Source]:
    """Every source of a home; those that stay ask the publisher how far it has come."""
    return [
        *_books(system),
        *_arrivals(system, publisher),
        _quarantine(system),
        _audit(system, publisher),
        _alerts(system),
        *_models(system),
        *_views(system),
        *_sessions(system),
    ]


def frame_of(dataset: Dataset, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Rows as a frame in the dataset's columns; what a row lacks is null, times may be ISO-8601 texts."""
    columns = [
        pl.Series(column.name, [_value(row.get(column.name), column.type) for row in rows], POLARS_TYPES[column.type])
        for column in dataset.columns
    ]
    return pl.DataFrame(columns)


def _value(value: Any, kind: ColumnType) -> Any:
    return datetime.fromisoformat(value) if kind is ColumnType.TIMESTAMP and isinstance(value, str) else value


def _books(system: System) -> Iterator[Source]:
    def signature() -> Hashable:
        return repr(system.books())

    def by_dataset() -> list[dict[str, Any]]:
        return [{"dataset": name, **counts} for name, counts in system.books()["datasets"].items()]

    def outcomes() -> pl.DataFrame:
        books = system.books()
        return frame_of(kinds.OUTCOMES, [{"outcome": name, "files": books[name]} for name in _OUTCOMES])

    yield Source(kinds.BOOKS, signature, lambda: frame_of(kinds.BOOKS, [{"book": "all", **system.books()}]))
    yield Source(kinds.OUTCOMES, signature, outcomes)
    yield Source(kinds.DATASET_BOOKS, signature, lambda: frame_of(kinds.DATASET_BOOKS, by_dataset()))
    yield Source(
        kinds.BOOKS_HISTORY,
        signature,
        lambda: frame_of(kinds.BOOKS_HISTORY, [{"at": utc_now(), **system.books()}]),
        stay=True,
        seconds=HISTORY_SECONDS,
    )
    yield Source(
        kinds.DATASET_BOOKS_HISTORY,
        signature,
        lambda: _stamped(kinds.DATASET_BOOKS_HISTORY, by_dataset()),
        stay=True,
        seconds=HISTORY_SECONDS,
    )


def _stamped(dataset: Dataset, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    at = utc_now()
    return frame_of(dataset, [{"at": at, **row} for row in rows])


def _arrivals(system: System, publisher: Publisher) -> Iterator[Source]:
    def signature() -> Hashable:
        return repr(system.books())

    def newest() -> pl.DataFrame:
        return frame_of(kinds.ARRIVALS, [{**row, "arrival": row["id"]} for row in system.recent(MAX_ARRIVALS)])

    def minutes() -> pl.DataFrame:
        reached = publisher.greatest(kinds.MINUTES, "minute")
        back = _MAX_MINUTES
        if isinstance(reached, datetime):  # rows of a minute count once their file is stored, so an hour is told anew
            back = min(_MAX_MINUTES, int((datetime.now(UTC) - reached) / timedelta(minutes=1)) + 60)
        told = system.arrivals_per_minute(back)
        rows = [{**minute, "files": minute["arrivals"]} for minute in told if minute["arrivals"]]
        return frame_of(kinds.MINUTES, rows)

    yield Source(kinds.ARRIVALS, signature, newest)
    yield Source(kinds.MINUTES, signature, minutes, stay=True)


def _quarantine(system: System) -> Source:
    def entries() -> pl.DataFrame:
        return frame_of(kinds.QUARANTINE, [{**entry, "entry": entry["id"]} for entry in system.quarantine()])

    def signature() -> Hashable:  # a discard changes no book, but is audited
        return repr(system.books()), _size_of_audit(system)

    return Source(kinds.QUARANTINE, signature, entries)


def _audit(system: System, publisher: Publisher) -> Source:
    def entries() -> pl.DataFrame:
        reached = publisher.greatest(kinds.AUDIT, "entry")
        after = reached if isinstance(reached, int) else -1
        told = enumerate(system.parts.audit.entries())
        return frame_of(kinds.AUDIT, [{**entry, "entry": number} for number, entry in told if number > after])

    return Source(kinds.AUDIT, lambda: _size_of_audit(system), entries, stay=True)


def _size_of_audit(system: System) -> int:
    file = system.parts.home.root / "audit.jsonl"
    return file.stat().st_size if file.exists() else 0


def _alerts(system: System) -> Source:
    since: dict[str, str] = {}

    def alerts() -> pl.DataFrame:
        needs = system.attention()
        now = utc_now()
        for gone in since.keys() - {need["what"] for need in needs}:
            del since[gone]
        rows = [{**need, "since": since.setdefault(need["what"], now)} for need in needs]
        return frame_of(kinds.ALERTS, rows)

    return Source(kinds.ALERTS, lambda: repr(system.attention()), alerts)


def _models(system: System) -> Iterator[Source]:
    def signature() -> Hashable:
        return repr(system.model_list())

    def quality() -> pl.DataFrame:
        rows = [
            {"model": model["model"], "measure": measure, "value": float(value)}
            for model in system.model_list()
            for measure, value in model["metrics"].items()
        ]
        return frame_of(kinds.MODEL_QUALITY, rows)

    yield Source(kinds.MODELS, signature, lambda: frame_of(kinds.MODELS, system.model_list()))
    yield Source(kinds.MODEL_QUALITY, signature, quality)
    for name in system.parts.model_store.names():
        for published in published_models(name, system.parts.model_store.model(name).dataset):
            yield _model_table(system, name, published.dataset)


def _model_table(system: System, name: str, dataset: Dataset) -> Source:
    is_explanation = dataset.name.endswith(EXPLAINED_SUFFIX)
    home = system.parts.home
    file = home.models / name / EXPLANATION if is_explanation else results_file(system.parts, name)

    def signature() -> Hashable:
        if not file.exists():
            return None
        status = file.stat()
        return status.st_mtime_ns, status.st_ino

    def rows() -> pl.DataFrame:
        told = system.explain(name) if is_explanation else system.model_results(name)
        return _in_columns(told.rename(RENAMED, strict=False), dataset)

    return Source(dataset, signature, rows)


def _views(system: System) -> Iterator[Source]:
    for name in system.parts.views.names():
        view = system.parts.views.view(name)
        # one that does not fit is told by who computes it; here it is left out, for the sake of the others
        with suppress(UsageError, NotFoundError):
            of = system.dataset(view.dataset)
            view.check(of)
            yield _view(system, view, of)


def _view(system: System, view: View, of: Dataset) -> Source:
    dataset = published_view(view, of).dataset

    def rows() -> pl.DataFrame:
        if system.parts.view_store.version(view) < 0:
            return frame_of(dataset, [])
        return system.parts.view_store.rows(view, of)

    return Source(dataset, lambda: system.parts.view_store.version(view), rows)


def _sessions(system: System) -> Iterator[Source]:
    for dataset in system.parts.session_views.datasets():
        for one in published_sessions(dataset):
            yield _session_view(system, dataset, one.dataset)


def _session_view(system: System, of: Dataset, dataset: Dataset) -> Source:
    views = system.parts.session_views

    def rows() -> pl.DataFrame:
        if views.state(of)[0] < 0:
            return frame_of(dataset, [])
        return views.rows(dataset.name.removeprefix(kinds.VIEW_PREFIX), of)

    return Source(dataset, lambda: views.state(of), rows)


def _in_columns(frame: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """A frame in the dataset's columns; that of a model that has said nothing yet has none of its own."""
    return frame.select(column.name for column in dataset.columns) if frame.width else frame_of(dataset, [])
