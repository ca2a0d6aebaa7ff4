"""Collecting one file: hashed and sealed in one read, by whoever it really is at that moment."""

import errno
import os
from dataclasses import dataclass, replace
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING

from core.blob import Blob
from ingestion.records import FileStamp, Received

if TYPE_CHECKING:  # the ports bring Polars and Arrow, which reading the ledger can do without
    from core.ports import Put

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC  # a pipe under a file's name does not hold us up


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that is complete, as far as anyone can tell.

    Attributes:
        path: Where it is: the folder as given, joined with the way to the file.
        stamp: Its stamp when it was found.
        declared: The dataset that its folder declares, or None.
        root: The folder below which no link is followed; "" for a file that a person named.
        is_watched: Whether a source looks at it again, so that the ledger has to know its stamp.
    """

    path: str
    stamp: FileStamp
    declared: str | None = None
    root: str = ""
    is_watched: bool = False


@dataclass(frozen=True, slots=True)
class Collected:
    """A file whose bytes the vault has.

    Attributes:
        candidate: The file, under the stamp that it was read with.
        blob: What the vault says of its bytes.
    """

    candidate: Candidate
    blob: Blob

    def received(self, source: str) -> Received:
        """What the ledger is told."""
        stamp = self.candidate.stamp if self.candidate.is_watched else None
        return Received(self.candidate.path, self.blob, source, self.candidate.declared, stamp=stamp)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A path that was not collected.

    Attributes:
        path: Which.
        kind: ``changed`` (while it was read), ``gone``, ``unreadable``, ``link`` or ``special`` (no regular file).
        reason: What is wrong, in words.
        fix: What to do.
        is_retryable: Whether trying again later may do without anybody's help.
    """

    path: str
    kind: str
    reason: str
    fix: str
    is_retryable: bool


def collect(candidate: Candidate, put: "Put") -> Collected | Refusal:
    """Puts a file into the vault. What lies there is whole: a file that changed while it was read is refused.

    Args:
        candidate: The file.
        put: Takes its bytes into the vault, alone or with others.

    Raises:
        StorageError: If the vault cannot take it.
    """
    try:
        descriptor = _opened(candidate)
    except OSError as error:
        return refusal_of(candidate.path, error)
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        before = os.fstat(descriptor)
        if not S_ISREG(before.st_mode):
            return Refusal(candidate.path, "special", "It is no regular file.", "Drop a file.", is_retryable=False)
        try:
            blob = put(file)
        except OSError as error:
            return refusal_of(candidate.path, error)
        after = os.fstat(descriptor)
    stamp = FileStamp.of(before)
    if stamp != FileStamp.of(after) or blob.size != before.st_size:
        reason = "It changed while it was read."
        return Refusal(candidate.path, "changed", reason, "It is read again when it rests.", is_retryable=True)
    return Collected(replace(candidate, stamp=stamp), blob)


def candidate_at(path: Path) -> Candidate | Refusal:
    """The file that a person named; a link that they named is followed."""
    try:
        return Candidate(str(path), FileStamp.of(path.stat()))
    except OSError as error:
        return refusal_of(str(path), error)


def refusal_of(path: str, error: OSError) -> Refusal:
    """An error of the operating system as a refusal."""
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return Refusal(path, "gone", "It is no longer there.", "Drop it again.", is_retryable=False)
    if error.errno == errno.ELOOP:
        return Refusal(path, "link", "A link leads to it.", "Drop the file itself.", is_retryable=False)
    if error.errno == errno.ENXIO:
        return Refusal(path, "special", "It is no regular file.", "Drop a file.", is_retryable=False)
    reason = f"It cannot be read: {error.strerror}."
    return Refusal(path, "unreadable", reason, f"Give read permission: chmod a+r '{path}'.", is_retryable=True)


def _opened(candidate: Candidate) -> int:
    """Opens a file, and below a root follows no link on the way: what was no link when found may be one now."""
    if not candidate.root:
        return os.open(candidate.path, _FILE)
    *folders, name = os.path.relpath(candidate.path, candidate.root).split(os.sep)
    folder = os.open(candidate.root, _FOLDER)
    try:
        for each in folders:
            inner = os.open(each, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = inner
        return os.open(name, _FILE | os.O_NOFOLLOW, dir_fd=folder)
    finally:
        os.close(folder)
