"""A `SearchRequest` → Tantivy queries on one generation."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf, nextafter

import polars as pl
import tantivy

from core.dataset import BLOB_COLUMN, MASK_SUFFIX
from core.errors import QueryError
from storage.index_fields import ID_FIELD, FieldKind
from storage.search_filters import is_range, span
from storage.search_request import sealed_name
from storage.search_words import Clause, clauses
from storage.tantivy_documents import spaced
from storage.tantivy_generation import Generation, total
from storage.tantivy_schema import (
    OBJECT_SUFFIX,
    PLAIN_SUFFIX,
    VERSION_ID,
    WORDS_FIELD,
    prose_analyser,
    words_analyser,
)

Query = tantivy.Query
_MUST, _SHOULD, _NOT = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot
_TYPES = {
    FieldKind.INTEGER: tantivy.FieldType.Integer,
    FieldKind.NUMBER: tantivy.FieldType.Float,
    FieldKind.DATE: tantivy.FieldType.Integer,
    FieldKind.TIMESTAMP: tantivy.FieldType.Integer,
}
_PLAIN_BOUND = re.compile(r"[\w.:+-]*", re.ASCII)
_MIN_IDENTITY_CHARS = 16


@dataclass(frozen=True, slots=True)
class Target:
    """What a name in a filter or facet stands for.

    Attributes:
        path: The Tantivy field, with a key where it is an object's.
        kind: How it is compared; ``OBJECT`` for a key of an object, whose values may be of any type.
    """

    path: str
    kind: FieldKind


class QueryBuilder:
    """Builds queries for one generation, from words and filters that a person wrote."""

    def __init__(self, generation: Generation, searcher: tantivy.Searcher) -> None:
        self._schema = generation.schema
        self._index = generation.index
        self._searcher = searcher
        self._fields = {field.name: field for field in generation.fields}
        self._prose_terms = prose_analyser().analyze
        self._word_terms = words_analyser().analyze

    def target(self, name: str) -> Target | None:
        """What `name` stands for here, or None.

        Raises:
            QueryError: If it is a sealed column, whose values are not in the index.
        """
        field = self._fields.get(name)
        if field is not None and field.kind is not FieldKind.OBJECT:
            return Target(name, field.kind)
        if name + MASK_SUFFIX in self._fields:
            raise sealed_name(name)
        for holder in self._objects():
            path = f"{holder}{OBJECT_SUFFIX}.{name}"
            if total(self._searcher, Query.exists_query(path, True)):
                return Target(path, FieldKind.OBJECT)
        return None

    def build(self, words: str, where: Mapping[Target, tuple[str, str]]) -> tantivy.Query:
        """Records that have every clause of `words` and every value of `where` (target → name, text)."""
        parts = [(_MUST, Query.all_query()), (_NOT, Query.term_query(self._schema, ID_FIELD, VERSION_ID))]
        wanted = clauses(words)
        if words.strip() and not wanted:  # nothing but signs
            return Query.empty_query()
        parts += [(_NOT if clause.is_excluded else _MUST, self._clause(clause)) for clause in wanted]
        if any(not clause.is_excluded for clause in wanted):
            del parts[:2]  # a record found by a word is never the version's document
        for target, (name, text) in where.items():
            parts.append((_MUST, Query.const_score_query(self._filter(target, name, text), 0.0)))
        return Query.boolean_query(parts)

    def _clause(self, clause: Clause) -> tantivy.Query:
        options = list(self._readings(clause.text))
        if not options:
            return Query.empty_query()
        return Query.boolean_query([(_SHOULD, option) for option in options])

    def _readings(self, text: str) -> Iterator[tantivy.Query]:
        """Each way in which a record may hold `text`: as words, as a number or a date, as its identity."""
        yield from self._phrase(WORDS_FIELD, self._word_terms(spaced(pl.Series([text])).item()))
        terms = self._prose_terms(text)
        for field in self._fields.values():
            if field.kind is FieldKind.PROSE:
                yield from self._phrase(field.name, terms)
                yield from self._phrase(field.name + PLAIN_SUFFIX, terms)
        for field in self._fields.values():
            if field.kind in _TYPES and field.has_words and text[-1].isdigit():
                try:
                    yield self._range(Target(field.name, field.kind), field.name, text)
                except QueryError:
                    continue
        if len(text) >= _MIN_IDENTITY_CHARS:
            yield Query.term_query(self._schema, ID_FIELD, text)
            yield Query.term_query(self._schema, BLOB_COLUMN, text)

    def _phrase(self, field: str, terms: list[str]) -> Iterator[tantivy.Query]:
        if len(terms) == 1:  # Tantivy panics at a phrase of one
            yield Query.term_query(self._schema, field, terms[0])
        elif terms:
            yield Query.phrase_query(self._schema, field, [*terms])

    def _filter(self, target: Target, name: str, text: str) -> tantivy.Query:
        if target.kind in _TYPES:
            return self._range(target, name, text)
        if target.kind is FieldKind.BOOLEAN:
            return Query.term_query(self._schema, target.path, span(name, target.kind, text).low)
        if target.kind is FieldKind.PROSE:
            terms = self._prose_terms(text)
            if not terms:
                return Query.empty_query()
            options = [self._all_of(path, terms) for path in (target.path, target.path + PLAIN_SUFFIX)]
            return Query.boolean_query([(_SHOULD, option) for option in options])
        options = [Query.term_query(self._schema, target.path, value) for value in _exact(target, text)]
        if is_range(text):
            options.append(self._text_range(target, name, text))
        return Query.boolean_query([(_SHOULD, option) for option in options])

    def _all_of(self, path: str, terms: Sequence[str]) -> tantivy.Query:
        return Query.boolean_query([(_MUST, Query.term_query(self._schema, path, term)) for term in terms])

    def _range(self, target: Target, name: str, text: str) -> tantivy.Query:
        wanted = span(name, target.kind, text)
        if wanted.low is None and wanted.high is None:
            return Query.exists_query(target.path)
        low, high = wanted.low, wanted.high
        if target.kind is FieldKind.NUMBER:  # a document's JSON is parsed to the last bit but one
            low = None if low is None else nextafter(low, -inf)
            high = None if high is None else nextafter(high, inf)
        return Query.range_query(self._schema, target.path, _TYPES[target.kind], low, high)

    def _text_range(self, target: Target, name: str, text: str) -> tantivy.Query:
        low, _, high = (part.strip() for part in text.partition(".."))
        if not (_PLAIN_BOUND.fullmatch(low) and _PLAIN_BOUND.fullmatch(high)):
            raise QueryError(
                f"The range {name} = {text[:80]!r} has bounds with spaces or signs.",
                "Ranges over text take letters, digits and . : + - only.",
            )
        if not low and not high:
            return Query.exists_query(target.path, True)
        path = re.sub(r"([^\w.])", r"\\\1", target.path)
        try:
            return self._index.parse_query(f"{path}:[{low or '*'} TO {high or '*'}]")
        except ValueError as error:
            raise QueryError(f"The range {name} = {text[:80]!r} is not understood.", "Mend its bounds.") from error

    def _objects(self) -> Iterator[str]:
        return (field.name for field in self._fields.values() if field.kind is FieldKind.OBJECT)


def _exact(target: Target, text: str) -> Iterator[str | int | float | bool]:
    """The terms that a value may be kept as: in an object, a number or a truth as well as a string."""
    yield text
    if target.kind is not FieldKind.OBJECT:
        return
    for kind in (FieldKind.INTEGER, FieldKind.NUMBER, FieldKind.BOOLEAN):
        try:
            yield span(target.path, kind, text).low
        except QueryError:
            continue
