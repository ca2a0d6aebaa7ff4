"""The lake as Delta tables, by delta-rs: a local folder, or an ``s3://``, ``gs://``, ``az://``, ``hdfs://`` URL."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import polars as pl
import pyarrow as pa
import pyarrow.fs as pa_fs
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, Schema, Transaction, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.fs import DeltaStorageHandler

from core.dataset import Dataset
from core.errors import StorageError
from core.ports import Lake
from storage.delta_files import append_files, entry_of, takes_files, write_checkpoint
from storage.delta_layout import MAX_CHANGE_ROWS, check_types, table_properties, writer_properties
from storage.delta_log import APPLICATION, DeltaLog, gone
from storage.identities import Identities
from storage.lake_rows import checked, identity_columns

_SCAN_ROWS = 131_072
_COMMIT_TRIES = 5


@dataclass(frozen=True)
class _Head:
    """The newest version of a table.

    Attributes:
        version: Its number.
        schema: Its columns.
        names: Their names, in order.
        batch: The last batch that it has, or -1.
        takes_files: Whether rows may be appended by naming a file.
    """

    version: int
    schema: Schema
    names: tuple[str, ...]
    batch: int
    takes_files: bool


class DeltaLake(Lake):
    """One Delta table a dataset at ``<url>/<dataset>``.

    Any number of threads and processes may read; appends of one process take turns, and those of two processes
    meet in Delta's own commit protocol. What the newest version of a table is like is kept: opening a table costs 5 to
    40 ms, looking whether a local one has gone on costs microseconds. Appends to a local table leave delta-rs aside
    once it has the columns. Elsewhere each leaves some 0.1 MB in the process for good, whether the table's handle is
    let go or not (delta-io/delta-rs#4241): few commits of many rows keep it small.

    Args:
        url: A local path or a URL that delta-rs knows.
        storage_options: Credentials and endpoints, as delta-rs names them.
    """

    def __init__(self, url: str, storage_options: Mapping[str, str] | None = None) -> None:
        local = url.removeprefix("file://")
        self._folder = None if "://" in local else Path(local).absolute()
        if self._folder and unquote(str(self._folder)) != str(self._folder):
            raise StorageError(
                f"The lake's folder {self._folder} has an escape such as %20 in its name, which delta-rs would undo.",
                "Choose a folder whose name has none.",
            )
        self._url = str(self._folder) if self._folder else url.rstrip("/")
        self._options = dict(storage_options or {})
        self._heads: dict[str, _Head] = {}
        self._remote: dict[str, DeltaTable] = {}
        self._fits: dict[str, tuple[Dataset, int]] = {}
        self._identities: dict[str, tuple[int, Identities]] = {}
        self._lock = threading.RLock()

    def append(self, dataset: Dataset, frame: pl.DataFrame, batch: int) -> int:
        """As `Lake.append`. Where no row is left to append, nothing is committed and the newest version is given."""
        rows = checked(dataset, frame)
        with self._lock, _told(f"Rows could not be appended to lake table {dataset.name}"):
            for _ in range(_COMMIT_TRIES):
                try:
                    return self._append_once(dataset, rows, batch)
                except CommitFailedError as error:  # another process committed in between: look again
                    failure = error
            raise failure

    def _append_once(self, dataset: Dataset, rows: pl.DataFrame, batch: int) -> int:
        head = self._head(dataset.name)
        if head is not None:
            if batch <= head.batch:
                return self._log(dataset.name).holding(batch, head.version)
            self._check_fit(dataset, head)
        held = self._held(dataset, head)
        if held is not None:
            is_new, taken = held.take(rows.select(identity_columns(dataset)))
            rows = rows if is_new.all() else rows.filter(is_new)
        if rows.is_empty():
            return -1 if head is None else head.version
        written = self._write(dataset, head, rows, batch)
        self._heads[dataset.name] = written
        if held is not None:
            held.add(taken)
            self._identities[dataset.name] = (written.version, held)
        if written.takes_files and self._folder:
            write_checkpoint(self._address(dataset.name), written.version)
        return written.version

    def _write(self, dataset: Dataset, head: _Head | None, rows: pl.DataFrame, batch: int) -> _Head:
        name = dataset.name
        is_same = head is not None and head.names == tuple(rows.columns)
        if head is not None and is_same and head.takes_files and self._folder:
            append_files(self._folder / name, head.version + 1, rows, batch)
            return replace(head, version=head.version + 1, batch=batch)
        table = None if head is None else self._opened(name)
        write_deltalake(
            self._address(name) if table is None else table,
            _stream(rows),
            mode="append",
            schema_mode=None if is_same else "merge",
            storage_options=self._options or None,
            configuration=table_properties(dataset) if table is None else None,
            writer_properties=writer_properties(dataset),
            commit_properties=CommitProperties(app_transactions=[Transaction(APPLICATION, batch)]),
        )
        written = table or DeltaTable(self._address(name), storage_options=self._options or None)
        return _head_of(written, batch)

    def unseen(self, dataset: Dataset, frame: pl.DataFrame) -> pl.DataFrame:
        """As `Lake.unseen`."""
        with self._lock, _told(f"Lake table {dataset.name} cannot be read"):
            held = self._held(dataset, self._head(dataset.name))
        return frame if held is None else frame.filter(held.take(frame.select(identity_columns(dataset)))[0])

    def names(self) -> tuple[str, ...]:
        """As `Lake.names`."""
        if self._folder is not None:
            return tuple(sorted(log.parent.name for log in self._folder.glob("*/_delta_log") if any(log.iterdir())))
        with _told(f"The lake at {self._url} cannot be listed"):
            entries = self._files("").get_file_info(pa_fs.FileSelector("", recursive=False))
            return tuple(sorted(name for entry in entries if self._head(name := entry.base_name) is not None))

    def version(self, name: str) -> int:
        """As `Lake.version`."""
        with self._lock:
            head = self._head(name)
            return -1 if head is None else head.version

    def last_batch(self, name: str, version: int) -> int:
        """As `Lake.last_batch`."""
        table = self._at(name, version) if version >= 0 else None
        last = None if table is None else table.transaction_version(APPLICATION)
        return -1 if last is None else last

    def rows(self, name: str, version: int | None = None) -> pa.RecordBatchReader:
        """As `Lake.rows`; a record batch has at most 131,072 rows."""
        table = self._at(name, version)
        if table is None:
            return pa.RecordBatchReader.from_batches(pa.schema([]), [])
        with _told(f"Lake table {name} cannot be read"):
            # Arrow reads 16 batches and 4 files ahead by itself: of a wide table that is gigabytes.
            scanner = self._dataset(name, table).scanner(batch_size=_SCAN_ROWS, batch_readahead=1, fragment_readahead=1)
            return scanner.to_reader()

    def changes(self, name: str, after: int, upto: int) -> Iterator[pl.DataFrame]:
        """As `Lake.changes`; a frame has at most 100,000 rows, small versions share one."""
        with self._lock:
            head = self._head(name)
            if upto > (-1 if head is None else head.version):
                raise gone(name, upto)
            if head is None:
                return
            schema = pl.DataFrame(pa.schema(head.schema).empty_table()).schema
        log = self._log(name)
        files = [path for version in range(after + 1, upto + 1) for path in log.appended(version)]
        waiting: list[pl.DataFrame] = []
        height = 0
        for path in files:
            for frame in self._pieces(log, path, upto):
                if height + frame.height > MAX_CHANGE_ROWS:
                    yield pl.concat(waiting)
                    waiting, height = [], 0
                waiting.append(_conformed(frame, schema))
                height += frame.height
        if waiting:
            yield pl.concat(waiting)

    def files(self, name: str, version: int | None = None) -> tuple[str, ...]:
        """As `Lake.files`: absolute paths in a local lake, URLs otherwise."""
        table = self._at(name, version)
        files = [] if table is None else table.file_uris()
        # delta-rs escapes the spaces and signs of a local path as if it were a URL
        return tuple(sorted(files if self._folder is None else map(unquote, files)))

    def tables(self) -> Mapping[str, Any]:
        """As `Lake.tables`; each dataset is one whole version and stays so while others append."""
        found = ((name, self._at(name, None)) for name in self.names())
        with _told("The tables of the lake cannot be opened"):
            return {name: self._dataset(name, table) for name, table in found if table is not None}

    def compact(self, name: str) -> None:
        """As `Lake.compact`. Versions of the last 30 days stay readable by `changes` as long as their files do, 7 days.

        A follower that is further behind is told by `VersionGoneError`.
        """
        with self._lock, _told(f"Lake table {name} could not be compacted"):
            table = self._opened(name)
            if table is None:
                return
            known = self._identities.get(name)
            is_current = known is not None and known[0] == table.version()
            table.optimize.compact()
            if known is not None and is_current:
                self._identities[name] = (table.version(), known[1])
            table.create_checkpoint()
            table.cleanup_metadata()
            table.vacuum(dry_run=False)

    def _held(self, dataset: Dataset, head: _Head | None) -> Identities | None:
        if not dataset.identity:
            return None
        version = -1 if head is None else head.version
        known = self._identities.get(dataset.name)
        if known is not None and known[0] == version:
            return known[1]
        held = Identities()
        columns = identity_columns(dataset)
        table = self._at(dataset.name, version) if head is not None and {*head.names} >= {*columns} else None
        if table is not None:
            for batch in self._dataset(dataset.name, table).to_batches(columns=columns, batch_size=MAX_CHANGE_ROWS):
                held.add(held.take(pl.DataFrame(pa.Table.from_batches([batch])).select(columns))[1])
        self._identities[dataset.name] = (version, held)
        return held

    def _check_fit(self, dataset: Dataset, head: _Head) -> None:
        known = self._fits.get(dataset.name)
        if known is None or known[0] is not dataset or known[1] != head.version - 1:
            check_types(dataset, head.schema)
        self._fits[dataset.name] = (dataset, head.version)

    def _head(self, name: str) -> _Head | None:
        """What the newest version of a table is like, or None where there is no table."""
        with self._lock:
            known = self._heads.get(name)
            if known is not None and self._folder and not entry_of(self._folder / name, known.version + 1).exists():
                return known
            table = self._opened(name)
            if table is None:
                return None
            if known is None or known.version != table.version():
                known = self._heads[name] = _head_of(table, table.transaction_version(APPLICATION))
            return known

    def _opened(self, name: str) -> DeltaTable | None:
        """A handle at the newest version; one that is asked for again stays open where opening asks the network."""
        table = self._remote.get(name)
        if table is not None:
            table.update_incremental()
        elif DeltaTable.is_deltatable(self._address(name), storage_options=self._options or None):
            table = DeltaTable(self._address(name), storage_options=self._options or None)
            if self._folder is None:
                self._remote[name] = table
        return table

    def _at(self, name: str, version: int | None) -> DeltaTable | None:
        """A handle that no append moves."""
        with self._lock:
            head = self._head(name)
            if head is None:
                return None
            pinned = head.version if version is None else version
            if version is not None and not 0 <= version <= head.version:
                raise gone(name, version)
        try:
            return DeltaTable(self._address(name), version=pinned, storage_options=self._options or None)
        except (DeltaError, OSError) as error:
            raise gone(name, pinned) from error

    def _dataset(self, name: str, table: DeltaTable) -> Any:
        with self._lock:
            return table.to_pyarrow_dataset(filesystem=self._files(name))

    def _pieces(self, log: DeltaLog, path: str, version: int) -> Iterator[pl.DataFrame]:
        try:
            with log.files.open_input_file(path) as source, pq.ParquetFile(source) as parquet:
                for batch in parquet.iter_batches(batch_size=MAX_CHANGE_ROWS, columns=_filled(parquet.metadata)):
                    yield pl.DataFrame(pa.Table.from_batches([batch]))
        except FileNotFoundError as error:
            raise gone(log.name, version) from error

    def _log(self, name: str) -> DeltaLog:
        return DeltaLog(name, self._files(name))

    def _files(self, name: str) -> pa_fs.FileSystem:
        """A filesystem whose root is the table: pyarrow's own in a local folder, else that of delta-rs."""
        if self._folder is not None:
            return pa_fs.SubTreeFileSystem(str(self._folder / name), pa_fs.LocalFileSystem())
        return pa_fs.PyFileSystem(DeltaStorageHandler(self._address(name), self._options))

    def _address(self, name: str) -> str:
        return f"{self._url}/{name}" if name else self._url


def _head_of(table: DeltaTable, batch: int | None) -> _Head:
    schema = table.schema()
    names = tuple(field.name for field in schema.fields)
    return _Head(table.version(), schema, names, -1 if batch is None else batch, takes_files(table))


_PLAIN = {pa.string_view(): pa.large_string()}


def _filled(metadata: pq.FileMetaData) -> list[str]:
    """The columns in which a file has any value: of a wide dataset few have, and null ones are not worth decoding."""

    def is_filled(column: int, group: pq.RowGroupMetaData) -> bool:
        statistics = group.column(column).statistics
        return statistics is None or not statistics.has_null_count or statistics.null_count < group.num_rows

    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    columns = range(metadata.num_columns)
    return [metadata.schema.column(each).name for each in columns if any(is_filled(each, group) for group in groups)]


def _stream(rows: pl.DataFrame) -> pa.RecordBatchReader:
    """The rows as Arrow, piece by piece: a null column takes its 8 bytes a row only where it is exported."""
    given = pa.table(rows.clear()).schema
    # Polars gives views of strings, and a file remembers: Arrow cannot compare such a column with a plain string.
    schema = pa.schema([field.with_type(_PLAIN.get(field.type, field.type)) for field in given])
    slices = (piece.rechunk() for piece in rows.iter_slices(_SCAN_ROWS))
    pieces = (batch for piece in slices for batch in pa.table(piece).cast(schema).to_batches())
    return pa.RecordBatchReader.from_batches(schema, pieces)


def _conformed(frame: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in schema.items() if name not in frame.columns]
    return frame.with_columns(missing).select(schema.names()).cast(schema)


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Turns the errors of delta-rs and Arrow into ours; `what` says which thing failed."""
    try:
        yield
    except (DeltaError, OSError, pa.ArrowException) as error:
        raise StorageError(f"{what}: {error}.", "Check that the lake's store is reachable and has space.") from error
