"""The vault: original bytes, sealed, under the SHA-256 of what they were before sealing."""

import hashlib
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import BinaryIO

from core.blob import Blob
from core.errors import NotFoundError, StorageError, TamperedError
from core.ports import Cipher, Vault

_SHA256_CHARS = 64
_HEX = frozenset("0123456789abcdef")


class SealedVault(Vault):
    """What every vault does alike; a backend says only where sealed bytes lie.

    Args:
        cipher: Seals on the way in and opens on the way out.
    """

    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher

    @abstractmethod
    def put(self, source: BinaryIO) -> Blob: ...

    def read(self, sha256: str) -> Iterator[bytes]:
        """The content in pieces of at most 1 MiB, each verified.

        That the whole is what its name says is known only at its end, so the last thing this may do is raise.
        """
        digest = hashlib.sha256()
        with self._opened(checked(sha256)) as sealed:
            for piece in self._cipher.unseal(sealed):
                digest.update(piece)
                yield piece
        if digest.hexdigest() != sha256:
            raise TamperedError(
                f"The vault holds other bytes under {sha256}: their hash is {digest.hexdigest()}.",
                "Restore that object from a backup.",
            )

    def rewrap(self) -> int:
        """Puts every data key under the newest key; a tampered object does not keep the others from it.

        Raises:
            TamperedError: At the end, naming the first object that did not open.
        """
        count = 0
        bad: dict[str, TamperedError] = {}
        for sha256 in self.blobs():
            try:
                count += self._rewrap_one(sha256)
            except TamperedError as error:
                bad[sha256] = error
        for sha256, first in bad.items():
            reason = f"{len(bad)} objects of the vault do not open, the first is {sha256}: {first.reason}"
            raise TamperedError(reason, first.fix) from first
        return count

    @abstractmethod
    def size_on_disk(self) -> int:
        """Bytes that the sealed objects take."""

    @abstractmethod
    def _opened(self, sha256: str) -> AbstractContextManager[BinaryIO]:
        """The sealed object, at its start.

        Raises:
            NotFoundError: If there is none.
        """

    @abstractmethod
    def _rewrap_one(self, sha256: str) -> bool:
        """Puts one data key under the newest key; whether it was not."""


def open_vault(url: str, cipher: Cipher) -> SealedVault:
    """The vault at a local path or an fsspec URL (``file://``, ``s3://``, ``gs://``, ``hdfs://``, ``memory://``).

    Raises:
        StorageError: If it cannot be reached or made, or the driver of that kind of URL is not installed.
    """
    scheme, separator, rest = url.partition("://")
    if not separator or scheme in ("file", "local"):
        from storage.local_vault import LocalVault

        return LocalVault(rest if separator else url, cipher)
    from storage.fsspec_vault import FsspecVault

    try:
        return FsspecVault(url, cipher)
    except (ImportError, ValueError) as error:
        raise StorageError(
            f"The vault {url} cannot be opened: {error}", "Install that driver, or mend the URL."
        ) from error


def is_sha256(name: object) -> bool:
    """Whether it is 64 lower-case hex digits; nothing else may become part of a path."""
    return isinstance(name, str) and len(name) == _SHA256_CHARS and set(name) <= _HEX


def checked(sha256: str) -> str:
    """The name of a blob, if it is one.

    Raises:
        NotFoundError: If it is no SHA-256.
    """
    if not is_sha256(sha256):
        raise NotFoundError(f"{sha256[:80]!r} is no blob.", "Give its SHA-256: 64 hex digits.")
    return sha256


def missing(sha256: str) -> NotFoundError:
    """The error of a blob that is not kept."""
    return NotFoundError(f"The vault has no blob {sha256}.", "See penstock trace for what became of it.")
