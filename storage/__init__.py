"""storage: keeps bytes, rows and the search index, and answers SQL. Each backend is imported when it is first named."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from storage.delta_lake import DeltaLake
    from storage.duckdb_sql import DuckdbSql
    from storage.elasticsearch_documents import ElasticsearchPublisher
    from storage.elasticsearch_index import ElasticsearchIndex
    from storage.elasticsearch_keys import ElasticsearchKeys
    from storage.fsspec_vault import FsspecVault
    from storage.memory_index import MemoryIndex
    from storage.memory_lake import MemoryLake
    from storage.memory_publisher import MemoryPublisher
    from storage.tantivy_index import TantivyIndex

_MODULES = {
    "DeltaLake": "storage.delta_lake",
    "DuckdbSql": "storage.duckdb_sql",
    "ElasticsearchIndex": "storage.elasticsearch_index",
    "ElasticsearchKeys": "storage.elasticsearch_keys",
    "ElasticsearchPublisher": "storage.elasticsearch_documents",
    "FsspecVault": "storage.fsspec_vault",
    "MemoryIndex": "storage.memory_index",
    "MemoryLake": "storage.memory_lake",
    "MemoryPublisher": "storage.memory_publisher",
    "TantivyIndex": "storage.tantivy_index",
}

__all__ = [
    "DeltaLake",
    "DuckdbSql",
    "ElasticsearchIndex",
    "ElasticsearchKeys",
    "ElasticsearchPublisher",
    "FsspecVault",
    "MemoryIndex",
    "MemoryLake",
    "MemoryPublisher",
    "TantivyIndex",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        message = f"module 'storage' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_MODULES[name]), name)
