"""A vault in a local folder, by plain calls of the operating system."""

import errno
import fcntl
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from core.blob import Blob
from core.durable import sync
from core.errors import StorageError
from core.ports import Cipher, Put
from storage.vault import VaultPlace, is_sha256, missing

_UNFINISHED = "unfinished"
_MOST_OPEN = 64
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG)


class LocalPlace(VaultPlace):
    """Objects at ``ab/<sha256>``, mode 0600; they come into being whole, by a rename.

    With a second level of folders nearly each of the first 65,536 objects would make one, and sync its parent too.
    A writer holds a lock on its unfinished file; what nobody holds is left of a crash and removed on opening.

    Args:
        folder: Made if it is not there.
    """

    def __init__(self, folder: str | Path) -> None:
        self._root = Path(folder).absolute()
        self._unfinished = self._root / _UNFINISHED
        self._durable: set[Path] = set()  # folders whose own names are synced
        try:
            self._unfinished.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._remove_leftovers()
        except OSError as error:
            raise StorageError(
                f"The vault {self._root} cannot be used: {error.strerror}.", "Check its owner."
            ) from error

    def put(self, source: BinaryIO, cipher: Cipher) -> Blob:
        with self.together(cipher) as put:
            return put(source)

    @contextmanager
    def together(self, cipher: Cipher) -> Iterator[Put]:
        """As `VaultPlace.together`: the first sync of many files writes the journal for all of them.

        Of 1,200 objects of 30 kB, one by one each took 0.52 ms of a processor, in groups 0.17 ms.
        """
        sealed: list[tuple[_Unfinished, Blob]] = []

        def put(source: BinaryIO) -> Blob:
            with self._having_room():
                fresh = _Unfinished(self._unfinished)
                try:
                    blob = cipher.seal(source, fresh.file)
                    fresh.start_writing()
                except BaseException:
                    fresh.discard()
                    raise
            sealed.append((fresh, blob))
            if len(sealed) >= _MOST_OPEN:
                keep()
            return blob

        def keep() -> None:
            with self._having_room():
                self._keep(sealed)
            discard()

        def discard() -> None:
            for fresh, _ in sealed:
                fresh.discard()
            sealed.clear()

        try:
            yield put
            keep()
        finally:
            discard()

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
        return self._root / sha256[:2] / sha256

    def _objects(self) -> Iterator["os.DirEntry[str]"]:
        for first in _entries(self._root):
            if first.name != _UNFINISHED and first.is_dir():
                yield from (entry for entry in _entries(first.path) if is_sha256(entry.name))

    def _keep(self, sealed: Iterable[tuple["_Unfinished", Blob]]) -> None:
        """Gives objects their names, durably: their bytes first, then the names."""
        missing_here = [(fresh, blob) for fresh, blob in sealed if not self._has_whole(blob, fresh.size)]
        for fresh, _ in missing_here:
            os.fsync(fresh.file.fileno())
        folders = {self._path(blob.sha256).parent for _, blob in sealed}
        new = folders - self._durable
        for folder in new:
            folder.mkdir(mode=0o700, exist_ok=True)
        for fresh, blob in missing_here:
            fresh.rename(self._path(blob.sha256))
        for folder in folders | {self._root} if new else folders:  # another may have named it and not synced yet
            sync(folder)
        self._durable |= new

    def _has_whole(self, blob: Blob, size: int) -> bool:
        path = self._path(blob.sha256)
        return path.is_file() and path.stat().st_size == size

    @contextmanager
    def _having_room(self) -> Iterator[None]:
        """Tells of a full disk as what it is.

        Raises:
            StorageError: If there is no room for the bytes.
        """
        try:
            yield
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise  # of the source, as likely as of the vault
            reason = f"The vault {self._root} could not take in the bytes: {error.strerror}."
            raise StorageError(reason, "Free some space; nothing was half kept.") from error

    def _remove_leftovers(self) -> None:
        for entry in _entries(self._unfinished):
            with suppress(FileNotFoundError), Path(entry.path).open("rb") as file, suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                Path(entry.path).unlink()


class _Unfinished:
    """A new file, locked, without a name that counts.

    Args:
        folder: Where it lies until then.
    """

    def __init__(self, folder: Path) -> None:
        while True:
            self._path: Path | None = folder / secrets.token_hex(8)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.fstat(descriptor).st_nlink:
                break
            os.close(descriptor)  # taken for a leftover by a vault that was just opened
        self.file: BinaryIO = os.fdopen(descriptor, "wb")
        self.size = 0

    def start_writing(self) -> None:
        """Has the system begin to write what the file holds, so that a sync waits for all of a group at once."""
        self.file.flush()
        self.size = os.fstat(self.file.fileno()).st_size
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(self.file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)

    def rename(self, path: Path) -> None:
        """Gives it the name that counts."""
        if self._path:
            self._path.rename(path)
            self._path = None

    def discard(self) -> None:
        """Closes it; it is gone, unless it was renamed."""
        with suppress(OSError):  # what is still in the buffer of a file that is given up need not reach a full disk
            self.file.close()
        if self._path:
            self._path.unlink(missing_ok=True)
            self._path = None


def _entries(folder: str | Path) -> list["os.DirEntry[str]"]:
    with os.scandir(folder) as found:
        return list(found)
