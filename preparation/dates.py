"""Dates and times in any common order; the whole column decides what a day and what a month is."""

import re

import polars as pl

from preparation.zones import in_utc, with_offsets

TIMESTAMP_TYPE = pl.Datetime("us", "UTC")
_SAMPLE = 400
_MAX_FORMATS = 6
_EPOCH_UNITS = ((1e8, 1e11, 1_000_000), (1e11, 1e14, 1_000), (1e14, 1e17, 1), (1e17, 1e19, 0.001))  # → microseconds
_EXCEL_DAYS = (20_000, 80_000)
_EXCEL_ZERO_DAYS = 25_569  # days from Excel's zero to 1970
_DAY_US = 86_400_000_000

_WEEKDAY_FIRST = re.compile(
    r"^[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} \d{2}:\d{2}:\d{2}(?P<f>\.\d+)?(?P<zone> [+-]\d{4}| [A-Z]{3,4})? \d{4}$"
)
_RFC_2822 = re.compile(
    r"^(?P<day>[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d{1,2}:\d{2}:\d{2} (?P<zone>[+-]\d{4}|[A-Z]{3})"
)
_ACCESS_LOG = re.compile(
    r"^(?P<open>\[)?\d{1,2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2}(?P<zone> [+-]\d{4})?(?P<close>\])?$"
)
_YEAR_FIRST = re.compile(r"^\d{4}(?P<s>[-/.])\d{1,2}(?P=s)\d{1,2}")
_YEAR_LAST = re.compile(r"^(?P<a>\d{1,2})(?P<s>[-/.])(?P<b>\d{1,2})(?P=s)(?P<y>\d{4}|\d{2})(?!\d)")
_ANY_YEAR_LAST = r"^\s*\d{1,2}[-/.]\d{1,2}[-/.]"
_COMPACT = re.compile(r"^\d{8}(?!\d)|^\d{8}(?=\d{6}$)")
_DAY_MONTH_NAME = re.compile(r"^\d{1,2}(?P<s>[- ])(?P<m>[A-Za-z]{3,9})(?P<t>[-, ]+)(?P<y>\d{4}|\d{2})(?!\d)")
_MONTH_NAME_DAY = re.compile(r"^(?P<m>[A-Za-z]{3,9})(?P<dot>\.?) \d{1,2}(?P<t>,? )\d{4}")
_TIME = re.compile(
    r"^(?P<gap>[T_ ]|, | at )(?P<hour>\d{1,2}):?\d{2}(?P<s>:?\d{2})?(?P<f>[.,]\d+)?(?P<ap> ?[AaPp][Mm])?"
    r"(?P<zone> ?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?$"
)


def to_timestamps(series: pl.Series) -> pl.Series:
    """As moments in UTC, to the microsecond; null where a value is no date.

    Times without a zone are taken as of the one that the column's name tells, else as UTC.
    """
    if series.dtype == pl.Date:
        return series.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    if isinstance(series.dtype, pl.Datetime):
        return in_utc(series).cast(TIMESTAMP_TYPE)
    if series.dtype.is_numeric():
        return _from_numbers(series)
    if series.dtype != pl.String:
        return pl.Series(series.name, [None] * len(series), dtype=TIMESTAMP_TYPE)
    return _from_texts(with_offsets(series))


def are_read_by_value(series: pl.Series) -> bool:
    """Whether `to_timestamps` reads each value the same whatever stands beside it, so that a column can be cut.

    It does not where the order of day and month, or the unit since 1970, is decided by other values.
    """
    if series.dtype == pl.String:
        series = with_offsets(series)
        if series.str.contains(_ANY_YEAR_LAST).any():
            return False
        if any(format_of(text.strip(), day_first=False) for text in series.drop_nulls().head(_SAMPLE).to_list()):
            return True
        series = series.cast(pl.Float64, strict=False)
    if not series.dtype.is_numeric():
        return True
    least, most = series.min(), series.max()
    if not isinstance(least, int | float) or not isinstance(most, int | float):
        return True  # there is no value
    return any(low <= least and most < high for low, high, _ in _EPOCH_UNITS)


def _from_numbers(series: pl.Series) -> pl.Series:
    """Seconds, milliseconds, microseconds or nanoseconds since 1970, told by their size; ``20240131``; Excel's days."""
    numbers = series.cast(pl.Float64, strict=False)
    middle = numbers.median()
    empty = pl.Series(series.name, [None] * len(series), dtype=TIMESTAMP_TYPE)
    if not isinstance(middle, float):
        return empty
    if 19_000_101 <= middle <= 21_001_231:  # noqa: PLR2004 - days written as 20240131
        return _from_texts(series.cast(pl.Int64, strict=False).cast(pl.String))
    for low, high, factor in _EPOCH_UNITS:
        if low <= middle < high:
            exact = series.dtype.is_integer() and factor >= 1
            micros = (
                series.cast(pl.Int64) * int(factor)
                if exact
                else (numbers * factor).round(0).cast(pl.Int64, strict=False)
            )
            return micros.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return empty


