"""Ruled tables of a PDF: cells between drawn lines, their text by pdfium.

pdfplumber reads such tables too, but at 169 ms a page; looking for lines takes pdfium 1 ms, and most pages have none.
"""

from itertools import islice, pairwise
from typing import Any

import polars as pl

from preparation.extraction import RawTable
from preparation.readers.pdf_objects import Bounds, drawn_on

MAX_TABLES = 200
_MAX_PARTS, _MAX_DEPTH = 4_000, 2
_MIN_ACROSS, _MIN_UPRIGHT = 4, 3  # lines of a table of two columns, a header and two rows
_MAX_COLUMNS, _MAX_ROWS = 60, 400
_THIN, _LONG, _HIGH, _SAME = 3.0, 30.0, 8.0, 3.0  # points
_MIN_FILLED = 0.7


def ruled_table(page: Any, text_page: Any, number: int) -> RawTable | None:
    """The one table that is ruled on a page; None where there is none, or its cells are merged.

    Args:
        page: Open in pdfium.
        text_page: Its text layer.
        number: Which page it is, from 1.
    """
    across, upright = _lines(page)
    if len(across) < _MIN_ACROSS or len(upright) < _MIN_UPRIGHT:
        return None
    if len(across) > _MAX_ROWS or len(upright) > _MAX_COLUMNS:
        return None
    first, *rest = pairwise(reversed(across))
    header = _row(text_page, upright, *first)
    if not all(header) or len(set(header)) < len(header):
        return None
    records = [_row(text_page, upright, top, bottom) for top, bottom in rest]
    filled = sum(bool(cell) for row in records for cell in row)
    if filled < _MIN_FILLED * len(records) * len(header):
        return None
    columns = {name: [row[at] or None for row in records] for at, name in enumerate(header)}
    return RawTable(pl.DataFrame(columns, schema=dict.fromkeys(header, pl.String)), name=f"page {number}")


def _row(text_page: Any, upright: list[float], top: float, bottom: float) -> list[str]:
    cells = (text_page.get_text_bounded(left, bottom, right, top) for left, right in pairwise(upright))
    return [" ".join(cell.split()) for cell in cells]


def _lines(page: Any) -> tuple[list[float], list[float]]:
    """Where lines run across, and where they run down, in points; the sides of boxes are lines."""
    import pypdfium2

    across: list[float] = []
    upright: list[float] = []
    bounds = Bounds()
    for path, _ in islice(drawn_on(page, (pypdfium2.raw.FPDF_PAGEOBJ_PATH,), _MAX_DEPTH), _MAX_PARTS):
        sides = bounds.of(path)
        if sides is None:
            continue
        left, bottom, right, top = sides
        width, height = right - left, top - bottom
        if height < _THIN:
            across += [bottom] if width >= _LONG else []
        elif width < _THIN:
            upright += [left] if height >= _HIGH else []
        elif width >= _LONG / 2 and height >= _HIGH:
            across += [bottom, top]
            upright += [left, right]
    return _apart(across), _apart(upright)


def _apart(places: list[float]) -> list[float]:
    """The places in order, of several within the width of a line one."""
    kept: list[float] = []
    for place in sorted(places):
        if not kept or place - kept[-1] > _SAME:
            kept.append(place)
    return kept
