"""How a dataset is laid out as a Delta table: properties, Parquet options, type names."""

import polars as pl
from deltalake import ColumnProperties, Schema, WriterProperties

from core.dataset import BLOB_COLUMN, RESCUED_COLUMN, ROW_COLUMN, Column, ColumnType, Dataset
from core.frames import MONEY_PRECISION, MONEY_SCALE, lake_schema
from storage.lake_rows import changed_type

MAX_CHANGE_ROWS = 100_000
CHECKPOINT_VERSIONS = 50
_MAX_STATISTICS = 32
_DELTA_TYPES: dict[type[pl.DataType] | pl.DataType, str] = {
    pl.String(): "string",
    pl.Int64(): "long",
    pl.Float64(): "double",
    pl.Decimal(MONEY_PRECISION, MONEY_SCALE): f"decimal({MONEY_PRECISION},{MONEY_SCALE})",
    pl.Boolean(): "boolean",
    pl.Date(): "date",
    pl.Datetime("us", "UTC"): "timestamp",
}


def table_properties(dataset: Dataset) -> dict[str, str | None]:
    """The properties of a new table.

    Statistics leave out prose and tokens: delta-rs puts whole minima and maxima into the log, which a megabyte of
    text in one cell would swell at every commit.
    """
    own = [column.name for column in dataset.columns if not _is_bulky(column)]
    return {
        "delta.checkpointInterval": str(CHECKPOINT_VERSIONS),
        "delta.logRetentionDuration": "interval 30 days",
        "delta.deletedFileRetentionDuration": "interval 7 days",
        "delta.enableExpiredLogCleanup": "true",
        "delta.dataSkippingStatsColumns": ",".join([BLOB_COLUMN, ROW_COLUMN, *own][:_MAX_STATISTICS]),
    }


def writer_properties(dataset: Dataset) -> WriterProperties:
    """Parquet options: no dictionary where values hardly repeat."""
    bulky = [RESCUED_COLUMN, *(column.name for column in dataset.columns if _is_bulky(column))]
    plain = ColumnProperties(dictionary_enabled=False)
    return WriterProperties(compression="SNAPPY", column_properties=dict.fromkeys(bulky, plain))


def check_types(dataset: Dataset, schema: Schema) -> None:
    """Compares what the dataset asks for with what its table has.

    Raises:
        StorageError: Naming the first column whose type changed.
    """
    kept = {field.name: str(getattr(field.type, "type", field.type)) for field in schema.fields}
    for name, dtype in lake_schema(dataset).items():
        asked = _DELTA_TYPES[dtype]
        if kept.get(name, asked) != asked:
            raise changed_type(dataset.name, name, kept[name], asked)


def _is_bulky(column: Column) -> bool:
    return column.is_sealed or column.type is ColumnType.TEXT
