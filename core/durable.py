"""What has to be on the disk before it may be said to be there."""

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Waits until the bytes of a file, or the names in a folder, are on the disk.

    Raises:
        OSError: If it is gone, or they cannot be written.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
