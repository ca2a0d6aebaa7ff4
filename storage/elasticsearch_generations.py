"""The indexes of one prefix: a dataset's generations, the alias that names the one in use, and how far it has come."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.dataset import Dataset
from core.settings import Elasticsearch
from storage.elasticsearch_cluster import WRITE_TRIES, ElasticsearchCluster
from storage.elasticsearch_mapping import FORMAT, META, fields_of, index_settings, mapping
from storage.index_fields import Field

_DIGITS = 6
_STATE_MAPPING = {
    "dynamic": "strict",
    "properties": {"dataset": {"type": "keyword"}, "version": {"type": "long"}},
}


@dataclass(frozen=True, slots=True)
class Generation:
    """One index of a dataset.

    Attributes:
        dataset: Its name.
        index: The index's own name, ``<prefix>-<dataset>-<number>``.
        fields: What it was built for.
        format: The layout it was built in.
    """

    dataset: str
    index: str
    fields: tuple[Field, ...]
    format: int

    def is_for(self, dataset: Dataset) -> bool:
        """Whether it has exactly the fields that the dataset has now, in any order."""
        return self.format == FORMAT and self._kinds() == _kinds(_asked(dataset))

    def can_become(self, dataset: Dataset) -> bool:
        """Whether it has, or can be given, the fields of the dataset: none may be gone, or of another kind."""
        return self.format == FORMAT and self._kinds().items() <= _kinds(_asked(dataset)).items()

    def _kinds(self) -> dict[str, Field]:
        return _kinds(self.fields)


class Generations:
    """Makes, finds, swaps and removes generations.

    An index keeps in its mapping's ``_meta`` what it was built for. How far it has come is a document of
    ``<prefix>-index-state`` named after the index: read and written by name, so it counts at once, and without the
    change to the cluster's state that one in ``_meta`` would be at every version.

    Args:
        settings: The prefix, and what a new index is like.
    """

    def __init__(self, settings: Elasticsearch) -> None:
        self._settings = settings
        self._state = f"{settings.prefix}-index-state"

    def alias(self, name: str) -> str:
        """The alias of a dataset; the names of datasets have no hyphen, so it is never another index's."""
        return f"{self._settings.prefix}-{name}"

    def all(self, cluster: ElasticsearchCluster) -> list[Generation]:
        """The generations in use, by dataset."""
        found = self._described(cluster, f"{self._settings.prefix}-*")
        return sorted((made for made, is_used in found if is_used), key=lambda made: made.dataset)

    def current(self, cluster: ElasticsearchCluster, name: str) -> Generation | None:
        """The generation of a dataset that is in use."""
        return next((made for made, is_used in self._described(cluster, self.alias(name)) if is_used), None)

    def version(self, cluster: ElasticsearchCluster, generation: Generation) -> int:
        """The lake version that a generation has reached, or -1."""
        kept = cluster.call("GET", f"/{self._state}/_doc/{generation.index}")
        return int(kept["_source"]["version"]) if kept and kept.get("found") else -1

    def remember(self, cluster: ElasticsearchCluster, generation: Generation, version: int) -> None:
        """Keeps the lake version that a generation has reached; durable on return."""
        document = {"dataset": generation.dataset, "version": version}
        cluster.call("PUT", f"/{self._state}/_doc/{generation.index}", document, tries=WRITE_TRIES)

    def create(self, cluster: ElasticsearchCluster, dataset: Dataset) -> Generation:
        """A new, empty generation that nothing names yet, without replicas; what an earlier try left is removed."""
        self._create_state(cluster)
        current = self.current(cluster, dataset.name)
        known = self._indexes(cluster, dataset.name)
        for index in known:
            if current is None or index != current.index:
                self.discard(cluster, index)
        last = max((int(index.rpartition("-")[2]) for index in known), default=0)
        index = f"{self.alias(dataset.name)}-{last + 1:0{_DIGITS}}"
        settings = index_settings(self._settings.shards, replicas=0)
        body = {"settings": settings, "mappings": mapping(dataset)}
        cluster.call("PUT", f"/{index}", body, tries=1)
        return Generation(dataset.name, index, _asked(dataset), FORMAT)

    def use(self, cluster: ElasticsearchCluster, generation: Generation) -> None:
        """Names a generation in place of the one before, which is gone in the same moment."""
        replicas = {"index": {"number_of_replicas": self._settings.replicas}}
        cluster.call("PUT", f"/{generation.index}/_settings", replicas, tries=WRITE_TRIES)
        old = [index for index in self._indexes(cluster, generation.dataset) if index != generation.index]
        named = {"add": {"index": generation.index, "alias": self.alias(generation.dataset)}}
        gone = [{"remove_index": {"index": index}} for index in old]
        cluster.call("POST", "/_aliases", {"actions": [named, *gone]}, tries=WRITE_TRIES)
        for index in old:
            self._forget(cluster, index)

    def widen(self, cluster: ElasticsearchCluster, generation: Generation, dataset: Dataset) -> None:
        """Gives a generation the fields that the dataset has gained."""
        cluster.call("PUT", f"/{generation.index}/_mapping", mapping(dataset), tries=WRITE_TRIES)

    def drop(self, cluster: ElasticsearchCluster, name: str) -> None:
        """Removes every generation of a dataset."""
        for index in self._indexes(cluster, name):
            self.discard(cluster, index)

    def discard(self, cluster: ElasticsearchCluster, index: str) -> None:
        """Removes one index and what is remembered of it."""
        cluster.call("DELETE", f"/{index}", tries=WRITE_TRIES)
        self._forget(cluster, index)

    def _forget(self, cluster: ElasticsearchCluster, index: str) -> None:
        cluster.call("DELETE", f"/{self._state}/_doc/{index}", tries=WRITE_TRIES)

    def _indexes(self, cluster: ElasticsearchCluster, name: str) -> list[str]:
        """Every generation of a dataset, in use or not."""
        found = cluster.call("GET", f"/{self.alias(name)}-*", filter_path="*.aliases") or {}
        return [index for index in found if self._is_generation(index, name)]

    def _is_generation(self, index: str, name: str) -> bool:
        """Whether an index is a dataset's; other things under the prefix have a hyphen in their name."""
        alias, _, number = index.rpartition("-")
        return "-" not in name and alias == self.alias(name) and len(number) >= _DIGITS and number.isdecimal()

    def _described(self, cluster: ElasticsearchCluster, names: str) -> list[tuple[Generation, bool]]:
        found = cluster.call("GET", f"/{names}", filter_path="*.aliases,*.mappings._meta") or {}
        return [
            (made, self.alias(made.dataset) in known.get("aliases", {}))
            for index, known in found.items()
            if (made := _generation(index, known)) and self._is_generation(index, made.dataset)
        ]

    def _create_state(self, cluster: ElasticsearchCluster) -> None:
        if cluster.call("GET", f"/{self._state}", filter_path="*.aliases") is not None:
            return
        settings = {"number_of_shards": 1, "number_of_replicas": self._settings.replicas}
        cluster.call("PUT", f"/{self._state}", {"settings": settings, "mappings": _STATE_MAPPING}, tries=1)


def _generation(index: str, known: Mapping[str, Any]) -> Generation | None:
    """What an index says of itself; None of one that is no dataset's."""
    meta = known.get("mappings", {}).get("_meta", {})
    if not isinstance(meta.get(META), Mapping) or "fields" not in meta[META]:
        return None
    return Generation(meta[META]["dataset"], index, fields_of(meta), meta[META]["format"])


def _asked(dataset: Dataset) -> tuple[Field, ...]:
    return fields_of(mapping(dataset)["_meta"])


def _kinds(fields: tuple[Field, ...]) -> dict[str, Field]:
    return {field.name: field for field in fields}
