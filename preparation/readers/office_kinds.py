"""What kind of document the bytes are, by what is inside, and whether a password locks it."""

import io
import zipfile
from typing import Any

from preparation.readers.office_iwork import is_locked
from preparation.readers.office_xml import DAMAGES

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MAGIC = b"PK"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BY_FOLDER = {"word/": WORD, "ppt/": SLIDES, "xl/": SHEETS}
_BY_STREAM = {"WordDocument": "application/msword", "PowerPoint Document": "application/vnd.ms-powerpoint"}
BOOK = "application/x-fictionbook+xml"
RTF = "application/rtf"
APPLE = "application/vnd.apple.iwork"


def office_kind(data: bytes, told: str) -> tuple[str, bool]:
    """The media type as the content says, and whether the content is locked."""
    if data.startswith(OLE_MAGIC):
        return _sniffed_ole(data, told)
    if data.startswith(ZIP_MAGIC):
        return _sniffed_zip(data, told)
    if data.lstrip()[:5] == b"{\\rtf":
        return RTF, False
    if b"<FictionBook" in data[:4096]:
        return BOOK, False
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
                return APPLE, is_locked(package)
            has_locked_parts = any(info.flag_bits & 1 for info in package.infolist())
            found = next(
                (kind for folder, kind in _BY_FOLDER.items() if any(n.startswith(folder) for n in names)), told
            )
            return found, has_locked_parts
    except DAMAGES:
        return told, False
