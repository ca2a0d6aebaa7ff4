"""Takes waiting arrivals from the ledger, has them prepared, and hands them to the committer."""

import io
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from queue import Empty, SimpleQueue

from core.blob import Fault
from core.errors import PenstockError
from core.prepared import Classification, Prepared
from ingestion import Arrival, Ledger, Received, Step
from pipeline.bootstrap import Parts
from pipeline.passwords import Passwords
from pipeline.prepared_ahead import PreparedAhead, key_of
from preparation import REPLAY, Lane, ModelNeededError, Options, PoolClosedError

IDLE_SECONDS = 1.0
MODEL_IDLE_SECONDS = 60.0
CLAIMED_TOGETHER = 8
MEMBER = "!/"


@dataclass(frozen=True, slots=True)
class Ready:
    """An arrival that has been prepared and waits for its batch.

    Attributes:
        arrival: The arrival.
        prepared: What came out of it.
        children: Blobs found inside, in the vault by now.
        started: Monotonic time at which work on it began.
        steps: What happened so far.
    """

    arrival: Arrival
    prepared: Prepared
    children: tuple[Received, ...]
    started: float
    steps: tuple[Step, ...]


class Preparer:
    """Threads that keep the workers busy, some for the light and some for the heavy ones.

    An arrival that needs OCR or speech recognition goes on to the heavy workers' threads, and its bytes are read
    anew there: a thousand scans that wait take no memory, and whatever came after them is stored meanwhile.

    Args:
        ledger: The work queue.
        parts: Where the bytes are, and the workers.
        hand_over: Takes what is ready; blocks while too much waits.
        refresh: Is called before each file: the user's models may have changed.
        passwords: What to try on encrypted files.
        ahead: What Spark has prepared already.
    """

    def __init__(  # noqa: PLR0913 - all that it works with
        self,
        ledger: Ledger,
        parts: Parts,
        *,
        hand_over: Callable[[Ready], None],
        refresh: Callable[[], object],
        passwords: Passwords,
        ahead: PreparedAhead,
    ) -> None:
        self._ledger = ledger
        self._vault = parts.vault
        self._pool = parts.pool
        self._hand_over = hand_over
        self._refresh = refresh
        self._passwords = passwords
        self._ahead = ahead
        self._parts = parts
        self._work = threading.Event()
        self._claims: deque[Arrival] = deque()
        self._claiming = threading.Lock()
        self._for_models: SimpleQueue[Arrival | None] = SimpleQueue()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Starts a thread for each worker that there may be."""
        settings = self._parts.settings.preparation
        loops = [self._loop] * settings.workers + [self._model_loop] * settings.model_workers
        for number, loop in enumerate(loops):
            thread = threading.Thread(target=loop, name=f"preparer-{number}", daemon=True)
            thread.start()
            self._threads.append(thread)

    @property
    def threads(self) -> Sequence[threading.Thread]:
        """Its threads."""
        return self._threads

    def wake(self) -> None:
        """Tells that arrivals wait."""
        self._work.set()

    def stop(self) -> None:
        """Ends the threads: the light after the file each is at, the heavy at once. The next start takes theirs up."""
        self._stopping.set()
        self.wake()
        for _ in self._threads:
            self._for_models.put(None)
        self._pool.close_lane(Lane.HEAVY)
        for thread in self._threads:
            thread.join()
        if self._claims:
            self._ledger.unclaim([arrival.id for arrival in self._claims])

    def prepare(self, arrival: Arrival, lane: Lane | None = None) -> Ready:
        """Prepares one arrival; whatever goes wrong becomes its fault.

        Raises:
            ModelNeededError: If the lane is the light one, and a heavy worker must read it.
            PoolClosedError: If the system stops meanwhile.
        """
        started = time.monotonic()
        self._refresh()
        ahead = None if arrival.parent else self._ahead.take(key_of(arrival))
        prepared = self._within_budget(arrival, ahead or self._prepared(arrival, lane))
        seconds = time.monotonic() - started
        children = self._children(arrival, prepared)
        step = Step(arrival.id, "preparation", _by(ahead), _told(prepared), round(seconds, 4))
        return Ready(arrival, prepared, children, started, (step,))

    def _loop(self) -> None:
        while not self._stopping.is_set():
            self._work.clear()  # before the look: what is told after it is not missed
            arrival = None if self._stopping.is_set() else self._claimed()
            if arrival is None:
                self._work.wait(IDLE_SECONDS)
                continue
            self._work.set()  # there may be more, for whoever waits
            try:
                self._hand_over(self.prepare(arrival, Lane.LIGHT))
            except ModelNeededError as error:
                self._ledger.add_steps([Step(arrival.id, "preparation", "handed to a model", error.model)])
                self._for_models.put(arrival)

    def _claimed(self) -> Arrival | None:
        """The oldest arrival that waits. A claim is a transaction, so those behind it are claimed too."""
        with self._claiming:
            if not self._claims and self._ledger.waiting():
                self._claims.extend(self._ledger.claim(CLAIMED_TOGETHER))
            return self._claims.popleft() if self._claims else None

    def _model_loop(self) -> None:
        while not self._stopping.is_set():
            try:
                arrival = self._for_models.get(timeout=MODEL_IDLE_SECONDS)
            except Empty:
                self._pool.end_idle(Lane.HEAVY, MODEL_IDLE_SECONDS)
                continue
            if arrival and not self._stopping.is_set():
                with suppress(PoolClosedError):  # then we are stopping
                    self._hand_over(self.prepare(arrival, Lane.HEAVY))

    def _prepared(self, arrival: Arrival, lane: Lane | None) -> Prepared:
        if fault := self._too_much(arrival):
            return _refused(fault)
        name = PurePosixPath(arrival.path).name
        lineage = [each.id for each in (arrival, *self._ancestors(arrival))]
        try:
            content = self._vault.read(arrival.blob)
            return self._pool.prepare(
                content,
                name=name,
                sha256=arrival.blob,
                declared=arrival.declared,
                options=Options(passwords=self._passwords.of(lineage)),
                lane=lane,
            )
        except (ModelNeededError, PoolClosedError):
            raise
        except PenstockError as error:
            return _refused(Fault("storage", error.reason, error.fix))
        except Exception as error:  # noqa: BLE001  # the per-file boundary of a run: the other files go on
            words = f"{type(error).__name__}: {error}"[:500]
            return _refused(Fault("preparation", f"Penstock failed on it: {words}", f"Report it, then {REPLAY}."))

    def _too_much(self, arrival: Arrival) -> Fault | None:
        """What forbids to open an arrival: how deep it lies, or how large it is."""
        depth, most = len(self._ancestors(arrival)), self._parts.settings.ingestion.max_archive_depth
        if depth > most:
            reason, setting = f"It lies {depth} archives deep; {most} are opened.", "ingestion.max_archive_depth"
        elif arrival.bytes > self._parts.settings.preparation.max_bytes:
            limit = self._parts.settings.preparation.max_bytes
            reason, setting = f"It has {arrival.bytes:,} bytes; up to {limit:,} are opened.", "preparation.max_bytes"
        else:
            return None
        return Fault("preparation", reason, f"Raise {setting}, then {REPLAY}.")

    def _within_budget(self, arrival: Arrival, prepared: Prepared) -> Prepared:
        """What was prepared, or a fault where all that came out of one dropped file would be more than it may."""
        if not prepared.children or not arrival.parent:
            return prepared  # a first unpacking is bounded while it happens
        limits = self._parts.settings.ingestion
        family = self._ledger.family(self._ancestors(arrival)[-1].id)
        size = sum(each.bytes for each in family[1:]) + sum(len(child.content) for child in prepared.children)
        count = len(family) - 1 + len(prepared.children)
        if size <= limits.max_archive_bytes and count <= limits.max_archive_members:
            return prepared
        reason = f"The archive that it came in holds {count:,} blobs of {size:,} bytes by now, more than may be opened."
        fix = f"Raise ingestion.max_archive_bytes and ingestion.max_archive_members, then {REPLAY}."
        return _refused(Fault("preparation", reason, fix))

    def _ancestors(self, arrival: Arrival) -> list[Arrival]:
        """The archives and mails that an arrival came out of, the nearest first."""
        found: list[Arrival] = []
        while arrival.parent:
            arrival = self._ledger.arrival(arrival.parent)
            found.append(arrival)
        return found

    def _children(self, parent: Arrival, prepared: Prepared) -> tuple[Received, ...]:
        if not prepared.children:
            return ()
        declared = parent.declared if prepared.classification.dataset == "other" else None
        with self._vault.together() as put:
            blobs = [(child.name, put(io.BytesIO(child.content))) for child in prepared.children]
        return tuple(
            Received(f"{parent.path}{MEMBER}{name}", blob, parent.source, declared, parent.id) for name, blob in blobs
        )


def _refused(fault: Fault) -> Prepared:
    return Prepared("application/octet-stream", Classification("other", 0.0, "it was not opened"), fault=fault)


def _by(ahead: Prepared | None) -> str:
    return "prepared" if ahead is None else "prepared on Spark"


def _told(prepared: Prepared) -> str:
    if prepared.fault:
        return prepared.fault.reason
    counts = [f"{table.frame.height} rows of {table.dataset}" for table in prepared.tables]
    inside = [f"{len(prepared.children)} blobs inside"] if prepared.children else []
    return f"{prepared.media_type}: " + ", ".join([*counts, *inside] or ["no rows"])
