"""Where on its page a text was read: what a text layer and OCR have in common, and forms and pages build on."""

from dataclasses import dataclass
from typing import NamedTuple


class Box(NamedTuple):  # a page of a form has thousands: as a frozen dataclass each took 2.5 times as long to make
    """A rectangle on a page, in shares of its width and height from the top left: 0 to 1."""

    left: float
    top: float
    right: float
    bottom: float


class Word(NamedTuple):
    """One word as it stands on a page.

    Attributes:
        text: The word.
        box: Where.
        confidence: From 0 to 1; 1 from a text layer.
    """

    text: str
    box: Box
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Entry:
    """The value of a field of an interactive form.

    Attributes:
        word: The value where it stands; of a checked box, an ``X``.
        name: The field's name.
        tooltip: What a person is told who points at it, or "".
        is_checkbox: Whether it is a checked box or a chosen radio button.
    """

    word: Word
    name: str = ""
    tooltip: str = ""
    is_checkbox: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One page or picture that was read.

    Attributes:
        number: From 1.
        width: Points of a PDF (1/72 inch), pixels of a picture.
        height: As `width`.
        words: In reading order.
        is_scan: Whether OCR read it.
        entries: What was filled into the fields of an interactive form.
    """

    number: int
    width: float
    height: float
    words: tuple[Word, ...] = ()
    is_scan: bool = False
    entries: tuple[Entry, ...] = ()
