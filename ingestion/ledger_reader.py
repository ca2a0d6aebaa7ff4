"""Reading the ledger, beside its writer or as part of it."""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from core.errors import NotFoundError
from ingestion.ledger_connection import connected, json_list
from ingestion.records import Arrival, ArrivalState, FileStamp, OpenBatch, QuarantineEntry, Step, shown

MIN_BLOB_PREFIX_CHARS = 8
_HEX = frozenset("0123456789abcdef")
_PATHS = "SELECT path FROM arrivals WHERE blob = ? GROUP BY path ORDER BY min(id)"
_ENTRY = """
    SELECT q.id, a.path, q.blob, q.layer, q.reason, q.fix, a.received_at, a.bytes, q.attempts, q.state, q.because,
        q.arrival FROM quarantine q JOIN arrivals a ON a.id = q.arrival
"""


class LedgerReader:
    """What the ledger knows. Safe to use from several threads; never blocks the writer.

    Args:
        path: The ledger's file.

    Raises:
        NotFoundError: If there is no ledger there.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise NotFoundError(f"There is no ledger at {path}.", "Take something in first: penstock drop PATH.")
        self._lock = threading.RLock()
        self._connection = connected(path, "ro")

    def books(self) -> dict[str, Any]:
        """The books over all time, from counters; `audit_books` recounts them."""
        with self._reading():
            received = self._one("SELECT arrivals, bytes FROM received_book")
            states = {row["state"]: row for row in self._all("SELECT * FROM state_books")}
            datasets = self._all("SELECT * FROM dataset_books ORDER BY dataset")
        counts = {state: row["arrivals"] for state, row in states.items()}
        in_flight = counts["received"] + counts["preparing"] + counts["batched"]
        fates = {name: counts[name] for name in ("stored", "duplicate", "quarantined")}
        return {
            "received": received["arrivals"],
            **fates,
            "in_flight": in_flight,
            "balanced": received["arrivals"] == in_flight + sum(fates.values()),
            "bytes": received["bytes"],
            "rows": states["stored"]["rows"],
            "rejected_rows": states["stored"]["rejected_rows"],
            "datasets": {
                row["dataset"]: {key: row[key] for key in ("blobs", "rows", "rejected_rows")} for row in datasets
            },
        }

    def waiting(self) -> int:
        """How many arrivals wait to be claimed."""
        return int(self._one("SELECT arrivals FROM state_books WHERE state = 'received'")["arrivals"])

    def unfinished(self) -> int:
        """How many arrivals have no fate yet."""
        sql = "SELECT sum(arrivals) AS n FROM state_books WHERE state IN ('received', 'preparing', 'batched')"
        return int(self._one(sql)["n"])

    def audit_books(self) -> list[str]:
        """Checks the file and recounts every arrival; a sentence for each fault and each number that differs."""
        with self._reading():
            faults = [row["quick_check"] for row in self._all("PRAGMA quick_check") if row["quick_check"] != "ok"]
            kept = self.books()
            recounted = self._recount()
        wrong = faults + [
            f"{key}: the books say {kept[key]}, a recount says {value}"
            for key, value in recounted.items()
            if kept[key] != value
        ]
        return wrong if kept["balanced"] else [*wrong, "received is not stored + duplicate + quarantined + in flight"]

    def arrival(self, arrival_id: int) -> Arrival:
        """The arrival of that id.

        Raises:
            NotFoundError: If there is none.
        """
        found = self.arrivals([arrival_id])
        if not found:
            raise NotFoundError(f"There is no arrival {arrival_id}.", "See penstock status.")
        return found[0]

    def arrivals(self, ids: Sequence[int]) -> list[Arrival]:
        """The arrivals of those ids, by id."""
        asked = json_list(ids)
        return self._arrivals("SELECT * FROM arrivals WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id", asked)

    def family(self, arrival_id: int) -> list[Arrival]:
        """An arrival and all that came out of it, by id: members of archives, attachments, theirs."""
        sql = """
            WITH RECURSIVE inside (id) AS (
                SELECT ? UNION SELECT a.id FROM arrivals a JOIN inside ON a.parent = inside.id
            ) SELECT * FROM arrivals WHERE id IN inside ORDER BY id
        """
        return self._arrivals(sql, arrival_id)

    def find(self, path_or_blob: str) -> list[Arrival]:
        """The arrivals of a path, of a blob (whole or its first 8 digits or more), or of an ending of a path."""
        path_or_blob = shown(path_or_blob)
        found = self._arrivals("SELECT * FROM arrivals WHERE path = ? ORDER BY id", path_or_blob)
        digits = path_or_blob.lower()
        if not found and len(digits) >= MIN_BLOB_PREFIX_CHARS and set(digits) <= _HEX:
            sql = "SELECT * FROM arrivals WHERE blob >= ? AND blob < ? ORDER BY id"
            found = self._arrivals(sql, digits, digits + "g")
        if not found and path_or_blob:
            ending = "/" + path_or_blob.lstrip("./")
            found = self._arrivals("SELECT * FROM arrivals WHERE substr(path, -length(?1)) = ?1 ORDER BY id", ending)
        return found

    def recent(self, limit: int = 50, state: ArrivalState | None = None) -> list[Arrival]:
        """The newest arrivals, newest first; of one state if given."""
        if state is None:
            return self._arrivals("SELECT * FROM arrivals ORDER BY id DESC LIMIT ?", limit)
        return self._arrivals("SELECT * FROM arrivals WHERE state = ? ORDER BY id DESC LIMIT ?", state.value, limit)

    def arrivals_per_minute(self, minutes: int = 60) -> list[dict[str, Any]]:
        """``minute``, ``arrivals``, ``bytes`` and accepted ``rows`` of each of the last minutes, oldest first.

        A minute is that of arrival; no minute is left out. Rows count once their arrival is stored.
        """
        now = datetime.now(UTC)
        names = [(now - timedelta(minutes=back)).strftime("%Y-%m-%dT%H:%M") for back in range(minutes - 1, -1, -1)]
        sql = """
            SELECT substr(received_at, 1, 16) AS minute, count(*) AS arrivals, sum(bytes) AS bytes,
                sum(CASE state WHEN 'stored' THEN rows ELSE 0 END) AS rows
            FROM arrivals WHERE received_at >= ? GROUP BY 1
        """
        counted = {row["minute"]: row for row in self._all(sql, names[0])} if names else {}
        empty = dict.fromkeys(("arrivals", "bytes", "rows"), 0)
        return [{**empty, **counted.get(name, {}), "minute": f"{name}Z"} for name in names]

    def in_flight(self, limit: int = 1000) -> list[Arrival]:
        """Arrivals without a fate, oldest first."""
        sql = "SELECT * FROM arrivals WHERE state IN ('received', 'preparing', 'batched') ORDER BY id LIMIT ?"
        return self._arrivals(sql, limit)

    def steps(self, arrival_id: int) -> list[Step]:
        """What happened to an arrival, in order."""
        sql = "SELECT arrival, layer, step, detail, seconds, at FROM steps WHERE arrival = ? ORDER BY at, id"
        return [Step(**row) for row in self._all(sql, arrival_id)]

    def tables(self, arrival_id: int) -> dict[str, tuple[int, int]]:
        """Dataset → (rows, rejected rows) that came out of an arrival."""
        sql = "SELECT dataset, rows, rejected_rows FROM arrival_tables WHERE arrival = ? ORDER BY dataset"
        return {row["dataset"]: (row["rows"], row["rejected_rows"]) for row in self._all(sql, arrival_id)}

    def open_batches(self) -> list[OpenBatch]:
        """Batches that were opened and not closed, oldest first: redo them in this order, under the same id."""
        with self._reading():
            ids = [row["id"] for row in self._all("SELECT id FROM batches WHERE state = 'open' ORDER BY id")]
            sql = "SELECT * FROM arrivals WHERE batch = ? ORDER BY id"
            return [OpenBatch(batch, tuple(self._arrivals(sql, batch))) for batch in ids]

    def versions(self, batch: int) -> dict[str, int]:
        """Dataset → the lake version that a closed batch reached."""
        sql = "SELECT dataset, version FROM batch_versions WHERE batch = ? ORDER BY dataset"
        return {row["dataset"]: row["version"] for row in self._all(sql, batch)}

    def known_files(self) -> dict[str, FileStamp]:
        """Path → stamp of each file that a source has taken in."""
        with self._reading():
            cursor = self._connection.execute("SELECT path, device, inode, size, mtime_ns, ctime_ns FROM files")
            return {os.fsdecode(row[0]): FileStamp(*row[1:]) for row in map(tuple, cursor)}

    def blobs(self) -> set[str]:
        """The SHA-256 of every blob that ever arrived, for comparing with the vault."""
        return {row["blob"] for row in self._all("SELECT blob FROM owners")}

    def stored_blobs(self) -> set[str]:
        """The SHA-256 of every blob that is stored."""
        return {row["blob"] for row in self._all("SELECT blob FROM arrivals WHERE state = 'stored'")}

    def rows_by_blob(self, dataset: str) -> dict[str, int]:
        """Blob → its accepted rows of a dataset, for comparing with the lake; blobs without any are left out."""
        sql = """
            SELECT a.blob, t.rows FROM arrival_tables t JOIN arrivals a ON a.id = t.arrival
            WHERE t.dataset = ? AND t.rows > 0 AND a.state = 'stored'
        """
        return {row["blob"]: row["rows"] for row in self._all(sql, dataset)}

    def quarantine(self, *, with_discarded: bool = False) -> list[QuarantineEntry]:
        """The quarantine, oldest first."""
        found = self._all(_ENTRY + " WHERE q.state <> 'discarded' OR ? ORDER BY q.arrival", with_discarded)
        return [self._entry(row) for row in found]

    def quarantine_entry(self, entry_id: str) -> QuarantineEntry:
        """The entry of that id, discarded or not; a whole SHA-256 or a prefix that fits one will do.

        Raises:
            NotFoundError: If no entry, or more than one, begins with it.
        """
        digits = entry_id.lower()
        sql = _ENTRY + " WHERE q.id = ?1 OR (q.blob >= ?1 AND q.blob < ?1 || 'g') ORDER BY q.id LIMIT 2"
        found = self._all(sql, digits) if digits else []
        if len(found) != 1:
            what = "More than one quarantine entry begins" if found else "No quarantine entry begins"
            raise NotFoundError(f"{what} with {entry_id!r}.", "See penstock quarantine list.")
        return self._entry(found[0])

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _recount(self) -> dict[str, Any]:
        sql = "SELECT state, count(*) AS n, sum(rows) AS r, sum(rejected_rows) AS j FROM arrivals GROUP BY state"
        states = {row["state"]: row for row in self._all(sql)}
        counts = {state.value: states[state.value]["n"] if state.value in states else 0 for state in ArrivalState}
        stored = states.get("stored", {"r": 0, "j": 0})
        blobs_sql = "SELECT dataset, count(*) AS blobs FROM arrivals WHERE state = 'stored' GROUP BY dataset"
        blobs = {row["dataset"]: row["blobs"] for row in self._all(blobs_sql)}
        rows_sql = "SELECT dataset, sum(rows) AS r, sum(rejected_rows) AS j FROM arrival_tables GROUP BY dataset"
        rows = {row["dataset"]: (row["r"], row["j"]) for row in self._all(rows_sql)}
        return {
            "received": sum(counts.values()),
            "stored": counts["stored"],
            "duplicate": counts["duplicate"],
            "quarantined": counts["quarantined"],
            "in_flight": counts["received"] + counts["preparing"] + counts["batched"],
            "bytes": self._one("SELECT coalesce(sum(bytes), 0) AS b FROM arrivals")["b"],
            "rows": stored["r"],
            "rejected_rows": stored["j"],
            "datasets": {
                name: {"blobs": blobs.get(name, 0), "rows": counted[0], "rejected_rows": counted[1]}
                for name in sorted(blobs.keys() | rows.keys())
                for counted in [rows.get(name, (0, 0))]
            },
        }

    def _entry(self, row: dict[str, Any]) -> QuarantineEntry:
        return QuarantineEntry(**row, paths=tuple(found["path"] for found in self._all(_PATHS, row["blob"])))

    def _arrivals(self, sql: str, *parameters: Any) -> list[Arrival]:
        return [Arrival(**row | {"state": ArrivalState(row["state"])}) for row in self._all(sql, *parameters)]

    def _one(self, sql: str, *parameters: Any) -> dict[str, Any]:
        return self._all(sql, *parameters)[0]

    def _all(self, sql: str, *parameters: Any) -> list[dict[str, Any]]:
        with self._lock:
            return [dict(row) for row in self._connection.execute(sql, parameters)]

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Several reads of one moment."""
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.execute("ROLLBACK")
