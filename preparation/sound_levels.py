"""How loud a sound is, and how much of it is silence."""

import math
from collections.abc import Iterable, Iterator

import numpy as np

from preparation.sound import SAMPLE_RATE, Samples

SILENCE_DBFS = -50.0
_FLOOR_DBFS = -120.0  # digital silence, which has no logarithm
_WINDOW = SAMPLE_RATE // 10


class Levels:
    """Peak, mean level and silence of a sound, added up block by block."""

    def __init__(self) -> None:
        self._peak = 0.0
        self._energy = 0.0
        self._samples = 0
        self._windows = 0
        self._silent = 0
        self._rest: Samples = np.empty(0, np.float32)

    def measured(self, blocks: Iterable[Samples]) -> Iterator[Samples]:
        """The blocks as they come, each of them added."""
        for block in blocks:
            self.add(block)
            yield block

    def add(self, block: Samples) -> None:
        """Adds the samples that come next."""
        if not len(block):
            return
        self._peak = max(self._peak, float(np.abs(block).max()))
        self._energy += float(np.square(block, dtype=np.float64).sum())
        self._samples += len(block)
        joined = np.concatenate([self._rest, block])
        whole = len(joined) // _WINDOW * _WINDOW
        energies = np.square(joined[:whole].reshape(-1, _WINDOW)).mean(axis=1)
        self._windows += len(energies)
        self._silent += int((energies < 10 ** (SILENCE_DBFS / 10)).sum())
        self._rest = joined[whole:]

    def facts(self) -> dict[str, float]:
        """``level_dbfs`` (mean), ``peak_dbfs`` and ``silence_share``; empty where there was no sound."""
        if not self._samples:
            return {}
        return {
            "level_dbfs": _dbfs(math.sqrt(self._energy / self._samples)),
            "peak_dbfs": _dbfs(self._peak),
            "silence_share": round(self._silent / self._windows, 3) if self._windows else 0.0,
        }


def _dbfs(amplitude: float) -> float:
    return round(max(_FLOOR_DBFS, 20 * math.log10(amplitude)), 1) if amplitude > 0 else _FLOOR_DBFS
