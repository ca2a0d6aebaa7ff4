"""The ledger: fates, batches, quarantine and books."""

import hashlib
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.blob import Blob, Fault, Outcome
from core.errors import BusyError, NotFoundError, StorageError
from ingestion import ArrivalState, FileStamp, Ledger, Received, Result, Step

REPOSITORY = Path(__file__).resolve().parents[2]
FAULT = Fault("preparation", "The PDF is encrypted.", "Drop it without its password.")


def blob_of(text: str) -> Blob:
    content = text.encode()
    return Blob(hashlib.sha256(content).hexdigest(), len(content))


def received(path: str, content: str | None = None, **more: object) -> Received:
    return Received(path, blob_of(path if content is None else content), **more)  # type: ignore[arg-type]


def stored(arrival: int, rows: int = 3, rejected: int = 1, **more: object) -> Result:
    return Result(arrival, Outcome.STORED, "sensor_reading", "text/csv", 0.9, "headers", rows, rejected, **more)  # type: ignore[arg-type]


def refused(arrival: int, fault: Fault = FAULT) -> Result:
    return Result(arrival, Outcome.QUARANTINED, "document", "application/pdf", 1.0, "magic", fault=fault)


def store(ledger: Ledger, *arrivals: int) -> None:
    ledger.close_batch(ledger.open_batch(arrivals), {"sensor_reading": 0}, [stored(each) for each in arrivals])


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.db") as opened:
        yield opened
        assert opened.audit_books() == []


def test_an_empty_ledger_is_balanced(ledger: Ledger) -> None:
    assert ledger.books() == {
        "received": 0,
        "stored": 0,
        "duplicate": 0,
        "quarantined": 0,
        "in_flight": 0,
        "balanced": True,
        "bytes": 0,
        "rows": 0,
        "rejected_rows": 0,
        "datasets": {},
    }


def test_an_arrival_is_in_flight_until_its_batch_is_closed(ledger: Ledger) -> None:
    (first,) = ledger.receive([received("in/a.csv", declared="sensor_reading")])
    assert first.state is ArrivalState.RECEIVED
    assert first.declared == "sensor_reading"
    assert [each.id for each in ledger.claim(5)] == [first.id]
    assert ledger.claim(5) == []
    batch = ledger.open_batch([first.id])
    assert ledger.books()["in_flight"] == 1
    assert [open_.id for open_ in ledger.open_batches()] == [batch]
    assert ledger.close_batch(batch, {"sensor_reading": 4, "blob": 9}, [stored(first.id)]) == []
    done = ledger.arrival(first.id)
    assert (done.state, done.rows, done.rejected_rows, done.batch) == (ArrivalState.STORED, 3, 1, batch)
    assert done.is_finished
    assert ledger.versions(batch) == {"blob": 9, "sensor_reading": 4}
    assert ledger.open_batches() == []
    books = ledger.books()
    assert books["datasets"] == {"sensor_reading": {"blobs": 1, "rows": 3, "rejected_rows": 1}}
    assert (books["stored"], books["rows"], books["balanced"]) == (1, 3, True)


def test_rows_of_several_datasets_are_counted_under_each(ledger: Ledger) -> None:
    (first,) = ledger.receive([received("book.xlsx")])
    tables = {"sensor_reading": (2, 1), "email": (1, 0)}
    ledger.close_batch(ledger.open_batch([first.id]), {}, [stored(first.id, rows=3, rejected=1, tables=tables)])
    assert ledger.tables(first.id) == {"email": (1, 0), "sensor_reading": (2, 1)}
    assert ledger.books()["datasets"] == {
        "email": {"blobs": 0, "rows": 1, "rejected_rows": 0},
        "sensor_reading": {"blobs": 1, "rows": 2, "rejected_rows": 1},
    }


