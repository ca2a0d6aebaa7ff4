"""Views of sessions: a list of them, and their figures by the hour in which they began."""

import polars as pl

from core.dataset import Column, ColumnType, Dataset
from processing.local_engine import LocalEngine
from processing.metrics import Count, Mean
from processing.metrics_of_values import Distinct, Quantiles
from processing.state import finish
from processing.view import Ratio, View

SESSION = Dataset(
    "session",
    "What one visitor did until they paused for long.",
    (
        Column("start", ColumnType.TIMESTAMP, "When its first event was."),
        Column("end", ColumnType.TIMESTAMP, "When its last event was."),
        Column("actor", ColumnType.KEYWORD, "Whose it is: the column that tells, and its value."),
        Column("duration_seconds", ColumnType.NUMBER, "From its first event to its last.", unit="s"),
        Column("events", ColumnType.INTEGER, "How many events it has."),
        Column("pages", ColumnType.INTEGER, "How many of them name a page."),
        Column("entry", ColumnType.KEYWORD, "The first page."),
        Column("exit", ColumnType.KEYWORD, "The last page."),
        Column("converted", ColumnType.BOOLEAN, "Whether what was wanted came of it."),
        Column("is_open", ColumnType.BOOLEAN, "Whether more of it is still waited for."),
    ),
    event_time="start",
)
"""The columns of a session as people read it."""


def list_name(dataset: str) -> str:
    """The name of the view that lists a dataset's sessions."""
    return f"{dataset}_sessions"


def hourly_view(dataset: str) -> View:
    """The figures of a dataset's sessions by hour; a view over `SESSION`."""
    return View(
        name=f"{dataset}_sessions_by_hour",
        dataset=SESSION.name,
        description="Sessions of visitors by the hour in which they began.",
        window="1h",
        metrics=(
            Count(name="sessions", description="Sessions."),
            Distinct(name="visitors", column="actor", description="Different visitors."),
            Mean(name="duration_mean", column="duration_seconds", description="Mean duration."),
            Quantiles(name="duration", column="duration_seconds", at=(0.5, 0.95), description="Duration."),
            Mean(name="pages_mean", column="pages", description="Pages of a session, on average."),
            Count(name="bounces", where=("events", "==", 1), description="Sessions of one event."),
            Count(name="conversions", where=("converted", "==", True), description="Sessions that converted."),
        ),
        ratios=(
            Ratio(name="bounce_rate", numerator="bounces", denominator="sessions", description="Of one event alone."),
            Ratio(name="conversion_rate", numerator="conversions", denominator="sessions", description="Converted."),
        ),
    )


def hourly_rows(view: View, sessions: pl.DataFrame) -> pl.DataFrame:
    """The rows of an hourly view, of sessions as people read them."""
    return finish(view, SESSION, LocalEngine().state_of_frames(view, SESSION, [sessions]))
