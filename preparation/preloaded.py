"""What the server that workers are forked from loads once, for all of them to share; imported there and nowhere else.

The model of languages takes 0.4 s and 137 MB, which each worker would spend on its first document, and count as grown.
libmagic is looked for by running a compiler, which a worker may not. No model of OCR or speech is loaded here: they
start threads, which a fork does not survive, and most workers need none.
"""

from pathlib import Path

from preparation import worker
from preparation.binary_kinds import media_type_of
from preparation.language import language_of

__all__ = ["worker"]

language_of("It is a truth universally acknowledged that a model is loaded by its first question.")
media_type_of(Path(__file__))
