"""Rows that grow with the lake, kept in Parquet parts; one small file says which parts count, and up to which version.

That file is replaced in one step, so that what a version brought is there whole or not at all, and never twice.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from core.errors import NotFoundError
from processing.committed_rows import READ_TRIES, commit, read_rows, write_rows

_COMMIT_FILE = "kept.json"
_FORMAT = 1  # of what is kept; raised when it changes


@dataclass(frozen=True, slots=True)
class Part:
    """A file of rows."""

    file: str
    rows: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What counts.

    Attributes:
        fingerprint: Of the definition that the rows follow from.
        version: The lake version they have reached.
        parts: Rows that stay as they are, in the order they came.
        open: Rows that the next version may change, or None.
        facts: What else is known up to that version.
        format: Of what is kept.
    """

    fingerprint: str
    version: int
    parts: tuple[Part, ...] = ()
    open: Part | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    format: int = _FORMAT

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return sum(part.rows for part in self.parts) + (self.open.rows if self.open else 0)


class KeptRows:
    """One table in a folder of its own; one process writes, any number may read beside it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def commit_file(self) -> Path:
        """The file that says which parts count."""
        return self._folder / _COMMIT_FILE

    def kept(self, fingerprint: str) -> Kept | None:
        """What counts; None where nothing does, or it follows from another definition."""
        try:
            told = json.loads(self.commit_file.read_text())
            parts = tuple(Part(**part) for part in told["parts"])
            kept = Kept(**told | {"parts": parts, "open": Part(**told["open"]) if told["open"] else None})
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return kept if kept.fingerprint == fingerprint and kept.format == _FORMAT else None

    def read(self, fingerprint: str) -> tuple[Kept, pl.DataFrame, pl.DataFrame]:
        """What counts, the rows that stay and the open ones.

        Raises:
            NotFoundError: If there are none of that definition, or they cannot be read.
        """
        last: Exception | None = None
        for _ in range(READ_TRIES):
            kept = self.kept(fingerprint)
            if kept is None:
                break
            try:
                return kept, self._rows(kept.parts), self._rows([kept.open] if kept.open else [])
            except (OSError, PolarsError) as error:
                last = error
        raise NotFoundError(f"Nothing is kept in {self._folder}.", "It is computed anew at the next run.") from last

    def open_rows(self, kept: Kept) -> pl.DataFrame:
        """The open rows alone; for the writer."""
        return self._rows([kept.open] if kept.open else [])

    def write(self, after: Kept, added: pl.DataFrame, open_rows: pl.DataFrame | None = None) -> Kept:
        """Commits rows beside the parts of `after`, whose version, facts and fingerprint are those from now on.

        Parts are joined as they grow, each at least twice as large as the next, so that there are few of them and
        each row is written a few times only.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        parts = list(after.parts)
        if added.height:
            parts.append(self._written(added))
        while len(parts) > 1 and parts[-2].rows < 2 * parts[-1].rows:
            joined = self._written(self._rows(parts[-2:]))
            parts[-2:] = [joined]
        opened = self._written(open_rows) if open_rows is not None else None
        kept = Kept(after.fingerprint, after.version, tuple(parts), opened, after.facts)
        commit(self.commit_file, asdict(kept), {part.file for part in (*parts, *filter(None, [opened]))})
        return kept

    def drop(self) -> None:
        """Forgets all."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _rows(self, parts: Sequence[Part]) -> pl.DataFrame:
        frames = [read_rows(self._folder, part.file) for part in parts]
        return pl.concat(frames) if frames else pl.DataFrame()

    def _written(self, rows: pl.DataFrame) -> Part:
        return Part(write_rows(self._folder, rows), rows.height)
