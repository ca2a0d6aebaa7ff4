"""MIDI files: their length, their tracks and their words, as far as they go."""

from pathlib import Path

import pytest
from reader_kit import source

from preparation.readers import read

TICKS_A_QUARTER = 96


def chunk(name: bytes, content: bytes) -> bytes:
    return name + len(content).to_bytes(4, "big") + content


def meta(delta: int, kind: int, text: bytes) -> bytes:
    return bytes([delta, 0xFF, kind, len(text)]) + text


NOTES = bytes([0, 0x90, 60, 64, 96, 60, 0, 0, 0xC0, 5, 0, 0xF0, 2, 1, 0xF7])  # the second by its running status
END = meta(0, 0x2F, b"")
FIRST = (
    meta(0, 0x03, b"Evening song") + meta(0, 0x51, (1_000_000).to_bytes(3, "big")) + meta(0, 0x02, b"A. Maker") + END
)
SECOND = NOTES + meta(96, 0x05, "Schl\u00e4ft".encode("latin-1")) + meta(0, 0x05, b"ein") + END
HEADER = chunk(b"MThd", bytes([0, 1, 0, 2, 0, TICKS_A_QUARTER]))
SONG = HEADER + chunk(b"MTrk", FIRST) + chunk(b"Xtra", b"?") + chunk(b"MTrk", SECOND)


def test_a_song_tells_its_length_and_its_words(tmp_path: Path) -> None:
    found = read(source(tmp_path, SONG, "audio/midi"))

    assert (found.kind, found.fault, found.note) == ("audio", None, None)
    assert found.text == "Evening song\nA. Maker\nSchl\u00e4ft\nein"
    assert dict(found.metadata) == {
        "container": "midi",
        "tracks": 2,
        "title": "Evening song",
        "copyright": "A. Maker",
        "duration_seconds": 2.0,
    }


@pytest.mark.parametrize("size", range(len(HEADER), len(SONG), 3))
def test_a_song_that_is_cut_off_is_read_as_far_as_it_goes(tmp_path: Path, size: int) -> None:
    found = read(source(tmp_path, SONG[:size], "audio/midi"))

    assert found.fault is None
    assert found.note == "It is cut off."


def test_a_header_alone_that_is_cut_off_is_a_fault(tmp_path: Path) -> None:
    found = read(source(tmp_path, HEADER[:9], "audio/midi"))

    assert found.fault is not None
    assert "cut off" in found.fault.reason


def test_a_number_without_an_end_ends_its_track(tmp_path: Path) -> None:
    found = read(source(tmp_path, HEADER + chunk(b"MTrk", FIRST) + chunk(b"MTrk", b"\xff" * 500_000), "audio/midi"))

    assert found.text == "Evening song\nA. Maker"
    assert found.note == "It is cut off."
