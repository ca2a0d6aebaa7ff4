"""Measures ours beside the bare libraries, in one run, and keeps what was measured.

A `Comparison` is a thing done two ways: `ours`, and `bare`, the same steps with the same libraries in one script. The
two take turns, so that a machine that slows down slows both, and the best of each counts: what is above it is the
machine's noise, not the code's cost. Speeds are figures of one machine; their ratio is what is promised.
"""

import gc
import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
_HEAD = "# Results\n\nAppended by `make bench`; the newest run is last. What each line means is in README.md.\n"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A thing done two ways.

    Attributes:
        name: What is done, in words.
        amount: How much of it one call does, in `unit`.
        unit: What is counted: rows, bytes, files.
        ours: Does it through Penstock.
        bare: Does it with the libraries alone.
        at_least: The promised ratio of our speed to the bare one.
    """

    name: str
    amount: float
    unit: str
    ours: Callable[[], object]
    bare: Callable[[], object]
    at_least: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the results.

    Attributes:
        name: What was measured.
        ours: Our figure, with its unit.
        bare: The figure of the bare libraries, or "".
        ratio: Ours to bare, or our figure to the promise where there is nothing bare.
        promise: What the figure must keep, in words.
        is_kept: Whether it did.
    """

    name: str
    ours: str
    bare: str
    ratio: str
    promise: str
    is_kept: bool


def compare(comparison: Comparison, rounds: int = 3) -> Figure:
    """Does both ways in turn, `rounds` times after one that does not count."""
    comparison.bare()
    comparison.ours()
    bare, ours = [], []
    for _ in range(rounds):
        bare.append(seconds_of(comparison.bare))
        ours.append(seconds_of(comparison.ours))
    ratio = min(bare) / min(ours)
    return Figure(
        name=comparison.name,
        ours=f"{_readable(comparison.amount / min(ours))} {comparison.unit}/s",
        bare=f"{_readable(comparison.amount / min(bare))} {comparison.unit}/s",
        ratio=f"{ratio:.2f}",
        promise=f"at least {comparison.at_least:g} of bare",
        is_kept=ratio >= comparison.at_least,
    )


def observed(name: str, value: float, unit: str) -> Figure:
    """A figure that promises nothing."""
    return Figure(name, f"{_readable(value)} {unit}", "", "", "", is_kept=True)


def at_least(name: str, value: float, promised: float, unit: str) -> Figure:
    """A figure that must not be lower than promised."""
    promise = f"at least {_readable(promised)} {unit}"
    return Figure(name, f"{_readable(value)} {unit}", "", f"{value / promised:.2f}", promise, value >= promised)


def at_most(name: str, value: float, promised: float, unit: str) -> Figure:
    """A figure that must not be higher than promised."""
    promise = f"at most {_readable(promised)} {unit}"
    ratio = f"{value / promised:.2f}" if promised else ""
    return Figure(name, f"{_readable(value)} {unit}", "", ratio, promise, value <= promised)


def seconds_of(work: Callable[[], object]) -> float:
    """Wall-clock seconds of one call, with nothing left over from the one before."""
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that at least `share` of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]


def report(figures: Sequence[Figure], results: Path = RESULTS) -> str:
    """Appends a table with the date and the machine to `results`.

    Returns:
        The table.
    """
    lines = [
        f"## {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "",
        machine(),
        "",
        "| what | ours | bare | ratio | promise | kept |",
        "|---|--:|--:|--:|---|---|",
        *(_row(figure) for figure in figures),
    ]
    table = "\n".join(lines) + "\n"
    before = results.read_text(encoding="utf-8") if results.exists() else _HEAD
    results.write_text(f"{before.rstrip()}\n\n{table}", encoding="utf-8")
    return table


def _row(figure: Figure) -> str:
    kept = "yes" if figure.is_kept else "**no**"
    return f"| {figure.name} | {figure.ours} | {figure.bare} | {figure.ratio} | {figure.promise} | {kept} |"


def machine() -> str:
    """The machine in one line: cores we may use, processor, memory, Python."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{cores} cores, {_processor()}, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}"


def _processor() -> str:
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        for line in listing.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _readable(value: float) -> str:
    for step, suffix in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if abs(value) >= step:
            return f"{value / step:.3g}{suffix}"
    return f"{value:.3g}"
