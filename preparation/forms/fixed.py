"""Values found by their place, on forms whose layout never changes."""

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from preparation.forms.definitions import FieldDefinition, FormDefinition, TableDefinition
from preparation.forms.found import FoundField, found_field
from preparation.forms.labelled import party
from preparation.forms.labels import Match, find_labels
from preparation.forms.regions import Surroundings
from preparation.forms.spans import Sheet, Span, lines_of
from preparation.forms.values import Kind, Value, amount_of, find_value, is_mark
from preparation.layout import Box

_MIN_ANCHORS = 6
_MAX_ERROR = 0.012  # of the page: how far an anchor may lie from where the others say
_MIN_SPREAD = 0.25  # of the page, in which anchors must lie to tell its scale
_ROOM = 0.25  # share of a box's height by which what is written may leave it
_LINE = 0.015  # of the page: the height of a line that is written into
_DOLLARS = 0.72  # share of the box of an amount that is left of its cents
_MIN_INK = 0.12  # darkness of the inside of a checkbox with a mark in it
_BY_INK = 0.8  # confidence of a mark told by its ink alone
_MARK_ROOM = 0.5  # share of a checkbox's size by which its mark may leave it


@dataclass(frozen=True, slots=True)
class Overlay:
    """How a page lies under the form's layout: a scale and a shift each way."""

    x_scale: float
    x_shift: float
    y_scale: float
    y_shift: float

    def box(self, box: Box) -> Box:
        """A place of the layout on the page."""
        return Box(
            box.left * self.x_scale + self.x_shift,
            box.top * self.y_scale + self.y_shift,
            box.right * self.x_scale + self.x_shift,
            box.bottom * self.y_scale + self.y_shift,
        )


def overlay_of(sheet: Sheet, form: FormDefinition) -> tuple[Overlay, list[Match]] | None:
    """How the layout lies over a page, by its printed words; None where they are not where they should be."""
    places = form.anchors or {}
    matches = find_labels(sheet, form.anchor_wordings)
    pairs = [(places[match.owner[1:]], _corner(sheet, match)) for match in matches]
    if sheet.entries and not pairs:  # a form whose print is a picture; its fields say where they are
        return Overlay(1.0, 0.0, 1.0, 0.0), []
    across = _fitted([(there[0], here[0]) for there, here in pairs])
    down = _fitted([(there[1], here[1]) for there, here in pairs])
    return (Overlay(*across, *down), matches) if across and down else None


def _corner(sheet: Sheet, match: Match) -> tuple[float, float]:
    """Where a label's letters begin, and the middle of its first line."""
    first = match.words[0]
    return first.left / sheet.aspect, first.middle[1]


