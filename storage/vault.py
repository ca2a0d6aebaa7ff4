"""Where a vault's sealed objects lie, and how one is named."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import BinaryIO

from core.blob import Blob
from core.errors import NotFoundError
from core.ports import Cipher, Put

_SHA256_CHARS = 64
_HEX = frozenset("0123456789abcdef")


class VaultPlace(ABC):
    """Keeps sealed objects under the SHA-256 of what they were before sealing; each comes into being whole."""

    @abstractmethod
    def put(self, source: BinaryIO, cipher: Cipher) -> Blob:
        """Seals `source` into an object, durably; the same content twice is kept once."""

    @contextmanager
    def together(self, cipher: Cipher) -> Iterator[Put]:
        """As `Vault.together`."""
        yield lambda source: self.put(source, cipher)

    @abstractmethod
    def opened(self, sha256: str) -> AbstractContextManager[BinaryIO]:
        """The sealed object, at its start.

        Raises:
            NotFoundError: If there is none.
        """

    @abstractmethod
    def has(self, sha256: str) -> bool:
        """Whether there is such an object."""

    @abstractmethod
    def names(self) -> Iterator[str]:
        """The SHA-256 of each object."""

    @abstractmethod
    def size_on_disk(self) -> int:
        """Bytes that the sealed objects take."""

    @abstractmethod
    def rewrap(self, sha256: str, cipher: Cipher) -> bool:
        """Puts the data key of one object under the newest key; whether it was not."""


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
