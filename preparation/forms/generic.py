"""Values of forms that nobody described: numbered lines, boxes with a label inside, and “label: value”."""

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from preparation.forms.found import FoundField, found_field
from preparation.forms.regions import Surroundings
from preparation.forms.spans import Piece, Sheet, Span, lines_of, pieces_of
from preparation.forms.values import Kind, find_value, is_amount
from preparation.layout import Box, Word

_LINE_NUMBER = re.compile(r"^\(?(\d{1,2}[a-z]{0,2}|[a-z])\)?[.:]?$")
_NUMBERED = re.compile(r"^(?:\(?(\d{1,2}[a-z]{0,2})\)?[.:]?|[a-z])\s+(?=[A-Z(])")
_PAIR = re.compile(r"^([A-Za-z][\w /'\u2019().#&-]{1,48}?)\s*:\s*(\S.*)$")
_COLON_END = re.compile(r"^([A-Za-z][\w /'\u2019().#&-]{1,48}?)\s*:$")
_NOUNS = re.compile(
    r"\b(?:"
    r"name|names|address|street|city|town|state|province|zip|county|country|phone|telephone|fax|email|"
    r"employer|employee|payer|payor|recipient|borrower|lender|filer|insured|insurer|policy|policyholder|"
    r"claim|claimant|number|no|id|ein|ssn|tin|date|birth|dob|sex|gender|occupation|title|account|group|"
    r"plan|diagnosis|provider|physician|hospital|patient|agent|agency|producer|company|carrier|vehicle|"
    r"make|model|vin|driver|license|location|relationship|holder|beneficiary|spouse|taxpayer|member|"
    r"subscriber|certificate|signature|code"
    r")\b"
)
_SURE = (
    (Kind.DATE, re.compile(r"^(?=.*\D)[\w/., -]{6,20}$")),
    (Kind.SSN, re.compile(r"^[\dX*]{3}-[\dX*]{2}-\d{4}$|^(?:\d ?){9}$")),
    (Kind.EIN, re.compile(r"^\d{2}-\d{7}$")),
    (Kind.PHONE, re.compile(r"^[\d() .+-]{10,18}$")),
)
_PUBLIC_NUMBER = re.compile(r"^(?:1545|0938)-\d{4}$")
_NUMBER_GAP, _LEFT_GAP, _ABOVE_GAP, _TEXT_GAP = 14.0, 30.0, 2.6, 2.0  # in heights of a line
_OWN_NUMBER_GAP = 5.0  # between the words of a line and the number before them
_MAX_LABEL_WORDS, _MAX_NAME_WORDS, _MAX_VALUE_WORDS = 14, 7, 10
_MAX_LINES_UP = 4
_TOUCH = 0.3  # in heights: boxes of neighbouring lines may overlap so much
_SMALL_WORDS = re.compile(
    r"\b(?:"
    r"the|a|an|of|or|and|if|you|your|to|see|instructions|from|for|in|on|is|are|this|as|it|at|by"
    r")\b"
)


def generic_fields(sheet: Sheet, around: Surroundings, *, with_texts: bool, with_pairs: bool) -> list[FoundField]:
    """What is left on a page and can only be a value, under the label that is printed by it.

    Args:
        sheet: The page.
        around: Its words; those found are claimed.
        with_texts: Whether names and other texts are looked for under their labels: not where all that was filled
            in is known, as in an interactive form.
        with_pairs: Whether “label: value” is looked for: a known form prints its own colons.
    """
    reader = _Reader(sheet, around)
    found = [*reader.entries(), *reader.amounts()]
    if with_pairs:
        found += reader.pairs()
    if with_texts:
        found += reader.texts()
    return found


def snake_case(label: str, at_most: int = _MAX_NAME_WORDS) -> str:
    """A short name out of the words of a label."""
    words = re.findall(r"[a-z0-9]+", label.casefold().replace("'", "").replace("\u2019", ""))
    telling = [word for word in words if not _SMALL_WORDS.fullmatch(word)] or words
    return "_".join(telling[:at_most])


