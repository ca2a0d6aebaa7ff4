"""How a `Dataset` looks as a Polars frame: as prepared, and as kept in the lake."""

import polars as pl

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

MONEY_PRECISION = 18
MONEY_SCALE = 4

POLARS_TYPES: dict[ColumnType, pl.DataType] = {
    ColumnType.KEYWORD: pl.String(),
    ColumnType.TEXT: pl.String(),
    ColumnType.INTEGER: pl.Int64(),
    ColumnType.NUMBER: pl.Float64(),
    ColumnType.MONEY: pl.Decimal(MONEY_PRECISION, MONEY_SCALE),
    ColumnType.BOOLEAN: pl.Boolean(),
    ColumnType.DATE: pl.Date(),
    ColumnType.TIMESTAMP: pl.Datetime("us", "UTC"),
}

PROVENANCE: dict[str, pl.DataType] = {
    BLOB_COLUMN: pl.String(),
    ROW_COLUMN: pl.Int64(),
    RESCUED_COLUMN: pl.String(),
}


def prepared_schema(dataset: Dataset) -> pl.Schema:
    """The schema of rows as preparation gives them: provenance, then the dataset's columns."""
    own = {column.name: POLARS_TYPES[column.type] for column in dataset.columns}
    return pl.Schema(PROVENANCE | own)


def lake_schema(dataset: Dataset) -> pl.Schema:
    """The schema of rows as the lake keeps them.

    A sealed column becomes three strings: the token under its own name, its fingerprint and its mask.
    """
    own: dict[str, pl.DataType] = {}
    for column in dataset.columns:
        own |= _kept(column)
    return pl.Schema(PROVENANCE | own)


def record_id(dataset: Dataset) -> pl.Expr:
    """The identity of each row of a lake frame, as a string column named ``_id``.

    It is ``blob-row``, or ``dataset:value|value…`` where the dataset declares an identity (of a
    sealed column, its fingerprint); a record with a missing part falls back on ``blob-row``.
    """
    position = pl.concat_str(BLOB_COLUMN, pl.col(ROW_COLUMN).cast(pl.String), separator="-")
    if not dataset.identity:
        return position.alias("_id")
    parts = [pl.col(_identity_column(dataset.column(name))).cast(pl.String) for name in dataset.identity]
    declared = pl.lit(f"{dataset.name}:") + pl.concat_str(parts, separator="|")
    return pl.coalesce(declared, position).alias("_id")


def _identity_column(column: Column) -> str:
    return column.name + FINGERPRINT_SUFFIX if column.is_sealed else column.name


def _kept(column: Column) -> dict[str, pl.DataType]:
    if not column.is_sealed:
        return {column.name: POLARS_TYPES[column.type]}
    string = pl.String()
    return {
        column.name: string,
        column.name + FINGERPRINT_SUFFIX: string,
        column.name + MASK_SUFFIX: string,
    }
