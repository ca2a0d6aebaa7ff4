"""The pages of a form, wherever its words come from: OCR, a PDF's text layer and fields, or plain lines."""

from collections.abc import Mapping
from pathlib import Path

from preparation.extraction import Extraction
from preparation.forms.pdf_layout import pdf_pages
from preparation.forms.spans import Sheet
from preparation.layout import Box, Page, Word

_PDF = "application/pdf"
_MAX_LINES = 400
_LETTER_WIDTH, _LINE_HEIGHT = 1.0, 2.0  # of a page made of plain lines


def sheets_of(extraction: Extraction, path: Path, media_type: str, passwords: tuple[str, ...] = ()) -> list[Sheet]:
    """The pages to read; none of an interactive form in which nothing was filled in."""
    scans = {page.number: page for page in extraction.layout if page.words}
    if media_type == _PDF:
        if _is_blank(extraction.fields) and not scans:
            return []
        found = pdf_pages(path, passwords)
        return [Sheet(scans.get(each.page.number, each.page), [entry.word for entry in each.entries]) for each in found]
    if scans:
        return [Sheet(page) for page in scans.values()]
    return [Sheet(page_of(extraction.text))]


def _is_blank(fields: Mapping[str, str]) -> bool:
    return bool(fields) and not any(value and value != "Off" for value in fields.values())


def page_of(text: str) -> Page:
    """Plain lines as a page in type of one width."""
    lines = text.expandtabs(8).splitlines()[:_MAX_LINES]
    width = max(map(len, lines), default=1) * _LETTER_WIDTH or 1.0
    height = max(1, len(lines)) * _LINE_HEIGHT
    words = []
    for number, line in enumerate(lines):
        at = 0
        top, bottom = number * _LINE_HEIGHT / height, (number + 0.9) * _LINE_HEIGHT / height
        for part in line.split():
            at = line.index(part, at)
            box = Box(at * _LETTER_WIDTH / width, top, (at + len(part)) * _LETTER_WIDTH / width, bottom)
            words.append(Word(part, box))
            at += len(part)
    return Page(1, width, height, tuple(words))
