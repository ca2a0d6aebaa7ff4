"""The words of a PDF's text layer, and the values in its interactive form, each with its place."""

import ctypes
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from preparation.forms.spans import Entry
from preparation.layout import Box, Page, Word

MAX_PAGES = 12  # longer papers write about forms
MAX_PAGE_CHARS = 40_000
_TRIM = 0.12  # share of a line's height, at top and bottom, in which letters seldom reach
_TEXT_BYTES = 8192
_FLAG_PASSWORD = 1 << 13
_WORD = re.compile(r"[^\s\x00\u00a0\u2002-\u200a]+")
_FILLER = re.compile(r"\.{3,}|_{3,}|[\u25a0\u25ba\u25b6]")


@dataclass(frozen=True, slots=True)
class PdfPage:
    """One page of a PDF.

    Attributes:
        page: Its words.
        entries: What was filled in.
    """

    page: Page
    entries: tuple[Entry, ...]


def pdf_pages(path: Path, passwords: Sequence[str] = ()) -> list[PdfPage]:
    """Each page of a PDF that opened before; none where pdfium cannot open it."""
    import pypdfium2

    logging.getLogger("pypdfium2").setLevel(logging.ERROR)  # that it draws no XFA is no news
    with path.open("rb") as file:  # opened here: pypdfium2 resolves a path, and a memory file's link leads nowhere
        document = opened(file, passwords)
        if document is None:
            return []
        try:
            if document.get_formtype() != pypdfium2.raw.FORMTYPE_NONE:
                document.init_forms()
            pages = [_page(document, number) for number in range(min(len(document), MAX_PAGES))]
            return [page for page in pages if page]
        finally:
            document.close()


def opened(file: BinaryIO, passwords: Sequence[str]) -> Any:
    """A PDF that pdfium can open with one of the passwords or with none, else None."""
    import pypdfium2

    for password in ("", *passwords):
        try:
            return pypdfium2.PdfDocument(file, password=password or None)
        except pypdfium2.PdfiumError:
            file.seek(0)
    return None


def _page(document: Any, number: int) -> PdfPage | None:
    """A page with its words; None where it is damaged or has no extent, as the note on the text says."""
    import pypdfium2

    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        return None
    try:
        width, height = page.get_size()
        if width <= 0 or height <= 0:
            return None
        left, bottom, _, _ = page.get_bbox()
        frame = _Frame(left, bottom + height, width, height)
        entries = tuple(_entries(page, document.formenv, frame)) if document.formenv else ()
        text_page = page.get_textpage()
        try:
            words = tuple(_words(text_page, frame))
        finally:
            text_page.close()
        return PdfPage(Page(number + 1, width, height, words), entries)
    finally:
        page.close()


@dataclass(frozen=True, slots=True)
class _Frame:
    """From points, counted from the lower left, to shares of the page."""

    left: float
    top: float
    width: float
    height: float

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        return Box(
            (left - self.left) / self.width,
            (self.top - top) / self.height,
            (right - self.left) / self.width,
            (self.top - bottom) / self.height,
        )


def _words(text_page: Any, frame: _Frame) -> Iterator[Word]:
    """Runs of characters between spaces, with the box of the first and last of them."""
    from pypdfium2 import raw

    count = min(text_page.count_chars(), MAX_PAGE_CHARS)
    text = "".join(chr(raw.FPDFText_GetUnicode(text_page, index) or 32) for index in range(count))
    for match in _WORD.finditer(_FILLER.sub(lambda each: " " * len(each.group()), text)):
        rectangle = _rectangle(raw, text_page, match.start(), match.end())
        if rectangle:
            left, bottom, right, top = rectangle
            trim = _TRIM * (top - bottom)
            yield Word(match.group().replace("\ufffe", "-"), frame.box(left, bottom + trim, right, top - trim))


def _rectangle(raw: Any, text_page: Any, start: int, end: int) -> tuple[float, float, float, float] | None:
    """Around the characters of one word; the loose box of a letter reaches as high as any letter of its font."""
    box = raw.FS_RECTF()
    sides = [
        (box.left, box.bottom, box.right, box.top)
        for index in range(start, end)
        if raw.FPDFText_GetLooseCharBox(text_page, index, box) and box.right > box.left and box.top > box.bottom
    ]
    if not sides:
        return None
    lefts, bottoms, rights, tops = zip(*sides, strict=True)
    return min(lefts), min(bottoms), max(rights), max(tops)


def _entries(page: Any, form: Any, frame: _Frame) -> Iterator[Entry]:
    from pypdfium2 import raw

    rectangle = raw.FS_RECTF()
    for index in range(raw.FPDFPage_GetAnnotCount(page)):
        annotation = raw.FPDFPage_GetAnnot(page, index)
        try:
            if raw.FPDFAnnot_GetSubtype(annotation) != raw.FPDF_ANNOT_WIDGET:
                continue
            kind = raw.FPDFAnnot_GetFormFieldType(form, annotation)
            is_checkbox = kind in (raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON)
            if kind in (raw.FPDF_FORMFIELD_UNKNOWN, raw.FPDF_FORMFIELD_PUSHBUTTON):
                continue
            if raw.FPDFAnnot_GetFormFieldFlags(form, annotation) & _FLAG_PASSWORD and not is_checkbox:
                continue
            text = _value(raw, form, annotation, is_checkbox=is_checkbox)
            if text and raw.FPDFAnnot_GetRect(annotation, rectangle):
                box = frame.box(rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)
                name = _told(raw.FPDFAnnot_GetFormFieldName, form, annotation)
                tooltip = _told(raw.FPDFAnnot_GetFormFieldAlternateName, form, annotation)
                yield Entry(Word(text, box), name, tooltip, is_checkbox)
        finally:
            raw.FPDFPage_CloseAnnot(annotation)


def _value(raw: Any, form: Any, annotation: Any, *, is_checkbox: bool) -> str:
    if is_checkbox:
        return "X" if raw.FPDFAnnot_IsChecked(form, annotation) else ""
    return " ".join(_told(raw.FPDFAnnot_GetFormFieldValue, form, annotation).split())


def _told(ask: Any, form: Any, annotation: Any) -> str:
    """What pdfium says in UTF-16, through a buffer."""
    buffer = (ctypes.c_ushort * (_TEXT_BYTES // 2))()
    size = ask(form, annotation, buffer, _TEXT_BYTES)
    if size > _TEXT_BYTES:
        buffer = (ctypes.c_ushort * (size // 2))()
        size = ask(form, annotation, buffer, size)
    return bytes(buffer)[: max(0, size - 2)].decode("utf-16-le", "replace").strip()
