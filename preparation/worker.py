"""A worker process: opens one file after another for the pool, holds no keys, and may die at any of them."""

import gc
import itertools
import os
import signal
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle, send_handle
from pathlib import Path

from core.blob import Fault
from core.errors import PenstockError
from core.memory import trim
from core.prepared import Classification, Prepared
from preparation.answers import ModelNeeded, packed
from preparation.catalog import Catalog
from preparation.confinement import Confinement, confine, step_back
from preparation.extraction import REPLAY, Limits, ModelNeededError, Options
from preparation.preparing import prepare
from preparation.row_files import RowFiles, memory_file, path_of

MAX_TOLD_BYTES = 32 * 1024
"""Rows up to this are told with the answer; a file in memory for them costs both sides 1 ms, most of a small text."""
TRIM_FILES = 100
"""After so many files what is free goes back: a worker holds 30 MiB less, and grows half as much in a thousand."""
RAISE_MEMORY = f"Raise preparation.memory_bytes, then {REPLAY}."
MAX_WORDS_CHARS = 500
_REHEARSAL = b"sensor_id,timestamp,value\n" + b"".join(b"s,2026-01-01 00:00:%02d,%d\n" % (at, at) for at in range(60))


@dataclass(frozen=True, slots=True)
class Job:
    """One blob to prepare; the descriptor of its bytes follows it through the pipe."""

    name: str
    sha256: str
    size: int
    declared: str | None
    limits: Limits
    options: Options = field(default_factory=Options)


def serve(pipe: Connection, schemas: Path, confinement: Confinement) -> None:
    """Answers jobs until the pipe closes, or until memory runs out: then the answer is None, the last.

    Runs as the main function of a worker process.
    """
    os.dup2(2, 1)  # standard output stays clean
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    confine(confinement)
    catalog = Catalog(schemas)
    _rehearse(catalog)
    gc.freeze()  # what is loaded stays: looking through it for garbage was a twentieth of what a form costs
    step_back(confinement)
    with suppress(EOFError, ConnectionError):  # the pool ended
        pipe.send_bytes(packed(None))  # ready
        for count in itertools.count(1):
            job: Job = pipe.recv()
            try:
                _answer(pipe, job, catalog, confinement.memory_bytes)
            except MemoryError:  # what it holds may not come back: the pool decides with a fresh worker
                pipe.send_bytes(packed(None))
                return
            if count % TRIM_FILES == 0:
                trim()


def _rehearse(catalog: Catalog) -> None:
    """Prepares a small table: what is loaded and built at first use takes 0.2 s, which no file has to wait for."""
    with os.fdopen(memory_file("rehearsal"), "wb") as file:
        size = file.write(_REHEARSAL)
        file.flush()
        _, pieces = _prepared(Job("", "", size, None, Limits()), path_of(file.fileno()), catalog, RowFiles())
    for piece in itertools.chain.from_iterable(pieces):
        os.close(piece)


def _answer(pipe: Connection, job: Job, catalog: Catalog, max_bytes: int) -> None:
    descriptor = recv_handle(pipe)
    files = RowFiles(max_bytes)
    try:
        prepared, pieces = _prepared(job, path_of(descriptor), catalog, files)
    except ModelNeededError as error:
        files.clear()
        pipe.send_bytes(packed(ModelNeeded(error.model)))
        return
    finally:
        os.close(descriptor)
    files.clear()  # there is no table where its parser gave up in the middle
    content = packed((prepared, [len(each) for each in pieces]))
    if len(content) > max_bytes:
        reason = f"What came out of it takes {len(content):,} bytes; up to {max_bytes:,} are taken."
        content, pieces = packed((failed(reason, RAISE_MEMORY), [])), []
    pipe.send_bytes(content)
    for piece in itertools.chain.from_iterable(pieces):
        send_handle(pipe, piece, os.getppid())
        os.close(piece)


def _prepared(job: Job, path: Path, catalog: Catalog, files: RowFiles) -> tuple[Prepared, list[list[int]]]:
    """Prepares a blob; whatever a parser throws becomes a fault of that blob alone.

    Returns:
        What came out of it, with empty tables, and the files that have the rows of each.
    """
    try:
        prepared = prepare(
            path,
            name=job.name,
            sha256=job.sha256,
            size=job.size,
            catalog=catalog,
            declared=job.declared,
            limits=job.limits,
            options=job.options,
            set_aside=files,
        )
        return _set_aside(prepared, files)
    except (MemoryError, ModelNeededError):
        raise
    except PenstockError as error:
        return failed(error.reason, error.fix), []
    except Exception as error:  # noqa: BLE001  # the per-file boundary: one bad file is one quarantined file
        fix = "Check that the file opens elsewhere; save it anew and drop it."
        return failed(f"The parser gave up: {_words(error)}", fix), []


def _words(error: Exception) -> str:
    """What a parser says of a file; with the kind of error where that tells of a slip of the parser itself."""
    told = str(error)[:MAX_WORDS_CHARS]
    speaks = told and isinstance(error, OSError | ValueError | EOFError | RuntimeError)
    return told if speaks else f"{type(error).__name__}: {told}"


def _set_aside(prepared: Prepared, files: RowFiles) -> tuple[Prepared, list[list[int]]]:
    pieces: list[list[int]] = []
    tables = []
    for table in prepared.tables:
        if files.is_empty and table.frame.estimated_size() <= MAX_TOLD_BYTES:
            pieces.append([])
            tables.append(table)
            continue
        if table.frame.height:
            files.add(table.frame)
        pieces.append(files.take())  # of the first table, all that was set aside while it was read
        tables.append(replace(table, frame=table.frame.clear()))
    return replace(prepared, tables=tuple(tables)), pieces


def failed(reason: str, fix: str) -> Prepared:
    """A blob of which nothing could be taken in."""
    unknown = Classification("other", 0.0, "it could not be opened")
    return Prepared("application/octet-stream", unknown, fault=Fault("preparation", reason, fix))
