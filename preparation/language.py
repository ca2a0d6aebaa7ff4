"""The language that a text is written in."""

from functools import cache
from typing import Any

MIN_LETTERS = 20  # shorter texts are told wrongly more often than rightly
MAX_CHARS = 20_000  # enough to be sure; the time grows with the length
_NO_LANGUAGE = "zxx"


def language_of(text: str) -> str | None:
    """The ISO 639-1 code of the language of `text`, or None where there is too little prose to tell.

    The first call that needs it loads the model: 1.6 s and 137 MB.
    """
    sample = text[:MAX_CHARS]
    if sum(map(str.isalpha, sample)) < MIN_LETTERS:
        return None
    code = str(_identifier().classify(sample)[0])
    return None if code == _NO_LANGUAGE else code


@cache
def _identifier() -> Any:
    import py3langid

    return py3langid
