"""Words of a page as pieces of lines, in units in which width and height compare."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from preparation.layout import Box, Entry, Page, Word

_BANDS = 64  # into which the height of a page is cut
_SAME_LINE = 0.5  # share of the lower height by which two words of one line overlap
_GAP = 0.75  # in heights: words further apart belong to different pieces
_NUMBER_GAP = 0.3  # and the number of a box begins a new one after less
_WHOLE = re.compile(r"^\$?[\d,]+\.\d{2}$|^\d{1,2}/\d{1,2}/\d{4}$")
_BOX_NUMBER = re.compile(r"^\d{1,2}[a-z]?$")
_STUCK_AMOUNT = re.compile(r"^(\$?\d[\d,]*\.\d{2})(?=[A-Za-z(])(.+)$")  # OCR runs neighbouring columns together


@dataclass(eq=False)  # two words that read the same at one place are still two; frozen took 3.7 times as long to make
class Span:
    """Words side by side on one line.

    Attributes:
        words: From left to right.
        left: In heights of the page, as the other sides: a square is as wide as high.
        top: From the top of the page.
        right: See `left`.
        bottom: See `top`.
        entry: The field of an interactive form whose value it is, which was certainly filled in, or None.
    """

    words: tuple[Word, ...]
    left: float
    top: float
    right: float
    bottom: float
    entry: Entry | None = None

    @property
    def is_entry(self) -> bool:
        """Whether it is the value of a field of an interactive form."""
        return self.entry is not None

    @property
    def text(self) -> str:
        """Its words with spaces between."""
        return self.words[0].text if len(self.words) == 1 else self._text

    @cached_property
    def _text(self) -> str:
        return " ".join([word.text for word in self.words])

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top

    @property
    def middle(self) -> tuple[float, float]:
        """Its centre."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    @property
    def confidence(self) -> float:
        """That of its least certain word."""
        return min(word.confidence for word in self.words)

    def is_beside(self, other: "Span") -> bool:
        """Whether both are on one line."""
        top, bottom, other_top, other_bottom = self.top, self.bottom, other.top, other.bottom
        overlap = min(bottom, other_bottom) - max(top, other_top)
        return overlap >= _SAME_LINE * min(bottom - top, other_bottom - other_top)


@dataclass(frozen=True, eq=False)
class Piece:
    """Words of one line without a wide gap between them.

    Attributes:
        parts: Each word, from left to right.
        span: All of them.
    """

    parts: tuple[Span, ...]
    span: Span


