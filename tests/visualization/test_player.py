"""A recording is played from where its words were said, and only when a person asks."""

import io
import wave
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

Draw = Callable[..., AppTest]
SPOKEN = {"start_seconds": 75.4, "text": "The dosage is two tablets."}


def _second_of_silence() -> bytes:
    sink = io.BytesIO()
    with wave.open(sink, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8_000)
        sound.writeframes(bytes(16_000))
    return sink.getvalue()


def _page(system: object, media_type: str, record: dict[str, object]) -> None:
    import streamlit as st

    from visualization.player import show_player

    blob = system.recent()[0]["blob"]
    hit = {"dataset": "speech_segment", "id": f"{blob}-0", "blob": blob, "record": record}
    show_player(system, hit, {"media_type": media_type, "bytes": 16_044}, st.container())


def _player(system: Any, media_type: str, record: dict[str, Any] = SPOKEN) -> AppTest:
    system.take_in("/in/call.wav", _second_of_silence(), "speech_segment", [record])
    page = AppTest.from_function(_page, default_timeout=20, args=(system, media_type, record)).run()
    assert not page.exception
    return page


def test_a_spoken_word_is_played_from_its_time_and_not_before_it_is_asked_for(empty_system: Any) -> None:
    page = _player(empty_system, "audio/wav")
    assert empty_system.read == []

    page.button[0].click().run()

    assert not page.exception
    assert page.button[0].label == "Play from 1:15"
    assert len(empty_system.read) == 1
    assert page.get("audio")[0].proto.start_time == 75


def test_a_recording_is_played_from_its_start(empty_system: Any) -> None:
    assert _player(empty_system, "audio/mpeg", {"title": "Call"}).button[0].label == "Play"


@pytest.mark.parametrize("media_type", ["video/x-msvideo", "text/html", "image/svg+xml"])
def test_what_browsers_do_not_play_is_not_offered(empty_system: Any, media_type: str) -> None:
    assert not _player(empty_system, media_type).button


def test_the_panel_of_a_sentence_offers_to_play_it(draw: Draw, empty_system: Any) -> None:
    blob = empty_system.take_in("/in/call.wav", _second_of_silence(), "speech_segment", [SPOKEN])
    empty_system.take_in("-", b"-", "blob", [{"sha256": blob, "media_type": "audio/wav", "bytes": 16_044}])
    page = draw("explore", empty_system)
    page.text_input[0].set_value("dosage").run()

    next(button for button in page.button if button.label == "Details").click().run()

    assert not page.exception
    assert "Play from 1:15" in {button.label for button in page.button}
