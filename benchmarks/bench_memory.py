"""Memory of a running system over 10,000 conversions: what it holds in all, and the largest worker.

The files are `documents` and `forms`, dropped again and again with other bytes appended. Proportional set size of the
running process and all below it, looked at between drops; growth is that of a line fitted from the 1,000th file on.

Beside the whole, what the processes hold of their own is told. The rest is files that are mapped: libraries, whose
share changes with whoever else on the machine has them open, and the search index, which grows with what is stored; the
room that those take is had back whenever something else wants it.
"""

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Held:
    """Bytes that processes hold of their own, and their share of the files that they have mapped."""

    anonymous: float
    mapped: float


def figures(folder: Path) -> Iterator[Figure]:
    """Growth from the 1,000th conversion to the last, and the largest worker of all that was seen."""
    yield from measured(folder, CONVERSIONS, WARM_UP)


def measured(folder: Path, conversions: int, warm_up: int) -> Iterator[Figure]:
    """As `figures`, over so many conversions."""
    files = samples("documents", "forms")
    seen: list[tuple[int, Held]] = []
    largest, done, turn = 0.0, 0, 0
    with running(folder / "home", WITHOUT_MODELS) as process:
        while done < conversions:
            place = folder / f"turn{turn}"
            laid_down(place, files, turn.to_bytes(4, "big") if turn else b"")
            done += len(dropped(folder / "home", place))
            shutil.rmtree(place)
            turn += 1
            held, worker = _memory(process)
            seen.append((done, held))
            largest = max(largest, worker)
    settled = [(count, held) for count, held in seen if count >= warm_up]
    whole = [(count, held.anonymous + held.mapped) for count, held in settled]
    own = [(count, held.anonymous) for count, held in settled]
    yield observed("memory of the whole system, after the 1,000th file", whole[0][1] / MIB, "MiB")
    yield observed(f"the same, after {done:,} files", whole[-1][1] / MIB, "MiB")
    yield at_most("growth from the 1,000th file to the last", _growth(whole), MAX_GROWTH, "of it")
    yield observed("of it without mapped files, after the 1,000th file", own[0][1] / MIB, "MiB")
    yield observed(f"the same, after {done:,} files", own[-1][1] / MIB, "MiB")
    yield observed("growth of that", _growth(own), "of it")
    yield at_most("the largest worker", largest / MIB, Preparation().memory_bytes / MIB, "MiB")


def _growth(seen: Sequence[tuple[int, float]]) -> float:
    """By a straight line: single looks catch a worker before or after it is replaced."""
    slope, start = linear_regression([count for count, _ in seen], [total for _, total in seen])
    first, last = start + slope * seen[0][0], start + slope * seen[-1][0]
    return (last - first) / first


def _memory(process: psutil.Process) -> tuple[Held, float]:
    """Of the system, and of its largest child."""
    children = []
    for child in process.children(recursive=True):
        with contextlib.suppress(OSError, psutil.Error):  # it has ended since
            children.append(_held(child.pid))
    all_held = [_held(process.pid), *children]
    whole = Held(sum(each.anonymous for each in all_held), sum(each.mapped for each in all_held))
    return whole, max((each.anonymous + each.mapped for each in children), default=0.0)


def _held(pid: int) -> Held:
    """The proportional set size of one process."""
    lines = (line.split() for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    sizes = {name: 1024.0 * int(kib) for name, kib, *_ in lines}
    return Held(sizes["Pss_Anon:"], sizes["Pss:"] - sizes["Pss_Anon:"])
