"""The audit trail: a file of JSON lines, each bound to the one before by a keyed hash."""

import fcntl
import hmac
import json
import os
import pwd
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from core.errors import TamperedError
from core.ports import AuditTrail
from security.key_ring import KeyRing

_FIRST = "0" * 64
_TAIL_BYTES = 64 * 1024
_COMPARE = "Compare it with a backup; whoever can write the home could have changed it."


@dataclass(frozen=True, slots=True)
class _Tail:
    """The end of the chain: how many entries, the MAC of the last, the length of the file."""

    count: int
    mac: str
    size: int


class ChainedAuditTrail(AuditTrail):
    """Keeps entries in one file, and how far it reached in a second, sealed one beside it (``.head``).

    The chain shows a change, a removal or a new order of entries; the head shows that entries are missing at the end.
    Putting back both files as they once were cannot be seen from within them: keep copies elsewhere. Several processes
    may record at once. An entry that a crash left half-written was never acknowledged and is dropped.

    Args:
        file: The file of entries; made, mode 0600, with the first of them.
        ring: Gives the key of the MACs, which does not rotate.
        actor: Who acts; default the account that this process runs under.
    """

    def __init__(self, file: Path, ring: KeyRing, actor: str = "") -> None:
        self._file = file
        self._head = file.with_name(file.name + ".head")
        self._key = ring.derived("audit")
        self._actor = actor or _account()
        self._tail: _Tail | None = None
        self._lock = threading.Lock()

    def record(self, action: str, subject: str, detail: str = "") -> None:
        with self._lock, self._opened(fcntl.LOCK_EX) as file:
            tail = self._current_tail(file)
            entry = {
                "n": tail.count,
                "at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "actor": self._actor,
                "action": action,
                "subject": subject,
                "detail": detail,
                "previous": tail.mac,
            }
            mac = self._mac(entry)
            line = json.dumps(entry | {"mac": mac}).encode() + b"\n"
            os.ftruncate(file.fileno(), tail.size)
            file.seek(tail.size)
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
            self._tail = _Tail(tail.count + 1, mac, tail.size + len(line))
            self._write_head(self._tail)

    def entries(self) -> Iterator[Mapping[str, Any]]:
        if not self._file.exists():
            return
        with self._file.open("rb") as file:
            for number, line in enumerate(file):
                if line.endswith(b"\n"):
                    yield self._parsed(line, number)

    def verify(self) -> int:
        with self._lock, self._opened(fcntl.LOCK_SH) as file:
            head = self._read_head()
            count, mac = 0, _FIRST
            reached = {0: _FIRST}
            for line in file:
                if not line.endswith(b"\n"):
                    break
                entry = self._parsed(line, count)
                if entry.get("previous") != mac or entry.get("n") != count or not self._is_ours(entry):
                    raise TamperedError(f"Entry {count} of {self._file} does not follow from the one before.", _COMPARE)
                mac, count = entry["mac"], count + 1
                if count == head.count:
                    reached[count] = mac
        if reached.get(head.count) != head.mac:
            raise TamperedError(f"{self._file} has {count} entries, but had {head.count}.", _COMPARE)
        if count > head.count + 1:
            raise TamperedError(
                f"{self._head} is missing or was put back: {count} entries, not {head.count}.", _COMPARE
            )
        return count

    def _current_tail(self, file: BinaryIO) -> _Tail:
        size = os.fstat(file.fileno()).st_size
        if self._tail is None or self._tail.size != size:
            self._tail = self._found_tail(file, size)
        head = self._read_head()
        if self._tail.count < head.count:
            raise TamperedError(f"{self._file} has {self._tail.count} entries, but had {head.count}.", _COMPARE)
        return self._tail

    def _found_tail(self, file: BinaryIO, size: int) -> _Tail:
        """The last whole line, read from the end; what follows it is left of a crash."""
        length = _TAIL_BYTES
        while True:
            start = max(0, size - length)
            file.seek(start)
            whole, newline, torn = file.read(size - start).rpartition(b"\n")
            before = whole.rpartition(b"\n")
            if not newline and start == 0:
                return _Tail(0, _FIRST, 0)
            if newline and (before[1] or start == 0):
                entry = self._parsed(before[2], -1)
                if not self._is_ours(entry):
                    raise TamperedError(f"The last entry of {self._file} does not verify.", _COMPARE)
                return _Tail(entry["n"] + 1, entry["mac"], size - len(torn))
            length *= 4

    def _parsed(self, line: bytes, number: int) -> dict[str, Any]:
        try:
            entry = json.loads(line)
        except ValueError:
            entry = None
        if not isinstance(entry, dict):
            which = f"Entry {number}" if number >= 0 else "The last entry"
            raise TamperedError(f"{which} of {self._file} is not one that we wrote.", _COMPARE)
        return entry

    def _mac(self, entry: Mapping[str, Any]) -> str:
        signed = {key: value for key, value in entry.items() if key != "mac"}
        return hmac.digest(self._key, json.dumps(signed, sort_keys=True).encode(), "sha256").hex()

    def _is_ours(self, entry: Mapping[str, Any]) -> bool:
        return hmac.compare_digest(str(entry.get("mac")).encode(), self._mac(entry).encode())

    def _read_head(self) -> _Tail:
        if not self._head.exists():
            return _Tail(0, _FIRST, 0)
        head = self._parsed(self._head.read_bytes(), -1)
        if not self._is_ours(head):
            raise TamperedError(f"{self._head} does not verify.", _COMPARE)
        return _Tail(head["count"], head["last"], 0)

    def _write_head(self, tail: _Tail) -> None:
        head = {"count": tail.count, "last": tail.mac}
        fresh = self._head.with_name(self._head.name + ".part")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(json.dumps(head | {"mac": self._mac(head)}).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._head)

    @contextmanager
    def _opened(self, lock: int) -> Iterator[BinaryIO]:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            fcntl.flock(file, lock)
            yield file


def _account() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:  # a container may run under a number without a name
        return f"uid {os.geteuid()}"
