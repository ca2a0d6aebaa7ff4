"""The search index as embedded Tantivy indexes, one a dataset."""

import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import polars as pl
import tantivy

from core.dataset import Dataset
from core.durable import sync
from core.errors import QueryError, StorageError
from core.ports import Hit, Index, SearchAnswer, SearchRequest
from storage.search_request import checked_request, facets_of, refuse_unknown
from storage.tantivy_generation import Generation
from storage.tantivy_reading import Reading

_CURRENT = "CURRENT"


class TantivyIndex(Index):
    """``<folder>/<dataset>/<generation>/``, and beside the generations a file ``CURRENT`` that names the one in use.

    One process writes; any number read beside it and see each commit with their next call. The lock that Tantivy
    takes while writing is one of the operating system and ends with the process.

    Args:
        folder: Holds nothing but indexes; may be deleted when nothing runs, and rebuilt from the lake.
        datasets: Gives the datasets known; to ask for one that has no record yet finds nothing and is no error.
    """

    def __init__(self, folder: Path, datasets: Callable[[], Iterable[Dataset]] = tuple) -> None:
        self._folder = Path(folder)
        self._datasets = datasets
        self._opened: dict[str, Generation] = {}
        self._writing = threading.RLock()
        self._opening = threading.RLock()

    def write(self, dataset: Dataset, frames: Iterator[pl.DataFrame], version: int) -> int:
        """As `Index.write`.

        Raises:
            StorageError: If the index was built for other columns; `rebuild` it.
            BusyError: If another process writes.
        """
        with self._writing:
            generation = self._current(dataset.name)
            if generation is None:
                return self.rebuild(dataset, frames, version)
            if not generation.is_for(dataset):
                raise StorageError(
                    f"The search index of {dataset.name} was built for other columns than it has now.", "Run reindex."
                )
            return generation.write(dataset, iter(frames), version)

    def rebuild(self, dataset: Dataset, frames: Iterator[pl.DataFrame], version: int) -> int:
        """As `Index.rebuild`."""
        with self._writing:
            home = self._folder / dataset.name
            old = self._current_name(dataset.name)
            self._discard_all_but(home, old)
            folder = home / f"g{int(old[1:]) + 1 if old else 1:06}"
            try:
                generation = Generation.create(folder, dataset)
                count = generation.write(dataset, iter(frames), version)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
            _replace_text(home / _CURRENT, folder.name)
            with self._opening:
                self._opened[dataset.name] = generation
            self._discard_all_but(home, folder.name)
            return count

    def needs_rebuild(self, dataset: Dataset) -> bool:
        """As `Index.needs_rebuild`; also true of an index that cannot be opened."""
        try:
            generation = self._current(dataset.name)
        except StorageError:
            return True
        return generation is not None and not generation.is_for(dataset)

    def version(self, name: str) -> int:
        """As `Index.version`."""
        generation = self._current(name)
        return -1 if generation is None else generation.version

    def count(self, name: str) -> int:
        """As `Index.count`."""
        generation = self._current(name)
        return 0 if generation is None else generation.count

    def search(self, request: SearchRequest) -> SearchAnswer:
        """As `Index.search`; at most 10,000 hits deep."""
        checked_request(request)
        readings = self._readings(request)
        window = max(1, request.limit + request.offset)  # Tantivy panics at 0
        found: list[tuple[float, Reading, tantivy.DocAddress]] = []
        total = 0
        for reading in readings:
            matches, count = reading.find(window)
            total += count
            found += [(score, reading, address) for score, address in matches]
        found.sort(key=lambda match: -match[0])  # stable: equal scores stay in the order of dataset and arrival
        wanted = found[request.offset : request.offset + request.limit]
        hits = tuple(reading.hit(score, address) for score, reading, address in wanted)
        return SearchAnswer(hits, total, facets_of(reading.facets() for reading in readings))

    def walk(self, request: SearchRequest) -> Iterator[Hit]:
        """As `Index.walk`; the addresses of all that answer are held, and each record is read when it is asked for."""
        for reading in self._readings(request):
            _, total = reading.find(1)
            matches, _ = reading.find(max(1, total))
            yield from (reading.hit(score, address) for score, address in matches)

    def drop(self, name: str) -> None:
        """As `Index.drop`."""
        with self._writing, self._opening:
            self._opened.pop(name, None)
            shutil.rmtree(self._folder / name, ignore_errors=True)

    def close(self) -> None:
        """As `Index.close`."""
        with self._writing, self._opening:
            self._opened.clear()

    def _readings(self, request: SearchRequest) -> list[Reading]:
        names = self._names()
        if request.dataset is not None and request.dataset not in names:
            refuse_unknown(request.dataset, names, self._datasets())
            return []
        readings: list[Reading] = []
        problem: QueryError | None = None
        for name in [request.dataset] if request.dataset else names:
            generation = self._current(name)
            try:
                if generation is not None:
                    readings.append(Reading(name, generation, request))
            except QueryError as error:
                problem = problem or error
        if problem is not None and not readings:  # a column need not be in every dataset, but in one
            raise problem
        return readings

    def _names(self) -> list[str]:
        return sorted(current.parent.name for current in self._folder.glob(f"*/{_CURRENT}"))

    def _current_name(self, name: str) -> str | None:
        try:
            return (self._folder / name / _CURRENT).read_text(encoding="ascii")
        except FileNotFoundError:
            return None

    def _current(self, name: str) -> Generation | None:
        with self._opening:
            current = self._current_name(name)
            if current is None:
                self._opened.pop(name, None)
                return None
            folder = self._folder / name / current
            opened = self._opened.get(name)
            if opened is None or opened.folder != folder or not folder.exists():
                try:
                    opened = Generation.open(folder)
                except StorageError:
                    if self._current_name(name) == current:
                        raise
                    return self._current(name)  # replaced while it was being opened
                self._opened[name] = opened
            return opened

    @staticmethod
    def _discard_all_but(home: Path, kept: str | None) -> None:
        for folder in home.glob("g*"):
            if folder.name != kept:
                shutil.rmtree(folder, ignore_errors=True)


def _replace_text(file: Path, text: str) -> None:
    """Replaces a small file at once, durably."""
    new = file.with_suffix(".new")
    with new.open("w", encoding="ascii") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(file)
    sync(file.parent)
