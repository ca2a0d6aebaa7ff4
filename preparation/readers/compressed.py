"""Single compressed files: gzip, bzip2, xz, Zstandard, LZ4; where a tar archive lies inside, its members."""

import bz2
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

import pyarrow as pa

from core.prepared import Child
from preparation import media_types as types
from preparation.extraction import Source
from preparation.readers.archive_limits import CHUNK_BYTES, Unpacked, safe_name
from preparation.readers.tarballs import (
    BLOCK_BYTES,
    DECOMPRESSION_ERRORS,
    DamagedError,
    looks_like_tar,
    unpack_tar,
)

__all__ = ["DamagedError", "unpack_compressed"]

_SUFFIXES = {".gz", ".z", ".bz2", ".xz", ".lzma", ".zst", ".zstd", ".lz4"}
_TAR_SUFFIXES = {".tgz", ".tbz2", ".tbz", ".txz", ".tzst"}
_HAS_NAME = 0x08
_HAS_EXTRA = 0x04


def _arrow_stream(codec: str) -> Callable[[Path], BinaryIO]:
    """Zstandard and LZ4 by Arrow's codecs: Python 3.11 has none of its own."""
    return lambda path: cast("BinaryIO", pa.CompressedInputStream(pa.OSFile(str(path)), codec))


_OPENERS: dict[str, Callable[[Path], BinaryIO]] = {
    types.GZIP: lambda path: cast("BinaryIO", gzip.GzipFile(path)),
    "application/x-bzip2": lambda path: cast("BinaryIO", bz2.BZ2File(path)),
    "application/x-xz": lambda path: cast("BinaryIO", lzma.LZMAFile(path)),  # noqa: SIM115 - its caller closes it
    "application/zstd": _arrow_stream("zstd"),
    "application/x-lz4": _arrow_stream("lz4"),
}


class _Counted:
    """A stream of unpacked bytes, the first of them given back before the rest, all counted."""

    def __init__(self, first: bytes, rest: BinaryIO, unpacked: Unpacked) -> None:
        self._first = first
        self._rest = rest
        self._unpacked = unpacked

    def read(self, size: int) -> bytes:
        if self._first:
            piece, self._first = self._first[:size], self._first[size:]
            return piece
        piece = self._rest.read(size)
        self._unpacked.pass_by(len(piece))
        return piece


def unpack_compressed(source: Source, unpacked: Unpacked) -> None:
    """Takes out the one file inside, or the members of the tar archive inside.

    Raises:
        BombError: If more comes out than may.
        DamagedError: If the compression breaks off before anything came out.
    """
    try:
        with _OPENERS[source.media_type](source.path) as stream:
            first = stream.read(BLOCK_BYTES)
            if looks_like_tar(first):
                unpack_tar(_Counted(first, stream, unpacked), unpacked)
            else:
                _unpack_single(source, first, stream, unpacked)
    except lzma.LZMAError as error:
        raise DamagedError(str(error)) from error
    except DECOMPRESSION_ERRORS as error:
        raise DamagedError(str(error) or type(error).__name__) from error


def _unpack_single(source: Source, first: bytes, stream: BinaryIO, unpacked: Unpacked) -> None:
    pieces = [first]
    unpacked.count(len(first))
    try:
        while piece := stream.read(CHUNK_BYTES):
            unpacked.count(len(piece))
            pieces.append(piece)
    except (*DECOMPRESSION_ERRORS, lzma.LZMAError) as error:
        if len(pieces) == 1:
            raise DamagedError(str(error)) from error
        unpacked.notes.append(f"It breaks off ({error}); what lies before was taken out.")
    unpacked.children.append(Child(_inner_name(source), b"".join(pieces)))


def _inner_name(source: Source) -> str:
    """The name that the gzip header gives, else the archive's own without its suffix."""
    named = safe_name(_gzip_name(source.path)) if source.media_type == types.GZIP else None
    if named:
        return PurePosixPath(named).name
    own = PurePosixPath(source.name.replace("\\", "/")).name
    stem, suffix = PurePosixPath(own).stem, PurePosixPath(own).suffix.lower()
    if suffix in _TAR_SUFFIXES:
        return f"{stem}.tar"
    return stem if suffix in _SUFFIXES and stem else "content"


def _gzip_name(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(1024)
    if not head[3] & _HAS_NAME:
        return ""
    start = 12 + int.from_bytes(head[10:12], "little") if head[3] & _HAS_EXTRA else 10
    return head[start:].partition(b"\0")[0].decode("latin-1")
