"""What is said in a sound: the port of speech engines, and a transcript of a sound of any length."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from preparation.sound import SAMPLE_RATE, Samples

_STRETCH = 240 * SAMPLE_RATE
"""How much an engine hears at once: 15 MB of samples, and as much of what it makes of them."""
_SEEK = 20 * SAMPLE_RATE
_PAUSE = SAMPLE_RATE // 5
_PARAGRAPH_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Sentence:
    """What was said without a break.

    Attributes:
        start: Seconds from the start of the sound.
        end: As `start`.
        text: The words.
        confidence: How sure the engine is of them, from 0 to 1.
    """

    start: float
    end: float
    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Heard:
    """What an engine heard.

    Attributes:
        sentences: In the order of time.
        voice_seconds: How long a voice was heard, understood or not.
        language: ISO 639-1 code of what is spoken, or "" where nothing was understood.
    """

    sentences: tuple[Sentence, ...] = ()
    voice_seconds: float = 0.0
    language: str = ""

    @property
    def text(self) -> str:
        """All that was said; a longer pause begins a new line."""
        parts: list[str] = []
        end = 0.0
        for sentence in self.sentences:
            if parts:
                parts.append("\n" if sentence.start - end > _PARAGRAPH_SECONDS else " ")
            parts.append(sentence.text)
            end = sentence.end
        return "".join(parts)


class SpeechEngine(ABC):
    """Turns speech into text."""

    @abstractmethod
    def hear(self, samples: Samples) -> Heard:
        """What is said in some minutes of sound; nothing where there is no voice, or the engine is unsure."""


def transcript(blocks: Iterable[Samples], engine: SpeechEngine) -> Heard:
    """What is said in a sound of any length, in constant memory: it is cut at pauses some minutes apart."""
    sentences: list[Sentence] = []
    voice, at = 0.0, 0
    languages: dict[str, float] = {}
    for stretch in _stretches(blocks):
        heard = engine.hear(stretch)
        offset = at / SAMPLE_RATE
        sentences += (replace(each, start=each.start + offset, end=each.end + offset) for each in heard.sentences)
        voice += heard.voice_seconds
        if heard.language:
            languages[heard.language] = languages.get(heard.language, 0.0) + heard.voice_seconds
        at += len(stretch)
    return Heard(tuple(sentences), voice, max(languages, key=lambda code: languages[code], default=""))


def _stretches(blocks: Iterable[Samples]) -> Iterator[Samples]:
    held: Samples = np.empty(0, np.float32)
    for block in blocks:
        held = np.concatenate([held, block])
        while len(held) >= _STRETCH:
            cut = _quietest(held[:_STRETCH])
            yield held[:cut]
            held = held[cut:]
    if len(held):
        yield held


def _quietest(samples: Samples) -> int:
    """Where to cut with least harm: the middle of the quietest fifth of a second near the end."""
    tail = samples[-_SEEK:]
    energies = np.square(tail[: len(tail) // _PAUSE * _PAUSE].reshape(-1, _PAUSE)).sum(axis=1)
    return len(samples) - len(tail) + int(energies.argmin()) * _PAUSE + _PAUSE // 2
