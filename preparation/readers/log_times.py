"""Times of log lines as ISO 8601, the year inferred where the log leaves it out."""

from datetime import UTC, datetime, timedelta

import polars as pl

from preparation.readers.log_format import LogFormat

_HALF_YEAR = 6  # a step of so many months between two lines is a turn of the year
_LEAP_CYCLE = 8  # the longest stretch of years without a 29 February
_ISO_OUT = "%Y-%m-%dT%H:%M:%S%.f"
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], 1
    )
}


def iso_times(frame: pl.DataFrame, known: LogFormat, now: datetime | None = None) -> tuple[pl.Series, str]:
    """The column `time` in ISO 8601 (with ``Z`` where the log tells the zone), and a remark on an inferred year.

    Args:
        frame: With the columns `time` and `_fits`.
        known: How the times are written.
        now: The moment that no line may lie beyond; the present, unless a test says otherwise.
    """
    written = frame["time"].str.replace_all(r"\s+", " ")
    if known.has_year:
        if "year" in frame.columns:
            written = frame["year"] + " " + written
        return _parsed(written, known.times), ""
    today = (now or datetime.now(UTC)).replace(tzinfo=None) + timedelta(days=1)
    turns = _turns(written)
    for last_year in range(today.year, today.year - _LEAP_CYCLE - 1, -1):
        years = (turns - _last(turns) + last_year).cast(pl.String)
        times = _parsed(years + " " + written, known.times)
        known_times = times.drop_nulls()
        whole = times.null_count() == written.null_count()
        if whole and len(known_times) and str(known_times.max()) <= today.isoformat():
            break
    else:
        return times, ""
    first = int(str(known_times.min())[:4])
    span = str(last_year) if first == last_year else f"{first} to {last_year}"
    return times, f"the lines name no year: {span} is inferred, the latest in which no line lies in the future"


def _last(turns: pl.Series) -> int:
    last = turns.drop_nulls()
    return int(last[-1]) if len(last) else 0


def _turns(written: pl.Series) -> pl.Series:
    """For each line how many turns of the year lie between it and the first line."""
    named = written.str.extract(r"^([A-Z][a-z]{2})").replace_strict(_MONTHS, default=None, return_dtype=pl.Int32)
    months = (
        named.fill_null(written.str.extract(r"^(\d\d)").cast(pl.Int32, strict=False)).forward_fill().backward_fill()
    )
    steps = months.diff().fill_null(0)
    frame = pl.DataFrame({"step": steps})
    turn = pl.when(pl.col("step") <= -_HALF_YEAR).then(1).when(pl.col("step") >= _HALF_YEAR).then(-1).otherwise(0)
    return frame.select(turn.cum_sum().cast(pl.Int32)).to_series()


def _parsed(written: pl.Series, directives: tuple[str, ...]) -> pl.Series:
    """By the directive that reads the most, then by the others in order; what none of them reads is null.

    So 13/01 and 02/01 of one log are both days before months, though months before days would read the second.
    """
    iso = written.str.replace(r"^(\d{4}-\d\d-\d\d) ", "${1}T").str.replace(r"(:\d\d),(\d)", "$1.$2")
    iso = iso.str.replace(r" ([+-]\d\d:?\d\d)$", "$1")
    for digits, zeros in ((1, "00"), (2, "0"), (3, "")):  # milliseconds after a colon, not padded
        iso = iso.str.replace(rf"^(\d{{8}}-\d+:\d+:\d+):(\d{{{digits}}})$", f"$1.{zeros}$2")
    found = pl.Series("time", [None] * len(written), dtype=pl.String)
    readings = []
    for directive in directives:
        reading = _by(iso, directive)
        readings.append(reading)
        if reading.null_count() == written.null_count():
            break
    for reading in sorted(readings, key=lambda each: each.null_count()):
        found = found.fill_null(reading)
    return found.alias("time")


def _by(written: pl.Series, directive: str) -> pl.Series:
    if directive == "%s":
        moments = pl.from_epoch((written.cast(pl.Float64, strict=False) * 1e6).round().cast(pl.Int64), time_unit="us")
        return moments.dt.to_string(_ISO_OUT) + "Z"
    if "z" in directive:
        zoned = written.str.replace(r"Z$", "+00:00").str.replace(r"([+-]\d\d)(\d\d)$", "$1:$2")
        zoned = zoned.set(~zoned.str.contains(r"[+-]\d\d:\d\d$").fill_null(value=False), None)
        moments = zoned.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%:z", time_unit="us", time_zone="UTC", strict=False)
        return moments.dt.to_string(_ISO_OUT) + "Z"
    return written.str.to_datetime(directive, time_unit="us", strict=False).dt.to_string(_ISO_OUT)
