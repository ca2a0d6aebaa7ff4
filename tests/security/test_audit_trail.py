"""The audit trail: what a chain can show, it shows."""

import json
import multiprocessing
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import TamperedError
from core.settings import Security
from security import ChainedAuditTrail, KeyRing


@pytest.fixture
def open_trail(tmp_path: Path) -> Callable[[], ChainedAuditTrail]:
    return lambda: ChainedAuditTrail(tmp_path / "audit.jsonl", KeyRing.open(Security(), tmp_path), "ada")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


def lines_of(file: Path) -> list[bytes]:
    return file.read_bytes().splitlines(keepends=True)


def filled(open_trail: Callable[[], ChainedAuditTrail]) -> ChainedAuditTrail:
    trail = open_trail()
    for number in range(5):
        trail.record("read", f"blob {number}", "é\n")
    return trail


def test_nothing_recorded_is_whole(open_trail: Callable[[], ChainedAuditTrail]) -> None:
    assert list(open_trail().entries()) == []
    assert open_trail().verify() == 0


def test_entries_come_back_in_order(open_trail: Callable[[], ChainedAuditTrail], file: Path) -> None:
    filled(open_trail)
    open_trail().record("discard", "q")
    entries = list(open_trail().entries())
    assert [each["subject"] for each in entries] == [*(f"blob {number}" for number in range(5)), "q"]
    assert entries[0]["actor"] == "ada"
    assert entries[0]["detail"] == "é\n"
    assert entries[0]["at"].endswith("Z")
    assert open_trail().verify() == 6
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("key", ["n", "at", "actor", "action", "subject", "detail", "previous", "mac"])
def test_a_changed_entry_is_named(open_trail: Callable[[], ChainedAuditTrail], file: Path, key: str) -> None:
    trail = filled(open_trail)
    lines = lines_of(file)
    entry = json.loads(lines[2])
    entry[key] = "else"
    lines[2] = json.dumps(entry).encode() + b"\n"
    file.write_bytes(b"".join(lines))
    with pytest.raises(TamperedError, match="Entry 2"):
        trail.verify()


@pytest.mark.parametrize("order", [(0, 1, 3, 4), (1, 2, 3, 4), (0, 2, 1, 3, 4), (0, 1, 2, 3, 4, 4), (0, 1, 1, 2, 3, 4)])
def test_a_removed_moved_or_repeated_entry_is_found(
    open_trail: Callable[[], ChainedAuditTrail], file: Path, order: tuple[int, ...]
) -> None:
    trail = filled(open_trail)
    lines = lines_of(file)
    file.write_bytes(b"".join(lines[place] for place in order))
    with pytest.raises(TamperedError, match="Entry"):
        trail.verify()


@pytest.mark.parametrize("kept", [0, 3, 4])
def test_entries_missing_at_the_end_are_found(
    open_trail: Callable[[], ChainedAuditTrail], file: Path, kept: int
) -> None:
    filled(open_trail)
    file.write_bytes(b"".join(lines_of(file)[:kept]))
    with pytest.raises(TamperedError, match="but had 5"):
        open_trail().verify()
    with pytest.raises(TamperedError, match="but had 5"):
        open_trail().record("read", "x")


def test_a_head_that_is_missing_changed_or_put_back_is_found(
    open_trail: Callable[[], ChainedAuditTrail], tmp_path: Path
) -> None:
    trail = open_trail()
    head = tmp_path / "audit.jsonl.head"
    trail.record("read", "0")
    early = head.read_bytes()
    trail.record("read", "1")
    trail.record("read", "2")
    head.write_bytes(early)
    with pytest.raises(TamperedError, match="put back"):
        trail.verify()
    head.write_bytes(early.replace(b"1", b"2", 1))
    with pytest.raises(TamperedError, match="does not verify"):
        trail.verify()
    head.unlink()
    with pytest.raises(TamperedError, match="missing"):
        trail.verify()


def test_a_line_torn_by_a_crash_is_dropped(open_trail: Callable[[], ChainedAuditTrail], file: Path) -> None:
    filled(open_trail)
    whole = file.read_bytes()
    file.write_bytes(whole + b'{"n": 5, "at": "20')
    assert open_trail().verify() == 5
    assert len(list(open_trail().entries())) == 5
    open_trail().record("read", "after")
    assert open_trail().verify() == 6


def test_a_crash_before_the_head_was_written_loses_nothing(
    open_trail: Callable[[], ChainedAuditTrail], tmp_path: Path
) -> None:
    trail = filled(open_trail)
    head = tmp_path / "audit.jsonl.head"
    before = head.read_bytes()
    trail.record("read", "last")
    head.write_bytes(before)
    assert open_trail().verify() == 6
    open_trail().record("read", "next")
    assert open_trail().verify() == 7


def test_the_account_is_the_actor_if_none_is_named(tmp_path: Path) -> None:
    trail = ChainedAuditTrail(tmp_path / "audit.jsonl", KeyRing.open(Security(), tmp_path))
    trail.record("read", "x")
    assert next(iter(trail.entries()))["actor"]


def test_a_long_entry_does_not_hide_the_chain(open_trail: Callable[[], ChainedAuditTrail]) -> None:
    open_trail().record("read", "x", "long " * 100_000)
    open_trail().record("read", "y")
    assert open_trail().verify() == 2


def test_another_key_cannot_write_the_chain(open_trail: Callable[[], ChainedAuditTrail], tmp_path: Path) -> None:
    filled(open_trail)
    stranger = ChainedAuditTrail(tmp_path / "audit.jsonl", KeyRing.open(Security(), tmp_path / "other"), "eve")
    with pytest.raises(TamperedError):
        stranger.record("read", "x")
    with pytest.raises(TamperedError):
        stranger.verify()


def _record_ten(home: str) -> None:
    trail = ChainedAuditTrail(Path(home) / "audit.jsonl", KeyRing.open(Security(), Path(home)), "worker")
    for number in range(10):
        trail.record("read", str(number))


def test_several_processes_keep_one_chain(open_trail: Callable[[], ChainedAuditTrail], tmp_path: Path) -> None:
    open_trail().record("open", "home")
    with multiprocessing.get_context("forkserver").Pool(2) as pool:
        pool.map(_record_ten, [str(tmp_path)] * 3, chunksize=1)
    assert open_trail().verify() == 31
