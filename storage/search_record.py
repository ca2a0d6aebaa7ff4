"""Kept fields → what a hit shows: the record and the words in their place."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from storage.index_fields import Field, FieldKind
from storage.search_filters import shown
from storage.search_words import clauses

MAX_SHOWN_CHARS = 10_000
MAX_SNIPPET_CHARS = 200
_MARK = "**"


def as_record(
    fields: Sequence[Field], kept: Mapping[str, Any], max_chars: int | None = MAX_SHOWN_CHARS
) -> dict[str, Any]:
    """The columns of a record as JSON values, in order; absent ones are null, text is cut at `max_chars`."""
    record: dict[str, Any] = {}
    for field in fields:
        if field.shown_as is None:
            continue
        value = kept.get(field.name)
        if value is None and field.name.startswith("_"):
            continue
        record[field.shown_as] = None if value is None else _shown(field, value, max_chars)
    return record


def marked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """`text` with ``**`` around each span of it."""
    parts, end = [], 0
    for start, stop in _joined(spans):
        parts += [text[end:start], _MARK, text[start:stop], _MARK]
        end = stop
    return " ".join("".join([*parts, text[end:]]).split())


def snippet_of(record: Mapping[str, Any], words: str) -> str:
    """The first values of a record that hold one of `words`, as ``column: value``, matches marked."""
    wanted = [re.escape(word) for clause in clauses(words) if not clause.is_excluded for word in clause.text.split()]
    if not wanted:
        return ""
    pattern = re.compile("|".join(sorted(wanted, key=len, reverse=True)), re.IGNORECASE)
    parts = []
    for name, value in leaves(record):
        text = str(value)
        found = pattern.search(text)
        if found:
            start = max(0, found.start() - MAX_SNIPPET_CHARS // 3)
            window = text[start : start + MAX_SNIPPET_CHARS]
            parts.append(f"{name}: {marked(window, (match.span() for match in pattern.finditer(window)))}")
        if sum(map(len, parts)) > MAX_SNIPPET_CHARS:
            break
    return " · ".join(parts)


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, stop in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(stop, joined[-1][1]))
        else:
            joined.append((start, stop))
    return joined


def leaves(record: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """The values of a record with the keys that bear them, those inside objects and lists too."""
    for name, value in record.items():
        if isinstance(value, Mapping):
            yield from leaves(value)
        elif isinstance(value, list):
            for item in value:
                yield from leaves({name: item})
        elif value is not None:
            yield name, value


def _shown(field: Field, value: Any, max_chars: int | None) -> Any:
    if field.kind is FieldKind.OBJECT:
        try:
            return json.loads(value)
        except ValueError:
            return _cut(value, max_chars)
    return _cut(shown(field.kind, value), max_chars)


def _cut(value: Any, max_chars: int | None) -> Any:
    is_long = isinstance(value, str) and max_chars is not None and len(value) > max_chars
    return value[:max_chars] + "…" if is_long else value
