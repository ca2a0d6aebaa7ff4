"""The pages of a PDF: the text of each, where its words stand, and whether it is a scan."""

import time
from dataclasses import dataclass, field, replace
from typing import Any

from preparation.extraction import Limits, ModelNeededError, ModelUse, Options, RawTable
from preparation.layout import Entry, Page
from preparation.ocr import Reading
from preparation.readers.pdf_arabic import mended
from preparation.readers.pdf_scan_signs import is_scan, is_unreadable
from preparation.readers.pdf_scans import read_scan
from preparation.readers.pdf_tables import MAX_TABLES, ruled_table
from preparation.readers.pdf_widgets import Widgets
from preparation.readers.pdf_words import frame_of, words_of

_MAX_OPEN = 12  # longer papers write about forms
_MAX_OPEN_OBJECTS, _MAX_OPEN_CHARS = 50_000, 200_000  # a map has more; a page of a form 1,000 and 6,000


@dataclass(frozen=True, slots=True)
class OpenPage:
    """A page that is open in pdfium.

    Attributes:
        number: From 1.
        page: The page.
        text_page: Its text layer.
        text: What pdfium gives as the text of that.
        entries: What was filled in on it.
    """

    number: int
    page: Any
    text_page: Any
    text: str
    entries: tuple[Entry, ...]

    def placed(self) -> Page | None:
        """The page with the place of each of its words; None where it has no extent."""
        frame = frame_of(self.page)
        if frame is None:
            return None
        words = tuple(words_of(self.text_page, self.text, frame))
        return Page(self.number, frame.width, frame.height, words, entries=self.entries)

    @property
    def may_stay_open(self) -> bool:
        """Whether it is one of the first and takes no more memory than a form."""
        from pypdfium2 import raw

        is_short = self.number <= _MAX_OPEN and len(self.text) <= _MAX_OPEN_CHARS
        return is_short and raw.FPDFPage_CountObjects(self.page.raw) <= _MAX_OPEN_OBJECTS

    def close(self) -> None:
        """Lets go of it, and of the pictures that were drawn of it."""
        self.text_page.close()
        self.page.close()


@dataclass(slots=True)
class Pages:
    """What the pages of one PDF hold.

    Attributes:
        texts: The text of each page read, in order.
        scanned: Each page that OCR read, with the place of each word.
        open: The first of the other pages, which stay open until the document is closed.
        tables: The tables ruled on pages that have a text layer.
        scans: The pages, counted from 1, that show something but hold (nearly) no text.
        read_scans: Those of them that OCR read.
        confidences: How sure it was of each of these, from 0 to 1; 0 where it found nothing.
        count: How many pages there are, read or not.
        is_late: Whether OCR was stopped by its time.
        note: What was left out, or None.
    """

    texts: list[str] = field(default_factory=list)
    scanned: list[Page] = field(default_factory=list)
    open: list[OpenPage] = field(default_factory=list)
    tables: list[RawTable] = field(default_factory=list)
    scans: list[int] = field(default_factory=list)
    read_scans: list[int] = field(default_factory=list)
    confidences: list[float] = field(default_factory=list)
    count: int = 0
    is_late: bool = False
    note: str | None = None

    @property
    def text(self) -> str:
        """The text of all pages."""
        return "\n\n".join(self.texts).strip()

    def placed(self) -> list[Page]:
        """The first pages with the place of each word, and all that OCR read.

        Of an interactive form those in which something was filled in: on the others there is no value.
        """
        filled = [each for each in self.open if each.entries] or self.open
        found = [page for each in filled if (page := each.placed())]
        return sorted((*found, *self.scanned), key=lambda page: page.number)


@dataclass(frozen=True, slots=True)
class _PageRead:
    text: str
    is_scan: bool = False
    reading: Reading | None = None
    table: RawTable | None = None


def read_pages(document: Any, limits: Limits, options: Options, widgets: Widgets) -> Pages:
    """The pages of a document that pdfium opened, until so many characters are kept.

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
            opened = _opened(document, index, widgets)
            page = _read(opened, ModelUse.OFF if pages.is_late else options.ocr, is_form=widgets.is_form)
        except Exception as error:
            if type(error).__name__ != "PdfiumError":
                raise
            unread.append(index + 1)
            continue
        _keep(pages, opened, page)
        pages.texts.append(page.text[: max_chars - kept])
        kept += len(page.text)
    if unread:
        pages.note = f"Pages that could not be read: {listed(unread)}."
    return pages


def _opened(document: Any, index: int, widgets: Widgets) -> OpenPage:
    page = document[index]
    entries = widgets.take(page)
    text_page = page.get_textpage()
    return OpenPage(index + 1, page, text_page, text_page.get_text_range(), entries)


def _read(opened: OpenPage, ocr: ModelUse, *, is_form: bool) -> _PageRead:
    page, text_page = opened.page, opened.text_page
    text = mended(opened.text, text_page).replace("\r\n", "\n").replace("\x00", "").replace("\ufffe", "-\n")
    table = None if is_form or not text else ruled_table(page, text_page, opened.number)
    if not is_scan(page, text):
        return _PageRead(text, table=table)
    if ocr == ModelUse.ELSEWHERE:
        raise ModelNeededError("ocr")
    if ocr == ModelUse.OFF:
        return _PageRead(text, is_scan=True)
    reading = read_scan(page, opened.number)
    stamped = [] if is_unreadable(text) else [line for line in text.splitlines() if line.strip() not in reading.text]
    told = "\n".join((*stamped, reading.text)).strip()
    return _PageRead(told, is_scan=True, reading=reading)


def _keep(pages: Pages, opened: OpenPage, page: _PageRead) -> None:
    """Notes what was found on a page; it stays open where the place of its words may be asked for."""
    if page.is_scan:
        pages.scans.append(opened.number)
    if page.table and len(pages.tables) < MAX_TABLES:
        pages.tables.append(page.table)
    if page.reading:
        pages.read_scans.append(opened.number)
        pages.confidences.append(page.reading.confidence)
        if page.reading.page.words:
            pages.scanned.append(replace(page.reading.page, entries=opened.entries))
            opened.close()
            return
    if opened.may_stay_open:
        pages.open.append(opened)
    else:
        opened.close()


def listed(numbers: list[int], at_most: int = 50) -> str:
    """Numbers of pages as a person reads them, the first so many."""
    more = f" and {len(numbers) - at_most} more" if len(numbers) > at_most else ""
    return ", ".join(map(str, numbers[:at_most])) + more
