"""Appends to a local Delta table: the rows as Parquet files by Polars, and the version's entry in the log by ourselves.

Measured on two cores, 10 rows of 40 columns at a time: after 100 versions delta-rs took 15 ms of a processor a commit,
after 600 of them 91 ms, for it looks at what it knows of every file, and kept 0.15 MB each for good. Files by Polars
with commits by delta-rs took 13 to 26 ms; this takes 2, however many versions there are, checkpoints included.
1,000,000 rows with 12 of 77 columns filled take 0.09 s instead of 0.27 to 0.35.

What Delta asks of a writer that only appends is kept: a data file lies in the table's folder under a name of its own
before the version that names it, columns that it lacks are null, and the log's entry appears whole under the next
number or, where another process was first, not at all. A file that no version names is removed by `vacuum`.
"""

import json
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import polars as pl
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError

from storage.delta_layout import CHECKPOINT_VERSIONS
from storage.delta_log import APPLICATION

_MAX_FILE_ROWS = 4_000_000
_ROW_GROUP_ROWS = 131_072
_WRITER_VERSION = 2
"""That of tables without constraints, generated columns, mapped names or whatever else a writer would have to heed."""


def takes_files(table: DeltaTable) -> bool:
    """Whether rows may be appended to a table by naming a file: it asks nothing else of its writers."""
    is_plain = all(not field.metadata for field in table.schema().fields)
    return (
        is_plain and table.protocol().min_writer_version <= _WRITER_VERSION and not table.metadata().partition_columns
    )


def entry_of(folder: Path, version: int) -> Path:
    """The file of a version's entry in the log of the table in `folder`."""
    return folder / "_delta_log" / f"{version:020}.json"


def append_files(folder: Path, version: int, rows: pl.DataFrame, batch: int) -> None:
    """Appends rows, whose columns the table must have, as one version that holds a batch.

    Raises:
        CommitFailedError: If another process committed that version; nothing was appended.
        OSError: If a file cannot be written; nothing was appended.
    """
    with _files(folder, rows) as adds:
        now = int(time.time() * 1000)
        how = {"timestamp": now, "operation": "WRITE", "operationParameters": {"mode": "Append"}}
        transaction = {"appId": APPLICATION, "version": batch, "lastUpdated": now}
        _commit(entry_of(folder, version), [{"commitInfo": how}, {"txn": transaction}, *adds])


def write_checkpoint(address: str, version: int) -> None:
    """Every so many versions, writes what opening a table starts from, and lets go of old entries of the log."""
    if version % CHECKPOINT_VERSIONS == 0:
        table = DeltaTable(address)
        table.create_checkpoint()
        table.cleanup_metadata()


def _commit(entry: Path, actions: list[dict[str, Any]]) -> None:
    written = entry.with_name(f"_commit_{uuid.uuid4()}.json.tmp")  # as delta-rs names it: readers leave it alone
    try:
        written.write_text("\n".join(map(json.dumps, actions)), encoding="utf-8")
        os.link(written, entry)
    except FileExistsError as error:
        raise CommitFailedError(f"another process committed {entry.name} first") from error
    finally:
        with suppress(OSError):  # the version is there, or is not, whatever becomes of its draft
            written.unlink()


@contextmanager
def _files(folder: Path, rows: pl.DataFrame) -> Iterator[list[dict[str, Any]]]:
    """The files written; gone again where the block fails.

    Not where it is interrupted: it may have committed them. `vacuum` removes what no version names.
    """
    paths: list[Path] = []
    try:
        adds = []
        for piece in rows.iter_slices(_MAX_FILE_ROWS):
            paths.append(folder / f"part-{uuid.uuid4()}.parquet")
            adds.append(_written(paths[-1], piece))
        yield adds
    except Exception:
        for path in paths:
            path.unlink(missing_ok=True)
        raise


def _written(path: Path, rows: pl.DataFrame) -> dict[str, Any]:
    filled = [name for name in rows.columns if rows[name].null_count() < rows.height]
    try:
        rows.select(filled).write_parquet(path, compression="snappy", row_group_size=_ROW_GROUP_ROWS)
    except pl.exceptions.PolarsError as error:
        raise OSError(str(error)) from error
    # Nothing of columns: where a file's nulls are told but no bounds, while other files tell theirs, delta-rs takes the
    # bounds for null, and a filter finds no row of the file.
    stats = {"numRecords": rows.height}
    return {
        "add": {
            "path": path.name,
            "partitionValues": {},
            "size": path.stat().st_size,
            "modificationTime": int(time.time() * 1000),
            "dataChange": True,
            "stats": json.dumps(stats),
        }
    }
