"""Word processor, presentation and e-book files: their text and who wrote them."""

import io
import re
import zipfile
from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar

from preparation.extraction import Extraction, Source, unreadable
from preparation.readers.office_iwork import is_locked, read_iwork
from preparation.readers.office_xml import DAMAGES, missing_lines, package_text
from preparation.readers.package import Package

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP_MAGIC = b"PK"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BY_FOLDER = {"word/": _WORD, "ppt/": _SLIDES, "xl/": _SHEETS}
_BY_STREAM = {"WordDocument": "application/msword", "PowerPoint Document": "application/vnd.ms-powerpoint"}
_OPEN = "preparation.readers.open_document:open_document_text"
_PACKAGES = {
    _WORD: "preparation.readers.word:word_text",
    _SLIDES: "preparation.readers.slides:slides_text",
    "application/vnd.oasis.opendocument.text": _OPEN,
    "application/vnd.oasis.opendocument.presentation": _OPEN,
    "application/vnd.oasis.opendocument.graphics": _OPEN,
    "application/vnd.oasis.opendocument.formula": "preparation.readers.open_document:formula_text",
    "application/epub+zip": "preparation.readers.epub:epub_text",
}
_UNTOLD = ("", "application/zip", "application/octet-stream")
_BOOK = "application/x-fictionbook+xml"
_APPLE = "application/vnd.apple.iwork"
_TO_PDF = "Open it in the program it comes from, export it as PDF and drop that."
_UNLOCK = "Save a copy without the password and drop that."
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
_MAX_COMPLAINT_CHARS = 200
_BYTES = re.compile(r""" b['"].*""")


def read(source: Source) -> Extraction:
    """Reads a document; one that is locked, or of which nothing can be read, is a fault."""
    data = source.path.read_bytes()
    if not data:
        return unreadable("The document is empty: 0 bytes.", "Ask the sender for it again.", kind="document")
    media_type, has_password = _sniffed(data, source.media_type)
    if has_password:
        return unreadable("The document is encrypted and opens only with a password.", _UNLOCK, kind="document")
    if media_type == _APPLE:
        extraction, damage = _attempt(lambda: read_iwork(data, source.limits.max_text_chars))
        return extraction or unreadable(f"The document is damaged: {damage}.", _TO_PDF, kind="document")
    if media_type == _BOOK:
        from preparation.readers import markup

        return markup.read(source)
    read_package = _PACKAGES.get(media_type.removesuffix("-template"))
    if read_package and data.startswith(_ZIP_MAGIC):
        extraction, damage = _attempt(lambda: _read_package(data, read_package, source.limits.max_text_chars))
        if extraction:
            return extraction
    return _converted(data, media_type, source.limits.max_text_chars)


def _read_package(data: bytes, target: str, max_chars: int) -> Extraction:
    """A document of XML parts, by the module and function that read its kind."""
    module, _, function = target.partition(":")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        package = Package(archive, MAX_PACKAGE_BYTES)
        text = getattr(import_module(module), function)(package)
        facts, pages = package.facts(), package.pages()
    return _document(text, facts, pages, max_chars)


def _document(text: str, facts: dict[str, Any], pages: int | None, max_chars: int) -> Extraction:
    note = f"Only the first {max_chars} characters of the text are kept." if len(text) > max_chars else None
    return Extraction(kind="document", text=text[:max_chars].strip(), pages=pages, metadata=facts, note=note)


def _sniffed(data: bytes, told: str) -> tuple[str, bool]:
    """The media type as the content says, and whether the content is locked."""
    if data.startswith(OLE_MAGIC):
        return _sniffed_ole(data, told)
    if data.startswith(_ZIP_MAGIC):
        return _sniffed_zip(data, told)
    if data.lstrip()[:5] == b"{\\rtf":
        return "application/rtf", False
    if b"<FictionBook" in data[:4096]:
        return _BOOK, False
    return told, False


def _sniffed_ole(data: bytes, told: str) -> tuple[str, bool]:
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            if ole.exists("EncryptedPackage") or ole.exists("EncryptionInfo"):
                return told, True
            kind = next((kind for stream, kind in _BY_STREAM.items() if ole.exists(stream)), told)
            return kind, kind == "application/msword" and _is_locked_word(ole)
    except OSError:
        return told, False


def _is_locked_word(ole: Any) -> bool:
    head = ole.openstream("WordDocument").read(12)
    return len(head) == 12 and bool(head[11] & 1)  # noqa: PLR2004 - FibBase.fEncrypted is bit 8 of the flags at offset 10


def _sniffed_zip(data: bytes, told: str) -> tuple[str, bool]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = package.namelist()
            if "mimetype" in names:
                declared = package.read("mimetype")[:200].decode("ascii", "replace").strip()
                manifest = package.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
                rights = package.read("META-INF/encryption.xml") if "META-INF/encryption.xml" in names else b""
                return declared, b"encryption-data" in manifest or b"EncryptedKey" in rights
            if any(name.endswith(".iwa") or name in ("Index.zip", "index.xml", "index.apxl") for name in names):
                return _APPLE, is_locked(package)
            has_locked_parts = any(info.flag_bits & 1 for info in package.infolist())
            found = next(
                (kind for folder, kind in _BY_FOLDER.items() if any(n.startswith(folder) for n in names)), told
            )
            return found, has_locked_parts
    except DAMAGES:
        return told, False


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
    if data.startswith(_ZIP_MAGIC):
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
