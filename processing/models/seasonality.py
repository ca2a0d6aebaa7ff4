"""How far the hour of the day and the day of the week tell how much comes."""

from typing import Any

import numpy as np
import polars as pl

from processing.models.quality import Numbers

HOURS, WEEKDAYS = 24, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MIN_ROUNDS = 3
"""Days, or weeks, that a pattern must have had time to come again in."""

_MOST_DAYS = 3660  # of ten years: the last are looked at


def seasonality(times: pl.Series) -> dict[str, Any]:
    """The strength of both, with the fullest hour and weekday; without what is not known.

    Strength is the share of the variation of counts that the hour (the weekday) explains, less what it would explain by
    chance: adjusted R² of counts an hour (a day). 0 is no season, 1 nothing else.

    Args:
        times: Dates or moments, none of them null.
    """
    found: dict[str, Any] = {}
    # Days since 1970 began on a Thursday.
    days = times.cast(pl.Date).cast(pl.Int32).to_numpy().astype(np.int64) + WEEKDAYS.index("Thursday")
    daily = _counts(days, _MOST_DAYS)
    if len(daily) >= MIN_ROUNDS * len(WEEKDAYS):
        strength, fullest = _explained(daily, len(WEEKDAYS), _first(days, daily) % len(WEEKDAYS))
        found |= {"seasonality_of_weekdays": strength, "fullest_weekday": WEEKDAYS[fullest]}
    if times.dtype == pl.Datetime:
        hours = times.dt.timestamp("us").to_numpy() // 3_600_000_000
        hourly = _counts(hours, _MOST_DAYS * HOURS)
        if len(hourly) >= MIN_ROUNDS * HOURS:
            strength, fullest = _explained(hourly, HOURS, _first(hours, hourly) % HOURS)
            found |= {"seasonality_of_hours": strength, "fullest_hour": fullest}
    return found


def _counts(numbers: Numbers, most: int) -> Numbers:
    """How many there are of each number from the first to the last; of more than so many of the last."""
    last = numbers.max()
    first = max(numbers.min(), last - most + 1)
    return np.bincount(numbers[numbers >= first] - first).astype(float)


def _first(numbers: Numbers, counts: Numbers) -> int:
    """The number that the first of the counts is of."""
    return int(numbers.max()) - len(counts) + 1


def _explained(counts: Numbers, period: int, phase: int) -> tuple[float, int]:
    """Adjusted R² of the mean of each place in the period, and the fullest place."""
    place = (np.arange(len(counts)) + phase) % period
    sums, rounds = np.bincount(place, counts, period), np.bincount(place, minlength=period)
    means = sums / rounds
    whole = float(((counts - counts.mean()) ** 2).sum())
    rest = float(((counts - means[place]) ** 2).sum())
    freedom = (len(counts) - 1) / max(len(counts) - period, 1)
    strength = 0.0 if whole == 0 else max(0.0, 1 - rest / whole * freedom)
    return strength, int(means.argmax())
