"""Forms known by what is printed on them: tax forms, claim forms, certificates of insurance."""

import re
from dataclasses import dataclass

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
    """

    dataset: str
    name: str
    year: int | None
    why: str


@dataclass(frozen=True, slots=True)
class _Mark:
    dataset: str
    weight: float
    pattern: re.Pattern[str]


def _marks(dataset: str, *weighted: tuple[float, str]) -> tuple[_Mark, ...]:
    return tuple(_Mark(dataset, weight, re.compile(pattern, re.I)) for weight, pattern in weighted)


_TAX, _BILL, _CLAIM = "tax_form", "medical_bill", "insurance_claim"
_MARKS = (
    *_marks(
        _TAX,
        (2.0, r"department\s+of\s+the\s+treasury"),
        (1.5, r"internal\s+revenue\s+service"),
        (1.5, r"OMB\s+No\.?\s*1545-\d{4}"),
        (2.5, r"wage\s+and\s+tax\s+statement"),
        (1.0, r"form\s+W-?2\b"),
        (1.5, r"form\s+(?:10(?:40|41|65|9[589])|11(?:16|20)|2555|4562|4868|5498|8\d{3}|9\d\d|70[69]|W-?[2-9]|SS-4)"),
        (1.5, r"(?m)^\s*(?:20\d\d\s+)?(?:form|schedule)\s+[\w-]{1,8}\b"),
        (2.5, r"individual\s+income\s+tax\s+return"),
        (2.0, r"(?:department|dept\.?)\s+of\s+(?:revenue|taxation)|franchise\s+tax\s+board|division\s+of\s+taxation"),
        (2.0, r"(?:taxable|tax)\s+year\s*:?\s*\n?\s*20\d\d"),
        (1.5, r"attach\s+to\s+(?:form|your)\s+[\w\s-]{0,30}(?:tax\s+return|1040)"),
        (1.0, r"federal\s+income\s+tax\s+withheld"),
        (1.0, r"social\s+security\s+(?:wages|tax\s+withheld)"),
        (0.7, r"employer(?:['\u2019]s)?\s+(?:EIN|identification\s+number)"),
        (1.0, r"filing\s+status"),
        (0.7, r"adjusted\s+gross\s+income"),
        (1.0, r"(?:interest|dividends|miscellaneous|mortgage|tuition)\s+(?:income|and\s+distributions|statement)"),
        (1.0, r"payer['\u2019]s\s+(?:TIN|name|federal)|recipient['\u2019]s\s+(?:TIN|name)"),
        (1.5, r"(?:VAT|sales\s+tax|income\s+tax|property\s+tax)\s+return\b"),
        (1.5, r"IRS\s+use\s+only"),
    ),
    *_marks(
        _BILL,
        (3.0, r"health\s+insurance\s+claim\s+form"),
        (2.5, r"CMS-?1500|HCFA-?1500|form\s+1500"),
        (2.5, r"UB-?04|CMS-?1450"),
        (2.0, r"national\s+uniform\s+(?:claim|billing)\s+committee"),
        (1.0, r"FECA\s+(?:BLK\s+LUNG|number|program)"),
        (1.0, r"insured['\u2019]s\s+I\.?D\.?\s+number"),
        (1.0, r"date\s+of\s+current\s+illness"),
        (1.0, r"patient(?:['\u2019]s)?\s+(?:name|birth\s+date|account|control|statement|id)"),
        (1.0, r"rendering\s+provider|billing\s+provider|federal\s+tax\s+I\.?D\.?\s+number"),
        (0.7, r"(?:CPT|HCPCS|ICD-?10)"),
        (0.7, r"date\(?s?\)?\s+of\s+service|service\s+date"),
        (0.7, r"total\s+charges?\b|amount\s+billed|patient\s+responsibility|insurance\s+paid"),
        (0.7, r"hospital|clinic|medical\s+center|physician"),
        (1.0, r"(?:medical|hospital|patient|dental)\s+(?:bill|invoice|statement|billing\s+statement)"),
    ),
    *_marks(
        _CLAIM,
        (2.5, r"ACORD\b"),
        (2.5, r"certificate\s+of\s+(?:liability|property)?\s*insurance"),
        (1.0, r"insurer\(s\)\s+affording\s+coverage|insurer\s+[A-F]\s*:"),
        (1.0, r"certificate\s+holder"),
        (1.0, r"above\s+described\s+policies"),
        (2.0, r"(?:property|auto\w*|motor|liability|travel|life)\s+(?:loss\s+notice|claim\s+form|insurance\s+claim)"),
        (2.0, r"notice\s+of\s+(?:loss|claim)"),
        (1.5, r"proof\s+of\s+loss"),
        (1.0, r"date\s+(?:and\s+time\s+)?of\s+(?:loss|accident|incident)"),
        (1.0, r"claim\s+(?:number|no\.?|reference)"),
        (1.0, r"policy\s+(?:number|no\.?|holder)"),
        (1.5, r"explanation\s+of\s+benefits"),
        (0.7, r"deductible|adjuster|claimant|insured"),
    ),
)  # fmt: skip
_STRONG = 1.5
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


def form_of(text: str, *, pages: int | None = None) -> Form | None:
    """The form that a text is, or None; a paper that only writes about forms is none."""
    head = text[:_HEAD_CHARS]
    found = [(mark, match.group(0)) for mark in _MARKS if (match := mark.pattern.search(head))]
    scores: dict[str, float] = {}
    for mark, _ in found:
        scores[mark.dataset] = scores.get(mark.dataset, 0.0) + mark.weight
    if not scores:
        return None
    dataset = max(scores, key=lambda name: scores[name])
    own = [(mark, shown) for mark, shown in found if mark.dataset == dataset]
    strong = sum(mark.weight >= _STRONG for mark, _ in own)
    if scores[dataset] < _NEEDED or not strong or (pages or 0) > _MAX_PAGES_OF_PROSE:
        return None
    if scores[dataset] < _SURE and _is_about_forms(head):
        return None
    shown = ", ".join(f"“{' '.join(each.split())}”" for _, each in sorted(own, key=lambda pair: -pair[0].weight)[:4])
    return Form(dataset, _name(dataset, head), _year(head), f"a form by what is printed on it: {shown}")


def _is_about_forms(head: str) -> bool:
    """Whether most of it is running prose: long lines that end in full stops, as papers and instructions have."""
    lines = [line.strip() for line in head.splitlines() if line.strip()]
    if not lines:
        return False
    prose = sum(len(line) for line in lines if len(line.split()) >= _LONG_LINE_WORDS and _RUNNING.search(line))
    share = prose / sum(map(len, lines))
    return share > _MOST or (share > _MUCH and bool(_PAPER.search(head[:2000])))


def _name(dataset: str, head: str) -> str:
    match = _NAMES[dataset].search(head)
    return next((group.upper() for group in match.groups() if group), "") if match else ""


def _year(head: str) -> int | None:
    match = _YEAR.search(head) or _ANY_YEAR.search(head[:1500])
    return int(next(group for group in match.groups() if group)) if match else None
