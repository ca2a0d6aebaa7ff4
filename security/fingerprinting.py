"""One spelling for equal values of a class, so that their fingerprints are equal however they were written."""

import re
import unicodedata
from collections.abc import Callable

from core.dataset import PersonalData

_SEPARATORS = re.compile(r"[\W_]+")
_BLANKS = re.compile(r"\s+")
_EXTENSION = re.compile(r"(?i)\s*(?:x|ext\.?|extension)\s*\d+\s*$")
_ADDRESS_IN_BRACKETS = re.compile(r"^[^<>]*<([^<>@\s]+@[^<>\s]+)>\s*$")
_YEAR_FIRST = re.compile(r"^(\d{4})[-/.]?(\d{1,2})[-/.]?(\d{1,2})(?:[T ].*)?$")
_YEAR_LAST = re.compile(r"^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})$")
_NORTH_AMERICAN_DIGITS = 11  # with the 1 before the area code
_MONTHS = 12


def canonical(value: str, personal: PersonalData | None) -> str:
    """The value as every equal value of its class is written; without a class, the value itself."""
    spell = _SPELLINGS.get(personal) if personal else None
    return spell(unicodedata.normalize("NFKC", value).strip()) if spell else value


def _digits(at_least: int) -> Callable[[str], str]:
    """Only the digits, where there are enough for a whole number of the class: else letters and digits."""

    def spelled(value: str) -> str:
        digits = re.sub(r"\D", "", value)
        return digits if len(digits) >= at_least else _code(value)

    return spelled


def _phone(value: str) -> str:
    digits = _digits(7)(_EXTENSION.sub("", value))
    return digits[1:] if len(digits) == _NORTH_AMERICAN_DIGITS and digits[0] == "1" else digits


def _code(value: str) -> str:
    """Letters and digits in lower case; signs only where there is nothing else, so that ``***-1120`` is no ``1120``."""
    return value.casefold() if "*" in value else _SEPARATORS.sub("", value).casefold() or value


def _email(value: str) -> str:
    inside = _ADDRESS_IN_BRACKETS.match(value)
    return (inside[1] if inside else value).casefold()


def _name(value: str) -> str:
    last, comma, first = value.partition(",")
    ordered = f"{first} {last}" if comma and "," not in first else value
    return _BLANKS.sub(" ", ordered.replace(".", " ")).strip().casefold()


def _address(value: str) -> str:
    return _SEPARATORS.sub(" ", value).strip().casefold()


def _date(value: str) -> str:
    """ISO 8601; of two numbers before a year the first is the month, unless points part them or it cannot be one."""
    year_first = _YEAR_FIRST.match(value)
    if year_first:
        return f"{year_first[1]}-{int(year_first[2]):02}-{int(year_first[3]):02}"
    year_last = _YEAR_LAST.match(value)
    if not year_last:
        return value
    month, day = int(year_last[1]), int(year_last[3])
    if year_last[2] == "." or month > _MONTHS:
        month, day = day, month
    return f"{year_last[4]}-{month:02}-{day:02}"


_SPELLINGS: dict[PersonalData, Callable[[str], str]] = {
    PersonalData.SSN: _digits(9),
    PersonalData.CARD: _digits(12),
    PersonalData.PHONE: _phone,
    PersonalData.TAX_ID: _code,
    PersonalData.MEMBER_ID: _code,
    PersonalData.ACCOUNT: _code,
    PersonalData.EMAIL: _email,
    PersonalData.PERSON_NAME: _name,
    PersonalData.ADDRESS: _address,
    PersonalData.BIRTH_DATE: _date,
}
