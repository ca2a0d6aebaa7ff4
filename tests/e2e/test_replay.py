"""Replay after a fix: a password, a raised limit, a new setting; one entry or all of a reason."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import model_stub
import pytest

from core.errors import NotFoundError, SettingsError
from core.settings import load_settings
from pipeline.commands import obey
from pipeline.writer import Writer

PASSWORD = "open sesame"
LOCKED = model_stub.scan(password=PASSWORD)
SLOW = model_stub.scan(seconds=2)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    model_stub.install(tmp_path / "home" / "schemas")
    return tmp_path / "home"


@pytest.fixture
def writer(home: Path) -> Iterator[Writer]:
    (home / "penstock.toml").write_text("[preparation]\nmodel_timeout_seconds = 1\n", encoding="utf-8")
    with Writer(load_settings(home, environ={})) as writer:
        yield writer


def dropped(writer: Writer, folder: Path, **files: bytes) -> dict[str, dict[str, Any]]:
    """The quarantine entries of some files, by name."""
    for name, content in files.items():
        (folder / f"{name}.toml").write_bytes(content)
    paths = [(str(folder / f"{name}.toml"),) * 2 for name in files]
    list(obey(writer, "drop", {"paths": paths, "source": "test"}))
    return {Path(entry.path).stem: entry.as_dict() for entry in writer.ledger.quarantine()}


def replayed(writer: Writer, *ids: str, **arguments: Any) -> dict[str, str]:
    answers = obey(writer, "replay", {"ids": list(ids), **arguments})
    return {Path(answer["path"]).stem: answer["outcome"] for answer in answers}


def test_a_locked_file_is_stored_with_its_password_which_is_kept_nowhere(writer: Writer, tmp_path: Path) -> None:
    entry = dropped(writer, tmp_path, locked=LOCKED)["locked"]
    assert f"penstock quarantine replay {entry['id']} --ask-password" in entry["fix"]
    assert replayed(writer, entry["id"]) == {"locked": "quarantined"}
    assert replayed(writer, entry["id"], passwords=["wrong"]) == {"locked": "quarantined"}
    assert replayed(writer, entry["id"], passwords=["wrong", PASSWORD]) == {"locked": "stored"}
    told = [
        path for path in writer.parts.home.root.rglob("*") if path.is_file() and PASSWORD.encode() in path.read_bytes()
    ]
    assert told == []
    assert writer.passwords.of([1]) == ()


def test_all_of_a_reason_are_replayed_and_no_other(writer: Writer, tmp_path: Path) -> None:
    dropped(writer, tmp_path, one=LOCKED, two=LOCKED + b"# again\n", slow=SLOW)
    assert replayed(writer, reason="PROTECTED", passwords=[PASSWORD]) == {"one": "stored", "two": "stored"}
    assert [entry.attempts for entry in writer.ledger.quarantine()] == [1]
    with pytest.raises(NotFoundError, match="as described"):
        replayed(writer, layer="storage")


def test_a_limit_that_was_raised_in_the_settings_counts_without_a_new_start(
    writer: Writer, home: Path, tmp_path: Path
) -> None:
    entry = dropped(writer, tmp_path, slow=SLOW)["slow"]
    assert "preparation.model_timeout_seconds" in entry["fix"]
    (home / "penstock.toml").write_text("[preparation]\nmodel_timeout_seconds = 'long'\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="long"):
        replayed(writer)
    (home / "penstock.toml").write_text("[preparation]\nmodel_timeout_seconds = 60\n", encoding="utf-8")
    assert replayed(writer) == {"slow": "stored"}


def test_the_command_reads_passwords_from_standard_input(home: Path, tmp_path: Path) -> None:
    with Writer(load_settings(home, environ={})) as writer:
        dropped(writer, tmp_path, locked=LOCKED)
    command = [sys.executable, "-m", "pipeline.cli", "--home", str(home), "quarantine", "replay", "--json"]
    done = subprocess.run(
        [*command, "--reason", "password", "--password-stdin"],
        input=f"wrong\n{PASSWORD}\n",
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PENSTOCK_PROCESSING_TRAIN": "false"},
    )
    assert json.loads(done.stdout)["outcome"] == "stored"
