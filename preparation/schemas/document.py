"""Texts for people."""

from datetime import datetime

from core.dataset import PersonalData
from preparation.model import DatasetModel, column


class Document(DatasetModel, is_sought=False):
    """A text for people: letter, report, page, slides, book."""

    title: str = column(description="Its title.")
    author: str = column(description="Who wrote it.", personal=PersonalData.PERSON_NAME)
    text: str = column(description="Its text.", kind="text", personal=PersonalData.FREE_TEXT)
    media_type: str = column(description="IANA media type, by content.")
    created_at: datetime = column(description="When it was written, as it says itself.", event_time=True)
    pages: int = column(description="Pages, sheets or slides.", ge=0)
    language: str = column(description="ISO 639-1 code.")
    words: int = column(description="Words in the text.", ge=0)
