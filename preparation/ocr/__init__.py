"""OCR: the text of pictures and scanned pages, with the place of each word; loaded where it is first used."""

from preparation.ocr.absence import unread
from preparation.ocr.reading import Reading, read_closely, read_picture

__all__ = ["Reading", "read_closely", "read_picture", "unread"]
