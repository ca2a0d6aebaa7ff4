"""One generation of the index of one dataset: a Tantivy index, and the fields it was built for."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import tantivy

from core.dataset import Dataset
from core.errors import BusyError, StorageError
from storage.index_fields import ID_FIELD, Field, index_fields
from storage.tantivy_documents import identified, json_lines, without_objects
from storage.tantivy_schema import (
    FORMAT,
    VERSION_FIELD,
    VERSION_ID,
    as_json,
    build_schema,
    from_json,
    register_analysers,
)

_FIELDS_FILE = "fields.json"
_LARGE_FRAME_ROWS = 20_000
_LARGE_HEAP = 128_000_000
_SMALL_HEAP = 15_000_000  # the least that Tantivy takes
_HASH_SEED = 7


class Generation:
    """An opened index. Rows and the lake version they reach become visible in one commit.

    The version is a document of its own: Tantivy's commit payload is not reachable from Python, and a file beside
    the index could be a crash older than it.
    """

    def __init__(self, folder: Path, index: tantivy.Index, fields: tuple[Field, ...], kept_format: int) -> None:
        self.folder = folder
        self.index = index
        self.schema = index.schema
        self.fields = fields
        self.format = kept_format
        self._seen: tuple[int, int] | None = None
        index.config_reader("manual")
        register_analysers(index)

    @classmethod
    def create(cls, folder: Path, dataset: Dataset) -> "Generation":
        """A new, empty index in `folder`."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        fields = index_fields(dataset)
        (folder / _FIELDS_FILE).write_text(as_json(fields), encoding="utf-8")
        return cls(folder, tantivy.Index(build_schema(fields), str(folder)), fields, FORMAT)

    @classmethod
    def open(cls, folder: Path) -> "Generation":
        """The index in `folder`.

        Raises:
            StorageError: If there is none, or it cannot be read.
        """
        try:
            kept_format, fields = from_json((folder / _FIELDS_FILE).read_text(encoding="utf-8"))
            return cls(folder, tantivy.Index.open(str(folder)), fields, kept_format)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StorageError(f"The search index in {folder} cannot be read: {error}.", "Run reindex.") from error

    def is_for(self, dataset: Dataset) -> bool:
        """Whether the index was built for the columns that the dataset has now."""
        return self.format == FORMAT and self.fields == index_fields(dataset)

    def searcher(self) -> tantivy.Searcher:
        """A view of the newest commit, of whichever process."""
        meta = (self.folder / "meta.json").stat()
        signature = (meta.st_mtime_ns, meta.st_ino)
        if signature != self._seen:
            self.index.reload()
            self._seen = signature
        return self.index.searcher()

    @property
    def version(self) -> int:
        """The lake version reached, or -1."""
        searcher = self.searcher()
        hits = searcher.search(tantivy.Query.term_query(self.schema, ID_FIELD, VERSION_ID), 1).hits
        return int(searcher.doc(hits[0][1])[VERSION_FIELD][0]) if hits else -1

    @property
    def count(self) -> int:
        """How many records, without the one document that tells the version."""
        return max(0, int(self.searcher().num_docs) - 1)

    def write(self, dataset: Dataset, frames: Iterator[pl.DataFrame], version: int) -> int:
        """Adds rows, each identity once, the newest kept; all of it or, if anything fails, nothing."""
        first = next(frames, None)
        is_large = first is not None and first.height >= _LARGE_FRAME_ROWS
        writer = self._writer(_LARGE_HEAP if is_large else _SMALL_HEAP)
        filling = _Filling(self, writer)
        try:
            while first is not None:
                filling.add(identified(dataset, first))
                first = next(frames, None)
            writer.delete_documents_by_term(ID_FIELD, VERSION_ID)
            writer.add_document(tantivy.Document.from_dict({ID_FIELD: VERSION_ID, VERSION_FIELD: version}, self.schema))
            writer.commit()
        except ValueError as error:  # what tantivy-py raises for everything, a full disk too
            writer.rollback()
            raise StorageError(
                f"The search index of {dataset.name} could not be written: {error}.",
                "Free space, then reindex if it persists.",
            ) from error
        except BaseException:
            writer.rollback()
            raise
        finally:
            writer.wait_merging_threads()
        # What was merged stays in memory as long as a searcher has it mapped: 23 MB after 3,000 small files.
        self.searcher()
        return filling.count

    def _writer(self, heap: int) -> tantivy.IndexWriter:
        try:
            return self.index.writer(heap, num_threads=1)
        except ValueError as error:
            if "Lock" in str(error):
                raise BusyError(
                    f"Another process writes the search index in {self.folder}.", "Try again when it is done."
                ) from error
            raise StorageError(
                f"The search index in {self.folder} cannot be written: {error}.", "Free space."
            ) from error


class _Filling:
    """One write: finds which of its rows are there already, in the index or earlier in the write itself."""

    def __init__(self, generation: Generation, writer: tantivy.IndexWriter) -> None:
        self.count = 0
        self._generation = generation
        self._writer = writer
        self._searcher = generation.searcher()
        self._is_empty = self._searcher.num_docs == 0
        self._written: list[pl.Series] = []

    def add(self, rows: pl.DataFrame) -> None:
        """Adds identified rows in place of those with the same identity.

        Deleting each identity before adding it would take twice as long as adding; so those to be deleted are looked
        up first, a whole frame at a time.
        """
        rows = (
            rows.unique(ID_FIELD, keep="last", maintain_order=True) if rows[ID_FIELD].n_unique() < rows.height else rows
        )
        hashes = rows[ID_FIELD].hash(_HASH_SEED)
        for identity in self._repeated(rows[ID_FIELD], hashes):
            self._writer.delete_documents_by_term(ID_FIELD, identity)
        self._written.append(hashes)
        add = self._writer.add_json
        fields = self._generation.fields
        for line in json_lines(rows, fields):
            _add(add, line, fields)
        self.count += rows.height

    def _repeated(self, identities: pl.Series, hashes: pl.Series) -> Sequence[str]:
        if not self._is_empty:
            values = identities.to_list()
            query = tantivy.Query.term_set_query(self._generation.schema, ID_FIELD, values)
            if total(self._searcher, query):
                return values
        if not self._written:
            return ()
        is_repeated = pl.any_horizontal(*(hashes.is_in(earlier.implode()) for earlier in self._written))
        return identities.filter(pl.select(is_repeated).to_series()).to_list()


def _add(add: Callable[[str], int], line: bytes, fields: Sequence[Field]) -> None:
    try:
        add(line.decode())
    except ValueError:
        add(without_objects(line, fields).decode())


def total(searcher: tantivy.Searcher, query: tantivy.Query) -> int:
    """How many documents answer `query`."""
    found: Any = searcher.search(query, 1)  # its type stub lacks the count
    return int(found.count)
