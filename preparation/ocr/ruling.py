"""Ruled lines: found, counted and taken out, as they glue the words of a form to its boxes.

Tesseract alone read 4 of 9 values of a boxed form, and was confident; without the lines it reads them all.
"""

from dataclasses import dataclass

from preparation.ocr.engine import Pixels

_LENGTH, _UPRIGHT_LENGTH = 4.0, 2.6  # of a line, in heights of a letter: no stroke of a letter is as long
_THICKNESS = 0.35  # of a line at most, in heights of a letter; thicker is a bar
_MIN_LINES = 6  # across and upright together, that make a form
_WHITE = 255


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is ruled on a page.

    Attributes:
        mask: 255 on a line.
        across: How many lines run across.
        upright: How many run down.
    """

    mask: Pixels
    across: int
    upright: int

    @property
    def is_form(self) -> bool:
        """Whether there are so many lines that words stand in boxes."""
        return self.across + self.upright >= _MIN_LINES and self.upright > 1


def ruling(dark: Pixels, letter_height: float) -> Ruling:
    """The ruled lines of a page, from its dark pixels."""
    import cv2

    across = _lines(dark, letter_height, is_upright=False)
    upright = _lines(dark, letter_height, is_upright=True)
    return Ruling(cv2.bitwise_or(across, upright), _count(across), _count(upright))


def without(pixels: Pixels, dark: Pixels, found: Ruling) -> Pixels:
    """The picture with its ruled lines painted over, strokes that cross them mended."""
    import cv2

    if not found.across and not found.upright:
        return pixels
    near = cv2.dilate(found.mask, _block(3, 3))
    rest = cv2.bitwise_and(dark, cv2.bitwise_not(near))
    mended = cv2.bitwise_and(cv2.morphologyEx(rest, cv2.MORPH_CLOSE, _block(1, 7)), near)
    clean = pixels.copy()
    clean[(near > 0) & (mended == 0)] = _WHITE
    return clean


def _lines(dark: Pixels, letter_height: float, *, is_upright: bool) -> Pixels:
    import cv2

    length = round(letter_height * (_UPRIGHT_LENGTH if is_upright else _LENGTH))
    thickness = max(3, round(letter_height * _THICKNESS))
    long, thick = (_block(1, length), _block(thickness, 1)) if is_upright else (_block(length, 1), _block(1, thickness))
    lines = cv2.morphologyEx(dark, cv2.MORPH_OPEN, long)
    bars = cv2.morphologyEx(lines, cv2.MORPH_OPEN, thick)
    return cv2.subtract(lines, cv2.dilate(bars, _block(3, 3)))


def _count(lines: Pixels) -> int:
    import cv2

    return int(cv2.connectedComponents(lines, connectivity=8)[0]) - 1


def _block(width: int, height: int) -> Pixels:
    import cv2

    return cv2.getStructuringElement(cv2.MORPH_RECT, (width, height))