def test_the_same_bytes_again_are_a_duplicate_whether_stored_or_in_flight(ledger: Ledger) -> None:
    first, second = ledger.receive([received("a.csv", "x"), received("b.csv", "x")])
    assert (first.state, second.state) == (ArrivalState.RECEIVED, ArrivalState.DUPLICATE)
    store(ledger, first.id)
    (third,) = ledger.receive([received("c.csv", "x")])
    assert (third.state, third.dataset, third.media_type) == (ArrivalState.DUPLICATE, "sensor_reading", "text/csv")
    assert ledger.arrival(second.id).dataset == "sensor_reading"
    assert ledger.claim(9) == []
    books = ledger.books()
    assert (books["received"], books["stored"], books["duplicate"]) == (3, 1, 2)


def test_the_same_bytes_of_a_quarantined_blob_join_its_entry(ledger: Ledger) -> None:
    (first,) = ledger.receive([received("a.pdf", "x")])
    ledger.claim()
    ledger.finish([refused(first.id)])
    (second,) = ledger.receive([received("b.pdf", "x")])
    assert (second.state, second.reason, second.fix) == (ArrivalState.QUARANTINED, FAULT.reason, FAULT.fix)
    (entry,) = ledger.quarantine()
    assert entry.id == first.blob[:12]
    assert entry.paths == ("a.pdf", "b.pdf")
    assert (entry.path, entry.attempts, entry.state, entry.bytes) == ("a.pdf", 1, "open", 1)
    assert ledger.books()["quarantined"] == 2


def test_a_replay_that_succeeds_leaves_no_entry_and_makes_the_others_duplicates(ledger: Ledger) -> None:
    (first,) = ledger.receive([received("a.pdf", "x")])
    ledger.finish([refused(first.id)])
    (second,) = ledger.receive([received("b.pdf", "x")])
    again = ledger.replay(first.blob[:12])
    assert (again.id, again.state, again.attempts) == (first.id, ArrivalState.RECEIVED, 0)
    assert ledger.replay(first.blob[:12]).id == first.id
    assert ledger.quarantine()[0].state == "replaying"
    store(ledger, *(each.id for each in ledger.claim(9)))
    assert ledger.quarantine() == []
    assert ledger.arrival(first.id).state is ArrivalState.STORED
    assert ledger.arrival(second.id).state is ArrivalState.DUPLICATE
    assert ledger.arrival(second.id).reason is None


def test_a_replay_that_fails_counts_an_attempt_and_has_the_new_reason(ledger: Ledger) -> None:
    first, other = ledger.receive([received("a.pdf", "x"), received("other.pdf", "y")])
    ledger.finish([refused(first.id), refused(other.id)])
    (second,) = ledger.receive([received("b.pdf", "x")])
    ledger.replay(first.blob)
    ledger.claim()
    ledger.finish([refused(first.id, Fault("preparation", "It took too long.", "Raise the limit."))])
    entry = ledger.quarantine_entry(first.blob[:12])
    assert (entry.attempts, entry.state, entry.reason) == (2, "open", "It took too long.")
    assert ledger.arrival(second.id).reason == "It took too long."
    assert ledger.arrival(other.id).reason == FAULT.reason


def test_a_discarded_entry_stays_counted_and_says_why(ledger: Ledger) -> None:
    (first,) = ledger.receive([received("a.pdf", "x")])
    ledger.finish([refused(first.id)])
    ledger.discard(first.blob[:12], "an advertisement")
    assert ledger.quarantine() == []
    (entry,) = ledger.quarantine(with_discarded=True)
    assert (entry.state, entry.because) == ("discarded", "an advertisement")
    assert ledger.books()["quarantined"] == 1
    ledger.replay(entry.id)
    with pytest.raises(BusyError):
        ledger.discard(entry.id, "no")


def test_an_unknown_entry_is_not_found(ledger: Ledger) -> None:
    with pytest.raises(NotFoundError, match="No quarantine entry"):
        ledger.replay("abc")
    with pytest.raises(NotFoundError, match="No quarantine entry"):
        ledger.quarantine_entry("")


