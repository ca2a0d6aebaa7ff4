"""Personal data inside prose, by its written form: what security masks, and extraction marks.

Only clear forms count, for a number that merely could be one is more often something else: of the digit runs in server
logs one in ten passes Luhn. Numbers with a check digit are checked; numbers that others look like need a label before.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MAX_TEXT_CHARS = 1_000_000
MAX_SPANS = 10_000

EMAIL = r"([A-Za-z0-9])[A-Za-z0-9._%+-]*@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,})"
SSN = r"[0-9]{3}-[0-9]{2}-([0-9]{4})"
_EXTENSION = r"(?: ?(?:x|ext\.?) ?[0-9]{1,6})?"
PHONES = (
    r"(?:\+?1[ .-]?)?\([0-9]{3}\) ?[0-9]{3}[ .-][0-9]{2}([0-9]{2})" + _EXTENSION,
    r"(?:\+?1[ .-])?(?:[0-9]{3}-[0-9]{3}-|[0-9]{3}\.[0-9]{3}\.)[0-9]{2}([0-9]{2})" + _EXTENSION,
    r"\+[1-9][0-9]{0,2}(?:[ .-]?\(?[0-9]{2,4}\)?){2,4}[ .-]?[0-9]{1,2}([0-9]{2})" + _EXTENSION,
)
# What stands before is looked at after the first character: a pattern that begins with a set is looked for three times
# as fast (35 against 11 ns a character of prose) as one that begins with a look behind.
CARD = re.compile(
    r"[2-6](?<![\w.+/-][2-6])"
    r"(?:\d{3}([ -])\d{4}\1\d{4}\1\d{4}|(?<=3)[47]\d{2}([ -])\d{6}\2\d{5}|\d{12,15})(?![\w/-])"
)
IBAN = re.compile(r"[A-Z](?<![\w-][A-Z])[A-Z]\d{2}(?: ?[A-Z0-9]){11,30}(?![\w-])")
_ISSUERS = re.compile(r"4|5[1-5]|2[2-7]|3[0-9]|6")
_IBAN_CHARS = range(34, 14, -1)
_NPI_PREFIX = "80840"  # of health applications in the United States; the check digit is counted with it

_ALONE, _AFTER = r"(?<![0-9A-Za-z.+-])", r"(?![0-9A-Za-z])"
_NOT_EIN = "00|07|08|09|17|18|19|28|29|49|69|70|78|79|89|96|97"  # prefixes that the IRS has not given out
_DATE = (
    r"\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2,4}|\d{4}-\d\d-\d\d"
    r"|[A-Z][a-z]{2,8}\.? \d{1,2},? \d{4}|\d{1,2}\.? [A-Z][a-z]{2,8} \d{4}"
)
_APOSTROPHE = "['\u2019]"
_GIVEN = r"[A-Z][\w'\u2019-]{1,30}"
_FURTHER = r"[A-Z][\w.'\u2019-]{0,30}"
_FULL_NAME = rf"{_GIVEN}(?:,? {_FURTHER}){{1,3}}"
_PERSONS = (
    "patient|insured|member|subscriber|claimant|policy ?holder|guarantor|taxpayer|beneficiary|employee|applicant|"
    "cardholder|account holder|spouse|dependent|customer|attending physician|contact"
)
_NOBODY = frozenset(
    re.findall(
        r"\w+",
        """
        sir madam sirs customer customers all team colleague colleagues friend friends member members patient name
        hiring manager everyone reader folks valued date number id address information
        """,
    )
)


@dataclass(frozen=True, slots=True)
class Span:
    """Where something personal stands in a text.

    Attributes:
        kind: ``ssn``, ``tax_id``, ``card``, ``account``, ``npi``, ``phone``, ``email``, ``birth_date`` or
            ``person_name``.
        start: Its first character, from 0.
        end: The character after its last.
    """

    kind: str
    start: int
    end: int


def passes_luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of those before it."""
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(map(int, digits[-1::-2]))) % 10 == 0


def is_card(number: str) -> bool:
    """Whether a find of `CARD` is a card's number: of an issuer, with its check digit."""
    digits = re.sub(r"[ -]", "", number)
    return bool(_ISSUERS.match(digits)) and passes_luhn(digits)


