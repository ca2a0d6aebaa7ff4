"""Looking through an inbox in which nothing has changed."""

import os
from collections.abc import Iterator
from pathlib import Path

from measure import Comparison, Figure, at_least, compare, seconds_of

from core.settings import Ingestion
from ingestion import FolderSource

FILES = 10_000
FOLDERS = 50
ROUNDS = 5


def figures(folder: Path) -> Iterator[Figure]:
    """Scans ten thousand known files; beside it, a bare walk that asks the system for each file's state."""
    inbox = folder / "inbox"
    for number in range(FILES):
        file = inbox / f"{number % FOLDERS:02d}" / f"{number}.csv"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"id\n{number}\n", encoding="utf-8")
    source = FolderSource(inbox, Ingestion(settle_seconds=0.0))
    while found := source.scan():
        for candidate in found:
            source.finish(candidate)
    seconds = min(seconds_of(source.scan) for _ in range(ROUNDS))
    yield at_least("look again at unchanged files", FILES / seconds, 20_000, "files/s")
    yield compare(Comparison("the same, beside a bare walk", FILES, "files", source.scan, lambda: _walk(inbox), 0.25))


def _walk(folder: Path) -> int:
    return sum(os.stat(os.path.join(way, name)).st_size for way, _, names in os.walk(folder) for name in names)
