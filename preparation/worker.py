"""A worker process: opens one file after another for the pool, holds no keys, and may die at any of them."""

import itertools
import os
import signal
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle, send_handle
from pathlib import Path

from core.blob import Fault
from core.errors import PenstockError
from core.prepared import Classification, Prepared
from preparation.catalog import Catalog
from preparation.confinement import Confinement, confine, limit_memory
from preparation.extraction import Limits, ModelNeededError, Options
from preparation.preparing import prepare
from preparation.row_files import RowFiles, memory_file, path_of

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


@dataclass(frozen=True, slots=True)
class ModelNeeded:
    """The answer of a light worker where only a heavy model can read a blob."""

    model: str


Answer = tuple[Prepared, list[int]] | ModelNeeded | None
"""What comes back: a blob with the number of files that hold each table's rows; or None where memory ran out."""


def serve(pipe: Connection, schemas: Path, confinement: Confinement) -> None:
    """Answers jobs until the pipe closes, or until memory runs out: then the answer is None, the last.

    Runs as the main function of a worker process.
    """
    os.dup2(2, 1)  # standard output stays clean
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    confine(confinement)
    catalog = Catalog(schemas)
    _rehearse(catalog)
    limit_memory(confinement.address_bytes)
    pipe.send(None)  # ready
    while True:
        try:
            job: Job = pipe.recv()
        except EOFError:
            return
        try:
            _answer(pipe, job, catalog)
        except MemoryError:  # what it holds may not come back: the pool decides with a fresh worker
            pipe.send(None)
            return


def _rehearse(catalog: Catalog) -> None:
    """Prepares a small table: what is loaded and built at first use takes 0.2 s, which no file has to wait for."""
    with os.fdopen(memory_file("rehearsal"), "wb") as file:
        size = file.write(_REHEARSAL)
        file.flush()
        _prepared(Job("", "", size, None, Limits()), path_of(file.fileno()), catalog, RowFiles())


def _answer(pipe: Connection, job: Job, catalog: Catalog) -> None:
    descriptor = recv_handle(pipe)
    files = RowFiles()
    try:
        prepared = _prepared(job, path_of(descriptor), catalog, files)
    except ModelNeededError as error:
        files.clear()
        pipe.send(ModelNeeded(error.model))
        return
    finally:
        os.close(descriptor)
    pieces = []
    for table in prepared.tables:
        if table.frame.height:
            files.add(table.frame)
        pieces.append(files.take())  # of the first table, all that was set aside while it was read
    files.clear()  # there is no table where its parser gave up in the middle
    bare = tuple(replace(table, frame=table.frame.clear()) for table in prepared.tables)
    pipe.send((replace(prepared, tables=bare), [len(each) for each in pieces]))
    for piece in itertools.chain.from_iterable(pieces):
        send_handle(pipe, piece, os.getppid())
        os.close(piece)


def _prepared(job: Job, path: Path, catalog: Catalog, files: RowFiles) -> Prepared:
    """Prepares a blob; whatever a parser throws becomes a fault of that blob alone."""
    try:
        return prepare(
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
    except (MemoryError, ModelNeededError):
        raise
    except PenstockError as error:
        return failed(error.reason, error.fix)
    except Exception as error:  # noqa: BLE001  # the per-file boundary: one bad file is one quarantined file
        words = f"{type(error).__name__}: {error}"[:500]
        return failed(f"The parser gave up: {words}", "Check that the file opens elsewhere; save it anew and drop it.")


def failed(reason: str, fix: str) -> Prepared:
    """A blob of which nothing could be taken in."""
    unknown = Classification("other", 0.0, "it could not be opened")
    return Prepared("application/octet-stream", unknown, fault=Fault("preparation", reason, fix))
