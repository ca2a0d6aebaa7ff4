"""The fields of a dataset as every index knows them, derived from its columns."""

from dataclasses import dataclass
from enum import StrEnum

from core.dataset import (
    BLOB_COLUMN,
    FINGERPRINT_SUFFIX,
    MASK_SUFFIX,
    RESCUED_COLUMN,
    ROW_COLUMN,
    Column,
    ColumnType,
    Dataset,
)

ID_FIELD = "_id"
RECORD_COLUMN = "record"
"""A string column of this name holds a whole record as a JSON object."""


class FieldKind(StrEnum):
    """How a field is searched and filtered."""

    CODE = "code"  # a string compared whole
    PROSE = "prose"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    OBJECT = "object"  # a JSON object, each of its keys a field of its own


_KINDS = {
    ColumnType.KEYWORD: FieldKind.CODE,
    ColumnType.TEXT: FieldKind.PROSE,
    ColumnType.INTEGER: FieldKind.INTEGER,
    ColumnType.NUMBER: FieldKind.NUMBER,
    ColumnType.MONEY: FieldKind.NUMBER,
    ColumnType.BOOLEAN: FieldKind.BOOLEAN,
    ColumnType.DATE: FieldKind.DATE,
    ColumnType.TIMESTAMP: FieldKind.TIMESTAMP,
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    Attributes:
        name: Its name in filters, and the lake column that it is read from.
        kind: How it is searched.
        shown_as: Its key in the record of a hit, or None where it is not shown.
        has_words: Whether a search for words looks into it.
    """

    name: str
    kind: FieldKind
    shown_as: str | None
    has_words: bool = True


def index_fields(dataset: Dataset) -> tuple[Field, ...]:
    """The fields of a dataset, in the order a record shows them.

    A sealed column gives its mask, shown under the column's own name, and its fingerprint, never its token.
    """
    fields = [
        Field(ID_FIELD, FieldKind.CODE, None, has_words=False),
        Field(BLOB_COLUMN, FieldKind.CODE, None, has_words=False),
        Field(ROW_COLUMN, FieldKind.INTEGER, ROW_COLUMN, has_words=False),
    ]
    for column in dataset.columns:
        fields += _of(column)
    return (*fields, Field(RESCUED_COLUMN, FieldKind.OBJECT, RESCUED_COLUMN))


def _of(column: Column) -> list[Field]:
    if column.is_sealed:
        return [
            Field(column.name + MASK_SUFFIX, FieldKind.CODE, column.name),
            Field(column.name + FINGERPRINT_SUFFIX, FieldKind.CODE, None, has_words=False),
        ]
    kind = _KINDS[column.type]
    if column.name == RECORD_COLUMN and kind in {FieldKind.CODE, FieldKind.PROSE}:
        kind = FieldKind.OBJECT
    return [Field(column.name, kind, column.name)]
