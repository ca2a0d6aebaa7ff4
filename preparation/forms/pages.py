"""The pages of a form, wherever its words come from: OCR, a PDF's text layer and fields, or plain lines."""

from collections.abc import Mapping, Sequence

from preparation.extraction import Extraction, Source
from preparation.forms.pdf_layout import pdf_pages
from preparation.forms.scans import Scan, scans_of
from preparation.forms.spans import Entry, Sheet
from preparation.layout import Box, Page, Word

_PDF = "application/pdf"
_MAX_LINES = 400
_LETTER_WIDTH, _LINE_HEIGHT = 1.0, 2.0  # of a page made of plain lines


def sheets_of(extraction: Extraction, source: Source) -> list[Sheet]:
    """The pages to read; none of an interactive form in which nothing was filled in."""
    scans = {page.number: Scan(page) for page in extraction.layout if page.words}
    scans |= {scan.page.number: scan for scan in scans_of(extraction, source)}
    if source.media_type == _PDF:
        if _is_blank(extraction.fields) and not scans:
            return []
        found = pdf_pages(source.path, source.options.passwords)
        is_filled = any(each.entries for each in found)
        return [
            _sheet(scans.get(each.page.number) or Scan(each.page), each.entries, is_interactive=is_filled)
            for each in found
        ]
    return [_sheet(scan) for scan in scans.values()] or [Sheet(page_of(extraction.text))]


def _sheet(scan: Scan, entries: Sequence[Entry] = (), *, is_interactive: bool = False) -> Sheet:
    darkness = None if scan.pixels is None else scan.darkness
    return Sheet(scan.page, entries, is_interactive=is_interactive, darkness=darkness)


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
