"""A worker process: opens one file after another for the pool, holds no keys, and may die at any of them."""

import ctypes
import os
import resource
import signal
import sys
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle, send_handle
from pathlib import Path

import polars as pl

from core.blob import Fault
from core.errors import PenstockError
from core.prepared import Classification, Prepared
from preparation.catalog import Catalog
from preparation.extraction import Limits
from preparation.preparing import prepare

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Job:
    """One blob to prepare; the descriptor of its bytes follows it through the pipe."""

    name: str
    sha256: str
    size: int
    declared: str | None
    limits: Limits


def serve(pipe: Connection, schemas: Path, memory_bytes: int) -> None:
    """Answers jobs until the pipe closes, or until memory runs out: then the answer is None, the last.

    Runs as the main function of a worker process.
    """
    _settle(memory_bytes)
    catalog = Catalog(schemas)
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


def memory_file(name: str) -> int:
    """A new file in memory (elsewhere than on Linux: an unlinked temporary file); its descriptor."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create(name)
    import tempfile

    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def path_of(descriptor: int) -> Path:
    """A path under which this process can open the file behind `descriptor` again, from its start."""
    folder = "/proc/self/fd" if sys.platform == "linux" else "/dev/fd"
    return Path(folder) / str(descriptor)


def _settle(memory_bytes: int) -> None:
    """Dies with its parent, keeps standard output clean, and cannot take more memory than it may."""
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        limit = pages * resource.getpagesize() + memory_bytes
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(pipe: Connection, job: Job, catalog: Catalog) -> None:
    descriptor = recv_handle(pipe)
    try:
        prepared = _prepared(job, path_of(descriptor), catalog)
    finally:
        os.close(descriptor)
    descriptors = [_frame_file(table.frame) for table in prepared.tables]
    pipe.send(replace(prepared, tables=tuple(replace(table, frame=table.frame.clear()) for table in prepared.tables)))
    for descriptor in descriptors:
        send_handle(pipe, descriptor, os.getppid())
        os.close(descriptor)


def _prepared(job: Job, path: Path, catalog: Catalog) -> Prepared:
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
        )
    except MemoryError:
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


def _frame_file(frame: pl.DataFrame) -> int:
    """The columns that hold anything, as an Arrow file: of a wide model most are null, and 8 bytes a row each."""
    descriptor = memory_file("rows")
    filled = [name for name in frame.columns if frame[name].null_count() < frame.height]
    frame.select(filled).write_ipc(path_of(descriptor))
    return descriptor