def test_children_come_in_with_the_fate_of_their_parent(ledger: Ledger) -> None:
    (outer,) = ledger.receive([received("in/outer.zip")])
    child = received("in/outer.zip!/inner.csv")
    twin = received("in/outer.zip!/twin.csv", "in/outer.zip!/inner.csv")
    batch = ledger.open_batch([outer.id])
    inner, copy = ledger.close_batch(batch, {}, [stored(outer.id, children=(child, twin))])
    assert (inner.parent, inner.state, copy.state) == (outer.id, ArrivalState.RECEIVED, ArrivalState.DUPLICATE)
    grandchild = received("in/outer.zip!/inner.csv!/deep.txt")
    ledger.close_batch(ledger.open_batch([inner.id]), {}, [stored(inner.id, children=(grandchild,))])
    assert [each.path for each in ledger.family(outer.id)][-1] == grandchild.path
    assert len(ledger.family(outer.id)) == 4


def test_a_batch_is_closed_once_and_with_all_its_results(ledger: Ledger) -> None:
    a, b = ledger.receive([received("a"), received("b")])
    batch = ledger.open_batch([a.id, b.id])
    with pytest.raises(StorageError, match="not one for each"):
        ledger.close_batch(batch, {}, [stored(a.id)])
    assert ledger.arrival(a.id).state is ArrivalState.BATCHED
    ledger.close_batch(batch, {}, [stored(a.id), refused(b.id)])
    with pytest.raises(StorageError, match="not open"):
        ledger.close_batch(batch, {}, [stored(a.id), refused(b.id)])
    with pytest.raises(StorageError, match="not being prepared"):
        ledger.open_batch([a.id])
    with pytest.raises(StorageError, match="not being prepared"):
        ledger.finish([refused(a.id)])


