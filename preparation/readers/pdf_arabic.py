"""Arabic as pdfium gives it: the ligature of lam and alef comes with its two letters the wrong way round."""

import re
from typing import Any

_ARABIC = re.compile("[\u0620-\u06ff]")
_ALEF_LAM = re.compile("[\u0622\u0623\u0625\u0627]\u0644")
_ATTACHED = re.compile("(?<=[\u0620-\u06d3])(?=[A-Za-z])|(?<=[A-Za-z])(?=[\u0620-\u06d3])")


def mended(text: str, text_page: Any) -> str:
    """The text of a page with lam before alef where both are one sign, and blanks between Arabic and Latin words.

    Alef before lam is how most nouns begin, so only the place on the page tells: the letters of a ligature have the
    same box.

    Args:
        text: All characters of the page.
        text_page: The page, of pypdfium2.
    """
    if not _ARABIC.search(text):
        return text
    if len(text) == text_page.count_chars():  # a character beyond the basic plane would move the places of the others
        letters = list(text)
        for pair in _ALEF_LAM.finditer(text):
            at = pair.start()
            if text_page.get_charbox(at) == text_page.get_charbox(at + 1):
                letters[at], letters[at + 1] = letters[at + 1], letters[at]
        text = "".join(letters)
    return _ATTACHED.sub(" ", text)
