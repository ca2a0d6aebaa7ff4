"""Speech to text: words found in the spoken samples, speed, and memory over ten minutes of speech.

The speed is of the whole of a recording: decoding, levels, voice detection, and the model on two threads. A clip costs
as much as half a minute of sound, since that is what Whisper hears at a time; the long recording shows the real rate.
"""

import re
import time
import wave
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import psutil
from measure import Figure, at_least, at_most, observed
from samples import NotHereError, samples

from preparation.extraction import ModelUse, Options, Source
from preparation.readers import read
from preparation.sound import SAMPLE_RATE, SoundTrack

_MINUTES = 10
_MIB = 1024 * 1024
_WORD = re.compile(r"\w+")


def figures(folder: Path) -> Iterable[Figure]:
    """Recall and F1 over the spoken samples, times real time, and memory from the first to the last minute."""
    clips = [sample for sample in samples("documents") if sample.truth and sample.dataset in ("audio", "video")]
    if not clips:
        raise NotHereError("no spoken sample among the documents")
    _text(clips[0].path)  # loads the model
    started = time.perf_counter()
    scores = [_score(str(clip.truth and clip.truth.read_text(encoding="utf-8")), _text(clip.path)) for clip in clips]
    clip_seconds = time.perf_counter() - started
    yield at_least("speech: word recall of the clips", _mean(recall for recall, _ in scores), 0.9, "")
    yield at_least("speech: F1 of the clips", _mean(f1 for _, f1 in scores), 0.9, "")
    yield observed("speech: clips of ten seconds", len(clips) * 10 / clip_seconds, "times real time")
    yield from _long(_looped(clips[0].path, folder / "long.wav"), clips[0].path)


def _long(path: Path, clip: Path) -> Iterable[Figure]:
    process = psutil.Process()
    _text(clip)
    before = process.memory_info().rss
    started = time.perf_counter()
    text = _text(path)
    seconds = time.perf_counter() - started
    grown = (process.memory_info().rss - before) / _MIB
    found, wanted = len(_WORD.findall(text)), len(_WORD.findall(_text(clip))) * 6 * _MINUTES
    yield at_least(f"speech: a recording of {_MINUTES} minutes", _MINUTES * 60 / seconds, 20, "times real time")
    yield at_least("speech: words of it, to those of the clip so many times", found / wanted, 0.9, "")
    yield at_most("speech: memory grown over it", grown, 150, "MiB")


def _text(path: Path) -> str:
    options = Options(speech=ModelUse.HERE)
    media_type = {".avi": "video/x-msvideo", ".mp4": "video/mp4", ".mov": "video/quicktime"}.get(
        path.suffix, "audio/wav"
    )
    return read(Source(path, "blob", media_type, path.stat().st_size, options=options)).text


def _looped(clip: Path, to: Path) -> Path:
    """The clip over and over, padded to ten seconds; written piece by piece."""
    samples_of_clip = np.concatenate(list(SoundTrack(clip).blocks()))[: 10 * SAMPLE_RATE]
    padded = np.pad(samples_of_clip, (0, 10 * SAMPLE_RATE - len(samples_of_clip)))
    with wave.open(str(to), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE)
        for _ in range(6 * _MINUTES):
            sound.writeframes((padded * 32_767).astype("<i2").tobytes())
    return to


def _score(truth: str, text: str) -> tuple[float, float]:
    wanted, found = (Counter(_WORD.findall(each.lower())) for each in (truth, text))
    common = (wanted & found).total()
    recall, precision = common / wanted.total(), common / max(1, found.total())
    return recall, 2 * recall * precision / (recall + precision) if common else 0.0


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed)
