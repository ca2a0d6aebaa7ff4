"""What keeps an archive from being more than it may be: names that stay inside, and a budget for what comes out."""

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Protocol

from core.prepared import Child
from preparation.extraction import Limits

CHUNK_BYTES = 1024 * 1024
MAX_RATIO = 200
_RATIO_FROM_BYTES = 64 * 1024 * 1024  # below that, a high ratio is a small file of blanks
_ROOM_PER_MEMBER_BYTES = 4096  # header, padding, long name
_MAX_PART_CHARS = 200
_MAX_NOTES = 20
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f]")


class BombError(Exception):
    """The archive gives more than its limits allow."""


class Readable(Protocol):
    """Anything that gives bytes piece by piece."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes, none at the end."""
        ...


def safe_name(name: str) -> str | None:
    """`name` as a relative path with forward slashes, or None where it would leave its folder."""
    slashed = name.replace("\\", "/")
    if slashed.startswith("/") or re.match(r"[A-Za-z]:", slashed):
        return None
    parts = PurePosixPath(_FORBIDDEN.sub("_", slashed)).parts
    if ".." in parts or not parts:
        return None
    return "/".join(part[:_MAX_PART_CHARS] for part in parts)


@dataclass(slots=True)
class Unpacked:
    """Members as they come out, within the limits of one blob.

    Attributes:
        limits: What the blob may cost.
        packed_bytes: The size of the archive itself.
        children: Members taken out.
        notes: What was left out, and why; the first few.
        left_out: How many members were.
        locked: How many of those only a password opens.
        unpacked_bytes: All that came out so far.
    """

    limits: Limits
    packed_bytes: int
    children: list[Child] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left_out: int = 0
    locked: int = 0
    unpacked_bytes: int = 0
    _passed_bytes: int = 0
    _seen: int = 0
    _names: set[str] = field(default_factory=set)

    def admit(self, name: str) -> str | None:
        """The name under which a member may come out, distinct from the others; None, noted, where it may not.

        Raises:
            BombError: If there are too many members.
        """
        self._seen += 1
        if self._seen > self.limits.max_children:
            raise BombError(f"it has more than {self.limits.max_children} members")
        safe = safe_name(name)
        if safe is None:
            self.leave_out(name, "its name leads out of its folder")
            return None
        unique, number = safe, 2
        while unique in self._names:
            path = PurePosixPath(safe)
            unique = str(path.with_name(f"{path.stem} ({number}){path.suffix}"))
            number += 1
        self._names.add(unique)
        return unique

    def become(self, other: "Unpacked") -> None:
        """Takes over what another attempt at the same archive has given."""
        self.children, self.notes = other.children, other.notes
        self.left_out, self.locked, self.unpacked_bytes = other.left_out, other.locked, other.unpacked_bytes

    def leave_out(self, name: str, why: str) -> None:
        """Notes a member that stays in the archive."""
        self.left_out += 1
        if len(self.notes) < _MAX_NOTES:
            self.notes.append(f"{name[:_MAX_PART_CHARS]!r} was left out: {why}.")

    def count(self, size: int) -> None:
        """Counts bytes that came out.

        Raises:
            BombError: If they are more than may come out.
        """
        self.unpacked_bytes += size
        if self.unpacked_bytes > self.limits.max_child_bytes:
            raise BombError(f"unpacked it has more than {self.limits.max_child_bytes} bytes")
        if self.unpacked_bytes > max(_RATIO_FROM_BYTES, MAX_RATIO * self.packed_bytes):
            raise BombError(f"it unpacks to more than {MAX_RATIO} times its size")

    def pass_by(self, size: int) -> None:
        """Counts bytes of a stream that members lie in, those that are left out among them.

        Raises:
            BombError: If they are more than the members that may come out can take up.
        """
        self._passed_bytes += size
        room = self.limits.max_child_bytes + _ROOM_PER_MEMBER_BYTES * self.limits.max_children
        if self._passed_bytes > min(room, max(_RATIO_FROM_BYTES, MAX_RATIO * self.packed_bytes)):
            raise BombError(f"it unpacks to more than {min(room, MAX_RATIO * self.packed_bytes)} bytes")

    def content_of(self, member: Readable) -> bytes:
        """All bytes of one member, counted as they come.

        Raises:
            BombError: If they are more than may come out.
        """
        pieces = []
        while piece := member.read(CHUNK_BYTES):
            self.count(len(piece))
            pieces.append(piece)
        return b"".join(pieces)

    @property
    def note(self) -> str | None:
        """All notes as one."""
        more = self.left_out - len(self.notes)
        return " ".join([*self.notes, *([f"{more} more were left out."] if more > 0 else [])]) or None
