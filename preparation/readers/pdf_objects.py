"""What is drawn on a page of a PDF, as pdfium's own handles: pypdfium2 makes three objects of each of thousands."""

import ctypes
from collections.abc import Collection, Iterator
from typing import Any

from preparation.readers.pdf_words import Sides


def drawn_on(page: Any, kinds: Collection[int], max_depth: int) -> Iterator[tuple[Any, int]]:
    """The objects of some kinds on a page that is open in pdfium, each with its kind; those in a form object behind it.

    Args:
        page: The page.
        kinds: Which, of ``FPDF_PAGEOBJ_*``.
        max_depth: How deep form objects are looked into; 1 is the page itself.
    """
    from pypdfium2 import raw

    yield from _drawn(raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject, page.raw, kinds, max_depth)


def _drawn(count: Any, get: Any, holder: Any, kinds: Collection[int], max_depth: int) -> Iterator[tuple[Any, int]]:
    from pypdfium2 import raw

    for index in range(count(holder)):
        part = get(holder, index)
        kind: int = raw.FPDFPageObj_GetType(part) if part else raw.FPDF_PAGEOBJ_UNKNOWN
        if kind in kinds:
            yield part, kind
        if kind == raw.FPDF_PAGEOBJ_FORM and max_depth > 1:
            yield from _drawn(raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, part, kinds, max_depth - 1)


class Bounds:
    """Tells where objects are drawn."""

    def __init__(self) -> None:
        from pypdfium2 import raw

        self._ask = raw.FPDFPageObj_GetBounds
        self._sides = [ctypes.c_float() for _ in range(4)]

    def of(self, part: Any) -> Sides | None:
        """The rectangle around an object; None where pdfium cannot tell."""
        left, bottom, right, top = self._sides
        if not self._ask(part, left, bottom, right, top):
            return None
        return left.value, bottom.value, right.value, top.value
