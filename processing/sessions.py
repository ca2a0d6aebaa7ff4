"""Sessions: what one actor did until they paused for long. Pieces of sessions merge, in whatever order they come.

An event is a session of one moment. Two pieces of one actor that are no further apart than the gap are one session, so
the sessions of any rows are the merge of the sessions of their parts.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from core.dataset import BLOB_COLUMN, FINGERPRINT_SUFFIX, ROW_COLUMN, Column, ColumnType, Dataset, Role

PIECE = pl.Schema(
    {
        "actor": pl.String(),
        "start": pl.Int64(),  # microseconds since the epoch
        "end": pl.Int64(),
        "events": pl.Int64(),
        "pages": pl.Int64(),
        "goals": pl.Int64(),
        "entry": pl.String(),  # place in time, then the page: the least is the first
        "exit": pl.String(),
    }
)
"""A session, or a piece of one."""

_SECOND = 1_000_000
_ALL_TIMES_AS_LONG = 2**62  # added to any time of the calendar it has 19 digits, so that texts sort as times do
_ROW_DIGITS, _BLOB_DIGITS = 12, 12
_PLACE_CHARS = 19 + _ROW_DIGITS + _BLOB_DIGITS
_QUERY = r"^(/|[A-Za-z][A-Za-z0-9+.-]*://)([^?#]*)[?#].*$"  # of an address; a title may ask something
_NUMERIC = (ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.MONEY)


@dataclass(frozen=True, slots=True)
class SessionRule:
    """When a session is over.

    Attributes:
        gap_seconds: A longer pause ends it.
        lateness_seconds: So much older than the newest event an event may be and still be waited for.
    """

    gap_seconds: int = 1800
    lateness_seconds: int = 3600

    @property
    def gap(self) -> int:
        """In microseconds."""
        return self.gap_seconds * _SECOND

    def watermark(self, clock: int) -> int:
        """The time before which an event is late, by that of the newest event; whole milliseconds, as Spark has it."""
        return max(0, clock // 1000 - self.lateness_seconds * 1000) * 1000

    def fingerprint(self, dataset: Dataset) -> str:
        """Of this rule and of what the dataset says of its columns."""
        roles = [(column.name, column.type, column.role, column.is_sealed) for column in dataset.columns if column.role]
        return hashlib.sha256(repr((self, dataset.event_time, roles)).encode()).hexdigest()[:16]


def has_sessions(dataset: Dataset) -> bool:
    """Whether its declaration names an actor and the moment of an act."""
    time = dataset.event_time
    return time is not None and dataset.column(time).type is ColumnType.TIMESTAMP and bool(dataset.in_role(Role.ACTOR))


def events_of(rows: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """Each row of the lake as a piece of one moment; a row without actor or time is none."""
    time = pl.col(str(dataset.event_time)).dt.epoch("us")
    actors = [_actor(column) for column in dataset.in_role(Role.ACTOR) if _kept_name(column) in rows.columns]
    pages = [_filled(column.name) for column in _plain(dataset, Role.PAGE) if column.name in rows.columns]
    goals = [_reached(column) for column in _plain(dataset, Role.GOAL) if column.name in rows.columns]
    if not actors or dataset.event_time not in rows.columns:
        return pl.DataFrame(schema=PIECE)
    page = pl.coalesce(pages).str.replace(_QUERY, "${1}${2}") if pages else pl.lit(None, pl.String)
    placed = pl.concat_str(
        (time + _ALL_TIMES_AS_LONG).cast(pl.String),
        pl.col(ROW_COLUMN).cast(pl.String).str.zfill(_ROW_DIGITS),
        pl.col(BLOB_COLUMN).str.slice(0, _BLOB_DIGITS).str.zfill(_BLOB_DIGITS),
        page,
    )
    return (
        rows.lazy()
        .select(
            pl.coalesce(actors).alias("actor"),
            time.alias("start"),
            time.alias("end"),
            pl.lit(1, pl.Int64).alias("events"),
            page.is_not_null().cast(pl.Int64).alias("pages"),
            (pl.any_horizontal(goals) if goals else pl.lit(value=False)).cast(pl.Int64).alias("goals"),
            placed.alias("entry"),
            placed.alias("exit"),
        )
        .filter(pl.col("actor").is_not_null() & pl.col("start").is_not_null())
        .collect()
    )


def merged(pieces: Iterable[pl.DataFrame], rule: SessionRule) -> pl.DataFrame:
    """The sessions that pieces make together, by actor and start."""
    ordered = pl.concat([pl.DataFrame(schema=PIECE), *pieces]).sort("actor", "start", "end").lazy()
    reached = pl.col("end").cum_max().shift(1).over("actor")
    begins = (pl.col("start") - reached > rule.gap).fill_null(value=True)
    return (
        ordered.with_columns(begins.cum_sum().alias("_number"))
        .group_by("_number", maintain_order=True)
        .agg(
            pl.col("actor").first(),
            pl.col("start").min(),
            pl.col("end").max(),
            pl.col("events", "pages", "goals").sum(),
            pl.col("entry").min(),
            pl.col("exit").max(),
        )
        .select(PIECE.names())
        .collect()
    )


def told(sessions: pl.DataFrame, *, is_open: bool) -> pl.DataFrame:
    """Sessions as people read them."""
    time = pl.Datetime("us", "UTC")
    return sessions.select(
        pl.from_epoch("start", time_unit="us").cast(time),
        pl.from_epoch("end", time_unit="us").cast(time),
        "actor",
        ((pl.col("end") - pl.col("start")) / _SECOND).alias("duration_seconds"),
        "events",
        "pages",
        pl.col("entry", "exit").str.slice(_PLACE_CHARS),
        (pl.col("goals") > 0).alias("converted"),
        pl.lit(is_open).alias("is_open"),
    )


def _actor(column: Column) -> pl.Expr:
    """Who, with the name of the column: two columns may use one value for two people."""
    return pl.concat_str(pl.lit(f"{column.name}="), _filled(_kept_name(column)).cast(pl.String))


def _kept_name(column: Column) -> str:
    return column.name + FINGERPRINT_SUFFIX if column.is_sealed else column.name


def _plain(dataset: Dataset, role: Role) -> list[Column]:
    return [column for column in dataset.in_role(role) if not column.is_sealed]


def _filled(name: str) -> pl.Expr:
    text = pl.col(name).cast(pl.String)
    return pl.when(text != "").then(text)


def _reached(column: Column) -> pl.Expr:
    value = pl.col(column.name)
    if column.type is ColumnType.BOOLEAN:
        return value.fill_null(value=False)
    if column.type in _NUMERIC:
        return (value > 0).fill_null(value=False)
    return _filled(column.name).is_not_null()
