"""The ports between layers: what a backend must do, in our words.

The abstract methods are what a backend writes; nothing here knows a vendor.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO

import polars as pl
import pyarrow as pa

from core.blob import Blob
from core.dataset import Dataset, PersonalData


class Cipher(ABC):
    """Seals streams of bytes so that they can be kept anywhere."""

    @abstractmethod
    def seal(self, source: BinaryIO, sink: BinaryIO) -> Blob:
        """Reads `source` once to its end, writes it sealed to `sink`, hashing on the way.

        Returns:
            The content's SHA-256 and size, before sealing.
        """

    @abstractmethod
    def unseal(self, sealed: BinaryIO) -> Iterator[bytes]:
        """Gives the content of `sealed` in order, in pieces of at most 1 MiB, each verified.

        Raises:
            TamperedError: If a piece is changed, moved, missing or repeated, or the key is not ours.
        """

    @abstractmethod
    def rewrap(self, sealed: BinaryIO) -> bytes | None:
        """The header of `sealed` under the newest key, or None if it already is.

        The new header has exactly the length of the old, so it can be written in place.
        """


class ColumnGuard(ABC):
    """Protects personal data in rows."""

    @abstractmethod
    def protect(self, frame: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
        """Rows as prepared (`prepared_schema`) → rows as the lake keeps them (`lake_schema`).

        A sealed column becomes a Fernet token, its keyed HMAC and its mask; what looks like personal data
        inside a free-text column or the rescued column is masked in place, and so is what lies there under a
        key whose name says so. Null stays null.
        """

    @abstractmethod
    def fingerprint(self, value: str, personal: PersonalData | None = None) -> str:
        """The keyed HMAC (lower-case hex) under which an equal value of that class is found, however it is written."""

    @abstractmethod
    def reveal(self, token: str) -> str:
        """The value in a token.

        Raises:
            TamperedError: If the token is not ours.
        """


class AuditTrail(ABC):
    """Who read, opened, changed or dropped what; each entry is chained to the one before."""

    @abstractmethod
    def record(self, action: str, subject: str, detail: str = "") -> None:
        """Appends one entry, durable on return."""

    @abstractmethod
    def entries(self) -> Iterator[Mapping[str, Any]]:
        """Each entry from the first: ``at``, ``actor``, ``action``, ``subject``, ``detail``."""

    @abstractmethod
    def verify(self) -> int:
        """Walks the chain and counts its entries.

        Raises:
            TamperedError: Naming the first entry that does not follow from the one before.
        """


Put = Callable[[BinaryIO], Blob]
"""Takes the content of a source into a vault."""


class Vault(ABC):
    """Original bytes, sealed, kept by their SHA-256."""

    @abstractmethod
    def put(self, source: BinaryIO) -> Blob:
        """Keeps the content of `source`; the same content twice is kept once. Durable on return."""

    @contextmanager
    def together(self) -> Iterator[Put]:
        """A `put` for several blobs, which are all there, and durable, when the ``with`` block has ended.

        Where one thing makes many files durable, this costs a fraction of as many single ones. If the block or its end
        raises, none of them need be there.
        """
        yield self.put

    @abstractmethod
    def read(self, sha256: str) -> Iterator[bytes]:
        """The content in pieces.

        Raises:
            NotFoundError: If there is no such blob.
            TamperedError: If what is kept does not verify.
        """

    @abstractmethod
    def __contains__(self, sha256: object) -> bool: ...

    @abstractmethod
    def blobs(self) -> Iterator[str]:
        """The SHA-256 of each blob kept, in no order."""

    @abstractmethod
    def rewrap(self) -> int:
        """Puts every data key under the newest key; the count of those that were not."""


class Lake(ABC):
    """Accepted rows, one versioned table a dataset. The truth; all else is derived from it."""

    @abstractmethod
    def append(self, dataset: Dataset, frame: pl.DataFrame, batch: int) -> int:
        """Appends rows (`lake_schema`) as one version.

        The same or a lower `batch` than the table's last is not appended again. A table is made, or its
        schema widened by new columns, as the dataset asks. Rows whose declared identity is there already
        are left out.

        Returns:
            The table's version that holds the batch.
        """

    @abstractmethod
    def unseen(self, dataset: Dataset, frame: pl.DataFrame) -> pl.DataFrame:
        """Those of the rows (`lake_schema`) that `append` would not leave out now for their declared identity."""

    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """The datasets that have a table, sorted."""

    @abstractmethod
    def version(self, name: str) -> int:
        """The newest version, or -1 where there is no table."""

    @abstractmethod
    def last_batch(self, name: str, version: int) -> int:
        """The greatest batch whose rows are in a version; -1 where none is, or there is no such table."""

    @abstractmethod
    def rows(self, name: str, version: int | None = None) -> pa.RecordBatchReader:
        """All rows of a version (default the newest), in batches. Empty where there is no table."""

    @abstractmethod
    def changes(self, name: str, after: int, upto: int) -> Iterator[pl.DataFrame]:
        """The rows that versions in (after, upto] appended, in `lake_schema` of the table, in bounded frames.

        Raises:
            VersionGoneError: If those versions can no longer be told apart; read `rows` instead.
        """

    @abstractmethod
    def files(self, name: str, version: int | None = None) -> tuple[str, ...]:
        """The Parquet files of a version, as paths or URLs an engine can read."""

    @abstractmethod
    def tables(self) -> Mapping[str, Any]:
        """A PyArrow dataset a table, for SQL engines."""

    @abstractmethod
    def compact(self, name: str) -> None:
        """Rewrites small files into large ones and writes a checkpoint; the rows stay the same."""


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A question to the index.

    Attributes:
        words: What to search for; "" finds everything. Quoted phrases and ``-word`` are understood.
        dataset: Only in this dataset, or None for all.
        where: Column → value that a record must have; of a sealed column, its fingerprint column
            and value. A value ``a..b`` is a range, inclusive; either side may be empty.
        limit: At most so many hits.
        offset: Leave out so many first.
        facets: Columns whose commonest values are counted.
    """

    words: str = ""
    dataset: str | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    limit: int = 20
    offset: int = 0
    facets: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """One record that answers.

    Attributes:
        id: The record's identity.
        dataset: Its dataset.
        blob: The SHA-256 of the blob it came from.
        score: Higher is better; comparable within one answer.
        snippet: The words in their place, plain text with matches between ``**``, or "".
        record: The record's columns as JSON values, personal ones masked.
    """

    id: str
    dataset: str
    blob: str
    score: float
    snippet: str
    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """Hits, best first, and how many there are in all."""

    hits: tuple[Hit, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]]


