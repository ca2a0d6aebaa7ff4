"""Broken copies of files, the same each time: bits flipped, cut short, blocks zeroed, doubled or lost, wrong names."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from samples import Sample

RENAMED, EMPTY = "renamed", "empty"
_MAX_FLIPS = 64
_HEAD_BYTES = 16
_ENDINGS = (
    "pdf",
    "docx",
    "xlsx",
    "csv",
    "json",
    "xml",
    "zip",
    "png",
    "mp4",
    "mp3",
    "eml",
    "html",
    "log",
    "837",
    "hl7",
    "",
)
_Change = Callable[[bytes, random.Random], bytes]


@dataclass(frozen=True, slots=True)
class Variant:
    """One broken copy.

    Attributes:
        sample: What it was made of.
        kind: What was done to it.
        name: The name it is dropped under.
        content: Its bytes.
    """

    sample: Sample
    kind: str
    name: str
    content: bytes


def variants(sample: Sample, seed: int) -> Iterator[Variant]:
    """One variant of each kind; another seed gives others."""
    name = PurePosixPath(sample.name).name
    rng = random.Random(f"{seed} {sample.name}")  # noqa: S311  # the same variants each time
    for kind, change in _CHANGES.items():
        content = sample.content
        if content:
            yield Variant(sample, kind, name, change(content, rng))
    yield Variant(sample, RENAMED, f"{rng.getrandbits(48):x}.{rng.choice(_ENDINGS)}".rstrip("."), sample.content)


def empty(sample: Sample) -> Variant:
    """Nothing under the sample's name."""
    return Variant(sample, EMPTY, PurePosixPath(sample.name).name, b"")


def _flipped(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.randint(1, _MAX_FLIPS)):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _truncated(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content))]


def _decapitated(content: bytes, rng: random.Random) -> bytes:
    return content[min(len(content), rng.randint(1, 4 * _HEAD_BYTES)) :]


def _overwritten(content: bytes, rng: random.Random) -> bytes:
    head = min(len(content), _HEAD_BYTES)
    return rng.randbytes(head) + content[head:]


def _zeroed(content: bytes, rng: random.Random) -> bytes:
    start, end = _block(content, rng)
    return content[:start] + bytes(end - start) + content[end:]


def _doubled(content: bytes, rng: random.Random) -> bytes:
    start, end = _block(content, rng)
    return content[:end] + content[start:end] + content[end:]


def _lost(content: bytes, rng: random.Random) -> bytes:
    start, end = _block(content, rng)
    return content[:start] + content[end:]


def _scrambled(content: bytes, rng: random.Random) -> bytes:
    start, end = _block(content, rng)
    return content[:start] + rng.randbytes(end - start) + content[end:]


def _followed(content: bytes, rng: random.Random) -> bytes:
    return content + rng.randbytes(rng.randint(1, 4096))


def _block(content: bytes, rng: random.Random) -> tuple[int, int]:
    start = rng.randrange(len(content))
    return start, min(len(content), start + rng.randint(1, max(1, len(content) // 4)))


_CHANGES: dict[str, _Change] = {
    "bits flipped": _flipped,
    "truncated": _truncated,
    "without its head": _decapitated,
    "head overwritten": _overwritten,
    "block zeroed": _zeroed,
    "block doubled": _doubled,
    "block lost": _lost,
    "block scrambled": _scrambled,
    "followed by garbage": _followed,
}