def iban_length(found: str) -> int | None:
    """How much of a find of `IBAN` is one, by its check digits; upper-case words after it were taken for a part."""
    ends = [place + 1 for place, character in enumerate(found) if character != " "]
    for length in _IBAN_CHARS:
        if length > len(ends) or found[ends[length - 1] :][:1].isalnum():
            continue
        number = found[: ends[length - 1]].replace(" ", "")
        if int("".join(str(int(character, 36)) for character in number[4:] + number[:4])) % 97 == 1:
            return ends[length - 1]
    return None


def personal_spans(text: str) -> tuple[Span, ...]:
    """What is personal in a text, in order; of two that overlap the one that says more."""
    taken: list[Span] = []
    for finder in _FINDERS:
        for span in finder(text[:MAX_TEXT_CHARS]):
            if len(taken) >= MAX_SPANS:
                break
            taken.append(span)
    return tuple(_apart(taken))


def _apart(spans: list[Span]) -> list[Span]:
    """The spans in order of their start; finders that come first have the first word."""
    kept: list[Span] = []
    last_end = 0
    order = {id(span): rank for rank, span in enumerate(spans)}
    for span in sorted(spans, key=lambda each: (each.start, order[id(each)])):
        if span.start < last_end:
            if kept and order[id(span)] < order[id(kept[-1])]:
                kept[-1], last_end = span, span.end
            continue
        kept.append(span)
        last_end = span.end
    return kept


def _by_pattern(kind: str, pattern: str, flags: int = 0) -> Callable[[str], Iterator[Span]]:
    """A finder of what a pattern finds: its group `v`, where it has one."""
    compiled = re.compile(pattern, flags)
    group = "v" if "v" in compiled.groupindex else 0

    def found(text: str) -> Iterator[Span]:
        return (Span(kind, *match.span(group)) for match in compiled.finditer(text))

    return found


def _cards(text: str) -> Iterator[Span]:
    return (Span("card", *found.span()) for found in CARD.finditer(text) if is_card(found.group()))


def _ibans(text: str) -> Iterator[Span]:
    for found in IBAN.finditer(text):
        length = iban_length(found.group())
        if length:
            yield Span("account", found.start(), found.start() + length)


_NPI = re.compile(r"(?i)\bNPI\b[^\d\n]{0,30}(?P<v>[12]\d{9})(?!\d)")


def _npis(text: str) -> Iterator[Span]:
    return (Span("npi", *found.span("v")) for found in _NPI.finditer(text) if passes_luhn(_NPI_PREFIX + found["v"]))


_NAMED = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?i:\b(?:{_PERSONS})(?:{_APOSTROPHE}s)?(?: (?:full )?name)?)[ \t]*:[ \t]*(?P<v>{_FULL_NAME})",
        rf"(?i:(?:^|\n)[ \t]*(?:full )?name)[ \t]*:[ \t]*(?P<v>{_FULL_NAME})",
        rf"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herr|Frau|Sra?)\.? (?P<v>{_GIVEN}(?: {_FURTHER}){{0,2}})",
        rf"(?:^|\n)[ \t]*(?:Dear|Hi|Hello) (?P<v>{_GIVEN}(?: {_GIVEN})?)[ \t]*[,:!]",
    )
)


def _names(text: str) -> Iterator[Span]:
    for pattern in _NAMED:
        for found in pattern.finditer(text):
            if not _NOBODY & set(re.findall(r"\w+", found["v"].lower())):
                yield Span("person_name", *found.span("v"))


_FINDERS: tuple[Callable[[str], Iterator[Span]], ...] = (
    _by_pattern("email", r"(?<![A-Za-z0-9._%+-])" + EMAIL),  # a long run without an @ is looked through once
    _ibans,
    _cards,
    _npis,
    _by_pattern("tax_id", _ALONE + r"9\d\d-(?:[5-8]\d|9[0-24-9])-\d{4}" + _AFTER),  # an ITIN, of the form of an SSN
    _by_pattern("ssn", _ALONE + SSN + _AFTER),
    _by_pattern("tax_id", _ALONE + rf"(?!{_NOT_EIN})\d\d-\d{{7}}(?![\d-])"),
    *(_by_pattern("phone", _ALONE + phone + _AFTER) for phone in PHONES),
    _by_pattern(
        "birth_date",
        rf"(?i:\b(?:date of birth|birth ?date|d\.?o\.?b\.?|born(?: on)?|geburtsdatum|geboren am|fecha de nacimiento)"
        rf"\b\.?)[^\w\n]{{0,12}}(?P<v>{_DATE})(?!\d)",
    ),
    _names,
)