class _Reader:
    def __init__(self, sheet: Sheet, around: Surroundings) -> None:
        self._sheet = sheet
        self._around = around
        self._height = sheet.line_height
        self._may_be_printed = cache(_may_be_printed)  # a piece is near many values

    def entries(self) -> Iterator[FoundField]:
        """Filled fields of an interactive form that no definition named."""
        for span in [each for each in self._around.free if each.is_entry]:
            name, label = self._label_of(span)
            if not name and span.entry:
                label = span.entry.tooltip or span.entry.name
                name = snake_case(label)
            is_checked = bool(span.entry and span.entry.is_checkbox)
            text = "yes" if is_checked else span.text
            kind = Kind.CHECKBOX if is_checked else _kind_of(text) or Kind.TEXT
            yield from self._found(name, label, text, kind, [span])

    def amounts(self) -> Iterator[FoundField]:
        """Pieces of a line that are an amount, a date, or a number of a person or firm, and nothing else."""
        for piece in self._free_pieces():
            text = piece.span.text
            kind = _kind_of(text)
            if kind is None:
                continue
            name, label = self._label_of(piece.span)
            if name:
                yield from self._found(name, label, text.lstrip("$ ") or text, kind, piece.parts)

    def pairs(self) -> Iterator[FoundField]:
        """“Label: value” on one line, with or without a gap."""
        for line in lines_of(self._around.free):
            pieces = list(pieces_of(line))
            for index, piece in enumerate(pieces):
                if match := _PAIR.match(piece.span.text):
                    spans = _last_words(piece, match.group(2))
                    yield from self._found(
                        snake_case(match[1]), match[1], match[2], _kind_of(match[2]) or Kind.TEXT, spans
                    )
                elif (match := _COLON_END.match(piece.span.text)) and index + 1 < len(pieces):
                    value = pieces[index + 1]
                    if not _COLON_END.match(value.span.text) and not _PAIR.match(value.span.text):
                        kind = _kind_of(value.span.text) or Kind.TEXT
                        yield from self._found(snake_case(match[1]), match[1], value.span.text, kind, value.parts)

    def texts(self) -> Iterator[FoundField]:
        """What stands under a label that asks for a name, an address, a number."""
        pieces = self._free_pieces()
        labels = [piece for piece in self._sheet.pieces if _asks(piece.span.text)]
        asked = {id(piece.parts[0]) for piece in labels}
        for label in labels:
            below = [
                piece
                for piece in pieces
                if id(piece.parts[0]) not in asked
                and -_TOUCH < (piece.span.top - label.span.bottom) / self._height < _TEXT_GAP
                and label.span.left - self._height
                < piece.span.left
                < max(label.span.right, label.span.left + 12 * self._height)
                and _is_written(piece.span.text)
            ]
            if below:
                value = min(below, key=lambda piece: (piece.span.top, piece.span.left))
                pieces.remove(value)
                name = snake_case(_NUMBERED.sub("", label.span.text))
                yield from self._found(name, label.span.text, value.span.text, Kind.TEXT, value.parts)

    def _found(self, name: str, label: str, text: str, kind: Kind, spans: Sequence[Span]) -> Iterator[FoundField]:
        if not name:
            return
        self._around.claim(spans)
        yield found_field(self._sheet, spans, name=name, label=label, text=text.strip(), kind=kind)

    def _free_pieces(self) -> list[Piece]:
        free = [span for span in self._around.free if not span.is_entry]
        return [piece for line in lines_of(free) for piece in pieces_of(line)]

    def _label_of(self, value: Span) -> tuple[str, str]:
        """The name and the printed words of the label of a value."""
        before = self._before(value)
        number = next((piece for piece in before if _gap(piece.span, value) < _NUMBER_GAP * self._height), None)
        if number and (match := _LINE_NUMBER.match(number.span.text)) and match.group(1)[0].isdigit():
            text = self._line_text(number.span, match.group(1))
            return f"line{match.group(1)}_{snake_case(text)}".rstrip("_"), text
        above = self._above(value)
        beside = next((piece for piece in before if _is_wordy(piece.span.text)), None)
        if above and (
            not beside or _NUMBERED.match(above.span.text) or _gap(beside.span, value) > _LEFT_GAP * self._height
        ):
            return _box_name(above.span.text), above.span.text
        if beside:
            text = _NUMBERED.sub("", beside.span.text)
            head = _NUMBERED.match(beside.span.text)
            return (f"line{head.group(1)}_" if head and head.group(1) else "") + snake_case(text), beside.span.text
        return (_box_name(above.span.text), above.span.text) if above else ("", "")

    def _before(self, value: Span) -> list[Piece]:
        """Pieces on the value's line, left of it, the nearest first; signs and leaders are passed over."""
        found = [
            piece
            for piece in self._pieces_near(value)
            if piece.span.is_beside(value) and piece.span.right <= value.left + 0.3 * self._height
        ]
        return sorted(found, key=lambda piece: -piece.span.right)

    def _pieces_near(self, value: Span) -> list[Piece]:
        near = self._sheet.between(value.top - _ABOVE_GAP * self._height, value.bottom + self._height)
        return [piece for piece in near if self._may_be_printed(piece)]

    def _above(self, value: Span) -> Piece | None:
        found = [
            piece
            for piece in self._pieces_near(value)
            if _is_wordy(piece.span.text)
            and -0.4 * self._height < value.top - piece.span.bottom < _ABOVE_GAP * self._height
            and piece.span.left < value.right
            and (piece.span.right > value.left - 3 * self._height or value.left - piece.span.left < 20 * self._height)
        ]
        return min(found, key=lambda piece: self._distance(piece.span, value), default=None)

    def _distance(self, label: Span, value: Span) -> tuple[int, float]:
        """How far a label is above a value in lines, and to its left where it does not reach over it."""
        return round((value.top - label.bottom) / self._height), max(0.0, value.left - label.right)

    def _line_text(self, number: Span, line: str) -> str:
        """The words of a numbered line: those beside its number, from where the line begins."""
        beside = [piece for piece in self._before(number) if _is_wordy(piece.span.text)]
        if not beside:
            return ""
        nearest = beside[0]
        if _starts_line(nearest, line) or self._left_number(nearest):
            return _NUMBERED.sub("", nearest.span.text)
        text, piece = nearest.span.text, nearest
        for _ in range(_MAX_LINES_UP):
            over = self._over(piece)
            if over is None:
                break
            text, piece = f"{over.span.text} {text}", over
            if _starts_line(over, line) or self._left_number(over):
                return _NUMBERED.sub("", text)
        return _NUMBERED.sub("", nearest.span.text)

    def _left_number(self, piece: Piece) -> bool:
        return any(
            _LINE_NUMBER.match(each.span.text) and _gap(each.span, piece.span) < _OWN_NUMBER_GAP * self._height
            for each in self._before(piece.span)[:1]
        )

    def _over(self, piece: Piece) -> Piece | None:
        span = piece.span
        near = [
            each
            for each in self._sheet.between(span.top - 2 * self._height, span.bottom)
            if -0.4 * self._height < span.top - each.span.bottom < self._height
            and abs(each.span.left - span.left) < 2 * self._height
            and _is_wordy(each.span.text)
        ]
        return max(near, key=lambda each: each.span.top, default=None)


