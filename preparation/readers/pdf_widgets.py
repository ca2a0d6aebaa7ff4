"""The fields of a PDF's form as they stand on its pages, read by pdfium while the pages are open."""

import ctypes
import logging
from typing import Any

from preparation.readers.pdf_fields import MAX_FIELDS, MAX_VALUE_CHARS, Field

_OFF = "Off"


class Widgets:
    """Takes the fields of each page that is shown to it.

    pypdf needs three times as long, for it parses every object that the form leads to; but it finds fields that are on
    no page, and so reads what nothing is found of here.

    Args:
        document: The document, of which no page is open yet.
    """

    def __init__(self, document: Any) -> None:
        import pypdfium2

        logging.getLogger("pypdfium2").setLevel(logging.CRITICAL)  # it warns of XFA, whose fields are read all the same
        self._raw = pypdfium2.raw
        self.found: dict[str, Field] = {}
        self._form = None
        self.is_form = document.get_formtype() != self._raw.FORMTYPE_NONE
        if self.is_form:
            document.init_forms()
            self._form = document.formenv.raw if document.formenv else None

    def take(self, page: Any) -> None:
        """Reads the fields on an open page."""
        if self._form is None:
            return
        for index in range(self._raw.FPDFPage_GetAnnotCount(page.raw)):
            if len(self.found) >= MAX_FIELDS:
                return
            annotation = self._raw.FPDFPage_GetAnnot(page.raw, index)
            try:
                if annotation and self._raw.FPDFAnnot_GetSubtype(annotation) == self._raw.FPDF_ANNOT_WIDGET:
                    self._take(annotation)
            finally:
                self._raw.FPDFPage_CloseAnnot(annotation)

    def _take(self, annotation: Any) -> None:
        name = _text(self._raw.FPDFAnnot_GetFormFieldName, self._form, annotation)
        if not name:
            return
        value = self._value(annotation)
        if name not in self.found:
            tooltip = _text(self._raw.FPDFAnnot_GetFormFieldAlternateName, self._form, annotation)
            self.found[name] = Field(name, tooltip, value)
        elif value and not self.found[name].value:  # the other buttons of a group
            self.found[name] = Field(name, self.found[name].tooltip, value)

    def _value(self, annotation: Any) -> str:
        """What is filled in; of a box what it is told to mean, whatever of it is drawn."""
        value = _text(self._raw.FPDFAnnot_GetFormFieldValue, self._form, annotation)
        if self._raw.FPDFAnnot_GetFormFieldType(self._form, annotation) in (
            self._raw.FPDF_FORMFIELD_CHECKBOX,
            self._raw.FPDF_FORMFIELD_RADIOBUTTON,
        ):
            told = _text(self._raw.FPDFAnnot_GetStringValue, annotation, b"V")
            value = told or ("" if value == _OFF else value)
        return value[:MAX_VALUE_CHARS]


def _text(function: Any, *arguments: Any) -> str:
    """What a function of pdfium writes as UTF-16 with two bytes of nul behind."""
    size = function(*arguments, None, 0)
    if size <= 2:  # noqa: PLR2004
        return ""
    buffer = ctypes.create_string_buffer(size)
    function(*arguments, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace")
