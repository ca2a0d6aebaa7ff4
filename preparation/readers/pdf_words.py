"""Where the words of a PDF's text layer stand, and its frame of points; asked only of pages that are a form."""

import ctypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from preparation.layout import Box, Word

_MAX_PAGE_CHARS = 40_000
_TRIM = 0.12  # share of a line's height, at top and bottom, in which letters seldom reach
_WORD = re.compile(r"[^\s\x00\u00a0\u2002-\u200a]+")
_FILLER = re.compile(r"\.{3,}|_{3,}|[\u25a0\u25ba\u25b6]")

Sides = tuple[float, float, float, float]
"""Left, bottom, right and top of a rectangle, in points."""


@dataclass(frozen=True, slots=True)
class Frame:
    """From points, counted from the lower left, to shares of the page.

    Attributes:
        left: Where the page begins.
        top: Where it ends.
        width: Of the page, as it is shown.
        height: See `width`.
    """

    left: float
    top: float
    width: float
    height: float

    def box(self, sides: Sides) -> Box:
        """A rectangle as a place on the page."""
        left, bottom, right, top = sides
        return Box(
            (left - self.left) / self.width,
            (self.top - top) / self.height,
            (right - self.left) / self.width,
            (self.top - bottom) / self.height,
        )


def frame_of(page: Any) -> Frame | None:
    """The frame of a page that is open in pdfium; None where it has no extent."""
    width, height = page.get_size()
    if width <= 0 or height <= 0:
        return None
    left, bottom, _, _ = page.get_bbox()
    return Frame(left, bottom + height, width, height)


def words_of(text_page: Any, text: str, frame: Frame) -> Iterator[Word]:
    """Runs of characters between spaces, with the box of the first and last of them.

    Args:
        text_page: Open in pdfium.
        text: What pdfium gives as its text.
        frame: Of its page.
    """
    from pypdfium2 import raw

    handle = text_page.raw
    count = raw.FPDFText_CountChars(handle)
    if len(text) != count:  # pdfium left some out, and places are counted with them
        text = "".join(chr(raw.FPDFText_GetUnicode(handle, index) or 32) for index in range(count))
    text = _FILLER.sub(lambda each: " " * len(each.group()), text[:_MAX_PAGE_CHARS])
    around = _Rectangles(handle)
    for match in _WORD.finditer(text):
        if sides := around.word(match.start(), match.end() - 1):
            left, bottom, right, top = sides
            trim = _TRIM * (top - bottom)
            yield Word(match.group().replace("\ufffe", "-"), frame.box((left, bottom + trim, right, top - trim)))


class _Rectangles:
    """Around characters; the loose box of a letter reaches as high as any letter of its font."""

    def __init__(self, handle: Any) -> None:
        from pypdfium2 import raw

        self._handle = handle
        self._ask = raw.FPDFText_GetLooseCharBox
        self._box = raw.FS_RECTF()
        self._place = ctypes.byref(self._box)  # once: ctypes would make it at each call

    def word(self, first: int, last: int) -> Sides | None:
        """Around its first and last letter; around all of them where one of these has no extent."""
        begin = self._letter(first)
        end = begin if last == first else self._letter(last)
        if begin and end:
            (left, bottom, right, top), (other_left, other_bottom, other_right, other_top) = begin, end
            return (
                left if left < other_left else other_left,  # by hand: `min` and `max` took 3.7 times as long
                bottom if bottom < other_bottom else other_bottom,
                right if right > other_right else other_right,
                top if top > other_top else other_top,
            )
        return _around([sides for index in range(first, last + 1) if (sides := self._letter(index))])

    def _letter(self, index: int) -> Sides | None:
        box = self._box
        if not self._ask(self._handle, index, self._place):
            return None
        left, bottom, right, top = box.left, box.bottom, box.right, box.top
        return None if right <= left or top <= bottom else (left, bottom, right, top)


def _around(parts: list[Sides]) -> Sides | None:
    if not parts:
        return None
    lefts, bottoms, rights, tops = zip(*parts, strict=True)
    return min(lefts), min(bottoms), max(rights), max(tops)
