"""When the thing of a row happened: a date beside a time of day, parts of a date, or another date that is there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from core.dataset import ColumnType, Dataset
from core.frames import POLARS_TYPES
from preparation.column_values import NUMERIC, TIMES, ColumnLook, Look
from preparation.header_words import parsed_header
from preparation.readers.log_format import LogFormat
from preparation.readers.log_times import iso_times

_DAYS = frozenset(("date", "day", "datum", "fecha", "data", "jour"))
_CLOCKS = frozenset(("time", "hour", "uhrzeit", "hora", "zeit", "heure", "clock"))
_NOT_OF_THE_EVENT = frozenset((
    "birth", "dob", "born", "expiry", "expiration", "expire", "expired", "expiring", "due", "deadline", "end",
    "until", "valid", "next", "update", "updated", "modified", "modification", "hire", "hired", "joined",
    "effective", "founded", "registered", "warranty", "version",
))  # fmt: skip
_PARTS = ("year", "month", "day", "hour")
JOINED = " + "
"""Between the names of the columns that one moment was joined out of."""
_MOMENT_LOOKS = frozenset((Look.DATETIME, Look.EPOCH))
_NAMED_MONTH = r"^(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)$"
_WITHOUT_YEAR = LogFormat("month, day and time", "", ("%Y %b %d %H:%M:%S",), has_year=False)
_DAYS_OF_MONTH = range(1, 32)
_HOURS = frozenset(("hour", "hr", "hourofday", "stunde", "hora", "heure"))
_LAST_MINUTE = 59
_MIN_BARE_CLOCK = 100  # numbers up to 23 may be hours, up to 59 anything


@dataclass(frozen=True, slots=True)
class Joined:
    """A table whose moments stand in one column each.

    Attributes:
        frame: The table; a joined column is called after its parts.
        renames: Incoming column → column of the dataset, the joined column among them.
    """

    frame: pl.DataFrame
    renames: dict[str, str]


def join_moments(
    frame: pl.DataFrame,
    looks: Sequence[ColumnLook],
    renames: dict[str, str],
    dataset: Dataset,
    stand_ins: Sequence[str] = (),
) -> Joined:
    """The event time out of what a table has: its own column, else parts of it, else the likeliest date.

    Args:
        frame: The table.
        looks: The look of each column.
        renames: Incoming column → column of the dataset, by headers.
        dataset: Its `event_time` is what is sought.
        stand_ins: Columns of the dataset that the event time falls back on, the most telling first.
    """
    event = dataset.event_time
    by_name = dict(zip(frame.columns, looks, strict=True))
    paired = next((name for name, column in renames.items() if column == event), None)
    if event is None or (paired is not None and by_name[paired].look in _MOMENT_LOOKS):
        return Joined(frame, renames)
    if dataset.column(event).type is ColumnType.TIMESTAMP:
        dates = [name for name in frame.columns if renames.get(name) in (None, event, *stand_ins)]
        clock = _clock_of([name for name in dates if renames.get(name) not in stand_ins], by_name)
        if clock is None and (bare := _bare_clock_of(frame, dates, by_name)):
            frame = frame.with_columns(_with_colon(frame.get_column(bare)))
            clock = bare
        day = _day_of(dates, by_name)
        if clock and day:
            return _joined(frame, renames, (day, clock), event)
        month = next((name for name in frame.columns if _names_months(by_name[name])), None) if clock else None
        number = next((name for name in dates if _is_day_of_month(name, by_name[name])), None)
        if clock and month and number:
            return _without_year(frame, renames, (month, number, clock), event)
    if paired is not None:
        return Joined(frame, renames)
    free = [name for name in frame.columns if name not in renames]
    parts = _parts_of(free, by_name)
    if parts:
        return _from_parts(frame, renames, parts, event)
    if not set(stand_ins) & set(renames.values()):
        likeliest = next((name for name in free if _may_tell_when(name, by_name[name])), None)
        renames = renames | {likeliest: event} if likeliest else renames
    return Joined(frame, renames)


def day_among(
    names: Sequence[str], looks: Sequence[ColumnLook], renames: Mapping[str, str], dataset: Dataset
) -> dict[str, str] | None:
    """As `join_moments`, of one row whose event time is a day: which column each name goes to.

    Returns:
        None where the event time is more than a day, or would be made of several values.
    """
    event = dataset.event_time
    if event is None or event in renames.values():
        return dict(renames) if event is None or dataset.column(event).type is ColumnType.DATE else None
    by_name = dict(zip(names, looks, strict=True))
    free = [name for name in names if name not in renames]
    if dataset.column(event).type is not ColumnType.DATE or _parts_of(free, by_name):
        return None
    likeliest = next((name for name in free if _may_tell_when(name, by_name[name])), None)
    return {**renames, likeliest: event} if likeliest else dict(renames)


def filled(frame: pl.DataFrame, falls_back_on: Mapping[str, Sequence[str]], dataset: Dataset) -> pl.DataFrame:
    """Normalised rows with each missing value taken from the columns that stand in for it."""
    for name, stand_ins in falls_back_on.items():
        kind = POLARS_TYPES[dataset.column(name).type]
        found = [each for each in stand_ins if frame.get_column(each).null_count() < frame.height]
        if found and frame.get_column(name).null_count():
            values = [_as(pl.col(each), frame.schema[each], kind) for each in found]
            frame = frame.with_columns(pl.coalesce(pl.col(name), *values).alias(name))
    return frame


def _as(value: pl.Expr, given: pl.DataType, wanted: pl.DataType) -> pl.Expr:
    if given == wanted:
        return value
    if given == pl.Date and isinstance(wanted, pl.Datetime):
        return value.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return value.dt.date() if wanted == pl.Date and isinstance(given, pl.Datetime) else value.cast(wanted, strict=False)


def _means(name: str, words: frozenset[str]) -> bool:
    return bool(words & set(parsed_header(name).tokens))


def _clock_of(names: Sequence[str], looks: Mapping[str, ColumnLook]) -> str | None:
    return next((name for name in names if looks[name].look is Look.CLOCK and _means(name, _CLOCKS)), None)


def _bare_clock_of(frame: pl.DataFrame, names: Sequence[str], looks: Mapping[str, ColumnLook]) -> str | None:
    """A column called a time whose numbers are hours and minutes run together (930, 1405, and 5 at night), or hours."""
    for name in names:
        if looks[name].look is Look.NUMBER and looks[name].is_whole and _means(name, _CLOCKS | {"hhmm", "hrmn"}):
            numbers = frame.select(pl.col(name).cast(pl.Int64, strict=False).alias("n"))
            are_clocks = pl.col("n").is_between(0, 2400) & (pl.col("n") % 100 <= _LAST_MINUTE)
            if numbers.select(are_clocks.all() & (pl.col("n").max() >= _MIN_BARE_CLOCK)).item():
                return name
            if parsed_header(name).key in _HOURS and numbers.select(pl.col("n").is_between(0, 24).all()).item():
                return name
    return None


def _with_colon(column: pl.Series) -> pl.Series:
    numbers = column.cast(pl.Int64, strict=False)
    if parsed_header(column.name).key in _HOURS and int(str(numbers.max() or 0)) < _MIN_BARE_CLOCK:
        numbers *= 100
    digits = numbers.cast(pl.String).str.zfill(4)
    return (digits.str.head(2) + ":" + digits.str.tail(2)).replace("24:00", "00:00").alias(column.name)


def _day_of(names: Sequence[str], looks: Mapping[str, ColumnLook]) -> str | None:
    """The date that goes with a time of day: one called so, or else the table's only one."""
    dates = [name for name in names if looks[name].look is Look.DATE and not _means(name, _NOT_OF_THE_EVENT)]
    called = next((name for name in dates if _means(name, _DAYS)), None)
    return called or (dates[0] if len(dates) == 1 else None)


