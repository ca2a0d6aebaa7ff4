"""The vault: original bytes, sealed, at a local path or an fsspec URL."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from core.blob import Blob
from core.errors import StorageError, TamperedError
from core.ports import Cipher, Put, Vault
from storage.vault import VaultPlace, checked, is_sha256


class FsspecVault(Vault):
    """Keeps blobs sealed at a local path (through plain system calls, synced to disk) or behind any fsspec URL.

    Safe to use from several threads and processes.

    Args:
        url: A path, or a URL such as ``file://``, ``s3://``, ``gs://``, ``hdfs://``, ``memory://``.
        cipher: Seals on the way in and opens on the way out.

    Raises:
        StorageError: If it cannot be reached or made, or the driver of that kind of URL is not installed.
    """

    def __init__(self, url: str, cipher: Cipher) -> None:
        self._cipher = cipher
        self._place = _place_at(url)

    def put(self, source: BinaryIO) -> Blob:
        return self._place.put(source, self._cipher)

    @contextmanager
    def together(self) -> Iterator[Put]:
        with self._place.together(self._cipher) as put:
            yield put

    def read(self, sha256: str) -> Iterator[bytes]:
        """The content in pieces of at most 1 MiB, each verified.

        That the whole is what its name says is known only at its end, so the last thing this may do is raise.
        """
        digest = hashlib.sha256()
        with self._place.opened(checked(sha256)) as sealed:
            for piece in self._cipher.unseal(sealed):
                digest.update(piece)
                yield piece
        if digest.hexdigest() != sha256:
            raise TamperedError(
                f"The vault holds other bytes under {sha256}: their hash is {digest.hexdigest()}.",
                "Restore that object from a backup.",
            )

    def __contains__(self, sha256: object) -> bool:
        return isinstance(sha256, str) and is_sha256(sha256) and self._place.has(sha256)

    def blobs(self) -> Iterator[str]:
        return self._place.names()

    def rewrap(self) -> int:
        """Puts every data key under the newest key; a tampered object does not keep the others from it.

        Raises:
            TamperedError: At the end, naming the first object that did not open.
        """
        count = 0
        bad: dict[str, TamperedError] = {}
        for sha256 in self._place.names():
            try:
                count += self._place.rewrap(sha256, self._cipher)
            except TamperedError as error:
                bad[sha256] = error
        for sha256, first in bad.items():
            reason = f"{len(bad)} objects of the vault do not open, the first is {sha256}: {first.reason}"
            raise TamperedError(reason, first.fix) from first
        return count

    def size_on_disk(self) -> int:
        """Bytes that the sealed objects take."""
        return self._place.size_on_disk()


def _place_at(url: str) -> VaultPlace:
    scheme, separator, rest = url.partition("://")
    if not separator or scheme in ("file", "local"):
        from storage.vault_local import LocalPlace

        return LocalPlace(rest if separator else url)
    try:
        from storage.vault_remote import RemotePlace

        return RemotePlace(url)
    except (ImportError, ValueError) as error:
        reason = f"The vault {url} cannot be opened: {error}."
        raise StorageError(reason, "Install the driver of that URL, or mend it.") from error
