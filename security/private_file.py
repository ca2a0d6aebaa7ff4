"""Files that only their owner may read: written whole or not at all, by one process at a time."""

import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.durable import sync

PRIVATE = 0o600
PUBLIC = 0o644
_OPEN_TO_OTHERS = 0o077


def replace_file(file: Path, content: bytes, mode: int = PRIVATE) -> None:
    """Puts `content` in the place of the file at once; durable on return.

    Raises:
        OSError: If it cannot be written; the file is then as it was.
    """
    fresh = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        fresh.replace(file)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    sync(file.parent)


def read_private(file: Path) -> tuple[bytes, str]:
    """The content of a file, and its mode in octal where others can read it too, or ""."""
    with file.open("rb") as opened:
        mode = stat.S_IMODE(os.fstat(opened.fileno()).st_mode)
        return opened.read(), f"{mode:04o}" if mode & _OPEN_TO_OTHERS else ""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Holds the folder against other processes that change files in it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
