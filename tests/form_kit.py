"""Pages of words for tests of forms, drawn as text with positions."""

from collections.abc import Sequence

from preparation.forms.definitions import FormDefinition, load_forms
from preparation.forms.spans import Sheet
from preparation.layout import Box, Entry, Page, Word

WIDTH, HEIGHT = 612.0, 792.0
_LINE, _LETTER = 8.0, 4.2  # points

Text = tuple[float, float, str]
"""Left edge and top in points, and words."""


def words_at(texts: Sequence[Text]) -> tuple[Word, ...]:
    """Words of texts set in type of one width."""
    words = []
    for left, top, text in texts:
        at = 0
        for part in text.split():
            at = text.index(part, at)
            x0, x1 = left + at * _LETTER, left + (at + len(part)) * _LETTER
            words.append(Word(part, Box(x0 / WIDTH, top / HEIGHT, x1 / WIDTH, (top + _LINE) / HEIGHT)))
            at += len(part)
    return tuple(words)


def sheet_of(*texts: Text, entries: Sequence[Word] = ()) -> Sheet:
    """A page of texts."""
    return Sheet(Page(1, WIDTH, HEIGHT, words_at(texts), is_scan=True), [Entry(word) for word in entries])


def form_named(name: str) -> FormDefinition:
    """A bundled form."""
    return next(form for form in load_forms().forms if form.name == name)
