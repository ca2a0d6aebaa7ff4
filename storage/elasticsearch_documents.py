"""Published rows in Elasticsearch: one index a dataset, one document a row, only what changed is sent."""

import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Any

import polars as pl

from core.dataset import Column, ColumnType, Dataset
from core.errors import PenstockError, StorageError, UnavailableError
from core.ports import Publisher
from core.settings import Elasticsearch
from storage.elasticsearch_cluster import WRITE_TRIES, ElasticsearchCluster
from storage.elasticsearch_errors import RETRYABLE_STATUSES, described
from storage.elasticsearch_mapping import META, index_settings, mapping
from storage.published_identities import ID, with_ids

ROWS_A_REQUEST = 5_000
IDS_A_REQUEST = 10_000
TRUST_SECONDS = 60.0
"""An index that was there is looked for again after so long: somebody may have deleted it."""
PUBLISHED = Dataset(
    "system-published",
    "What was published when the system stopped last.",
    (
        Column("dataset", ColumnType.KEYWORD, "The dataset."),
        Column("digest", ColumnType.KEYWORD, "SHA-256 of its rows; none while it is being written."),
    ),
    identity=("dataset",),
)
_DIGEST = "_digest"
_FILTER = "errors,items.*.status,items.*.error"


def published_mapping(dataset: Dataset) -> dict[str, Any]:
    """The strict mapping of a published dataset: its columns as the lake's are mapped, and no field beside them.

    Its ``_meta`` is not that of the lake's indexes, so that a search over all that is stored finds no view's rows.
    """
    lake = mapping(dataset)["properties"]
    fields = {column.name: {**lake[column.name]} for column in dataset.columns}
    for field in fields.values():
        field.pop("copy_to", None)
    fingerprint = sha256(repr(fields).encode()).hexdigest()
    meta = {META: {"published": dataset.name, "fingerprint": fingerprint}}
    return {"dynamic": "strict", "_meta": meta, "properties": fields}


