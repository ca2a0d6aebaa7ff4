"""Blobs, and what became of them."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes as they arrived, known by their content.

    Attributes:
        sha256: Lower-case hex SHA-256 of the bytes.
        size: How many bytes.
    """

    sha256: str
    size: int


class Outcome(StrEnum):
    """Where an arrival ends."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why something was not taken in.

    Attributes:
        layer: The layer that refused it: ``ingestion``, ``preparation``, ``security``, ``storage``.
        reason: What is wrong, in words a person can act on.
        fix: What to do about it; ``{entry}`` in it stands for the id of its quarantine entry.
    """

    layer: str
    reason: str
    fix: str
