"""OpenDocument files that a password protects: each part locked by itself, as the manifest tells.

AES in CBC mode under a key of PBKDF2 is what office programs wrote from 2011 to 2024. Older ones (Blowfish) and newer
ones (GCM under Argon2) stay locked.
"""

import base64
import binascii
import hashlib
import hmac
import io
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

_MANIFEST = "META-INF/manifest.xml"
_CHECKED_BYTES = 1_024
_BLOCK_BYTES = 16
_MAX_ROUNDS = 1_000_000


class UnknownLockError(Exception):
    """The document is locked in a way that is not known."""


@dataclass(frozen=True, slots=True)
class _Lock:
    """How one part is locked."""

    digest: str
    checksum: bytes
    vector: bytes
    salt: bytes
    rounds: int
    key_bytes: int
    start_digest: str

    def opened(self, sealed: bytes, password: str) -> bytes | None:
        """The part before it was locked, still deflated; None where the password is another."""
        from Cryptodome.Cipher import AES

        start = hashlib.new(self.start_digest, password.encode("utf-8")).digest()
        key = hashlib.pbkdf2_hmac("sha1", start, self.salt, self.rounds, self.key_bytes)
        plain = AES.new(key, AES.MODE_CBC, self.vector).decrypt(sealed[: len(sealed) // _BLOCK_BYTES * _BLOCK_BYTES])
        found = hashlib.new(self.digest, plain[:_CHECKED_BYTES]).digest()
        return plain if hmac.compare_digest(found, self.checksum) else None


def opened_document(data: bytes, passwords: Sequence[str], max_bytes: int) -> bytes | None:
    """The same document without its lock; None where no password opens it.

    Raises:
        UnknownLockError: If it is locked in a way that is not known.
        ValueError: If it is damaged, or unpacks to more than `max_bytes`.
        zipfile.BadZipFile: If it is damaged.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        locks = _locks(archive.read(_MANIFEST))
        content = next((name for name in ("content.xml", *locks) if name in locks), None)
        if content is None:
            raise UnknownLockError
        sealed = archive.read(content)
        password = next((each for each in passwords if locks[content].opened(sealed, each) is not None), None)
        return None if password is None else _rebuilt(archive, locks, password, max_bytes)


def _rebuilt(archive: zipfile.ZipFile, locks: dict[str, _Lock], password: str, max_bytes: int) -> bytes:
    """A package of the same parts: those that hold text opened, pictures left out."""
    package = io.BytesIO()
    room = max_bytes
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as rebuilt:
        for name in dict.fromkeys(archive.namelist()):
            if not name.endswith((".xml", "mimetype")) or name == _MANIFEST:
                continue
            part = archive.read(name)
            if name in locks:
                part = _inflated(locks[name].opened(part, password) or b"", room)
            room -= len(part)
            if room < 0:
                raise ValueError(f"its parts unpack to more than {max_bytes} bytes")
            rebuilt.writestr(name, part)
    return package.getvalue()


def _inflated(packed: bytes, room: int) -> bytes:
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, room + 1)


def _locks(manifest: bytes) -> dict[str, _Lock]:
    """How each part is locked.

    Raises:
        UnknownLockError: If one is locked in a way that is not known.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    root = etree.fromstring(manifest, parser)
    locks: dict[str, _Lock] = {}
    for entry in root.iter("{*}file-entry") if root is not None else ():
        told = entry.find("{*}encryption-data")
        if told is not None:
            locks[_attribute(entry, "full-path")] = _lock(told)
    return locks


def _lock(told: Any) -> _Lock:
    cipher, derived, start = (
        told.find("{*}" + name) for name in ("algorithm", "key-derivation", "start-key-generation")
    )
    if cipher is None or derived is None or not _attribute(cipher, "algorithm-name").lower().endswith("aes256-cbc"):
        raise UnknownLockError
    if not _attribute(derived, "key-derivation-name").lower().endswith("pbkdf2"):
        raise UnknownLockError
    try:
        rounds = int(_attribute(derived, "iteration-count"))
        lock = _Lock(
            digest=_digest(_attribute(told, "checksum-type")),
            checksum=base64.b64decode(_attribute(told, "checksum"), validate=True),
            vector=base64.b64decode(_attribute(cipher, "initialisation-vector"), validate=True),
            salt=base64.b64decode(_attribute(derived, "salt"), validate=True),
            rounds=rounds,
            key_bytes=int(_attribute(derived, "key-size") or 32),
            start_digest=_digest(_attribute(start, "start-key-generation-name") if start is not None else "sha1"),
        )
    except (ValueError, binascii.Error) as error:
        raise UnknownLockError from error
    if not 0 < rounds <= _MAX_ROUNDS or len(lock.vector) != _BLOCK_BYTES or lock.key_bytes not in (16, 24, 32):
        raise UnknownLockError
    return lock


def _digest(name: str) -> str:
    return "sha256" if "sha256" in name.lower().replace("-", "") else "sha1"


def _attribute(element: Any, name: str) -> str:
    return next((str(value) for key, value in element.attrib.items() if key.rsplit("}", 1)[-1] == name), "")
