"""What kind of binary file it is: own signatures, then the inside of packages, then libmagic."""

import ctypes
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from preparation import media_types as types
from preparation.packages import ole_kind, zip_kind

if TYPE_CHECKING:
    from magic import Magic

Kind = tuple[str, str]
"""A media type, and why."""

_PDF_SEARCH_BYTES = 1024
_TGA = "image/x-tga"  # has no signature: libmagic takes many a binary of small numbers for one
_TGA_HEADER_BYTES, _TGA_BITS = 18, (8, 15, 16, 24, 32)
_TAR_BLOCK = 512

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"PAR1", "application/vnd.apache.parquet"),
    (0, b"PARE", "application/vnd.apache.parquet"),
    (0, b"ARROW1", "application/vnd.apache.arrow.file"),
    (0, b"FEA1", "application/x-feather"),
    (0, b"Obj\x01", "application/avro"),
    (0, b"SQLite format 3\0", "application/vnd.sqlite3"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"RE\x7e\x5e", "application/vnd.rar"),
    (0, b"\x1f\x8b\x08", types.GZIP),
    (0, b"\xfd7zXZ\0", "application/x-xz"),
    (0, b"\x28\xb5\x2f\xfd", "application/zstd"),
    (0, b"\x04\x22\x4d\x18", "application/x-lz4"),
    (0, b"LZIP\x01", "application/x-lzip"),
    (257, b"ustar", types.TAR),
    (0, b"ITSF", "application/vnd.ms-htmlhelp"),
    (0, b"\x93NUMPY", "application/x-npy"),
    (0, b"\x89HDF\r\n\x1a\n", "application/x-hdf5"),
    (0, b"\xd4\xc3\xb2\xa1", "application/vnd.tcpdump.pcap"),
    (0, b"\xa1\xb2\xc3\xd4", "application/vnd.tcpdump.pcap"),
    (0, b"\x4d\x3c\xb2\xa1", "application/vnd.tcpdump.pcap"),
    (0, b"\x0a\x0d\x0d\x0a", "application/vnd.tcpdump.pcap"),
    (128, b"DICM", "application/dicom"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\x8aMNG\r\n\x1a\n", "video/x-mng"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"BPG\xfb", "image/bpg"),
    (0, b"\xd7\xcd\xc6\x9a", "image/wmf"),
    (40, b" EMF", "image/emf"),
    (0, b"\x59\xa6\x6a\x95", "image/x-sun-raster"),
    (0, b"\xff\x4f\xff\x51", "image/x-jp2-codestream"),
    (0, b"fLaC", "audio/flac"),
    (8, b"WAVE", "audio/wav"),
    (8, b"AVI ", "video/x-msvideo"),
    (8, b"WEBP", "image/webp"),
)

_LETTERS = {
    b"DDS ": "image/vnd.ms-dds",
    b"qoif": "image/x-qoi",
    b"BLP1": "image/x-blp",
    b"BLP2": "image/x-blp",
    b"wvpk": "audio/x-wavpack",
    b"TTA1": "audio/x-tta",
    b"tBaK": "audio/x-tak",
    b"DSD ": "audio/x-dsf",
}
_HEADER_BYTES = 32
"""Signatures that a text may begin with too: within so many bytes there is a NUL, as numbers have them."""

