"""Ruled lines: found, counted and taken out, as they glue the words of a form to its boxes.

Tesseract alone read 4 of 9 values of a boxed form, and was confident; without the lines it reads them all.
"""

from dataclasses import dataclass

from preparation.ocr.engine import Pixels

_LENGTH, _UPRIGHT_LENGTH = 4.0, 2.6  # of a line, in heights of a letter: no stroke of a letter is as long
_THICKNESS, _UPRIGHT_THICKNESS = 0.8, 0.45  # of a line at most, in heights of a letter; thicker is a bar or a headline
_DASH_LENGTH, _DASH_THICKNESS = 1.6, 0.35  # of one dash of a dashed line at most, likewise
_DASH_GAP, _DASHED_LENGTH = 0.7, 8.0  # rows of leading dots have wide gaps
_UPRIGHT_DASH_GAP, _UPRIGHT_DASHED_LENGTH = 0.4, 1.9  # figures of one below each other are wider apart
_MIN_UPRIGHT = 3
_MIN_FORM_SHARE = 0.4  # of the rows with anything on them that upright lines pass, where a page is a form
_WHITE = 255


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is ruled on a page.

    Attributes:
        mask: 255 on a line.
        across: How many lines run across.
        upright: How many run down.
        is_form: Whether words stand in boxes of their own on most of the page, rather than in columns of prose.
    """

    mask: Pixels
    across: int
    upright: int
    is_form: bool


def ruling(dark: Pixels, letter_height: float) -> Ruling:
    """The ruled lines of a page, from its dark pixels."""
    import cv2

    across = _lines(dark, round(letter_height * _LENGTH), round(letter_height * _THICKNESS))
    across |= _dashed(dark, letter_height, _DASH_GAP, _DASHED_LENGTH)
    down = cv2.transpose(dark)
    upright = _lines(down, round(letter_height * _UPRIGHT_LENGTH), round(letter_height * _UPRIGHT_THICKNESS))
    upright |= _dashed(down, letter_height, _UPRIGHT_DASH_GAP, _UPRIGHT_DASHED_LENGTH)
    upright = cv2.transpose(upright)
    mask = cv2.bitwise_or(across, upright)
    counts = _count(across), _count(upright)
    share = upright.any(axis=1).sum() / max(1, dark.any(axis=1).sum())
    return Ruling(mask, *counts, is_form=bool(counts[1] >= _MIN_UPRIGHT and share >= _MIN_FORM_SHARE))


def without(pixels: Pixels, dark: Pixels, found: Ruling) -> Pixels:
    """The picture with its ruled lines painted over, strokes that cross them mended."""
    import cv2

    if not found.mask.any():
        return pixels
    near = cv2.dilate(found.mask, _block(5, 5))
    rest = cv2.subtract(dark, near)
    closed = cv2.morphologyEx(rest, cv2.MORPH_CLOSE, _block(1, 9))
    mended = cv2.bitwise_and(cv2.bitwise_and(closed, near), dark)
    clean = pixels.copy()
    clean[(near > 0) & (mended == 0)] = _WHITE
    return clean


def _lines(dark: Pixels, length: int, thickness: int) -> Pixels:
    """What runs across for so long, and is not as thick as a bar."""
    import cv2

    lines = cv2.morphologyEx(dark, cv2.MORPH_OPEN, _block(length, 1))
    bars = cv2.morphologyEx(lines, cv2.MORPH_OPEN, _block(1, max(3, thickness)))
    return cv2.subtract(lines, cv2.dilate(bars, _block(3, 3)))


def _dashed(dark: Pixels, letter_height: float, gap: float, length: float) -> Pixels:
    """Dashed lines and rows of leading dots: flat spots that stand in a long row."""
    import cv2
    import numpy

    _, labels, spots, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    flat = (spots[:, cv2.CC_STAT_HEIGHT] <= letter_height * _DASH_THICKNESS) & (
        spots[:, cv2.CC_STAT_WIDTH] <= letter_height * _DASH_LENGTH
    )
    flat[0] = False
    dashes = numpy.where(flat, numpy.uint8(_WHITE), numpy.uint8(0))[labels]
    joined = cv2.morphologyEx(dashes, cv2.MORPH_CLOSE, _block(max(1, round(letter_height * gap)), 1))
    rows = cv2.morphologyEx(joined, cv2.MORPH_OPEN, _block(round(letter_height * length), 1))
    return dashes & cv2.dilate(rows, _block(3, 3))


def _count(lines: Pixels) -> int:
    import cv2

    return int(cv2.connectedComponents(lines, connectivity=8)[0]) - 1


def _block(width: int, height: int) -> Pixels:
    import cv2

    return cv2.getStructuringElement(cv2.MORPH_RECT, (width, height))
