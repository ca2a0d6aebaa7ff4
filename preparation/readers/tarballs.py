"""Tar archives, read in one pass from the front, so that a compressed one is never unpacked whole."""

import tarfile
import zlib
from typing import IO, cast

import pyarrow as pa

from core.prepared import Child
from preparation.readers.archive_limits import BombError, Readable, Unpacked

BLOCK_BYTES = 512
DECOMPRESSION_ERRORS = (OSError, EOFError, zlib.error, ValueError, pa.ArrowException)


class DamagedError(Exception):
    """The archive ends, or stops making sense, before its end."""


def looks_like_tar(head: bytes) -> bool:
    """Whether `head` begins with a tar header whose checksum holds."""
    if len(head) < BLOCK_BYTES:
        return False
    try:
        tarfile.TarInfo.frombuf(head[:BLOCK_BYTES], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def unpack_tar(stream: Readable, unpacked: Unpacked) -> None:
    """Takes the files out of the tar archive that `stream` gives.

    Raises:
        BombError: If more comes out than may.
        DamagedError: If the archive breaks off.
    """
    try:
        with tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r|", errors="replace") as archive:
            for member in archive:
                _unpack_member(archive, member, unpacked)
    except BombError:
        raise
    except (tarfile.TarError, *DECOMPRESSION_ERRORS) as error:
        raise DamagedError(str(error) or type(error).__name__) from error


def _unpack_member(archive: tarfile.TarFile, member: tarfile.TarInfo, unpacked: Unpacked) -> None:
    if member.isdir():
        return
    name = unpacked.admit(member.name)
    if name is None:
        return
    content = archive.extractfile(member) if member.isreg() else None
    if content is None:
        unpacked.leave_out(member.name, "it is a link" if member.issym() or member.islnk() else "it is a device")
        return
    unpacked.children.append(Child(name, unpacked.content_of(content)))
