"""The open sessions of one actor as a stream keeps them: plain values, for one actor at a time makes no frame pay."""

import json
from collections.abc import Iterable
from typing import NamedTuple


class Piece(NamedTuple):
    """A session or a piece of one, with the columns of `PIECE` but for the actor."""

    start: int
    end: int
    events: int
    pages: int
    goals: int
    entry: str | None
    exit: str | None


def folded(pieces: Iterable[Piece], gap: int) -> list[Piece]:
    """The sessions that pieces of one actor make together, by start."""
    found: list[Piece] = []
    for piece in sorted(pieces, key=lambda piece: (piece.start, piece.end)):
        if found and piece.start - found[-1].end <= gap:
            found[-1] = _joined(found[-1], piece)
        else:
            found.append(piece)
    return found


def as_text(pieces: Iterable[Piece]) -> str:
    """As a stream's state keeps them."""
    return json.dumps(list(pieces), separators=(",", ":"))


def from_text(kept: str) -> list[Piece]:
    """As `as_text` gave it."""
    return [Piece(*piece) for piece in json.loads(kept)]


def _joined(first: Piece, second: Piece) -> Piece:
    return Piece(
        min(first.start, second.start),
        max(first.end, second.end),
        first.events + second.events,
        first.pages + second.pages,
        first.goals + second.goals,
        min((each for each in (first.entry, second.entry) if each is not None), default=None),
        max((each for each in (first.exit, second.exit) if each is not None), default=None),
    )
