"""The pool of killable worker processes that open files.

Parsers crash, hang and swell. Here each file has a wall clock and a memory limit; a worker that dies takes
down only its file, which is tried once more in a fresh worker and then given up with the signal or the limit.
Workers are forked from a server that has the libraries loaded already, so a new one costs milliseconds.
"""

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from multiprocessing.reduction import recv_handle, send_handle
from pathlib import Path
from queue import LifoQueue
from typing import TYPE_CHECKING

import psutil

from core.errors import EngineError, PenstockError
from core.prepared import Prepared
from core.settings import Preparation
from preparation.extraction import Limits
from preparation.row_files import memory_file, rows_in
from preparation.worker import Job, failed, serve

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMORY_CHECK_SECONDS = 0.2
START_SECONDS = 120.0
RETIREMENT_SECONDS = 0.1
MAX_KEPT_BYTES = 256 * 1024 * 1024
"""What a worker may have grown by and be kept; a large file's memory goes back to the machine."""
_RAISE_TIME = "Raise preparation.timeout_seconds, then replay it."
_RAISE_MEMORY = "Raise preparation.memory_bytes, then replay it."
_ANOTHER_FORMAT = "It crashes its parser: save it in another format and drop that."


class WorkerDiedError(PenstockError):
    """A worker ended in the middle of a file, or ran out of memory that files before it may have taken."""


class Pool:
    """Workers that prepare blobs, one blob at a time each.

    Args:
        settings: How many workers, and what one file may cost.
        schemas: The folder of the user's own models.
        limits: What one blob may yield.
    """

    def __init__(self, settings: Preparation, schemas: Path, limits: Limits | None = None) -> None:
        self._settings = settings
        self._schemas = schemas
        self._limits = limits or Limits()
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["preparation.worker"])
        self._generation = 0
        self._idle: LifoQueue[_Worker | None] = LifoQueue()  # the last used is the warmest
        self._closed = threading.Event()
        for _ in range(settings.workers):
            self._idle.put(None)

    def warm(self) -> None:
        """Starts one worker ahead of the first file; one that cannot start is that file's matter."""
        with suppress(EngineError), self._worker():
            pass

    def renew(self) -> None:
        """Replaces every worker before its next file: the user's models have changed."""
        self._generation += 1

    def prepare(self, content: Iterable[bytes], *, name: str, sha256: str, declared: str | None = None) -> Prepared:
        """Prepares one blob; waits for a free worker. May be called from several threads.

        Whatever the blob does to its worker, the answer is a `Prepared`, with a `fault` where nothing came out.
        """
        descriptor = memory_file("blob")
        try:
            size = _written(descriptor, content)
            return self._twice(Job(name, sha256, size, declared, self._limits), descriptor)
        finally:
            os.close(descriptor)

    def close(self) -> None:
        """Ends the workers; a file being prepared is given up."""
        self._closed.set()
        for _ in range(self._settings.workers):
            worker = self._idle.get()
            if worker:
                worker.stop()

    def _twice(self, job: Job, descriptor: int) -> Prepared:
        """A worker may have died of what came before this file; a fresh one cannot have."""
        try:
            return self._attempt(job, descriptor)
        except (WorkerDiedError, EngineError):
            pass
        try:
            return self._attempt(job, descriptor, is_fresh=True)
        except WorkerDiedError as error:
            return failed(f"The worker that opened it died twice: {error.reason}", error.fix)
        except EngineError as error:
            return failed(error.reason, error.fix)

    def _attempt(self, job: Job, descriptor: int, *, is_fresh: bool = False) -> Prepared:
        with self._worker(is_fresh=is_fresh) as worker:
            return worker.run(job, descriptor)

    @contextmanager
    def _worker(self, *, is_fresh: bool = False) -> "Iterator[_Worker]":
        worker = self._idle.get()
        try:
            if worker and (is_fresh or not worker.is_good(self._generation)):
                worker.stop()
                worker = None
            if worker is None:
                worker = self._new_worker()
            yield worker
        finally:
            if worker and not worker.is_good(self._generation):
                # Giving half a gigabyte back takes the system a tenth of a second, which the file need not wait for.
                retirement = threading.Timer(RETIREMENT_SECONDS, self._replace, (worker,))
                retirement.daemon = True
                retirement.start()
            else:
                self._idle.put(worker)

    def _replace(self, worker: "_Worker") -> None:
        """Ends a worker and readies its successor; one that does not start is the next file's matter."""
        worker.stop()
        successor = None
        with suppress(EngineError):
            if not self._closed.is_set():
                successor = self._new_worker()
        self._idle.put(successor)

    def _new_worker(self) -> "_Worker":
        return _Worker(self._context, self._settings, self._schemas, self._generation)


