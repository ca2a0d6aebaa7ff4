"""What every vault promises."""

import hashlib
import io
import os
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import NotFoundError, StorageError, TamperedError
from core.settings import Security
from security import EnvelopeCipher, KeyRing
from storage import FsspecVault

MIB = 1 << 20


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing.open(Security(), tmp_path / "keys")


@pytest.fixture(params=["path", "file", "memory"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path, ring: KeyRing) -> Callable[[], FsspecVault]:
    url = {
        "path": str(tmp_path / "vault"),
        "file": f"file://{tmp_path / 'vault'}",
        "memory": f"memory://vault-{secrets.token_hex(8)}",
    }[request.param]
    return lambda: FsspecVault(url, EnvelopeCipher(ring))


@pytest.fixture
def vault(reopen: Callable[[], FsspecVault]) -> FsspecVault:
    return reopen()


@pytest.mark.parametrize("size", [0, 1, 3 * MIB + 1])
def test_what_is_put_is_read_back(reopen: Callable[[], FsspecVault], size: int) -> None:
    content = os.urandom(size)
    blob = reopen().put(io.BytesIO(content))
    assert (blob.sha256, blob.size) == (hashlib.sha256(content).hexdigest(), size)
    vault = reopen()
    assert blob.sha256 in vault
    assert b"".join(vault.read(blob.sha256)) == content


def test_the_same_content_twice_is_kept_once(vault: FsspecVault) -> None:
    first = vault.put(io.BytesIO(b"same"))
    taken = vault.size_on_disk()
    assert vault.put(io.BytesIO(b"same")) == first
    assert list(vault.blobs()) == [first.sha256]
    assert vault.size_on_disk() == taken > 4


def test_all_that_is_kept_is_listed(vault: FsspecVault) -> None:
    assert list(vault.blobs()) == []
    assert vault.size_on_disk() == 0
    kept = {vault.put(io.BytesIO(bytes([number]))).sha256 for number in range(20)}
    assert set(vault.blobs()) == kept


def test_what_is_put_together_is_there_at_the_end(reopen: Callable[[], FsspecVault]) -> None:
    contents = [bytes([number]) * number for number in range(150)] + [b"same", b"same"]
    with reopen().together() as put:
        names = [put(io.BytesIO(content)).sha256 for content in contents]
    vault = reopen()
    assert set(vault.blobs()) == set(names)
    assert [b"".join(vault.read(name)) for name in names] == contents


def test_a_source_that_fails_among_others_leaves_them_whole(vault: FsspecVault) -> None:
    class Broken(io.BytesIO):
        def readinto(self, _: memoryview) -> int:  # type: ignore[override]
            raise ConnectionResetError("gone")

    with vault.together() as put:
        first = put(io.BytesIO(b"first"))
        with pytest.raises(ConnectionResetError):
            put(Broken())
        last = put(io.BytesIO(b"last"))
    assert set(vault.blobs()) == {first.sha256, last.sha256}


def test_what_is_not_there_is_not_found(vault: FsspecVault) -> None:
    absent = "0" * 64
    assert absent not in vault
    assert 7 not in vault
    assert "../../etc/passwd" not in vault
    for name in (absent, "../" * 5 + "etc/passwd", "", "A" * 64):
        with pytest.raises(NotFoundError):
            list(vault.read(name))


def test_a_source_that_fails_leaves_nothing(vault: FsspecVault) -> None:
    class Broken(io.BytesIO):
        def readinto(self, _: memoryview) -> int:  # type: ignore[override]
            raise ConnectionResetError("gone")

    with pytest.raises(ConnectionResetError):
        vault.put(Broken())
    assert list(vault.blobs()) == []
    assert vault.size_on_disk() == 0


def test_rewrapping_puts_each_blob_under_the_newest_key(reopen: Callable[[], FsspecVault], ring: KeyRing) -> None:
    vault = reopen()
    contents = [os.urandom(10), os.urandom(2 * MIB), b""]
    names = [vault.put(io.BytesIO(content)).sha256 for content in contents]
    assert vault.rewrap() == 0
    ring.rotate()
    assert vault.rewrap() == 3
    assert vault.rewrap() == 0
    assert [b"".join(reopen().read(name)) for name in names] == contents


def test_an_unknown_kind_of_url_is_refused_with_what_to_do(ring: KeyRing) -> None:
    with pytest.raises(StorageError, match="Install the driver"):
        FsspecVault("nonsense://bucket", EnvelopeCipher(ring))


def test_other_bytes_under_a_name_do_not_verify(tmp_path: Path, ring: KeyRing) -> None:
    vault = FsspecVault(str(tmp_path / "vault"), EnvelopeCipher(ring))
    one, two = (vault.put(io.BytesIO(content)).sha256 for content in (b"one", b"two"))
    path = tmp_path / "vault" / one[:2] / one
    path.write_bytes((tmp_path / "vault" / two[:2] / two).read_bytes())
    with pytest.raises(TamperedError, match=one):
        list(vault.read(one))


def test_a_tampered_object_does_not_keep_the_others_from_the_new_key(tmp_path: Path, ring: KeyRing) -> None:
    vault = FsspecVault(str(tmp_path / "vault"), EnvelopeCipher(ring))
    bad, good = (vault.put(io.BytesIO(content)).sha256 for content in (b"one", b"two"))
    (tmp_path / "vault" / bad[:2] / bad).write_bytes(b"short")
    ring.rotate()
    with pytest.raises(TamperedError, match=bad):
        vault.rewrap()
    assert list(vault.read(good)) == [b"two"]
    with pytest.raises(TamperedError, match="1 objects"):
        vault.rewrap()


def test_an_object_cut_short_is_healed_by_the_same_content(tmp_path: Path, ring: KeyRing) -> None:
    vault = FsspecVault(str(tmp_path / "vault"), EnvelopeCipher(ring))
    name = vault.put(io.BytesIO(b"whole")).sha256
    (tmp_path / "vault" / name[:2] / name).write_bytes(b"")
    vault.put(io.BytesIO(b"whole"))
    assert list(vault.read(name)) == [b"whole"]


def test_leftovers_of_a_crash_are_removed_but_not_what_is_being_written(tmp_path: Path, ring: KeyRing) -> None:
    folder = tmp_path / "vault"
    vault = FsspecVault(str(folder), EnvelopeCipher(ring))
    (folder / "unfinished" / "left").write_bytes(b"half")

    class Slow(io.BytesIO):
        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
            FsspecVault(str(folder), EnvelopeCipher(ring))
            return super().readinto(buffer)

    name = vault.put(Slow(b"late")).sha256
    assert list(vault.read(name)) == [b"late"]
    assert list((folder / "unfinished").iterdir()) == []


def test_nothing_of_a_group_that_is_given_up_is_kept(tmp_path: Path, ring: KeyRing) -> None:
    vault = FsspecVault(str(tmp_path / "vault"), EnvelopeCipher(ring))

    def give_up() -> None:
        with vault.together() as put:
            put(io.BytesIO(b"first"))
            raise InterruptedError

    with pytest.raises(InterruptedError):
        give_up()
    assert list(vault.blobs()) == []
    assert list((tmp_path / "vault" / "unfinished").iterdir()) == []


def test_only_the_owner_may_read_what_is_kept(tmp_path: Path, ring: KeyRing) -> None:
    vault = FsspecVault(str(tmp_path / "vault"), EnvelopeCipher(ring))
    name = vault.put(io.BytesIO(b"x")).sha256
    assert (tmp_path / "vault" / name[:2] / name).stat().st_mode & 0o077 == 0
