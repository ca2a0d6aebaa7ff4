"""7z archives, member by member into memory."""

import lzma
import struct
import zlib

from py7zr import Py7zIO, SevenZipFile, WriterFactory
from py7zr.exceptions import ArchiveError, PasswordRequired

from core.prepared import Child
from preparation.extraction import Source
from preparation.readers.archive_limits import BombError, Unpacked
from preparation.readers.tarballs import DamagedError

_DAMAGES = (
    ArchiveError,
    OSError,
    EOFError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    struct.error,
    lzma.LZMAError,
    zlib.error,
)
"""What py7zr raises over a header that is damaged, or that a wrong password has made nonsense of."""


class _Sink(Py7zIO):
    """Where one member's bytes go, counted as they come."""

    def __init__(self, unpacked: Unpacked) -> None:
        self._unpacked = unpacked
        self.content = bytearray()

    def write(self, s: bytes | bytearray) -> int:
        self._unpacked.count(len(s))
        self.content += s
        return len(s)

    def read(self, size: int | None = None) -> bytes:
        return bytes(self.content[:size])

    def seek(self, offset: int, whence: int = 0) -> int:  # noqa: ARG002 - the library rewinds what it wrote
        return 0

    def flush(self) -> None:
        """Nothing is held back."""

    def size(self) -> int:
        return len(self.content)


class _Sinks(WriterFactory):
    def __init__(self, unpacked: Unpacked) -> None:
        self._unpacked = unpacked
        self.by_name: dict[str, _Sink] = {}

    def create(self, filename: str) -> Py7zIO:
        return self.by_name.setdefault(filename, _Sink(self._unpacked))


def unpack_7z(source: Source, unpacked: Unpacked) -> None:
    """Takes the files out of a 7z archive.

    Raises:
        BombError: If more comes out than may.
        DamagedError: If it cannot be read to its end.
    """
    for password in source.options.passwords:
        attempt = Unpacked(unpacked.limits, unpacked.packed_bytes)
        try:
            _unpack(source, attempt, password)
        except (DamagedError, PasswordRequired):  # a wrong password gives nonsense, which does not inflate
            continue
        unpacked.become(attempt)
        return
    try:
        _unpack(source, unpacked, None)
    except PasswordRequired:
        unpacked.locked = max(unpacked.locked, 1)


def _unpack(source: Source, unpacked: Unpacked, password: str | None) -> None:
    sinks = _Sinks(unpacked)
    wanted: dict[str, str] = {}
    try:
        with SevenZipFile(source.path, password=password) as archive:
            if password is None and archive.needs_password():
                unpacked.locked = len(archive.getnames())
                return
            for member in archive.list():
                if member.is_directory:
                    continue
                name = unpacked.admit(member.filename)
                if name is not None and member.is_symlink:
                    unpacked.leave_out(member.filename, "it is a link")
                elif name is not None:
                    wanted[member.filename] = name
            if wanted:
                archive.extract(targets=list(wanted), factory=sinks)
    except (PasswordRequired, BombError):
        raise
    except _DAMAGES as error:
        raise DamagedError(str(error) or type(error).__name__) from error
    for filename, sink in sinks.by_name.items():
        unpacked.children.append(Child(wanted.get(filename, filename), bytes(sink.content)))