def _kind_of(text: str) -> Kind | None:
    """What a text is where it can be nothing else."""
    if _PUBLIC_NUMBER.match(text):
        return None
    if is_amount(text):
        return Kind.MONEY
    for kind, pattern in _SURE:
        if pattern.match(text) and any(map(str.isdigit, text)):
            found = find_value(kind, [[_bare(text)]])
            if found and len(found.text) >= len(text) - 1:
                return kind
    return None


def _bare(text: str) -> Span:
    return Span((Word(text, Box(0.0, 0.0, 1.0, 1.0)),), 0.0, 0.0, 1.0, 1.0)


def _last_words(piece: Piece, text: str) -> Sequence[Span]:
    return piece.parts[-len(text.split()) :]


def _box_name(label: str) -> str:
    match = _NUMBERED.match(label)
    number = f"box{match.group(1)}_" if match and match.group(1) else ""
    return number + snake_case(label[match.end() :] if match else label)


def _starts_line(piece: Piece, line: str) -> bool:
    return piece.span.text.startswith(line) and bool(_NUMBERED.match(piece.span.text))


@lru_cache(maxsize=2048)
def _is_wordy(text: str) -> bool:
    return sum(map(str.isalpha, text)) >= 3  # noqa: PLR2004 - a word


def _may_be_printed(piece: Piece) -> bool:
    return any(map(str.isalnum, piece.span.text)) and not is_amount(piece.span.text)


def _gap(left: Span, right: Span) -> float:
    return right.left - left.right


def _asks(text: str) -> bool:
    words = re.findall(r"[a-z]+", text.casefold())
    return 0 < len(words) <= _MAX_LABEL_WORDS and bool(_NOUNS.search(text.casefold())) and not _PAIR.match(text)


def _is_written(text: str) -> bool:
    """Whether a text looks filled in: few words, of which most are capitalised or numbers."""
    words = text.split()
    if not words or len(words) > _MAX_VALUE_WORDS or text.endswith((":", "?")) or "(" in text:
        return False
    told = [word for word in words if any(map(str.isalnum, word))]
    return bool(told) and sum(word[0].isupper() or any(map(str.isdigit, word)) for word in told) >= 0.7 * len(told)
