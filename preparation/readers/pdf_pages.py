"""The pages of a PDF: the text of each, where its words stand, and whether it is a scan."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from preparation.extraction import Limits, ModelNeededError, ModelUse, Options, RawTable
from preparation.layout import Page
from preparation.ocr import Reading
from preparation.readers.pdf_arabic import mended
from preparation.readers.pdf_scan_signs import is_scan, is_unreadable
from preparation.readers.pdf_scans import read_scan
from preparation.readers.pdf_tables import MAX_TABLES, ruled_table


@dataclass(slots=True)
class Pages:
    """What the pages of one PDF hold.

    Attributes:
        texts: The text of each page read, in order.
        layout: Each page read that has words with a place, in order.
        tables: The tables ruled on pages that have a text layer.
        scans: The pages, counted from 1, that show something but hold (nearly) no text.
        read_scans: Those of them that OCR read.
        confidences: How sure it was of each of these, from 0 to 1; 0 where it found nothing.
        count: How many pages there are, read or not.
        is_late: Whether OCR was stopped by its time.
        note: What was left out, or None.
    """

    texts: list[str] = field(default_factory=list)
    layout: list[Page] = field(default_factory=list)
    tables: list[RawTable] = field(default_factory=list)
    scans: list[int] = field(default_factory=list)
    read_scans: list[int] = field(default_factory=list)
    confidences: list[float] = field(default_factory=list)
    count: int = 0
    is_late: bool = False
    note: str | None = None


@dataclass(frozen=True, slots=True)
class _PageRead:
    text: str
    layout: Page | None = None
    is_scan: bool = False
    reading: Reading | None = None
    table: RawTable | None = None


def read_pages(document: Any, limits: Limits, options: Options, visit: Callable[[Any], None]) -> Pages:
    """The pages of a document that pdfium opened, until so many characters are kept; `visit` is shown each, open.

    Raises:
        ModelNeededError: At the first page that is a scan, where OCR works elsewhere.
    """
    pages = Pages(count=len(document))
    kept, unread, max_chars = 0, [], limits.max_text_chars
    ocr_until = time.monotonic() + limits.max_ocr_seconds
    for index in range(pages.count):
        if kept >= max_chars:
            pages.note = f"Only the text of the first {index} of {pages.count} pages is kept, {max_chars} characters."
            break
        try:
            pages.is_late = options.ocr == ModelUse.HERE and time.monotonic() > ocr_until
            page = _page(document, index, ModelUse.OFF if pages.is_late else options.ocr, visit)
        except Exception as error:
            if type(error).__name__ != "PdfiumError":
                raise
            unread.append(index + 1)
            continue
        if page.is_scan:
            pages.scans.append(index + 1)
        if page.reading:
            pages.read_scans.append(index + 1)
            pages.confidences.append(page.reading.confidence)
        pages.texts.append(page.text[: max_chars - kept])
        kept += len(page.text)
        if page.layout:
            pages.layout.append(page.layout)
        if page.table and len(pages.tables) < MAX_TABLES:
            pages.tables.append(page.table)
    if unread:
        pages.note = f"Pages that could not be read: {listed(unread)}."
    return pages


def _page(document: Any, index: int, ocr: ModelUse, visit: Callable[[Any], None]) -> _PageRead:
    page = document[index]
    try:
        visit(page)
        text_page = page.get_textpage()
        text = mended(text_page.get_text_range(), text_page)
        text = text.replace("\r\n", "\n").replace("\x00", "").replace("\ufffe", "-\n")
        table = None if document.get_formtype() or not text else ruled_table(page, text_page, index + 1)
        text_page.close()
        if not is_scan(page, text):
            return _PageRead(text, table=table)
        if ocr == ModelUse.ELSEWHERE:
            raise ModelNeededError("ocr")
        if ocr == ModelUse.OFF:
            return _PageRead(text, is_scan=True)
        reading = read_scan(page, index + 1)
        stamped = (
            [] if is_unreadable(text) else [line for line in text.splitlines() if line.strip() not in reading.text]
        )
        told = "\n".join((*stamped, reading.text)).strip()
        return _PageRead(told, reading.page if reading.page.words else None, is_scan=True, reading=reading)
    finally:
        page.close()


def listed(numbers: list[int], at_most: int = 50) -> str:
    """Numbers of pages as a person reads them, the first so many."""
    more = f" and {len(numbers) - at_most} more" if len(numbers) > at_most else ""
    return ", ".join(map(str, numbers[:at_most])) + more
