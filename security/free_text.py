"""Personal data inside prose: found by the forms of `core.personal_text` and masked in place, whole columns at once."""

import re
from collections.abc import Callable

import polars as pl

from core.personal_text import CARD, EMAIL, IBAN, PHONES, SSN, iban_length, is_card

_BEFORE = r"(^|[^0-9A-Za-z.+-])"  # no lookbehind in Polars: the character before is kept as a group
_AFTER = r"(?-u:\b)"  # takes no character, so that two numbers side by side are both found
_SSN = _BEFORE + SSN + _AFTER
_PHONES = tuple(_BEFORE + phone + _AFTER for phone in PHONES)
_MAYBE_CARD = r"[2-6][0-9]{3}[ -]?[0-9]{4,6}[ -]?[0-9]{4,5}"
_MAYBE_IBAN = r"[A-Z]{2}[0-9]{2} ?[A-Z0-9]{4} ?[A-Z0-9]{4} ?[A-Z0-9]{3}"
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
    (EMAIL, "${1}***@${2}", "@"),
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
    return CARD.sub(lambda found: _card_masked(found.group()), text)


def _json_cards_masked(text: str) -> str:
    return _JSON_TOKEN.sub(lambda found: _token_masked(found.group()), text)


def _token_masked(token: str) -> str:
    masked = _cards_masked(token)
    return masked if token.startswith('"') or masked == token else f'"{masked}"'


def _card_masked(number: str) -> str:
    return f"**** **** **** {re.sub(r'[ -]', '', number)[-_LAST_FOUR:]}" if is_card(number) else number


def _ibans_masked(text: str) -> str:
    return IBAN.sub(lambda found: _iban_masked(found.group()), text)


def _iban_masked(found: str) -> str:
    """Masks an IBAN at the start of the find."""
    length = iban_length(found)
    if length is None:
        return found
    number = found[:length].replace(" ", "")
    return f"{number[:2]}** **** {number[-_LAST_FOUR:]}" + found[length:]
