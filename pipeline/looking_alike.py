"""Pictures that look alike: pairs whose perceptual hashes differ in few bits."""

from collections.abc import Iterator
from typing import Any

from pipeline.system import System

_PAIRS = """
WITH pictures AS (
    SELECT DISTINCT ON (i._blob) i._blob AS blob, b.origin AS path, i.width, i.height,
           ('0x' || i.phash)::UBIGINT AS bits
    FROM image i JOIN blob b ON b.sha256 = i._blob
    WHERE i.phash IS NOT NULL
)
SELECT one.path AS path, two.path AS other_path, bit_count(xor(one.bits, two.bits)) AS distance,
       one.blob AS blob, two.blob AS other_blob
FROM pictures one JOIN pictures two ON one.blob < two.blob
WHERE bit_count(xor(one.bits, two.bits)) <= {within:d}
ORDER BY distance, path, other_path
"""


def pairs_alike(system: System, within: int) -> Iterator[dict[str, Any]]:
    """The pairs of pictures in the lake, the most alike first: ``path``, ``other_path``, ``distance`` and both blobs.

    Every picture is compared with every other: a second for 10,000 pictures.

    Args:
        system: Whose lake.
        within: Of the 64 bits of a hash, how many may differ.
    """
    if not {"image", "blob"} <= set(system.parts.lake.names()):
        return iter(())
    return system.query(_PAIRS.format(within=within)).iter_rows(named=True)
