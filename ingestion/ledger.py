"""The ledger: every arrival and its fate, the work queue, the batches and the quarantine."""

import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from core.blob import Fault, Outcome
from core.errors import BusyError, StorageError
from ingestion.ledger_connection import connected, json_list, statements, translated
from ingestion.ledger_quarantine import discard, join_quarantine, quarantine, release, start_replay
from ingestion.ledger_reader import LedgerReader
from ingestion.ledger_tables import DDL, LEDGER_VERSION
from ingestion.records import Arrival, ArrivalState, Received, Result, Step, shown, utc_now


class Ledger(LedgerReader):
    """Reads and writes the ledger. One a home; safe to use from several threads of its process.

    Every change is one transaction, on disk (write-ahead log, synchronous=FULL) when the call returns: a file may be
    deleted from the inbox on the strength of it, and NORMAL may lose the last commits when the power fails. Only
    the claims and steps, which a restart makes anew, are written without waiting for the disk.

    Args:
        path: The ledger's file; it is made, with its folder, if it is not there.

    Raises:
        StorageError: If it cannot be opened, is no ledger, or was written by a newer Penstock.
    """

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)  # names and reasons are nobody else's business; the log beside it gets the same mode
        except OSError as error:
            reason = f"The ledger {path} cannot be made: {error.strerror}."
            raise StorageError(reason, "Free the way, or choose another --home.") from error
        self._lock = threading.RLock()
        self._connection = connected(path, "rwc")
        try:
            self._connection.execute("PRAGMA journal_mode = WAL")
            with self._writing():
                self._make_tables(path)
        except BaseException as error:
            self._connection.close()
            if isinstance(error, sqlite3.Error):
                raise translated(error) from error
            raise

    @staticmethod
    def open_reader(path: Path) -> LedgerReader:
        """The ledger for reading only, beside its writer in this or another process.

        Raises:
            NotFoundError: If there is no ledger there.
        """
        return LedgerReader(path)

    def receive(self, items: Sequence[Received], refused: Sequence[tuple[Received, Fault]] = ()) -> list[Arrival]:
        """Makes arrivals of bytes that the vault has, with their known files, in one transaction.

        Bytes whose blob is stored or in flight are a duplicate at once; those of a quarantined blob are quarantined
        under the same entry; all others are `received` and wait to be claimed.

        Args:
            items: What has come.
            refused: What has come too, and is quarantined at once; it waits for a person.
        """
        with self._writing():
            ids = [self._insert(item) for item in items]
            for item, fault in refused:
                ids.append(self._insert(item))
                if self.arrival(ids[-1]).state is ArrivalState.RECEIVED:
                    quarantine(self._connection, Result(ids[-1], Outcome.QUARANTINED, fault=fault), utc_now())
            return self.arrivals(ids)

    def newest_below(self, folder: str) -> Arrival | None:
        """The newest arrival whose path begins so, or None."""
        sql = "SELECT * FROM arrivals WHERE path >= ?1 AND path < ?1 || char(1114111) ORDER BY id DESC LIMIT 1"
        return next(iter(self._arrivals(sql, folder)), None)

    def forget_files(self, paths: Sequence[str]) -> None:
        """Forgets the stamps of files that are no longer there; their arrivals stay."""
        with self._writing():
            self._connection.executemany("DELETE FROM files WHERE path = ?", [(_file_key(path),) for path in paths])

    def claim(self, limit: int = 1) -> list[Arrival]:
        """Takes the oldest waiting arrivals to be prepared and counts the attempt."""
        sql = """
            UPDATE arrivals SET state = 'preparing', attempts = attempts + 1
            WHERE id IN (SELECT id FROM arrivals WHERE state = 'received' ORDER BY id LIMIT ?) RETURNING *
        """
        with self._writing(durably=False):
            return sorted(self._arrivals(sql, limit), key=lambda arrival: arrival.id)

    def unclaim(self, ids: Sequence[int]) -> None:
        """Puts claimed arrivals back to wait; the attempts stay counted."""
        sql = """
            UPDATE arrivals SET state = 'received'
            WHERE state = 'preparing' AND id IN (SELECT value FROM json_each(?))
        """
        with self._writing(durably=False):
            self._connection.execute(sql, (json_list(ids),))

    def recover(self) -> list[Arrival]:
        """After a start: puts back all that a dead process had claimed, and gives it.

        Arrivals in open batches stay there (`open_batches`): their rows may be in the lake.
        """
        with self._writing():
            sql = "UPDATE arrivals SET state = 'received' WHERE state = 'preparing' RETURNING id"
            return self.arrivals([row["id"] for row in self._all(sql)])

    def open_batch(self, ids: Sequence[int]) -> int:
        """Names the arrivals whose rows go to the lake next; the batch's id is greater than all before.

        The lake leaves out a batch id not above its last, so batches must reach it in the order of their ids.

        Raises:
            StorageError: If one of them is not being prepared.
        """
        asked = sorted(set(ids))
        with self._writing():
            sql = "INSERT INTO batches (state, opened_at) VALUES ('open', ?) RETURNING id"
            batch = int(self._one(sql, utc_now())["id"])
            sql = """
                UPDATE arrivals SET state = 'batched', batch = ?
                WHERE state IN ('received', 'preparing') AND id IN (SELECT value FROM json_each(?))
            """
            changed = self._connection.execute(sql, (batch, json_list(asked))).rowcount
            if changed != len(asked):
                raise StorageError(
                    f"{len(asked) - changed} of the arrivals {asked} are not being prepared.", "Claim them first."
                )
            return batch

    def close_batch(self, batch: int, versions: Mapping[str, int], results: Sequence[Result]) -> list[Arrival]:
        """Gives all arrivals of a batch their fates, and takes in their children, in one transaction.

        Args:
            batch: An open batch.
            versions: Dataset → the lake version that holds its rows.
            results: One for each arrival of the batch. The vault has the bytes of all children.

        Returns:
            The children, as `receive` would give them.

        Raises:
            StorageError: If the batch is not open, or the results are not those of its arrivals.
        """
        with self._writing():
            sql = "UPDATE batches SET state = 'done', closed_at = ? WHERE id = ? AND state = 'open'"
            if self._connection.execute(sql, (utc_now(), batch)).rowcount != 1:
                raise StorageError(f"Batch {batch} is not open.", "See open_batches.")
            held = {
                row["id"] for row in self._all("SELECT id FROM arrivals WHERE batch = ?1 AND state = 'batched'", batch)
            }
            if held != {result.arrival for result in results} or len(held) != len(results):
                raise StorageError(
                    f"The results are not one for each arrival of batch {batch}.", f"It has {sorted(held)}."
                )
            rows = [(batch, dataset, version) for dataset, version in versions.items()]
            self._connection.executemany("INSERT INTO batch_versions VALUES (?, ?, ?)", rows)
            return self._settle(results)

    def finish(self, results: Sequence[Result]) -> list[Arrival]:
        """As `close_batch`, for claimed arrivals that have no rows for the lake (a fault before any batch)."""
        with self._writing():
            for result in results:
                state = self.arrival(result.arrival).state
                if state not in (ArrivalState.RECEIVED, ArrivalState.PREPARING):
                    raise StorageError(
                        f"Arrival {result.arrival} is {state.value}, not being prepared.", "Claim it first."
                    )
            return self._settle(results)

    def add_steps(self, steps: Sequence[Step]) -> None:
        """Remembers what happened to arrivals, for `steps`."""
        with self._writing(durably=False):
            self._add_steps(steps)

    def replay(self, entry_id: str) -> Arrival:
        """Makes a quarantined blob wait to be prepared again; the arrival that answers for it.

        If it is stored then, its entry is gone and its other arrivals are duplicates; if not, the entry has one more
        attempt and the new reason. An entry that is being replayed already stays so.

        Raises:
            NotFoundError: If there is no such entry.
        """
        with self._writing():
            entry = self.quarantine_entry(entry_id)
            if entry.state != "replaying":
                start_replay(self._connection, entry)
            return self.arrival(entry.arrival)

    def discard(self, entry_id: str, because: str) -> None:
        """Closes a quarantine entry for good; its arrivals stay counted as quarantined, its bytes in the vault.

        Raises:
            NotFoundError: If there is no such entry.
            BusyError: If it is being replayed.
        """
        with self._writing():
            entry = self.quarantine_entry(entry_id)
            if entry.state == "replaying":
                raise BusyError(f"Quarantine entry {entry.id} is being replayed.", "Discard it when that has ended.")
            discard(self._connection, entry, because)

    def _insert(self, item: Received) -> int:
        path = shown(item.path)
        at = utc_now()
        insert = """
            INSERT INTO arrivals (path, source, blob, bytes, parent, declared, received_at, state)
            VALUES (?, ?, ?, ?, ?, ?, ?, 'received') RETURNING id
        """
        values = (path, item.source, item.blob.sha256, item.blob.size, item.parent, item.declared, at)
        arrival = int(self._connection.execute(insert, values).fetchone()[0])
        own = "INSERT INTO owners VALUES (?, ?) ON CONFLICT DO NOTHING"
        if self._connection.execute(own, (item.blob.sha256, arrival)).rowcount == 0:
            self._follow(arrival, item.blob.sha256)
        if item.stamp is not None:
            file = (_file_key(item.path), *item.stamp, arrival)
            self._connection.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)", file)
        return arrival

    def _follow(self, arrival: int, blob: str) -> None:
        """Gives a later arrival of a blob the fate of the first."""
        owner = self._arrivals("SELECT a.* FROM owners o JOIN arrivals a ON a.id = o.arrival WHERE o.blob = ?", blob)[0]
        if owner.state is ArrivalState.QUARANTINED:
            join_quarantine(self._connection, arrival, owner.id)
            return
        sql = """
            UPDATE arrivals SET state = 'duplicate', dataset = ?, media_type = ?, note = ?, finished_at = received_at
            WHERE id = ?
        """
        note = f"the same bytes as arrival {owner.id}, {owner.path}"
        self._connection.execute(sql, (owner.dataset, owner.media_type, note, arrival))

    def _settle(self, results: Sequence[Result]) -> list[Arrival]:
        children: list[int] = []
        for result in results:
            self._describe(result)
            if result.outcome is Outcome.STORED:
                self._store(result)
            else:
                quarantine(self._connection, result, utc_now())
            self._add_steps(result.steps)
            children += [self._insert(_child_of(result.arrival, child)) for child in result.children]
        return self.arrivals(children)

    def _describe(self, result: Result) -> None:
        sql = """
            UPDATE arrivals SET dataset = ?, media_type = ?, confidence = ?, why = ?, note = ?, seconds = ? WHERE id = ?
        """
        known = (result.dataset, result.media_type, result.confidence, result.why, result.note, result.seconds)
        self._connection.execute(sql, (*known, result.arrival))

    def _store(self, result: Result) -> None:
        sql = """
            UPDATE arrivals SET state = 'stored', rows = ?, rejected_rows = ?, finished_at = ?,
                layer = NULL, reason = NULL, fix = NULL WHERE id = ? RETURNING blob
        """
        counted = (result.rows, result.rejected_rows, utc_now(), result.arrival)
        blob = self._one(sql, *counted)["blob"]
        rows = [(result.arrival, dataset, *counts) for dataset, counts in result.counts().items()]
        self._connection.executemany("INSERT INTO arrival_tables VALUES (?, ?, ?, ?)", rows)
        release(self._connection, result, blob)

    def _add_steps(self, steps: Sequence[Step]) -> None:
        now = utc_now()
        rows = [(s.arrival, s.at or now, s.layer, s.step, s.detail, s.seconds) for s in steps]
        sql = "INSERT INTO steps (arrival, at, layer, step, detail, seconds) VALUES (?, ?, ?, ?, ?, ?)"
        self._connection.executemany(sql, rows)

    def _make_tables(self, path: Path) -> None:
        version = self._one("PRAGMA user_version")["user_version"]
        if version > LEDGER_VERSION:
            raise StorageError(
                f"The ledger {path} is of version {version}; this Penstock knows {LEDGER_VERSION}.", "Update Penstock."
            )
        if version == 0:
            for statement in statements(DDL):
                self._connection.execute(statement)
            self._connection.execute(f"PRAGMA user_version = {LEDGER_VERSION}")

    @contextmanager
    def _writing(self, *, durably: bool = True) -> Iterator[None]:
        """One transaction: all of it or, on any error, nothing."""
        with self._lock:
            try:
                self._connection.execute(f"PRAGMA synchronous = {'FULL' if durably else 'NORMAL'}")
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield
                    self._connection.execute("COMMIT")
                except BaseException:
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise translated(error) from error


def _child_of(parent: int, child: Received) -> Received:
    return Received(child.path, child.blob, child.source, child.declared, parent)


def _file_key(path: str) -> str | bytes:
    try:
        path.encode()
    except UnicodeEncodeError:
        return os.fsencode(path)
    return path
