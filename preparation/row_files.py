"""Rows in files of memory: how a worker hands over tables, and keeps a large one from ever being whole in itself."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pyarrow as pa

from core.errors import PenstockError
from preparation.extraction import REPLAY


class RowFiles:
    """Takes the rows of tables piece by piece, each piece as an Arrow file in memory.

    Args:
        max_bytes: What all of them together may take: no process has them mapped, so nothing else counts them.
    """

    def __init__(self, max_bytes: int = sys.maxsize) -> None:
        self._descriptors: list[int] = []
        self._free_bytes = self._max_bytes = max_bytes

    def add(self, rows: pl.DataFrame) -> None:
        """Keeps the columns that hold anything: of a wide model most are null, and 8 bytes a row each.

        Raises:
            PenstockError: If they become more than they may.
        """
        descriptor = memory_file("rows")
        filled = [name for name in rows.columns if rows[name].null_count() < rows.height]
        rows.select(filled).write_ipc(path_of(descriptor))
        self._descriptors.append(descriptor)
        self._free_bytes -= os.fstat(descriptor).st_size
        if self._free_bytes < 0:
            raise PenstockError(
                f"Its rows take more than {self._max_bytes // 2**20} MiB of memory.",
                f"Split it, or raise preparation.memory_bytes, then {REPLAY}.",
            )

    @property
    def is_empty(self) -> bool:
        """Whether there is no piece by now."""
        return not self._descriptors

    def take(self) -> list[int]:
        """The descriptors of the pieces so far; from now on they are the caller's."""
        taken, self._descriptors = self._descriptors, []
        return taken

    def clear(self) -> None:
        """Forgets the pieces so far."""
        for descriptor in self.take():
            self._free_bytes += os.fstat(descriptor).st_size
            os.close(descriptor)


def rows_in(descriptors: Sequence[int], told: pl.DataFrame) -> pl.DataFrame:
    """The rows in such files, mapped, not copied, with null columns added again; closes the descriptors.

    Args:
        descriptors: Of the pieces, in order; where there are none, the rows are those that were told.
        told: Has all the columns.
    """
    if not descriptors:
        return told
    pieces = [piece for piece in map(_mapped, descriptors) if piece.width]
    filled = {name for piece in pieces for name in piece.columns}
    names = [name for name in told.columns if name in filled]
    whole = pl.concat([_with_nulls(piece, names, told.schema) for piece in pieces]) if pieces else told
    return _with_nulls(whole, told.columns, told.schema)


def memory_file(name: str) -> int:
    """A new file in memory (elsewhere than on Linux: an unlinked temporary file); its descriptor."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create(name)
    import tempfile

    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def path_of(descriptor: int) -> Path:
    """A path under which this process can open the file behind `descriptor` again, from its start."""
    folder = "/proc/self/fd" if sys.platform == "linux" else "/dev/fd"
    return Path(folder) / str(descriptor)


def _mapped(descriptor: int) -> pl.DataFrame:
    try:
        with pa.memory_map(str(path_of(descriptor))) as mapped:
            return pl.DataFrame(pa.ipc.open_file(mapped).read_all())
    finally:
        os.close(descriptor)


def _with_nulls(frame: pl.DataFrame, names: Sequence[str], schema: pl.Schema) -> pl.DataFrame:
    lacking = [pl.lit(None, schema[name]).alias(name) for name in names if name not in frame.columns]
    return frame.with_columns(lacking).select(names)
