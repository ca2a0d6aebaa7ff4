"""Time zones that a cell names after a time of day, or a header for its whole column."""

import re
from datetime import timedelta

import polars as pl

_OFFSETS = {  # names that mean one offset wherever they are used; IST, for one, does not
    "EST": "-05:00", "EDT": "-04:00", "CST": "-06:00", "CDT": "-05:00", "MST": "-07:00", "MDT": "-06:00",
    "PST": "-08:00", "PDT": "-07:00", "AKST": "-09:00", "HST": "-10:00", "CET": "+01:00", "CEST": "+02:00",
    "EET": "+02:00", "EEST": "+03:00", "JST": "+09:00", "KST": "+09:00", "AEST": "+10:00",
    "AEDT": "+11:00", "NZST": "+12:00", "NZDT": "+13:00",
}  # fmt: skip
_OFFSET = r"([+\u2212-])(0?\d|1[0-4])(?::?([0-5]\d))?"
_FROM_UTC = re.compile(rf"(?:UTC|GMT) ?{_OFFSET}\b|[(\[]{_OFFSET}[)\]]")
_NAME = re.compile(rf"[(\[](?P<bracketed>{'|'.join(_OFFSETS)})[)\]]|[ _](?P<last>{'|'.join(_OFFSETS)})$")
_PLACE = re.compile(r"\b[A-Z][A-Za-z]+(?:/[A-Z][A-Za-z_-]+){1,2}")


def with_offsets(series: pl.Series) -> pl.Series:
    """Texts with offsets for the names of zones after a time of day: ``10:00 EST`` is ``10:00 -05:00``."""
    if not (series.str.ends_with("T").any() or series.str.ends_with("T)").any()):  # as all of their names do
        return series
    for name, offset in _OFFSETS.items():
        series = series.str.replace(rf"(\d|[AaPp][Mm]) ?\(?{name}\)?$", f"${{1}} {offset}")
    return series


def in_utc(moments: pl.Series) -> pl.Series:
    """Moments in UTC: those without a zone are in the one that the column's header names, else in UTC.

    ``time (UTC+2)``, ``logged [+05:30]``, ``Start (EST)``, ``when (Europe/Berlin)``. A time of day that the clocks of a
    place skipped is null; of one that they had twice, the first is meant.
    """
    if moments.dtype.time_zone is not None:  # type: ignore[attr-defined]
        return moments.dt.convert_time_zone("UTC")
    if offset := _offset_in(moments.name):
        return (moments - offset).dt.replace_time_zone("UTC")
    if place := _PLACE.search(moments.name):
        try:
            zoned = moments.dt.replace_time_zone(place[0], ambiguous="earliest", non_existent="null")
        except pl.exceptions.ComputeError:  # there is no such zone: Sent/Received
            return moments.dt.replace_time_zone("UTC")
        return zoned.dt.convert_time_zone("UTC")
    return moments.dt.replace_time_zone("UTC")


def _offset_in(header: str) -> timedelta | None:
    """How far the zone that a header names is ahead of UTC."""
    if found := _NAME.search(header):
        is_told = found["bracketed"] or header != header.upper()  # TIME EST may be an estimate
        header = f"({_OFFSETS[found['bracketed'] or found['last']]})" if is_told else ""
    found = _FROM_UTC.search(header)
    if found is None:
        return None
    sign, hours, minutes = found.groups()[:3] if found[1] else found.groups()[3:]
    ahead = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return ahead if sign == "+" else -ahead
