"""Images, audio and video: facts, never an error for a rare format, a fault for a damaged file."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from reader_kit import memory_file, sample, source
from sound_kit import film

from preparation.ocr.pictures import grey
from preparation.readers import media


@pytest.mark.parametrize(
    ("path", "media_type", "facts"),
    [
        ("unstructured/img__example.jpg", "image/jpeg", {"format": "JPEG", "width": 480, "camera_make": "Canon"}),
        ("unstructured/img__example.jpg", "image/jpeg", {"taken_at": "2003-12-14T12:01:44"}),
        ("tiny/heif.heif", "image/heif", {"format": "HEIF", "width": 64, "height": 64}),
        ("tiny/bpg.bpg", "image/bpg", {"format": "BPG", "width": 32, "height": 32}),
        ("tiny/WindowsMetafile.wmf", "image/wmf", {"format": "WMF", "width": 12, "height": 12}),
        ("tiny/mng.mng", "image/x-mng", {"format": "MNG", "width": 1, "height": 1}),
        ("tiny/svg.svg", "image/svg+xml", {"format": "SVG"}),
        ("tiny/ico.ico", "image/x-icon", {"format": "ICO", "width": 1}),
        ("tiny/jpeg.jpg", "image/jpeg", {"width": 1, "height": 1}),
    ],
)
def test_an_image_tells_its_format_and_size(path: str, media_type: str, facts: dict[str, object]) -> None:
    extraction = media.read(sample(f"documents/{path}", media_type))

    assert extraction.kind == "image"
    assert extraction.fault is None
    assert facts.items() <= dict(extraction.metadata).items()


def test_a_picture_in_lab_colours_tells_how_it_looks(tmp_path: Path) -> None:
    light = np.tile(np.arange(64, dtype=np.uint8) * 4, (64, 1))
    picture = Image.merge("LAB", [Image.fromarray(light)] * 3)
    picture.save(tmp_path / "lab.tif")

    extraction = media.read(source(tmp_path, (tmp_path / "lab.tif").read_bytes(), "image/tiff"))

    assert extraction.fault is None
    assert (extraction.metadata["mode"], len(str(extraction.metadata["phash"]))) == ("LAB", 16)
    assert np.array_equal(grey(picture), light)


@pytest.mark.parametrize("form", ["mp3", "aac", "flac", "m4a", "ogg", "wav"])
def test_audio_tells_length_rate_and_tags(form: str) -> None:
    extraction = media.read(sample(f"documents/docling/audio__sample_10s_audio-{form}.{form}", f"audio/{form}"))

    assert extraction.kind == "audio"
    assert extraction.metadata["duration_seconds"] == pytest.approx(10, abs=0.1)
    assert extraction.metadata["sample_rate"] == 44_100
    assert form == "aac" or extraction.metadata["artist"] == "Oscar Wilde"


def test_video_tells_length_size_and_sound() -> None:
    extraction = media.read(sample("documents/video/bikes.mp4", "video/mp4"))

    assert extraction.kind == "video"
    expected = {"duration_seconds": 10.0, "width": 640, "height": 272, "fps": 25.0, "codec": "h264", "has_audio": False}
    assert expected.items() <= dict(extraction.metadata).items()


@pytest.mark.parametrize(("told", "is_taken"), [("2026-03-09T10:11:12Z", True), ("1970-01-01T00:00:00Z", False)])
def test_the_time_of_a_film_is_that_of_its_tags_unless_the_clock_was_never_set(
    tmp_path: Path, told: str, is_taken: bool
) -> None:
    grey = [np.full((120, 160, 3), 90, np.uint8)] * 5

    facts = media.read(source(tmp_path, film(grey, creation_time=told), "video/mp4")).metadata

    assert ("recorded_at" in facts) is is_taken
    assert not is_taken or str(facts["recorded_at"]).startswith("2026-03-09T10:11:12")


def test_a_container_of_a_video_brand_is_a_video_though_it_holds_only_sound() -> None:
    assert media.read(sample("documents/tiny/mp4-with-audio.mp4", "video/mp4")).kind == "video"
    assert media.read(sample("documents/tiny/mp4-with-audio.mp4", "audio/mp4")).kind == "audio"


@pytest.mark.parametrize("name", ["Mpeg4.mp4", "webm.webm", "AudioVideoInterleave.avi"])
def test_the_smallest_videos_do_not_fail(name: str) -> None:
    extraction = media.read(sample(f"documents/tiny/{name}", "video/mp4"))

    assert extraction.kind == "video"
    assert extraction.fault is None


@pytest.mark.parametrize(
    ("media_type", "kind"), [("image/png", "image"), ("audio/mpeg", "audio"), ("video/mp4", "video")]
)
@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\nbroken", b"\x00" * 4096])
def test_a_damaged_file_is_a_fault_of_its_kind(tmp_path: Path, media_type: str, kind: str, content: bytes) -> None:
    extraction = media.read(source(tmp_path, content, media_type))

    assert extraction.fault is not None
    assert extraction.kind == kind


def test_a_truncated_picture_is_a_fault(tmp_path: Path) -> None:
    whole = sample("documents/unstructured/img__example.jpg").path.read_bytes()

    extraction = media.read(source(tmp_path, whole[: len(whole) // 2], "image/jpeg"))

    assert extraction.fault is not None
    assert "damaged" in extraction.fault.reason


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("unstructured/img__example.jpg", "image/jpeg"),
        ("tiny/heif.heif", "image/heif"),
        ("docling/audio__sample_10s_audio-m4a.m4a", "audio/mp4"),
        ("video/bikes.mp4", "video/mp4"),
    ],
)
def test_a_memory_file_gives_the_same_facts(path: str, media_type: str) -> None:
    given = sample(f"documents/{path}", media_type)

    with memory_file(given) as memory:
        seen, wanted = media.read(memory), media.read(given)

    assert replace(seen, tables=()) == replace(wanted, tables=())
    assert [table.frame.rows() for table in seen.tables] == [table.frame.rows() for table in wanted.tables]
