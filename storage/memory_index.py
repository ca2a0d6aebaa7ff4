"""The search index in memory: for tests and for trying things out."""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from core.dataset import BLOB_COLUMN, MASK_SUFFIX, Dataset
from core.errors import QueryError, StorageError
from core.frames import record_id
from core.ports import Hit, Index, SearchAnswer, SearchRequest
from storage.index_fields import ID_FIELD, Field, FieldKind, index_fields
from storage.search_filters import is_range, shown, span
from storage.search_record import as_record, leaves, snippet_of
from storage.search_request import checked_request, facets_of, refuse_unknown, sealed_name, unknown_name
from storage.search_words import clauses

_WORD = re.compile(r"\w+")
_MIN_IDENTITY_CHARS = 16
_Row = dict[str, Any]


@dataclass(slots=True)
class _Kept:
    fields: tuple[Field, ...]
    rows: dict[str, _Row] = field(default_factory=dict)
    version: int = -1


class MemoryIndex(Index):
    """An index that forgets everything when the process ends. Looks at every record; words are not stemmed.

    Attributes:
        failing: So many of the next writes fail, after the rows were read and before any is kept.

    Args:
        failing: As the attribute.
        datasets: Gives the datasets known; to ask for one that has no record yet finds nothing and is no error.
    """

    def __init__(self, failing: int = 0, datasets: Callable[[], Iterable[Dataset]] = tuple) -> None:
        self.failing = failing
        self._known = datasets
        self._datasets: dict[str, _Kept] = {}

    def write(self, dataset: Dataset, frames: Iterator[pl.DataFrame], version: int) -> int:
        """As `Index.write`."""
        kept = self._datasets.get(dataset.name)
        if kept is None:
            return self.rebuild(dataset, frames, version)
        if self.needs_rebuild(dataset):
            raise StorageError(
                f"The search index of {dataset.name} was built for other columns than it has now.", "Run reindex."
            )
        rows, count = self._read(dataset, frames)
        kept.rows |= rows
        kept.version = version
        return count

    def rebuild(self, dataset: Dataset, frames: Iterator[pl.DataFrame], version: int) -> int:
        """As `Index.rebuild`."""
        rows, count = self._read(dataset, frames)
        self._datasets[dataset.name] = _Kept(index_fields(dataset), rows, version)
        return count

    def needs_rebuild(self, dataset: Dataset) -> bool:
        """As `Index.needs_rebuild`."""
        kept = self._datasets.get(dataset.name)
        return kept is not None and kept.fields != index_fields(dataset)

    def version(self, name: str) -> int:
        """As `Index.version`."""
        return self._datasets[name].version if name in self._datasets else -1

    def count(self, name: str) -> int:
        """As `Index.count`."""
        return len(self._datasets[name].rows) if name in self._datasets else 0

    def search(self, request: SearchRequest) -> SearchAnswer:
        """As `Index.search`."""
        checked_request(request)
        readings = self._readings(request)
        hits = sorted((hit for reading in readings for hit in reading.hits), key=lambda hit: -hit.score)
        wanted = tuple(hits[request.offset : request.offset + request.limit])
        return SearchAnswer(wanted, len(hits), facets_of(reading.facets for reading in readings))

    def _readings(self, request: SearchRequest) -> "list[_Reading]":
        names = sorted(self._datasets)
        if request.dataset is not None and request.dataset not in names:
            refuse_unknown(request.dataset, names, self._known())
            return []
        readings: list[_Reading] = []
        problem: QueryError | None = None
        for name in [request.dataset] if request.dataset else names:
            try:
                readings.append(_Reading(name, self._datasets[name], request))
            except QueryError as error:
                problem = problem or error
        if problem is not None and not readings:
            raise problem
        return readings

    def walk(self, request: SearchRequest) -> Iterator[Hit]:
        """As `Index.walk`."""
        return (hit for reading in self._readings(request) for hit in reading.hits)

    def drop(self, name: str) -> None:
        """As `Index.drop`."""
        self._datasets.pop(name, None)

    def close(self) -> None:
        """As `Index.close`."""

    def _read(self, dataset: Dataset, frames: Iterator[pl.DataFrame]) -> tuple[dict[str, _Row], int]:
        fields = index_fields(dataset)
        rows: dict[str, _Row] = {}
        count = 0
        for frame in frames:
            kept = frame.select(record_id(dataset), pl.all()).unique(ID_FIELD, keep="last", maintain_order=True)
            shown_columns = [_kept(one) for one in fields if one.name in kept.columns]
            rows |= {row[ID_FIELD]: row for row in kept.select(shown_columns).iter_rows(named=True)}
            count += kept.height
        if self.failing > 0:
            self.failing -= 1
            raise StorageError(f"The index in memory was told to fail at {dataset.name}.", "Set its `failing` to 0.")
        return rows, count


