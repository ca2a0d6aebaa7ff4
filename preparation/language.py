"""The language that a text is written in."""

from functools import cache, lru_cache
from typing import Any

MIN_LETTERS = 20  # shorter texts are told wrongly more often than rightly
MAX_CHARS = 900  # the time grows with the length, 0.1 ms a kilobyte; of 308 texts 307 are told as by 6,000
_SLICES = 3  # of a longer text: its beginning may be a menu or a form, and all in capitals
_NO_LANGUAGE = "zxx"


def language_of(text: str) -> str | None:
    """The ISO 639-1 code of the language of `text`, or None where there is too little prose to tell.

    The first call that needs it loads the model: 1.6 s and 137 MB.
    """
    return _language_of(_sample(text))


def _sample(text: str) -> str:
    if len(text) <= MAX_CHARS:
        return text
    size, step = MAX_CHARS // _SLICES, len(text) // _SLICES
    return "\n".join(text[start : start + size] for start in range(0, step * _SLICES, step))


@lru_cache(maxsize=4)  # a blob asks for its row of facts, and for itself
def _language_of(sample: str) -> str | None:
    if sum(map(str.isalpha, sample)) < MIN_LETTERS:
        return None
    code = str(_identifier().classify(sample)[0])
    return None if code == _NO_LANGUAGE else code


@cache
def _identifier() -> Any:
    import py3langid

    return py3langid
