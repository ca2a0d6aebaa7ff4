"""Sealing a large file: the envelope beside bare AES-256-GCM with SHA-256, in the same frames."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from measure import Comparison, Figure, compare

from core.settings import Security
from security import EnvelopeCipher, KeyRing

SIZE = 256 * 1024 * 1024
FRAME = 1024 * 1024


def figures(folder: Path) -> Iterator[Figure]:
    """Seals and unseals the same file both ways, to the same disk."""
    plain, sealed, bare = folder / "plain", folder / "sealed", folder / "bare"
    with plain.open("wb") as sink:
        for _ in range(SIZE // FRAME):
            sink.write(os.urandom(FRAME))
    cipher = EnvelopeCipher(KeyRing.open(Security(), folder))

    def seal() -> None:
        with plain.open("rb") as source, sealed.open("wb") as sink:
            cipher.seal(source, sink)
            os.fsync(sink.fileno())

    def unseal() -> None:
        with sealed.open("rb") as source:
            for _ in cipher.unseal(source):
                pass

    key = AESGCM(bytes(32))
    yield compare(Comparison("hash and seal a file", SIZE / 1e6, "MB", seal, lambda: _seal_bare(key, plain, bare), 0.7))
    yield compare(Comparison("unseal a file", SIZE / 1e6, "MB", unseal, lambda: _unseal_bare(key, bare), 0.7))


def _seal_bare(key: AESGCM, plain: Path, sealed: Path) -> None:
    """Read a megabyte, hash it, seal it, write it."""
    digest = hashlib.sha256()
    with plain.open("rb") as source, sealed.open("wb") as sink:
        for number, piece in enumerate(iter(lambda: source.read(FRAME), b"")):
            digest.update(piece)
            sink.write(key.encrypt(number.to_bytes(12, "big"), piece, None))
        os.fsync(sink.fileno())


def _unseal_bare(key: AESGCM, sealed: Path) -> None:
    with sealed.open("rb") as source:
        for number, frame in enumerate(iter(lambda: source.read(FRAME + 16), b"")):
            key.decrypt(number.to_bytes(12, "big"), frame, None)
