"""What the C library keeps of memory that is free."""

import ctypes
import sys
from contextlib import suppress


def trim() -> None:
    """Has glibc give its free pages back to the system; 1 to 15 ms. With another C library nothing happens."""
    if sys.platform == "linux":
        with suppress(AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
