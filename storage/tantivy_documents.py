"""Lake frames → the JSON lines that Tantivy takes in."""

import json
from collections.abc import Iterator, Sequence

import polars as pl

from core.dataset import Dataset
from core.frames import record_id
from storage.index_fields import Field, FieldKind
from storage.json_objects import objects_of, without_keys
from storage.tantivy_schema import NOT_PLAIN, OBJECT_SUFFIX, PLAIN_SUFFIX, UNSPACED, WORDS_FIELD

_SLICE_ROWS = 25_000  # of wide records some 25 MB of JSON at a time


def identified(dataset: Dataset, frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with its identities as first column."""
    return frame.select(record_id(dataset), pl.all())


def json_lines(frame: pl.DataFrame, fields: Sequence[Field]) -> Iterator[bytes]:
    """One JSON object a row of `identified` rows, without nulls, which Tantivy refuses."""
    known = [field for field in fields if field.name in frame.columns]
    for piece in frame.iter_slices(_SLICE_ROWS):
        yield from _lines(piece, known)


def _lines(piece: pl.DataFrame, fields: Sequence[Field]) -> list[bytes]:
    objects = {field.name: objects_of(piece[field.name]) for field in fields if field.kind is FieldKind.OBJECT}
    objects = {name: values for name, values in objects.items() if values.null_count() < len(values)}
    kept = [column for field in fields for column in _kept(field, piece)]
    rows = piece.with_columns(objects.values()).select(*kept, *objects, _words(fields, objects))
    rows = rows.with_columns(spaced(rows[WORDS_FIELD]))
    rows = rows.select(column for column in rows if column.null_count() < len(column))
    lines = _whole_lines(rows)
    for name, values in objects.items():
        _splice(lines, name, values)
    return lines


def _whole_lines(rows: pl.DataFrame) -> list[bytes]:
    """A line a row. Nulls are cut out of the columns that have some alone: prose is most of a line, and has few."""
    with_nulls = [each.name for each in rows if each.null_count() or each.dtype == pl.Float64]  # NaN is written as null
    lines = _ndjson(rows.drop(with_nulls)).splitlines()
    if not with_nulls:
        return lines
    text = (b"\n" + _ndjson(rows.select(with_nulls))).replace(b"\n{", b"\n,")
    for name in with_nulls:
        # exact: inside a JSON string every quote has a backslash before it
        text = text.replace(b"," + json.dumps(name).encode() + b":null", b"")
    return [line[:-1] + rest for line, rest in zip(lines, text.splitlines()[1:], strict=True)]


def _ndjson(rows: pl.DataFrame) -> bytes:
    return rows.write_ndjson().encode()


def _splice(lines: list[bytes], name: str, values: pl.Series) -> None:
    start = b"," + json.dumps(name + OBJECT_SUFFIX).encode() + b":"
    for row, value in enumerate(values):
        if value is not None:
            lines[row] = lines[row][:-1] + start + value.encode() + b"}"


def _kept(field: Field, piece: pl.DataFrame) -> Sequence[pl.Expr | pl.Series]:
    column = pl.col(field.name)
    match field.kind:
        case FieldKind.OBJECT:
            return ()
        case FieldKind.DATE | FieldKind.TIMESTAMP:
            return [column.to_physical().cast(pl.Int64)]
        case FieldKind.NUMBER:
            return [column.cast(pl.Float64)]
        case FieldKind.PROSE:
            return _divided(piece[field.name])
        case _:
            return [column]


def _divided(texts: pl.Series) -> list[pl.Series]:
    """Prose in two columns: what needs a pattern to be cut into words, and what is plain."""
    plain = texts.alias(texts.name + PLAIN_SUFFIX)
    is_other = texts.str.contains(NOT_PLAIN)
    if not is_other.any():
        return [plain]
    return [texts.set(~is_other, None), plain.set(is_other, None)]


def _words(fields: Sequence[Field], objects: dict[str, pl.Series]) -> pl.Expr:
    """What a search for words looks into, beside prose."""
    codes = [pl.col(field.name) for field in fields if field.kind is FieldKind.CODE and field.has_words]
    inside = [without_keys(pl.col(name)) for name in objects]
    return pl.concat_str([*codes, *inside, pl.lit("")], separator=" \n ", ignore_nulls=True).alias(WORDS_FIELD)


def spaced(texts: pl.Series) -> pl.Series:
    """`texts` with each character of a script that is written without spaces set apart."""
    if not texts.str.contains(f"[{UNSPACED}]").any():
        return texts
    return texts.str.replace_all(f"([{UNSPACED}])", " $1 ")


def without_objects(line: bytes, fields: Sequence[Field]) -> bytes:
    """The line without the keys of its objects, for one whose object turns out to be no JSON."""
    for field in fields:
        if field.kind is FieldKind.OBJECT:
            start = line.find(b"," + json.dumps(field.name + OBJECT_SUFFIX).encode() + b":")
            if start >= 0:
                line = line[:start] + b"}"
    return line
