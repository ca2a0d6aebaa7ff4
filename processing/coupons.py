"""What Apache DataSketches keeps of a text in its HyperLogLog sketches, for whole columns at once.

Its own `update` takes one text at a time, half a microsecond each. A *coupon* is what it makes of one: 26 bits of a
MurmurHash3 (x64, 128 bits, seed 9001) as address, and above them how many zeros lead the other half of the hash, plus
one, as rank. The registers of a sketch of 2^12 are addressed by the lowest 12 bits.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

ADDRESS_BITS = 26

_SEED = np.uint64(9001)
_ONE = np.uint64(0x87C37B91114253D5)
_OTHER = np.uint64(0x4CF5AD432745937F)
_BLOCK_BYTES = 16
_BYTES_AT_ONCE = 1 << 24
_GREATEST_ZEROS = 62

_Words = NDArray[np.uint64]


def coupons(texts: pl.Series) -> NDArray[np.uint32]:
    """The coupon of each text; none may be null."""
    found = np.zeros(len(texts), dtype=np.uint32)
    lengths = texts.str.len_bytes().to_numpy().astype(np.int64)
    data = np.frombuffer("".join(texts).encode(), dtype=np.uint8)
    starts = np.cumsum(lengths) - lengths
    blocks = lengths // _BLOCK_BYTES
    for many in np.unique(blocks):
        width = (int(many) + 1) * _BLOCK_BYTES
        [alike] = np.nonzero(blocks == many)
        for rows in np.array_split(alike, 1 + alike.size * width // _BYTES_AT_ONCE):
            found[rows] = _coupons(_padded(data, starts[rows], lengths[rows], width), lengths[rows])
    return found


def _padded(data: NDArray[np.uint8], starts: NDArray[np.int64], lengths: NDArray[np.int64], width: int) -> _Words:
    """The bytes of each text, followed by zeros, as words: a row a text."""
    place = np.arange(width)
    is_text = place < lengths[:, None]
    taken = np.zeros((len(starts), width), dtype=np.uint8)
    taken[is_text] = data[(starts[:, None] + place)[is_text]]
    return taken.view("<u8")


def _coupons(words: _Words, lengths: NDArray[np.int64]) -> NDArray[np.uint32]:
    first = np.full(len(words), _SEED)
    second = first.copy()
    for at in range(0, words.shape[1] - 2, 2):
        first ^= _mixed(words[:, at], (_ONE, 31, _OTHER))
        first = (_turned(first, 27) + second) * np.uint64(5) + np.uint64(0x52DCE729)
        second ^= _mixed(words[:, at + 1], (_OTHER, 33, _ONE))
        second = (_turned(second, 31) + first) * np.uint64(5) + np.uint64(0x38495AB5)
    # The zeros after the end mix to zeros, so what is left of a text is mixed as a whole block.
    first ^= _mixed(words[:, -2], (_ONE, 31, _OTHER)) ^ lengths.astype(np.uint64)
    second ^= _mixed(words[:, -1], (_OTHER, 33, _ONE)) ^ lengths.astype(np.uint64)
    first += second
    second += first
    first, second = _spread(first), _spread(second)
    first += second
    second += first
    ranks = np.minimum(_leading_zeros(second), _GREATEST_ZEROS) + 1
    address = first & np.uint64((1 << ADDRESS_BITS) - 1)
    return address.astype(np.uint32) | (ranks.astype(np.uint32) << np.uint32(ADDRESS_BITS))


def _mixed(words: _Words, by: tuple[np.uint64, int, np.uint64]) -> _Words:
    before, turn, after = by
    return _turned(words * before, turn) * after


def _turned(words: _Words, bits: int) -> _Words:
    return (words << np.uint64(bits)) | (words >> np.uint64(64 - bits))


def _spread(words: _Words) -> _Words:
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        words = (words ^ (words >> np.uint64(33))) * np.uint64(factor)
    return words ^ (words >> np.uint64(33))


def _leading_zeros(words: _Words) -> NDArray[np.int32]:
    # Without its second highest bit a word cannot be rounded up to the next power of two on its way to a double.
    _, bits = np.frexp((words & ~(words >> np.uint64(1))).astype(np.float64))
    return 64 - bits
