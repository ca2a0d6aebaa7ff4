"""A vault in a local folder, by plain calls of the operating system."""

import errno
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from core.blob import Blob
from core.errors import StorageError
from core.ports import Cipher
from storage.vault import VaultPlace, is_sha256, missing

_UNFINISHED = "unfinished"
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG)


class LocalPlace(VaultPlace):
    """Objects at ``ab/cd/<sha256>``, mode 0600; they come into being whole, by a rename.

    A writer holds a lock on its unfinished file; what nobody holds is left of a crash and removed on opening.

    Args:
        folder: Made if it is not there.
    """

    def __init__(self, folder: str | Path) -> None:
        self._root = Path(folder).absolute()
        self._unfinished = self._root / _UNFINISHED
        try:
            self._unfinished.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._remove_leftovers()
        except OSError as error:
            raise StorageError(
                f"The vault {self._root} cannot be used: {error.strerror}.", "Check its owner."
            ) from error

    def put(self, source: BinaryIO, cipher: Cipher) -> Blob:
        try:
            with self._fresh() as (file, fresh):
                blob = cipher.seal(source, file)
                file.flush()
                self._keep(file, fresh, blob)
                return blob
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise  # of the source, as likely as of the vault
            reason = f"The vault {self._root} could not take in the bytes: {error.strerror}."
            raise StorageError(reason, "Free some space; nothing was half kept.") from error

    def has(self, sha256: str) -> bool:
        return self._path(sha256).is_file()

    def names(self) -> Iterator[str]:
        return (entry.name for entry in self._objects())

    def size_on_disk(self) -> int:
        return sum(entry.stat().st_size for entry in self._objects())

    @contextmanager
    def opened(self, sha256: str) -> Iterator[BinaryIO]:
        try:
            file = self._path(sha256).open("rb")
        except FileNotFoundError:
            raise missing(sha256) from None
        with file:
            fcntl.flock(file, fcntl.LOCK_SH)  # a header is never read while `rewrap` writes it
            yield file

    def rewrap(self, sha256: str, cipher: Cipher) -> bool:
        with self._path(sha256).open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            header = cipher.rewrap(file)
            if header is None:
                return False
            # One write within the first sector of the file, of the length of the old header: there is no
            # moment at which a kill or a power cut leaves half of it.
            os.pwrite(file.fileno(), header, 0)
            os.fsync(file.fileno())
        return True

    def _path(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256[2:4] / sha256

    def _objects(self) -> Iterator["os.DirEntry[str]"]:
        for first in _entries(self._root):
            if first.name != _UNFINISHED and first.is_dir():
                for second in _entries(first.path):
                    yield from (entry for entry in _entries(second.path) if is_sha256(entry.name))

    def _keep(self, file: BinaryIO, fresh: Path, blob: Blob) -> None:
        path = self._path(blob.sha256)
        size = os.fstat(file.fileno()).st_size
        if path.is_file() and path.stat().st_size == size:
            fresh.unlink()
        else:
            os.fsync(file.fileno())
            _make_folder(path.parent, self._root)
            fresh.rename(path)
        _sync_folder(path.parent)

    @contextmanager
    def _fresh(self) -> Iterator[tuple[BinaryIO, Path]]:
        """A new unfinished file, locked; gone afterwards unless it was renamed."""
        while True:
            path = self._unfinished / secrets.token_hex(8)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.fstat(descriptor).st_nlink:
                break
            os.close(descriptor)  # taken for a leftover by a vault that was just opened
        with os.fdopen(descriptor, "wb") as file:
            try:
                yield file, path
            finally:
                path.unlink(missing_ok=True)

    def _remove_leftovers(self) -> None:
        for entry in _entries(self._unfinished):
            with suppress(FileNotFoundError), Path(entry.path).open("rb") as file, suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                Path(entry.path).unlink()


def _entries(folder: str | Path) -> list["os.DirEntry[str]"]:
    with os.scandir(folder) as found:
        return list(found)


def _make_folder(folder: Path, root: Path) -> None:
    """Makes a folder below the root and its way there, durably."""
    if folder.is_dir():
        return
    if folder != root:
        _make_folder(folder.parent, root)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
