"""What every cipher promises."""

import hashlib
import io
import os
from pathlib import Path

import pytest

from core.errors import TamperedError
from core.ports import Cipher
from core.settings import Security
from security import EnvelopeCipher, KeyRing

MIB = 1 << 20
FRAME = MIB + 16
SIZES = (0, 1, MIB - 1, MIB, MIB + 1, 2 * MIB, 3 * MIB + 5, 7 * MIB)


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing.open(Security(), tmp_path)


@pytest.fixture
def cipher(ring: KeyRing) -> Cipher:
    return EnvelopeCipher(ring)


def sealed(cipher: Cipher, content: bytes) -> bytes:
    sink = io.BytesIO()
    cipher.seal(io.BytesIO(content), sink)
    return sink.getvalue()


def opened(cipher: Cipher, content: bytes) -> bytes:
    return b"".join(cipher.unseal(io.BytesIO(content)))


class Trickle(io.RawIOBase):
    """A source that gives little at a time, as a socket does."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece = self._content.read(min(len(buffer), 100_001))
        buffer[: len(piece)] = piece
        return len(piece)


class OnlyRead:
    """A source with nothing but `read`."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        return self._content.read(min(size, 70_001))


@pytest.mark.parametrize("size", SIZES)
def test_what_was_sealed_opens_to_the_same_bytes_and_hash(cipher: Cipher, size: int) -> None:
    content = os.urandom(size)
    sink = io.BytesIO()
    blob = cipher.seal(io.BytesIO(content), sink)
    assert (blob.sha256, blob.size) == (hashlib.sha256(content).hexdigest(), size)
    sink.seek(0)
    pieces = list(cipher.unseal(sink))
    assert b"".join(pieces) == content
    assert all(len(piece) <= MIB for piece in pieces)


@pytest.mark.parametrize("source", [Trickle, OnlyRead])
def test_a_source_that_gives_little_at_a_time_is_read_to_its_end(cipher: Cipher, source: type) -> None:
    content = os.urandom(2 * MIB + 77)
    sink = io.BytesIO()
    assert cipher.seal(source(content), sink).sha256 == hashlib.sha256(content).hexdigest()
    assert opened(cipher, sink.getvalue()) == content


def test_nothing_of_the_content_is_readable(cipher: Cipher) -> None:
    content = b"SSN 078-05-1120 " * 1000
    whole = sealed(cipher, content)
    assert b"078-05" not in whole
    assert sealed(cipher, content) != whole


@pytest.mark.parametrize("size", [0, 5, 2 * MIB + 5])
def test_a_changed_byte_anywhere_does_not_verify(cipher: Cipher, size: int) -> None:
    whole = bytearray(sealed(cipher, os.urandom(size)))
    places = {*range(0, min(len(whole), 300), 7), len(whole) - 1, len(whole) // 2}
    for place in places:
        whole[place] ^= 1
        with pytest.raises(TamperedError):
            opened(cipher, bytes(whole))
        whole[place] ^= 1
    assert len(opened(cipher, bytes(whole))) == size


def test_a_stream_cut_anywhere_does_not_verify(cipher: Cipher) -> None:
    content = os.urandom(2 * MIB + 5)
    whole = sealed(cipher, content)
    start = len(whole) - (2 * FRAME + 5 + 16)
    for length in (
        0,
        3,
        start - 1,
        start,
        start + 1,
        start + FRAME,
        start + 2 * FRAME,
        len(whole) - 1,
        len(whole) - 21,
    ):
        with pytest.raises(TamperedError):
            opened(cipher, whole[:length])


def test_frames_moved_repeated_appended_or_of_another_stream_do_not_verify(cipher: Cipher) -> None:
    one, two = sealed(cipher, os.urandom(3 * MIB)), sealed(cipher, os.urandom(3 * MIB))
    start = len(one) - 3 * FRAME
    head, frames = one[:start], [one[start + n * FRAME : start + (n + 1) * FRAME] for n in range(3)]
    other = two[start : start + FRAME]
    swapped = (
        [frames[1], frames[0], frames[2]],
        [frames[0], frames[0], frames[2]],
        [*frames, frames[2]],
        [*frames, b"x"],
        [other, *frames[1:]],
        [frames[0], frames[2]],
        frames[:2],
    )
    assert len(opened(cipher, head + b"".join(frames))) == 3 * MIB
    for order in swapped:
        with pytest.raises(TamperedError):
            opened(cipher, head + b"".join(order))
    with pytest.raises(TamperedError):
        opened(cipher, two[:start] + b"".join(frames))


def test_what_verified_before_a_fault_is_given_first(cipher: Cipher) -> None:
    content = os.urandom(2 * MIB)
    whole = bytearray(sealed(cipher, content))
    whole[-1] ^= 1
    pieces = cipher.unseal(io.BytesIO(bytes(whole)))
    assert next(pieces) == content[:MIB]
    with pytest.raises(TamperedError, match="Frame 1"):
        next(pieces)


def test_rewrapping_changes_the_header_only_and_once(cipher: Cipher, ring: KeyRing) -> None:
    content = os.urandom(MIB + 9)
    before = sealed(cipher, content)
    assert cipher.rewrap(io.BytesIO(before)) is None
    ring.rotate()
    assert opened(cipher, before) == content
    header = cipher.rewrap(io.BytesIO(before))
    assert header is not None
    after = header + before[len(header) :]
    assert (len(after), opened(cipher, after)) == (len(before), content)
    assert cipher.rewrap(io.BytesIO(after)) is None


def test_another_ring_does_not_open_it(cipher: Cipher, tmp_path: Path) -> None:
    stranger = EnvelopeCipher(KeyRing.open(Security(), tmp_path / "other"))
    with pytest.raises(TamperedError, match="not in the key ring"):
        opened(stranger, sealed(cipher, b"x"))
    with pytest.raises(TamperedError):
        stranger.rewrap(io.BytesIO(sealed(cipher, b"x")))
