"""One worker process as its pool sees it: the pipe to it, the clock and the memory that are watched."""

import multiprocessing.context
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from multiprocessing.reduction import recv_handle, send_handle
from pathlib import Path
from types import ModuleType

import psutil

from core.errors import EngineError, PenstockError
from core.prepared import Prepared
from preparation.answers import Answer, ModelNeeded, unpacked
from preparation.confinement import Confinement
from preparation.extraction import REPLAY, ModelNeededError
from preparation.row_files import rows_in
from preparation.worker import RAISE_MEMORY, Job, failed, serve

MEMORY_CHECK_SECONDS = 0.2
START_SECONDS = 120.0
MESSAGE_BYTES = 1024 * 1024
"""What an answer may be larger than all that it may hold: a worker that sends more was taken over."""
_ANOTHER_FORMAT = "It crashes its parser: save it in another format and drop that."


class WorkerDiedError(PenstockError):
    """A worker ended in the middle of a file, or ran out of memory that files before it may have taken."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the workers of one kind may cost.

    Attributes:
        timeout_seconds: Wall clock for one file.
        timeout_setting: The setting that raises it.
        confinement: What holds inside the process.
        kept_bytes: What a worker may have grown by and be kept; a large file's memory goes back to the machine.
        files: A worker is replaced after so many.
    """

    timeout_seconds: float
    timeout_setting: str
    confinement: Confinement
    kept_bytes: int
    files: int


def _process(pid: int | None) -> psutil.Process | None:
    """The process of that number, or None if it has ended already."""
    with suppress(psutil.Error):
        return psutil.Process(pid)
    return None


_starting = threading.Lock()


@contextmanager
def _without_main_module() -> Iterator[None]:
    """Keeps a new process from running our main module again: it needs nothing of it, and it may be gone by now.

    (A Streamlit page, a notebook or a test is the main module for a moment, from a file that is removed.)
    """
    with _starting:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


class WorkerProcess:
    """One process and the pipe to it.

    Raises:
        EngineError: If it does not start.
    """

    def __init__(
        self, context: multiprocessing.context.ForkServerContext, terms: Terms, schemas: Path, generation: int
    ) -> None:
        self._terms = terms
        self._generation = generation
        self._files = 0
        self._last_used = time.monotonic()
        self._pipe, theirs = context.Pipe()
        self._process: ForkServerProcess = context.Process(
            target=serve, args=(theirs, schemas, terms.confinement), daemon=True, name="penstock-worker"
        )
        with _without_main_module():
            self._process.start()
        theirs.close()
        self._seen = _process(self._process.pid)  # kept: to find a process again costs ten looks at its memory
        self._base_bytes = sys.maxsize  # no limit while it loads its libraries
        self._await_ready()
        self._base_bytes, self._base_mapped_bytes = self._memory_bytes()

    @property
    def is_alive(self) -> bool:
        return not self._pipe.closed and self._process.is_alive()

    @property
    def idle_seconds(self) -> float:
        """How long it has had no file; of one that is at a file it means nothing."""
        return time.monotonic() - self._last_used

    def is_ready(self, generation: int) -> bool:
        """Whether it may take a file, having been good when it was put aside: idle ones do not swell."""
        return self._is_current(generation) and self.is_alive

    def is_good(self, generation: int) -> bool:
        """Whether it may be kept for another file: of this generation, not ended by us, not worn and not swollen.

        Whether it is alive is asked before its next file, once for each.
        """
        if self._pipe.closed or not self._is_current(generation):
            return False
        resident, mapped = self._memory_bytes()
        return (
            resident - self._base_bytes < self._terms.kept_bytes
            and mapped - self._base_mapped_bytes < self._terms.confinement.address_bytes // 2
        )

    def _is_current(self, generation: int) -> bool:
        return self._generation == generation and self._files < self._terms.files

    def run(self, job: Job, descriptor: int) -> Prepared:
        """Hands over one job and the descriptor of its bytes, and waits.

        Raises:
            WorkerDiedError: If the process ended by itself, or memory ran out that other files may have taken.
            ModelNeededError: If a worker with that model must read it.
        """
        self._files += 1
        seconds = self._terms.timeout_seconds
        deadline = time.monotonic() + seconds
        try:
            self._pipe.send(job)
            send_handle(self._pipe, descriptor, self._process.pid)
            return self._told(self._await_answer(deadline))
        except TimeoutError:
            self.stop()
            fix = f"Raise {self._terms.timeout_setting}, then {REPLAY}."
            return failed(f"It was not done after {seconds:g} seconds.", fix)
        except MemoryError:
            self.stop()
            reason = f"It needed more than {self._memory_mib} MiB of memory."
            if self._files > 1:
                raise WorkerDiedError(reason, RAISE_MEMORY) from None
            return failed(reason, RAISE_MEMORY)
        except (EOFError, OSError, ValueError) as error:
            raise self._death() from error
        finally:
            self._last_used = time.monotonic()

    def kill(self) -> None:
        """Ends the process under whoever waits for its answer: that is a `WorkerDiedError` there."""
        self._process.kill()

    def stop(self) -> None:
        """Kills the process at once: it holds nothing that is not elsewhere."""
        self._pipe.close()
        self._process.kill()
        self._process.join()

    @property
    def _memory_mib(self) -> int:
        return self._terms.confinement.memory_bytes // 2**20

    def _told(self, answer: Answer) -> Prepared:
        match answer:
            case None:
                raise MemoryError
            case ModelNeeded(model):
                raise ModelNeededError(model)
            case prepared, pieces:
                return self._with_frames(prepared, pieces)

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
        except (TimeoutError, EOFError, OSError, ValueError) as error:
            self.stop()
            raise EngineError(
                f"A worker did not start (exit status {self._process.exitcode}).",
                "Run `penstock doctor`, and check what the models in the schemas folder do when they are loaded.",
            ) from error

    def _await_answer(self, deadline: float) -> Answer:
        pipe: Connection = self._pipe
        while not pipe.poll(min(MEMORY_CHECK_SECONDS, max(0.0, deadline - time.monotonic()))):
            if time.monotonic() >= deadline:
                raise TimeoutError
            if self._memory_bytes()[0] - self._base_bytes > self._terms.confinement.memory_bytes:
                raise MemoryError
        return unpacked(pipe.recv_bytes(self._terms.confinement.memory_bytes + MESSAGE_BYTES))

    def _memory_bytes(self) -> tuple[int, int]:
        """What it holds, and its address space, which is what is limited: a library that does not fit seems missing."""
        with suppress(psutil.Error):
            if self._seen:
                memory = self._seen.memory_info()
                return int(memory.rss), int(memory.vms)
        return 0, 0

    def _death(self) -> WorkerDiedError:
        self._process.join(1.0)
        code = self._process.exitcode
        self.stop()
        if code is None:
            return WorkerDiedError("it answered what is no answer.", _ANOTHER_FORMAT)
        if code < 0:
            return WorkerDiedError(f"signal {signal.Signals(-code).name} ended it.", self._fix_of(-code))
        return WorkerDiedError(f"it ended with status {code}.", f"Run `penstock doctor`, then {REPLAY}.")

    def _fix_of(self, number: int) -> str:
        """Compiled parsers abort, and the system kills, where memory runs out."""
        if number not in (signal.SIGABRT, signal.SIGKILL):
            return _ANOTHER_FORMAT
        return (
            f"It may need more than {self._memory_mib} MiB: split it, or raise preparation.memory_bytes, then {REPLAY}."
        )
