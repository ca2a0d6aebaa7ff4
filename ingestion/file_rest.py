"""Telling a file that is complete from one that is still being written."""

import errno
import fcntl
import os
import secrets
import signal
import time
from pathlib import Path


def clock_skew(folder: Path) -> float | None:
    """By how many seconds the clock of the folder's file system is ahead of ours; None if it cannot be told.

    A file server stamps files by its own clock: behind ours, it would make a growing file look old.
    """
    probe = folder / f".penstock-clock-{secrets.token_hex(4)}"
    try:
        probe.touch(exist_ok=False)
        try:
            return probe.stat().st_mtime - time.time()
        finally:
            probe.unlink(missing_ok=True)
    except OSError:
        return None


def is_open_for_writing(path: str) -> bool:
    """Whether some process holds the file open for writing; False also where that cannot be told.

    The kernel gives a read lease only on a file that nobody may write. It is given back at once; SIGURG, which is
    ignored by default, stands in for the SIGIO that would end us if a writer came in between. Leases are for local
    file systems and for files of our own user.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    finally:
        os.close(descriptor)
    return False
