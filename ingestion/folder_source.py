"""The inbox folder as a source: events for speed, a reconciling scan for certainty."""

import os
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from queue import Empty, SimpleQueue
from stat import S_ISDIR, S_ISLNK, S_ISREG

from core.settings import Ingestion
from ingestion.collector import Candidate, Refusal
from ingestion.disposal import dispose
from ingestion.file_rest import clock_skew, is_open_for_writing
from ingestion.folder_walk import FolderWalk, is_temporary
from ingestion.records import FileStamp

_SCAN_SHARE = 10  # a scan takes at most a tenth of the time, however large the inbox is
_STOP_SECONDS = 0.2
_EVENT_STEP_MS = 20
_EVENT_DEBOUNCE_MS = 200
_LOOK_SECONDS = 0.05
_MAX_RETRY_SECONDS = 60.0
_WRITER_PATIENCE_SECONDS = 10.0


class FolderSource:
    """Finds files that are new or changed, once they rest.

    A file is new if its path is unknown or its inode, size, mtime or ctime differ from what is known. The device
    number is not compared: on network and layered file systems it changes from mount to mount, and a ctime in
    nanoseconds does not repeat. A file rests when it has not changed for ``settle_seconds`` and nobody holds it open
    for writing (of a log that is open for ever, this is waited for ten seconds); one that had a temporary name
    rests as soon as it is renamed.

    What `watch` or `scan` gave is not given again unless it changes: call `finish` when the ledger has it, or `again`.

    Args:
        inbox: The folder; made if it is not there. Files are moved to the folder ``done`` beside it.
        settings: `after`, `rescan_seconds`, `settle_seconds`.
        known: Path → stamp, as the ledger has them.
        datasets: Names that a first folder below the inbox may declare; a live collection is looked at each time.
        refuse: Is told, once a reason, of links that leave, files that cannot be read, and the like.
    """

    def __init__(
        self,
        inbox: Path,
        settings: Ingestion,
        *,
        known: Mapping[str, FileStamp] | None = None,
        datasets: Collection[str] = (),
        refuse: Callable[[Refusal], None] | None = None,
    ) -> None:
        inbox.mkdir(parents=True, exist_ok=True)
        self._root = os.path.abspath(inbox)
        self._settings = settings
        self._known = dict(known or {})
        self._datasets = datasets
        self._done = inbox.parent / "done"
        self._tell = refuse
        self._told: dict[str, str] = {}
        self._pending: dict[str, tuple[FileStamp, float]] = {}  # stamp, and our clock when it was first so
        self._in_hand: dict[str, FileStamp] = {}
        self._retries: dict[str, tuple[float, float]] = {}  # not before, and the pause after the next failure
        self._unfinished: set[tuple[int, int]] = set()
        self._gone: list[str] = []
        self._skew = clock_skew(inbox)
        self._lock = threading.RLock()

    def scan(self) -> list[Candidate]:
        """Compares the whole inbox with what is known; the files that rest and are new or changed, by path."""
        with self._lock:
            walk = FolderWalk(self._root, self._root, self._refuse)
            seen = set()
            found = []
            for path, stamp in walk:
                seen.add(path)
                if (candidate := self._judged(path, stamp)) is not None:
                    found.append(candidate)
            self._unfinished = walk.unfinished
            self._drop_unseen(seen, tuple(folder + os.sep for folder in walk.unread))
        return sorted(found, key=lambda candidate: candidate.path)

    def watch(self, stop: threading.Event) -> Iterator[list[Candidate]]:
        """Gives files as they come to rest, in lists that are never empty, until `stop` is set."""
        events: SimpleQueue[set[str]] = SimpleQueue()
        listener = threading.Thread(target=self._listen, args=(events, stop), name="inbox events", daemon=True)
        listener.start()
        next_scan = 0.0
        paths: set[str] = set()
        while not stop.is_set():
            began = time.monotonic()
            if began >= next_scan:
                found = self.scan()
                ended = time.monotonic()
                next_scan = ended + max(self._settings.rescan_seconds, _SCAN_SHARE * (ended - began))
            else:
                found = self._looked_at(paths)
            if found:
                yield found
            paths = self._next_events(events, next_scan)
        listener.join()

    def finish(self, candidate: Candidate) -> None:
        """The ledger has it: from now on it is known, and is kept, moved or deleted as the settings say."""
        with self._lock:
            in_hand = self._in_hand.get(candidate.path)
            if in_hand is not None and in_hand.ctime_ns <= candidate.stamp.ctime_ns:  # else a newer one was given since
                del self._in_hand[candidate.path]
            self._retries.pop(candidate.path, None)
            self._known[candidate.path] = candidate.stamp
            self._dispose(candidate)

    def again(self, candidate: Candidate, refusal: Refusal | None = None) -> None:
        """It was not collected: it is given again when it rests, ever later while that keeps failing."""
        with self._lock:
            if refusal is not None and not refusal.is_retryable and refusal.kind != "gone":
                self._refuse(refusal)
                return  # it stays in hand: it is given again when it changes
            self._in_hand.pop(candidate.path, None)
            if refusal is None or refusal.kind in ("changed", "gone"):
                return
            self._refuse(refusal)
            pause = self._retries.get(candidate.path, (0.0, self._settings.rescan_seconds))[1]
            self._retries[candidate.path] = (time.monotonic() + pause, min(2 * pause, _MAX_RETRY_SECONDS))

    def take_gone(self) -> list[str]:
        """Known paths that a scan no longer found since the last call, for `Ledger.forget_files`."""
        gone, self._gone = self._gone, []
        return gone

    def waiting(self) -> list[str]:
        """Files that were seen but do not rest yet."""
        return sorted(self._pending)

    def _looked_at(self, paths: set[str]) -> list[Candidate]:
        """As `scan`, of the paths of events and of the files that may have come to rest."""
        found: dict[str, Candidate] = {}
        with self._lock:
            rested = time.monotonic() - self._settings.settle_seconds
            due = {path for path, (_, since) in self._pending.items() if since <= rested}
            for path in paths | due:
                for inner, stamp in self._files_at(path):
                    if (candidate := self._judged(inner, stamp)) is not None:
                        found[inner] = candidate
        return [found[path] for path in sorted(found)]

    def _files_at(self, path: str) -> Iterator[tuple[str, FileStamp]]:
        """The file at the path of an event, or all files in the folder there."""
        parts = os.path.relpath(path, self._root).split(os.sep)
        hidden = [part not in (".", "..") and is_temporary(part) for part in parts]
        try:
            status = os.lstat(path)
        except OSError:
            self._pending.pop(path, None)
            return
        if hidden[-1]:
            self._unfinished.add((status.st_dev, status.st_ino))
        if any(hidden) or parts[0] == ".." or S_ISLNK(status.st_mode):
            return
        if S_ISREG(status.st_mode):
            yield path, FileStamp.of(status)
        elif S_ISDIR(status.st_mode):
            walk = FolderWalk(path, self._root, self._refuse)
            yield from walk
            self._unfinished |= walk.unfinished

    def _judged(self, path: str, stamp: FileStamp) -> Candidate | None:
        """The file as a candidate, if it is new or changed and rests."""
        if _is_same(self._known.get(path), stamp):
            self._pending.pop(path, None)
            if self._settings.after != "keep" and path not in self._in_hand:
                self._dispose(self._candidate(path, stamp))  # a crash came between the ledger and the disposal
            return None
        if _is_same(self._in_hand.get(path), stamp) or time.monotonic() < self._retries.get(path, (0.0, 0.0))[0]:
            return None
        before = self._pending.get(path)
        if before is None or not _is_same(before[0], stamp):
            before = self._pending[path] = (stamp, time.monotonic())
        if not self._rests(path, stamp, before[1]):
            return None
        del self._pending[path]
        self._in_hand[path] = stamp
        return self._candidate(path, stamp)

    def _rests(self, path: str, stamp: FileStamp, since: float) -> bool:
        watched = time.monotonic() - since
        settle = self._settings.settle_seconds
        is_old = self._skew is not None and time.time() + self._skew - stamp.mtime_ns / 1e9 >= settle
        was_renamed = (stamp.device, stamp.inode) in self._unfinished
        if not (watched >= settle or is_old or was_renamed):
            return False
        return watched >= _WRITER_PATIENCE_SECONDS or not is_open_for_writing(path)

    def _candidate(self, path: str, stamp: FileStamp) -> Candidate:
        first, _, rest = path[len(self._root) + 1 :].partition(os.sep)
        declared = first if rest and first in self._datasets else None
        return Candidate(path, stamp, declared, self._root, is_watched=True)

    def _dispose(self, candidate: Candidate) -> None:
        try:
            dispose(candidate, self._settings.after, self._done)
        except OSError as error:
            reason = f"It was taken in, but could not be {self._settings.after}d: {error.strerror}."
            fix = "Give write permission to its folder, or set ingestion.after to keep."
            self._refuse(Refusal(candidate.path, "unreadable", reason, fix, is_retryable=True))

    def _drop_unseen(self, seen: set[str], unread: tuple[str, ...]) -> None:
        """Forgets what is no longer there; of a folder that could not be read nothing is forgotten."""
        for kept in (self._known, self._pending, self._in_hand, self._retries, self._told):
            for path in [path for path in kept if path not in seen and not path.startswith(unread)]:
                if kept is self._known:
                    self._gone.append(path)
                if kept is not self._told or not os.path.lexists(path):
                    del kept[path]

    def _refuse(self, refusal: Refusal) -> None:
        if self._told.get(refusal.path) != refusal.reason:
            self._told[refusal.path] = refusal.reason
            if self._tell is not None:
                self._tell(refusal)

    def _next_events(self, events: "SimpleQueue[set[str]]", next_scan: float) -> set[str]:
        """The paths of events; returns without any when a file may have come to rest or a scan is due."""
        due = next_scan
        if self._pending:
            due = min(due, min(since for _, since in self._pending.values()) + self._settings.settle_seconds)
        try:
            paths = events.get(timeout=min(max(due - time.monotonic(), _LOOK_SECONDS), _STOP_SECONDS))
            while not events.empty():
                paths |= events.get()
        except Empty:
            return set()
        return paths

    def _listen(self, events: "SimpleQueue[set[str]]", stop: threading.Event) -> None:
        """Passes on the events of the operating system; without them the scan still finds everything."""
        from watchfiles import watch

        try:
            changes = watch(
                self._root,
                watch_filter=None,
                debounce=_EVENT_DEBOUNCE_MS,
                step=_EVENT_STEP_MS,
                stop_event=stop,
                raise_interrupt=False,
                ignore_permission_denied=True,
            )
            for change in changes:
                events.put({path for _, path in change})
        except (OSError, RuntimeError) as error:
            reason = f"The system gives no events of it ({error}); it is still scanned every few seconds."
            fix = "Raise fs.inotify.max_user_watches if that is too slow."
            self._refuse(Refusal(self._root, "unreadable", reason, fix, is_retryable=True))


def _is_same(known: FileStamp | None, stamp: FileStamp) -> bool:
    return known is not None and known[1:] == stamp[1:]
