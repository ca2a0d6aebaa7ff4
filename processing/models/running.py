"""Figures of a series that never ends, in memory that does not grow: how far off a value is, and how far that is."""

import numpy as np

from processing.models.quality import Numbers

LARGEST = 1e150
"""Values beyond could not be squared."""

_TINY = 1e-9


class RunningMean:
    """The mean of all values so far; what is long ago counts less.

    Args:
        memory: After how many values one counts e times less.
    """

    def __init__(self, memory: int) -> None:
        self._decay = 1 - 1 / memory
        self._sum, self._count = np.zeros(1), 0

    def before(self, values: Numbers) -> Numbers:
        """The mean before each value; of the first the value itself. Then learns from them."""
        sums, self._sum = decayed(values, self._decay, self._sum)
        counts = np.arange(self._count, self._count + len(values))
        self._count += len(values)
        mean: Numbers = np.where(counts == 0, values, sums / total_weight(counts, self._decay))
        return mean


class RunningDistance:
    """How far the mean of the last few values is from all before them, in deviations; what is long ago counts less.

    Args:
        last: Over how many values the mean is taken, this one included.
        memory: After how many values one counts e times less.
    """

    def __init__(self, last: int, memory: int) -> None:
        self._tail = np.zeros(0)
        self._last, self._decay = last, 1 - 1 / memory
        self._sum, self._squares, self._count = np.zeros(1), np.zeros(1), 0

    def distances(self, values: Numbers) -> Numbers:
        """Of each value, from those before it; 0 of the first two. Then learns from them."""
        sums, self._sum = decayed(values, self._decay, self._sum)
        squares, self._squares = decayed(values * values, self._decay, self._squares)
        counts = np.arange(self._count, self._count + len(values))
        self._count += len(values)
        weights = total_weight(counts, self._decay)
        mean = sums / weights
        spread = np.sqrt(np.maximum(squares / weights - mean * mean, 0.0))
        floor = _TINY * (np.abs(mean) + np.sqrt(squares / weights)) + np.finfo(float).tiny
        found: Numbers = np.abs(self._means_of_last(values) - mean) / np.maximum(spread, floor)
        found[counts < 2] = 0.0  # noqa: PLR2004 - two values have a spread
        return found

    def _means_of_last(self, values: Numbers) -> Numbers:
        """Added up one by one in one order, so that they do not depend on how the series was cut into calls."""
        joined = np.concatenate([self._tail, values])
        start = len(self._tail)
        total, count = np.zeros(len(values)), np.zeros(len(values))
        for back in range(min(self._last, len(joined))):
            first = max(0, back - start)
            total[first:] += joined[start + first - back : len(joined) - back]
            count[first:] += 1
        self._tail = joined[-(self._last - 1) :] if self._last > 1 else self._tail
        return total / count


class RunningQuantile:
    """A quantile of all values so far, from a histogram of their logarithms; renewed every few values.

    Args:
        share: Which quantile.
        every: After how many values it is renewed; it is known after the first so many.
    """

    LEAST, RESOLUTION, BINS = 1e-4, 0.04, 480  # up to 2e4 deviations, each bin 4 % wide

    def __init__(self, share: float, every: int) -> None:
        self._share, self._every = share, every
        self._counts = np.zeros(self.BINS, np.int64)
        self._pending = np.zeros(0, np.int64)
        self._quantile = np.nan

    def before(self, values: Numbers) -> Numbers:
        """The quantile that was known before each value; NaN where none was. Then learns from them."""
        logs = np.log(np.maximum(values, self.LEAST) / self.LEAST) / self.RESOLUTION
        bins = np.concatenate([self._pending, np.minimum(logs, self.BINS - 1).astype(np.int64)])
        blocks = len(bins) // self._every
        known = np.concatenate([[self._quantile], self._renewed(bins[: blocks * self._every], blocks)])
        self._quantile = known[-1]
        found = np.repeat(known, self._every)[len(self._pending) :][: len(values)]
        self._pending = bins[blocks * self._every :]
        return found

    def _renewed(self, bins: Numbers, blocks: int) -> Numbers:
        """The quantile after each block of values."""
        cells = np.repeat(np.arange(blocks) * self.BINS, self._every) + bins
        counts = np.bincount(cells, minlength=blocks * self.BINS).reshape(blocks, self.BINS)
        counts = self._counts + counts.cumsum(axis=0)
        if blocks:
            self._counts = counts[-1]
        below = counts.cumsum(axis=1)
        rank = (self._share * below[:, -1:]).astype(np.int64)
        renewed: Numbers = self.LEAST * np.exp((below > rank).argmax(axis=1) * self.RESOLUTION)
        return renewed


def decayed(values: Numbers, decay: float, state: Numbers) -> tuple[Numbers, Numbers]:
    """The decayed sum before each value, and that after the last, from the sum before the first."""
    from scipy.signal import lfilter  # a second to import, which no other command has to wait for

    after, _ = lfilter([1.0], [1.0, -decay], values, zi=decay * state)
    joined = np.concatenate([state, after])
    return joined[:-1], joined[-1:]


def total_weight(counts: Numbers, decay: float) -> Numbers:
    """What so many values weigh together, the newest 1; of none as of one."""
    weight: Numbers = (1 - decay ** np.maximum(counts, 1)) / (1 - decay)
    return weight
