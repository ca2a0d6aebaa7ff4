"""Columns of strings that hold JSON objects, as indexes take them: spliced into a line, hardly ever parsed."""

import json

import polars as pl

_KEYS = r'"(?:[^"\\]|\\.)*"\s*:'
_OBJECT = r"(?s)^\s*\{.*\}\s*$"
_HIDING = r"[\n\r]|\\u|\\[nrt]|NaN|Infinity"


def objects_of(column: pl.Series) -> pl.Series:
    """The JSON objects of a column, each on one line; null for what is none (a token, a bare string)."""
    found = column.set(~column.str.contains(_OBJECT).fill_null(value=False), None)
    if found.null_count() == len(found):
        return found
    odd = found.str.contains(_HIDING).fill_null(value=False)
    if not odd.any():
        return found
    return pl.Series(found.name, [_plain(value) if is_odd else value for value, is_odd in zip(found, odd, strict=True)])


def without_keys(objects: pl.Expr) -> pl.Expr:
    """The objects as text with nothing but their values in it, for a search for words."""
    return objects.str.replace_all(_KEYS, " ")


def _plain(value: str) -> str | None:
    """The same object without escapes that hide words, or None if it is no JSON."""
    try:
        parsed = json.loads(value, parse_constant=lambda _: None)
    except ValueError:
        return None
    return json.dumps(parsed, ensure_ascii=False) if isinstance(parsed, dict) else None
