"""The pages of a form, wherever its words come from: OCR, a PDF's text layer and fields, or plain lines."""

from collections.abc import Sequence

from preparation.extraction import Extraction, Source
from preparation.forms.scans import Scan, scans_of
from preparation.forms.spans import Sheet
from preparation.layout import Box, Entry, Page, Word

_PDF = "application/pdf"
_MAX_LINES = 400
_LETTER_WIDTH, _LINE_HEIGHT = 1.0, 2.0  # of a page made of plain lines


def sheets_of(extraction: Extraction, source: Source) -> list[Sheet]:
    """The pages to read; none of an interactive form in which nothing was filled in."""
    scans = {page.number: Scan(page) for page in extraction.layout if page.words or page.entries}
    scans |= {scan.page.number: scan for scan in scans_of(extraction, source)}
    if not scans and source.media_type != _PDF:
        return [Sheet(page_of(extraction.text))]
    entries = {page.number: page.entries for page in extraction.layout}
    is_interactive = any(entries.values())
    return [_sheet(scan, entries[number], is_interactive=is_interactive) for number, scan in scans.items()]


def _sheet(scan: Scan, entries: Sequence[Entry], *, is_interactive: bool) -> Sheet:
    darkness = None if scan.pixels is None else scan.darkness
    return Sheet(scan.page, entries, is_interactive=is_interactive, darkness=darkness)


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
