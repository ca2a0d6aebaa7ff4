"""What becomes of a file in the inbox once the vault has its bytes and the ledger its arrival."""

import errno
import os
import shutil
from pathlib import Path

from ingestion.collector import Candidate
from ingestion.records import FileStamp


def dispose(candidate: Candidate, after: str, done: Path) -> bool:
    """Keeps, moves or deletes a file; whether it is gone from its place.

    It is left alone if it is no longer the file that was collected: then it is a new one, to be taken in.

    Args:
        candidate: As it was collected.
        after: ``keep``, ``move`` (below `done`, on the same way as below its root) or ``delete``.
        done: The folder for moved files.

    Raises:
        OSError: If it cannot be moved or deleted.
    """
    if after == "keep":
        return False
    path = Path(candidate.path)
    try:
        if FileStamp.of(path.lstat()) != candidate.stamp:
            return False
        if after == "delete":
            path.unlink()
        else:
            _move(path, done / path.relative_to(candidate.root))
    except FileNotFoundError:
        return True
    return True


def _move(path: Path, wanted: Path) -> None:
    wanted.parent.mkdir(parents=True, exist_ok=True)
    target, number = wanted, 1
    while target.exists():
        number += 1
        target = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
    try:
        path.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy(path, target)
        path.unlink()


def _copy(path: Path, target: Path) -> None:
    """Copies to another file system; the copy has its name only when it is whole and on disk."""
    fresh = target.with_name(f".{target.name}.part")
    shutil.copy2(path, fresh)
    with fresh.open("rb+") as file:
        os.fsync(file.fileno())
    fresh.rename(target)
