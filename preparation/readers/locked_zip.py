"""Members of zip archives that a password protects: the old cipher by the standard library, AES as WinZip writes it."""

import hashlib
import hmac
import zlib
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from preparation.readers.archive_limits import CHUNK_BYTES, Readable, Unpacked

_AES = 99
_AES_EXTRA = 0x9901
_ROUNDS = 1_000
_CHECK_BYTES, _SEAL_BYTES = 2, 10
_LOCAL_HEADER_BYTES = 30
_BIT_LENGTHS = {1: 16, 2: 24, 3: 32}


class WrongPasswordError(Exception):
    """None of the passwords opens the member."""


def locked_content(archive: ZipFile, info: ZipInfo, passwords: Sequence[str], unpacked: Unpacked) -> bytes:
    """The bytes of a locked member.

    Raises:
        WrongPasswordError: If none of the passwords opens it.
        NotImplementedError: If its compression or cipher is not known.
        BadZipFile: If it is damaged.
        BombError: If it gives more than may come out.
    """
    counted = unpacked.unpacked_bytes
    for password in passwords:
        try:
            if info.compress_type == _AES:
                return unpacked.content_of(_aes_member(archive, info, password))
            with archive.open(info, pwd=password.encode("utf-8")) as member:
                return unpacked.content_of(member)
        except (WrongPasswordError, RuntimeError, BadZipFile, zlib.error, EOFError):
            # A byte of a wrong password fits the old cipher once in 256 times; then the content does not.
            unpacked.unpacked_bytes = counted
    raise WrongPasswordError


def _aes_member(archive: ZipFile, info: ZipInfo, password: str) -> Readable:
    key_bytes, method = _aes_facts(info)
    data = _raw(archive.fp, info)
    salt_bytes = key_bytes // 2
    if len(data) < salt_bytes + _CHECK_BYTES + _SEAL_BYTES:
        raise BadZipFile(f"{info.filename!r} is shorter than its own lock")
    salt, check = data[:salt_bytes], data[salt_bytes : salt_bytes + _CHECK_BYTES]
    keys = hashlib.pbkdf2_hmac("sha1", password.encode("utf-8"), salt, _ROUNDS, 2 * key_bytes + _CHECK_BYTES)
    if not hmac.compare_digest(keys[-_CHECK_BYTES:], check):
        raise WrongPasswordError
    sealed = data[salt_bytes + _CHECK_BYTES : -_SEAL_BYTES]
    seal = hmac.new(keys[key_bytes : 2 * key_bytes], sealed, "sha1").digest()[:_SEAL_BYTES]
    if not hmac.compare_digest(seal, data[-_SEAL_BYTES:]):
        raise WrongPasswordError
    return _Opened(sealed, keys[:key_bytes], method)


def _aes_facts(info: ZipInfo) -> tuple[int, int]:
    """The bytes of the key, and how the content was compressed before it was locked."""
    extra = info.extra
    while len(extra) >= 4:  # noqa: PLR2004 - kind and size
        kind, size = int.from_bytes(extra[:2], "little"), int.from_bytes(extra[2:4], "little")
        if kind == _AES_EXTRA and len(extra) >= 11 and extra[8] in _BIT_LENGTHS:  # noqa: PLR2004 - the field's bytes
            return _BIT_LENGTHS[extra[8]], int.from_bytes(extra[9:11], "little")
        extra = extra[4 + size :]
    raise NotImplementedError("its cipher is not known")


def _raw(file: IO[bytes] | None, info: ZipInfo) -> bytes:
    if file is None:
        raise BadZipFile("the archive is closed")
    file.seek(info.header_offset)
    header = file.read(_LOCAL_HEADER_BYTES)
    if len(header) < _LOCAL_HEADER_BYTES:
        raise BadZipFile(f"{info.filename!r} is cut off")
    file.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    return file.read(info.compress_size)


class _Opened:
    """The content of a member, opened and inflated piece by piece."""

    def __init__(self, sealed: bytes, key: bytes, method: int) -> None:
        if method not in (ZIP_STORED, ZIP_DEFLATED):
            raise NotImplementedError(f"its compression method {method} is not known")
        self._sealed = BytesIO(sealed)
        self._pieces = self._inflated(key) if method == ZIP_DEFLATED else self._plain(key)

    def read(self, size: int, /) -> bytes:  # noqa: ARG002 - a piece is of its own size
        return next(self._pieces, b"")

    def _plain(self, key: bytes) -> Iterator[bytes]:
        from Cryptodome.Cipher import AES
        from Cryptodome.Util import Counter

        cipher = AES.new(key, AES.MODE_CTR, counter=Counter.new(128, initial_value=1, little_endian=True))
        while piece := self._sealed.read(CHUNK_BYTES):
            yield cipher.decrypt(piece)

    def _inflated(self, key: bytes) -> Iterator[bytes]:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        for piece in self._plain(key):
            rest = piece
            while rest:
                if out := inflater.decompress(rest, CHUNK_BYTES):
                    yield out
                rest = inflater.unconsumed_tail
        if out := inflater.flush():
            yield out
