"""Envelope encryption of streams: AES-256-GCM frames under a data key, the data key in a Fernet token.

    header  8 bytes  magic, format version
            8 bytes  id of the key that wrapped the data key
            2 bytes  length of the token
          256 bytes  the token, padded with zeros: rewrapping under another key never moves a frame
    frames  each the cipher text of 1 MiB (the last: of the rest, perhaps nothing) and its 16-byte tag

The token holds the data key and a random stream id. Each frame is bound, as associated data, to the stream id, its
own position, and whether it is the last; its position is also its nonce, which no data key meets twice. A frame that is
changed, moved, missing, repeated or taken from another stream therefore does not verify.
"""

import hashlib
import os
import struct
import threading
from collections.abc import Iterator
from queue import SimpleQueue
from types import TracebackType
from typing import BinaryIO, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.blob import Blob
from core.errors import TamperedError
from core.ports import Cipher
from security.key_ring import KeyRing

MAGIC = b"PENSTK\x00\x01"
FRAME_BYTES = 1 << 20
TAG_BYTES = 16
_KEY_BYTES = 32
_STREAM_ID_BYTES = 16
_HEADER = struct.Struct(">8s8sH256s")
HEADER_BYTES = _HEADER.size
_BUFFERS = 4  # one being read, one being sealed, two that the hash may lag behind
_RESTORE = "Restore it from a backup."


