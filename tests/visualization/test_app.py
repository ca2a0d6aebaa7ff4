"""The whole application on a real home: pages, navigation, and what it says when it cannot open the home."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

APP = Path(__file__).resolve().parents[2] / "visualization" / "app.py"


def test_a_home_that_does_not_exist_yet_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSTOCK_HOME", str(tmp_path / "home"))
    app = AppTest.from_file(APP, default_timeout=20).run()
    assert not app.exception
    assert any("Nothing has arrived yet" in element.proto.body for element in app.get("html"))
    assert "penstock run" in app.warning[0].value


def test_looking_at_a_home_does_not_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSTOCK_HOME", str(tmp_path / "home"))
    AppTest.from_file(APP, default_timeout=20).run()
    assert not (tmp_path / "home").exists()


def test_wrong_settings_are_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSTOCK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PENSTOCK_INGESTION_AFTER", "burn")
    app = AppTest.from_file(APP, default_timeout=20).run()
    assert "burn" in app.error[0].value
    assert "Choose one of" in app.error[0].value
