"""The inbox: what is seen, when, and once."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.settings import Ingestion
from ingestion import Candidate, FileStamp, FolderSource, Refusal
from ingestion.file_rest import is_open_for_writing

SETTINGS = Ingestion(rescan_seconds=0.2, settle_seconds=0.1)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "home" / "inbox"
    folder.mkdir(parents=True)
    return folder


def write(path: Path, content: str = "a,b\n", age: float = 60.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    then = time.time() - age
    os.utime(path, (then, then))
    return path


def names(found: list[Candidate], inbox: Path) -> list[str]:
    return [str(Path(each.path).relative_to(inbox)) for each in found]


def taken(source: FolderSource) -> list[Candidate]:
    found = source.scan()
    for each in found:
        source.finish(each)
    return found


@pytest.fixture
def arrives(inbox: Path) -> Iterator[Callable[[str], None]]:
    """Starts watching, by events for the next minute; gives a function that waits for a path."""
    source = FolderSource(inbox, Ingestion(rescan_seconds=60, settle_seconds=0.1))
    stop = threading.Event()
    seen: dict[str, list[float]] = {}

    def work() -> None:
        for found in source.watch(stop):
            for each in found:
                seen.setdefault(str(Path(each.path).relative_to(inbox)), []).append(time.monotonic())
                source.finish(each)

    def wait_for(name: str) -> None:
        began = time.monotonic()
        while name not in seen and time.monotonic() - began < 10:
            time.sleep(0.005)
        assert name in seen, f"{name} was not seen; {sorted(seen)} were"
        assert len(seen.pop(name)) == 1

    thread = threading.Thread(target=work)
    thread.start()
    time.sleep(0.3)
    yield wait_for
    stop.set()
    thread.join(5)
    assert not thread.is_alive()


def test_a_scan_gives_each_file_once(inbox: Path) -> None:
    write(inbox / "b.csv")
    write(inbox / "a" / "one-byte", "x")
    source = FolderSource(inbox, SETTINGS)
    assert names(taken(source), inbox) == ["a/one-byte", "b.csv"]
    assert source.scan() == []


def test_what_the_ledger_knows_is_not_given_after_a_restart_even_from_another_device_number(inbox: Path) -> None:
    path = write(inbox / "a.csv")
    stamp = FileStamp.of(path.lstat())._replace(device=999)
    source = FolderSource(inbox, SETTINGS, known={str(path): stamp, str(inbox / "old.csv"): stamp})
    assert source.scan() == []
    assert source.take_gone() == [str(inbox / "old.csv")]
    assert source.take_gone() == []


def test_a_file_replaced_by_another_of_the_same_size_and_time_is_seen(inbox: Path) -> None:
    path = write(inbox / "a.csv", "one")
    source = FolderSource(inbox, SETTINGS)
    taken(source)
    before = path.stat()
    other = write(inbox.parent / "other", "two")
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.rename(path)
    assert names(taken(source), inbox) == ["a.csv"]
    path.write_text("six")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert names(taken(source), inbox) == ["a.csv"], "the same inode, written over in place"


def test_a_growing_file_is_waited_for(inbox: Path) -> None:
    path = write(inbox / "a.csv", "x", age=0)
    source = FolderSource(inbox, SETTINGS)
    for _ in range(4):
        assert source.scan() == []
        assert source.waiting() == [str(path)]
        with path.open("a") as file:
            file.write("more")
        time.sleep(0.04)
    time.sleep(0.12)
    assert names(source.scan(), inbox) == ["a.csv"]


def test_a_file_from_the_future_rests_by_our_own_clock(inbox: Path) -> None:
    write(inbox / "a.csv", age=-3600)
    source = FolderSource(inbox, SETTINGS)
    assert source.scan() == []
    time.sleep(0.12)
    assert names(source.scan(), inbox) == ["a.csv"]


def test_a_file_that_someone_holds_open_for_writing_is_waited_for(inbox: Path) -> None:
    path = write(inbox / "a.csv")
    source = FolderSource(inbox, SETTINGS)
    with path.open("a"):
        if not is_open_for_writing(str(path)):
            pytest.skip("this file system gives no leases")
        assert source.scan() == []
    assert names(source.scan(), inbox) == ["a.csv"]


def test_a_file_renamed_into_place_rests_at_once(inbox: Path) -> None:
    source = FolderSource(inbox, SETTINGS)
    path = write(inbox / "a.csv.part", age=0)
    assert source.scan() == []
    path.rename(inbox / "a.csv")
    assert names(source.scan(), inbox) == ["a.csv"]


def test_temporary_and_hidden_names_links_and_pipes_are_left_alone(inbox: Path, tmp_path: Path) -> None:
    for name in (".x", "~$a.docx", "b.tmp", "c.part", ".hidden/d.csv", "e.csv~"):
        write(inbox / name)
    outside = write(tmp_path / "outside.csv")
    (inbox / "out").symlink_to(outside)
    (inbox / "broken").symlink_to(tmp_path / "nowhere")
    (inbox / "folder").symlink_to(tmp_path)
    os.mkfifo(inbox / "pipe")
    told: list[Refusal] = []
    source = FolderSource(inbox, SETTINGS, refuse=told.append)
    assert source.scan() == []
    assert source.scan() == []
    assert sorted(Path(each.path).name for each in told) == ["broken", "folder", "out"]
    assert all("leaves" in each.reason for each in told)


def test_a_link_within_the_inbox_is_no_second_file(inbox: Path) -> None:
    path = write(inbox / "a.csv")
    (inbox / "b.csv").symlink_to(path)
    (inbox / "loop").symlink_to(inbox)
    told: list[Refusal] = []
    assert names(FolderSource(inbox, SETTINGS, refuse=told.append).scan(), inbox) == ["a.csv"]
    assert told == []


def test_the_first_folder_declares_a_dataset_if_it_is_one(inbox: Path) -> None:
    for name in ("email/a", "email/deep/b", "reports/c", "email.csv", "deep/email/d"):
        write(inbox / name)
    datasets = {"email"}
    source = FolderSource(inbox, SETTINGS, datasets=datasets)
    declared = {str(Path(each.path).relative_to(inbox)): each.declared for each in source.scan()}
    assert declared == {
        "email/a": "email",
        "email/deep/b": "email",
        "reports/c": None,
        "email.csv": None,
        "deep/email/d": None,
    }


def test_a_file_deleted_while_it_waits_is_forgotten(inbox: Path) -> None:
    path = write(inbox / "a.csv", age=0)
    source = FolderSource(inbox, SETTINGS)
    source.scan()
    path.unlink()
    assert source.scan() == []
    assert source.waiting() == []


def test_a_failure_is_told_once_and_tried_again_later(inbox: Path) -> None:
    told: list[Refusal] = []
    write(inbox / "a.csv")
    source = FolderSource(inbox, SETTINGS, refuse=told.append)
    refusal = Refusal(str(inbox / "a.csv"), "unreadable", "It cannot be read.", "chmod", is_retryable=True)
    (found,) = source.scan()
    source.again(found, refusal)
    assert source.scan() == []
    time.sleep(0.21)
    (found,) = source.scan()
    source.again(found, refusal)
    time.sleep(0.21)
    assert source.scan() == [], "the pause doubles"
    time.sleep(0.21)
    assert names(source.scan(), inbox) == ["a.csv"]
    assert told == [refusal]


def test_a_file_that_changed_while_it_was_read_is_given_again_and_a_refused_one_is_not(inbox: Path) -> None:
    write(inbox / "a.csv")
    source = FolderSource(inbox, SETTINGS)
    (found,) = source.scan()
    source.again(found, Refusal(found.path, "changed", "It changed.", "", is_retryable=True))
    (found,) = source.scan()
    source.again(found, Refusal(found.path, "special", "No file.", "", is_retryable=False))
    assert source.scan() == []
    write(inbox / "a.csv", "other")
    assert names(source.scan(), inbox) == ["a.csv"]


def test_a_file_that_went_before_it_was_read_is_no_trouble(inbox: Path) -> None:
    told: list[Refusal] = []
    path = write(inbox / "a.csv")
    source = FolderSource(inbox, SETTINGS, refuse=told.append)
    (found,) = source.scan()
    path.unlink()
    source.again(found, Refusal(found.path, "gone", "It is gone.", "", is_retryable=False))
    assert (source.scan(), told) == ([], [])
    write(path)
    assert names(source.scan(), inbox) == ["a.csv"]


@pytest.mark.parametrize("after", ["move", "delete"])
def test_a_file_is_moved_or_deleted_when_the_ledger_has_it(inbox: Path, after: str) -> None:
    source = FolderSource(inbox, Ingestion(after=after, settle_seconds=0.1))
    for content in ("one", "two"):
        path = write(inbox / "email" / "a.csv", content)
        (found,) = source.scan()
        assert path.exists()
        source.finish(found)
        assert not path.exists()
    done = inbox.parent / "done" / "email"
    assert [each.read_text() for each in sorted(done.glob("*"))] == (["two", "one"] if after == "move" else [])
    assert source.scan() == []
    assert source.take_gone() == [str(path)]


def test_a_newer_file_is_not_deleted_in_place_of_the_one_that_was_collected(inbox: Path) -> None:
    path = write(inbox / "a.csv", "one")
    source = FolderSource(inbox, Ingestion(after="delete", settle_seconds=0.1))
    (found,) = source.scan()
    write(path, "newer")
    source.finish(found)
    assert path.read_text() == "newer"
    assert names(source.scan(), inbox) == ["a.csv"]


def test_a_disposal_that_a_crash_prevented_is_done_at_the_next_scan(inbox: Path) -> None:
    path = write(inbox / "a.csv")
    settings = Ingestion(after="delete", settle_seconds=0.1)
    source = FolderSource(inbox, settings, known={str(path): FileStamp.of(path.lstat())})
    assert source.scan() == []
    assert not path.exists()


def test_a_name_that_is_not_utf_8_is_seen(inbox: Path) -> None:
    path = os.fsencode(inbox) + b"/bad\xff.csv"
    with open(path, "w") as file:
        file.write("x")
    os.utime(path, (1, 1))
    source = FolderSource(inbox, SETTINGS)
    (found,) = taken(source)
    assert os.fsencode(found.path) == path


def test_files_folders_and_renames_are_seen_soon_after_they_come(
    inbox: Path, arrives: Callable[[str], None], tmp_path: Path
) -> None:
    (inbox / "small.csv").write_text("x")
    arrives("small.csv")
    folder = tmp_path / "elsewhere"
    write(folder / "deep" / "a.csv")
    write(folder / "b.csv")
    folder.rename(inbox / "moved")
    arrives("moved/deep/a.csv")
    arrives("moved/b.csv")
    part = inbox / "big.csv.part"
    part.write_text("x")
    time.sleep(0.05)
    part.rename(inbox / "big.csv")
    arrives("big.csv")
    (inbox / "late.csv").write_text("one")
    arrives("late.csv")
    (inbox / "late.csv").write_text("two")
    arrives("late.csv")


def test_unchanged_files_are_scanned_at_twenty_thousand_a_second(inbox: Path) -> None:
    known = {}
    for number in range(3_000):
        path = inbox / f"{number % 100:02}" / f"{number}.csv"
        path.parent.mkdir(exist_ok=True)
        path.touch()
        known[str(path)] = FileStamp.of(path.lstat())
    source = FolderSource(inbox, SETTINGS, known=known)
    source.scan()
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        assert source.scan() == []
        seconds.append(time.perf_counter() - began)
    assert 3_000 / min(seconds) > 20_000