_SHAPES: tuple[tuple[re.Pattern[bytes], str, str], ...] = (
    (re.compile(rb"\x1a\x45\xdf\xa3.{0,1000}?webm", re.DOTALL), "video/webm", "EBML, webm"),
    (re.compile(rb"\x1a\x45\xdf\xa3"), "video/x-matroska", "EBML"),
    (
        re.compile(rb"\0\0\x01\0[\x01-\xff]\0..[\0-\xff]\0[\0\x01]\0[\0-\x20]\0", re.DOTALL),
        "image/vnd.microsoft.icon",
        "directory of icons",
    ),
    (re.compile(rb"OggS.{0,4096}?\x80theora", re.DOTALL), "video/ogg", "Ogg, theora"),
    (re.compile(rb"OggS\0"), "audio/ogg", "Ogg"),
    (re.compile(rb"\x01\xda[\0\x01][\x01\x02]\0[\x01-\x03]"), "image/sgi", "SGI header"),
    (re.compile(rb".{4}[\x11\x12]\xaf.{6}\x08\0", re.DOTALL), "video/x-flc", "FLI header"),
    (re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"), "application/x-bzip2", "bzip2 block"),
    (re.compile(rb"P([1-6])\s+(?:#[^\n]*\n\s*)*\d+\s+\d+\s"), "image/x-portable-", "Netpbm header"),
    (
        re.compile(rb"\x30[\x80-\x84].{0,4}\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07[\x02\x03]", re.DOTALL),
        "application/pkcs7-mime",
        "DER PKCS #7 object",
    ),
)

_FTYP_BRANDS: tuple[tuple[bytes, str], ...] = (
    (b"avif", "image/avif"),
    (b"avis", "image/avif"),
    (b"hei", "image/heic"),
    (b"hev", "image/heic"),
    (b"mif1", "image/heif"),
    (b"msf1", "image/heif"),
    (b"M4A", "audio/mp4"),
    (b"M4B", "audio/mp4"),
    (b"qt", "video/quicktime"),
    (b"3g", "video/3gpp"),
)

_NAMES_OF_SOUND = (".m4a", ".m4b")  # players write them under brands of film too

_PORTABLE_PIXELS = {
    b"1": "bitmap",
    b"4": "bitmap",
    b"2": "graymap",
    b"5": "graymap",
    b"3": "pixmap",
    b"6": "pixmap",
}


def signed_kind(path: Path, head: bytes, name: str) -> Kind | None:
    """The kind that the first bytes, or the inside of a package, prove."""
    for offset, signature, media_type in _SIGNATURES:
        if head.startswith(signature, offset) and (offset != 8 or head.startswith(b"RIFF")):  # noqa: PLR2004
            return media_type, f"bytes {signature!r} at {offset}"
    if (lettered := _LETTERS.get(head[:4])) and b"\0" in head[:_HEADER_BYTES]:
        return lettered, f"bytes {head[:4]!r} at 0, and numbers behind them"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return zip_kind(path, head, types.hint_of(name))
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return ole_kind(path)
    return _shaped_kind(path, head, name)


def _shaped_kind(path: Path, head: bytes, name: str) -> Kind | None:
    for pattern, media_type, words in _SHAPES:
        if found := pattern.match(head):
            pixels = _PORTABLE_PIXELS.get(found[1], "") if media_type.endswith("-") else ""
            return media_type + pixels, words
    if head[4:8] == b"ftyp":
        return _ftyp_kind(head, name)
    for holds, media_type, words in (
        (b"%PDF-" in head[:_PDF_SEARCH_BYTES], types.PDF, "%PDF- in its first kilobyte"),
        (_is_arrow_stream(head), "application/vnd.apache.arrow.stream", "Arrow message header"),
        (_is_old_tar(head), types.TAR, "tar header checksum"),
        (head.startswith(b"ORC") and _tail(path, 4).startswith(b"ORC"), "application/x-orc", "ORC at both ends"),
    ):
        if holds:
            return media_type, words
    return None


def _ftyp_kind(head: bytes, name: str) -> Kind:
    size = max(int.from_bytes(head[:4], "big"), 16)
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, min(size, 64), 4))]
    for brand in brands[:1] + [b for b in brands[1:] if b.startswith((b"avi", b"hei"))]:
        for prefix, media_type in _FTYP_BRANDS:
            if brand.startswith(prefix):
                return media_type, f"ISO media file, brand {brand.decode('latin-1').strip()}"
    return ("audio/mp4" if name.lower().endswith(_NAMES_OF_SOUND) else "video/mp4"), "ISO media file"


def _is_arrow_stream(head: bytes) -> bool:
    """A continuation mark, the length of the schema message, and a flatbuffer whose root lies within it."""
    if not head.startswith(b"\xff\xff\xff\xff") or len(head) < 12:  # noqa: PLR2004
        return False
    length, root = int.from_bytes(head[4:8], "little"), int.from_bytes(head[8:12], "little")
    return 0 < length < 1 << 28 and length % 8 == 0 and root < length


def _is_old_tar(head: bytes) -> bool:
    block = head[:_TAR_BLOCK]
    digits = re.match(rb"[ 0]*([0-7]+)[ \0]", block[148:156])
    if len(block) < _TAR_BLOCK or not digits or not block[0]:
        return False
    return int(digits[1], 8) == sum(block[:148]) + 8 * 0x20 + sum(block[156:])


def _tail(path: Path, length: int) -> bytes:
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(file.tell() - length, 0))
        return file.read()


def magic_kind(path: Path) -> Kind:
    """What libmagic says, under our names; by descriptor, since it does not follow the link that a memory file has."""
    with path.open("rb") as file:
        found = _libmagic().from_descriptor(file.fileno())
    media_type = types.ALIASES.get(found, found)
    if media_type == _TGA and not _has_tga_header(path):
        media_type = types.OPAQUE
    return (media_type if "/" in media_type else types.OPAQUE), f"libmagic says {found}"


def _has_tga_header(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(_TGA_HEADER_BYTES)
    return len(head) == _TGA_HEADER_BYTES and head[-2] in _TGA_BITS


@cache
def _libmagic() -> "Magic":
    """libmagic and its database out of the pylibmagic wheel; a libmagic of the machine may be absent or old.

    Loading the library by its path first makes python-magic's own search by name find this one. Importing
    pylibmagic would do so too, but by changing the environment and ``ctypes`` of the whole process.
    """
    spec = find_spec("pylibmagic")
    folder = Path((spec.submodule_search_locations or [""])[0] if spec else "")
    library = folder / "libmagic.so.1"
    if library.exists():
        ctypes.CDLL(str(library))
    else:
        import pylibmagic  # noqa: F401 - elsewhere than on Linux only its import finds the library
    from magic import Magic

    return Magic(mime=True, magic_file=str(folder / "magic.mgc"))


def media_type_of(path: Path) -> str:
    """What libmagic alone calls a file; proof that it works here."""
    return magic_kind(path)[0]
