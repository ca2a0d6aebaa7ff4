"""Takes files into the vault and the ledger."""

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import PenstockError
from core.ports import Put, Vault
from ingestion import Arrival, Candidate, Collected, Ledger, Refusal, Step, candidate_at, collect, refusal_of

COLLECTORS = 2
"""They wait for the disk more than they work; while one waits for the syncs of its files, the other seals."""
TOGETHER = 32
TOGETHER_BYTES = 8 * 1024 * 1024
"""Files that are made durable together: so many, or what comes to so many bytes."""
AHEAD = 3
"""Groups that may be taken in while those before them are put into the ledger, which waits for the disk too."""
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


_Told = tuple[Collected | Refusal, float]
"""What became of a file, and the seconds that it took."""


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
        for together, future in self._ahead(files):
            for file, (collected, seconds) in zip(together, future.result(), strict=True):
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

    def _ahead(self, files: Iterable[File]) -> Iterator[tuple[list[File], "Future[list[_Told]]"]]:
        """Files with their collection under way, a few groups ahead of the consumer."""
        under_way: deque[tuple[list[File], Future[list[_Told]]]] = deque()
        for together in _groups(files):
            under_way.append((together, self._executor.submit(self._collect, together)))
            if len(under_way) > AHEAD:
                yield under_way.popleft()
        yield from under_way

    def _collect(self, files: Sequence[File]) -> list[_Told]:
        """Collects files together; one by one where not all can be kept, so that each has its own fate."""
        try:
            with self._vault.together() as put:
                return [_collected(file, put) for file in files]
        except (PenstockError, OSError):
            return [_collected(file, self._vault.put) for file in files]

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


def _collected(file: File, put: Put) -> _Told:
    started = time.monotonic()
    try:
        collected = collect(file.candidate, put)
    except PenstockError as error:
        collected = Refusal(file.candidate.path, "unreadable", error.reason, error.fix, is_retryable=True)
    return collected, round(time.monotonic() - started, 4)


def _groups(files: Iterable[File]) -> Iterator[list[File]]:
    """The files in groups that are made durable together."""
    group: list[File] = []
    size = 0
    for file in files:
        group.append(file)
        size += file.candidate.stamp.size
        if len(group) >= TOGETHER or size >= TOGETHER_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


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
