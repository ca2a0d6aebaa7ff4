"""Where views are kept between runs: each one's state and the lake version it has reached."""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

import polars as pl
from polars.exceptions import PolarsError

from core.dataset import Dataset
from core.errors import NotFoundError, VersionGoneError
from core.ports import Lake
from processing.engine import Engine, LakeTable
from processing.local_engine import LocalEngine
from processing.state import finish, merge, state_schema
from processing.view import View

_COMMIT_FILE = "view.json"
_FORMAT = 1  # of the state; raised when what is kept of a metric changes


@dataclass(frozen=True, slots=True)
class _Kept:
    """What `view.json` says: which file holds the state, of which definition, up to which version."""

    view: str
    fingerprint: str
    version: int
    state: str
    format: int


class ViewStore:
    """Keeps views in a folder, one below it for each; a half-done write is never seen.

    One process writes; any number may read beside it. Reading needs no engine.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._local = LocalEngine()
        self._finished: dict[str, tuple[str, pl.DataFrame]] = {}

    def version(self, view: View) -> int:
        """The lake version that the view has reached; -1 where it was never computed, or not as defined now."""
        kept = self._kept(view)
        return -1 if kept is None else kept.version

    def rows(self, view: View, dataset: Dataset) -> pl.DataFrame:
        """The view's rows, in its order.

        Raises:
            NotFoundError: If it was never computed, or not as it is defined now.
        """
        name, state = self._read(view, dataset)
        cached = self._finished.get(view.name)
        if cached is None or cached[0] != name:
            cached = (name, finish(view, dataset, state))
            self._finished[view.name] = cached
        return cached[1]

    def refresh(self, view: View, dataset: Dataset, lake: Lake) -> int:
        """Brings the view up to the lake's newest version by reading only what is new.

        It is rebuilt where its definition changed, its state is unreadable or the lake can no longer tell the new
        versions apart.

        Returns:
            The version it has reached.

        Raises:
            UsageError: If the view names what the dataset does not have.
        """
        upto = lake.version(dataset.name)
        try:
            kept, state = self._kept(view), self._read(view, dataset)[1]
        except NotFoundError:
            return self.rebuild(view, dataset, lake)
        if kept is None or kept.version > upto:
            return self.rebuild(view, dataset, lake)
        if kept.version == upto:
            return upto
        try:
            new = self._local.state_of_frames(view, dataset, lake.changes(dataset.name, kept.version, upto))
        except VersionGoneError:
            return self.rebuild(view, dataset, lake)
        self._write(view, upto, merge(view, dataset, [state, new]))
        return upto

    def rebuild(self, view: View, dataset: Dataset, lake: Lake, engine: Engine | None = None) -> int:
        """Computes the view from the whole table, on `engine` or in this process.

        Returns:
            The version it has reached.
        """
        upto = lake.version(dataset.name)
        if engine is None:
            state = self._whole_state(view, dataset, lake, upto)
        else:
            state = engine.state(view, lake_table(lake, dataset, upto))
        self._write(view, upto, state)
        return upto

    def _whole_state(self, view: View, dataset: Dataset, lake: Lake, upto: int) -> pl.DataFrame:
        try:  # reading what was appended decodes only columns that hold anything
            return self._local.state_of_frames(view, dataset, lake.changes(dataset.name, -1, upto))
        except VersionGoneError:
            return self._local.state_of_frames(view, dataset, lake_frames(lake, dataset.name, upto))

    def drop(self, name: str) -> None:
        """Forgets a view."""
        self._finished.pop(name, None)
        shutil.rmtree(self._folder / name, ignore_errors=True)

    def _kept(self, view: View) -> _Kept | None:
        try:
            kept = _Kept(**json.loads((self._folder / view.name / _COMMIT_FILE).read_text()))
        except (OSError, ValueError, TypeError):
            return None
        return kept if kept.fingerprint == view.fingerprint and kept.format == _FORMAT else None

    def _read(self, view: View, dataset: Dataset) -> tuple[str, pl.DataFrame]:
        last: Exception | None = None
        for _ in range(3):  # the writer may have replaced the state between its name and its bytes
            kept = self._kept(view)
            if kept is None:
                break
            try:
                state = pl.read_parquet(self._folder / view.name / kept.state, glob=False)
                return kept.state, state.select(state_schema(view, dataset).names())
            except (OSError, PolarsError) as error:
                last = error
        raise NotFoundError(
            f"The view {view.name} is not computed as it is defined now.", f"Run: penstock views {view.name} --rebuild"
        ) from last

    def _write(self, view: View, version: int, state: pl.DataFrame) -> None:
        folder = self._folder / view.name
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{version}-{uuid4().hex}.parquet"
        state.write_parquet(folder / name)
        _sync(folder / name)
        kept = _Kept(view.name, view.fingerprint, version, name, _FORMAT)
        draft = folder / f"{_COMMIT_FILE}.draft"
        draft.write_text(json.dumps(asdict(kept)))
        _sync(draft)
        draft.replace(folder / _COMMIT_FILE)
        for old in folder.glob("*.parquet"):
            if old.name != name:
                old.unlink(missing_ok=True)


def lake_table(lake: Lake, dataset: Dataset, version: int | None = None) -> LakeTable:
    """A version of a lake table (default the newest) as engines read it."""
    return LakeTable(dataset, lake.files(dataset.name, version))


def lake_frames(lake: Lake, name: str, version: int | None = None) -> Iterator[pl.DataFrame]:
    """The rows of a lake version, in bounded frames."""
    for batch in lake.rows(name, version):
        frame = pl.from_arrow(batch)
        if isinstance(frame, pl.DataFrame):
            yield frame


def _sync(file: Path) -> None:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
