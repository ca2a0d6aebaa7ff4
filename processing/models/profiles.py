"""What a series usually has at this time of the day or of the week, learned as it goes."""

import numpy as np

from processing.models.quality import Numbers

_NONE = -1


class SeasonalProfile:
    """The usual value in each bin of a repeating period, forgotten exponentially; memory is bounded by the bins.

    A bin is renewed when the series leaves it, by the mean of what it had there: readings that come faster than the
    bins are wide count once a round, and a prediction never knows what it is compared with.

    Args:
        period: Seconds after which the profile repeats.
        width: Seconds of a bin.
        memory: The weight of the newest round, above 0 and at most 1.
        smoothed: Over how many neighbouring bins a prediction is averaged; odd.
    """

    def __init__(self, period: float, width: float, memory: float, smoothed: int = 1) -> None:
        self._period, self._width, self._memory = period, width, memory
        self.bins = max(1, int(np.ceil(period / width)))
        self._usual = np.full(self.bins, np.nan)
        half = smoothed // 2 if smoothed < self.bins // 2 else 0
        self._neighbours = range(-half, half + 1)
        self._bin = _NONE  # the one that the series is in
        self._sum, self._count, self._expected = 0.0, 0, np.nan

    def residuals(self, times: Numbers, values: Numbers) -> Numbers:
        """Each value less what was usual there before it came; NaN where that is not known. Then learns from them.

        Args:
            times: Seconds since the epoch.
            values: Finite values.
        """
        bins = ((times % self._period) // self._width).astype(np.int64) % self.bins
        is_new = np.diff(bins, prepend=self._bin) != 0
        visit = np.cumsum(is_new)  # 0 is the visit that goes on from before
        entered = bins[is_new]
        places = np.concatenate([[self._bin], entered])
        sums = np.bincount(np.append(0, visit), np.append(self._sum, values), minlength=len(places))
        counts = np.bincount(visit, minlength=len(places))
        counts[0] += self._count
        expected = np.concatenate([[self._expected], self._expectations(places, sums, counts)])
        self._bin, self._sum, self._count, self._expected = places[-1], sums[-1], counts[-1], expected[-1]
        residuals: Numbers = values - expected[visit]
        return residuals

    def expected(self, times: Numbers) -> Numbers:
        """What is usual at those times, as far as the closed bins tell; NaN where that is not known. Learns nothing."""
        bins = ((times % self._period) // self._width).astype(np.int64) % self.bins
        near = np.array([self._usual[(bins + neighbour) % self.bins] for neighbour in self._neighbours])
        known = np.isfinite(near).sum(axis=0)
        total: Numbers = np.nansum(near, axis=0) / np.where(known == 0, np.nan, known)
        return total

    def _expectations(self, places: Numbers, sums: Numbers, counts: Numbers) -> Numbers:
        """What is expected in each visit but the first, when it begins; and the profile after the last but one."""
        first = 1 if places[0] == _NONE else 0
        order = np.argsort(places[first:-1], kind="stable") + first  # closed visits, those of a bin side by side
        renewed = self._renewed(places[order], sums[order] / np.maximum(counts[order], 1))
        visits = len(places)
        keys = places[order] * visits + order
        begun = np.arange(1, visits)
        total, known = np.zeros(visits - 1), np.zeros(visits - 1)
        for neighbour in self._neighbours:
            wanted = (places[1:] + neighbour) % self.bins
            before = np.searchsorted(keys, wanted * visits + begun) - 1  # the last closed visit of that bin
            is_there = (before >= 0) & (places[order][before] == wanted) if len(order) else np.zeros(len(begun), bool)
            usual = np.where(is_there, renewed[before] if len(order) else np.nan, self._usual[wanted])
            is_known = ~np.isnan(usual)
            total += np.where(is_known, usual, 0.0)
            known += is_known
        self._usual[places[order]] = renewed  # of a bin visited twice the later one stays
        with np.errstate(invalid="ignore"):
            return total / np.where(known == 0, np.nan, known)

    def _renewed(self, bins: Numbers, means: Numbers) -> Numbers:
        """What is usual in a bin after each of its visits, which lie side by side."""
        starts = np.flatnonzero(np.diff(bins, prepend=_NONE))
        lengths = np.diff(np.append(starts, len(bins)))
        renewed = np.empty(len(bins))
        before = self._usual[bins[starts]]
        for turn in range(int(lengths.max(initial=0))):
            still = lengths > turn
            at, before = starts[still] + turn, before[still]
            starts, lengths = starts[still], lengths[still]
            moved = before + self._memory * (means[at] - before)
            before = np.where(np.isnan(before), means[at], moved)
            renewed[at] = before
        return renewed
