"""The checks that every lake makes before it appends."""

import polars as pl

from core.dataset import FINGERPRINT_SUFFIX, Dataset
from core.errors import StorageError
from core.frames import lake_schema


def checked(dataset: Dataset, frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with its columns in the order of `lake_schema`.

    Raises:
        StorageError: Naming the first column that is missing, unknown or of another type.
    """
    wanted = lake_schema(dataset)
    if frame.schema == wanted:
        return frame
    unknown = [name for name in frame.columns if name not in wanted]
    if unknown:
        raise _unfit(dataset, f"have a column {unknown[0]!r} that the dataset does not declare")
    for name, dtype in wanted.items():
        if name not in frame.schema:
            raise _unfit(dataset, f"lack the column {name!r}")
        if frame.schema[name] != dtype:
            raise _unfit(dataset, f"have {frame.schema[name]} in {name!r}, where {dtype} is expected")
    return frame.select(wanted.names())


def changed_type(name: str, column: str, kept: str, asked: str) -> StorageError:
    """The error for a dataset that asks for another type than its table has."""
    return StorageError(
        f"Lake table {name} keeps {column!r} as {kept}; the dataset now asks for {asked}.",
        "Give the column a new name in the schema, or keep its type.",
    )


def identity_columns(dataset: Dataset) -> list[str]:
    """The lake columns that hold the declared identity: of a sealed column, its fingerprint."""
    return [name + FINGERPRINT_SUFFIX if dataset.column(name).is_sealed else name for name in dataset.identity]


def _unfit(dataset: Dataset, what: str) -> StorageError:
    return StorageError(
        f"Rows for lake table {dataset.name} {what}.", "Prepare and protect them by the same dataset first."
    )