def _fitted(pairs: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
    """The scale and shift that most pairs agree on: the median of all slopes, since some anchors are mistaken."""
    slopes = [
        (here - there_here[1]) / (there - there_here[0])
        for index, (there, here) in enumerate(pairs)
        for there_here in pairs[:index]
        if abs(there - there_here[0]) > _MIN_SPREAD
    ]
    if len(pairs) < _MIN_ANCHORS or not slopes:
        return None
    scale = statistics.median(slopes)
    shift = statistics.median(here - scale * there for there, here in pairs)
    good = [pair for pair in pairs if abs(pair[1] - scale * pair[0] - shift) <= _MAX_ERROR]
    return (scale, shift) if 2 * len(good) >= len(pairs) and len(good) >= _MIN_ANCHORS else None


def fixed_fields(sheet: Sheet, form: FormDefinition, overlay: Overlay, around: Surroundings) -> list[FoundField]:
    """The values in the places of a form's fields; their words are claimed."""
    reader = _Reader(sheet, overlay, around)
    found = [each for field in form.fields for each in reader.field(field, field.name, 0.0)]
    return found + [each for table in form.tables for each in reader.table(table)]


class _Reader:
    def __init__(self, sheet: Sheet, overlay: Overlay, around: Surroundings) -> None:
        self._sheet = sheet
        self._overlay = overlay
        self._around = around
        self._free = tuple(around.free)

    def field(self, field: FieldDefinition, name: str, down: float) -> Iterator[FoundField]:
        """The values of one field, which stands so much further down the page than it says."""
        if field.choices:
            yield from self._chosen(field, name, field.choices)
        elif field.box:
            spans = self._within(self._overlay.box(_moved(field.box, down)))
            value = self._value(field, spans) if spans else None
            if value:
                self._around.claim(value.spans)
                yield from self._fields(field, name, value)

    def table(self, table: TableDefinition) -> Iterator[FoundField]:
        """The values of lines of equal height."""
        number = 0
        for index in range(table.rows if table.pitch else 0):
            row = {column.name: list(self.field(column, column.name, index * table.pitch)) for column in table.columns}
            if not any(row.values()) or not all(row.get(need) for need in table.needs):
                continue
            number += 1
            for found in row.values():
                yield from (replace(each, name=f"{table.name}{number}_{each.name}", is_line=True) for each in found)

    def _value(self, field: FieldDefinition, spans: Sequence[Span]) -> Value | None:
        kind = field.kind
        if kind is Kind.CENTS and field.box:
            box = self._overlay.box(field.box)
            return _amount(spans, (box.left + _DOLLARS * (box.right - box.left)) * self._sheet.aspect)
        lines = lines_of(spans)
        if kind in (Kind.DATE, Kind.BIRTH_DATE, Kind.SSN, Kind.EIN, Kind.ID, Kind.PHONE):
            return find_value(kind, lines) or _misread(lines)
        return find_value(kind, lines)

    def _fields(self, field: FieldDefinition, name: str, value: Value) -> Iterator[FoundField]:
        label = field.labels[0] if field.labels else name.replace("_", " ")
        if field.kind is Kind.PARTY:
            for part, (text, spans, kind, column) in party(value, field).items():
                yield found_field(
                    self._sheet, spans, name=f"{name}_{part}", label=label, text=text, kind=kind, column=column
                )
            return
        yield found_field(
            self._sheet, value.spans, name=name, label=label, text=value.text, kind=field.kind, column=field.column
        )

    def _chosen(self, field: FieldDefinition, name: str, choices: Mapping[str, Box]) -> Iterator[FoundField]:
        places = {says: self._overlay.box(box) for says, box in choices.items()}
        label = field.labels[0] if field.labels else name.replace("_", " ")
        for says, place in places.items():
            marks = [span for span in self._within(place, _MARK_ROOM) if is_mark(span.text)]
            if marks:
                self._around.claim(marks)
                yield found_field(
                    self._sheet, marks, name=name, label=label, text=says, kind=Kind.CHECKBOX, column=field.column
                )
                return
        if self._sheet.darkness and (says := _darkest(places, self._sheet.darkness)):
            box = places[says]
            yield FoundField(name, label, says, Kind.CHECKBOX, self._sheet.number, box, _BY_INK, field.column)

    def _within(self, box: Box, room: float = _ROOM) -> list[Span]:
        slack = room * min(box.bottom - box.top, _LINE)
        left, right = box.left * self._sheet.aspect - slack, box.right * self._sheet.aspect + slack
        return [
            span
            for span in self._free
            if left <= span.middle[0] <= right and box.top - slack <= span.middle[1] <= box.bottom + slack
        ]


def _darkest(places: Mapping[str, Box], darkness: Callable[[Box], float]) -> str:
    """The choice whose box has a mark in it, or "": OCR reads few of the crosses in boxes."""
    by_ink = sorted(((darkness(box), says) for says, box in places.items()), reverse=True)
    best, says = by_ink[0]
    others = by_ink[1][0] if len(by_ink) > 1 else 0.0
    return says if best >= _MIN_INK and best - others >= _MIN_INK / 2 else ""


def _misread(lines: Sequence[Sequence[Span]]) -> Value | None:
    """What was written where a number should be, but not what is printed there."""
    found = find_value(Kind.TEXT, lines)
    return found if found and any(map(str.isdigit, found.text)) else None


def _moved(box: Box, down: float) -> Box:
    return box._replace(top=box.top + down, bottom=box.bottom + down)


def _amount(spans: Sequence[Span], cents_from: float) -> Value | None:
    """Dollars and cents; in place of a point there is a line, which OCR leaves out."""
    words = [span for line in lines_of(spans) for span in line if any(map(str.isdigit, span.text))]
    if not words:
        return None
    texts = [span.text.strip("$|") for span in words]
    text = "".join(texts)
    if len(words) == 2 and texts[0].isdigit() and len(texts[1]) == 2:  # noqa: PLR2004 - cents
        text = ".".join(texts)
    elif text.isdigit() and len(text) > 2 and words[-1].right > cents_from:  # noqa: PLR2004
        text = f"{text[:-2]}.{text[-2:]}"
    return Value(text, tuple(words)) if amount_of(text) is not None else find_value(Kind.TEXT, [words])