class _Worker:
    """One process and the pipe to it."""

    def __init__(
        self,
        context: multiprocessing.context.ForkServerContext,
        settings: Preparation,
        schemas: Path,
        generation: int,
    ) -> None:
        self._settings = settings
        self._generation = generation
        self._files = 0
        self._pipe, theirs = context.Pipe()
        self._process: ForkServerProcess = context.Process(
            target=serve, args=(theirs, schemas, settings.memory_bytes), daemon=True, name="penstock-worker"
        )
        self._process.start()
        theirs.close()
        self._base_bytes = sys.maxsize  # no limit while it loads its libraries
        self._await_ready()
        self._base_bytes = self._resident_bytes()
        self._base_mapped_bytes = self._mapped_bytes()

    @property
    def is_alive(self) -> bool:
        return not self._pipe.closed and self._process.is_alive()

    def is_good(self, generation: int) -> bool:
        """Whether it may take another file: it is alive, of this generation, not worn and not swollen."""
        is_young = self._generation == generation and self._files < self._settings.files_per_worker
        return (
            is_young
            and self.is_alive
            and self._resident_bytes() - self._base_bytes < MAX_KEPT_BYTES
            and self._mapped_bytes() - self._base_mapped_bytes < self._settings.memory_bytes // 2
        )

    def run(self, job: Job, descriptor: int) -> Prepared:
        """Hands over one job and the descriptor of its bytes, and waits.

        Raises:
            WorkerDiedError: If the process ended by itself, or memory ran out that other files may have taken.
        """
        self._files += 1
        deadline = time.monotonic() + self._settings.timeout_seconds
        try:
            self._pipe.send(job)
            send_handle(self._pipe, descriptor, self._process.pid)
            answer = self._await_answer(deadline)
            if answer is None:
                raise MemoryError
            return self._with_frames(*answer)
        except TimeoutError:
            self.stop()
            return failed(f"It was not done after {self._settings.timeout_seconds:g} seconds.", _RAISE_TIME)
        except MemoryError:
            self.stop()
            reason = f"It needed more than {self._settings.memory_bytes // 2**20} MiB of memory."
            if self._files > 1:
                raise WorkerDiedError(reason, _RAISE_MEMORY) from None
            return failed(reason, _RAISE_MEMORY)
        except (EOFError, OSError) as error:
            raise self._death() from error

    def stop(self) -> None:
        """Kills the process at once: it holds nothing that is not elsewhere."""
        self._pipe.close()
        self._process.kill()
        self._process.join()

    def _with_frames(self, prepared: Prepared, pieces: Sequence[int]) -> Prepared:
        received = [[recv_handle(self._pipe) for _ in range(count)] for count in pieces]
        tables = zip(prepared.tables, received, strict=True)
        return replace(prepared, tables=tuple(replace(one, frame=rows_in(rows, one.frame)) for one, rows in tables))

    def _await_ready(self) -> None:
        """Waits until the process has its libraries and models.

        Raises:
            EngineError: If it does not come up.
        """
        try:
            self._await_answer(time.monotonic() + START_SECONDS)
        except (TimeoutError, EOFError, OSError) as error:
            self.stop()
            raise EngineError(
                f"A worker did not start (exit status {self._process.exitcode}).",
                "Run `penstock doctor`, and check what the models in the schemas folder do when they are loaded.",
            ) from error

    def _await_answer(self, deadline: float) -> tuple[Prepared, list[int]] | None:
        pipe: Connection = self._pipe
        while not pipe.poll(min(MEMORY_CHECK_SECONDS, max(0.0, deadline - time.monotonic()))):
            if time.monotonic() >= deadline:
                raise TimeoutError
            if self._resident_bytes() - self._base_bytes > self._settings.memory_bytes:
                raise MemoryError
        answer: tuple[Prepared, list[int]] | None = pipe.recv()
        return answer

    def _mapped_bytes(self) -> int:
        """Address space, which is what is limited; a library that cannot be mapped fails as if it were missing."""
        with suppress(psutil.Error):
            return int(psutil.Process(self._process.pid).memory_info().vms)
        return 0

    def _resident_bytes(self) -> int:
        with suppress(psutil.Error):
            return int(psutil.Process(self._process.pid).memory_info().rss)
        return 0

    def _death(self) -> WorkerDiedError:
        self._process.join(1.0)
        code = self._process.exitcode
        self.stop()
        if code is not None and code < 0:
            return WorkerDiedError(f"signal {signal.Signals(-code).name} ended it.", self._fix_of(-code))
        return WorkerDiedError(f"it ended with status {code}.", "Run `penstock doctor`, then replay it.")

    def _fix_of(self, number: int) -> str:
        """Compiled parsers abort, and the system kills, where memory runs out."""
        if number not in (signal.SIGABRT, signal.SIGKILL):
            return _ANOTHER_FORMAT
        mib = self._settings.memory_bytes // 2**20
        return f"It may need more than {mib} MiB: raise preparation.memory_bytes and replay it, or split it."


def _written(descriptor: int, content: Iterable[bytes]) -> int:
    with open(descriptor, "wb", closefd=False) as file:
        return sum(file.write(piece) for piece in content)