class ElasticsearchPublisher(Publisher):
    """Keeps each dataset in an index of its own, behind the alias ``PREFIX-DATASET``.

    What it has sent it remembers, so that a row that did not change is not sent again. Across a stop the digest of
    all rows is kept beside them: where it is the same at the next start, nothing is read and nothing sent.
    After a crash the rows are sent once more, onto themselves.

    Args:
        cluster: Speaks in the role that may write these indexes.
        prefix: What their names begin with.
        shards: Of a new index.
        replicas: Of a new index.
    """

    def __init__(self, cluster: ElasticsearchCluster, prefix: str, shards: int = 1, replicas: int = 1) -> None:
        self._cluster = cluster
        self._prefix = prefix
        self._settings = index_settings(shards, replicas)
        self._ready: dict[str, float] = {}  # when the index of a dataset was seen last
        self._known: dict[str, pl.DataFrame] = {}  # _id and digest of every document of a dataset
        self._marked: set[str] = set()  # those of which the cluster knows that they are being written

    @classmethod
    def of(
        cls, settings: Elasticsearch, tls: Callable[[], ssl.SSLContext], key: Callable[[], str]
    ) -> "ElasticsearchPublisher":
        """The publisher of a system: which nodes, how they are verified, the API key of its role."""
        cluster = ElasticsearchCluster(settings.urls, tls, key, settings.timeout_seconds)
        return cls(cluster, settings.prefix, settings.shards, settings.replicas)

    def replace(self, dataset: Dataset, frame: pl.DataFrame) -> int:
        self._prepare(dataset, stay=False)
        rows = _rendered(dataset, frame)
        known = self._known.get(dataset.name)
        if known is None and self._was_published(dataset, rows):
            known = rows.select(ID, _DIGEST)
        elif known is None:
            known = self._found(dataset)
        changed = rows.join(known, on=[ID, _DIGEST], how="anti", maintain_order="left")
        gone = known.join(rows, on=ID, how="anti", maintain_order="left")
        if changed.height or gone.height:
            self._mark(dataset)
            self._known.pop(dataset.name, None)  # half sent is unknown
            self._send(dataset, [*_indexing(changed), *_deleting(gone)])
        self._known[dataset.name] = rows.select(ID, _DIGEST)
        return changed.height + gone.height

    def put(self, dataset: Dataset, frame: pl.DataFrame) -> int:
        self._prepare(dataset, stay=True)
        rows = _rendered(dataset, frame)
        self._send(dataset, list(_indexing(rows)))
        return rows.height

    def greatest(self, dataset: Dataset, column: str) -> int | datetime | None:
        self._prepare(dataset, stay=True)
        body = {"size": 0, "aggs": {"greatest": {"max": {"field": column}}}}
        answer = self._cluster.call("POST", f"/{self._alias(dataset)}/_search", body)
        value = answer["aggregations"]["greatest"]["value"] if answer else None
        if value is None:
            return None
        if dataset.column(column).type is ColumnType.TIMESTAMP:
            return datetime.fromtimestamp(value / 1000, UTC)
        return int(value)

    def close(self) -> None:
        marked = {name: known for name, known in self._known.items() if name in self._marked}
        digests = [{"dataset": name, "digest": _digest_of(known)} for name, known in marked.items()]
        try:
            if digests:
                self.put(PUBLISHED, pl.DataFrame(digests))
        except PenstockError:
            pass  # then the next start sends all rows onto themselves
        self._cluster.close()

    def _alias(self, dataset: Dataset) -> str:
        return f"{self._prefix}-{dataset.name}"

    def _prepare(self, dataset: Dataset, *, stay: bool) -> None:
        """Sees to it that there is an index for documents of this dataset, as it is declared now."""
        if time.monotonic() - self._ready.get(dataset.name, -TRUST_SECONDS) < TRUST_SECONDS:
            return
        alias, wanted = self._alias(dataset), published_mapping(dataset)
        found = self._cluster.call("GET", f"/{alias}/_mapping")
        old = sorted(found or {})
        if not any(each["mappings"].get("_meta") == wanted["_meta"] for each in (found or {}).values()):
            self._make(dataset, wanted, old if stay else [], [] if stay else old)
        self._ready[dataset.name] = time.monotonic()

    def _make(self, dataset: Dataset, wanted: Mapping[str, Any], kept: Sequence[str], replaced: Sequence[str]) -> None:
        """A new index takes the name; what stays of older ones is found beside it, what is replaced is deleted."""
        alias = self._alias(dataset)
        index = f"{alias}-{wanted['_meta'][META]['fingerprint'][:12]}"
        body = {"mappings": wanted, "settings": self._settings}
        if self._cluster.call("GET", f"/{index}/_alias") is None:
            self._cluster.call("PUT", f"/{index}", body, tries=WRITE_TRIES)
            self._known[dataset.name] = _NOTHING  # nobody has written to it
        else:
            self._known.pop(dataset.name, None)
        actions: list[dict[str, Any]] = [{"add": {"index": index, "alias": alias, "is_write_index": True}}]
        actions += [{"add": {"index": old, "alias": alias, "is_write_index": False}} for old in kept]
        actions += [{"remove_index": {"index": old}} for old in replaced]
        self._cluster.call("POST", "/_aliases", {"actions": actions}, tries=WRITE_TRIES)

    def _was_published(self, dataset: Dataset, rows: pl.DataFrame) -> bool:
        """Whether these very rows were there when the system stopped last."""
        self._prepare(PUBLISHED, stay=True)
        body = {"query": {"term": {"dataset": dataset.name}}, "size": 1}
        answer = self._cluster.call("POST", f"/{self._alias(PUBLISHED)}/_search", body)
        hits = answer["hits"]["hits"] if answer else []
        return bool(hits) and hits[0]["_source"].get("digest") == _digest_of(rows)

    def _mark(self, dataset: Dataset) -> None:
        """Tells that what is published is no longer what the digest says, before it is so."""
        if dataset.name not in self._marked:
            self.put(PUBLISHED, pl.DataFrame({"dataset": [dataset.name], "digest": [None]}, schema_overrides=_TEXTS))
            self._marked.add(dataset.name)

    def _found(self, dataset: Dataset) -> pl.DataFrame:
        """The identity of every document, with a digest that no row has."""
        names = list(self._ids(dataset))
        return pl.DataFrame({ID: names, _DIGEST: [None] * len(names)}, schema={ID: pl.String, _DIGEST: pl.String})

    def _ids(self, dataset: Dataset) -> Iterator[str]:
        opened = self._cluster.call("POST", f"/{self._alias(dataset)}/_pit", keep_alive="1m")
        body: dict[str, Any] = {"size": IDS_A_REQUEST, "_source": False, "sort": ["_shard_doc"]}
        pit = opened["id"]
        try:
            while True:
                answer = self._cluster.call("POST", "/_search", body | {"pit": {"id": pit, "keep_alive": "1m"}})
                pit, hits = answer["pit_id"], answer["hits"]["hits"]
                yield from (hit[ID] for hit in hits)
                if len(hits) < IDS_A_REQUEST:
                    return
                body["search_after"] = hits[-1]["sort"]
        finally:
            self._cluster.call("DELETE", "/_pit", {"id": pit})

    def _send(self, dataset: Dataset, lines: Sequence[str]) -> None:
        """Sends the lines and makes all of them visible at once, at the end.

        Raises:
            UnavailableError: If the index was taken away meanwhile, or a document found no room.
            StorageError: If a document is refused.
        """
        path = f"/{self._alias(dataset)}/_bulk"
        for start in range(0, len(lines), ROWS_A_REQUEST):
            body = "".join(lines[start : start + ROWS_A_REQUEST]).encode()
            answer = self._cluster.call(
                "POST", path, body, tries=WRITE_TRIES, filter_path=_FILTER, require_alias="true"
            )
            if answer is None or answer["errors"]:
                self._ready.pop(dataset.name, None)
                raise _refused(dataset, answer)
        if lines:
            self._cluster.call("POST", f"/{self._alias(dataset)}/_refresh")


