"""Whether a page of a PDF is a scan: by what its text layer holds and what is drawn on it."""

import re
from itertools import islice
from typing import Any

from preparation.readers.pdf_objects import Bounds, drawn_on

MIN_PAGE_CHARS = 20  # a page with fewer that shows something is a scan
_STAMP_CHARS = 200  # a number or a line that software stamped on a scan
_WHOLE_PAGE = 0.6  # share of a page that the picture of a scan covers at least
_DRAWN_SEGMENTS = 60  # printing to PDF often turns letters into outlines; a rule or a frame has fewer
_MAX_OBJECTS, _MAX_DEPTH = 2_000, 4
_UNREADABLE_SHARE = 0.3
_LOST = re.compile("[\ufffd\ue000-\uf8ff]")  # no letter was found, or one of a font's own


def is_unreadable(text: str) -> bool:
    """Whether a text layer holds codes of glyphs instead of letters, as fonts without a table of their letters give."""
    shown = "".join(text.split())
    if shown.isprintable() and not _LOST.search(shown):  # nearly every page, without a look at each letter
        return False
    lost = sum(bool(_LOST.match(letter)) or not letter.isprintable() for letter in shown)
    return len(shown) >= MIN_PAGE_CHARS and lost > len(shown) * _UNREADABLE_SHARE


def is_scan(page: Any, text: str) -> bool:
    """Whether the page, open in pdfium, must be read by OCR.

    Args:
        page: The page.
        text: Its text layer.
    """
    chars = len(text.strip())
    if chars >= _STAMP_CHARS:
        return is_unreadable(text)
    if chars >= MIN_PAGE_CHARS:
        return is_unreadable(text) or _is_covered(page)
    return _shows_something(page)


def _shows_something(page: Any) -> bool:
    """Whether a picture, or outlines enough to be letters, are on the page."""
    import pypdfium2

    raw, segments = pypdfium2.raw, 0
    shown = (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING, raw.FPDF_PAGEOBJ_PATH)
    for part, kind in islice(drawn_on(page, shown, _MAX_DEPTH), _MAX_OBJECTS):
        if kind != raw.FPDF_PAGEOBJ_PATH:
            return True
        segments += raw.FPDFPath_CountSegments(part)
        if segments >= _DRAWN_SEGMENTS:
            return True
    return False


def _is_covered(page: Any) -> bool:
    """Whether one picture covers most of the page."""
    import pypdfium2

    width, height = page.get_size()
    bounds = Bounds()
    for picture, _ in islice(drawn_on(page, (pypdfium2.raw.FPDF_PAGEOBJ_IMAGE,), 1), _MAX_OBJECTS):
        left, bottom, right, top = bounds.of(picture) or (0.0, 0.0, 0.0, 0.0)
        if (right - left) * (top - bottom) >= _WHOLE_PAGE * width * height:
            return True
    return False
