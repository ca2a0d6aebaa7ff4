"""Takes files into the vault and the ledger."""

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import PenstockError
from core.ports import Vault
from ingestion import Arrival, Candidate, Collected, Ledger, Refusal, Step, candidate_at, collect, refusal_of

COLLECTORS = 4
"""They wait for the disk more than they work: two took in 140 files of 30 kB a second here, four 440, eight no more."""
AHEAD = 16
"""Files that may be taken in while those before them are put into the ledger, which waits for the disk too."""
MAX_GROUP = 64
MAX_GROUP_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class File:
    """A file to be taken in.

    Attributes:
        candidate: The file.
        shown: The path that people are shown.
        source: The name of the source.
    """

    candidate: Candidate
    shown: str
    source: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that is in the ledger now."""

    file: File
    arrival: Arrival


class Intake:
    """Hashes and seals files, a few at a time, and receives them in groups.

    Args:
        vault: Where the bytes go.
        ledger: Where the arrivals go.
    """

    def __init__(self, vault: Vault, ledger: Ledger) -> None:
        self._vault = vault
        self._ledger = ledger
        self._executor = ThreadPoolExecutor(COLLECTORS, thread_name_prefix="collector")

    def take(self, files: Iterable[File], refuse: Callable[[File, Refusal], None]) -> Iterator[list[Taken]]:
        """Takes in files; gives them in groups as they are in the ledger.

        Args:
            files: The files.
            refuse: Is told of a file that could not be collected, and why; the others go on.
        """
        group: list[tuple[File, Collected, float]] = []
        opened = time.monotonic()
        for file, future in self._ahead(files):
            collected, seconds = future.result()
            if isinstance(collected, Refusal):
                refuse(file, collected)
            else:
                group.append((file, collected, seconds))
            if len(group) >= MAX_GROUP or time.monotonic() - opened > MAX_GROUP_SECONDS:
                yield self._receive(group)
                group, opened = [], time.monotonic()
        yield self._receive(group)

    def close(self) -> None:
        """Finishes the files that it is at."""
        self._executor.shutdown(cancel_futures=True)

    def _ahead(self, files: Iterable[File]) -> Iterator[tuple[File, "Future[tuple[Collected | Refusal, float]]"]]:
        """Each file with its collection under way, a few ahead of the consumer."""
        under_way: deque[tuple[File, Future[tuple[Collected | Refusal, float]]]] = deque()
        for file in files:
            under_way.append((file, self._executor.submit(self._collect, file)))
            if len(under_way) > AHEAD:
                yield under_way.popleft()
        yield from under_way

    def _collect(self, file: File) -> tuple[Collected | Refusal, float]:
        started = time.monotonic()
        try:
            collected = collect(file.candidate, self._vault)
        except PenstockError as error:
            collected = Refusal(file.candidate.path, "unreadable", error.reason, error.fix, is_retryable=True)
        return collected, round(time.monotonic() - started, 4)

    def _receive(self, group: list[tuple[File, Collected, float]]) -> list[Taken]:
        if not group:
            return []
        received = [replace(collected.received(file.source), path=file.shown) for file, collected, _ in group]
        arrivals = self._ledger.receive(received)
        told = [f"{arrival.bytes} bytes hashed and sealed" for arrival in arrivals]
        steps = zip(arrivals, told, group, strict=True)
        self._ledger.add_steps([Step(each.id, "ingestion", "collected", text, row[2]) for each, text, row in steps])
        return [
            Taken(replace(file, candidate=collected.candidate), arrival)  # under the stamp that it was read with
            for (file, collected, _), arrival in zip(group, arrivals, strict=True)
        ]


def walk(
    given: Iterable[tuple[str, str]], source: str, *, leave_out: Path, refuse: Callable[[str, Refusal], None]
) -> Iterator[File]:
    """The regular files at and below some paths, in order; links inside folders and special files are left alone.

    Args:
        given: Pairs of a path as people gave it and the same path made absolute.
        source: The name of the source.
        leave_out: A folder not to enter: our own home.
        refuse: Is told of a path that cannot be looked at.
    """
    for shown, absolute in given:
        for path, name in _files(Path(absolute), shown, leave_out=leave_out, refuse=refuse):
            candidate = candidate_at(path)
            if isinstance(candidate, Refusal):
                refuse(name, candidate)
            else:
                yield File(candidate, name, source)


def _files(
    root: Path, shown: str, *, leave_out: Path, refuse: Callable[[str, Refusal], None]
) -> Iterator[tuple[Path, str]]:
    if not root.is_dir():
        yield root, shown
        return

    def unlisted(error: OSError) -> None:
        refuse(str(error.filename), refusal_of(str(error.filename), error))

    for folder, folders, names in os.walk(root, onerror=unlisted):
        inside = Path(folder)
        folders[:] = sorted(name for name in folders if inside / name != leave_out)
        for path in (inside / name for name in sorted(names)):
            if path.is_file() and not path.is_symlink():
                yield path, str(Path(shown) / path.relative_to(root))
