"""A page of a PDF that is a scan: drawn by pdfium, read by OCR."""

from dataclasses import replace
from typing import Any

from preparation.ocr import Reading, read_picture

_DPI = 200
_MAX_PIXELS = 14_000_000  # a page of 3,300 by 4,200; the poster of an architect is drawn smaller
_POINTS = 72


def read_scan(page: Any, number: int) -> Reading:
    """What is written on a page that pdfium opened; the size of the page is told in points."""
    width, height = page.get_size()
    scale = min(_DPI / _POINTS, (_MAX_PIXELS / max(1.0, width * height)) ** 0.5)
    bitmap = page.render(scale=scale, grayscale=True)
    try:
        reading = read_picture(bitmap.to_numpy().reshape(bitmap.height, -1)[:, : bitmap.width].copy(), number)
    finally:
        bitmap.close()
    is_aside = round(reading.turned / 90) % 2 == 1
    size = (height, width) if is_aside else (width, height)
    return replace(reading, page=replace(reading.page, width=size[0], height=size[1]))
