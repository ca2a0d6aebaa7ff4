"""Lake frames → the lines of a bulk request, by Polars: no Python object a row."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

import polars as pl

from core.dataset import Dataset
from core.frames import record_id
from storage.elasticsearch_mapping import (
    IDENTITY_FIELD,
    LOCATION_FIELD,
    REFUSAL_FIELD,
    UNPARSED_SUFFIX,
    WORDS_FIELD,
    has_location,
)
from storage.index_fields import ID_FIELD, Field, FieldKind, index_fields
from storage.json_objects import objects_of, without_keys

CHUNK_ROWS = 5_000
CHUNK_BYTES = 4_000_000
_MAX_ID_BYTES = 512  # what Elasticsearch takes


class Form(IntEnum):
    """How much of a record is written; the next is tried where Elasticsearch refuses one."""

    WHOLE = 0
    WITHOUT_OBJECTS = 1
    PLACE_ONLY = 2  # its blob, its position in it, and why it was refused


@dataclass(frozen=True, slots=True)
class Chunk:
    """Records of one bulk request.

    Attributes:
        rows: Identified rows of the lake.
        lines: The same in the words of the server, in that order.
        form: How much of each is in the lines.
        reasons: Of each row why a fuller form was refused; empty where they are whole.
    """

    rows: pl.DataFrame
    lines: bytes
    form: Form = Form.WHOLE
    reasons: Sequence[str] = ()


class Renderer:
    """Renders rows of one dataset as of one lake version.

    A document's version is the lake's plus one (Elasticsearch counts from 1), compared by `external_gte`: a repeat
    changes nothing, and what comes late never replaces what is newer.

    Attributes:
        version: The lake version.
    """

    def __init__(self, dataset: Dataset, version: int) -> None:
        self.version = version
        self._dataset = dataset
        self._fields = index_fields(dataset)
        self._has_location = has_location(dataset)
        self._action_end = f',"version":{version + 1},"version_type":"external_gte"}}}}\n'

    def chunks(self, frames: Iterator[pl.DataFrame]) -> Iterator[Chunk]:
        """The rows in pieces of at most `CHUNK_ROWS` and about `CHUNK_BYTES`; of an identity in a frame, the last."""
        for frame in frames:
            rows = frame.select(record_id(self._dataset), pl.all())
            if self._dataset.identity and rows[ID_FIELD].n_unique() < rows.height:
                rows = rows.unique(ID_FIELD, keep="last", maintain_order=True)
            for piece in _pieces(rows):
                yield self.chunk(piece)

    def chunk(self, rows: pl.DataFrame, form: Form = Form.WHOLE, reasons: Sequence[str] = ()) -> Chunk:
        """Identified rows as a bulk request; `reasons` say of each why a fuller form was refused."""
        fields = self._written(rows, form)
        objects = {
            field.name: objects_of(rows[field.name])
            for field in fields
            if field.kind is FieldKind.OBJECT and rows[field.name].null_count() < rows.height
        }
        columns = [_rendered(field) for field in fields if field.kind is not FieldKind.OBJECT]
        columns += [_unparsed(name, values) for name, values in objects.items()]
        if objects:
            columns.append(_words([*objects.values()]))
        if self._has_location and form is not Form.PLACE_ONLY:
            columns.append(_location())
        if reasons:
            columns.append(pl.lit(pl.Series(REFUSAL_FIELD, reasons)))
        body = rows.select(pl.col(ID_FIELD), *_identity(rows), *columns)
        return Chunk(rows, self._joined(body, objects), form, reasons)

    def _written(self, rows: pl.DataFrame, form: Form) -> list[Field]:
        """The fields of a form that the rows have."""
        fields = [field for field in self._fields if field.name in rows.columns and field.name != ID_FIELD]
        if form is not Form.WHOLE:
            fields = [field for field in fields if field.kind is not FieldKind.OBJECT]
        return [field for field in fields if field.name.startswith("_")] if form is Form.PLACE_ONLY else fields

    def part(self, chunk: Chunk, places: Sequence[int]) -> Chunk:
        """Some rows of a chunk, in the same form."""
        return self.chunk(chunk.rows[places], chunk.form, [chunk.reasons[at] for at in places if chunk.reasons])

    def _joined(self, body: pl.DataFrame, objects: dict[str, pl.Series]) -> bytes:
        filled = [column for column in body if column.null_count() < body.height and column.name != ID_FIELD]
        action = pl.concat_str(pl.lit('{"index":{"_id":'), _json_id(body[ID_FIELD]), pl.lit(self._action_end))
        document = pl.struct(filled).struct.json_encode()
        if objects:
            ends = [
                pl.concat_str(pl.lit(f',"{name}":'), pl.lit(values)).fill_null("") for name, values in objects.items()
            ]
            document = pl.concat_str(document.str.head(-1), *ends, pl.lit("}"))
        lines = body.select(pl.concat_str(action, document, pl.lit("\n")).str.join(""))
        return str(lines.item()).encode()


def _pieces(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Slices that are neither long nor heavy; a row that is heavy by itself is one."""
    texts = [pl.col(name).str.len_bytes().fill_null(0) for name, dtype in rows.schema.items() if dtype == pl.String]
    for piece in rows.iter_slices(CHUNK_ROWS):
        if piece.estimated_size() <= CHUNK_BYTES:
            yield piece
            continue
        bytes_upto = piece.select(pl.sum_horizontal(texts).cum_sum()).to_series()
        number = ((bytes_upto - 1).clip(0) // CHUNK_BYTES).set_sorted()
        starts = [0, *(number.diff().fill_null(0) > 0).arg_true().to_list(), piece.height]
        yield from (piece[start:end] for start, end in pairwise(starts))


def _rendered(field: Field) -> pl.Expr:
    column = pl.col(field.name)
    if field.kind is FieldKind.TIMESTAMP:
        return column.dt.to_string("%Y-%m-%dT%H:%M:%S%.6fZ")
    if field.kind is FieldKind.DATE:
        return column.dt.to_string("%Y-%m-%d")
    return column


def _location() -> pl.Expr:
    """Latitude and longitude as the string of a point, where both are of this earth."""
    latitude, longitude = pl.col("latitude"), pl.col("longitude")
    is_point = latitude.is_between(-90, 90) & longitude.is_between(-180, 180)
    return pl.when(is_point).then(pl.format("{},{}", latitude, longitude)).alias(LOCATION_FIELD)


def _words(objects: Sequence[pl.Series]) -> pl.Expr:
    """What is inside objects, for a search for words; codes are copied there by the server."""
    inside = [without_keys(pl.lit(values)) for values in objects]
    words = pl.concat_str(inside, separator=" \n ", ignore_nulls=True)
    return pl.when(words != "").then(words).alias(WORDS_FIELD)


def _unparsed(name: str, objects: pl.Series) -> pl.Expr:
    """What is in an object column and is no object."""
    return pl.when(pl.lit(objects).is_null()).then(pl.col(name)).alias(name + UNPARSED_SUFFIX)


def document_id(identity: str) -> str:
    """The ``_id`` of a record: its identity, or the hash of one that is too long."""
    encoded = identity.encode()
    return identity if len(encoded) <= _MAX_ID_BYTES else "sha256:" + hashlib.sha256(encoded).hexdigest()


def _identity(rows: pl.DataFrame) -> list[pl.Series]:
    """The whole identity of those that are too long for an ``_id``."""
    is_long = rows[ID_FIELD].str.len_bytes() > _MAX_ID_BYTES
    return [rows[ID_FIELD].set(~is_long, None).alias(IDENTITY_FIELD)] if is_long.any() else []


def _json_id(identities: pl.Series) -> pl.Expr:
    if (identities.str.len_bytes() > _MAX_ID_BYTES).any():
        identities = pl.Series([document_id(identity) for identity in identities])
    if not identities.str.contains(r'["\\\x00-\x1f]').any():
        return pl.concat_str(pl.lit('"'), pl.lit(identities), pl.lit('"'))
    return pl.lit(pl.Series([json.dumps(identity, ensure_ascii=False) for identity in identities]))
