"""The words that may be the value of a label: beside, below or above it, as far as the next label."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from preparation.forms.labels import Match
from preparation.forms.spans import Sheet, Span, lines_of

_FIRST_GAP = 3.2  # in heights of a line: a value stands no further from its label
_NEXT_GAP = 1.6  # and its lines no further from each other
_ABOVE_GAP = 1.0  # a value above its label stands close
_MAX_DEPTH = 9.0  # in heights of a line
_MAX_COLUMN_DEPTH = 60.0  # of the column of a table
_MARGIN = 0.8  # in heights of a line: a value may begin so much left of its label
_TOUCH = 0.4  # in heights: boxes of neighbouring lines may overlap so much

_MIN_NUMBERED = 6  # labels with a number that make a form of numbered boxes
_NUMBERED = re.compile(r"^\d{1,2}[a-z]{0,2}[.:]?\s+[A-Z][A-Za-z]+")
_PRINTED = re.compile(r"^(?:Form\s?(?:\d{3}|W-)|OMB\b|\(Rev|www\.|Copy [A-D\d]\b|Cat\. No)")
_STREET = re.compile(r"\b(?:st|street|ave|avenue|road|rd|blvd|lane|ln|drive|dr|way|court|ct|apt|suite)\b", re.I)

Lines = list[list[Span]]


@dataclass(frozen=True)
class Cell:
    """The room of one label: from its left edge to the next label's, from itself to the next label below."""

    left: float
    top: float
    right: float
    bottom: float

    def holds(self, span: Span) -> bool:
        """Whether a word's centre is in it."""
        x, y = span.middle
        return self.left <= x < self.right and self.top <= y < self.bottom


class Surroundings:
    """A page, its labels, and the words that are none.

    Args:
        sheet: The page.
        matches: All labels on it.
    """

    def __init__(self, sheet: Sheet, matches: Sequence[Match]) -> None:
        self._sheet = sheet
        taken = {word for match in matches for word in match.words}
        self._matches = [*matches, *_by_looks(sheet, taken)]
        taken.update(word for match in self._matches for word in match.words)
        printed = [] if sheet.is_interactive else [word for word in sheet.words if word not in taken]
        self.free: list[Span] = printed + list(sheet.entries)

    def claim(self, spans: Iterable[Span]) -> None:
        """Takes words out of what may be another value."""
        gone = set(spans)
        self.free = [word for word in self.free if word not in gone]

    def beside(self, match: Match) -> Lines:
        """On the label's own line, to its right, up to the next label."""
        span, slack = match.span, 0.25 * self._sheet.line_height
        rivals = [
            other.span.left
            for other in self._matches
            if other is not match and other.span.left >= span.right - slack and _overlaps(other.span, span)
        ]
        cell = Cell(
            span.right - slack, span.top - slack, min(rivals, default=2 * self._sheet.aspect), span.bottom + slack
        )
        return lines_of(filter(cell.holds, self.free))

    def below(self, match: Match) -> Lines:
        """Under the label, line after line."""
        cell = self._cell(match)
        lines = lines_of(filter(cell.holds, self.free))
        return _contiguous(lines, match.span.bottom, _FIRST_GAP * self._height, _NEXT_GAP * self._height)

    def deep_below(self, match: Match) -> Lines:
        """Under the label as far as the next one, as in the column of a table with tall rows."""
        own = self._cell(match, max_depth=_MAX_COLUMN_DEPTH)
        return lines_of(filter(own.holds, self.free))

    def above(self, match: Match) -> Lines:
        """Over the label, as where a form prints its labels under a row of values."""
        own, height = self._cell(match), self._height
        tops = [
            other.span.bottom
            for other in self._matches
            if other.span.bottom <= match.span.top + _TOUCH * height
            and other.span.left < own.right
            and other.span.right > own.left
        ]
        floor = max(tops, default=0.0)
        cell = Cell(
            own.left,
            max(floor - _TOUCH * height, match.span.top - 5 * height),
            own.right,
            match.span.top + _TOUCH * height,
        )
        lines = lines_of(filter(cell.holds, self.free))
        kept, edge = [], match.span.top
        for line in reversed(lines):
            if edge - max(span.bottom for span in line) > _ABOVE_GAP * height:
                break
            kept.append(line)
            edge = min(span.top for span in line)
        return kept[::-1]

    @property
    def _height(self) -> float:
        return self._sheet.line_height

    def _cell(self, match: Match, max_depth: float = _MAX_DEPTH) -> Cell:
        span, height = match.span, self._height
        others = [other.span for other in self._matches if other is not match]
        under = [
            other.top
            for other in others
            if other.top >= span.bottom - _TOUCH * height and other.left < span.right and other.right > span.left
        ]
        bottom = min(*under, span.bottom + max_depth * height) if under else span.bottom + max_depth * height
        beyond = [
            other.left
            for other in others
            if other.left >= span.right - _TOUCH * height
            and other.bottom > span.top
            and other.top < min(bottom, span.bottom + _FIRST_GAP * height) - _TOUCH * height
        ]
        right = min(beyond, default=2 * self._sheet.aspect)
        before = [
            other.right for other in others if other.right <= span.left + _TOUCH * height and _overlaps(other, span)
        ]
        left = max([span.left - _MARGIN * height, *(min(edge, span.left) for edge in before)])
        under = [
            other.top
            for other in others
            if other.top >= span.bottom - _TOUCH * height
            and other.left < right - _MARGIN * height
            and other.right > left
            and other.left > span.left - 2 * height
        ]
        bottom = min(*under, bottom) if under else bottom
        return Cell(left, span.bottom - _TOUCH * height, right, bottom + _TOUCH * height)


def _by_looks(sheet: Sheet, taken: Collection[Span]) -> list[Match]:
    """What is a label or part of the form by its looks: its name, and numbered labels on a page made of such."""
    found = [
        Match("", piece.span, piece.parts, 0.0)
        for piece in sheet.pieces
        if not any(part in taken for part in piece.parts)
    ]
    numbered = [each for each in found if _NUMBERED.match(each.span.text) and not _STREET.search(each.span.text)]
    printed = [each for each in found if _PRINTED.match(each.span.text)]
    return printed + (numbered if len(numbered) >= _MIN_NUMBERED else [])


def _contiguous(lines: Lines, edge: float, first_gap: float, next_gap: float) -> Lines:
    kept: Lines = []
    for line in lines:
        if min(span.top for span in line) - edge > (next_gap if kept else first_gap):
            break
        kept.append(line)
        edge = max(span.bottom for span in line)
    return kept


def _overlaps(one: Span, other: Span) -> bool:
    return min(one.bottom, other.bottom) - max(one.top, other.top) > 0
