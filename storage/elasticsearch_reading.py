"""One request on the generations of all datasets asked: one round trip for hits, total and facets."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.dataset import BLOB_COLUMN
from core.errors import QueryError, StorageError, UnavailableError
from core.ports import Hit, SearchAnswer, SearchRequest
from storage.elasticsearch_cluster import ElasticsearchCluster
from storage.elasticsearch_errors import RETRYABLE_STATUSES, described
from storage.elasticsearch_generations import Generation
from storage.elasticsearch_mapping import IDENTITY_FIELD, LOCATION_FIELD, UNPARSED_SUFFIX, WORDS_FIELD
from storage.elasticsearch_query import MAX_DISTINCT, Inside, Query, QueryBuilder
from storage.index_fields import Field, FieldKind
from storage.search_record import MAX_SNIPPET_CHARS, as_record, snippet_of
from storage.search_request import facets_of

MAX_HIGHLIGHTED_CHARS = 999_999  # one less than what an index allows
PAGE_HITS = 1_000
_KEPT_ALIVE = "2m"  # from one page to the next
_MARK = "**"
_NOT_FOUND = 404
_HIDDEN = {"excludes": [WORDS_FIELD, LOCATION_FIELD]}


class GenerationGoneError(StorageError):
    """A generation was replaced between being looked up and being asked."""


class Reading:
    """What a request finds in the generations that can answer it.

    Raises:
        QueryError: If none of them knows a column that a filter or facet names, or a value is not of its type.
    """

    def __init__(
        self, cluster: ElasticsearchCluster, generations: Sequence[Generation], request: SearchRequest
    ) -> None:
        self._cluster = cluster
        self._request = request
        self._asked: dict[str, Generation] = {}
        self._queries: list[Query] = []
        self._countings: list[dict[str, Query]] = []
        problem: QueryError | None = None
        for generation in generations:
            builder = QueryBuilder(generation.fields, _inside(cluster, generation.index))
            try:
                query = builder.build(request.words, request.where)
                counting = {column: builder.counting(column) for column in request.facets}
            except QueryError as error:
                problem = problem or error
                continue
            self._asked[generation.index] = generation
            self._queries.append(query)
            self._countings.append(counting)
        if problem is not None and not self._asked:  # a column need not be in every dataset, but in one
            raise problem

    def answer(self) -> SearchAnswer:
        """Hits, total and facets, of one moment."""
        if not self._asked:
            return SearchAnswer((), 0, {})
        asked: list[Mapping[str, Any]] = [*_lines(list(self._asked), self._hits_body())]
        if self._request.facets:
            for index, query, counting in zip(self._asked, self._queries, self._countings, strict=True):
                asked += _lines([index], {"query": query, "size": 0, "aggs": counting})
        found, *counted = _responses(self._cluster, asked)
        hits = tuple(self._hit(hit) for hit in found["hits"]["hits"])
        facets = (self._facets(answer["aggregations"]) for answer in counted)
        return SearchAnswer(hits, found["hits"]["total"]["value"], facets_of(facets))

    def walk(self) -> Iterator[Hit]:
        """Every hit of one moment, a page after the other."""
        if not self._asked:
            return
        names = ",".join(self._asked)
        opened = self._cluster.call("POST", f"/{names}/_pit", keep_alive=_KEPT_ALIVE)
        if opened is None:
            raise _failure(_NOT_FOUND, names)
        moment = {"id": opened["id"], "keep_alive": _KEPT_ALIVE}
        body = self._matching() | {"size": PAGE_HITS, "sort": ["_shard_doc"], "track_scores": True}
        try:
            while True:
                answer = self._cluster.call("POST", "/_search", body | {"pit": moment, "track_total_hits": False})
                hits = answer["hits"]["hits"]
                yield from map(self._hit, hits)
                if len(hits) < PAGE_HITS:
                    return
                moment = {"id": answer["pit_id"], "keep_alive": _KEPT_ALIVE}
                body["search_after"] = hits[-1]["sort"]
        finally:
            self._cluster.call("DELETE", "/_pit", {"id": moment["id"]})

    def _hits_body(self) -> dict[str, Any]:
        page = {"from": self._request.offset, "size": self._request.limit, "track_total_hits": True}
        return self._matching() | page

    def _matching(self) -> dict[str, Any]:
        """All datasets in one search, so that the server sorts and pages; each is asked its own query."""
        each = [
            {"bool": {"filter": [{"term": {"_index": index}}], "must": [query]}}
            for index, query in zip(self._asked, self._queries, strict=True)
        ]
        body = {"query": {"bool": {"should": each, "minimum_should_match": 1}}, "_source": _HIDDEN}
        return body | ({"highlight": self._highlight()} if self._request.words else {})

    def _highlight(self) -> dict[str, Any]:
        prose = dict.fromkeys(
            field.name
            for generation in self._asked.values()
            for field in generation.fields
            if field.kind is FieldKind.PROSE
        )
        return {
            "fields": {name: {} for name in prose},
            "pre_tags": [_MARK],
            "post_tags": [_MARK],
            "fragment_size": MAX_SNIPPET_CHARS,
            "number_of_fragments": 1,
            "max_analyzed_offset": MAX_HIGHLIGHTED_CHARS,
        }

    def _hit(self, hit: Mapping[str, Any]) -> Hit:
        generation = self._asked[hit["_index"]]
        source = hit["_source"]
        record = as_record(_shown_fields(generation.fields), _kept(generation.fields, source))
        marked = next((hit["highlight"][field.name] for field in generation.fields if field.name in _marked(hit)), None)
        snippet = " ".join(marked[0].split()) if marked else snippet_of(record, self._request.words)
        identity = source.get(IDENTITY_FIELD) or hit["_id"]
        return Hit(identity, generation.dataset, source.get(BLOB_COLUMN, ""), float(hit["_score"]), snippet, record)

    def _facets(self, counted: Mapping[str, Any]) -> Mapping[str, Mapping[str, int]]:
        return {
            column: {str(one.get("key_as_string", one["key"])): one["doc_count"] for one in answer["buckets"]}
            for column, answer in counted.items()
        }


def count_of(cluster: ElasticsearchCluster, alias: str) -> int:
    """How many records are searchable behind an alias; 0 where there is none."""
    answer = cluster.call("GET", f"/{alias}/_count")
    return 0 if answer is None else int(answer["count"])


def _inside(cluster: ElasticsearchCluster, index: str) -> Inside:
    def has(path: str) -> bool:
        body = {"query": {"exists": {"field": path}}, "size": 0, "terminate_after": 1, "track_total_hits": 1}
        (found,) = _responses(cluster, _lines([index], body))
        return bool(found["hits"]["total"]["value"])

    def values(path: str) -> Sequence[str] | None:
        body = {"size": 0, "aggs": {"values": {"terms": {"field": path, "size": MAX_DISTINCT}}}}
        (found,) = _responses(cluster, _lines([index], body))
        counted = found["aggregations"]["values"]
        return None if counted["sum_other_doc_count"] else [bucket["key"] for bucket in counted["buckets"]]

    return Inside(has, values)


def _lines(indexes: Sequence[str], body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    # The same copy of each shard is asked every time, else records of equal score would change places between pages.
    return [{"index": indexes, "preference": "penstock", "allow_partial_search_results": False}, body]


def _responses(cluster: ElasticsearchCluster, asked: Sequence[Mapping[str, Any]]) -> list[Any]:
    answer = cluster.call("POST", "/_msearch", asked)
    for one in answer["responses"]:
        if "error" in one:
            raise _failure(one["status"], described(one["error"]))
    return list(answer["responses"])


def _failure(status: int, reason: str) -> StorageError:
    if status == _NOT_FOUND:
        return GenerationGoneError(f"The search index changed while it was asked: {reason}.", "Ask again.")
    if status in RETRYABLE_STATUSES:
        return UnavailableError(f"Elasticsearch could not search: {reason}.", "Check that the cluster is healthy.")
    return StorageError(f"Elasticsearch could not search: {reason}.", "Narrow the search by words or filters.")


def _marked(hit: Mapping[str, Any]) -> Mapping[str, Any]:
    marked: Mapping[str, Any] = hit.get("highlight", {})
    return marked


def _shown_fields(fields: Sequence[Field]) -> list[Field]:
    """The fields as their values are in the source: times as people write them already."""
    times = {FieldKind.DATE, FieldKind.TIMESTAMP}
    return [replace(field, kind=FieldKind.CODE) if field.kind in times else field for field in fields]


def _kept(fields: Sequence[Field], source: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a source as an index keeps them: money as a number, objects as JSON."""
    kept = dict(source)
    for field in fields:
        value = source.get(field.name)
        if field.kind is FieldKind.OBJECT:
            kept[field.name] = source.get(field.name + UNPARSED_SUFFIX) if value is None else json.dumps(value)
        elif field.kind is FieldKind.NUMBER and value is not None:
            kept[field.name] = float(value)
        elif field.kind is FieldKind.TIMESTAMP and value is not None:
            kept[field.name] = value.replace(".000000Z", "Z")
    return kept
