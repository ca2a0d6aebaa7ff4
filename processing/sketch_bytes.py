"""Serialized HyperLogLog sketches of many groups at once, as `datasketches` reads and merges them (HLL_8, 2^12).

Up to 384 coupons are kept as they are, first as a list, then as a set; more are folded into registers. The sketches say
of themselves that they were merged, since a running estimate that depends on the order of values is not kept.
"""

from math import ceil, log2

import numpy as np
from numpy.typing import NDArray

from processing.coupons import ADDRESS_BITS

LOG2_REGISTERS = 12

_RANK_BITS = 6
_HIGH_BITS = ADDRESS_BITS - LOG2_REGISTERS
_REGISTERS = 1 << LOG2_REGISTERS
_MOST_LISTED = 7
_MOST_KEPT = 384
_LEAST_LOG2_SET = 5
_GROUPS_AT_ONCE = 2_048
_COMPACT = 8
_MERGED = 16
_FLAGS = 5  # the place of the byte of flags
_LIST, _SET, _FOLDED = 8, 9, 10  # the mode, with 8-bit registers
_HEADER_BYTES = 40
_FOLDED_BYTES = _HEADER_BYTES + _REGISTERS
_LOW_RANKS = 32  # the powers of two of higher ranks are added apart, so that both sums are exact

_Coupons = NDArray[np.uint32]


def as_merged(sketch: bytes) -> bytes:
    """A sketch that says of itself that it was merged, so that it estimates from its registers alone."""
    return sketch[:_FLAGS] + bytes([sketch[_FLAGS] | _MERGED]) + sketch[_FLAGS + 1 :]


def by_register(coupons: _Coupons) -> _Coupons:
    """Coupons in a form whose order is that of registers, then ranks; 0 stays 0."""
    address = coupons & np.uint32((1 << ADDRESS_BITS) - 1)
    rank = coupons >> np.uint32(ADDRESS_BITS)
    high = address >> np.uint32(LOG2_REGISTERS)
    register = address & np.uint32(_REGISTERS - 1)
    ordered: _Coupons = (register << np.uint32(_RANK_BITS + _HIGH_BITS)) | (rank << np.uint32(_HIGH_BITS)) | high
    return ordered


def sketches(ordered: _Coupons, ends: NDArray[np.int64]) -> list[bytes | None]:
    """The sketch of each group; None of one without coupons.

    Args:
        ordered: The different coupons of each group `by_register`, ascending, one group after another.
        ends: Where each group ends.
    """
    counts = np.diff(ends, prepend=0)
    made: list[bytes | None] = [None] * len(ends)
    [few] = np.nonzero((counts > 0) & (counts <= _MOST_KEPT))
    for group in few.tolist():
        made[group] = _kept(ordered[ends[group] - counts[group] : ends[group]])
    [many] = np.nonzero(counts > _MOST_KEPT)
    for start in range(0, many.size, _GROUPS_AT_ONCE):
        groups = many[start : start + _GROUPS_AT_ONCE]
        first, last = groups[0], groups[-1]
        is_folded = counts[first : last + 1] > _MOST_KEPT
        its = np.repeat(np.where(is_folded, np.cumsum(is_folded) - 1, -1), counts[first : last + 1])
        among = ordered[ends[first] - counts[first] : ends[last]]
        folded = _folded(among[its >= 0], its[its >= 0], len(groups)).tobytes()
        for place, each in enumerate(groups.tolist()):
            made[each] = folded[place * _FOLDED_BYTES : (place + 1) * _FOLDED_BYTES]
    return made


def _kept(ordered: _Coupons) -> bytes:
    count = len(ordered)
    address = ((ordered & np.uint32((1 << _HIGH_BITS) - 1)) << np.uint32(LOG2_REGISTERS)) | _register(ordered)
    body = (address | (_rank(ordered) << np.uint32(ADDRESS_BITS))).astype("<u4").tobytes()
    if count <= _MOST_LISTED:
        return bytes([2, 1, 7, LOG2_REGISTERS, 3, _COMPACT, count, _LIST]) + body
    log2_set = max(_LEAST_LOG2_SET, ceil(log2(count * 4 / 3)))
    return bytes([3, 1, 7, LOG2_REGISTERS, log2_set, _COMPACT, 0, _SET]) + count.to_bytes(4, "little") + body


def _folded(ordered: _Coupons, group: NDArray[np.int64], groups: int) -> NDArray[np.uint8]:
    register, rank = _register(ordered), _rank(ordered)
    place = group * _REGISTERS + register
    is_greatest = np.append(place[1:] != place[:-1], True)
    group, register, rank = group[is_greatest], register[is_greatest], rank[is_greatest]
    empty = _REGISTERS - np.bincount(group, minlength=groups)
    powers = np.ldexp(1.0, -rank.astype(np.int32))
    is_low = rank < _LOW_RANKS
    made = np.zeros((groups, _FOLDED_BYTES), dtype=np.uint8)
    made[:, :8] = (10, 1, 7, LOG2_REGISTERS, 0, _COMPACT | _MERGED, 0, _FOLDED)
    made[:, 16:24] = _bytes_of(empty + np.bincount(group, powers * is_low, groups), "<f8")
    made[:, 24:32] = _bytes_of(np.bincount(group, powers * ~is_low, groups), "<f8")
    made[:, 32:36] = _bytes_of(empty, "<i4")
    made[group, _HEADER_BYTES + register] = rank
    return made


def _register(ordered: _Coupons) -> _Coupons:
    return ordered >> np.uint32(_RANK_BITS + _HIGH_BITS)


def _rank(ordered: _Coupons) -> _Coupons:
    return (ordered >> np.uint32(_HIGH_BITS)) & np.uint32((1 << _RANK_BITS) - 1)


def _bytes_of(values: NDArray[np.generic], kind: str) -> NDArray[np.uint8]:
    return np.ascontiguousarray(values.astype(kind)).view(np.uint8).reshape(len(values), -1)
