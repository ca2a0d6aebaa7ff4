"""Gives memory back to the machine that the allocators keep after a large piece of work."""

import ctypes
import sys
from contextlib import suppress

import pyarrow as pa


def give_back() -> None:
    """Lets go of free memory.

    Arrow and glibc keep what they once had, each thread in an arena of its own. Measured on files of 1,000,000 rows:
    without this the process had grown by 80 MB a file after four of them, with it by nothing. It takes 15 ms.
    """
    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        with suppress(AttributeError):  # another C library than glibc
            ctypes.CDLL(None).malloc_trim(0)
