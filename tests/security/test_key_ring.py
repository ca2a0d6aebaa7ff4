"""The key ring: made once, private, rotated."""

import json
import multiprocessing
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from core.errors import KeyRingError, TamperedError
from core.settings import Security
from security import KeyRing


def test_the_file_is_made_once_and_private(tmp_path: Path) -> None:
    ring = KeyRing.open(Security(), tmp_path / "home")
    file = tmp_path / "home" / "keys.json"
    assert file.stat().st_mode & 0o777 == 0o600
    again = KeyRing.open(Security(), tmp_path / "home")
    assert again.describe() == ring.describe()
    assert again.decrypt(ring.encrypt(b"x")) == b"x"
    assert [each.name for each in (tmp_path / "home").iterdir()] == ["keys.json"]


def test_another_key_file_may_be_named(tmp_path: Path) -> None:
    file = tmp_path / "elsewhere" / "ring.json"
    KeyRing.open(Security(key_file=str(file)), tmp_path / "home")
    assert file.is_file()
    assert not (tmp_path / "home").exists()


def test_a_file_that_others_can_read_is_refused_with_the_fix(tmp_path: Path) -> None:
    KeyRing.open(Security(), tmp_path)
    file = tmp_path / "keys.json"
    file.chmod(0o640)
    with pytest.raises(KeyRingError, match=f"chmod 600 {file}"):
        KeyRing.open(Security(), tmp_path)


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '{"version": 1, "keys": [], "root": ""}', '{"keys": [{"key": "x"}]}']
)
def test_what_is_no_key_ring_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "keys.json"
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(KeyRingError):
        KeyRing.open(Security(), tmp_path)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(KeyRingError, match="cannot be made"):
        KeyRing.open(Security(), tmp_path / "file" / "home")


def test_new_keys_are_not_made_over_sealed_bytes(tmp_path: Path) -> None:
    (tmp_path / "vault" / "ab").mkdir(parents=True)
    with pytest.raises(KeyRingError, match="Restore the key file"):
        KeyRing.open(Security(), tmp_path)


def test_rotation_seals_with_the_new_key_and_opens_with_all(tmp_path: Path) -> None:
    ring = KeyRing.open(Security(), tmp_path)
    beside = KeyRing.open(Security(), tmp_path)
    old, token, purpose = ring.primary, ring.encrypt(b"x"), ring.derived("fingerprint")
    fresh = ring.rotate()
    assert ring.primary == fresh != old
    assert [each["state"] for each in ring.describe()] == ["active", "retired"]
    assert ring.decrypt(token) == b"x"
    assert ring.derived("fingerprint") == purpose
    assert beside.decrypt(ring.encrypt(b"y")) == b"y", "a ring in another process learns of the new key"
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600


def test_keys_from_the_settings_open_newest_first_and_cannot_be_rotated(tmp_path: Path) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    before = KeyRing.open(Security(keys=old), tmp_path)
    after = KeyRing.open(Security(keys=f"{new}, {old}"), tmp_path)
    assert after.decrypt(before.encrypt(b"x")) == b"x"
    assert after.derived("fingerprint") == before.derived("fingerprint")
    assert [each["created_at"] for each in after.describe()] == [None, None]
    with pytest.raises(KeyRingError, match=r"security\.keys"):
        after.rotate()
    with pytest.raises(TamperedError):
        before.decrypt(after.encrypt(b"y"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("keys", ["short", " , "])
def test_keys_that_are_none_are_refused(tmp_path: Path, keys: str) -> None:
    with pytest.raises(KeyRingError):
        KeyRing.open(Security(keys=keys), tmp_path)


def test_no_material_is_shown(tmp_path: Path) -> None:
    ring = KeyRing.open(Security(), tmp_path)
    document = json.loads((tmp_path / "keys.json").read_text())
    secrets = [each["key"] for each in document["keys"]] + [document["root"]]
    shown = repr(ring) + str(ring.describe()) + repr(vars(ring)["_keys"])
    assert not any(secret in shown for secret in secrets)


def _primary(home: str) -> str:
    return KeyRing.open(Security(), Path(home)).primary


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    with multiprocessing.get_context("forkserver").Pool(2) as pool:
        assert len(set(pool.map(_primary, [str(tmp_path / "home")] * 4, chunksize=1))) == 1
