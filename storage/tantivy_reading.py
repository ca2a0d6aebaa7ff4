"""One request on one generation: its hits and its counts."""

from collections.abc import Mapping
from typing import Any

import tantivy

from core.dataset import BLOB_COLUMN
from core.errors import QueryError
from core.ports import Hit, SearchRequest
from storage.index_fields import ID_FIELD, FieldKind
from storage.search_filters import shown
from storage.search_record import MAX_SNIPPET_CHARS, as_record, marked, snippet_of
from storage.search_request import FACET_VALUES, unknown_name
from storage.tantivy_generation import Generation
from storage.tantivy_query import QueryBuilder, Target
from storage.tantivy_schema import PLAIN_SUFFIX


class Reading:
    """What a request finds in the newest commit of one dataset.

    Raises:
        QueryError: If a filter or facet names a column that the dataset lacks, or a value is not of its type.
    """

    def __init__(self, name: str, generation: Generation, request: SearchRequest) -> None:
        self._name = name
        self._generation = generation
        self._words = request.words
        self._searcher = generation.searcher()
        builder = QueryBuilder(generation, self._searcher)
        where = {self._known(builder, column): (column, text) for column, text in request.where.items()}
        self._facets = {column: self._countable(builder, column) for column in request.facets}
        self._query = builder.build(request.words, where)
        self._snippets: dict[str, tantivy.SnippetGenerator] | None = None

    def find(self, window: int) -> tuple[list[tuple[float, tantivy.DocAddress]], int]:
        """The best `window` matches, and how many there are in all."""
        found: Any = self._searcher.search(self._query, window, count=True)  # its type stub lacks the count
        return found.hits, found.count

    def hit(self, score: float, address: tantivy.DocAddress) -> Hit:
        """One match in full."""
        document = self._searcher.doc(address)
        kept = {name.removesuffix(PLAIN_SUFFIX): values[0] for name, values in document.to_dict().items() if values}
        record = as_record(self._generation.fields, kept)
        snippet = self._snippet(document) or snippet_of(record, self._words)
        return Hit(kept[ID_FIELD], self._name, kept.get(BLOB_COLUMN, ""), float(score), snippet, record)

    def facets(self) -> Mapping[str, Mapping[str, int]]:
        """Column → its commonest values, counted over all matches."""
        if not self._facets:
            return {}
        asked = {
            column: {"terms": {"field": target.path, "size": FACET_VALUES}} for column, target in self._facets.items()
        }
        counted = self._searcher.aggregate(self._query, asked)
        return {
            column: {_facet_value(target, bucket): bucket["doc_count"] for bucket in counted[column]["buckets"]}
            for column, target in self._facets.items()
        }

    def _known(self, builder: QueryBuilder, column: str) -> Target:
        target = builder.target(column)
        if target is None:
            raise unknown_name("column", column, (field.name for field in self._generation.fields))
        return target

    def _countable(self, builder: QueryBuilder, column: str) -> Target:
        target = self._known(builder, column)
        hidden = {field.name for field in self._generation.fields if field.shown_as is None}
        if target.kind is FieldKind.PROSE or target.path in hidden:
            raise QueryError(
                f"The values of {column} cannot be counted.", "Choose a column of codes, numbers or dates."
            )
        return target

    def _snippet(self, document: tantivy.Document) -> str:
        if not self._words:
            return ""
        if self._snippets is None:
            self._snippets = {
                name: self._generator(name)
                for field in self._generation.fields
                if field.kind is FieldKind.PROSE
                for name in (field.name, field.name + PLAIN_SUFFIX)
            }
        for generator in self._snippets.values():
            snippet = generator.snippet_from_doc(document)
            spans = snippet.highlighted()
            if spans:
                text = snippet.fragment().encode()  # Tantivy counts bytes
                starts = [(len(text[: span.start].decode()), len(text[: span.end].decode())) for span in spans]
                return marked(snippet.fragment(), starts)
        return ""

    def _generator(self, field: str) -> tantivy.SnippetGenerator:
        made = tantivy.SnippetGenerator.create(self._searcher, self._query, self._generation.schema, field)
        made.set_max_num_chars(MAX_SNIPPET_CHARS)
        return made


def _facet_value(target: Target, bucket: Mapping[str, Any]) -> str:
    return str(bucket.get("key_as_string", shown(target.kind, bucket["key"])))
