"""Memory of a running system over 10,000 conversions: what it holds in all, and the largest worker.

The files are `documents` and `forms`, dropped again and again with other bytes appended. Proportional set size of the
running process and all below it, looked at between drops; growth is that of a line fitted from the 1,000th file on.
"""

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import linear_regression

import psutil
from bench_drop import WITHOUT_MODELS, dropped, laid_down
from measure import Figure, at_most, observed
from running import running
from samples import samples

from core.settings import Preparation

CONVERSIONS = 10_000
WARM_UP = 1_000
MAX_GROWTH = 0.05
MIB = 2**20


def figures(folder: Path) -> Iterator[Figure]:
    """Growth from the 1,000th conversion to the last, and the largest worker of all that was seen."""
    yield from measured(folder, CONVERSIONS, WARM_UP)


def measured(folder: Path, conversions: int, warm_up: int) -> Iterator[Figure]:
    """As `figures`, over so many conversions."""
    files = samples("documents", "forms")
    seen: list[tuple[int, float]] = []
    largest, done, turn = 0.0, 0, 0
    with running(folder / "home", WITHOUT_MODELS) as process:
        while done < conversions:
            place = folder / f"turn{turn}"
            laid_down(place, files, turn.to_bytes(4, "big") if turn else b"")
            done += len(dropped(folder / "home", place))
            shutil.rmtree(place)
            turn += 1
            total, worker = _memory(process)
            seen.append((done, total))
            largest = max(largest, worker)
    settled = [pair for pair in seen if pair[0] >= warm_up]
    yield observed("memory of the whole system, after the 1,000th file", settled[0][1] / MIB, "MiB")
    yield observed(f"the same, after {done:,} files", settled[-1][1] / MIB, "MiB")
    yield at_most("growth from the 1,000th file to the last", _growth(settled), MAX_GROWTH, "of it")
    yield at_most("the largest worker", largest / MIB, Preparation().memory_bytes / MIB, "MiB")


def _growth(seen: Sequence[tuple[int, float]]) -> float:
    """By a straight line: single looks catch a worker before or after it is replaced."""
    slope, start = linear_regression([count for count, _ in seen], [total for _, total in seen])
    first, last = start + slope * seen[0][0], start + slope * seen[-1][0]
    return (last - first) / first


def _memory(process: psutil.Process) -> tuple[float, float]:
    """Of the system, and of its largest child."""
    children = []
    for child in process.children(recursive=True):
        with contextlib.suppress(psutil.Error):  # it has ended since
            children.append(float(child.memory_full_info().pss))
    return process.memory_full_info().pss + sum(children), max(children, default=0.0)