class EnvelopeCipher(Cipher):
    """Seals and unseals streams with the keys of a ring. Safe to use from several threads."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring
        self._kept = threading.local()

    def seal(self, source: BinaryIO, sink: BinaryIO) -> Blob:
        data_key, stream_id = os.urandom(_KEY_BYTES), os.urandom(_STREAM_ID_BYTES)
        sink.write(self._header(data_key + stream_id))
        frames = _Frames(data_key, stream_id)
        buffers = self._buffers()
        held = _fill(source, buffers[0])
        ahead = _fill(source, buffers[1]) if held == FRAME_BYTES else 0
        if ahead == 0:
            piece = memoryview(buffers[0])[:held]
            sink.write(frames.seal(piece, 0, is_last=True))
            return Blob(hashlib.sha256(piece).hexdigest(), held)
        with _BackgroundHash() as hashed:
            index = size = 0
            while held:
                piece = memoryview(buffers[index % _BUFFERS])[:held]
                hashed.update(piece)
                sink.write(frames.seal(piece, index, is_last=ahead == 0))
                size += held
                index += 1
                held = ahead
                if held:
                    hashed.wait_for(index + 2 - _BUFFERS)  # the next piece takes the buffer of that one
                    ahead = _fill(source, buffers[(index + 1) % _BUFFERS])
        return Blob(hashed.hexdigest(), size)

    def unseal(self, sealed: BinaryIO) -> Iterator[bytes]:
        secret = self._opened(sealed.read(HEADER_BYTES))
        frames = _Frames(secret[:_KEY_BYTES], secret[_KEY_BYTES:])
        held = _read_fully(sealed, FRAME_BYTES + TAG_BYTES)
        index = 0
        while True:
            ahead = _read_fully(sealed, FRAME_BYTES + TAG_BYTES) if len(held) == FRAME_BYTES + TAG_BYTES else b""
            piece = frames.unseal(held, index, is_last=not ahead)
            if piece:
                yield piece
            if not ahead:
                return
            held = ahead
            index += 1

    def rewrap(self, sealed: BinaryIO) -> bytes | None:
        header = sealed.read(HEADER_BYTES)
        if header[len(MAGIC) : len(MAGIC) + 8].hex() == self._ring.primary:
            return None
        return self._header(self._opened(header))

    def _buffers(self) -> list[bytearray]:
        """The buffers of this thread, kept: making them anew costs more than sealing a small file."""
        if not hasattr(self._kept, "buffers"):
            self._kept.buffers = [bytearray(FRAME_BYTES) for _ in range(_BUFFERS)]
        buffers: list[bytearray] = self._kept.buffers
        return buffers

    def _header(self, secret: bytes) -> bytes:
        token = self._ring.encrypt(secret)
        return _HEADER.pack(MAGIC, bytes.fromhex(self._ring.primary), len(token), token)

    def _opened(self, header: bytes) -> bytes:
        if len(header) != HEADER_BYTES:
            raise TamperedError("The sealed bytes end within their header.", _RESTORE)
        magic, key_id, length, padded = _HEADER.unpack(header)
        if magic != MAGIC or any(padded[length:]):
            raise TamperedError("The header of the sealed bytes is not one that we wrote.", _RESTORE)
        secret = self._ring.decrypt(padded[:length], key_id.hex())
        if len(secret) != _KEY_BYTES + _STREAM_ID_BYTES:
            raise TamperedError("The header of the sealed bytes holds no data key.", _RESTORE)
        return secret


class _Frames:
    """Seals and unseals the frames of one stream; the sealed frame is valid until the next call."""

    def __init__(self, data_key: bytes, stream_id: bytes) -> None:
        self._cipher = AESGCM(data_key)
        self._stream_id = stream_id
        self._sealed: bytearray | None = None

    def seal(self, piece: memoryview, index: int, *, is_last: bool) -> bytes | bytearray:
        nonce, bound = self._binding(index, is_last)
        if len(piece) != FRAME_BYTES:
            return self._cipher.encrypt(nonce, piece, bound)
        if self._sealed is None:
            self._sealed = bytearray(FRAME_BYTES + TAG_BYTES)  # reused: fresh pages cost more than the cipher
        self._cipher.encrypt_into(nonce, piece, bound, self._sealed)
        return self._sealed

    def unseal(self, frame: bytes, index: int, *, is_last: bool) -> bytes:
        nonce, bound = self._binding(index, is_last)
        try:
            return self._cipher.decrypt(nonce, frame, bound)
        except (InvalidTag, ValueError) as error:
            raise TamperedError(f"Frame {index} of the sealed bytes does not verify.", _RESTORE) from error

    def _binding(self, index: int, is_last: bool) -> tuple[bytes, bytes]:
        return index.to_bytes(12, "big"), self._stream_id + struct.pack(">Q?", index, is_last)


class _BackgroundHash:
    """SHA-256 in a second thread: hashing and sealing both let go of the interpreter lock, so they overlap."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._waiting: SimpleQueue[memoryview | None] = SimpleQueue()
        self._hashed: SimpleQueue[None] = SimpleQueue()
        self._count = 0
        self._thread = threading.Thread(target=self._work, name="hash", daemon=True)

    def update(self, piece: memoryview) -> None:
        """Hashes the piece some time soon; its buffer must not change before `wait_for` has counted it."""
        self._waiting.put(piece)

    def wait_for(self, pieces: int) -> None:
        """Returns when so many pieces in all have been hashed."""
        while self._count < pieces:
            self._hashed.get()
            self._count += 1

    def hexdigest(self) -> str:
        """The hash of all pieces, after the end of the ``with`` block."""
        return self._digest.hexdigest()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._waiting.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (piece := self._waiting.get()) is not None:
            self._digest.update(piece)
            self._hashed.put(None)


def _fill(source: BinaryIO, buffer: bytearray) -> int:
    """Reads until the buffer is full or the source ends; how many bytes."""
    view = memoryview(buffer)
    readinto = getattr(source, "readinto", None)
    filled = 0
    while filled < len(buffer):
        if readinto is not None:
            count = readinto(view[filled:]) or 0
        else:
            piece = source.read(len(buffer) - filled)
            count = len(piece)
            view[filled : filled + count] = piece
        if count == 0:
            break
        filled += count
    return filled


def _read_fully(source: BinaryIO, size: int) -> bytes:
    piece = source.read(size)
    while len(piece) < size and (more := source.read(size - len(piece))):
        piece += more
    return piece
