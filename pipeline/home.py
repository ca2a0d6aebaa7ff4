"""Where one home keeps what, and the lock that makes one process its writer."""

import fcntl
import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from core.errors import BusyError

MAX_SOCKET_PATH = 100  # sun_path holds 108 bytes on Linux, 104 on macOS


@dataclass(frozen=True, slots=True)
class Home:
    """The folders and files under one home."""

    root: Path

    @property
    def inbox(self) -> Path:
        """Where people drop files."""
        return self.root / "inbox"

    @property
    def schemas(self) -> Path:
        """The user's own models."""
        return self.root / "schemas"

    @property
    def own_views(self) -> Path:
        """The user's own views."""
        return self.root / "views"

    @property
    def ledger(self) -> Path:
        """The ledger's database."""
        return self.root / "ledger.sqlite"

    @property
    def vault(self) -> Path:
        """Sealed original bytes."""
        return self.root / "vault"

    @property
    def lake(self) -> Path:
        """Tables of accepted rows."""
        return self.root / "lake"

    @property
    def index(self) -> Path:
        """The search index."""
        return self.root / "index"

    @property
    def view_states(self) -> Path:
        """What the views have counted so far."""
        return self.root / "state" / "views"

    @property
    def live_states(self) -> Path:
        """What the views have counted of events that the lake does not have yet."""
        return self.root / "state" / "live"

    @property
    def jars(self) -> Path:
        """Jars that engines need."""
        return self.root / "state" / "jars"

    @property
    def sessions(self) -> Path:
        """The sessions of visitors."""
        return self.root / "state" / "sessions"

    @property
    def models(self) -> Path:
        """Trained models and their results."""
        return self.root / "state" / "models"

    @property
    def scratch(self) -> Path:
        """What engines write and nobody misses."""
        return self.root / "state" / "scratch"

    @property
    def certificates(self) -> Path:
        """The private authority, and what it issued."""
        return self.root / "certs"

    @property
    def secrets(self) -> Path:
        """Secrets of other systems, sealed."""
        return self.root / "secrets.json"

    @property
    def socket(self) -> Path:
        """The local socket of the running system; in the temporary folder where the home's path is too long."""
        path = self.root / "run.sock"
        if len(os.fsencode(path)) <= MAX_SOCKET_PATH:
            return path
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"penstock-{os.getuid()}-{digest}.sock"

    def prepare(self) -> None:
        """Makes the folders that people look into; others appear when they are needed."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in (self.inbox, self.schemas, self.own_views):
            folder.mkdir(exist_ok=True)


class HomeLock:
    """Held by the one process that writes a home; let go by the system when that process ends, however it ends."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        """Takes the lock.

        Raises:
            BusyError: If another process has it.
        """
        file = (self._home.root / "lock").open("a+", encoding="ascii")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            owner = file.read().strip() or "unknown"
            file.close()
            raise BusyError(
                f"The home {self._home.root} is being written by another process (id {owner}).",
                "Wait until it is done, or choose another --home.",
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def release(self) -> None:
        """Lets go of the lock."""
        if self._file:
            self._file.close()
            self._file = None