_TEXTS = {"dataset": pl.String, "digest": pl.String}
_NOTHING = pl.DataFrame(schema={ID: pl.String, _DIGEST: pl.String})


def _refused(dataset: Dataset, answer: Mapping[str, Any] | None) -> PenstockError:
    """The error of a bulk request of which some documents were not taken."""
    failed = [item for each in (answer or {}).get("items", ()) for item in each.values() if "error" in item]
    if not failed or any(item["status"] == HTTPStatus.NOT_FOUND for item in failed):
        return UnavailableError(f"The index of {dataset.name} is gone.", "It is made and filled anew.")
    reason = described(failed[0]["error"])
    told = f"Elasticsearch did not take {len(failed)} rows of {dataset.name}: {reason}."
    if any(item["status"] in RETRYABLE_STATUSES for item in failed):
        return UnavailableError(told, "Check that the cluster is healthy; they are sent again.")
    return StorageError(told, "This is a fault of Penstock.")


def _rendered(dataset: Dataset, frame: pl.DataFrame) -> pl.DataFrame:
    """A row a document: its ``_id``, its JSON and the digest of that."""
    rows = with_ids(dataset, frame)
    json = rows.select(pl.struct(_plain(column, rows) for column in dataset.columns).struct.json_encode()).to_series()
    digests = [sha256(text.encode()).hexdigest() for text in json]
    return pl.DataFrame({ID: rows[ID], "json": json, _DIGEST: pl.Series(digests, dtype=pl.String)})


def _plain(column: Column, rows: pl.DataFrame) -> pl.Expr:
    """A column as JSON can say it."""
    value = pl.col(column.name)
    if column.type is ColumnType.TIMESTAMP:
        return value.dt.to_string("%Y-%m-%dT%H:%M:%S%.6fZ")
    if column.type is ColumnType.DATE:
        return value.dt.to_string("%Y-%m-%d")
    if rows.schema[column.name].is_float():
        return pl.when(value.is_finite()).then(value).alias(column.name)
    return value


def _indexing(rows: pl.DataFrame) -> Iterator[str]:
    return (f'{{"index":{{"_id":"{name}"}}}}\n{json}\n' for name, json in rows.select(ID, "json").iter_rows())


def _deleting(rows: pl.DataFrame) -> Iterator[str]:
    return (f'{{"delete":{{"_id":"{name}"}}}}\n' for name in rows[ID])


def _digest_of(rows: pl.DataFrame) -> str:
    """The digest of all rows, in whatever order they come."""
    ordered = rows.sort(ID).select(ID, _DIGEST).iter_rows()
    return sha256("".join(f"{name}{digest}" for name, digest in ordered).encode()).hexdigest()
