"""Apple Pages, Keynote and Numbers: the PDF preview, the XML of older files, or the texts in newer ones."""

import io
import zipfile
from collections.abc import Iterator

from preparation.extraction import Extraction, unreadable
from preparation.readers import pdf
from preparation.readers.office_xml import xml_text

_TO_PDF = "Open it in the program it comes from, export it as PDF and drop that."
_INDEX = ("index.xml", "index.apxl")
_KNOWN_COMPRESSION = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_TEXT_STORAGE = 2001  # the type of a TSWP.StorageArchive, which holds a run of text in its field 3
_TEXT_FIELD = 3
_LENGTH_DELIMITED, _VARINT, _FIXED_64, _FIXED_32 = 2, 0, 1, 5
_MAX_CHUNK_BYTES = 64 * 1024 * 1024


def is_locked(package: zipfile.ZipFile) -> bool:
    """Whether the document asks for a password: newer ones carry a verifier, older ones a compression of their own."""
    return any(
        info.filename == ".iwpv2" or info.compress_type not in _KNOWN_COMPRESSION or info.flag_bits & 1
        for info in package.infolist()
    )


def read_iwork(data: bytes, max_chars: int) -> Extraction:
    """Reads an unlocked document; one of which no text can be taken is a fault."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        names = package.namelist()
        preview = next((name for name in names if name.lower().endswith("preview.pdf")), None)
        if preview:
            return pdf.read_bytes(package.read(preview), max_chars)
        index = next((name for name in _INDEX if name in names), None)
        if index:
            text = xml_text(package.read(index))
        else:
            archives = sorted(name for name in names if name.endswith(".iwa"))
            text = "\n".join(part for name in archives for part in _texts(package.read(name)))
    if not text.strip():
        reason = "No text could be taken out of this Apple iWork document, and it has no PDF preview."
        return unreadable(reason, _TO_PDF, kind="document")
    note = "The text is taken from the document's archives; its order may differ from the pages."
    return Extraction(kind="document", text=text[:max_chars].strip(), note=note)


def _texts(archive: bytes) -> Iterator[str]:
    """The text of each text storage in an archive: chunks of Snappy, then messages of Protocol Buffers."""
    try:
        data = b"".join(_chunks(archive))
        at = 0
        while at < len(data):
            length, at = _varint(data, at)
            header = data[at : at + length]
            at += length
            for kind, size in _messages(header):
                if kind == _TEXT_STORAGE:
                    yield from _strings(data[at : at + size])
                at += size
    except (ValueError, IndexError, OSError, MemoryError):
        return


def _chunks(archive: bytes) -> Iterator[bytes]:
    import pyarrow as pa

    codec = pa.Codec("snappy")
    at = 0
    while at + 4 <= len(archive):
        size = int.from_bytes(archive[at + 1 : at + 4], "little")
        chunk = archive[at + 4 : at + 4 + size]
        at += 4 + size
        length, _ = _varint(chunk, 0)
        if length > _MAX_CHUNK_BYTES:
            raise ValueError("a chunk unpacks to more than any document holds")
        yield codec.decompress(chunk, decompressed_size=length).to_pybytes()


def _messages(header: bytes) -> Iterator[tuple[int, int]]:
    """Type and length of each message that an ArchiveInfo announces (its field 2; there 1 type, 3 length)."""
    for field, value in _fields(header):
        if field == 2 and isinstance(value, bytes):  # noqa: PLR2004 - the number of the field
            info = {number: inner for number, inner in _fields(value) if isinstance(inner, int)}
            yield info.get(1, 0), info.get(3, 0)


def _strings(message: bytes) -> Iterator[str]:
    for field, value in _fields(message):
        if field == _TEXT_FIELD and isinstance(value, bytes):
            text = value.decode("utf-8", "replace").replace("\ufffc", " ").replace("\u2028", "\n").strip()
            if text:
                yield text


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        wire = key & 7
        if wire == _VARINT:
            value, at = _varint(message, at)
            yield key >> 3, value
        elif wire == _LENGTH_DELIMITED:
            length, at = _varint(message, at)
            yield key >> 3, message[at : at + length]
            at += length
        elif wire in (_FIXED_64, _FIXED_32):
            at += 8 if wire == _FIXED_64 else 4
        else:
            raise ValueError(f"wire type {wire} is not known")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value, at
