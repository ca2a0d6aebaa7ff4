"""The text of one picture or scanned page: which engine reads it, on which pixels."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from preparation.layout import Box, Page, Word
from preparation.ocr import pictures
from preparation.ocr.engine import OcrEngine, Pixels, Seen, mean_confidence
from preparation.ocr.leftovers import leftovers, surest
from preparation.ocr.lines import in_lines, is_junk, text_of, without_rules
from preparation.ocr.ruling import ruling, without

SURE = 0.70  # a page of print has 0.85 and more; one that lies on its head, or is Chinese, about 0.3
_MIN_WORD = 0.35
_SURE_WORD, _SURE_AGAIN = 0.5, 0.7  # on a form: less sure a word is read again by itself, and must then be surer
_MIN_PICTURE = 0.60  # a picture of things gives letters too, of a confidence of 0.3 to 0.5
_MIN_RAPID = 0.6
_RAPID_SIDE = 2_000
_LONG_WORD = 4
_RAPID_SCRIPTS = ("Latin", "Han", "Japanese", "HanS", "HanT", "Fraktur")  # a page of Arabic took it 8 s for nothing
_CLOSELY = 1.8  # enlargement at which columns of small print come apart
_TESSERACT, _RAPID = "tesseract", "rapidocr"


@dataclass(frozen=True, slots=True)
class Reading:
    """What OCR found in one picture.

    Attributes:
        text: Its lines, or "".
        page: The place of each word, on the picture as it stands upright.
        confidence: Of the mean letter, from 0 to 1.
        turned: By how many degrees it was turned counter-clockwise to stand upright.
        engine: Which one was believed.
    """

    text: str
    page: Page
    confidence: float
    turned: float
    engine: str


@dataclass(frozen=True, slots=True)
class _Attempt:
    words: list[Seen]
    size: tuple[int, int]
    turned: float
    is_form: bool
    engine: str

    @property
    def confidence(self) -> float:
        return mean_confidence(self.words)

    @property
    def is_sideways(self) -> bool:
        """Whether most words stand higher than they are long: Tesseract reads columns of turned letters as they are."""
        long = [word for word in self.words if len(word.text) >= _LONG_WORD]
        upright = sum(word.bottom - word.top > word.right - word.left for word in long)
        return upright > len(long) / 2


def read_picture(pixels: Pixels, number: int = 1) -> Reading:
    """All that is written in one picture.

    Args:
        pixels: As `pictures.grey` gives them.
        number: Its page.
    """
    best = _by_tesseract(pixels, 0)
    if best.confidence < SURE or best.is_sideways:
        best = _second(pixels, best)
    return _reading(best, pixels.shape, number)


def read_closely(pixels: Pixels, number: int = 1, degrees: float = 0.0) -> tuple[Page, Pixels]:
    """The words of a page of boxes, each where it stands, and the page upright.

    Args:
        pixels: As `pictures.grey` gives them.
        number: Its page.
        degrees: By how many it is turned counter-clockwise to stand upright, as `read_picture` told.
    """
    upright = pictures.turned(pixels, degrees) if degrees else pixels
    enlarged = pictures.scaled(upright, max(1.0, min(_CLOSELY, _RAPID_SIDE / max(upright.shape))))
    return _reading(_by_rapid(enlarged, 0), upright.shape, number).page, upright


def _second(pixels: Pixels, first: _Attempt) -> _Attempt:
    """What else can be tried where Tesseract is unsure: another side up, then another engine."""
    degrees, script = _orientation().of(pixels)
    if degrees:
        again = _by_tesseract(pixels, degrees)
        first = again if first.is_sideways else max(first, again, key=_worth)
    if first.confidence >= _MIN_PICTURE:
        return first
    if script not in _RAPID_SCRIPTS and (script or not first.words):
        return first  # neither engine has letters of that script, or there are too few spots for letters
    return max(first, _by_rapid(pixels, first.turned), key=_worth)


def _worth(attempt: _Attempt) -> float:
    """Letters that are likely right."""
    return sum(len(word.text) * (word.confidence - 0.3) for word in attempt.words)


def _by_tesseract(pixels: Pixels, degrees: float) -> _Attempt:
    upright = pictures.turned(pixels, degrees) if degrees else pixels
    bounded = pictures.scaled(upright, pictures.scale_for(upright.shape, 0))
    dark = pictures.ink(bounded)
    letters = pictures.letters(dark)
    if not letters.height:
        return _Attempt(_tesseract().read(bounded, is_form=False), bounded.shape, degrees, False, _TESSERACT)
    if angle := pictures.skew(dark):
        bounded = pictures.turned(bounded, angle)
    scale = pictures.scale_for(bounded.shape, letters.height)
    height = letters.height * scale
    bounded = pictures.levelled(pictures.scaled(bounded, scale), height)
    dark = pictures.ink(bounded)
    found = ruling(dark, height)
    clean = without(bounded, dark, found)
    words = _tesseract().read(clean, is_form=found.is_form)
    if found.is_form:
        sure = [word for word in words if word.confidence >= _SURE_WORD]
        again = _tesseract().read_spots(leftovers(pictures.ink(clean), sure, height))
        words = surest(words, [word for word in again if word.confidence >= _SURE_AGAIN])
    return _Attempt(words, clean.shape, degrees + angle, found.is_form, _TESSERACT)


def _by_rapid(pixels: Pixels, degrees: float) -> _Attempt:
    upright = pictures.turned(pixels, degrees) if degrees else pixels
    bounded = pictures.scaled(upright, min(1.0, _RAPID_SIDE / max(upright.shape)))
    words = [word for word in _rapid().read(bounded, is_form=False) if word.confidence >= _MIN_RAPID]
    return _Attempt(words, bounded.shape, degrees, False, _RAPID)


@cache
def _tesseract() -> OcrEngine:
    from preparation.ocr.tesseract_engine import TesseractEngine

    return TesseractEngine()


@cache
def _orientation() -> Any:
    from preparation.ocr.tesseract_engine import Orientation

    return Orientation()


@cache
def _rapid() -> OcrEngine:
    from preparation.ocr.rapid_engine import RapidEngine

    return RapidEngine()


def _reading(attempt: _Attempt, shape: tuple[int, int], number: int) -> Reading:
    seen = [without_rules(word) for word in attempt.words] if attempt.is_form else attempt.words
    words = [word for word in seen if not is_junk(word, _MIN_WORD)] if attempt.confidence >= _MIN_PICTURE else []
    confidence = mean_confidence(words)
    height, width = attempt.size
    lines = in_lines(words, by_place=attempt.is_form or attempt.engine == _RAPID)
    is_aside = round(attempt.turned / 90) % 2 == 1
    page_height, page_width = (shape[1], shape[0]) if is_aside else shape
    placed = tuple(_placed(word, width, height) for line in lines for word in line)
    page = Page(number, page_width, page_height, placed, is_scan=True)
    return Reading(text_of(lines), page, confidence, attempt.turned, attempt.engine)


def _placed(word: Seen, width: int, height: int) -> Word:
    box = Box(
        *(
            _share(at, of)
            for at, of in ((word.left, width), (word.top, height), (word.right, width), (word.bottom, height))
        )
    )
    return Word(word.text, box, round(word.confidence, 3))


def _share(at: float, of: int) -> float:
    return round(min(1.0, max(0.0, at / of)), 5)