def _may_tell_when(name: str, look: ColumnLook) -> bool:
    return (
        look.look in TIMES
        and not _means(name, _NOT_OF_THE_EVENT)
        and (look.look is not Look.EPOCH or _means(name, _DAYS | _CLOCKS | {"timestamp", "ts", "at", "epoch"}))
    )


def _joined(frame: pl.DataFrame, renames: dict[str, str], parts: tuple[str, str], event: str) -> Joined:
    name = JOINED.join(parts)
    both = pl.concat_str((pl.col(part).cast(pl.String) for part in parts), separator=" ").alias(name)
    gone = [part for part in parts if renames.get(part) in (None, event)]  # a stand-in keeps its own column too
    kept = {incoming: column for incoming, column in renames.items() if incoming not in gone and column != event}
    return Joined(frame.with_columns(both).drop(gone), kept | {name: event})


def _names_months(look: ColumnLook) -> bool:
    return bool(look.examples) and bool(pl.Series(look.examples).str.contains(_NAMED_MONTH).all())


def _is_day_of_month(name: str, look: ColumnLook) -> bool:
    whole = look.look is Look.NUMBER and look.is_whole and _means(name, _DAYS)
    return whole and all(text.isdigit() and int(text) in _DAYS_OF_MONTH for text in look.examples)


def _without_year(frame: pl.DataFrame, renames: dict[str, str], parts: tuple[str, str, str], event: str) -> Joined:
    """As in logs that name no year: the latest in which no row lies in the future."""
    written = frame.select(pl.concat_str((pl.col(part).cast(pl.String) for part in parts), separator=" ").alias("time"))
    times, _ = iso_times(written, _WITHOUT_YEAR)
    name = JOINED.join(parts)
    kept = {incoming: column for incoming, column in renames.items() if incoming not in parts and column != event}
    return Joined(frame.with_columns(times.alias(name)).drop(parts), kept | {name: event})


def _parts_of(names: Sequence[str], looks: Mapping[str, ColumnLook]) -> list[str]:
    """The columns of year, month, day and, where there is one, hour; empty where one lacks."""
    keys = {parsed_header(name).key: name for name in names if looks[name].look in NUMERIC}
    found = [keys[part] for part in _PARTS if part in keys]
    return found if all(part in keys for part in _PARTS[:3]) else []


def _from_parts(frame: pl.DataFrame, renames: dict[str, str], parts: Sequence[str], event: str) -> Joined:
    numbers = [pl.col(part).cast(pl.Float64, strict=False).cast(pl.Int32, strict=False) for part in parts]
    name = JOINED.join(parts)
    try:
        moments = frame.select(pl.datetime(*numbers).alias(name)).to_series()
    except pl.exceptions.PolarsError:  # a month 13: they are no parts of a date
        return Joined(frame, renames)
    return Joined(frame.with_columns(moments).drop(parts), renames | {name: event})