class _Reading:
    """What a request finds in one dataset."""

    def __init__(self, name: str, kept: _Kept, request: SearchRequest) -> None:
        self._fields = {one.name: one for one in kept.fields}
        self._rows = kept.rows
        for column in (*request.where, *request.facets):
            self._check(column, is_counted=column in request.facets)
        found = [(self._score(row, request), row) for row in kept.rows.values()]
        matches = [(score, row) for score, row in found if score is not None]
        self.hits = [self._hit(name, score, row, request.words) for score, row in matches]
        self.facets = {column: self._counts(column, [row for _, row in matches]) for column in request.facets}

    def _check(self, column: str, *, is_counted: bool) -> None:
        known = self._fields.get(column)
        if known is None and column + MASK_SUFFIX in self._fields:
            raise sealed_name(column)
        if known is None and not any(list(self._values(row, column)) for row in self._rows.values()):
            raise unknown_name("column", column, self._fields)
        if is_counted and known is not None and (known.kind is FieldKind.PROSE or known.shown_as is None):
            raise QueryError(f"The values of {column} cannot be counted.", "Choose a column of codes or numbers.")

    def _values(self, row: _Row, column: str) -> Iterator[Any]:
        """The values of a column, or of a key inside the objects of a row."""
        if column in self._fields:
            if row.get(column) is not None:
                yield row[column]
            return
        for one in self._fields.values():
            if one.kind is FieldKind.OBJECT:
                yield from (value for name, value in leaves(_object(row.get(one.name))) if name == column)

    def _score(self, row: _Row, request: SearchRequest) -> float | None:
        if not all(self._has(row, column, text) for column, text in request.where.items()):
            return None
        wanted = clauses(request.words)
        if request.words.strip() and not wanted:
            return None
        score = 0.0
        for clause in wanted:
            count = self._occurrences(row, clause.text)
            if bool(count) == clause.is_excluded:
                return None
            score += count
        return score if wanted else 1.0

    def _has(self, row: _Row, column: str, text: str) -> bool:
        known = self._fields.get(column)
        kind = known.kind if known else FieldKind.OBJECT
        if kind is FieldKind.PROSE:
            words = _words(str(row.get(column) or ""))
            return bool(_words(text)) and set(_words(text)) <= set(words)
        return any(_matches(column, kind, value, text) for value in self._values(row, column))

    def _occurrences(self, row: _Row, text: str) -> int:
        if len(text) >= _MIN_IDENTITY_CHARS and text in {row[ID_FIELD], row[BLOB_COLUMN]}:
            return 1
        sought = _words(text)
        count = 0
        for one in self._fields.values():
            if not one.has_words or row.get(one.name) is None:
                continue
            if one.kind is FieldKind.OBJECT:
                count += sum(_runs(_words(str(value)), sought) for _, value in leaves(_object(row[one.name])))
            elif one.kind in {FieldKind.CODE, FieldKind.PROSE}:
                count += _runs(_words(row[one.name]), sought)
            elif text[-1].isdigit() and one.kind is not FieldKind.BOOLEAN:
                count += _is_value(one, row[one.name], text)
        return count

    def _counts(self, column: str, rows: list[_Row]) -> Mapping[str, int]:
        known = self._fields.get(column)
        kind = known.kind if known else FieldKind.OBJECT
        values = (shown(kind, value) for row in rows for value in self._values(row, column))
        return Counter(str(value).lower() if isinstance(value, bool) else str(value) for value in values)

    def _hit(self, name: str, score: float, row: _Row, words: str) -> Hit:
        fields = tuple(self._fields.values())
        snippet = snippet_of(as_record(fields, row, max_chars=None), words)
        return Hit(row[ID_FIELD], name, row[BLOB_COLUMN], score, snippet, as_record(fields, row))


def _kept(one: Field) -> pl.Expr:
    column = pl.col(one.name)
    if one.kind in {FieldKind.DATE, FieldKind.TIMESTAMP}:
        return column.to_physical().cast(pl.Int64)
    return column.cast(pl.Float64) if one.kind is FieldKind.NUMBER else column


def _object(text: str | None) -> Mapping[str, Any]:
    try:
        parsed = json.loads(text or "{}")
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _words(text: str) -> list[str]:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(char for char in decomposed if not unicodedata.combining(char)).replace("_", " "))


def _runs(words: list[str], sought: list[str]) -> int:
    size = len(sought)
    return sum(words[start : start + size] == sought for start in range(len(words) - size + 1)) if size else 0


def _is_value(one: Field, value: Any, text: str) -> bool:
    try:
        return _matches(one.name, one.kind, value, text)
    except QueryError:
        return False


def _matches(column: str, kind: FieldKind, value: Any, text: str) -> bool:
    if kind in {FieldKind.CODE, FieldKind.OBJECT}:
        if str(value).lower() == text.lower() if isinstance(value, bool) else str(value) == text:
            return True
        if not is_range(text):
            return False
        kind = kind if isinstance(value, str) else FieldKind.NUMBER
    wanted = span(column, FieldKind.CODE if kind is FieldKind.OBJECT else kind, text)
    return (wanted.low is None or value >= wanted.low) and (wanted.high is None or value <= wanted.high)
