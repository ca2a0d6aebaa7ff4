"""What the ledger keeps: arrivals, steps, batches and quarantine entries, as frozen values."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from core.blob import Blob, Fault, Outcome

_SIGN_BIT = 1 << 63


def utc_now() -> str:
    """The time as the ledger writes it: UTC, ISO-8601, milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def shown(path: str) -> str:
    """A path as UTF-8 can say it; bytes of a name that are not UTF-8 become ``\\xff``."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


class ArrivalState(StrEnum):
    """Where an arrival is. The first three are in flight, the last three are fates."""

    RECEIVED = "received"  # the vault has its bytes; nobody works on it
    PREPARING = "preparing"  # a worker has it
    BATCHED = "batched"  # prepared, and named in an open batch
    STORED = Outcome.STORED.value
    DUPLICATE = Outcome.DUPLICATE.value
    QUARANTINED = Outcome.QUARANTINED.value


IN_FLIGHT = (ArrivalState.RECEIVED, ArrivalState.PREPARING, ArrivalState.BATCHED)


class FileStamp(NamedTuple):
    """What `stat` says of a file; two different contents of one path differ in at least one part."""

    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> "FileStamp":
        """The stamp in a `stat` result."""
        inode = (
            status.st_ino if status.st_ino < _SIGN_BIT else status.st_ino - 2 * _SIGN_BIT
        )  # SQLite has signed 64 bits
        return cls(status.st_dev, inode, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


@dataclass(frozen=True, slots=True)
class Received:
    """Bytes that the vault has, about to become an arrival.

    Attributes:
        path: Where they came from, as people are shown it.
        blob: What the vault said of them.
        source: The name of the source: ``inbox``, ``drop`` …
        declared: The dataset that the folder or the person declared, or None.
        parent: The arrival whose archive or e-mail they came out of, or None.
        stamp: The file's stamp, so that a scan knows it; None where there is no file to scan.
    """

    path: str
    blob: Blob
    source: str = "inbox"
    declared: str | None = None
    parent: int | None = None
    stamp: FileStamp | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """One arrival and its fate; times are UTC ISO-8601."""

    id: int
    path: str
    source: str
    blob: str
    bytes: int
    parent: int | None
    declared: str | None
    received_at: str
    state: ArrivalState
    batch: int | None
    dataset: str | None
    media_type: str | None
    confidence: float | None
    why: str | None
    rows: int
    rejected_rows: int
    layer: str | None
    reason: str | None
    fix: str | None
    attempts: int
    note: str | None
    seconds: float | None
    finished_at: str | None

    @property
    def is_finished(self) -> bool:
        """Whether its fate is known."""
        return self.state not in IN_FLIGHT

    def as_dict(self) -> dict[str, Any]:
        """Its fields, as JSON values."""
        return asdict(self) | {"state": self.state.value}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to an arrival; `at` empty means now."""

    arrival: int
    layer: str
    step: str
    detail: str = ""
    seconds: float | None = None
    at: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """The fate of an arrival that was worked on.

    Attributes:
        arrival: Its id.
        outcome: STORED or QUARANTINED.
        dataset: The dataset that the blob is counted under; required where it is stored.
        rows: Accepted records in all; `rejected_rows` likewise.
        tables: Dataset → (rows, rejected rows); empty means all under `dataset`.
        fault: Required where it is quarantined.
        note: What a person should know though it was taken in.
        children: Blobs found inside, which the vault has; their `parent` is set by the ledger.
        steps: What happened, for `trace`.
    """

    arrival: int
    outcome: Outcome
    dataset: str | None = None
    media_type: str | None = None
    confidence: float | None = None
    why: str | None = None
    rows: int = 0
    rejected_rows: int = 0
    tables: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    fault: Fault | None = None
    note: str | None = None
    seconds: float | None = None
    children: tuple[Received, ...] = ()
    steps: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        if self.outcome is Outcome.STORED and self.dataset is None:
            raise ValueError(f"arrival {self.arrival} is stored but names no dataset")
        if self.outcome is Outcome.QUARANTINED and self.fault is None:
            raise ValueError(f"arrival {self.arrival} is quarantined but names no fault")
        if self.outcome is Outcome.DUPLICATE:
            raise ValueError(f"arrival {self.arrival}: only the ledger tells duplicates")

    def counts(self) -> dict[str, tuple[int, int]]:
        """Dataset → (rows, rejected rows), the blob's own dataset always among them."""
        if self.dataset is None:
            return dict(self.tables)
        whole = (self.rows, self.rejected_rows)
        return {self.dataset: (0, 0) if self.tables else whole} | dict(self.tables)


@dataclass(frozen=True, slots=True)
class OpenBatch:
    """A batch whose rows may or may not have reached the lake."""

    id: int
    arrivals: tuple[Arrival, ...]


@dataclass(frozen=True, slots=True)
class QuarantineEntry:
    """A blob that could not be taken in.

    Attributes:
        id: Short and stable: the first 12 hex digits of the blob.
        path: Where it was first seen; `paths` has every place.
        attempts: How often it was tried.
        state: ``open``, ``replaying`` or ``discarded``.
        because: Why it was discarded, or "".
    """

    id: str
    path: str
    blob: str
    layer: str
    reason: str
    fix: str
    received_at: str
    bytes: int
    attempts: int
    state: str
    because: str
    arrival: int
    paths: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Its fields, as JSON values."""
        return asdict(self) | {"paths": list(self.paths)}