class Index(ABC):
    """Records for search and aggregation; derived from the lake, and following it by version."""

    @abstractmethod
    def write(self, dataset: Dataset, frames: Iterator[pl.DataFrame], version: int) -> int:
        """Makes rows (`lake_schema`) searchable and remembers `version`, in one step.

        Writing the same rows twice leaves one of each (by `core.frames.record_id`).

        Returns:
            How many rows were written.
        """

    @abstractmethod
    def version(self, name: str) -> int:
        """The lake version that the index has reached, or -1."""

    @abstractmethod
    def count(self, name: str) -> int:
        """How many records of that dataset are searchable."""

    @abstractmethod
    def search(self, request: SearchRequest) -> SearchAnswer:
        """Answers a question.

        Raises:
            QueryError: If it names a dataset or column that the index does not know.
        """

    @abstractmethod
    def walk(self, request: SearchRequest) -> Iterator[Hit]:
        """Every record that answers, however many, each once, in no promised order.

        The limit and the offset of the request are not heeded.

        Raises:
            QueryError: As `search`.
        """

    @abstractmethod
    def rebuild(self, dataset: Dataset, frames: Iterator[pl.DataFrame], version: int) -> int:
        """As `write`, into a new generation that replaces the old at once when it is whole."""

    @abstractmethod
    def needs_rebuild(self, dataset: Dataset) -> bool:
        """Whether what the index keeps of a dataset was built for other columns; then `write` refuses."""

    @abstractmethod
    def drop(self, name: str) -> None:
        """Forgets a dataset."""

    @abstractmethod
    def close(self) -> None:
        """Lets go of locks and files."""


class Publisher(ABC):
    """Rows that others show (Kibana does), kept where they look; derived, like the index, and idempotent.

    A row is known by the values of its dataset's identity columns, null among them; `Dataset.identity` is never empty.
    """

    @abstractmethod
    def replace(self, dataset: Dataset, frame: pl.DataFrame) -> int:
        """Makes what is published of a dataset exactly these rows: rows that are gone leave.

        Returns:
            How many rows were written or removed; those that were there already are left alone.
        """

    @abstractmethod
    def put(self, dataset: Dataset, frame: pl.DataFrame) -> int:
        """Adds rows; one that was there takes its new values, all others stay.

        Returns:
            How many rows were written.
        """

    @abstractmethod
    def greatest(self, dataset: Dataset, column: str) -> int | datetime | None:
        """The greatest value published of an integer or timestamp column (to the millisecond), or None."""

    @abstractmethod
    def close(self) -> None:
        """Lets go of connections."""
