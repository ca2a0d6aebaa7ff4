"""`verify` finds what it promises to find."""

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from wire_kit import authority_of

from core.frames import lake_schema
from core.settings import Preparation, Settings
from pipeline.bootstrap import Parts
from pipeline.commands import obey
from pipeline.system import open_system
from pipeline.writer import Writer

READINGS = "timestamp,sensor_id,temperature\n2026-05-01T10:00:00Z,hall-1,20.5\n2026-05-01T10:01:00Z,hall-1,20.7\n"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one stored file and one that was given up."""
    folder = tmp_path_factory.mktemp("sound")
    (folder / "a.csv").write_text(READINGS, encoding="utf-8")
    (folder / "b.pdf").write_bytes(b"%PDF-1.7 broken")
    settings = Settings(folder / "home", preparation=Preparation(workers=1))
    with Writer(settings) as writer:
        paths = [[str(folder / name), str(folder / name)] for name in ("a.csv", "b.pdf")]
        answers = list(obey(writer, "drop", {"paths": paths, "source": "test"}))
        (entry,) = [answer for answer in answers if answer["outcome"] == "quarantined"]
        list(obey(writer, "discard", {"id": entry["blob"][:12], "because": "it is nothing"}))
    return folder / "home"


@pytest.fixture
def home(sound: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of it, to be harmed."""
    shutil.copytree(sound, tmp_path / "home")
    return tmp_path / "home"


def failing(home: Path) -> dict[str, str]:
    system = open_system(Settings(home))
    try:
        return {check["check"]: check["detail"] for check in system.verify() if not check["ok"]}
    finally:
        system.close()


def test_a_sound_home_fails_no_check(home: Path) -> None:
    assert failing(home) == {}


def test_a_changed_byte_in_the_vault_is_found(home: Path) -> None:
    sealed = max((path for path in (home / "vault").rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)
    content = bytearray(sealed.read_bytes())
    content[-3] ^= 1
    sealed.chmod(0o600)
    sealed.write_bytes(content)
    assert set(failing(home)) == {"vault"}


def test_a_missing_blob_is_found(home: Path) -> None:
    shutil.rmtree(home / "vault")
    assert "not in the vault" in failing(home)["vault"]


def test_rows_that_nobody_dropped_are_found(home: Path) -> None:
    system = open_system(Settings(home))
    dataset = system.dataset("sensor_reading")
    schema = lake_schema(dataset)
    row = {name: [None] for name in schema} | {"_blob": ["f" * 64], "_row": [0]}
    system.parts.lake.append(dataset, pl.DataFrame(row, schema=schema), 99)
    system.close()
    found = failing(home)
    assert "the ledger says 0" in found["lake sensor_reading"]
    assert "index sensor_reading" in found


def test_a_lost_index_is_found(home: Path) -> None:
    shutil.rmtree(home / "index" / "sensor_reading")
    assert "index sensor_reading" in failing(home)


def test_a_changed_audit_entry_is_found(home: Path) -> None:
    trail = home / "audit.jsonl"
    trail.write_text(trail.read_text(encoding="utf-8").replace("it is nothing", "it is something"), encoding="utf-8")
    assert set(failing(home)) == {"audit trail"}


def test_a_secret_that_was_put_in_the_place_of_another_is_found(home: Path) -> None:
    secrets = Parts(Settings(home)).secrets
    secrets.put("a", "1")
    secrets.put("b", "2")
    file = home / "secrets.json"
    document = json.loads(file.read_text())
    document["secrets"]["a"] = document["secrets"]["b"]
    file.write_text(json.dumps(document))
    assert set(failing(home)) == {"secrets"}


def test_a_certificate_that_nobody_renewed_is_found(home: Path) -> None:
    authority_of(home, at=timedelta(days=-100)).init("authority")
    authority_of(home, at=timedelta(days=-100)).issue("node", ["localhost"])
    assert failing(home) == {"certificates": "the certificate node is expired"}
