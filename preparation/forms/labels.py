"""Printed labels found again on a page, though OCR misread some letters and lines are broken elsewhere."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import accumulate

from preparation.forms.edit_distance import Distance
from preparation.forms.spans import Piece, Sheet, Span, joined
from preparation.forms.wordings import HEAD, Label, Wordings, folded, triples_of

_MAX_ERRORS = 0.22  # share of a label's letters that may be misread
_MAX_LINES = 4  # over which one label may run
_LINE_GAP = 0.9  # in heights, between the lines of one label
_OVERLAP = 0.3  # in heights: the boxes of neighbouring lines may touch
_SHORT = 10  # letters of a label that may also be part of a value
_NUMBER = re.compile(
    r"^(?:\(?(?:box|line|item|no)?\.?[0-9]{1,2}[a-z]{0,2}[.):]{0,2}|[a-z][.)]{0,2}|box|line|item)$", re.I
)


@dataclass(frozen=True, slots=True)
class Match:
    """A label where it stands on the page.

    Attributes:
        owner: See `Label`.
        span: Its words.
        words: The words of the page that it takes.
        score: Letters that are right, less those that are wrong.
    """

    owner: str
    span: Span
    words: tuple[Span, ...]
    score: float


def find_labels(sheet: Sheet, wordings: Wordings) -> list[Match]:
    """Where each label stands; no word is of two labels, the longer and better match has it.

    A label may stand on a page more than once, as on a page with several copies of a form.
    """
    beginning = cache(wordings.beginning)  # the words of a page begin alike
    found = [match for start in _starts(sheet) for match in start.matches(wordings, beginning)]
    taken: set[Span] = set()
    kept = []
    for match in sorted(found, key=lambda each: -each.score):
        if taken.isdisjoint(match.words):
            taken.update(match.words)
            kept.append(match)
    return sorted(kept, key=lambda each: (each.span.top, each.span.left))


@dataclass(frozen=True, slots=True)
class _Folded:
    """The letters of a piece of a line.

    Attributes:
        words: Those of each word.
        letters: All.
        triples: Their triples.
    """

    words: tuple[str, ...]
    letters: str
    triples: frozenset[str]


class _Start:
    """Where a label may begin: the words of a piece of a line and of what continues it below.

    Args:
        pieces: The piece, and what continues it.
        folded: The letters of each of these.
    """

    def __init__(self, pieces: Sequence[Piece], folded: Sequence[_Folded]) -> None:
        self._pieces = pieces
        self._folded = folded

    def matches(self, wordings: Wordings, beginning: Callable[[str], frozenset[int]]) -> list[Match]:
        """The labels that begin here; `beginning` gives the places of those that may begin with a word."""
        begun = [beginning(word[:HEAD]) for word in self._folded[0].words]
        near = wordings.near(frozenset().union(*begun), self._triples) if any(begun) else None
        if not near:
            return []
        found: dict[int, Match] = {}
        begin = 0
        for at, word in enumerate(self._folded[0].words):
            for index in begun[at] & near:
                if index not in found and (match := self._match(wordings.labels[index], at, begin)):
                    found[index] = match
            begin += len(word)
        return [found[index] for index in sorted(found)]

    @property
    def _triples(self) -> Collection[str]:
        """Those of the pieces, and those that reach from one into the next."""
        if len(self._folded) == 1:
            return self._folded[0].triples
        letters = self._all
        if len(letters) < HEAD:
            return (letters,)
        found = set().union(*[piece.triples for piece in self._folded if len(piece.letters) >= HEAD])
        at = 0
        for piece in self._folded[:-1]:
            at += len(piece.letters)
            found.update([letters[begin : begin + 3] for begin in range(max(0, at - 2), min(at, len(letters) - 2))])
        return found

    @cached_property
    def _all(self) -> str:
        return "".join(piece.letters for piece in self._folded)

    @cached_property
    def _words(self) -> tuple[Span, ...]:
        return tuple(word for piece in self._pieces for word in piece.parts)

    @cached_property
    def _letters(self) -> tuple[str, ...]:
        return tuple(word for piece in self._folded for word in piece.words)

    @cached_property
    def _ends(self) -> dict[int, int]:
        """Letters from the beginning → the first word that ends there, counted from 1."""
        ends = list(enumerate(accumulate(map(len, self._letters)), 1))
        return {end: count for count, end in reversed(ends)}

    def _match(self, each: Label, at: int, begin: int) -> Match | None:
        best = self._end(each, at, begin)
        if best is None:
            return None
        count, errors = best
        first = self._with_number(at)
        if first and len(each.letters) < _SHORT:
            return None  # a word like “state” is a label where a line begins with it
        words = self._words[first : at + count]
        return Match(each.owner, joined(words), words, len(each.letters) - 2.5 * errors + 0.1 * (at - first))

    def _end(self, each: Label, at: int, begin: int) -> tuple[int, int] | None:
        """After how many words a label ends, and how many of its letters are wrong; None where it is not there."""
        if self._all.startswith(each.letters, begin):  # letter by letter, as in most text layers
            end = self._ends.get(begin + len(each.letters))
            if end:
                return end - at, 0
        return _best_end(each, self._letters[at:])

    def _with_number(self, at: int) -> int:
        """The number of a box or line, printed before its label, is part of the label."""
        begin = at
        while begin and at - begin < 2 and _NUMBER.match(self._words[begin - 1].text):  # noqa: PLR2004 - “Box 1:”
            begin -= 1
        return begin


def _starts(sheet: Sheet) -> Iterator[_Start]:
    ordered = sorted(sheet.pieces, key=lambda each: each.span.top)
    tops = [each.span.top for each in ordered]
    below = {piece: _below(ordered, tops, piece) for piece in sheet.pieces}
    letters = {piece: _folded(piece) for piece in sheet.pieces}
    for piece in sheet.pieces:
        pieces, following = [piece], below[piece]
        while following and len(pieces) < _MAX_LINES:
            pieces.append(following)
            following = below[following]
        yield _Start(pieces, [letters[each] for each in pieces])


def _folded(piece: Piece) -> _Folded:
    words = tuple([folded(part.text) for part in piece.parts])
    letters = "".join(words)
    return _Folded(words, letters, triples_of(letters))


def _below(ordered: Sequence[Piece], tops: Sequence[float], piece: Piece) -> Piece | None:
    """What may continue a piece on the next line: it begins at or after its left edge, in letters of its size."""
    span, height = piece.span, piece.span.height
    start = bisect_right(tops, span.bottom - _OVERLAP * height)
    near = [
        each
        for each in ordered[start : bisect_left(tops, span.bottom + _LINE_GAP * height)]
        if each.span.left < span.right and each.span.left > span.left - height and each is not piece
    ]
    return min(near, key=lambda each: (each.span.top, abs(each.span.left - span.left)), default=None)


def _best_end(wanted: Label, words: Sequence[str]) -> tuple[int, int] | None:
    """After how many words a label with misread letters ends, and how many are wrong; None where it is not there."""
    length = len(wanted.letters)
    allowed = int(length * _MAX_ERRORS)
    distance = Distance(wanted)
    best: tuple[int, int] | None = None
    for count, word in enumerate(words, 1):
        distance.read_on(word)
        if word and distance.errors <= allowed and (best is None or distance.errors < best[1]):
            best = (count, distance.errors)
        if distance.read > length + allowed or distance.least > allowed:
            break
    return best
