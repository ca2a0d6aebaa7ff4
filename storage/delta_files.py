"""Large appends to a local Delta table: the rows as Parquet files by Polars, committed by delta-rs.

Measured on 1,000,000 rows with 12 of 77 columns filled, two cores: delta-rs takes 0.27 to 0.35 s on one core, Polars
0.09 s on both. What Delta asks of a data file is kept: it lies in the table's folder under a name of its own before the
commit that names it, and columns that it lacks are null. A file that no commit names is removed by `vacuum`.
"""

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
from deltalake import CommitProperties, DeltaTable
from deltalake.transaction import AddAction

MIN_ROWS = 100_000
_MAX_FILE_ROWS = 4_000_000
_ROW_GROUP_ROWS = 131_072


def append_files(table: DeltaTable, folder: Path, rows: pl.DataFrame, commit: CommitProperties) -> None:
    """Appends rows, whose columns the table must have, as one version.

    Raises:
        CommitFailedError: If another process committed in between; nothing was appended.
        OSError: If a file cannot be written; nothing was appended.
    """
    with _files(folder, rows) as adds:
        table.create_write_transaction([*adds], "append", table.schema(), commit_properties=commit)
    table.update_incremental()


@contextmanager
def _files(folder: Path, rows: pl.DataFrame) -> Iterator[list[AddAction]]:
    """The files written; gone again where the block fails."""
    paths: list[Path] = []
    try:
        adds = []
        for piece in rows.iter_slices(_MAX_FILE_ROWS):
            paths.append(folder / f"part-{uuid.uuid4()}.parquet")
            adds.append(_written(paths[-1], piece))
        yield adds
    except BaseException:
        for path in paths:
            path.unlink(missing_ok=True)
        raise


def _written(path: Path, rows: pl.DataFrame) -> AddAction:
    nulls = {name: rows[name].null_count() for name in rows.columns}
    filled = [name for name, count in nulls.items() if count < rows.height]
    try:
        rows.select(filled).write_parquet(path, compression="snappy", row_group_size=_ROW_GROUP_ROWS)
    except pl.exceptions.PolarsError as error:
        raise OSError(str(error)) from error
    stats = {"numRecords": rows.height, "minValues": {}, "maxValues": {}, "nullCount": nulls}
    return AddAction(path.name, path.stat().st_size, {}, int(time.time() * 1000), True, json.dumps(stats))