def test_recovery_puts_claims_back_and_keeps_batches_open(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger(path) as ledger:
        a, b, c = ledger.receive([received("a"), received("b"), received("c")])
        ledger.claim(2)
        batch = ledger.open_batch([a.id])
    with Ledger(path) as ledger:
        assert [each.id for each in ledger.recover()] == [b.id]
        assert [(each.id, each.arrivals[0].id) for each in ledger.open_batches()] == [(batch, a.id)]
        assert [each.id for each in ledger.claim(9)] == [b.id, c.id]
        assert ledger.arrival(b.id).attempts == 2
        ledger.unclaim([b.id])
        assert [each.id for each in ledger.in_flight()] == [a.id, b.id, c.id]
        assert ledger.open_batch([b.id]) > batch


def test_a_file_is_known_from_the_moment_it_is_an_arrival(ledger: Ledger) -> None:
    stamp = FileStamp(1, -5, 3, 4, 5)
    names = ["in/a.csv", "in/bad\udcff.csv"]
    arrivals = ledger.receive([received(names[0], stamp=stamp), Received(names[1], blob_of("y"), stamp=stamp)])
    assert ledger.known_files() == dict.fromkeys(names, stamp)
    assert arrivals[1].path == "in/bad\\xff.csv"
    assert ledger.find(names[1])[0].id == arrivals[1].id
    ledger.forget_files([names[1]])
    assert set(ledger.known_files()) == {"in/a.csv"}


def test_an_arrival_is_found_by_path_by_the_end_of_its_path_and_by_its_blob(ledger: Ledger) -> None:
    first, second = ledger.receive([received("home/in/a.csv"), received("home/in/ba.csv")])
    for words in (
        "home/in/a.csv",
        "a.csv",
        "in/a.csv",
        "./in/a.csv",
        first.blob,
        first.blob[:8],
        first.blob[:9].upper(),
    ):
        assert [each.id for each in ledger.find(words)] == [first.id], words
    assert ledger.find("nowhere.csv") == []
    assert ledger.find("") == []
    assert [each.id for each in ledger.recent(1)] == [second.id]
    assert ledger.recent(5, ArrivalState.STORED) == []
    with pytest.raises(NotFoundError):
        ledger.arrival(99)


def test_steps_come_back_in_the_order_of_their_times(ledger: Ledger) -> None:
    (first,) = ledger.receive([received("a")])
    late = Step(first.id, "storage", "append", "version 3", 0.2, at="2030-01-01T00:00:00.000Z")
    ledger.add_steps([late, Step(first.id, "ingestion", "collect")])
    steps = ledger.steps(first.id)
    assert [each.step for each in steps] == ["collect", "append"]
    assert steps[0].at.endswith("Z")


def test_arrivals_per_minute_leave_no_minute_out(ledger: Ledger) -> None:
    first, _ = ledger.receive([received("a"), received("b")])
    store(ledger, first.id)
    minutes = ledger.arrivals_per_minute(30)
    assert len(minutes) == 30
    assert sum(each["arrivals"] for each in minutes[-2:]) == 2
    assert sum(each["bytes"] for each in minutes) == 2
    assert sum(each["rows"] for each in minutes) == 3


def test_a_failed_change_changes_nothing(ledger: Ledger) -> None:
    bad = Received("b", Blob("0" * 64, 1), parent=77)
    with pytest.raises(StorageError):
        ledger.receive([received("a"), bad])
    assert ledger.books()["received"] == 0


def test_a_result_without_its_reasons_is_refused() -> None:
    with pytest.raises(ValueError, match="names no dataset"):
        Result(1, Outcome.STORED)
    with pytest.raises(ValueError, match="names no fault"):
        Result(1, Outcome.QUARANTINED)
    with pytest.raises(ValueError, match="only the ledger"):
        Result(1, Outcome.DUPLICATE)


def test_a_reader_sees_what_is_committed_and_cannot_write(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with pytest.raises(NotFoundError, match="no ledger"):
        Ledger.open_reader(path)
    with Ledger(path) as ledger, Ledger.open_reader(path) as reader:
        ledger.receive([received("a")])
        assert reader.books()["received"] == 1
        with pytest.raises(sqlite3.OperationalError):
            reader._connection.execute("DELETE FROM steps")
    with Ledger.open_reader(path) as reader:
        assert reader.books()["received"] == 1


def test_only_the_owner_may_read_the_ledger(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.db") as ledger:
        ledger.receive([received("a")])
        assert [each.stat().st_mode & 0o077 for each in tmp_path.iterdir()] == [0, 0, 0]


def test_reading_the_ledger_imports_no_frames() -> None:
    code = "import sys, ingestion; sys.exit('polars' in sys.modules or 'watchfiles' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=REPOSITORY).returncode == 0


def test_what_is_no_ledger_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(b"not a database at all" * 50)
    with pytest.raises(StorageError, match="cannot be opened"):
        Ledger(path)
    with pytest.raises(StorageError, match="cannot be made"):
        Ledger(path / "below a file" / "ledger.db")
    newer = tmp_path / "newer.db"
    connection = sqlite3.connect(newer)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StorageError, match="version 99"):
        Ledger(newer)


def test_tampered_books_are_found_by_the_audit(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger(path) as ledger:
        ledger.receive([received("a")])
    connection = sqlite3.connect(path)
    connection.execute("UPDATE received_book SET arrivals = 2")
    connection.commit()
    connection.close()
    with Ledger(path) as ledger:
        assert ledger.books()["balanced"] is False
        assert any("received" in each for each in ledger.audit_books())


def test_threads_share_one_ledger(ledger: Ledger) -> None:
    def work(number: int) -> None:
        for turn in range(20):
            ledger.receive([received(f"{number}/{turn}", str(turn))])
            ledger.books()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    books = ledger.books()
    assert (books["received"], books["duplicate"], books["in_flight"]) == (80, 60, 20)


def test_thousands_of_arrivals_a_second_are_taken_in_and_the_books_stay_quick(ledger: Ledger) -> None:
    items = [received(f"in/{number}", stamp=FileStamp(1, number, 1, 1, 1)) for number in range(4000)]
    began = time.perf_counter()
    ledger.receive(items)
    assert 4000 / (time.perf_counter() - began) > 2000
    began = time.perf_counter()
    for _ in range(20):
        ledger.books()
    assert (time.perf_counter() - began) / 20 < 0.02
