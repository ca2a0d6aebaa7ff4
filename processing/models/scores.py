"""What models have said of rows, one by one: kept as far as the lake was read, each row once."""

import threading
from collections.abc import Callable
from pathlib import Path

import polars as pl

from core.errors import NotFoundError
from processing.kept_rows import Kept, KeptRows

FOLDER = "scores"


class ScoreStore:
    """The scores of models that score each row alone; one process writes, any number may read beside it.

    What another version of a model said counts as nothing.

    Args:
        folder: Where models are kept, a folder below it for each.
        version_of: The version of a model that counts.
    """

    def __init__(self, folder: Path, version_of: Callable[[str], int]) -> None:
        self._folder = folder
        self._version_of = version_of
        self._writing = threading.Lock()

    def version(self, name: str) -> int | None:
        """The lake version up to which rows were scored; None where the model as it is now has scored none."""
        kept = self._rows(name).kept(self._fingerprint(name))
        return None if kept is None else kept.version

    def file(self, name: str) -> Path:
        """Changes whenever the scores do."""
        return self._rows(name).commit_file

    def scores(self, name: str) -> pl.DataFrame:
        """All that was said, in the order it was; empty where nothing was."""
        try:
            return self._rows(name).read(self._fingerprint(name))[1]
        except NotFoundError:
            return pl.DataFrame()

    def replace(self, name: str, scored: pl.DataFrame, upto: int) -> None:
        """Keeps the scores of all rows up to a lake version, unless a stream has come further meanwhile."""
        with self._writing:
            reached = self.version(name)
            if reached is None or reached <= upto:
                self._rows(name).write(Kept(self._fingerprint(name), upto), scored)

    def append(self, name: str, scored: pl.DataFrame, *, after: int, upto: int) -> bool:
        """Adds the scores of rows of the versions in (after, upto], once.

        Returns:
            False where the scores do not stand at `after`, or are of another version of the model.
        """
        with self._writing:
            rows = self._rows(name)
            kept = rows.kept(self._fingerprint(name))
            if kept is None or kept.version != after:
                return False
            rows.write(Kept(kept.fingerprint, upto, kept.parts), scored)
        return True

    def _rows(self, name: str) -> KeptRows:
        return KeptRows(self._folder / name / FOLDER)

    def _fingerprint(self, name: str) -> str:
        return f"{name} {self._version_of(name)}"
