"""The lake in memory: for tests and for trying things out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.dataset as pa_dataset

from core.dataset import Dataset
from core.errors import StorageError
from core.frames import lake_schema
from core.ports import Lake
from storage.delta_log import gone
from storage.identities import Identities
from storage.lake_rows import changed_type, checked, identity_columns

MAX_CHANGE_ROWS = 100_000


@dataclass(slots=True)
class _Table:
    schema: pl.Schema
    versions: list[pl.DataFrame] = field(default_factory=list)
    batches: dict[int, int] = field(default_factory=dict)
    held: Identities = field(default_factory=Identities)
    oldest: int = 0

    def rows(self, upto: int) -> pl.DataFrame:
        return pl.concat([_conformed(frame, self.schema) for frame in self.versions[: upto + 1]])


class MemoryLake(Lake):
    """A lake that forgets everything when the process ends.

    Attributes:
        failing_before: So many of the next appends fail before anything is kept.
        failing_after: So many of the next appends are kept and fail then, like a crash right after the commit.
    """

    def __init__(self, failing_before: int = 0, failing_after: int = 0) -> None:
        self.failing_before = failing_before
        self.failing_after = failing_after
        self._tables: dict[str, _Table] = {}

    def append(self, dataset: Dataset, frame: pl.DataFrame, batch: int) -> int:
        """As `Lake.append`. Where no row is left to append, nothing is kept and the newest version is given."""
        rows = checked(dataset, frame)
        if self.failing_before > 0:
            self.failing_before -= 1
            raise _failure(dataset.name)
        table = self._tables.get(dataset.name) or _Table(lake_schema(dataset))
        repeated = [version for known, version in table.batches.items() if known >= batch]
        if repeated:
            return table.batches.get(batch, min(repeated))
        for name, dtype in lake_schema(dataset).items():
            if table.schema.get(name, dtype) != dtype:
                raise changed_type(dataset.name, name, str(table.schema[name]), str(dtype))
        if dataset.identity:
            is_new, taken = table.held.take(rows.select(identity_columns(dataset)))
            table.held.add(taken)
            rows = rows.filter(is_new)
        if not rows.is_empty():
            table.schema = pl.Schema(dict(table.schema) | dict(lake_schema(dataset)))
            table.batches[batch] = len(table.versions)
            table.versions.append(rows)
            self._tables[dataset.name] = table
        if self.failing_after > 0:
            self.failing_after -= 1
            raise _failure(dataset.name)
        return len(table.versions) - 1

    def unseen(self, dataset: Dataset, frame: pl.DataFrame) -> pl.DataFrame:
        """As `Lake.unseen`."""
        if not dataset.identity:
            return frame
        held = self._tables[dataset.name].held if dataset.name in self._tables else Identities()
        return frame.filter(held.take(frame.select(identity_columns(dataset)))[0])

    def names(self) -> tuple[str, ...]:
        """As `Lake.names`."""
        return tuple(sorted(self._tables))

    def version(self, name: str) -> int:
        """As `Lake.version`."""
        return len(self._tables[name].versions) - 1 if name in self._tables else -1

    def last_batch(self, name: str, version: int) -> int:
        """As `Lake.last_batch`."""
        known = self._tables[name].batches.items() if name in self._tables else ()
        return max((batch for batch, held in known if held <= version), default=-1)

    def rows(self, name: str, version: int | None = None) -> pa.RecordBatchReader:
        """As `Lake.rows`."""
        if name not in self._tables:
            return pa.RecordBatchReader.from_batches(pa.schema([]), [])
        if version is not None and not 0 <= version <= self.version(name):
            raise gone(name, version)
        return self._arrow(name, version).to_reader()

    def changes(self, name: str, after: int, upto: int) -> Iterator[pl.DataFrame]:
        """As `Lake.changes`."""
        if upto > self.version(name):
            raise gone(name, upto)
        if name not in self._tables:
            return
        table = self._tables[name]
        if after + 1 < table.oldest:
            raise gone(name, after + 1)
        for frame in table.versions[after + 1 : upto + 1]:
            for piece in frame.iter_slices(MAX_CHANGE_ROWS):
                if piece.height:
                    yield _conformed(piece, table.schema)

    def files(self, name: str, version: int | None = None) -> tuple[str, ...]:  # noqa: ARG002
        """None: nothing is on a disk."""
        return ()

    def tables(self) -> Mapping[str, Any]:
        """As `Lake.tables`."""
        return {name: pa_dataset.dataset(self._arrow(name)) for name in self._tables}

    def compact(self, name: str) -> None:
        """As `Lake.compact`: one more version, without new rows."""
        if name in self._tables:
            table = self._tables[name]
            table.versions.append(pl.DataFrame(schema=table.schema))

    def forget(self, name: str, before: int) -> None:
        """Makes versions below `before` unreadable one by one, as retention does."""
        self._tables[name].oldest = before

    def _arrow(self, name: str, version: int | None = None) -> pa.Table:
        table = self._tables[name]
        return table.rows(self.version(name) if version is None else version).to_arrow()


def _conformed(frame: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in schema.items() if name not in frame.columns]
    return frame.with_columns(missing).select(schema.names())


def _failure(name: str) -> StorageError:
    return StorageError(f"The lake in memory was told to fail at {name}.", "Set its failing counts to 0.")
