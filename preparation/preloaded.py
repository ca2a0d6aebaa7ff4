"""What the server that workers are forked from loads once, for all of them to share; imported there and nowhere else.

The model of languages takes 0.4 s and 137 MB, which each worker would spend on its first document, and count as grown.
libmagic is looked for by running a compiler, which a worker may not. The readers of what most folders hold, with the
libraries that they load late, take 0.3 s, which each worker would spend anew. No model of OCR or speech is loaded here,
nor the readers of logs: they start threads, which a fork does not survive.
"""

from importlib import import_module
from pathlib import Path

from preparation import worker
from preparation.binary_kinds import media_type_of
from preparation.language import language_of

__all__ = ["worker"]

_READERS = (
    "archives delimited epub json_records mail markup media office open_document slides spreadsheets word xml_records"
)
_LATE = ("av", "pillow_heif", "tinytag")

for _module in (*(f"preparation.readers.{name}" for name in _READERS.split()), *_LATE):
    import_module(_module)
language_of("It is a truth universally acknowledged that a model is loaded by its first question.")
media_type_of(Path(__file__))
