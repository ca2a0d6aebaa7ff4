"""Forms known by what is printed on them: tax forms, claim forms, certificates of insurance."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from preparation.forms.definitions import FormBook, FormDefinition, load_forms
from preparation.forms.marks import Mark, Sighting

_HEAD_CHARS = 12_000
_NEEDED, _SURE = 3.0, 6.0
_MAX_PAGES_OF_PROSE = 12  # a longer text that bears the marks writes about forms


@dataclass(frozen=True, slots=True)
class Form:
    """A form that a text is.

    Attributes:
        dataset: Where it belongs.
        name: The form's name: ``W-2``, ``1040``, ``CMS-1500``; or "".
        year: The tax year printed on it, or None.
        why: The marks that told, in words.
        definition: What its data file says of it; for a form that nobody described, what forms of its
            dataset have in common.
    """

    dataset: str
    name: str
    year: int | None
    why: str
    definition: FormDefinition | None = None


_TAX, _BILL, _CLAIM = "tax_form", "medical_bill", "insurance_claim"
_STRONG = 1.5
_SHOWN = 4
_ONE_FORM = 1.5
_NAMES = {
    _TAX: re.compile(
        r"\bform\s+(W-?2(?:\s?G)?|W-?[3-9]|1040(?:-?(?:SR|NR|ES|X|V))?|1099-?[A-Z]{0,5}|1098-?[A-Z]?|[0-9]{3,4}(?:-[A-Z]{1,3})?|"
        r"[A-Z]{2}-\d{2,4}[A-Z]?)\b|\b([A-Z]{2,3}[- ]?\d{3,4})\b",
        re.I,
    ),
    _BILL: re.compile(r"\b(CMS-?1500|HCFA-?1500|UB-?04|CMS-?1450)\b", re.I),
    _CLAIM: re.compile(r"\b(ACORD\s*\d{1,3})\b", re.I),
}
_YEAR = re.compile(
    r"(?:tax(?:able)?\s+year|calendar\s+year|return)\D{0,20}(20\d\d)|\b(20\d\d)\s+form\b|form\s+\S+\s+(20\d\d)\b",
    re.I,
)
_RUNNING = re.compile(r"[a-z]{3,} [a-z]{2,} [a-z]{2,}")
_PAPER = re.compile(r"\b(?:abstract|introduction|references|chapter|dear\s+(?:sir|mr|ms|mrs))\b", re.I)
_LONG_LINE_WORDS = 12
_MOST, _MUCH = 0.75, 0.4
_ANY_YEAR = re.compile(r"\b(20[0-4]\d)\b")
_DATED = re.compile(r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? (?:\d{1,2}, )?20\d\d", re.I)


def form_of(text: str, book: FormBook | None = None, *, pages: int | None = None) -> Form | None:
    """The form that a text is, or None; a paper that only writes about forms is none."""
    if (pages or 0) > _MAX_PAGES_OF_PROSE:
        return None
    head = text[:_HEAD_CHARS]
    lowered = head.lower()
    book = book or load_forms()
    strong, weak = _by_strength(book)
    found = _found(strong, head, lowered)
    if not found:
        return None
    found += _found(weak, head, lowered)
    scores: dict[str, float] = {}
    told = _told_apart(found)
    for each in told:
        scores[each.mark.dataset] = scores.get(each.mark.dataset, 0.0) + each.mark.weight
    dataset = max(scores, key=lambda name: scores[name])
    own = [each for each in told if each.mark.dataset == dataset]
    if scores[dataset] < _NEEDED or not any(each.mark.weight >= _STRONG for each in own):
        return None
    if scores[dataset] < _SURE and _is_about_forms(head):
        return None
    shown = ", ".join(f"“{' '.join(each.words.split())}”" for each in own[:_SHOWN])
    definition = _definition(book, dataset, {each.mark for each in found})
    name = definition.name if definition else _name(dataset, head)
    why = f"a form by what is printed on it: {shown}"
    return Form(dataset, name, _year(head), why, definition or book.general.get(dataset))


@lru_cache(maxsize=2)
def _by_strength(book: FormBook) -> tuple[tuple[Mark, ...], tuple[Mark, ...]]:
    strong = tuple(mark for mark in book.all_marks if mark.weight >= _STRONG)
    return strong, tuple(mark for mark in book.all_marks if mark.weight < _STRONG)


def _found(marks: Sequence[Mark], head: str, lowered: str) -> list[Sighting]:
    return [sighting for mark in marks if (sighting := mark.search(head, lowered))]


def _told_apart(found: Sequence[Sighting]) -> list[Sighting]:
    """The weightiest first, and of those that found the same words for one dataset only that: words speak once."""
    told: list[Sighting] = []
    for each in sorted(found, key=lambda sighting: -sighting.mark.weight):
        if not any(
            each.start < other.end and other.start < each.end
            for other in told
            if other.mark.dataset == each.mark.dataset
        ):
            told.append(each)
    return told


def _definition(book: FormBook, dataset: str, found: Collection[Mark]) -> FormDefinition | None:
    """The form of which most was found; the more particular one where two have as much."""
    scores = {
        form: sum(mark.weight for mark in form.marks if mark in found) for form in book.forms if form.dataset == dataset
    }
    best = max(scores, key=lambda form: scores[form], default=None)
    return best if best and scores[best] >= _ONE_FORM else None


def _is_about_forms(head: str) -> bool:
    """Whether most of it is running prose: long lines that end in full stops, as papers and instructions have."""
    lines = [line.strip() for line in head.splitlines() if line.strip()]
    if not lines:
        return False
    prose = sum(len(line) for line in lines if len(line.split()) >= _LONG_LINE_WORDS and _RUNNING.search(line))
    share = prose / sum(map(len, lines))
    return share > _MOST or (share > _MUCH and bool(_PAPER.search(head[:2000])))


def _name(dataset: str, head: str) -> str:
    pattern = _NAMES.get(dataset)  # a dataset of the user's has forms of the user's, which have names
    match = pattern.search(head) if pattern else None
    return next((group.upper() for group in match.groups() if group), "") if match else ""


def _year(head: str) -> int | None:
    match = _YEAR.search(head) or _ANY_YEAR.search(_DATED.sub("", head[:1500]))
    return int(next(group for group in match.groups() if group)) if match else None
