"""Secrets of other systems: sealed, private, never shown."""

import json
import threading
from pathlib import Path

import pytest

from core.errors import KeyRingError, NotFoundError, TamperedError, UsageError
from core.settings import Security
from security import ChainedAuditTrail, KeyRing, SecretStore


def opened(home: Path) -> SecretStore:
    ring = KeyRing.open(Security(), home)
    return SecretStore(home / "secrets.json", ring, ChainedAuditTrail(home / "audit.jsonl", ring, "tester"))


def test_a_secret_is_kept_sealed_in_a_private_file_and_found_by_another_process(tmp_path: Path) -> None:
    opened(tmp_path).put("elasticsearch/indexer", "s3cret-värde")
    file = tmp_path / "secrets.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert "s3cret" not in file.read_text()
    assert opened(tmp_path).get("elasticsearch/indexer") == "s3cret-värde"
    assert opened(tmp_path).names() == ("elasticsearch/indexer",)


def test_putting_again_replaces_and_forgetting_drops(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.put("a", "1")
    store.put("a", "2")
    assert store.get("a") == "2"
    store.forget("a")
    store.forget("a")
    assert store.names() == ()
    with pytest.raises(NotFoundError, match="none yet"):
        store.get("a")


def test_rotation_puts_every_secret_under_the_new_key(tmp_path: Path) -> None:
    store = opened(tmp_path)
    assert store.reseal() == 0
    store.put("a", "1")
    store.put("b", "2")
    KeyRing.open(Security(), tmp_path).rotate()
    fresh = opened(tmp_path)
    assert fresh.reseal() == 2
    newest = json.loads((tmp_path / "keys.json").read_text())["keys"][0]["key"]
    only_the_newest = KeyRing.open(Security(keys=newest), tmp_path / "elsewhere")
    tokens = json.loads((tmp_path / "secrets.json").read_text())["secrets"]
    assert all(only_the_newest.decrypt(token.encode()) for token in tokens.values())
    assert (fresh.get("a"), fresh.get("b")) == ("1", "2")


def test_a_secret_in_the_place_of_another_does_not_open(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.put("reader", "weak")
    store.put("admin", "strong")
    document = json.loads((tmp_path / "secrets.json").read_text())
    document["secrets"]["reader"] = document["secrets"]["admin"]
    (tmp_path / "secrets.json").write_text(json.dumps(document))
    with pytest.raises(TamperedError, match="sealed as something else"):
        store.get("reader")


def test_a_token_of_another_kind_is_no_secret(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.put("a", "1")
    token = KeyRing.open(Security(), tmp_path).encrypt(b"a data key").decode()
    (tmp_path / "secrets.json").write_text(json.dumps({"version": 1, "secrets": {"a": token}}))
    with pytest.raises(TamperedError, match="sealed as something else"):
        store.get("a")


def test_a_changed_token_and_a_foreign_key_are_refused_by_name(tmp_path: Path) -> None:
    opened(tmp_path / "one").put("a", "1")
    opened(tmp_path / "other").put("b", "2")
    foreign = json.loads((tmp_path / "other" / "secrets.json").read_text())["secrets"]["b"]
    for token in (foreign, foreign[:-4] + "AAA="):
        (tmp_path / "one" / "secrets.json").write_text(json.dumps({"version": 1, "secrets": {"b": token}}))
        with pytest.raises(TamperedError, match=r"secret 'b' .* does not open"):
            opened(tmp_path / "one").get("b")


def test_a_file_that_others_can_read_is_refused_with_the_fix(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.put("a", "1")
    (tmp_path / "secrets.json").chmod(0o644)
    with pytest.raises(KeyRingError, match="chmod 600"):
        store.get("a")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"secrets": []}', '{"version": 9, "secrets": {}}'])
def test_what_is_no_file_of_secrets_is_refused(tmp_path: Path, content: str) -> None:
    store = opened(tmp_path)
    (tmp_path / "secrets.json").write_text(content)
    (tmp_path / "secrets.json").chmod(0o600)
    with pytest.raises(TamperedError, match=r"secrets\.json"):
        store.names()


@pytest.mark.parametrize("name", ["", "Upper", "../x y", "-x", "a" * 200])
def test_a_name_that_could_mislead_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="no name for a secret"):
        opened(tmp_path).put(name, "1")


def test_no_secret_is_lost_when_several_are_kept_at_once(tmp_path: Path) -> None:
    opened(tmp_path).put("first", "1")
    threads = [threading.Thread(target=opened(tmp_path).put, args=(f"n{number}", str(number))) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened(tmp_path).names()) == 9


def test_the_audit_trail_and_repr_have_names_only(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.put("a", "s3cret")
    store.forget("a")
    audit = ChainedAuditTrail(tmp_path / "audit.jsonl", KeyRing.open(Security(), tmp_path))
    assert [(each["action"], each["subject"]) for each in audit.entries()] == [
        ("keep secret", "a"),
        ("forget secret", "a"),
    ]
    assert audit.verify() == 2
    assert "s3cret" not in repr(store) + (tmp_path / "audit.jsonl").read_text()


def test_a_lost_key_file_is_not_replaced_while_secrets_are_kept(tmp_path: Path) -> None:
    opened(tmp_path).put("a", "1")
    (tmp_path / "audit.jsonl").unlink()
    (tmp_path / "keys.json").unlink()
    with pytest.raises(KeyRingError, match=r"secrets\.json was sealed"):
        KeyRing.open(Security(), tmp_path)
