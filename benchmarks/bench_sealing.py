"""Sealing and opening a large file, by the cipher and through the vault, beside bare AES-256-GCM with SHA-256.

The bare loop is as good as one thread gets: 1 MiB frames as ours, buffers that are reused (fresh pages cost more than
the cipher), the same reads, the same `fsync`, and a hash where ours has one: while sealing, and while the vault reads,
which compares it with the name. It binds no frame to its place and wraps no key.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from measure import Comparison, Figure, compare

from core.settings import Security
from security import EnvelopeCipher, KeyRing
from storage import FsspecVault

SIZE = 256 * 1024 * 1024
FRAME = 1024 * 1024
TAG = 16
PROMISED = 0.8


def figures(folder: Path) -> Iterator[Figure]:
    """Seals and opens the same file both ways, on the same disk."""
    plain, sealed, bare = folder / "plain", folder / "sealed", folder / "bare"
    with plain.open("wb") as sink:
        for _ in range(SIZE // FRAME):
            sink.write(os.urandom(FRAME))
    cipher = EnvelopeCipher(KeyRing.open(Security(), folder))
    key = AESGCM(os.urandom(32))
    vault = FsspecVault(str(folder / "vault"), cipher)

    def seal() -> None:
        with plain.open("rb") as source, sealed.open("wb") as sink:
            cipher.seal(source, sink)
            os.fsync(sink.fileno())

    def unseal() -> None:
        with sealed.open("rb") as source:
            for _ in cipher.unseal(source):
                pass

    def put() -> str:
        for kept in (folder / "vault").rglob("*"):
            if kept.is_file():
                kept.unlink()  # the same content again would be kept once
        with plain.open("rb") as source:
            return vault.put(source).sha256

    def compared(name: str, ours: Callable[[], object], bare_way: Callable[[], object]) -> Figure:
        return compare(Comparison(name, SIZE / 1e6, "MB", ours, bare_way, PROMISED), rounds=5)

    yield compared("hash and seal a file", seal, lambda: _seal_bare(key, plain, bare))
    yield compared("unseal a file", unseal, lambda: _unseal_bare(key, bare, hashed=False))
    yield compared("put a file into the vault", put, lambda: _seal_bare(key, plain, bare))
    blob = put()
    yield compared(
        "read a file from the vault", lambda: _drained(vault.read(blob)), lambda: _unseal_bare(key, bare, hashed=True)
    )


def _seal_bare(key: AESGCM, plain: Path, sealed: Path) -> None:
    """Read a mebibyte, hash it, seal it, write it."""
    digest = hashlib.sha256()
    piece, frame = bytearray(FRAME), bytearray(FRAME + TAG)
    with plain.open("rb", buffering=0) as source, sealed.open("wb", buffering=0) as sink:
        number = 0
        while source.readinto(piece) == FRAME:
            digest.update(piece)
            key.encrypt_into(number.to_bytes(12, "big"), piece, None, frame)
            sink.write(frame)
            number += 1
        os.fsync(sink.fileno())


def _unseal_bare(key: AESGCM, sealed: Path, *, hashed: bool) -> None:
    digest = hashlib.sha256()
    frame, piece = bytearray(FRAME + TAG), bytearray(FRAME)
    with sealed.open("rb", buffering=0) as source:
        number = 0
        while source.readinto(frame) == FRAME + TAG:
            key.decrypt_into(number.to_bytes(12, "big"), frame, None, piece)
            if hashed:
                digest.update(piece)
            number += 1


def _drained(pieces: Iterator[bytes]) -> None:
    for _ in pieces:
        pass
