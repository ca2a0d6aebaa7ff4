"""Whether the elements of one segment are there, of the right type and length, and among the codes allowed."""

import re
from collections.abc import Iterator
from datetime import date

from preparation.readers.x12_grammar import Element, SegmentNode

_DECIMAL = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:E-?\d+)?")
_WHOLE = re.compile(r"-?\d+")
_TIME = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d\d{0,2})?")
_DATE_LENGTHS = (6, 8)
_MAX_CODES_NAMED = 8
_FORMATS = {"D8": 1, "RD8": 2}

Complaint = tuple[str, str, bool]
"""Element, what is wrong, whether it is serious."""


def check(node: SegmentNode, elements: list[str], component: str, repetition: str) -> Iterator[Complaint]:
    """Every complaint about one segment.

    Inside a composite and about pairs of elements they are not serious.

    Nor is a date in another of the formats that a DTP can declare: it can be read.
    """
    given = len(elements)
    for element in node.elements:
        value = elements[element.number] if element.number < given else ""
        label = f"{element.number:02d}"
        if not value:
            if element.usage == "R":
                yield label, f"{element.name} is missing; it is required.", True
        elif element.usage == "N":
            yield label, f"{_shown(value)} is given, but the element is not used here.", False
        elif element.parts:
            yield from _composite(element, value, label, component)
        else:
            for repeat in value.split(repetition) if repetition else (value,):
                if what := _simple(element, repeat):
                    yield label, what, not (node.id == "DTP" and label == "02" and repeat in _FORMATS)
    surplus = [value for value in elements[len(node.elements) + 1 :] if value]
    if surplus and node.elements:
        what = f"{_shown(surplus[0])} is given, but {node.id} has only {len(node.elements)} elements."
        yield f"{len(node.elements) + 1:02d}", what, True
    for kind, numbers in node.rules:
        if what := _pairing(kind, numbers, elements):
            yield f"{numbers[0]:02d}", what, False
    if node.id == "DTP":
        yield from _period(elements)


def _composite(element: Element, value: str, label: str, component: str) -> Iterator[Complaint]:
    values = value.split(component)
    if len([part for part in values if part]) > len(element.parts):
        yield label, f"{len(values)} components; at most {len(element.parts)} are expected.", False
    for part in element.parts:
        inner = values[part.number - 1] if part.number <= len(values) else ""
        if not inner:
            if part.usage == "R":
                yield f"{label}-{part.number}", f"{part.name} is missing; it is required.", False
        elif part.usage != "N" and (what := _simple(part, inner)):
            yield f"{label}-{part.number}", what, False


def _simple(element: Element, value: str) -> str:
    if element.codes and value not in element.codes and value.strip() not in element.codes:
        listed = ", ".join(sorted(element.codes)[:_MAX_CODES_NAMED])
        more = ", …" if len(element.codes) > _MAX_CODES_NAMED else ""
        return f"{_shown(value)} is no code of {element.name}; expected {listed}{more}."
    if what := _type(element, value):
        return what
    length = len(value.lstrip("-").replace(".", "")) if element.kind[0] in "NR" else len(value)
    if length > element.most:
        return f"{element.name} has {length} characters; at most {element.most} are expected."
    if length < element.least:
        return f"{element.name} has {length} characters; at least {element.least} are expected."
    return ""


def _type(element: Element, value: str) -> str:
    if element.kind == "R" and not _DECIMAL.fullmatch(value):
        return f"{_shown(value)} is no decimal number, as {element.name} must be."
    if element.kind[0] == "N" and not _WHOLE.fullmatch(value):
        return f"{_shown(value)} is no whole number, as {element.name} must be."
    if element.kind == "DT" and not _is_date(value):
        return f"{_shown(value)} is no date (year, month, day), as {element.name} must be."
    if element.kind == "TM" and not _TIME.fullmatch(value):
        return f"{_shown(value)} is no time (hour, minute), as {element.name} must be."
    return ""


def _is_date(value: str) -> bool:
    if len(value) not in _DATE_LENGTHS or not value.isascii() or not value.isdigit():
        return False
    full = value if len(value) == max(_DATE_LENGTHS) else f"20{value}"
    try:
        date(int(full[:4]), int(full[4:6]), int(full[6:]))
    except ValueError:
        return False
    return True


def _period(elements: list[str]) -> Iterator[Complaint]:
    expected = _FORMATS.get(elements[2] if len(elements) > 2 else "")  # noqa: PLR2004 - DTP02 names the format of DTP03
    value = elements[3] if len(elements) > 3 else ""  # noqa: PLR2004
    if expected and value:
        parts = value.split("-")
        if len(parts) != expected or not all(len(part) == max(_DATE_LENGTHS) and _is_date(part) for part in parts):
            yield "03", f"{_shown(value)} is not written as {elements[2]} says.", True


def _pairing(kind: str, numbers: tuple[int, ...], elements: list[str]) -> str:
    has = [number < len(elements) and bool(elements[number]) for number in numbers]
    named = ", ".join(f"{number:02d}" for number in numbers)
    if kind == "P" and any(has) and not all(has):
        return f"elements {named} must be given together."
    if kind == "R" and not any(has):
        return f"one of the elements {named} must be given."
    if kind == "E" and sum(has) > 1:
        return f"only one of the elements {named} may be given."
    if kind == "C" and has[0] and not all(has):
        return f"with element {numbers[0]:02d}, {named[4:]} must be given."
    if kind == "L" and has[0] and not any(has[1:]):
        return f"with element {numbers[0]:02d}, one of {named[4:]} must be given."
    return ""


def _shown(value: str) -> str:
    return repr(value if len(value) <= 30 else value[:30] + "…")  # noqa: PLR2004 - enough to find it
