"""What preparation gets out of one blob."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from core.blob import Fault
from core.personal_text import Span


@dataclass(frozen=True, slots=True)
class Rejection:
    """One record that its schema refused.

    Attributes:
        row: Its position in the blob, from 0.
        reason: Which column, what was expected, what was found.
        record: The record as it came, as a JSON object.
    """

    row: int
    reason: str
    record: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one dataset out of one blob.

    Attributes:
        dataset: The dataset's name.
        frame: Accepted rows, in the schema `core.frames.prepared_schema` gives.
        rejections: The refused rows, at most `MAX_REJECTIONS` of them in full.
        rejected_rows: How many were refused in all.
    """

    dataset: str
    frame: pl.DataFrame
    rejections: tuple[Rejection, ...] = ()
    rejected_rows: int = 0


@dataclass(frozen=True, slots=True)
class Child:
    """A blob found inside a blob: a member of an archive, an attachment of an e-mail.

    Attributes:
        name: Its name inside its parent, made safe: relative, no ``..``.
        content: Its bytes.
    """

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Classification:
    """What a blob is, and why.

    Attributes:
        dataset: A dataset's name.
        confidence: From 0 to 1.
        why: The reasons, in words.
    """

    dataset: str
    confidence: float
    why: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where on its page a value was read: a rectangle in shares of the page from the top left, 0 to 1.

    Attributes:
        page: From 1.
        left: Its left edge.
        top: Its upper edge.
        right: Its right edge.
        bottom: Its lower edge.
        confidence: That the value was read right, from 0 to 1; 1 from a text layer.
    """

    page: int
    left: float
    top: float
    right: float
    bottom: float
    confidence: float


@dataclass(frozen=True, slots=True)
class ColumnMatch:
    """What one incoming column became.

    Attributes:
        header: As it was found.
        column: The dataset's column, or None where it has none for it.
        why: In words.
    """

    header: str
    column: str | None
    why: str


@dataclass(frozen=True, slots=True)
class TableMatch:
    """What the columns of one table became.

    Attributes:
        name: The sheet, list or element that the table is, or "".
        dataset: What the table was taken for.
        columns: Its columns, in order.
        shape: The identity of its set of headers, by which a person may correct it; None where it has none.
    """

    name: str
    dataset: str
    columns: tuple[ColumnMatch, ...]
    shape: str | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that preparation has to say of one blob.

    Attributes:
        media_type: IANA media type, detected from the content.
        classification: The blob's dataset.
        tables: Rows by dataset; the blob's own dataset first. Never two of one dataset.
        children: Blobs found inside.
        text: The text for people to search, or "".
        fields: Values of a form by field name.
        places: Where each of them was read, of those that have a place.
        pages: Pages, sheets or slides, where the format has them.
        language: ISO 639-1 code, where it could be told.
        metadata: Facts about the blob: title, author, duration_seconds, width …
        matches: What the columns of its tables became.
        personal: Where its text looks personal; told only where a whole text was asked for.
        note: What a person should know though the blob was taken in (faults in part of it), or None.
        fault: Set where nothing could be taken in; then there are no tables.
    """

    media_type: str
    classification: Classification
    tables: tuple[Table, ...] = ()
    children: tuple[Child, ...] = ()
    text: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    pages: int | None = None
    language: str | None = None
    metadata: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    matches: tuple[TableMatch, ...] = ()
    personal: tuple[Span, ...] = ()
    note: str | None = None
    fault: Fault | None = None
