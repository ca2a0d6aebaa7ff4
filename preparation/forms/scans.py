"""Scanned pages of a form, read a second time by the engine that keeps boxes apart, and the ink in its checkboxes.

Tesseract tells cheaply what a page is; of the values of a CMS-1500 it read two in three, RapidOCR all but one, in
four seconds. Only what is known to be a form is read so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from preparation.extraction import Extraction, ModelUse, Source
from preparation.layout import Box, Page

MAX_PAGES = 6  # a longer scan of forms keeps what the first reading found on the pages after these
_PDF = "application/pdf"
_DPI, _POINTS = 200, 72
_MAX_PIXELS = 8_000_000
_INNER = 0.22  # share of a checkbox that is its frame, on each side


@dataclass(frozen=True, slots=True)
class Scan:
    """A scanned page.

    Attributes:
        page: Its words.
        pixels: Its picture in grey, upright as the page; None where it is not at hand.
    """

    page: Page
    pixels: Any = None

    def darkness(self, box: Box) -> float:
        """How dark a place is inside its frame, from 0 to 1."""
        height, width = self.pixels.shape
        across, down = _INNER * (box.right - box.left), _INNER * (box.bottom - box.top)
        part = self.pixels[
            int((box.top + down) * height) : int((box.bottom - down) * height) + 1,
            int((box.left + across) * width) : int((box.right - across) * width) + 1,
        ]
        return 1.0 - float(part.mean()) / 255 if part.size else 0.0


def scans_of(extraction: Extraction, source: Source) -> list[Scan]:
    """The scanned pages of a form, read closely; none where OCR is not at hand."""
    first = {page.number: page for page in extraction.layout if page.is_scan and page.words}
    if source.options.ocr is not ModelUse.HERE or not first:
        return []
    from preparation.ocr import read_closely

    degrees = float(extraction.metadata.get("turned_degrees", 0.0))
    scans = []
    for number, pixels in _pictures(source, sorted(first)[:MAX_PAGES]):
        page, upright = read_closely(pixels, number, degrees)
        better = len(page.words) * 2 >= len(first[number].words)
        scans.append(Scan(page if better else first[number], upright))
    return scans


def _pictures(source: Source, numbers: Sequence[int]) -> Iterator[tuple[int, Any]]:
    """The pixels of pages, in grey."""
    if source.media_type == _PDF:
        yield from _drawn(source, numbers)
        return
    from PIL import Image

    from preparation.ocr.pictures import grey

    with source.path.open("rb") as file, Image.open(file) as image:
        for number in numbers:
            image.seek(number - 1)
            yield number, grey(image)


def _drawn(source: Source, numbers: Sequence[int]) -> Iterator[tuple[int, Any]]:
    with source.path.open("rb") as file:  # opened here: pypdfium2 resolves a path, and a memory file's leads nowhere
        document = _opened(file, source.options.passwords)
        if document is None:
            return
        try:
            for number in numbers:
                page = document[number - 1]
                width, height = page.get_size()
                scale = min(_DPI / _POINTS, (_MAX_PIXELS / max(1.0, width * height)) ** 0.5)
                bitmap = page.render(scale=scale, grayscale=True)
                yield number, bitmap.to_numpy().reshape(bitmap.height, -1)[:, : bitmap.width].copy()
                bitmap.close()
                page.close()
        finally:
            document.close()


def _opened(file: BinaryIO, passwords: Sequence[str]) -> Any:
    """A PDF that pdfium can open with one of the passwords or with none, else None."""
    import pypdfium2

    for password in ("", *passwords):
        try:
            return pypdfium2.PdfDocument(file, password=password or None)
        except pypdfium2.PdfiumError:
            file.seek(0)
    return None
