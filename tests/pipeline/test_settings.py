"""Settings: parsed once, unknown keys refused."""

from pathlib import Path

import pytest

from core.errors import SettingsError
from core.settings import load_settings


def test_the_home_comes_from_the_option_before_the_environment(tmp_path: Path) -> None:
    assert load_settings(tmp_path, environ={"PENSTOCK_HOME": "/elsewhere"}).home == tmp_path
    assert load_settings(environ={"PENSTOCK_HOME": str(tmp_path)}).home == tmp_path


def test_a_variable_wins_over_the_file_in_the_home(tmp_path: Path) -> None:
    (tmp_path / "penstock.toml").write_text('[ingestion]\nafter = "move"\nrescan_seconds = 5\n', encoding="utf-8")
    settings = load_settings(tmp_path, environ={"PENSTOCK_INGESTION_AFTER": "delete"})
    assert (settings.ingestion.after, settings.ingestion.rescan_seconds) == ("delete", 5.0)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[ingestion]\nafterr = 'keep'\n", "ingestion.afterr"),
        ("[nowhere]\nx = 1\n", r"\[nowhere\]"),
        ("[ingestion]\nafter = 'burn'\n", "keep, move, delete"),
        ("[preparation]\nworkers = 'two'\n", "preparation.workers"),
        ("not toml", "not TOML"),
    ],
)
def test_a_wrong_settings_file_is_refused_with_what_to_change(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "penstock.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=told):
        load_settings(tmp_path, environ={})


def test_keys_are_never_shown(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, environ={"PENSTOCK_SECURITY_KEYS": "very-secret"})
    assert settings.security.keys == "very-secret"
    assert "very-secret" not in repr(settings)
