"""Printed labels found again on a page, though OCR misread some letters and lines are broken elsewhere."""

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from preparation.forms.spans import Piece, Sheet, Span, joined

_MAX_ERRORS = 0.22  # share of a label's letters that may be misread
_MIN_SHARED = 0.45  # share of a label's letter triples that a line must have before letters are compared
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
    """

    owner: str
    letters: str
    triples: frozenset[str]


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
    return Label(owner, letters, frozenset(_triples(letters)))


def find_labels(sheet: Sheet, labels: Sequence[Label]) -> list[Match]:
    """Where each label stands; no word is of two labels, the longer and better match has it.

    A label may stand on a page more than once, as on a page with several copies of a form.
    """
    wordings = _Wordings(labels)
    found = [match for start in _starts(sheet) for match in start.matches(wordings)]
    taken: set[Span] = set()
    kept = []
    for match in sorted(found, key=lambda each: -each.score):
        if taken.isdisjoint(match.words):
            taken.update(match.words)
            kept.append(match)
    return sorted(kept, key=lambda each: (each.span.top, each.span.left))


class _Wordings:
    """Labels by their letter triples: of some hundred labels a line has two or three."""

    def __init__(self, labels: Sequence[Label]) -> None:
        self._labels = labels
        self._having: dict[str, list[int]] = defaultdict(list)
        for index, each in enumerate(labels):
            for triple in each.triples:
                self._having[triple].append(index)

    def near(self, letters: str) -> Iterator[Label]:
        """The labels that have enough triples in common with these letters, in their order."""
        shared = Counter(index for triple in set(_triples(letters)) for index in self._having.get(triple, ()))
        for index in sorted(shared):
            if shared[index] >= _MIN_SHARED * len(self._labels[index].triples):
                yield self._labels[index]


@dataclass(frozen=True, slots=True)
class _Start:
    """Where a label may begin: the words of a piece of a line and of what continues it below."""

    words: tuple[Span, ...]
    first: int  # words of the piece itself; labels begin among them

    def matches(self, wordings: _Wordings) -> Iterator[Match]:
        letters = [folded(word.text) for word in self.words]
        for each in wordings.near("".join(letters)):
            yield from self._matches(each, letters)

    def _matches(self, each: Label, letters: Sequence[str]) -> Iterator[Match]:
        allowed = int(len(each.letters) * _MAX_ERRORS)
        for at in range(self.first):
            if not letters[at] or not _may_begin(each.letters, letters[at]):
                continue
            best = _best_end(each.letters, letters[at:], allowed)
            if best:
                count, errors = best
                begin = self._with_number(at)
                if begin and len(each.letters) < _SHORT:
                    continue  # a word like “state” is a label where a line begins with it
                words = self.words[begin : at + count]
                yield Match(each.owner, joined(words), words, len(each.letters) - 2.5 * errors + 0.1 * (at - begin))
                return

    def _with_number(self, at: int) -> int:
        """The number of a box or line, printed before its label, is part of the label."""
        begin = at
        while begin and at - begin < 2 and _NUMBER.match(self.words[begin - 1].text):  # noqa: PLR2004 - “Box 1:”
            begin -= 1
        return begin


def _may_begin(wanted: str, found: str) -> bool:
    head = min(3, len(wanted), len(found))
    return sum(a != b for a, b in zip(wanted[:head], found[:head], strict=True)) <= (1 if head > 1 else 0)


def _starts(sheet: Sheet) -> Iterator[_Start]:
    ordered = sorted(sheet.pieces, key=lambda each: each.span.top)
    tops = [each.span.top for each in ordered]
    for piece in sheet.pieces:
        parts, last, lines = list(piece.parts), piece, 1
        while lines < _MAX_LINES and (below := _below(ordered, tops, last)):
            parts += below.parts
            last, lines = below, lines + 1
        yield _Start(tuple(parts), len(piece.parts))


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


def _best_end(wanted: str, words: Sequence[str], allowed: int) -> tuple[int, int] | None:
    """After how many words a label ends, and how many of its letters are wrong; None where it is not there."""
    if exact := _exact_end(wanted, words):
        return exact, 0
    row = list(range(len(wanted) + 1))
    best: tuple[int, int] | None = None
    read = 0
    for count, word in enumerate(words, 1):
        for letter in word:
            read += 1
            row = _next_row(row, wanted, letter)
            if min(row) > allowed:
                return best
        if word and row[-1] <= allowed and (best is None or row[-1] < best[1]):
            best = (count, row[-1])
        if read > len(wanted) + allowed:
            break
    return best


def _exact_end(wanted: str, words: Sequence[str]) -> int:
    """After how many words a label ends that is there letter by letter, as in most text layers; else 0."""
    at = 0
    for count, word in enumerate(words, 1):
        if not wanted.startswith(word, at):
            return 0
        at += len(word)
        if at == len(wanted):
            return count
    return 0


def _next_row(row: Sequence[int], wanted: str, letter: str) -> list[int]:
    """One step of the edit distance: the distances of all beginnings of what is wanted from what was read so far."""
    diagonal, left = row[0], row[0] + 1
    following = [left]
    for expected, above in zip(wanted, row[1:], strict=True):
        least = diagonal if expected == letter else diagonal + 1
        if above < least:  # compared by hand: calling `min` was a third of what reading a form took
            least = above + 1
        if left < least:
            least = left + 1
        following.append(least)
        diagonal, left = above, least
    return following


def _triples(letters: str) -> Iterator[str]:
    if len(letters) < 3:  # noqa: PLR2004 - a triple
        yield letters
    for index in range(len(letters) - 2):
        yield letters[index : index + 3]
