"""A `SearchRequest` → a query of Elasticsearch on one generation."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.dataset import BLOB_COLUMN, MASK_SUFFIX
from core.errors import QueryError
from storage.elasticsearch_mapping import WORDS_FIELD
from storage.elasticsearch_rendering import document_id
from storage.index_fields import ID_FIELD, Field, FieldKind
from storage.search_filters import is_range, shown, span
from storage.search_request import FACET_VALUES, sealed_name, unknown_name
from storage.search_words import Clause, clauses

Query = dict[str, Any]
MAX_DISTINCT = 65_535
"""So many values of a rescued column can be told apart for a range over it: the buckets of one aggregation."""
_COMPARED = (FieldKind.INTEGER, FieldKind.NUMBER, FieldKind.DATE, FieldKind.TIMESTAMP)
_MIN_IDENTITY_CHARS = 16
_NOTHING: Query = {"match_none": {}}


@dataclass(frozen=True, slots=True)
class Target:
    """What a name in a filter or facet stands for.

    Attributes:
        path: The field, with a key where it is an object's.
        kind: How it is compared; ``OBJECT`` for a key of an object, whose values are strings to the server.
    """

    path: str
    kind: FieldKind


@dataclass(frozen=True, slots=True)
class Inside:
    """What has to be looked up in an index before a question about the keys of its objects can be put.

    Attributes:
        has: Whether any record has a field or key.
        values: The distinct values of a key, or None where there are more than `MAX_DISTINCT`.
    """

    has: Callable[[str], bool]
    values: Callable[[str], Sequence[str] | None]


class QueryBuilder:
    """Builds queries for one generation, from words and filters that a person wrote."""

    def __init__(self, fields: Sequence[Field], inside: Inside) -> None:
        self._fields = {field.name: field for field in fields}
        self._inside = inside

    def build(self, words: str, where: Mapping[str, str]) -> Query:
        """Records that have every clause of `words` and every value of `where`.

        Raises:
            QueryError: If a filter names a column that is not there or sealed, or a value is not of its type.
        """
        filters = [self._filter(self._target(name), name, text) for name, text in where.items()]
        wanted = clauses(words)
        if words.strip() and not wanted:  # nothing but signs
            return _NOTHING
        must = [self._clause(clause) for clause in wanted if not clause.is_excluded] or [{"match_all": {}}]
        never = [self._clause(clause) for clause in wanted if clause.is_excluded]
        return {"bool": {"must": must, "must_not": never, "filter": filters}}

    def counting(self, column: str) -> Query:
        """The aggregation that counts the values of a column.

        Raises:
            QueryError: If they are none that can be counted.
        """
        target = self._target(column)
        hidden = {field.name for field in self._fields.values() if field.shown_as is None}
        if target.kind is FieldKind.PROSE or target.path in hidden:
            raise QueryError(
                f"The values of {column} cannot be counted.", "Choose a column of codes, numbers or dates."
            )
        return {"terms": {"field": target.path, "size": FACET_VALUES}}

    def _target(self, name: str) -> Target:
        field = self._fields.get(name)
        if field is not None and field.kind is not FieldKind.OBJECT:
            return Target(name, field.kind)
        if name + MASK_SUFFIX in self._fields:
            raise sealed_name(name)
        for holder in self._fields.values():
            path = f"{holder.name}.{name}"
            if holder.kind is FieldKind.OBJECT and self._inside.has(path):
                return Target(path, FieldKind.OBJECT)
        raise unknown_name("column", name, self._fields)

    def _clause(self, clause: Clause) -> Query:
        return {"bool": {"should": list(self._readings(clause.text)), "minimum_should_match": 1}}

    def _readings(self, text: str) -> Iterator[Query]:
        """Each way in which a record may hold `text`: as words, as a number or a date, as its identity."""
        prose = [field.name for field in self._fields.values() if field.kind is FieldKind.PROSE]
        yield {"multi_match": {"query": text, "type": "phrase", "fields": [WORDS_FIELD, *prose]}}
        for field in self._fields.values():
            if field.kind in _COMPARED and field.has_words and text[-1].isdigit():
                try:
                    yield _compared(field.name, field.kind, text)
                except QueryError:
                    continue
        if len(text) >= _MIN_IDENTITY_CHARS:
            yield {"ids": {"values": [document_id(text)]}}
            yield {"term": {BLOB_COLUMN: text}}

    def _filter(self, target: Target, name: str, text: str) -> Query:
        if target.kind in _COMPARED:
            return _compared(target.path, target.kind, text)
        if target.kind is FieldKind.BOOLEAN:
            return {"term": {target.path: span(name, target.kind, text).low}}
        if target.kind is FieldKind.PROSE:
            return {"match": {target.path: {"query": text, "operator": "and"}}}
        if target.path == ID_FIELD:
            return {"ids": {"values": [document_id(text)]}}
        exact: list[Query] = [{"terms": {target.path: _spellings(target.kind, text)}}]
        between = [self._between(target, name, text)] if is_range(text) else []
        return {"bool": {"should": exact + between, "minimum_should_match": 1}}

    def _between(self, target: Target, name: str, text: str) -> Query:
        low, _, high = (part.strip() for part in text.partition(".."))
        if not low and not high:
            return {"exists": {"field": target.path}}
        if target.kind is FieldKind.OBJECT and all(_is_number(part) for part in (low, high) if part):
            return self._numbers_between(target.path, name, text)
        return {"range": {target.path: _bounds(low or None, high or None)}}

    def _numbers_between(self, path: str, name: str, text: str) -> Query:
        """To the server the values of a key are strings, and "10" comes before "9": so those in between are named."""
        wanted = span(name, FieldKind.NUMBER, text)
        values = self._inside.values(path)
        if values is None:
            raise QueryError(
                f"The column {name} is not declared and has more than {MAX_DISTINCT} values, too many for a range.",
                "Declare it in the dataset's model.",
            )
        low = -float("inf") if wanted.low is None else wanted.low
        high = float("inf") if wanted.high is None else wanted.high
        return {"terms": {path: [value for value in values if _is_number(value) and low <= float(value) <= high]}}


def _compared(path: str, kind: FieldKind, text: str) -> Query:
    wanted = span(path, kind, text)
    if wanted.low is None and wanted.high is None:
        return {"exists": {"field": path}}
    low, high = (None if bound is None else shown(kind, bound) for bound in (wanted.low, wanted.high))
    return {"range": {path: _bounds(low, high)}}


def _bounds(low: Any, high: Any) -> dict[str, Any]:
    return {name: bound for name, bound in (("gte", low), ("lte", high)) if bound is not None}


def _spellings(kind: FieldKind, text: str) -> list[str]:
    """How a value may be written in a record; a number in an object in more than one way."""
    if kind is not FieldKind.OBJECT:
        return [text]
    spelled = {text}
    if text.lower() in {"true", "false"}:
        spelled.add(text.lower())
    if _is_number(text):
        number = float(text)
        spelled |= {repr(number)} | ({str(int(number))} if number.is_integer() else set())
    return sorted(spelled)


def _is_number(text: str) -> bool:
    try:
        return abs(float(text)) < float("inf")
    except ValueError:
        return False
