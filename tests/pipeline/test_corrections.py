"""`correct`, `corrections` and `classify`: what a person says is used at once, under any name, until taken back."""

from pathlib import Path

import pytest

from core.errors import PenstockError, SettingsError, UsageError
from core.settings import Settings
from pipeline.correcting import correct_file, forget_correction, known_corrections
from pipeline.inspecting import classify_files
from pipeline.live_catalog import LiveCatalog
from pipeline.news import News
from preparation import Catalog

TABLE = "Zeitpunkt;Kanal;Messung;Bemerkung\n2026-01-01 10:00;A1;1,5;ok\n2026-01-01 10:01;A2;1,7;ok\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "first.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "second").write_text(TABLE.replace("1,5", "2,5"), encoding="utf-8")
    (tmp_path / "prose.txt").write_text("Nothing in here is a table.\n", encoding="utf-8")
    return Settings(home=tmp_path / "home")


def test_what_was_said_of_a_file_holds_for_another_until_it_is_taken_back(settings: Settings) -> None:
    folder = settings.home.parent
    (answer,) = correct_file(settings, folder / "first.csv", "sensor_reading", {"Kanal": "sensor_id"}, None)
    assert (answer["rows"], answer["rejected_rows"]) == (2, 0)

    (found,) = classify_files(settings, [folder / "second"])
    assert found["dataset"] == "sensor_reading"
    assert found["why"].startswith("corrected by a person on ")
    assert {"header": "Kanal", "column": "sensor_id", "why": "a person said so"} in found["columns"]
    assert [each["id"] for each in known_corrections(settings)] == [answer["id"]] == [found["shape"]]

    forget_correction(settings, answer["id"])
    (again,) = classify_files(settings, [folder / "second"])
    assert again["dataset"] == "other"


def test_what_cannot_be_is_refused_with_what_can(settings: Settings) -> None:
    folder = settings.home.parent
    for path, dataset, columns, error, words in (
        ("prose.txt", "sensor_reading", {}, PenstockError, "no table with headers"),
        ("first.csv", "sensor_reading", {"Foo": "value"}, UsageError, "no header 'Foo'"),
        ("first.csv", "sensor_reading", {"Kanal": "nothing"}, SettingsError, "no column nothing"),
        ("first.csv", "image", {}, UsageError, "Tables are not of image"),
    ):
        with pytest.raises(error, match=words):
            list(correct_file(settings, folder / path, dataset, columns, None))
    assert known_corrections(settings) == []


def test_a_running_system_takes_up_what_was_said_before_its_next_file(settings: Settings) -> None:
    schemas = settings.home / "schemas"
    schemas.mkdir(parents=True)
    renewals: list[int] = []
    live = LiveCatalog(Catalog(schemas), schemas, News(), lambda: renewals.append(1))
    headers = ("Zeitpunkt", "Kanal", "Messung", "Bemerkung")
    assert live().correction(headers) is None

    list(correct_file(settings, settings.home.parent / "first.csv", "sensor_reading", {}, None))

    said = live().correction(headers)
    assert said is not None
    assert (said.dataset, renewals) == ("sensor_reading", [1])