def _from_texts(series: pl.Series) -> pl.Series:
    sample = [text.strip() for text in series.drop_nulls().head(_SAMPLE).to_list()]
    formats = _formats(sample, series)
    if not formats:
        numbers = series.cast(pl.Float64, strict=False)
        return _from_numbers(series.cast(pl.Int64, strict=False) if _all_whole(series) else numbers)
    best = _parsed(series, formats[0])
    for fmt in formats[1:]:
        if best.null_count() == series.null_count():
            return best
        best = pl.DataFrame({"a": best, "b": _parsed(series, fmt)}).select(pl.coalesce("a", "b")).to_series()
    if best.null_count() > series.null_count():
        rest = series.filter(best.is_null() & series.is_not_null()).head(_SAMPLE)
        more = [each for each in _formats([text.strip() for text in rest.to_list()], series) if each not in formats]
        for fmt in more:
            best = pl.DataFrame({"a": best, "b": _parsed(series, fmt)}).select(pl.coalesce("a", "b")).to_series()
    return best


def _all_whole(series: pl.Series) -> bool:
    return series.cast(pl.Int64, strict=False).null_count() == series.null_count()


def _parsed(series: pl.Series, fmt: str) -> pl.Series:
    # Its cache is for few distinct values; a million different ones take 0.065 s with it and 0.035 s without.
    moments = series.str.to_datetime(fmt, strict=False, time_unit="us", cache=False)
    if moments.null_count() > series.null_count():
        moments = series.str.strip_chars().str.to_datetime(fmt, strict=False, time_unit="us", cache=False)
    return in_utc(moments)


def _formats(sample: list[str], series: pl.Series) -> list[str]:
    """The formats of the sample's values, the commonest first."""
    counts: dict[str, int] = {}
    day_first: bool | None = None
    for text in sample:
        match = _YEAR_LAST.match(text)
        if match and day_first is None:
            day_first = _is_day_first(series, match["s"])
        fmt = format_of(text, day_first=bool(day_first))
        if fmt:
            counts[fmt] = counts.get(fmt, 0) + 1
    return sorted(counts, key=lambda fmt: -counts[fmt])[:_MAX_FORMATS]


def _is_day_first(series: pl.Series, separator: str) -> bool:
    parts = series.str.extract_groups(r"^\s*(\d{1,2})[-/.](\d{1,2})[-/.]\d{2,4}")
    first, second = (parts.struct.field(name).cast(pl.Int64, strict=False).max() for name in ("1", "2"))
    if isinstance(first, int) and first > 12:  # noqa: PLR2004 - months end at 12
        return True
    if isinstance(second, int) and second > 12:  # noqa: PLR2004
        return False
    return separator != "/"


def format_of(text: str, *, day_first: bool) -> str | None:
    """The format (as of strptime) that reads a value, or None where it is no date."""
    special = _special(text)
    if special:
        return special
    found = _date_part(text, day_first=day_first)
    if not found:
        return None
    fmt, length = found
    rest = text[length:]
    if not rest:
        return fmt
    if fmt == "%Y%m%d" and len(rest) == 6:  # noqa: PLR2004 - hhmmss run on
        return fmt + "%H%M%S"
    time = _TIME.match(rest)
    return fmt + _time_format(time) if time else None


def _special(text: str) -> str | None:
    match = _WEEKDAY_FIRST.match(text)
    if match:
        zone = "" if not match["zone"] else " %z" if match["zone"][1] in "+-" else match["zone"]
        return f"%a %b %e %H:%M:%S{'%.f' if match['f'] else ''}{zone} %Y"
    match = _RFC_2822.match(text)
    if match:
        zone = "%z" if match["zone"][0] in "+-" else match["zone"]
        return f"{'%a, ' if match['day'] else ''}%d %b %Y %H:%M:%S {zone}"
    match = _ACCESS_LOG.match(text)
    if match:
        return f"{match['open'] or ''}%d/%b/%Y:%H:%M:%S{' %z' if match['zone'] else ''}{match['close'] or ''}"
    return None


def _date_part(text: str, *, day_first: bool) -> tuple[str, int] | None:
    match = _YEAR_FIRST.match(text)
    if match:
        return f"%Y{match['s']}%m{match['s']}%d", match.end()
    match = _YEAR_LAST.match(text)
    if match:
        order = ("%d", "%m") if day_first else ("%m", "%d")
        year = "%Y" if len(match["y"]) == 4 else "%y"  # noqa: PLR2004
        return match["s"].join((*order, year)), match.end()
    match = _DAY_MONTH_NAME.match(text)
    if match:
        year = "%Y" if len(match["y"]) == 4 else "%y"  # noqa: PLR2004
        return f"%d{match['s']}{_month(match['m'])}{match['t']}{year}", match.end()
    match = _MONTH_NAME_DAY.match(text)
    if match:
        return f"{_month(match['m'])}{match['dot']} %d{match['t']}%Y", match.end()
    match = _COMPACT.match(text)
    return ("%Y%m%d", 8) if match else None


def _month(word: str) -> str:
    return "%b" if len(word) == 3 else "%B"  # noqa: PLR2004


def _time_format(match: re.Match[str]) -> str:
    colon = ":" if ":" in match.group(0) else ""
    seconds = f"{colon}%S" if match["s"] else ""
    hour = "%I" if match["ap"] else "%H"
    half = f"{' ' if match['ap'].startswith(' ') else ''}%p" if match["ap"] else ""
    zone = match["zone"] or ""
    gap = " " if zone.startswith(" ") else ""
    named = zone.strip()
    shown = "" if not named else gap + (named if named in ("UTC", "GMT") else "%#z")
    return f"{match['gap']}{hour}{colon}%M{seconds}{'%.f' if match['f'] else ''}{half}{shown}"
