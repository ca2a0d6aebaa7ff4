"""What a reader is given, and what it gives back: the values between detect, read and interpret."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import polars as pl

from core.blob import Fault
from core.prepared import Child, Rejection
from preparation.layout import Box, Page

REPLAY = "`penstock quarantine replay {entry}`"
"""How a person has a blob tried again; the quarantine puts its entry in."""
GIVE_PASSWORD = "Give its password: `penstock quarantine replay {entry} --ask-password`."  # noqa: S105 - no secret
"""The fix where `Options.passwords` would open a blob."""


class ModelUse(StrEnum):
    """What a reader does where only a heavy model can read."""

    OFF = "off"  # leaves it unread, with a note
    ELSEWHERE = "elsewhere"  # raises `ModelNeededError`: a worker that has the model loaded takes the blob
    HERE = "here"  # reads it


class ModelNeededError(Exception):
    """A reader met what only a heavy model reads; the whole blob goes to a worker of that model.

    Attributes:
        model: ``ocr`` or ``speech``.
    """

    def __init__(self, model: str) -> None:
        super().__init__(model)
        self.model = model


@dataclass(frozen=True, slots=True)
class View:
    """A picture of a blob that a person wants to see.

    Attributes:
        page: Of a PDF or a picture of several, from 1.
        at: Of a film: seconds from its start.
        side: The longer side of the picture, in pixels.
        marks: Places to be marked on it.
    """

    page: int = 1
    at: float = 0.0
    side: int = 640
    marks: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Options:
    """How one blob is read.

    Attributes:
        ocr: Whether scans and pictures of text are read.
        speech: Whether what is said in sound and film is read.
        speech_model: A folder with a CTranslate2 Whisper model; "" for the one that is installed.
        passwords: Tried on what is encrypted, in order.
        is_full_text: Whether tables are told as text too, as `extract` shows them; records are searched as rows.
        view: A picture of it is wanted, and nothing else.
    """

    ocr: ModelUse = ModelUse.OFF
    speech: ModelUse = ModelUse.OFF
    speech_model: str = ""
    passwords: tuple[str, ...] = field(default=(), repr=False)
    is_full_text: bool = False
    view: View | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What one blob may cost; a reader stops with a `Fault` where it would pass one.

    Attributes:
        max_text_chars: Text kept for search; the rest is left out, with a note.
        max_children: Members of an archive, or attachments.
        max_child_bytes: All children together, unpacked.
        max_columns: Columns of one table.
        max_rejections: Refused rows that are kept in full.
        max_ocr_seconds: Pages of scans are read for so long; the rest is left unread, with a note.
    """

    max_text_chars: int = 5_000_000
    max_children: int = 10_000
    max_child_bytes: int = 2 * 1024**3
    max_columns: int = 20_000
    max_rejections: int = 1_000
    max_ocr_seconds: float = 1_800.0


@dataclass(frozen=True, slots=True)
class Source:
    """One blob to be read.

    Attributes:
        path: Where its bytes can be opened (often a memory file without a telling name).
        name: The name it arrived under, for hints where content alone cannot decide; may tell nothing.
        media_type: As detected from the content.
        size: Bytes.
        limits: What it may cost.
        options: How it is read.
        wants_places: Told the text and the number of pages, whether the place of each word is wanted, which costs as
            much as the text itself; so of a form.
    """

    path: Path
    name: str
    media_type: str
    size: int
    limits: Limits = field(default_factory=Limits)
    options: Options = field(default_factory=Options)
    wants_places: Callable[[str, int], bool] = field(default=lambda _text, _pages: False, repr=False)


@dataclass(frozen=True, slots=True)
class RawTable:
    """Records as they were found, before any schema.

    Attributes:
        frame: One row a record, under the headers found (`column_1` … where there are none); strings, or
            typed values where the format has types.
        name: The sheet, list or element that it is, or "".
        dataset: The dataset, where the format itself says so (an X12 837, a syslog file); its columns then bear
            the schema's names. None where the headers and values must decide.
        why: Why that dataset, in words.
        positions: For each row of `frame` its position in the blob, from 0, refused records counted too;
            None where that is just the row number.
        rejections: Records that could not even be read (ragged rows, faulty segments).
        rejected_rows: How many in all.
        has_header: Whether the names of the columns come from the blob.
    """

    frame: pl.DataFrame
    name: str = ""
    dataset: str | None = None
    why: str = ""
    positions: pl.Series | None = None
    rejections: tuple[Rejection, ...] = ()
    rejected_rows: int = 0
    has_header: bool = True


@dataclass(frozen=True, slots=True)
class Extraction:
    """All that a reader found in one blob.

    Attributes:
        kind: ``table`` (its tables are the blob), ``document``, ``image``, ``audio``, ``video``, ``email``,
            ``log``, ``edi``, ``archive`` or ``data`` (structured, but no table).
        text: Text for people to search, or "".
        tables: The tables found.
        children: Blobs found inside.
        fields: Values of a form by field name.
        layout: The pages with the place of each word: those that OCR read, and all where `Source.wants_places`.
        pages: Pages, sheets or slides.
        metadata: Facts: title, author, encoding, delimiter, duration_seconds, width, height …
        note: What is wrong with a part of it, or None.
        fault: Set where nothing could be read.
    """

    kind: str
    text: str = ""
    tables: tuple[RawTable, ...] = ()
    children: tuple[Child, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    layout: tuple[Page, ...] = ()
    pages: int | None = None
    metadata: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    note: str | None = None
    fault: Fault | None = None


def unreadable(reason: str, fix: str, *, kind: str = "data") -> Extraction:
    """An extraction of which nothing could be read, for a person to act on."""
    return Extraction(kind=kind, fault=Fault("preparation", reason, fix))
