"""Film: scenes by their key frames, whatever the sound track does."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from reader_kit import sample
from sound_kit import PICTURES_A_SECOND, film, recording

from preparation.extraction import Extraction, ModelNeededError, ModelUse, Options
from preparation.film import Film, distance, distinct
from preparation.readers import media

Picture = NDArray[np.uint8]
SECONDS = 3


def _view(seed: int) -> Picture:
    """A picture of large patches, unlike any of another seed."""
    patches = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    return np.kron(patches, np.ones((20, 20, 1), np.uint8))


def _moved(picture: Picture, by: int) -> Picture:
    return np.roll(picture, by // 5, axis=1)


def _shots(*seeds: int) -> list[Picture]:
    """Three seconds of each view, in which the camera moves a little."""
    return [_moved(_view(seed), number) for seed in seeds for number in range(SECONDS * PICTURES_A_SECOND)]


@pytest.fixture(scope="module")
def three_shots(tmp_path_factory: pytest.TempPathFactory) -> Extraction:
    """Nine seconds: a view, another, and the first again."""
    return media.read(recording(tmp_path_factory.mktemp("film"), film(_shots(1, 2, 1)), "video/mp4"))


def test_a_scene_begins_where_the_picture_changes(three_shots: Extraction) -> None:
    rows = three_shots.tables[0].frame

    assert three_shots.kind == "video"
    assert three_shots.tables[0].dataset == "video_scene"
    assert rows.get_column("start_seconds").to_list() == [0, 3, 6]
    assert rows.get_column("end_seconds").to_list() == [3, 6, 9]
    assert rows.get_column("key_frames").to_list() == [3, 3, 3]
    assert three_shots.metadata["scenes"] == 3
    assert three_shots.metadata["scene_changes"] == "3.0, 6.0"


def test_scenes_that_look_alike_have_hashes_that_are_alike(three_shots: Extraction) -> None:
    first, second, third = (int(each, 16) for each in three_shots.tables[0].frame.get_column("phash"))

    assert (first ^ third).bit_count() <= 6
    assert (first ^ second).bit_count() > 20


def test_each_look_is_chosen_once_to_be_read(tmp_path: Path) -> None:
    reel = Film(recording(tmp_path, film(_shots(1, 2, 1, 3)), "video/mp4").path, 12.0)
    scenes = reel.scenes()

    chosen = distinct(scenes, most=8)
    pictures = dict(reel.pictures(chosen))

    assert len(scenes) == 4
    assert len(chosen) == 3
    assert all(distance(one, other) > 10 for one, other in pairwise(chosen))
    assert len(distinct(scenes, most=2)) == 2
    for frame, picture in pictures.items():
        shown = _moved(_view((1, 2, 1, 3)[int(frame.at) // SECONDS]), int(frame.at % SECONDS * PICTURES_A_SECOND))
        assert np.abs(np.asarray(picture).astype(int) - shown).mean() < 30  # two views differ by 80


def test_a_film_of_which_every_picture_is_a_key_frame_is_looked_at_twice_a_second(tmp_path: Path) -> None:
    extraction = media.read(recording(tmp_path, film(_shots(4, 5), key_every=1), "video/mp4"))

    assert sum(extraction.tables[0].frame.get_column("key_frames")) == 12


def test_a_long_film_is_looked_at_in_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("preparation.film.MAX_KEY_FRAMES", 4)

    scenes = Film(recording(tmp_path, film(_shots(1, 2, 1)), "video/mp4").path, 9.0).scenes()

    assert sum(len(scene.frames) for scene in scenes) <= 4
    assert [round(scene.start) for scene in scenes] == [0, 3, 6]


def test_a_plain_picture_has_no_hash_of_noise(tmp_path: Path) -> None:
    grey = [np.full((120, 160, 3), 90, np.uint8)] * (2 * PICTURES_A_SECOND)

    extraction = media.read(recording(tmp_path, film(grey), "video/mp4"))

    assert extraction.tables[0].frame.get_column("phash").to_list() == ["0" * 16]


def test_damaged_pictures_are_told_and_cost_nothing_else(tmp_path: Path) -> None:
    whole = bytearray(film(_shots(1, 2)))
    start, stop = whole.index(b"mdat") + 4, whole.index(b"moov") - 4
    whole[start:stop] = b"\xff" * (stop - start)

    extraction = media.read(recording(tmp_path, bytes(whole), "video/mp4"))

    assert extraction.kind == "video"
    assert extraction.fault is None
    assert extraction.metadata["duration_seconds"] == 6
    assert extraction.tables == ()
    assert extraction.note == "Damaged key frames were passed over: 6."


def test_cuts_of_a_real_film_are_found() -> None:
    extraction = media.read(sample("documents/video/bikes.mp4", "video/mp4"))

    assert extraction.metadata["scenes"] == 6
    assert extraction.note is None


def test_the_cover_of_a_recording_is_no_film() -> None:
    mp3 = replace(sample("documents/docling/audio__sample_10s.mp3", "audio/mpeg"))

    assert media.read(mp3).kind == "audio"
    assert "scenes" not in media.read(mp3).metadata


def _card(*lines: str) -> list[Picture]:
    """Two seconds of a title on dark ground."""
    picture = Image.new("RGB", (640, 360), (20, 30, 90) if len(lines) > 1 else (90, 30, 20))
    for number, line in enumerate(lines):
        ImageDraw.Draw(picture).text((60, 80 + 60 * number), line, fill="white", font_size=36)
    return [np.asarray(picture)] * (2 * PICTURES_A_SECOND)


def test_the_text_that_a_scene_shows_is_in_its_row(tmp_path: Path) -> None:
    reel = film(_card("Annual safety briefing", "North pier") + _card("Wear a helmet"))

    extraction = media.read(recording(tmp_path, reel, "video/mp4", Options(ocr=ModelUse.HERE)))

    first, second = extraction.tables[0].frame.get_column("text")
    assert "Annual safety" in first
    assert "Wear a helmet" in second
    assert extraction.text == f"{first}\n{second}"


def test_a_light_worker_hands_on_a_film_that_may_show_text(tmp_path: Path) -> None:
    with pytest.raises(ModelNeededError) as raised:
        media.read(recording(tmp_path, film(_card("Fire exit")), "video/mp4", Options(ocr=ModelUse.ELSEWHERE)))

    assert raised.value.model == "ocr"


def test_pictures_in_no_known_format_are_said_to_be(tmp_path: Path) -> None:
    made = film(_shots(1))
    changed = made.replace(b"mp4v", b"zzzz").replace(b"esds", b"zzzz")
    assert changed != made

    extraction = media.read(recording(tmp_path, changed, "video/mp4"))

    told = extraction.fault.reason if extraction.fault else f"{extraction.note}"
    assert "no known format" in told
