"""Where views are kept between runs: a batch layer, a speed layer above it, and what they have reached.

The batch layer of a view covers the lake's versions up to one; the speed layer covers those after it, as they come.
People read their merge, which is exactly what one pass over all versions gives. A rebuild works beside the live view:
it makes a new batch layer and swaps it in, with a speed layer of what came meanwhile, in one step.
"""

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from core.dataset import Dataset
from core.errors import NotFoundError, VersionGoneError
from core.ports import Lake
from processing.committed_rows import READ_TRIES, commit, read_rows, write_rows
from processing.engine import Engine, LakeTable
from processing.local_engine import LocalEngine
from processing.state import empty_state, finish, merge, state_schema
from processing.view import View

_COMMIT_FILE = "view.json"
_FORMAT = 2  # of what is kept; raised when it changes
_REBUILD_TRIES = 3

Compute = Callable[[View, Dataset, Lake, int], pl.DataFrame]
"""Computes the state of a view over the lake's versions up to one."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a view: the file of its state, and the last lake version that it covers."""

    version: int
    state: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What `view.json` says of a view.

    Attributes:
        view: Its name.
        fingerprint: Of its definition.
        batch: Covers versions up to its own.
        speed: Covers those after the batch layer's up to its own.
        format: Of what is kept.
    """

    view: str
    fingerprint: str
    batch: Layer
    speed: Layer
    format: int = _FORMAT


class ViewStore:
    """Keeps views in a folder, one below it for each; a half-done write is never seen.

    One process writes, from any of its threads; any number may read beside it. Reading needs no engine.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._local = LocalEngine()
        self._finished: dict[str, tuple[Kept, pl.DataFrame]] = {}
        self._merged: dict[str, tuple[Kept, pl.DataFrame]] = {}
        self._writing = threading.Lock()

    def version(self, view: View) -> int:
        """The lake version that the view has reached; -1 where it was never computed, or not as defined now."""
        kept = self.kept(view)
        return -1 if kept is None else kept.speed.version

    def kept(self, view: View) -> Kept | None:
        """Which layers there are; None where it was never computed, or not as defined now."""
        try:
            told = json.loads((self._folder / view.name / _COMMIT_FILE).read_text())
            kept = Kept(**told | {"batch": Layer(**told["batch"]), "speed": Layer(**told["speed"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return kept if kept.fingerprint == view.fingerprint and kept.format == _FORMAT else None

    def rows(self, view: View, dataset: Dataset) -> pl.DataFrame:
        """The view's rows, in its order: both layers merged.

        Raises:
            NotFoundError: If it was never computed, or not as it is defined now.
        """
        cached = self._finished.get(view.name)
        if cached and cached[0] == self.kept(view):
            return cached[1]
        kept, layers = self._read(view, dataset)
        rows = finish(view, dataset, merge(view, dataset, layers))
        self._finished[view.name] = (kept, rows)
        return rows

    def state(self, view: View, dataset: Dataset) -> tuple[int, pl.DataFrame]:
        """The lake version that the view has reached, and its state there: both layers merged.

        Raises:
            NotFoundError: As `rows`.
        """
        cached = self._merged.get(view.name)
        if cached is None or cached[0] != self.kept(view):
            kept, layers = self._read(view, dataset)
            cached = self._merged[view.name] = (kept, merge(view, dataset, layers))
        return cached[0].speed.version, cached[1]

    def refresh(self, view: View, dataset: Dataset, lake: Lake) -> int:
        """Brings the view up to the lake's newest version by reading only what is new, in this process.

        It is rebuilt where its definition changed, its state is unreadable or the lake can no longer tell the new
        versions apart.

        Returns:
            The version it has reached.

        Raises:
            UsageError: If the view names what the dataset does not have.
        """
        upto = lake.version(dataset.name)
        reached = self.readable_version(view, dataset)
        if reached is None or reached > upto:
            return self.rebuild(view, dataset, lake)
        if reached == upto:
            return upto
        try:
            new = self._local.state_of_frames(view, dataset, lake.changes(dataset.name, reached, upto))
        except VersionGoneError:
            return self.rebuild(view, dataset, lake)
        self.advance(view, dataset, new, after=reached, upto=upto)
        return upto

    def readable_version(self, view: View, dataset: Dataset) -> int | None:
        """As `version`; None where the view must be rebuilt before it can go on."""
        try:
            kept, _ = self._read(view, dataset)
        except NotFoundError:
            return None
        return kept.speed.version

    def advance(self, view: View, dataset: Dataset, state: pl.DataFrame, *, after: int, upto: int) -> bool:
        """Adds the state of the versions in (after, upto] to the speed layer, once.

        A speed layer that has grown as large as the batch layer becomes a part of it.

        Returns:
            False where the view does not stand at `after`: those versions are counted already, or not yet due.
        """
        with self._writing:
            kept, (batch, speed) = self._read(view, dataset)
            if kept.speed.version != after:
                return False
            speed = merge(view, dataset, [speed, state])
            if speed.height >= max(batch.height, 1):
                batch, speed = merge(view, dataset, [batch, speed]), empty_state(view, dataset)
                self._write(view, (upto, batch), (upto, speed))
            else:
                self._write(view, kept.batch, (upto, speed))
        return True

    def rebuild(self, view: View, dataset: Dataset, lake: Lake, compute: Compute | None = None) -> int:
        """Makes the batch layer anew from the lake's first version on and swaps it in; the view is live meanwhile.

        Args:
            view: What is rebuilt.
            dataset: What it is of.
            lake: Where its rows are.
            compute: How; default: all versions are replayed through this process, as they came.

        Returns:
            The version it has reached.
        """
        for _ in range(_REBUILD_TRIES):
            upto = lake.version(dataset.name)
            state = (compute or self._replayed)(view, dataset, lake, upto)
            with self._writing:
                live = self.kept(view)
                reached = min(max(upto, live.speed.version if live else upto), lake.version(dataset.name))
                try:
                    since = self._since(view, dataset, lake, upto, reached)
                except VersionGoneError:  # compacted while it was computed: what came since cannot be told apart
                    continue
                self._write(view, (upto, state), (reached, since))
                return reached
        raise VersionGoneError(f"{dataset.name} was compacted whenever {view.name} was rebuilt.", "Try again.")

    def drop(self, name: str) -> None:
        """Forgets a view."""
        self._finished.pop(name, None)
        self._merged.pop(name, None)
        shutil.rmtree(self._folder / name, ignore_errors=True)

    def _since(self, view: View, dataset: Dataset, lake: Lake, after: int, upto: int) -> pl.DataFrame:
        if upto <= after:
            return empty_state(view, dataset)
        return self._local.state_of_frames(view, dataset, lake.changes(dataset.name, after, upto))

    def _replayed(self, view: View, dataset: Dataset, lake: Lake, upto: int) -> pl.DataFrame:
        try:  # reading what was appended decodes only columns that hold anything
            return self._local.state_of_frames(view, dataset, lake.changes(dataset.name, -1, upto))
        except VersionGoneError:
            return self._local.state_of_frames(view, dataset, lake_frames(lake, dataset.name, upto))

    def _read(self, view: View, dataset: Dataset) -> tuple[Kept, tuple[pl.DataFrame, pl.DataFrame]]:
        last: Exception | None = None
        names = state_schema(view, dataset).names()
        for _ in range(READ_TRIES):
            kept = self.kept(view)
            if kept is None:
                break
            folder, layers = self._folder / view.name, (kept.batch, kept.speed)
            try:
                batch, speed = (read_rows(folder, layer.state).select(names) for layer in layers)
            except (OSError, PolarsError) as error:
                last = error
            else:
                return kept, (batch, speed)
        raise NotFoundError(
            f"The view {view.name} is not computed as it is defined now.", f"Run: penstock views {view.name} --rebuild"
        ) from last

    def _write(self, view: View, batch: Layer | tuple[int, pl.DataFrame], speed: tuple[int, pl.DataFrame]) -> None:
        folder = self._folder / view.name
        folder.mkdir(parents=True, exist_ok=True)
        under = batch if isinstance(batch, Layer) else _written(folder, *batch)
        kept = Kept(view.name, view.fingerprint, under, _written(folder, *speed))
        commit(folder / _COMMIT_FILE, asdict(kept), {kept.batch.state, kept.speed.state})


def batch_by(engine: Engine) -> Compute:
    """The batch layer by an engine: one pass over the files of a lake version."""
    return lambda view, dataset, lake, upto: engine.state(view, lake_table(lake, dataset, upto))


def lake_table(lake: Lake, dataset: Dataset, version: int | None = None) -> LakeTable:
    """A version of a lake table (default the newest) as engines read it."""
    return LakeTable(dataset, lake.files(dataset.name, version))


def lake_frames(lake: Lake, name: str, version: int | None = None) -> Iterator[pl.DataFrame]:
    """The rows of a lake version, in bounded frames."""
    for batch in lake.rows(name, version):
        frame = pl.from_arrow(batch)
        if isinstance(frame, pl.DataFrame):
            yield frame


def _written(folder: Path, version: int, state: pl.DataFrame) -> Layer:
    return Layer(version, write_rows(folder, state))
