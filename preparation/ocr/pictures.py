"""Pixels made ready for OCR: grey, dark on light, upright, of the right size, without ruled lines."""

import math
from dataclasses import dataclass
from typing import Any

from preparation.lightness import lightness
from preparation.ocr.engine import Pixels

LETTER_HEIGHT = 16  # pixels of the median letter, capitals are a third higher; larger costs time and reads no better
MAX_PIXELS = 16_000_000
_SMALL_ENOUGH, _LARGE_ENOUGH = 32, 8.5  # letters between are left as they are
_MAX_ENLARGEMENT = 3.0
_MIN_PART, _MAX_PART_SHARE = 5, 0.1  # heights of what may be a letter: pixels, share of the picture
_MIN_LETTERS = 8
_DARKEST_PAPER = 110  # darker is a bar or a picture, and left as it is
_SKEW_WIDTH = 700
_MAX_SKEW = 8.0
_MIN_SKEW = 0.25


@dataclass(frozen=True, slots=True)
class Letters:
    """What the dark spots of a picture are.

    Attributes:
        height: The median height of spots that may be letters, in pixels; 0 where there are too few.
        count: How many spots may be letters.
    """

    height: float
    count: int


def grey(image: Any) -> Pixels:
    """A Pillow image as grey pixels: turned as its EXIF says, its transparent parts white."""
    import numpy
    from PIL import Image, ImageOps

    image.load()
    turned = ImageOps.exif_transpose(image)
    if turned.has_transparency_data:
        rgba = turned.convert("RGBA")
        paper = Image.new("RGBA", rgba.size, "white")
        turned = Image.alpha_composite(paper, rgba)
    return numpy.ascontiguousarray(numpy.asarray(lightness(turned)))


def levelled(pixels: Pixels, letter_height: float) -> Pixels:
    """The picture on white paper: shaded cells, stained and unevenly lit paper become light, the ink stays dark.

    Tesseract has one threshold for a whole page: it read no word of a grey table header.
    """
    import cv2
    import numpy

    step = max(1, round(letter_height / 6))
    height, width = pixels.shape
    small = cv2.resize(pixels, (max(1, width // step), max(1, height // step)), interpolation=cv2.INTER_AREA)
    # closing, not mere dilation: that left a grey fringe of half a letter along the edge of a shaded cell
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, (13, 13)))
    shade = cv2.resize(numpy.maximum(paper, _DARKEST_PAPER), (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.divide(pixels, shade, scale=255)


def ink(pixels: Pixels) -> Pixels:
    """255 where it is dark, 0 where it is light, by one threshold for the whole picture."""
    import cv2

    _, dark = cv2.threshold(pixels, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    return dark


def letters(dark: Pixels) -> Letters:
    """How large the letters are, from the heights of the dark spots."""
    import cv2
    import numpy

    _, _, spots, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    heights, widths = spots[1:, cv2.CC_STAT_HEIGHT], spots[1:, cv2.CC_STAT_WIDTH]
    largest = max(dark.shape[0] * _MAX_PART_SHARE, LETTER_HEIGHT * 4)
    like = (heights >= _MIN_PART) & (heights <= largest) & (widths <= heights * 3) & (widths * 12 >= heights)
    count = int(like.sum())
    return Letters(float(numpy.median(heights[like])) if count >= _MIN_LETTERS else 0.0, count)


def scale_for(size: tuple[int, int], letter_height: float) -> float:
    """By how much a picture of this height and width is enlarged for letters of this height."""
    height, width = size
    most = math.sqrt(MAX_PIXELS / (height * width))
    if not letter_height or _LARGE_ENOUGH <= letter_height <= _SMALL_ENOUGH:
        return min(1.0, most)
    return min(_MAX_ENLARGEMENT, LETTER_HEIGHT / letter_height, most)


def scaled(pixels: Pixels, scale: float) -> Pixels:
    """The picture enlarged or reduced."""
    import cv2

    if scale == 1:
        return pixels
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=way)


def skew(dark: Pixels) -> float:
    """The degrees by which lines of text fall to the right; 0 where it is too little to matter.

    Lines of text give the sharpest profile of dark rows when the picture is turned just so.
    """
    import cv2
    import numpy

    small = scaled(dark, min(1.0, _SKEW_WIDTH / max(dark.shape)))
    if not small.any():
        return 0.0
    height, width = small.shape

    def sharpness(angle: float) -> float:
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
        rows = cv2.warpAffine(small, turn, (width, height), flags=cv2.INTER_NEAREST).sum(axis=1, dtype=numpy.float64)
        return float(numpy.square(numpy.diff(rows)).sum())

    coarse = max(numpy.arange(-_MAX_SKEW, _MAX_SKEW + 0.1, 0.8), key=sharpness)
    fine = float(max(numpy.arange(coarse - 0.6, coarse + 0.61, 0.2), key=sharpness))
    if abs(fine) < _MIN_SKEW or sharpness(fine) < 1.1 * sharpness(0.0):
        return 0.0
    return fine


def turned(pixels: Pixels, degrees: float) -> Pixels:
    """The picture turned counter-clockwise about its middle, white where nothing was."""
    import cv2
    import numpy

    quarters = round(degrees / 90)
    rest = degrees - 90 * quarters
    straight = numpy.ascontiguousarray(numpy.rot90(pixels, quarters)) if quarters % 4 else pixels
    if not rest:
        return straight
    height, width = straight.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), rest, 1.0)
    return cv2.warpAffine(straight, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=255)
