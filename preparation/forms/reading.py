"""A form read: by its fixed layout, by its labels, and what is left by whatever is printed beside it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from preparation.forms.definitions import FormDefinition
from preparation.forms.fixed import fixed_fields, overlay_of
from preparation.forms.found import FoundField
from preparation.forms.generic import generic_fields
from preparation.forms.labelled import labelled_fields
from preparation.forms.labels import find_labels
from preparation.forms.regions import Surroundings
from preparation.forms.spans import Sheet
from preparation.forms.sums import discrepancies
from preparation.forms.values import Kind, amount_of, normal

_LISTED = " "  # between values of one column


@dataclass(frozen=True, slots=True)
class Reading:
    """What was filled in on a form.

    Attributes:
        fields: Its values in reading order; no two of one name.
        discrepancies: Where its amounts do not add up, in words.
    """

    fields: tuple[FoundField, ...] = ()
    discrepancies: tuple[str, ...] = ()

    def columns(self) -> dict[str, str]:
        """Values by the dataset's column that takes them; lines of a table are summed, or listed."""
        found: dict[str, list[FoundField]] = {}
        for field in self.fields:
            if field.column:
                found.setdefault(field.column, []).append(field)
        return {column: _together(fields) for column, fields in found.items()}


def read_form(sheets: Iterable[Sheet], definition: FormDefinition | None) -> Reading:
    """Reads every page of a form.

    Args:
        sheets: Its pages.
        definition: What its data file says of it, or None.
    """
    found: list[FoundField] = []
    for sheet in sheets:
        found += _read_sheet(sheet, definition)
    fields = _unique(found)
    return Reading(tuple(fields), tuple(discrepancies(definition.sums, fields)) if definition else ())


def _read_sheet(sheet: Sheet, definition: FormDefinition | None) -> list[FoundField]:
    found: list[FoundField] = []
    matches = find_labels(sheet, definition.wordings) if definition else []
    around = Surroundings(sheet, matches)
    overlay = overlay_of(sheet, definition) if definition and definition.anchors else None
    if definition and overlay:
        found += fixed_fields(sheet, definition, overlay[0], around)
    elif definition:
        found += labelled_fields(sheet, definition, matches, around)
    is_open = not sheet.is_interactive and not overlay
    is_known = bool(definition and definition.name)
    rest = generic_fields(sheet, around, with_texts=is_open, with_pairs=is_open and not is_known)
    return found + ([_with_column(field, definition) for field in rest] if definition else rest)


def _with_column(field: FoundField, definition: FormDefinition) -> FoundField:
    if field.column or field.kind in (Kind.CHECKBOX, Kind.TEXT):
        return field
    return replace(field, column=next((name for each, name in definition.by_label if each.search(field.label)), ""))


def _unique(found: Sequence[FoundField]) -> list[FoundField]:
    """Values under names of their own; the same value under the same name is the copy of a page."""
    kept: dict[str, FoundField] = {}
    for field in found:
        name, number = field.name, 1
        while name in kept and kept[name].text != field.text:
            number += 1
            name = f"{field.name}_{number}"
        kept.setdefault(name, replace(field, name=name))
    return list(kept.values())


def _together(fields: Sequence[FoundField]) -> str:
    kind = fields[0].kind
    if kind in (Kind.MONEY, Kind.CENTS) and fields[0].is_line:
        amounts = [amount_of(field.text) for field in fields]
        return str(sum(amount for amount in amounts if amount is not None))
    values = list(dict.fromkeys(map(partial(normal, kind), (field.text for field in fields))))
    return _LISTED.join(values) if kind in (Kind.CODE, Kind.MEDICAL_CODE) else values[0]
