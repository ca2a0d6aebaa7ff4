"""PDF: the text of each page, form fields, who wrote it, and which pages are scans."""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, BinaryIO

from preparation.extraction import Extraction, Source, unreadable

MIN_PAGE_CHARS = 20  # a page with fewer that shows something is a scan
MAX_FIELDS = 5_000
MAX_VALUE_CHARS = 4_000
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
_MACHINE_NAME = re.compile(
    r"\[\d+\]|^(?:text|field|check ?box|undefined|untitled|f|c|fill|dropdown)\W*\d*(?:_\d+)*$", re.I
)
_PLACEHOLDERS = ("anonymous", "unspecified")
_DAY_START = ("01", "01", "00", "00", "00")
_LOCKED = "The PDF is encrypted and opens only with a password."
_UNLOCK = "Save a copy without the password and drop that."


@dataclass(slots=True)
class Pages:
    """What the pages of one PDF hold.

    Attributes:
        texts: The text of each page read, in order.
        scans: The pages, counted from 1, that show something but hold (nearly) no text.
        count: How many pages there are, read or not.
        note: What was left out, or None.
    """

    texts: list[str] = field(default_factory=list)
    scans: list[int] = field(default_factory=list)
    count: int = 0
    note: str | None = None


def read(source: Source) -> Extraction:
    """Reads a PDF; one that is locked or holds no readable page is a fault."""
    # opened here: pypdfium2 resolves a path, and a memory file's link leads nowhere; on failure it leaves it open
    with source.path.open("rb") as file:
        return _read(file, source.limits.max_text_chars)


def read_bytes(content: bytes, max_chars: int) -> Extraction:
    """As `read`, of a PDF found inside something else."""
    return _read(BytesIO(content), max_chars)


def _read(content: BinaryIO, max_chars: int) -> Extraction:
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            return unreadable(_LOCKED, _UNLOCK, kind="document")
        return _read_damaged(content, str(error))
    try:
        pages = _pages(document, max_chars)
        facts = document.get_metadata_dict(skip_empty=True)
        has_form = document.get_formtype() != pypdfium2.raw.FORMTYPE_NONE
    finally:
        document.close()
    return _extraction(pages, facts, _form_fields(content) if has_form else {})


def _pages(document: Any, max_chars: int) -> Pages:
    pages = Pages(count=len(document))
    kept, unread = 0, []
    for number in range(pages.count):
        if kept >= max_chars:
            pages.note = f"Only the text of the first {number} of {pages.count} pages is kept, {max_chars} characters."
            break
        try:
            text, is_scan = _page(document, number)
        except Exception as error:
            if type(error).__name__ != "PdfiumError":
                raise
            unread.append(number + 1)
            continue
        pages.texts.append(text[: max_chars - kept])
        kept += len(text)
        if is_scan:
            pages.scans.append(number + 1)
    if unread:
        pages.note = f"Pages that could not be read: {_listed(unread)}."
    return pages


def _page(document: Any, number: int) -> tuple[str, bool]:
    page = document[number]
    try:
        text_page = page.get_textpage()
        text = text_page.get_text_range().replace("\r\n", "\n").replace("\x00", "").replace("\ufffe", "-\n")
        text_page.close()
        return text, len(text.strip()) < MIN_PAGE_CHARS and _shows_something(page)
    finally:
        page.close()


def _shows_something(page: Any) -> bool:
    """Whether a picture or drawn outlines are on the page; printing to PDF often turns letters into outlines."""
    return any(True for _ in page.get_objects(max_depth=1))


def _read_damaged(content: BinaryIO, complaint: str) -> Extraction:
    """Second attempt on what pdfium refuses; pypdf rebuilds a broken cross-reference table."""
    import pypdf

    try:
        reader = pypdf.PdfReader(content, strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            return unreadable(_LOCKED, _UNLOCK, kind="document")
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
        metadata["scanned_page_numbers"] = _listed(pages.scans)
        scans = f"{len(pages.scans)} of {pages.count} pages are pictures without text."
        note = f"{note} {scans}" if note else scans
    return Extraction(
        kind="document",
        text="\n\n".join(pages.texts).strip(),
        fields=fields,
        pages=pages.count,
        metadata=metadata,
        note=note,
    )


def _listed(numbers: list[int], at_most: int = 50) -> str:
    more = f" and {len(numbers) - at_most} more" if len(numbers) > at_most else ""
    return ", ".join(map(str, numbers[:at_most])) + more


def _iso_date(value: str) -> str:
    match = _PDF_DATE.match(value)
    if not match:
        return value
    year, *rest = match.groups()
    month, day, hour, minute, second = (part or default for part, default in zip(rest, _DAY_START, strict=True))
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}"


def _form_fields(content: BinaryIO) -> dict[str, str]:
    """Every field of an AcroForm, filled or not, by its name, or its tooltip where the name is a machine's."""
    import pypdf

    try:
        found = pypdf.PdfReader(content, strict=False).get_fields() or {}
        items = [(str(name), item) for name, item in found.items() if item.get("/FT")]
        return _named(items[:MAX_FIELDS])
    except Exception:  # noqa: BLE001 - a broken form must not cost the page text
        return {}


def _named(items: Iterable[tuple[str, Any]]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, item in items:
        tooltip = " ".join(str(item.get("/TU") or "").split())
        chosen = tooltip if tooltip and _MACHINE_NAME.search(name) else name
        fields[chosen if chosen not in fields else name] = _value(item)
    return fields


def _value(item: Any) -> str:
    value = item.get("/V")
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return ", ".join(str(part) for part in value)[:MAX_VALUE_CHARS]
    text = str(value.get_data().decode("utf-8", "replace") if hasattr(value, "get_data") else value)
    return text.removeprefix("/")[:MAX_VALUE_CHARS] if item.get("/FT") == "/Btn" else text[:MAX_VALUE_CHARS]
