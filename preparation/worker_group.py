"""Worker processes of one kind, each at one file at a time."""

import itertools
import multiprocessing
import threading
from contextlib import contextmanager, suppress
from dataclasses import replace
from multiprocessing import forkserver
from pathlib import Path
from queue import Empty, LifoQueue
from typing import TYPE_CHECKING

from core.errors import EngineError
from core.prepared import Prepared
from core.settings import secrets_withheld
from preparation.worker import Job, failed
from preparation.worker_process import Terms, WorkerDiedError, WorkerProcess

if TYPE_CHECKING:
    from collections.abc import Iterator

RETIREMENT_SECONDS = 0.1


class PoolClosedError(Exception):
    """The workers were ended before the file was done; nothing is known of it."""


class WorkerGroup:
    """So many workers at most, each started when it is first needed. May be used from several threads.

    Args:
        count: How many.
        terms: What they may cost.
        schemas: The folder of the user's own models.
    """

    def __init__(self, count: int, terms: Terms, schemas: Path) -> None:
        self._count = count
        self._terms = terms
        self._schemas = schemas
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["preparation.preloaded"])
        self._generation = 0
        self._numbers = itertools.count(1)
        self._idle: LifoQueue[WorkerProcess | None] = LifoQueue()  # the last used is the warmest
        self._busy: set[WorkerProcess] = set()
        self._closed = threading.Event()
        for _ in range(count):
            self._idle.put(None)

    def warm(self) -> None:
        """Starts one worker ahead of the first file; one that cannot start is that file's matter."""
        with suppress(EngineError), self._worker():
            pass

    def renew(self) -> None:
        """Replaces every worker before its next file: the user's models have changed."""
        self._generation += 1

    def adopt(self, terms: Terms) -> None:
        """Holds files to other terms from now on; who works under the old ones is replaced before the next file."""
        if terms != self._terms:
            self._terms = terms
            self.renew()

    def run(self, job: Job, descriptor: int) -> Prepared:
        """Has a worker do a job; once more if it dies: it may have been what came before, in a fresh one it cannot.

        Raises:
            ModelNeededError: If a worker with that model must read it.
            PoolClosedError: If the group is closed before it is done.
        """
        try:
            return self._attempt(job, descriptor)
        except (WorkerDiedError, EngineError):
            pass
        try:
            return self._attempt(job, descriptor, is_fresh=True)
        except WorkerDiedError as error:
            if self._closed.is_set():
                raise PoolClosedError from error
            return failed(f"The worker that opened it died twice: {error.reason}", error.fix)
        except EngineError as error:
            return failed(error.reason, error.fix)

    def end_idle(self, seconds: float) -> None:
        """Ends workers that had nothing to do for so long; they start again when they are needed."""
        taken: list[WorkerProcess | None] = []
        with suppress(Empty):
            while True:
                taken.append(self._idle.get_nowait())
        for worker in reversed(taken):
            is_over = worker is not None and worker.idle_seconds >= seconds
            if worker and is_over:
                worker.stop()
            self._idle.put(None if is_over else worker)

    def close(self) -> None:
        """Ends the workers; a file being prepared is given up."""
        if self._closed.is_set():
            return
        self._closed.set()
        for busy in list(self._busy):
            busy.kill()
        for worker in [self._idle.get() for _ in range(self._count)]:
            if worker:
                worker.stop()
            self._idle.put(None)  # for whoever asks from now on, to be told

    def _attempt(self, job: Job, descriptor: int, *, is_fresh: bool = False) -> Prepared:
        with self._worker(is_fresh=is_fresh) as worker:
            return worker.run(job, descriptor)

    @contextmanager
    def _worker(self, *, is_fresh: bool = False) -> "Iterator[WorkerProcess]":
        worker = self._idle.get()
        try:
            if worker and (is_fresh or not worker.is_ready(self._generation)):
                worker.stop()
                worker = None
            if worker is None and not self._closed.is_set():
                worker = self._new_worker()
            if worker:
                self._busy.add(worker)
            if worker is None or self._closed.is_set():
                raise PoolClosedError
            yield worker
        finally:
            if worker:
                self._busy.discard(worker)
            if worker and not worker.is_good(self._generation):
                # Giving half a gigabyte back takes the system a tenth of a second, which the file need not wait for.
                retirement = threading.Timer(RETIREMENT_SECONDS, self._replace, (worker,))
                retirement.daemon = True
                retirement.start()
            else:
                self._idle.put(worker)

    def _replace(self, worker: WorkerProcess) -> None:
        """Ends a worker and readies its successor; one that does not start is the next file's matter."""
        worker.stop()
        successor = None
        with suppress(EngineError):
            if not self._closed.is_set():
                successor = self._new_worker()
        self._idle.put(successor)

    def _new_worker(self) -> WorkerProcess:
        """The first are replaced early, each after another share of its files, so that none later go together."""
        share = min(next(self._numbers), self._count) / self._count
        terms = replace(self._terms, files=max(1, round(share * self._terms.files)))
        with secrets_withheld():
            forkserver.ensure_running()  # workers have the environment of the server that they are forked from
        return WorkerProcess(self._context, terms, self._schemas, self._generation)
