"""PDF: the text of each page, form fields, who wrote it, and which pages are scans."""

import logging
import re
from io import BytesIO
from typing import Any, BinaryIO

from preparation.extraction import GIVE_PASSWORD, Extraction, Limits, Options, Source, unreadable
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
        return _read(file, source.limits, source.options)


def read_bytes(content: bytes, max_chars: int) -> Extraction:
    """As `read`, of a PDF found inside something else."""
    return _read(BytesIO(content), Limits(max_text_chars=max_chars), Options())


def _read(content: BinaryIO, limits: Limits, options: Options) -> Extraction:
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    import pypdfium2

    for password in ("", *options.passwords):
        try:
            document = pypdfium2.PdfDocument(content, password=password or None)
        except pypdfium2.PdfiumError as error:
            if "password" in str(error).lower():
                continue
            return _read_damaged(content, str(error), options.passwords)
        return _opened(document, content, password, limits=limits, options=options)
    return _locked(options.passwords)


def _opened(document: Any, content: BinaryIO, password: str, *, limits: Limits, options: Options) -> Extraction:
    try:
        widgets = Widgets(document)
        pages = read_pages(document, limits, options, widgets.take)
        facts = document.get_metadata_dict(skip_empty=True)
    finally:
        document.close()
    fields = widgets.found.values() or (fields_of_objects(content, password) if widgets.is_form else ())
    return _extraction(pages, facts, by_name(fields))


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
    return _extraction(pages, facts, {})


def _extraction(pages: Pages, facts: dict[str, str], fields: dict[str, str]) -> Extraction:
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
        text="\n\n".join(pages.texts).strip(),
        tables=tuple(pages.tables),
        fields=fields,
        layout=tuple(pages.layout),
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
