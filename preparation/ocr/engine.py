"""What an OCR engine is, and what it says of one picture."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, TypeAlias

Pixels: TypeAlias = Any  # a numpy array of unsigned bytes, height by width: grey, 0 is black


@dataclass(frozen=True, slots=True)
class Seen:
    """One word, or one line where the engine cannot tell words apart, in pixels of the picture it was given.

    Attributes:
        text: What it says.
        left, top, right, bottom: Where.
        confidence: From 0 to 1.
        line: Words of one line have one number.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    confidence: float
    line: int


class OcrEngine(ABC):
    """Reads the text of an upright picture."""

    @abstractmethod
    def read(self, pixels: Pixels, *, is_form: bool) -> list[Seen]:
        """All that is written in a picture, junk included.

        Args:
            pixels: Dark on light, letters of about 20 to 40 pixels in height.
            is_form: Whether words stand in boxes of their own rather than in columns of prose.
        """

    def read_spots(self, boxes: list[tuple[int, int, int, int]]) -> list[Seen]:  # noqa: ARG002 - not every engine can
        """What stands in these boxes, ``left, top, width, height``, of the picture that was read last."""
        return []


def mean_confidence(seen: list[Seen]) -> float:
    """The confidence of the mean letter or digit; 0 where none was seen. Rows of leading dots are no letters."""
    weights = [sum(sign.isalnum() for sign in each.text) for each in seen]
    told = sum(each.confidence * weight for each, weight in zip(seen, weights, strict=True))
    return told / sum(weights) if any(weights) else 0.0
