"""Archives: each member as a blob of its own.

Sizes that an archive declares are not believed; what comes out is counted while it comes. Links and names that lead
out of the archive stay in it. An archive that gives more than its limits allow is refused whole.
"""

import stat
import zlib
from collections.abc import Callable, Sequence
from zipfile import BadZipFile, ZipFile, ZipInfo

from core.prepared import Child
from preparation import media_types as types
from preparation.encodings import decode
from preparation.extraction import GIVE_PASSWORD, Extraction, Source, unreadable
from preparation.readers.archive_limits import BombError, Unpacked
from preparation.readers.compressed import DamagedError, unpack_compressed
from preparation.readers.locked_zip import WrongPasswordError, locked_content
from preparation.readers.tarballs import unpack_tar

_UTF8_NAME = 0x800
_ENCRYPTED = 0x1
_NO_DIRECTORY = "File is not a zip file"  # zipfile's words where the directory at the end is missing
_OPENED_BY = {
    "application/vnd.rar": "unrar or 7-Zip",
    "application/x-lzip": "lzip",
}


def read(source: Source) -> Extraction:
    """The members of an archive as children."""
    opener = _OPENERS.get(source.media_type)
    if opener is None:
        words = types.MEDIA_TYPES.get(source.media_type, source.media_type)
        tool = _OPENED_BY.get(source.media_type, "its own program")
        return Extraction(kind="archive", note=f"Kept whole: Penstock does not open a {words}; {tool} does.")
    unpacked = Unpacked(source.limits, source.size)
    try:
        opener(source, unpacked)
    except BombError as error:
        return unreadable(
            f"The archive is refused: {error}.",
            "Unpack it by hand where there is room, and drop what you need of it.",
            kind="archive",
        )
    except DamagedError as error:
        if not unpacked.children:
            return unreadable(f"The archive is damaged: {error}.", "Fetch it anew and drop it again.", kind="archive")
        unpacked.notes.append(f"The archive is damaged: {error}; what lies before was taken out.")
    if unpacked.locked and not unpacked.children:
        return unreadable(
            "Every member of the archive is protected by a password."
            + (f" None of the {len(tried)} given passwords opens it." if (tried := source.options.passwords) else ""),
            GIVE_PASSWORD,
            kind="archive",
        )
    return Extraction(
        kind="archive",
        text="\n".join(child.name for child in unpacked.children)[: source.limits.max_text_chars],
        children=tuple(unpacked.children),
        metadata={"members": len(unpacked.children) + unpacked.left_out, "unpacked_bytes": unpacked.unpacked_bytes},
        note=unpacked.note,
    )


def _unpack_zip(source: Source, unpacked: Unpacked) -> None:
    try:
        with ZipFile(source.path) as archive:
            for info in archive.infolist():
                if not info.is_dir():
                    _unpack_zip_member(archive, info, unpacked, source.options.passwords)
    except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
        told = "its table of contents is missing, so it was cut off" if str(error) == _NO_DIRECTORY else str(error)
        raise DamagedError(told) from error


def _unpack_zip_member(archive: ZipFile, info: ZipInfo, unpacked: Unpacked, passwords: Sequence[str]) -> None:
    raw = _zip_name(info)
    name = unpacked.admit(raw)
    if name is None:
        return
    if stat.S_ISLNK(info.external_attr >> 16):
        unpacked.leave_out(raw, "it is a link")
    elif info.flag_bits & _ENCRYPTED:
        _unlock_zip_member(archive, info, unpacked, name, passwords)
    else:
        try:
            with archive.open(info) as member:
                unpacked.children.append(Child(name, unpacked.content_of(member)))
        except NotImplementedError as error:
            unpacked.leave_out(raw, str(error))
        except (BadZipFile, OSError, ValueError, RuntimeError, EOFError, zlib.error) as error:
            unpacked.leave_out(raw, f"it is damaged ({error})")


def _unlock_zip_member(
    archive: ZipFile, info: ZipInfo, unpacked: Unpacked, name: str, passwords: Sequence[str]
) -> None:
    try:
        unpacked.children.append(Child(name, locked_content(archive, info, passwords, unpacked)))
    except WrongPasswordError:
        unpacked.locked += 1
        unpacked.leave_out(_zip_name(info), "a password protects it")
    except NotImplementedError as error:
        unpacked.leave_out(_zip_name(info), str(error))


def _zip_name(info: ZipInfo) -> str:
    """The name in the encoding that it was most likely written in; the format only knows UTF-8 and code page 437."""
    if info.flag_bits & _UTF8_NAME or info.filename.isascii():
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    decoded = decode(raw)
    return decoded.text if decoded.encoding == "utf-8" else info.filename


def _unpack_7z(source: Source, unpacked: Unpacked) -> None:
    from preparation.readers.seven_zip import unpack_7z

    unpack_7z(source, unpacked)


def _unpack_tar(source: Source, unpacked: Unpacked) -> None:
    with source.path.open("rb") as file:
        unpack_tar(file, unpacked)


_OPENERS: dict[str, Callable[[Source, Unpacked], None]] = {
    types.ZIP: _unpack_zip,
    "application/java-archive": _unpack_zip,
    types.TAR: _unpack_tar,
    types.GZIP: unpack_compressed,
    "application/x-bzip2": unpack_compressed,
    "application/x-xz": unpack_compressed,
    "application/zstd": unpack_compressed,
    "application/x-lz4": unpack_compressed,
    "application/x-7z-compressed": _unpack_7z,
}