class Sheet:
    """One page ready to be read as a form.

    Args:
        page: The page with its words.
        entries: The values of fields of an interactive form.
        is_interactive: Whether all that was filled in is in such fields, on this page or another.
        darkness: Of a scan, how dark a place is, from 0 to 1.
    """

    def __init__(
        self,
        page: Page,
        entries: Sequence[Entry] = (),
        *,
        is_interactive: bool = False,
        darkness: Callable[[Box], float] | None = None,
    ) -> None:
        self.is_interactive = is_interactive or bool(entries)
        self.darkness = darkness
        self.number = page.number
        self.aspect = page.width / page.height if page.height else 1.0
        self.is_scan = page.is_scan
        self.entries = tuple([_span(each.word, self.aspect, each) for each in entries])
        spans = [_span(part, self.aspect) for word in page.words for part in _parted(word) if part.text.strip()]
        printed = _without_pictures(spans, self.entries)
        self.words = tuple(printed)
        self.lines = _lines(printed)
        self.pieces = tuple(piece for line in self.lines for piece in pieces_of(line))
        self._by_top = sorted(self.pieces, key=lambda each: each.span.top)
        self._tops = [piece.span.top for piece in self._by_top]
        self._tallest = max((piece.span.height for piece in self.pieces), default=0.0)
        heights = sorted(span.height for span in printed) or [0.012]
        self.line_height = heights[len(heights) // 2]

    @property
    def text(self) -> str:
        """Its pieces, one a line."""
        return "\n".join(piece.span.text for piece in self.pieces)

    def between(self, top: float, bottom: float) -> list[Piece]:
        """The pieces of which a part is between two heights."""
        first, last = bisect_left(self._tops, top - self._tallest), bisect_left(self._tops, bottom)
        return [piece for piece in self._by_top[first:last] if piece.span.bottom > top]

    def box(self, spans: Iterable[Span]) -> Box:
        """The rectangle around some spans, in shares of the page."""
        given = tuple(spans)
        return Box(
            min(span.left for span in given) / self.aspect,
            min(span.top for span in given),
            max(span.right for span in given) / self.aspect,
            max(span.bottom for span in given),
        )


def _span(word: Word, aspect: float, entry: Entry | None = None) -> Span:
    left, top, right, bottom = word.box
    return Span((word,), left * aspect, top, right * aspect, bottom, entry)


def _without_pictures(spans: Sequence[Span], entries: Sequence[Span]) -> list[Span]:
    """The words that are no picture of what was filled in where they stand."""
    bands: dict[int, list[Span]] = defaultdict(list)  # a word is compared with the entries at its height alone
    for each in entries:
        for band in range(_band(each.top), _band(each.bottom) + 1):
            bands[band].append(each)
    if not bands:
        return list(spans)
    return [span for span in spans if not _is_pictured(span, bands)]


def _is_pictured(span: Span, bands: Mapping[int, Sequence[Span]]) -> bool:
    x, y = span.middle
    near = bands.get(_band(y), ())
    return any(each.left <= x <= each.right and each.top <= y <= each.bottom for each in near)


def _band(height: float) -> int:
    return int(min(2.0, max(-1.0, height)) * _BANDS)  # a field may claim to be anywhere


def joined(spans: Sequence[Span]) -> Span:
    """One span of several that stand side by side."""
    if len(spans) == 1:
        return spans[0]
    return Span(
        tuple(word for span in spans for word in span.words),
        min(span.left for span in spans),
        min(span.top for span in spans),
        max(span.right for span in spans),
        max(span.bottom for span in spans),
        spans[0].entry,
    )


def lines_of(spans: Iterable[Span]) -> list[list[Span]]:
    """Spans line by line, from the top and from the left."""
    return [list(line) for line in _lines(list(spans))]


def _lines(spans: Sequence[Span]) -> tuple[tuple[Span, ...], ...]:
    lines: list[_Line] = []
    for span in sorted(spans, key=lambda each: each.top + each.bottom):
        for line in lines[:-6:-1]:
            if span.top <= line.bottom and span.bottom >= line.top and line.is_continued_by(span):
                line.add(span)
                break
        else:
            lines.append(_Line(span))
    return tuple(tuple(sorted(line.spans, key=lambda each: each.left)) for line in lines)


class _Line:
    """A line that grows.

    Args:
        span: Its first word.
    """

    def __init__(self, span: Span) -> None:
        self.spans = [span]
        self.top, self.bottom = span.top, span.bottom
        self._sides = [(span.left, span.right)]

    def add(self, span: Span) -> None:
        self.spans.append(span)
        self._sides.append((span.left, span.right))
        self.top, self.bottom = min(self.top, span.top), max(self.bottom, span.bottom)

    def is_continued_by(self, span: Span) -> bool:
        """Whether a span is on it: beside its horizontally nearest one, since a scan may be askew."""
        left, right = span.left, span.right
        nearest, least = 0, 1e9
        for at, (other_left, other_right) in enumerate(self._sides):  # by hand: `min` with a key took ten times as long
            apart = other_left - right if other_left - right > left - other_right else left - other_right
            if apart < least:
                nearest, least = at, apart
        other = self.spans[nearest]
        clash = min(other.right, right) - max(other.left, left)
        return clash <= _SAME_LINE * min(other.right - other.left, right - left) and other.is_beside(span)


def pieces_of(line: Sequence[Span]) -> Iterator[Piece]:
    """The pieces of a line: where a wide gap is, or the number of a box, another begins."""
    begin = 0
    for index in range(1, len(line)):
        before, span = line[index - 1], line[index]
        if _is_apart(span.left - before.right, min(span.height, before.height), line, index):
            yield _piece(line[begin:index])
            begin = index
    if line:
        yield _piece(line[begin:])


def _piece(run: Sequence[Span]) -> Piece:
    return Piece(tuple(run), joined(run))


def _is_apart(distance: float, height: float, line: Sequence[Span], index: int) -> bool:
    """Whether a word is of another piece than the one before; what its letters say is asked only where it may count."""
    if distance > _GAP * height:
        return True
    return distance > -height and distance > _least_gap(line, index) * height


def _least_gap(line: Sequence[Span], index: int) -> float:
    """The gap after which a word is of another piece, in heights.

    The number of a box begins its label (``2b Unrecap. Sec. 1250 gain``), a sign of currency its amount, and
    nothing belongs to an amount with cents, or to a date, but what stands before it.
    """
    word, following = line[index].text, line[index + 1].text if index + 1 < len(line) else ""
    if _WHOLE.match(line[index - 1].text):
        return -1.0
    is_number = bool(_BOX_NUMBER.match(word)) and following[:1].isupper() and following[1:2].isalpha()
    return _NUMBER_GAP if is_number or word == "$" else _GAP


def _parted(word: Word) -> Iterable[Word]:
    """A word; or an amount and what OCR left stuck to it."""
    match = _STUCK_AMOUNT.match(word.text) if "." in word.text else None
    if not match:
        return (word,)
    box = word.box
    cut = box.left + (box.right - box.left) * len(match.group(1)) / len(word.text)
    return (
        word._replace(text=match.group(1), box=box._replace(right=cut)),
        word._replace(text=match.group(2), box=box._replace(left=cut)),
    )
