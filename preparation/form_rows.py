"""What was filled in on a form as rows: one of its dataset, and one for each value with its place."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import polars as pl

from core.prepared import Place, Table
from preparation.extraction import Extraction, RawTable, Source
from preparation.forms import (
    PERSONAL,
    Form,
    FormBook,
    FoundField,
    Kind,
    Reading,
    amount_of,
    form_of,
    read_form,
    sheets_of,
)
from preparation.forms_by_words import form_by_words
from preparation.interpreting import Interpreter

FIELDS = "form_field"
_TAX = "tax_form"
_MAX_LABEL_CHARS, _MAX_NAME_CHARS = 500, 200


def filled_form(extraction: Extraction, source: Source, book: FormBook) -> tuple[Form, Reading] | None:
    """The form that a document is and what was filled in on it; None where it is no form."""
    form = form_in(extraction.text, extraction.kind, extraction.pages, book)
    return read_values(form, extraction, source, book) if form else None


@lru_cache(maxsize=1)  # asked twice of a PDF: while its pages are open, and when its rows are made
def form_in(text: str, kind: str, pages: int | None, book: FormBook) -> Form | None:
    """The form that a text of a kind of blob is, by what is printed on it or by its words."""
    form = form_of(text, book, pages=pages) if text else None
    return form or form_by_words(text, kind, pages, book)


def read_values(form: Form, extraction: Extraction, source: Source, book: FormBook) -> tuple[Form, Reading]:
    """What was filled in on a form, and which form it is, which a scan may tell only when it is read closely."""
    sheets = sheets_of(extraction, source)
    is_described = bool(form.definition and form.definition.name)
    if not is_described and any(sheet.is_scan for sheet in sheets):
        closely = "\n".join([extraction.text, *(sheet.text for sheet in sheets)])
        named = form_of(closely, book, pages=extraction.pages)
        form = named if named and named.dataset == form.dataset else form
    return form, read_form(sheets, form.definition)


def with_values(extraction: Extraction, form: Form, reading: Reading) -> Extraction:
    """The extraction with the values of its form, which are searched with its text."""
    own = {field.name: field.text for field in reading.fields}
    if form.name:
        own = {"form": form.name} | own
    if form.year and form.dataset == _TAX:
        own.setdefault("tax_year", str(form.year))
    filled = {name: value for name, value in extraction.fields.items() if name not in own}
    unsaid = [f"{each.label}: {each.text}" for each in reading.fields if each.text not in extraction.text]
    note = "; ".join([*([extraction.note] if extraction.note else []), *reading.discrepancies])
    return replace(
        extraction,
        fields={**own, **filled},
        text="\n".join([extraction.text, *unsaid]),
        note=note or None,
    )


def places_of(reading: Reading, fields: Mapping[str, str]) -> dict[str, Place]:
    """Where each value stands, under its own name and under that of the field of an interactive form."""
    found = {source: _place(each) for each in reading.fields for source in each.sources if source in fields}
    return found | {each.name: _place(each) for each in reading.fields}


def _place(each: FoundField) -> Place:
    box = each.box
    left, top, right, bottom = (round(side, 4) for side in (box.left, box.top, box.right, box.bottom))
    return Place(each.page, left, top, right, bottom, each.confidence)


def form_tables(form: Form, reading: Reading, fields: Mapping[str, str], interpreter: Interpreter) -> list[Table]:
    """The row of the form's dataset, and the rows of its values."""
    known: dict[str, object] = dict(reading.columns())
    if form.dataset == _TAX:
        known |= {"form_type": form.name or None}
        if form.year and "tax_year" not in known:
            known["tax_year"] = form.year
    if reading.discrepancies:
        known["discrepancy"] = "; ".join(reading.discrepancies)
    named = {field.name for field in reading.fields if field.column}
    filled = {
        name[:_MAX_NAME_CHARS]: value
        for name, value in fields.items()
        if value and name != "form" and name not in known and name not in named
    }
    row = interpreter.matched_facts(form.dataset, filled, known)
    return [row, *([interpreter.interpret(_values(form, reading)).table] if reading.fields else [])]


def _values(form: Form, reading: Reading) -> RawTable:
    rows = [_row(form, each) for each in reading.fields]
    return RawTable(pl.DataFrame(rows, infer_schema_length=None), dataset=FIELDS, why="values of a form")


def _row(form: Form, each: FoundField) -> dict[str, Any]:
    is_personal = each.kind in PERSONAL
    amount = amount_of(each.text) if each.kind in (Kind.MONEY, Kind.CENTS) else None
    return {
        "form": form.name,
        "field": each.name,
        "label": each.label[:_MAX_LABEL_CHARS],
        "kind": str(each.kind),
        "value": None if is_personal else each.text,
        "personal_value": each.text if is_personal else None,
        "amount": None if amount is None else str(amount),
        "page": each.page,
        "left": each.box.left,
        "top": each.box.top,
        "right": each.box.right,
        "bottom": each.box.bottom,
        "confidence": each.confidence,
    }
