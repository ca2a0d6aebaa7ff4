"""The layer of views above the lake's: events that are counted as they come, until the lake's own views have them.

Events are counted in stretches: all that become one blob. A stretch is served for as long as the version that a view
has reached does not hold its blob; so what people read is the lake's view and the stretches above it, each event once.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from core.dataset import Dataset
from core.frames import record_id
from processing.local_engine import LocalEngine
from processing.state import finish, merge
from processing.view import View
from processing.view_store import ViewStore

MERGED_AT = 4
"""States that a view may have of one stretch: more are merged. To merge takes half as long as to count a micro-batch,
and readers merge anyway; but what is written each time, and read, grows with every state."""
_ENDING = ".layer"
_TRIES = 5

IsInVersion = Callable[[str, str, int], bool]
"""Whether the rows of a blob that are of a dataset are in a version of its table, or never will be in any."""


@dataclass(slots=True)
class Stretch:
    """Events that become one blob.

    Attributes:
        name: Unlike that of all others.
        dataset: The dataset of their rows.
        blob: The blob, once it is made.
        states: What the views have of them, by view and its fingerprint: states to be merged, packed.
    """

    name: str
    dataset: str
    blob: str | None = None
    states: dict[str, tuple[bytes, ...]] = field(default_factory=dict)


class LiveLayer:
    """Writes the layer. One process does, for any number that read.

    Nothing of it is forced to the disk: whatever is lost with the machine is read again from the topics.

    Args:
        folder: Where it is kept, a file a dataset.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._engine = LocalEngine()
        self._stretches: dict[str, Stretch] = {}
        self._identities: dict[str, set[str]] = {}

    def restore(self, is_kept: Callable[[str], bool]) -> None:
        """Takes up what an earlier process left: the stretches whose blob is kept; the others come again."""
        for file in self._folder.glob(f"*{_ENDING}"):
            left = read_layer(file)
            self._stretches |= {each.name: each for each in left if each.blob and is_kept(each.blob)}
            self.publish(file.name.removesuffix(_ENDING))

    def stretches(self) -> list[Stretch]:
        """All that are served."""
        return list(self._stretches.values())

    def add(self, name: str, dataset: Dataset, views: Sequence[View], rows: pl.DataFrame) -> None:
        """Counts rows, as the lake would keep them, into a stretch; seen with the next `publish`.

        A record whose declared identity is in one of the stretches already is left out, as the lake will leave it out.
        """
        from processing.lake_source import packed, unpacked

        rows, identities = self._new(dataset, rows)
        before = self._stretches.get(name) or Stretch(name, dataset.name)
        states = dict(before.states)
        for view in views:
            state = packed(self._engine.state_of_frames(view, dataset, [rows]))
            several = (*before.states.get(_key(view), ()), state)
            if len(several) > MERGED_AT:
                several = (packed(merge(view, dataset, map(unpacked, several))),)
            states[_key(view)] = several
        before.states = states
        self._stretches[name] = before
        self._identities.setdefault(name, set()).update(identities)

    def seal(self, name: str, blob: str) -> None:
        """Says which blob a stretch has become; before anything else can know that blob."""
        if name in self._stretches:
            self._stretches[name].blob = blob
            self.publish(self._stretches[name].dataset)

    def drop(self, names: Sequence[str]) -> None:
        """Forgets stretches."""
        gone = [self._stretches.pop(name) for name in names if name in self._stretches]
        self._identities = {name: each for name, each in self._identities.items() if name in self._stretches}
        for dataset in {each.dataset for each in gone}:
            self.publish(dataset)

    def publish(self, dataset: str) -> None:
        """Shows the stretches of a dataset as they are now, all at once."""
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / f"{dataset}{_ENDING}"
        draft = file.with_suffix(".draft")
        draft.write_bytes(_written([each for each in self._stretches.values() if each.dataset == dataset]))
        draft.replace(file)

    def size(self) -> int:
        """The bytes of all states."""
        return sum(len(state) for each in self.stretches() for several in each.states.values() for state in several)

    def _new(self, dataset: Dataset, rows: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
        """The rows that no stretch has, and their identities."""
        if not dataset.identity:
            return rows, []
        ids = rows.select(record_id(dataset)).to_series()
        is_declared = ids.str.starts_with(f"{dataset.name}:")  # one that lacks a part is a record of its own
        known = [each for name, held in self._identities.items() if self._is_of(name, dataset) for each in held]
        is_new = ~is_declared | (ids.is_first_distinct() & ~ids.is_in(known))
        return rows.filter(is_new), ids.filter(is_declared & is_new).to_list()

    def _is_of(self, name: str, dataset: Dataset) -> bool:
        return self._stretches[name].dataset == dataset.name


class ServedViews:
    """What people read of views: the lake's own, with the events above them.

    Args:
        store: The lake's views.
        folder: The layer's.
        is_in_version: Tells what the lake has.
    """

    def __init__(self, store: ViewStore, folder: Path, is_in_version: IsInVersion) -> None:
        self._store = store
        self._folder = folder
        self._is_in_version = is_in_version

    def rows(self, view: View, dataset: Dataset) -> pl.DataFrame:
        """The view's rows, in its order.

        Raises:
            NotFoundError: If it was never computed, or not as it is defined now.
        """
        file = self._folder / f"{dataset.name}{_ENDING}"
        for _ in range(_TRIES):
            seen = read_layer(file)
            if not seen:
                return self._store.rows(view, dataset)
            version, state = self._store.state(view, dataset)
            blobs = {each.name: each.blob for each in read_layer(file)}
            if all(each.name in blobs for each in seen):
                break  # else one has just gone into the view, perhaps after we read that
        above = [each for each in seen if not self._is_below(blobs.get(each.name, each.blob), dataset, version)]
        return finish(view, dataset, merge(view, dataset, [state, *_states(above, view)]))

    def moment(self, dataset: str) -> int:
        """Another number whenever the events above the lake's views are others; 0 where there were never any."""
        try:
            return (self._folder / f"{dataset}{_ENDING}").stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def is_passed(self, stretch: Stretch, views: Sequence[View]) -> bool:
        """Whether all views that are kept have what a stretch has."""
        reached = [kept.speed.version for view in views if (kept := self._store.kept(view))]
        blob = stretch.blob
        return blob is not None and all(self._is_in_version(stretch.dataset, blob, version) for version in reached)

    def _is_below(self, blob: str | None, dataset: Dataset, version: int) -> bool:
        return blob is not None and self._is_in_version(dataset.name, blob, version)


def read_layer(file: Path) -> list[Stretch]:
    """The stretches in a file of the layer; none where there is no file."""
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return []
    head, _, body = content.partition(b"\n")
    return [_stretch(told, body) for told in json.loads(head)]


def _written(stretches: Sequence[Stretch]) -> bytes:
    told, body, at = [], [], 0
    for each in stretches:
        places: dict[str, list[tuple[int, int]]] = {}
        for view, several in each.states.items():
            for state in several:
                places.setdefault(view, []).append((at, at + len(state)))
                body.append(state)
                at += len(state)
        told.append({"name": each.name, "dataset": each.dataset, "blob": each.blob, "states": places})
    return b"".join([json.dumps(told).encode(), b"\n", *body])


def _stretch(told: Mapping[str, object], body: bytes) -> Stretch:
    places = told["states"]
    assert isinstance(places, dict)  # noqa: S101 - as `_written` left it
    states = {view: tuple(body[start:end] for start, end in several) for view, several in places.items()}
    blob = told["blob"]
    return Stretch(str(told["name"]), str(told["dataset"]), str(blob) if blob else None, states)


def _states(stretches: Sequence[Stretch], view: View) -> Iterator[pl.DataFrame]:
    from processing.lake_source import unpacked

    for each in stretches:
        yield from map(unpacked, each.states.get(_key(view), ()))


def _key(view: View) -> str:
    return f"{view.name} {view.fingerprint}"
