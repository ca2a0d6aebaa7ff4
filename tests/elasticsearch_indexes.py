"""Search indexes of ours on the tests' Elasticsearch: a prefix each, and keys with no more rights than at run time."""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from elasticsearch_server import ElasticsearchServer

from core.dataset import Dataset
from core.settings import Elasticsearch
from storage import ElasticsearchIndex
from storage.elasticsearch_keys import privileges

PREFIX = "suite"


@dataclass(frozen=True, slots=True)
class ElasticsearchIndexes:
    """Opens indexes; keys are made once for all, of the very rights that `penstock elastic setup` gives.

    Attributes:
        server: Where they are.
        read_key: Of the searcher of every prefix.
        write_key: Of the indexer of every prefix.
    """

    server: ElasticsearchServer
    read_key: str
    write_key: str
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    @classmethod
    def on(cls, server: ElasticsearchServer) -> "ElasticsearchIndexes":
        """Those of one server."""
        widened = {name: _any_prefix(indexes) for name, indexes in privileges(PREFIX).items()}
        keys = {name: server.api_key(name, {"cluster": [], "indices": rights}) for name, rights in widened.items()}
        return cls(server, keys["searcher"], keys["indexer"])

    def settings(self, prefix: str | None = None, **options: Any) -> Elasticsearch:
        """Settings with a prefix that nobody has used."""
        fresh = prefix or f"{PREFIX}{next(self._numbers)}"
        return Elasticsearch(urls=(self.server.url,), prefix=fresh, replicas=0, **options)

    def index(self, settings: Elasticsearch, known: Sequence[Dataset] = ()) -> ElasticsearchIndex:
        """One index."""
        tls, keys = self.server.tls, (lambda: self.read_key, lambda: self.write_key)
        return ElasticsearchIndex(settings, tls, *keys, datasets=lambda: known)

    @contextmanager
    def opened(self, known: Sequence[Dataset] = ()) -> Iterator[ElasticsearchIndex]:
        """One with a prefix of its own, dropped afterwards so that the server stays light."""
        made = self.index(self.settings(), known)
        try:
            yield made
        finally:
            for dataset in known:
                made.drop(dataset.name)
            made.close()


@pytest.fixture(scope="session")
def elasticsearch_indexes(elasticsearch: ElasticsearchServer) -> ElasticsearchIndexes:
    """Opens indexes on the server that tests share."""
    return ElasticsearchIndexes.on(elasticsearch)


def _any_prefix(indexes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same rights on the indexes of `PREFIX` with any number behind it."""
    return [each | {"names": [_numbered(name) for name in each["names"]]} for each in indexes]


def _numbered(name: str) -> str:
    if name.startswith("/"):
        return name.replace(f"/{PREFIX}-", f"/{PREFIX}[0-9]+-")
    return name.replace(f"{PREFIX}-", f"{PREFIX}*-")
