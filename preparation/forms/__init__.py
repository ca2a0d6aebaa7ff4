"""Forms: which one a text is, and what was filled in where."""

from preparation.forms.definitions import FormBook, FormDefinition, load_forms
from preparation.forms.found import FoundField
from preparation.forms.pages import sheets_of
from preparation.forms.reading import Reading, read_form
from preparation.forms.recognition import Form, form_of
from preparation.forms.values import PERSONAL, Kind, amount_of

__all__ = [
    "PERSONAL",
    "Form",
    "FormBook",
    "FormDefinition",
    "FoundField",
    "Kind",
    "Reading",
    "amount_of",
    "form_of",
    "load_forms",
    "read_form",
    "sheets_of",
]
