"""Personal data inside prose: found by its written form and masked in place.

Only clear forms are masked, for a number that merely could be one is more often something else: of the digit runs in
server logs one in ten passes Luhn. Numbers with a check digit are checked.
"""

import re
from collections.abc import Callable

import polars as pl

_EMAIL = r"([A-Za-z0-9])[A-Za-z0-9._%+-]*@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,})"
_BEFORE = r"(^|[^0-9A-Za-z.+-])"  # no lookbehind in Polars: the character before is kept as a group
_AFTER = r"(?-u:\b)"  # takes no character, so that two numbers side by side are both found
_EXTENSION = r"(?: ?(?:x|ext\.?) ?[0-9]{1,6})?"
_SSN = _BEFORE + r"[0-9]{3}-[0-9]{2}-([0-9]{4})" + _AFTER
_PHONES = (
    _BEFORE + r"(?:\+?1[ .-]?)?\([0-9]{3}\) ?[0-9]{3}[ .-][0-9]{2}([0-9]{2})" + _EXTENSION + _AFTER,
    _BEFORE + r"(?:\+?1[ .-])?(?:[0-9]{3}-[0-9]{3}-|[0-9]{3}\.[0-9]{3}\.)[0-9]{2}([0-9]{2})" + _EXTENSION + _AFTER,
    _BEFORE + r"\+[1-9][0-9]{0,2}(?:[ .-]?\(?[0-9]{2,4}\)?){2,4}[ .-]?[0-9]{1,2}([0-9]{2})" + _EXTENSION + _AFTER,
)
_MAYBE_CARD = r"[2-6][0-9]{3}[ -]?[0-9]{4,6}[ -]?[0-9]{4,5}"
_MAYBE_IBAN = r"[A-Z]{2}[0-9]{2} ?[A-Z0-9]{4} ?[A-Z0-9]{4} ?[A-Z0-9]{3}"
_CARD = re.compile(
    r"(?<![\w.+/-])(?:[2-6]\d{3}([ -])\d{4}\1\d{4}\1\d{4}|3[47]\d{2}([ -])\d{6}\2\d{5}|[2-6]\d{12,15})(?![\w/-])"
)
_IBAN = re.compile(r"(?<![\w-])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?![\w-])")
_ISSUERS = re.compile(r"4|5[1-5]|2[2-7]|3[0-9]|6")
_IBAN_CHARS = range(34, 14, -1)
_LAST_FOUR = 4
_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d+')

_Replaced = tuple[str, str, str | None]  # pattern, what takes its place, a literal that every find has


def _in_json(pattern: str) -> str:
    """The pattern for JSON texts: an escape such as ``\\n`` may stand before the find, and stays whole."""
    if pattern.startswith(_BEFORE):
        return r"(^|[^0-9A-Za-z.+\\-]|\\(?:u[0-9A-Fa-f]{4}|[^u]))" + pattern.removeprefix(_BEFORE)
    return pattern.replace("(", r"((?:\\(?:u[0-9A-Fa-f]{4}|[^u]))?", 1)


def mask_text(texts: pl.Series) -> pl.Series:
    """The texts with what looks like an e-mail, SSN, phone, card or IBAN masked; untouched ones are not copied."""
    return _masked(texts, _REPLACED, _cards_masked)


def mask_json_text(texts: pl.Series) -> pl.Series:
    """As `mask_text`, of JSON texts, which stay valid: escapes are no part of a find, a masked number is a string."""
    return _masked(texts, _REPLACED_IN_JSON, _json_cards_masked)


def _masked(texts: pl.Series, replaced: tuple[_Replaced, ...], cards_masked: Callable[[str], str]) -> pl.Series:
    frame = texts.to_frame("text")
    for pattern, into, literal in replaced:
        frame = _replaced(frame, pattern, into, literal)
    for coarse, masked in ((_MAYBE_CARD, cards_masked), (_MAYBE_IBAN, _ibans_masked)):
        suspects = frame["text"].str.contains(coarse).fill_null(value=False)
        if suspects.any():
            found = frame["text"].filter(suspects)
            mended = pl.Series([masked(text) for text in found.to_list()], dtype=pl.String)
            frame = frame.with_columns(text=frame["text"].scatter(suspects.arg_true(), mended))
    return frame["text"].alias(texts.name)


_REPLACED: tuple[_Replaced, ...] = (
    (_EMAIL, "${1}***@${2}", "@"),
    (_SSN, "${1}***-**-${2}", None),
    *((pattern, "${1}***-***-**${2}", None) for pattern in _PHONES),
)
_REPLACED_IN_JSON: tuple[_Replaced, ...] = tuple(
    (_in_json(pattern), into, literal) for pattern, into, literal in _REPLACED
)


def _replaced(frame: pl.DataFrame, pattern: str, into: str, literal: str | None) -> pl.DataFrame:
    """Replaces the pattern where it occurs, looking first for a literal that every match has."""
    text = frame["text"]
    if literal is not None and not text.str.contains(literal, literal=True).any():
        return frame
    if not text.str.contains(pattern).any():
        return frame
    return frame.with_columns(pl.col("text").str.replace_all(pattern, into))


def _cards_masked(text: str) -> str:
    return _CARD.sub(lambda found: _card_masked(found.group()), text)


def _json_cards_masked(text: str) -> str:
    return _JSON_TOKEN.sub(lambda found: _token_masked(found.group()), text)


def _token_masked(token: str) -> str:
    masked = _cards_masked(token)
    return masked if token.startswith('"') or masked == token else f'"{masked}"'


def _card_masked(number: str) -> str:
    digits = re.sub(r"[ -]", "", number)
    return f"**** **** **** {digits[-_LAST_FOUR:]}" if _ISSUERS.match(digits) and _passes_luhn(digits) else number


def _passes_luhn(digits: str) -> bool:
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(map(int, digits[-1::-2]))) % 10 == 0


def _ibans_masked(text: str) -> str:
    return _IBAN.sub(lambda found: _iban_masked(found.group()), text)


def _iban_masked(found: str) -> str:
    """Masks an IBAN at the start of the find; upper-case words after it were taken for a part of it."""
    ends = [place + 1 for place, character in enumerate(found) if character != " "]
    for length in _IBAN_CHARS:
        if length > len(ends) or found[ends[length - 1] :][:1].isalnum():
            continue
        number = found[: ends[length - 1]].replace(" ", "")
        if int("".join(str(int(character, 36)) for character in number[4:] + number[:4])) % 97 == 1:
            return f"{number[:2]}** **** {number[-_LAST_FOUR:]}" + found[ends[length - 1] :]
    return found
