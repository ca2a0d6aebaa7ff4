"""When a score is worth an alert: above a threshold, once until it is over, and not again at once."""

from dataclasses import dataclass

import numpy as np

from processing.models.quality import Numbers

COOL_DOWN = 100  # readings
LEARNING = 150
"""So many readings come before the first alert: what is new in a series that has just begun says little."""

RELEASE_SHARE = 0.75  # of the threshold


@dataclass(frozen=True, slots=True)
class Alert:
    """A stretch of a series that is worth a look.

    Attributes:
        start: The place of the reading that raised it, in all readings of the series so far.
        end: The place of the reading that ended it; None while it lasts.
        peak: The highest score in it.
        at_peak: The place of that score.
    """

    start: int
    end: int | None
    peak: float
    at_peak: int


class AlertRule:
    """Raises an alert where a score reaches the threshold, and ends it where the score falls clearly below.

    After an alert was raised no other is for `cool_down` readings: what jitters about the threshold is one alert, and
    so is what comes in bursts.

    Args:
        threshold: The score that raises an alert.
        cool_down: How many readings after it none is raised.
    """

    def __init__(self, threshold: float, cool_down: int = COOL_DOWN) -> None:
        self.threshold = threshold
        self._release, self._cool_down = threshold * RELEASE_SHARE, cool_down
        self._seen = 0
        self._open: Alert | None = None
        self._silent_until = LEARNING

    @property
    def current(self) -> Alert | None:
        """The alert that lasts, if one does."""
        return self._open

    def extend(self, scores: Numbers) -> list[Alert]:
        """The alerts that ended in the next scores, or last after them; NaN scores nothing and ends nothing."""
        first, self._seen = self._seen, self._seen + len(scores)
        raising = np.flatnonzero(scores >= self.threshold)
        ending = np.flatnonzero(scores < self._release)
        found: list[Alert] = []
        place = 0
        while True:
            if self._open is None:
                place = max(place, self._silent_until - first)
                at = raising[np.searchsorted(raising, place) :][:1]
                if not len(at):
                    return found
                place = int(at[0])
                self._open = Alert(first + place, None, float(scores[place]), first + place)
                self._silent_until = first + place + self._cool_down
            after = ending[np.searchsorted(ending, place) :][:1]
            end = int(after[0]) if len(after) else len(scores)
            self._open = _raised(self._open, scores[place:end], first + place)
            if not len(after):
                return [*found, self._open]
            found.append(Alert(self._open.start, first + end, self._open.peak, self._open.at_peak))
            self._open, place = None, end


def _raised(alert: Alert, scores: Numbers, first: int) -> Alert:
    """The alert with the highest of those scores, too."""
    if not len(scores) or np.isnan(scores).all():
        return alert
    at = int(np.nanargmax(scores))
    higher = float(scores[at])
    return Alert(alert.start, None, higher, first + at) if higher > alert.peak else alert
