"""Moments that a table keeps in parts: a date column beside a time column; year, month, day and hour apart."""

from dataclasses import dataclass

import polars as pl

from core.dataset import ColumnType, Dataset
from preparation.column_values import NUMERIC, ColumnLook, Look
from preparation.header_words import parsed_header

_DAYS = frozenset(("date", "day", "datum", "fecha", "data", "jour"))
_CLOCKS = frozenset(("time", "hour", "uhrzeit", "hora", "zeit", "heure", "clock"))
_PARTS = ("year", "month", "day", "hour")
_JOINED = "{} + {}"


@dataclass(frozen=True, slots=True)
class Joined:
    """A table whose moments stand in one column each.

    Attributes:
        frame: The table; a joined column is called after its parts.
        renames: Incoming column → column of the dataset, the joined column among them.
    """

    frame: pl.DataFrame
    renames: dict[str, str]


def join_moments(frame: pl.DataFrame, looks: list[ColumnLook], renames: dict[str, str], dataset: Dataset) -> Joined:
    """Joins a date and a time of day into the dataset's event time, where both are there and it wants a moment."""
    event = dataset.event_time
    if event is None or dataset.column(event).type is not ColumnType.TIMESTAMP:
        return Joined(frame, renames)
    by_name = dict(zip(frame.columns, looks, strict=True))
    paired = next((name for name, column in renames.items() if column == event), None)
    free = [name for name in frame.columns if name not in renames or name == paired]
    day = next((name for name in free if by_name[name].look is Look.DATE and _means(name, _DAYS)), None)
    clock = next((name for name in free if by_name[name].look is Look.CLOCK and _means(name, _CLOCKS)), None)
    if day and clock:
        return _joined(frame, renames, day, clock, event)
    if paired is None and "hour" in (keys := {parsed_header(name).key: name for name in free}):
        return _from_parts(frame, renames, by_name, keys, event)
    return Joined(frame, renames)


def _means(name: str, words: frozenset[str]) -> bool:
    return bool(words & set(parsed_header(name).tokens))


def _joined(frame: pl.DataFrame, renames: dict[str, str], day: str, clock: str, event: str) -> Joined:
    name = _JOINED.format(day, clock)
    both = pl.concat_str(pl.col(day).cast(pl.String), pl.col(clock).cast(pl.String), separator=" ").alias(name)
    kept = {incoming: column for incoming, column in renames.items() if incoming not in (day, clock)}
    return Joined(frame.with_columns(both).drop(day, clock), kept | {name: event})


def _from_parts(
    frame: pl.DataFrame, renames: dict[str, str], looks: dict[str, ColumnLook], keys: dict[str, str], event: str
) -> Joined:
    if not all(part in keys and looks[keys[part]].look in NUMERIC for part in _PARTS):
        return Joined(frame, renames)
    year, month, day, hour = (pl.col(keys[part]).cast(pl.Float64, strict=False).cast(pl.Int32) for part in _PARTS)
    name = " + ".join(keys[part] for part in _PARTS)
    moment = pl.datetime(year, month, day, hour).alias(name)
    return Joined(frame.with_columns(moment).drop(*(keys[part] for part in _PARTS)), renames | {name: event})
