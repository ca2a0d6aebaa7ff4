"""What was read on a form: its values, each with its place."""

from collections.abc import Sequence
from dataclasses import dataclass

from preparation.forms.spans import Sheet, Span
from preparation.forms.values import Kind
from preparation.layout import Box


@dataclass(frozen=True, slots=True)
class FoundField:
    """One value.

    Attributes:
        name: Its name: number of the box or line, and a short label.
        label: What is printed beside it.
        text: The value as a person would copy it.
        kind: What it is.
        page: From 1.
        box: Where its words stand.
        confidence: That its words are right, from 0 to 1.
        column: The dataset's column that takes it, or "".
        sources: The names and tooltips of the fields of an interactive form that hold it.
        is_line: Whether it is of one of several lines, whose amounts add up.
    """

    name: str
    label: str
    text: str
    kind: Kind
    page: int
    box: Box
    confidence: float
    column: str = ""
    sources: tuple[str, ...] = ()
    is_line: bool = False


def found_field(  # noqa: PLR0913 - a value and all that is known of it
    sheet: Sheet, spans: Sequence[Span], *, name: str, label: str, text: str, kind: Kind, column: str = ""
) -> FoundField:
    """A value with the place of its words."""
    confidence = min(span.confidence for span in spans)
    entries = [span.entry for span in spans if span.entry]
    sources = tuple(told for entry in entries for told in (entry.name, " ".join(entry.tooltip.split())) if told)
    return FoundField(name, label, text, kind, sheet.number, sheet.box(spans), round(confidence, 3), column, sources)
