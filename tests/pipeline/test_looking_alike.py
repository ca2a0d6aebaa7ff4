"""`penstock alike`: which stored pictures look alike."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from picture_kit import LINES, form, page, saved


def call(home: Path, *arguments: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "pipeline.cli", "--home", str(home), *arguments, "--json"]
    variables = os.environ | {"PENSTOCK_PREPARATION_OCR": "false"}
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=variables)
    assert told.returncode == 0, told.stderr + told.stdout
    return [json.loads(line) for line in told.stdout.splitlines()]


def test_copies_of_a_picture_are_linked_and_other_pictures_are_not(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    inbox.mkdir()
    picture = page(*LINES)
    saved(picture, inbox, "first.png")
    saved(picture.resize((600, 180)), inbox, "smaller.png")
    saved(picture, inbox, "pressed.jpg")
    saved(form(), inbox, "other.png")
    assert call(tmp_path / "home", "alike") == []

    outcomes = {Path(row["path"]).name: row["outcome"] for row in call(tmp_path / "home", "drop", str(inbox))}

    assert set(outcomes.values()) == {"stored"}
    pairs = call(tmp_path / "home", "alike")
    named = {frozenset((Path(pair["path"]).name, Path(pair["other_path"]).name)) for pair in pairs}
    copies = ("first.png", "smaller.png", "pressed.jpg")
    assert named == {frozenset((one, other)) for one in copies for other in copies if one != other}
    assert all(pair["distance"] <= 6 and pair["blob"] != pair["other_blob"] for pair in pairs)
