"""What is written in a picture: its text with the place of each word, and its bar codes."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from preparation.extraction import Extraction, ModelNeededError, ModelUse, Source
from preparation.layout import Page
from preparation.ocr import read_picture, unread
from preparation.ocr.pictures import grey
from preparation.readers.media_image import Facts, opened

MAX_PAGES = 1_000  # of a fax
_SMALLEST = 16  # pixels a side; nothing can be read in less
_PAGED = "TIFF"  # the one format whose frames are pages; of others they are moments
_MAX_CODES = 50


@dataclass(slots=True)
class Written:
    """What was read in the frames of one picture.

    Attributes:
        texts: The text of each page.
        layout: The place of each word, a page each.
        facts: For the metadata.
        note: What was left unread, or None.
    """

    texts: list[str] = field(default_factory=list)
    layout: list[Page] = field(default_factory=list)
    facts: Facts = field(default_factory=dict)
    note: str | None = None

    @property
    def text(self) -> str:
        """All pages, one after the other."""
        return "\n\n".join(text for text in self.texts if text)


def written(source: Source, facts: Facts) -> Written:
    """Reads a picture that Pillow can open.

    Raises:
        ModelNeededError: If OCR works elsewhere.
    """
    if not _is_readable(facts):
        return Written()
    if source.options.ocr == ModelUse.OFF:
        return Written(note=unread("What is written in it"))
    if source.options.ocr == ModelUse.ELSEWHERE:
        raise ModelNeededError("ocr")
    with opened(source.path) as image:
        return _read(image, source)


def _is_readable(facts: Facts) -> bool:
    sides = [facts.get("width"), facts.get("height")]
    return "mode" in facts and all(isinstance(side, int) and side >= _SMALLEST for side in sides)


def _read(image: Any, source: Source) -> Written:
    found, until = Written(), time.monotonic() + source.limits.max_ocr_seconds
    confidences: list[float] = []
    for number, frame in enumerate(_pages(image), 1):
        pixels = grey(frame)
        if number == 1:
            found.facts |= _codes(pixels)
        reading = read_picture(pixels, number)
        found.texts.append(reading.text)
        if reading.page.words:
            found.layout.append(reading.page)
            confidences.append(reading.confidence)
        if reading.turned and number == 1:
            found.facts["turned_degrees"] = round(reading.turned, 1)
        if time.monotonic() > until:
            found.note = f"Only its first {number} pages are read: {source.limits.max_ocr_seconds:.0f} s are over."
            break
    if confidences:
        found.facts["ocr_confidence"] = round(sum(confidences) / len(confidences), 3)
    return found


def _pages(image: Any) -> Iterator[Any]:
    count = getattr(image, "n_frames", 1) if image.format == _PAGED else 1
    for number in range(min(count, MAX_PAGES)):
        image.seek(number)
        yield image


def _codes(pixels: Any) -> Facts:
    import zxingcpp

    codes = [(str(code.format), code.text) for code in zxingcpp.read_barcodes(pixels)[:_MAX_CODES] if code.text]
    if not codes:
        return {}
    formats = ", ".join(sorted({form for form, _ in codes}))
    return {"barcode_format": formats, "barcode": "\n".join(text for _, text in codes)}


def with_written(extraction: Extraction, source: Source) -> Extraction:
    """The extraction of a picture's facts, with what is written in it."""
    found = written(source, dict(extraction.metadata))
    if not found.texts and not found.note:
        return extraction
    text = "\n\n".join(part for part in (found.text, extraction.text) if part)
    return replace(
        extraction,
        text=text[: source.limits.max_text_chars],
        layout=tuple(found.layout),
        metadata={**extraction.metadata, **found.facts},
        fields={"barcode": str(found.facts["barcode"])} if "barcode" in found.facts else {},
        note=found.note,
    )
