"""The search index on an Elasticsearch cluster."""

import ssl
import threading
from collections.abc import Callable, Iterable, Iterator

import polars as pl

from core.dataset import Dataset
from core.errors import PenstockError, StorageError
from core.ports import Hit, Index, SearchAnswer, SearchRequest
from core.settings import Elasticsearch
from storage.elasticsearch_bulk import BulkWriter
from storage.elasticsearch_cluster import WRITE_TRIES, ElasticsearchCluster
from storage.elasticsearch_generations import Generation, Generations
from storage.elasticsearch_reading import GenerationGoneError, Reading, count_of
from storage.elasticsearch_rendering import Renderer
from storage.search_request import checked_request, refuse_unknown


class ElasticsearchIndex(Index):
    """One index a dataset and generation, behind an alias: ``<prefix>-<dataset>-<number>``.

    An index is refreshed when a lake version is whole in it, and at no other time: so readers see all of a version or
    nothing of it, and a write that fails shows nothing. (A shard that restarts in between shows what it has; the next
    try writes the rest, and what is there already once more, to no effect.) Only one system writes a prefix.

    Args:
        settings: The nodes, the prefix, what a new index is like.
        tls: Gives the context that verifies the nodes.
        read_key: Gives the API key that reads.
        write_key: Gives the API key that writes; not asked for by one who only reads.
        datasets: Gives the datasets known; to ask for one that has no record yet finds nothing and is no error.

    Raises:
        SettingsError: If a URL of the settings is none, or not ``https://``.
    """

    def __init__(
        self,
        settings: Elasticsearch,
        tls: Callable[[], ssl.SSLContext],
        read_key: Callable[[], str],
        write_key: Callable[[], str],
        *,
        datasets: Callable[[], Iterable[Dataset]] = tuple,
    ) -> None:
        self._reader = ElasticsearchCluster(settings.urls, tls, read_key, settings.timeout_seconds)
        self._writer = ElasticsearchCluster(settings.urls, tls, write_key, settings.timeout_seconds)
        self._generations = Generations(settings)
        self._known = datasets
        self._writing = threading.RLock()

    def write(self, dataset: Dataset, frames: Iterator[pl.DataFrame], version: int) -> int:
        """As `Index.write`. A column that the dataset has gained is added in place.

        Raises:
            StorageError: If the index was built for other columns; `rebuild` it.
            UnavailableError: If the cluster was busy or away for too long.
        """
        with self._writing:
            generation = self._generations.current(self._writer, dataset.name)
            if generation is None:
                return self.rebuild(dataset, frames, version)
            if not generation.can_become(dataset):
                raise StorageError(
                    f"The search index of {dataset.name} was built for other columns than it has now.", "Run reindex."
                )
            if not generation.is_for(dataset):
                self._generations.widen(self._writer, generation, dataset)
            alias = self._generations.alias(dataset.name)
            return self._fill(generation, BulkWriter(self._writer, alias, Renderer(dataset, version), True), frames)

    def rebuild(self, dataset: Dataset, frames: Iterator[pl.DataFrame], version: int) -> int:
        """As `Index.rebuild`; readers see the old generation until the alias is moved, and never none."""
        with self._writing:
            generation = self._generations.create(self._writer, dataset)
            try:
                writer = BulkWriter(self._writer, generation.index, Renderer(dataset, version))
                count = self._fill(generation, writer, frames)
                self._generations.use(self._writer, generation)
            except BaseException:
                self._discard(generation)
                raise
            return count

    def _fill(self, generation: Generation, writer: BulkWriter, frames: Iterator[pl.DataFrame]) -> int:
        count = writer.write(writer.renderer.chunks(frames))
        if count:
            self._writer.call("POST", f"/{generation.index}/_refresh", tries=WRITE_TRIES)
        self._generations.remember(self._writer, generation, writer.renderer.version)
        return count

    def _discard(self, generation: Generation) -> None:
        try:
            self._generations.discard(self._writer, generation.index)
        except PenstockError:  # the cluster is away; the next rebuild removes what is left
            return

    def needs_rebuild(self, dataset: Dataset) -> bool:
        """As `Index.needs_rebuild`; columns gained need none."""
        generation = self._generations.current(self._reader, dataset.name)
        return generation is not None and not generation.can_become(dataset)

    def version(self, name: str) -> int:
        """As `Index.version`."""
        generation = self._generations.current(self._reader, name)
        return -1 if generation is None else self._generations.version(self._reader, generation)

    def count(self, name: str) -> int:
        """As `Index.count`."""
        return count_of(self._reader, self._generations.alias(name))

    def search(self, request: SearchRequest) -> SearchAnswer:
        """As `Index.search`; at most 10,000 hits deep."""
        checked_request(request)
        try:
            return self._search(request)
        except GenerationGoneError:  # replaced by another process between the two questions
            return self._search(request)

    def walk(self, request: SearchRequest) -> Iterator[Hit]:
        """As `Index.walk`; all of one moment, whatever is written meanwhile."""
        return self._reading(request).walk()

    def _search(self, request: SearchRequest) -> SearchAnswer:
        return self._reading(request).answer()

    def _reading(self, request: SearchRequest) -> Reading:
        generations = self._generations.all(self._reader)
        if request.dataset is not None:
            refuse_unknown(request.dataset, (each.dataset for each in generations), self._known())
            generations = [each for each in generations if each.dataset == request.dataset]
        return Reading(self._reader, generations, request)

    def drop(self, name: str) -> None:
        """As `Index.drop`."""
        with self._writing:
            self._generations.drop(self._writer, name)

    def close(self) -> None:
        """As `Index.close`."""
        self._reader.close()
        self._writer.close()
