"""Printed labels found again on a page, though OCR misread some letters and lines are broken elsewhere."""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from preparation.forms.spans import Piece, Sheet, Span, joined

_MAX_ERRORS = 0.22  # share of a label's letters that may be misread
_MIN_SHARED = 0.45  # share of a label's letter triples that a line must have before letters are compared
_HEAD = 3  # letters by which a label is known to begin
_MAX_LINES = 4  # over which one label may run
_LINE_GAP = 0.9  # in heights, between the lines of one label
_OVERLAP = 0.3  # in heights: the boxes of neighbouring lines may touch
_SHORT = 10  # letters of a label that may also be part of a value
_ALIKE = str.maketrans({"1": "i", "l": "i", "|": "i", "!": "i", "0": "o", "5": "s", "8": "b"})
_LETTERS = re.compile(r"[^\w$#%|!]|_")
_NUMBER = re.compile(
    r"^(?:\(?(?:box|line|item|no)?\.?[0-9]{1,2}[a-z]{0,2}[.):]{0,2}|[a-z][.)]{0,2}|box|line|item)$", re.I
)


@dataclass(frozen=True, slots=True)
class Label:
    """One wording of what is printed beside or above a value.

    Attributes:
        owner: Whose label it is: a field's name, or "" for printed words that belong to no field.
        letters: The wording, folded for comparison.
        triples: Its letter triples.
        places: Each letter → the places where it stands, a bit each.
    """

    owner: str
    letters: str
    triples: frozenset[str]
    places: Mapping[str, int]


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


def folded(text: str) -> str:
    """Letters and digits alone, those alike to OCR made equal."""
    return _LETTERS.sub("", text.casefold()).translate(_ALIKE)


def label(owner: str, wording: str) -> Label:
    """A wording ready to be looked for."""
    letters = folded(wording)
    places: dict[str, int] = {}
    for at, letter in enumerate(letters):
        places[letter] = places.get(letter, 0) | 1 << at
    return Label(owner, letters, frozenset(_triples(letters)), places)


def find_labels(sheet: Sheet, wordings: "Wordings") -> list[Match]:
    """Where each label stands; no word is of two labels, the longer and better match has it.

    A label may stand on a page more than once, as on a page with several copies of a form.
    """
    found = [match for start in _starts(sheet) for match in start.matches(wordings)]
    taken: set[Span] = set()
    kept = []
    for match in sorted(found, key=lambda each: -each.score):
        if taken.isdisjoint(match.words):
            taken.update(match.words)
            kept.append(match)
    return sorted(kept, key=lambda each: (each.span.top, each.span.left))


class Wordings:
    """Labels by how they begin: of some hundred labels a word begins one or two.

    Args:
        labels: In order; of two that match equally well the first counts.
    """

    def __init__(self, labels: Iterable[Label]) -> None:
        self._labels = tuple(labels)
        self._beginning: dict[str, list[int]] = defaultdict(list)
        self._whole: dict[str, list[int]] = defaultdict(list)  # labels that are no longer than that
        for index, each in enumerate(self._labels):
            for length in range(1, min(_HEAD, len(each.letters)) + 1):
                for head in _misread(each.letters[:length]):
                    self._beginning[head].append(index)
                    if length == len(each.letters) < _HEAD:
                        self._whole[head].append(index)

    def beginning(self, word: str) -> Iterator[tuple[int, Label]]:
        """The labels, each with its number, that may begin with a word, though one of its first letters is misread."""
        near = {index for head in _misread(word[:_HEAD]) for index in self._beginning.get(head, ())}
        for length in range(1, min(_HEAD, len(word))) if self._whole else ():
            near.update(index for head in _misread(word[:length]) for index in self._whole.get(head, ()))
        for index in near:
            yield index, self._labels[index]


def _misread(head: str) -> list[str]:
    """A beginning with each of its letters left open in turn; one letter alone must be right."""
    return [head] if len(head) < 2 else [f"{head[:at]}?{head[at + 1 :]}" for at in range(len(head))]  # noqa: PLR2004


