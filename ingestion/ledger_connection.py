"""SQLite as the ledger uses it."""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.errors import BusyError, StorageError


def connected(path: Path, mode: str) -> sqlite3.Connection:
    """A connection for several threads, each use under a lock; transactions are begun by hand.

    Raises:
        StorageError: If the file cannot be opened as SQLite.
    """
    address = f"{path.absolute().as_uri()}?mode={mode}"
    connection = None
    try:
        connection = sqlite3.connect(address, timeout=30, isolation_level=None, check_same_thread=False, uri=True)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        if connection is not None:
            connection.close()
        raise StorageError(
            f"The ledger {path} cannot be opened: {error}.", "Restore it from a backup, or choose another --home."
        ) from error
    return connection


def json_list(ids: Sequence[int]) -> str:
    """Ids for ``json_each``, so that a statement takes any number of them."""
    return f"[{','.join(str(int(item)) for item in ids)}]"


def statements(script: str) -> Iterator[str]:
    """The statements of a script, one by one, so that they run inside the caller's transaction."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""


def translated(error: sqlite3.Error) -> StorageError | BusyError:
    """SQLite's error in our words."""
    code = getattr(error, "sqlite_errorcode", None)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return BusyError("Another process is writing the ledger of this home.", "Try again when it has ended.")
    if code == sqlite3.SQLITE_FULL:
        return StorageError("The disk that holds the ledger is full.", "Free some space; nothing was lost.")
    return StorageError(f"The ledger could not be written: {error}.", "Run penstock verify.")
