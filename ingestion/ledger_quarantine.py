"""The quarantine inside the ledger: one entry a blob, inside the transaction of the caller."""

import sqlite3

from ingestion.records import QuarantineEntry, Result

ENTRY_ID_CHARS = 12


def quarantine(connection: sqlite3.Connection, result: Result, at: str) -> None:
    """Opens the entry of a blob, or counts one more attempt at it; all its quarantined arrivals get the new reason."""
    fault = result.fault
    if fault is None:
        raise ValueError(f"arrival {result.arrival} has no fault")
    sql = """
        UPDATE arrivals SET state = 'quarantined', finished_at = ?, rows = 0, rejected_rows = ?,
            layer = ?, reason = ?, fix = ? WHERE id = ?
    """
    blob = str(connection.execute("SELECT blob FROM arrivals WHERE id = ?", (result.arrival,)).fetchone()[0])
    entry = _free_id(connection, blob)
    told = (fault.layer, fault.reason, fault.fix.replace("{entry}", entry))
    connection.execute(sql, (at, result.rejected_rows, *told, result.arrival))
    sql = """
        INSERT INTO quarantine (id, blob, arrival, layer, reason, fix, attempts, state)
        VALUES (?, ?, ?, ?, ?, ?, 1, 'open')
        ON CONFLICT (blob) DO UPDATE SET attempts = attempts + 1, state = 'open', because = '',
            layer = excluded.layer, reason = excluded.reason, fix = excluded.fix
    """
    connection.execute(sql, (entry, blob, result.arrival, *told))
    sql = "UPDATE arrivals SET layer = ?, reason = ?, fix = ? WHERE blob = ? AND state = 'quarantined'"
    connection.execute(sql, (*told, blob))


def join_quarantine(connection: sqlite3.Connection, arrival: int, owner: int) -> None:
    """A later arrival of a quarantined blob: quarantined too, for the same reason."""
    sql = """
        UPDATE arrivals SET state = 'quarantined', finished_at = arrivals.received_at, dataset = o.dataset,
            media_type = o.media_type, layer = o.layer, reason = o.reason, fix = o.fix
        FROM arrivals o WHERE arrivals.id = ? AND o.id = ?
    """
    connection.execute(sql, (arrival, owner))


def start_replay(connection: sqlite3.Connection, entry: QuarantineEntry) -> None:
    """The blob's first arrival waits again; while it does, its entry is ``replaying``."""
    connection.execute("UPDATE quarantine SET state = 'replaying' WHERE id = ?", (entry.id,))
    sql = """
        UPDATE arrivals SET state = 'received', batch = NULL, finished_at = NULL, seconds = NULL, rejected_rows = 0,
            attempts = 0
        WHERE id = ?
    """
    connection.execute(sql, (entry.arrival,))


def release(connection: sqlite3.Connection, result: Result, blob: str) -> None:
    """A blob was stored: it has no entry, and its other arrivals are duplicates that know what it is."""
    connection.execute("DELETE FROM quarantine WHERE blob = ?", (blob,))
    sql = """
        UPDATE arrivals SET state = 'duplicate', dataset = ?, media_type = ?, layer = NULL, reason = NULL, fix = NULL,
            note = coalesce(note, ?)
        WHERE blob = ? AND id <> ? AND state IN ('duplicate', 'quarantined')
    """
    note = f"the same bytes as arrival {result.arrival}"
    connection.execute(sql, (result.dataset, result.media_type, note, blob, result.arrival))


def discard(connection: sqlite3.Connection, entry: QuarantineEntry, because: str) -> None:
    """The entry is closed; its blob stays quarantined."""
    sql = "UPDATE quarantine SET state = 'discarded', because = ? WHERE id = ?"
    connection.execute(sql, (because, entry.id))


def _free_id(connection: sqlite3.Connection, blob: str) -> str:
    """The shortest prefix of the blob, of 12 digits or more, that no other entry has."""
    for length in range(ENTRY_ID_CHARS, len(blob)):
        sql = "SELECT 1 FROM quarantine WHERE id = ? AND blob <> ?"
        if connection.execute(sql, (blob[:length], blob)).fetchone() is None:
            return blob[:length]
    return blob