@dataclass(frozen=True)
class _Start:
    """Where a label may begin: the words of a piece of a line and of what continues it below."""

    words: tuple[Span, ...]
    letters: tuple[str, ...]  # of each word, folded
    first: int  # words of the piece itself; labels begin among them

    @cached_property
    def triples(self) -> frozenset[str]:
        return frozenset(_triples("".join(self.letters)))

    def matches(self, wordings: Wordings) -> list[Match]:
        found: dict[int, Match] = {}
        for at in range(self.first):
            for index, each in wordings.beginning(self.letters[at]) if self.letters[at] else ():
                if index not in found and (match := self._match(each, at)):
                    found[index] = match
        return [found[index] for index in sorted(found)]

    def _match(self, each: Label, at: int) -> Match | None:
        best = self._end(each, at)
        if best is None:
            return None
        count, errors = best
        begin = self._with_number(at)
        if begin and len(each.letters) < _SHORT:
            return None  # a word like “state” is a label where a line begins with it
        words = self.words[begin : at + count]
        return Match(each.owner, joined(words), words, len(each.letters) - 2.5 * errors + 0.1 * (at - begin))

    def _end(self, each: Label, at: int) -> tuple[int, int] | None:
        """After how many words a label ends, and how many of its letters are wrong; None where it is not there."""
        exact = _exact_end(each.letters, self.letters, at)
        if exact and len(each.letters) >= _HEAD:
            return exact, 0
        if len(each.triples & self.triples) < _MIN_SHARED * len(each.triples):
            return None
        return (exact, 0) if exact else _best_end(each, self.letters[at:])

    def _with_number(self, at: int) -> int:
        """The number of a box or line, printed before its label, is part of the label."""
        begin = at
        while begin and at - begin < 2 and _NUMBER.match(self.words[begin - 1].text):  # noqa: PLR2004 - “Box 1:”
            begin -= 1
        return begin


def _starts(sheet: Sheet) -> Iterator[_Start]:
    ordered = sorted(sheet.pieces, key=lambda each: each.span.top)
    tops = [each.span.top for each in ordered]
    below = {piece: _below(ordered, tops, piece) for piece in sheet.pieces}
    letters = {piece: tuple(folded(part.text) for part in piece.parts) for piece in sheet.pieces}
    for piece in sheet.pieces:
        parts, folds, last = piece.parts, letters[piece], piece
        for _ in range(_MAX_LINES - 1):
            following = below[last]
            if following is None:
                break
            parts, folds, last = parts + following.parts, folds + letters[following], following
        yield _Start(parts, folds, len(piece.parts))


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
    distance = _Distance(wanted)
    best: tuple[int, int] | None = None
    for count, word in enumerate(words, 1):
        distance.read_on(word)
        if word and distance.errors <= allowed and (best is None or distance.errors < best[1]):
            best = (count, distance.errors)
        if distance.read > length + allowed or distance.least > allowed:
            break
    return best


def _exact_end(wanted: str, words: Sequence[str], begin: int) -> int:
    """After how many words a label ends that is there letter by letter, as in most text layers; else 0."""
    at = 0
    for count in range(begin, len(words)):
        word = words[count]
        if not wanted.startswith(word, at):
            return 0
        at += len(word)
        if at == len(wanted):
            return count - begin + 1
    return 0


class _Distance:
    """The edit distance of a label from what was read so far, a letter at a time.

    The differences between the distances of neighbouring beginnings of the label are kept as bits of two numbers
    (Myers 1999; Hyyrö 2003): by the letter it took forty times as long.
    """

    def __init__(self, wanted: Label) -> None:
        self._places = wanted.places
        self._length = len(wanted.letters)
        self._all = (1 << self._length) - 1
        self._more, self._less = self._all, 0
        self.errors, self.read = self._length, 0

    def read_on(self, word: str) -> None:
        """Takes more letters."""
        more, less, errors = self._more, self._less, self.errors
        places, everywhere, last = self._places, self._all, 1 << (self._length - 1)
        for letter in word:
            here = places.get(letter, 0)
            level = (((here & more) + more) ^ more) | here
            up, down = (less | ~(level | more)) & everywhere, more & level
            if up & last:
                errors += 1
            elif down & last:
                errors -= 1
            up, steep = up << 1 | 1, here | less
            more, less = (down << 1 | ~(steep | up)) & everywhere, up & steep & everywhere
        self._more, self._less, self.errors = more, less, errors
        self.read += len(word)

    @property
    def least(self) -> int:
        """No fewer errors will there be, however it goes on.

        The distances of neighbouring beginnings of the label differ by one, and each is at least as many letters as
        it is shorter or longer than what was read.
        """
        mask = (1 << min(self.read, self._length)) - 1
        alike = self.read + (self._more & mask).bit_count() - (self._less & mask).bit_count()
        return (alike + max(0, self.read - self._length) + 1) // 2


def _triples(letters: str) -> Iterator[str]:
    if len(letters) < 3:  # noqa: PLR2004 - a triple
        yield letters
    for index in range(len(letters) - 2):
        yield letters[index : index + 3]
