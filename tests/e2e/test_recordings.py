"""From a dropped recording or film to the second in which a word is said, and the picture of it."""

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from reader_kit import sample
from sound_kit import PICTURES_A_SECOND, film

from core.errors import NotFoundError
from core.settings import Preparation, Settings
from pipeline.commands import obey
from pipeline.system import System, open_system
from pipeline.writer import Writer

CLIP = "documents/docling/audio__sample_10s_audio-mp3.mp3"


@pytest.fixture(scope="module")
def writer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Writer]:
    """A home into which a spoken clip and a silent film with a title were dropped."""
    folder = tmp_path_factory.mktemp("recordings")
    (folder / "4711").write_bytes(sample(CLIP).path.read_bytes())
    title = Image.new("RGB", (640, 360), (20, 30, 90))
    ImageDraw.Draw(title).text((60, 150), "Emergency exits", fill="white", font_size=40)
    (folder / "4712").write_bytes(film([np.asarray(title)] * (2 * PICTURES_A_SECOND)))
    settings = Settings(home=folder / "home", preparation=Preparation(workers=1, model_workers=1))
    with Writer(settings) as writer:
        paths = [(str(folder / name),) * 2 for name in ("4711", "4712")]
        answers = {Path(each["path"]).name: each for each in obey(writer, "drop", {"paths": paths, "source": "test"})}
        assert {name: (each["outcome"], each["dataset"]) for name, each in answers.items()} == {
            "4711": ("stored", "audio"),
            "4712": ("stored", "video"),
        }
        yield writer


@pytest.fixture(scope="module")
def system(writer: Writer) -> Iterator[System]:
    """The same home as its readers see it."""
    opened = open_system(writer.parts.settings)
    yield opened
    opened.close()


def test_a_spoken_word_is_found_with_its_time(system: System) -> None:
    (hit,) = system.search("domain", dataset="speech_segment")["hits"]

    assert hit["path"].endswith("4711")
    assert "public domain" in hit["record"]["text"]
    assert hit["record"]["start_seconds"] == pytest.approx(7.9, abs=0.7)


def test_a_shown_word_is_found_with_its_scene_and_drawn(system: System, writer: Writer) -> None:
    (hit,) = system.search("emergency", dataset="video_scene")["hits"]
    asked = {"blob": hit["blob"], "page": 1, "at": hit["record"]["start_seconds"], "side": 320, "marks": []}

    (answer,) = obey(writer, "picture", asked)
    picture = Image.open(io.BytesIO(base64.b64decode(answer["jpeg"])))

    assert picture.size == (320, 180)
    assert np.asarray(picture.convert("L")).max() > 200
    assert any(entry["action"] == "looked at" for entry in system.audit())


def test_a_recording_has_no_picture(system: System, writer: Writer) -> None:
    (hit,) = system.search("scenery", dataset="audio")["hits"]

    with pytest.raises(NotFoundError, match="no picture"):
        list(obey(writer, "picture", {"blob": hit["blob"], "page": 1, "at": 0.0, "side": 320, "marks": []}))


def test_the_row_of_the_recording_has_what_is_said_and_its_tags(system: System) -> None:
    (hit,) = system.search("scenery", dataset="audio")["hits"]

    assert hit["record"]["artist"]
    assert hit["record"]["level_dbfs"] < 0
    assert json.dumps(hit["record"]).count("public domain") == 1
