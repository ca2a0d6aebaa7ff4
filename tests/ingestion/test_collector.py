"""Collecting one file."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from core.blob import Blob
from core.errors import StorageError
from core.ports import Vault
from ingestion import Candidate, Collected, FileStamp, Refusal, candidate_at, collect
from ingestion.folder_walk import FolderWalk, is_temporary


class MemoryVault(Vault):
    """A vault of plain bytes, which may do something while it reads."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.meanwhile = lambda: None

    def put(self, source: BinaryIO) -> Blob:
        content = source.read()
        self.meanwhile()
        blob = Blob(hashlib.sha256(content).hexdigest(), len(content))
        self.kept[blob.sha256] = content
        return blob

    def read(self, sha256: str) -> Iterator[bytes]:
        yield self.kept[sha256]

    def __contains__(self, sha256: object) -> bool:
        return sha256 in self.kept

    def blobs(self) -> Iterator[str]:
        return iter(self.kept)

    def rewrap(self) -> int:
        return 0


@pytest.fixture
def vault() -> MemoryVault:
    return MemoryVault()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "in" / "deep" / "a.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"a,b\n1,2\n")
    return path


def candidate(path: Path) -> Candidate:
    return Candidate(str(path), FileStamp.of(path.lstat()), None, str(path.parents[1]), is_watched=True)


def test_a_file_is_in_the_vault_under_its_hash(vault: MemoryVault, file: Path) -> None:
    collected = collect(candidate(file), vault.put)
    assert isinstance(collected, Collected)
    assert vault.kept[collected.blob.sha256] == b"a,b\n1,2\n"
    received = collected.received("inbox")
    assert (received.path, received.blob, received.stamp) == (str(file), collected.blob, FileStamp.of(file.lstat()))


def test_a_file_that_a_person_names_leaves_no_stamp_for_the_scan(vault: MemoryVault, file: Path) -> None:
    named = candidate_at(file)
    assert isinstance(named, Candidate)
    collected = collect(named, vault.put)
    assert isinstance(collected, Collected)
    assert collected.received("drop").stamp is None


def test_a_file_that_changes_while_it_is_read_is_read_again_later(vault: MemoryVault, file: Path) -> None:
    def grow() -> None:
        with file.open("ab") as opened:
            opened.write(b"3,4\n")

    vault.meanwhile = grow
    refusal = collect(candidate(file), vault.put)
    assert isinstance(refusal, Refusal)
    assert (refusal.kind, refusal.is_retryable) == ("changed", True)


def test_a_file_that_is_gone_is_not_retried(vault: MemoryVault, file: Path) -> None:
    found = candidate(file)
    file.unlink()
    refusal = collect(found, vault.put)
    assert isinstance(refusal, Refusal)
    assert (refusal.kind, refusal.is_retryable) == ("gone", False)
    assert isinstance(candidate_at(file), Refusal)


def test_no_link_is_followed_below_the_root(vault: MemoryVault, file: Path, tmp_path: Path) -> None:
    found = candidate(file)
    secret = tmp_path / "outside" / "a.csv"
    secret.parent.mkdir()
    secret.write_bytes(b"secret")
    file.unlink()
    file.symlink_to(secret)
    assert isinstance(collect(found, vault.put), Refusal)
    file.unlink()
    file.parent.rmdir()
    file.parent.symlink_to(secret.parent)
    assert isinstance(collect(found, vault.put), Refusal)
    assert vault.kept == {}


def test_a_pipe_under_the_name_of_a_file_does_not_hold_anything_up(vault: MemoryVault, file: Path) -> None:
    found = candidate(file)
    file.unlink()
    os.mkfifo(file)
    refusal = collect(found, vault.put)
    assert isinstance(refusal, Refusal)
    assert refusal.kind == "special"


def test_an_error_of_the_disk_is_a_refusal_to_be_retried(vault: MemoryVault, file: Path) -> None:
    def fail() -> None:
        raise OSError(5, "Input/output error")

    vault.meanwhile = fail
    refusal = collect(candidate(file), vault.put)
    assert isinstance(refusal, Refusal)
    assert (refusal.kind, refusal.is_retryable) == ("unreadable", True)


def test_a_vault_that_cannot_take_it_is_an_error_not_a_refusal(vault: MemoryVault, file: Path) -> None:
    def fail() -> None:
        raise StorageError("The disk is full.")

    vault.meanwhile = fail
    with pytest.raises(StorageError):
        collect(candidate(file), vault.put)


@pytest.mark.parametrize("name", [".hidden", "~lock", "~$a.docx", "a.csv~", "A.PART", "x.crdownload", ".a.swp"])
def test_temporary_names_are_known(name: str) -> None:
    assert is_temporary(name)


@pytest.mark.parametrize("name", ["a.csv", "tmp", "part", "a.tmp.csv", "README", "a~b"])
def test_other_names_are_not_temporary(name: str) -> None:
    assert not is_temporary(name)


def test_a_folder_is_walked_without_links_and_temporary_names(tmp_path: Path) -> None:
    told: list[Refusal] = []
    folder = tmp_path / "dropped"
    for name in ("b/2.csv", "a/1.csv", "a/.hidden", ".git/config", "c.part"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    (folder / "out").symlink_to(tmp_path)
    (folder / "inside").symlink_to(folder / "a")
    os.mkfifo(folder / "pipe")
    found = sorted(path for path, _ in FolderWalk(str(folder), str(folder), told.append))
    assert found == [str(folder / "a/1.csv"), str(folder / "b/2.csv")]
    assert [(each.path, each.kind) for each in told] == [(str(folder / "out"), "link")]
