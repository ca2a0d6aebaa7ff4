"""PDF: the text of each page, form fields, who wrote it, and which pages are scans."""

import logging
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from preparation.extraction import GIVE_PASSWORD, Extraction, Limits, ModelUse, Source, unreadable
from preparation.layout import Page
from preparation.media_types import PDF
from preparation.ocr import unread
from preparation.readers.pdf_fields import MAX_VALUE_CHARS, by_name, fields_of_objects
from preparation.readers.pdf_pages import Pages, listed, read_pages
from preparation.readers.pdf_widgets import Widgets

_FACTS = {
    "Title": "title",
    "Author": "author",
    "Subject": "subject",
    "Keywords": "keywords",
    "Creator": "creator",
    "Producer": "producer",
    "CreationDate": "created_at",
}
_PDF_DATE = re.compile(r"D?:?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?")
_MAX_BYTES_AT_ONCE = 16 * 1024**2  # pdfium asks for the parts of a file a hundred times, at 8 µs through Python
_PLACEHOLDERS = ("anonymous", "unspecified")
_DAY_START = ("01", "01", "00", "00", "00")
_LOCKED = "The PDF is encrypted and opens only with a password."


def read(source: Source) -> Extraction:
    """Reads a PDF; one that is locked or holds no readable page is a fault.

    Raises:
        ModelNeededError: If a page is a scan and OCR works elsewhere.
    """
    # opened here: pypdfium2 resolves a path, and a memory file's link leads nowhere; on failure it leaves it open
    with source.path.open("rb") as file:
        return _read(BytesIO(file.read()) if source.size <= _MAX_BYTES_AT_ONCE else file, source)


def read_bytes(content: bytes, max_chars: int) -> Extraction:
    """As `read`, of a PDF found inside something else."""
    source = Source(Path(), "", PDF, len(content), Limits(max_text_chars=max_chars))
    return _read(BytesIO(content), source)


def _read(content: BinaryIO, source: Source) -> Extraction:
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    import pypdfium2

    passwords = source.options.passwords
    for password in ("", *passwords):
        try:
            given = content.getvalue() if isinstance(content, BytesIO) else content
            document = pypdfium2.PdfDocument(given, password=password or None)
        except pypdfium2.PdfiumError as error:
            if "password" in str(error).lower():
                continue
            return _read_damaged(content, str(error), passwords)
        return _opened(document, content, password, source)
    return _locked(passwords)


def _facts(document: Any) -> dict[str, str]:
    """What the file says of itself; a saying that is no text, after damage, is left out."""
    facts = {}
    for key in document.METADATA_KEYS:
        with suppress(UnicodeDecodeError):
            facts[key] = document.get_metadata_value(key)
    return {key: value for key, value in facts.items() if value}


def _opened(document: Any, content: BinaryIO, password: str, source: Source) -> Extraction:
    widgets = Widgets(document, is_drawn=source.options.ocr == ModelUse.HERE)
    try:
        pages = read_pages(document, source.limits, source.options, widgets)
        facts = _facts(document)
        found = widgets.found.values() or (fields_of_objects(content, password) if widgets.is_form else ())
        fields = by_name(found)
        is_wanted = (pages.scanned or not _is_blank(fields)) and source.wants_places(pages.text, pages.count)
        layout = pages.placed() if is_wanted else pages.scanned
    finally:
        widgets.close()
        document.close()
    return _extraction(pages, facts, fields, layout)


def _is_blank(fields: Mapping[str, str]) -> bool:
    """Whether it is an interactive form in which nothing is filled in."""
    return bool(fields) and not any(value and value != "Off" for value in fields.values())


def _locked(tried: tuple[str, ...]) -> Extraction:
    reason = f"{_LOCKED} None of the {len(tried)} given passwords opens it." if tried else _LOCKED
    return unreadable(reason, GIVE_PASSWORD, kind="document")


def _read_damaged(content: BinaryIO, complaint: str, passwords: tuple[str, ...]) -> Extraction:
    """Second attempt on what pdfium refuses; pypdf rebuilds a broken cross-reference table."""
    import pypdf

    try:
        reader = pypdf.PdfReader(content, strict=False)
        if reader.is_encrypted and not any(reader.decrypt(password) for password in ("", *passwords)):
            return _locked(passwords)
        pages = Pages(count=len(reader.pages))
        for page in reader.pages:
            pages.texts.append(page.extract_text() or "")
        facts = {key.lstrip("/"): str(value) for key, value in (reader.metadata or {}).items()}
    except Exception as error:  # noqa: BLE001 - pypdf raises KeyError, RecursionError … on hostile files
        return unreadable(
            f"The PDF is damaged: {complaint.rstrip('.')} ({type(error).__name__} on the second attempt).",
            "Open it in a PDF viewer and print it to a new PDF, or ask for it again.",
            kind="document",
        )
    if not pages.count:
        return unreadable("The PDF is damaged: no page is left in it.", "Ask the sender for it again.", kind="document")
    pages.note = "The PDF is damaged; the text was recovered page by page and may lack parts."
    return _extraction(pages, facts, {}, ())


def _extraction(
    pages: Pages, facts: Mapping[str, str], fields: Mapping[str, str], layout: Sequence[Page]
) -> Extraction:
    metadata: dict[str, str | int | float | bool] = {"scanned_pages": len(pages.scans)}
    for key, name in _FACTS.items():
        if (value := facts.get(key, "").strip("\x00 \r\n()")) and value not in _PLACEHOLDERS:
            metadata[name] = _iso_date(value) if name == "created_at" else value[:MAX_VALUE_CHARS]
    note = pages.note
    if pages.scans:
        metadata["scanned_page_numbers"] = listed(pages.scans)
    if pages.read_scans:
        metadata["ocr_pages"] = len(pages.read_scans)
        metadata["ocr_confidence"] = round(sum(pages.confidences) / len(pages.confidences), 3)
    if left := sorted(set(pages.scans) - set(pages.read_scans)):
        scans = f"{len(left)} of {pages.count} pages are pictures without text ({listed(left)})."
        why = "OCR was stopped by its time." if pages.is_late else unread("What is written on them")
        note = " ".join(part for part in (note, scans, why) if part)
    return Extraction(
        kind="document",
        text=pages.text,
        tables=tuple(pages.tables),
        fields=fields,
        layout=tuple(layout),
        pages=pages.count,
        metadata=metadata,
        note=note,
    )


def _iso_date(value: str) -> str:
    match = _PDF_DATE.match(value)
    if not match:
        return value
    year, *rest = match.groups()
    month, day, hour, minute, second = (part or default for part, default in zip(rest, _DAY_START, strict=True))
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}"
