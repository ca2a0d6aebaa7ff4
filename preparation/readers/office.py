"""Word processor, presentation and e-book files: their text and who wrote them."""

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any, TypeVar

from preparation.extraction import Extraction, Source, unreadable
from preparation.readers.office_iwork import read_iwork
from preparation.readers.office_kinds import APPLE, BOOK, OLE_MAGIC, RTF, SLIDES, WORD, ZIP_MAGIC, office_kind
from preparation.readers.office_xml import DAMAGES, missing_lines, package_text
from preparation.readers.package import Package, TooLargeError

_OPEN = "preparation.readers.open_document:open_document_text"
_PACKAGES = {
    WORD: "preparation.readers.word:word_text",
    SLIDES: "preparation.readers.slides:slides_text",
    "application/vnd.oasis.opendocument.text": _OPEN,
    "application/vnd.oasis.opendocument.presentation": _OPEN,
    "application/vnd.oasis.opendocument.graphics": _OPEN,
    "application/vnd.oasis.opendocument.formula": "preparation.readers.open_document:formula_text",
    "application/epub+zip": "preparation.readers.epub:epub_text",
}
_UNTOLD = ("", "application/zip", "application/octet-stream")
_TO_PDF = "Open it in the program it comes from, export it as PDF and drop that."
_METADATA = {
    "title": "title",
    "subject": "subject",
    "created_by": "author",
    "created_at": "created_at",
    "modified_at": "modified_at",
}
_Found = TypeVar("_Found")
MAX_PACKAGE_BYTES = 512 * 1024 * 1024
MAX_FACT_CHARS = 1_000
_MAX_DAMAGES = 3
_MAX_COMPLAINT_CHARS = 200
_BYTES = re.compile(r""" b['"].*""")


def read(source: Source) -> Extraction:
    """Reads a document; one that is locked, or of which nothing can be read, is a fault."""
    data = source.path.read_bytes()
    if not data:
        return unreadable("The document is empty: 0 bytes.", "Ask the sender for it again.", kind="document")
    media_type, is_locked = office_kind(data, source.media_type)
    if is_locked:
        return _locked(source, data)
    if media_type == BOOK:
        from preparation.readers import markup

        return markup.read(source)
    limit = source.limits.max_text_chars
    if media_type == RTF:
        from preparation.readers.rich_text_format import rtf_text

        text, facts = rtf_text(data)
        return _document(text, dict(facts), None, limit)
    if media_type == APPLE:
        extraction, damage = _attempt(lambda: read_iwork(data, limit))
        return extraction or unreadable(f"The document is damaged: {damage}.", _TO_PDF, kind="document")
    return _from_package(data, media_type, limit) or _converted(data, media_type, limit)


def _from_package(data: bytes, media_type: str, max_chars: int) -> Extraction | None:
    """A document of XML parts; None where it is of another make, or so damaged that another reader may fare better."""
    target = _PACKAGES.get(media_type.removesuffix("-template"))
    if not target or not data.startswith(ZIP_MAGIC):
        return None
    try:
        return _attempt(lambda: _read_package(data, target, max_chars))[0]
    except TooLargeError:
        reason = f"The document is refused: its parts unpack to more than {MAX_PACKAGE_BYTES} bytes."
        return unreadable(reason, _TO_PDF, kind="document")


def _locked(source: Source, data: bytes) -> Extraction:
    from preparation.readers import locked_office

    if data.startswith(OLE_MAGIC):
        return locked_office.read(source)
    return locked_office.read_open_document(source, data, MAX_PACKAGE_BYTES)


def _read_package(data: bytes, target: str, max_chars: int) -> Extraction:
    """A document of XML parts, by the module and function that read its kind."""
    module, _, function = target.partition(":")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        package = Package(archive, MAX_PACKAGE_BYTES)
        text = getattr(import_module(module), function)(package)
        facts, pages = package.facts(), package.pages()
    found = _document(text, facts, pages, max_chars)
    if not package.damages:
        return found
    damaged = f"What could be read was: {'; '.join(package.damages[:_MAX_DAMAGES])}."
    return replace(found, note=" ".join(filter(None, [damaged, found.note])))


def _document(text: str, facts: dict[str, Any], pages: int | None, max_chars: int) -> Extraction:
    note = f"Only the first {max_chars} characters of the text are kept." if len(text) > max_chars else None
    return Extraction(kind="document", text=text[:max_chars].strip(), pages=pages, metadata=facts, note=note)


def _converted(data: bytes, media_type: str, max_chars: int) -> Extraction:
    """By kreuzberg, then what only the XML inside the package holds: it leaves out headers, text boxes and charts."""
    text, complaint = "", ""
    facts: dict[str, Any] = {}
    try:
        if media_type not in _UNTOLD:
            text, facts = _kreuzberg(data, media_type)
    except MemoryError:
        raise
    except Exception as error:
        if type(error).__module__.split(".")[0] not in ("kreuzberg", "_internal_bindings", "builtins"):
            raise
        complaint = _printable(str(error))
    if data.startswith(ZIP_MAGIC):
        fuller, failed = _attempt(lambda: package_text(data, MAX_PACKAGE_BYTES))
        complaint = complaint and failed
        text = "\n".join([text, *missing_lines(text, fuller or "")])
    if complaint:
        return unreadable(f"The document is damaged or of an unknown format: {complaint}.", _TO_PDF, kind="document")
    pages = facts.pop("pages", None)
    return _document(text, facts, pages if isinstance(pages, int) else None, max_chars)


def _printable(complaint: str) -> str:
    """The first line of an error's words, without the bytes of the file that it may show."""
    line = next(iter(complaint.splitlines()), "")
    return _BYTES.sub(" …", line)[:_MAX_COMPLAINT_CHARS]


def _attempt(action: Callable[[], _Found]) -> tuple[_Found | None, str]:
    try:
        return action(), ""
    except DAMAGES as error:
        return None, _printable(f"{type(error).__name__}: {error}")


def _kreuzberg(data: bytes, media_type: str) -> tuple[str, dict[str, Any]]:
    """Text and facts; pictures are not read (OCR is a step of its own) and nothing is cached on disk."""
    import kreuzberg

    config = kreuzberg.ExtractionConfig(use_cache=False, disable_ocr=True)  # type: ignore[call-arg]  # its stub lags behind
    result = kreuzberg.extract_bytes_sync(data, media_type, config)
    found: dict[str, Any] = dict(result.metadata or {})
    facts: dict[str, Any] = {}
    for key, name in _METADATA.items():
        if value := str(found.get(key) or "").strip():
            facts[name] = value[:MAX_FACT_CHARS]
    authors = found.get("authors")
    if authors and "author" not in facts:
        facts["author"] = ", ".join(map(str, authors))[:MAX_FACT_CHARS]
    for key in ("slide_count", "page_count"):
        if isinstance(found.get(key), int):
            facts["pages"] = found[key]
    return result.content, facts
