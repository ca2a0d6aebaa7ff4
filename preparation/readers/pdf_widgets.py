"""The fields of a PDF's form as they stand on its pages, read by pdfium while the pages are open."""

import ctypes
import logging
from collections.abc import Iterator
from typing import Any

from preparation.layout import Entry, Word
from preparation.readers.pdf_fields import MAX_FIELDS, MAX_VALUE_CHARS, Field
from preparation.readers.pdf_words import Frame, frame_of

_OFF = "Off"
_PASSWORD = 1 << 13  # the flag of a field whose value nobody is to see
_BUFFER_LETTERS = 512


class Widgets:
    """Takes the fields of each page that is shown to it.

    pypdf needs three times as long, for it parses every object that the form leads to; but it finds fields that are on
    no page, and so reads what nothing is found of here.

    Args:
        document: The document, of which no page is open yet.
        is_drawn: Whether its pages will be drawn, with their fields. Where pdfium is told of each page for that, it
            makes a picture of every field, which is a quarter of what a page of a form costs.
    """

    def __init__(self, document: Any, *, is_drawn: bool) -> None:
        import pypdfium2

        logging.getLogger("pypdfium2").setLevel(logging.CRITICAL)  # it warns of XFA, whose fields are read all the same
        self._raw = raw = pypdfium2.raw
        self.found: dict[str, Field] = {}
        self._buffer = (ctypes.c_ushort * _BUFFER_LETTERS)()
        self.is_form = document.get_formtype() != raw.FORMTYPE_NONE
        self._own = self._form = None
        if self.is_form and is_drawn:
            document.init_forms()
            self._form = document.formenv.raw if document.formenv else None
        elif self.is_form:
            self._settings = raw.FPDF_FORMFILLINFO(version=2)  # kept: pdfium looks at it until it is closed
            self._own = self._form = raw.FPDFDOC_InitFormFillEnvironment(document.raw, self._settings)

    def close(self) -> None:
        """Lets go of the form, before the document is closed."""
        if self._own:
            self._raw.FPDFDOC_ExitFormFillEnvironment(self._own)
        self._own = self._form = None

    def take(self, page: Any) -> tuple[Entry, ...]:
        """Reads the fields on an open page.

        Returns:
            What is filled in on it, each where it stands.
        """
        frame = frame_of(page) if self._form else None
        return tuple(self._entries(page.raw, frame)) if frame else ()

    def _entries(self, page: Any, frame: Frame) -> Iterator[Entry]:
        raw = self._raw
        for index in range(raw.FPDFPage_GetAnnotCount(page)):
            if len(self.found) >= MAX_FIELDS:
                return
            annotation = raw.FPDFPage_GetAnnot(page, index)
            try:
                if annotation and raw.FPDFAnnot_GetSubtype(annotation) == raw.FPDF_ANNOT_WIDGET:
                    yield from self._taken(annotation, frame)
            finally:
                raw.FPDFPage_CloseAnnot(annotation)

    def _taken(self, annotation: Any, frame: Frame) -> Iterator[Entry]:
        raw, form = self._raw, self._form
        kind = raw.FPDFAnnot_GetFormFieldType(form, annotation)
        is_checkbox = kind in (raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON)
        name = self._text(raw.FPDFAnnot_GetFormFieldName, form, annotation)
        value = (
            self._meant(annotation) if is_checkbox else self._text(raw.FPDFAnnot_GetFormFieldValue, form, annotation)
        )
        if name:
            self._keep(name, value, annotation)
        if kind in (raw.FPDF_FORMFIELD_UNKNOWN, raw.FPDF_FORMFIELD_PUSHBUTTON):
            return
        shown = self._mark(annotation) if is_checkbox else " ".join(value.split())
        if not shown or self._is_secret(annotation, is_checkbox):
            return
        rectangle = raw.FS_RECTF()
        if not raw.FPDFAnnot_GetRect(annotation, rectangle):
            return
        box = frame.box((rectangle.left, rectangle.bottom, rectangle.right, rectangle.top))
        tooltip = self._text(raw.FPDFAnnot_GetFormFieldAlternateName, form, annotation)
        yield Entry(Word(shown, box), name.strip(), tooltip.strip(), is_checkbox)

    def _keep(self, name: str, value: str, annotation: Any) -> None:
        value = value[:MAX_VALUE_CHARS]
        if name not in self.found:
            tooltip = self._text(self._raw.FPDFAnnot_GetFormFieldAlternateName, self._form, annotation)
            self.found[name] = Field(name, tooltip, value)
        elif value and not self.found[name].value:  # the other buttons of a group
            self.found[name] = Field(name, self.found[name].tooltip, value)

    def _meant(self, annotation: Any) -> str:
        """What a box is told to mean, whatever of it is drawn."""
        told = self._text(self._raw.FPDFAnnot_GetStringValue, annotation, b"V")
        if told:
            return told
        value = self._text(self._raw.FPDFAnnot_GetFormFieldValue, self._form, annotation)
        return "" if value == _OFF else value

    def _mark(self, annotation: Any) -> str:
        state = self._text(self._raw.FPDFAnnot_GetStringValue, annotation, b"AS")
        return "X" if state not in ("", _OFF) else ""

    def _is_secret(self, annotation: Any, is_checkbox: bool) -> bool:
        return not is_checkbox and bool(self._raw.FPDFAnnot_GetFormFieldFlags(self._form, annotation) & _PASSWORD)

    def _text(self, function: Any, *arguments: Any) -> str:
        """What a function of pdfium writes as UTF-16 with two bytes of nul behind."""
        buffer = self._buffer
        size = function(*arguments, buffer, 2 * _BUFFER_LETTERS)
        if size > 2 * _BUFFER_LETTERS:
            buffer = (ctypes.c_ushort * (size // 2))()
            function(*arguments, buffer, size)
        return ctypes.string_at(buffer, max(0, size - 2)).decode("utf-16-le", "replace")
