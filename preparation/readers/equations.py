"""Formulas of office documents (OMML) in the notation of LaTeX, which people search for and programs typeset."""

import re
import unicodedata
from typing import Any

from preparation.readers.markup_tree import local_name

_COMMANDS = {
    "±": "pm", "∓": "mp", "\N{MULTIPLICATION SIGN}": "times", "÷": "div", "·": "cdot", "∞": "infty", "∑": "sum",
    "∏": "prod", "∫": "int", "∮": "oint", "√": "sqrt", "≤": "leq", "≥": "geq", "≠": "neq", "≈": "approx",
    "≡": "equiv", "∂": "partial", "∇": "nabla", "∈": "in", "∉": "notin", "⊂": "subset", "⊆": "subseteq",
    "\N{UNION}": "cup", "∩": "cap", "∀": "forall", "∃": "exists", "→": "rightarrow", "←": "leftarrow",
    "⇒": "Rightarrow", "⇔": "Leftrightarrow", "∝": "propto", "⋯": "cdots", "…": "ldots", "∅": "emptyset",
}  # fmt: skip  # a table of pairs reads better in rows
_GREEK = re.compile(r"GREEK (SMALL|CAPITAL) LETTER (?:FINAL )?([A-Z]+)$")
_SPELT = {"lamda": "lambda"}  # Unicode's spelling of one letter
_MATHEMATICAL_LETTERS = (0x1D400, 0x1D7FF)
_MAX_LEVELS = 100


def latex_of(formula: Any) -> str:
    """A formula as LaTeX; what nests deeper than any formula is left out."""
    return " ".join(_inner(formula, 0).split())


def _inner(element: Any, level: int) -> str:
    return "".join(_told(child, level) for child in element if isinstance(child.tag, str))


def _told(element: Any, level: int) -> str:  # noqa: PLR0911 - one case a kind of element
    name = local_name(element)
    if level > _MAX_LEVELS or name.endswith("Pr"):
        return ""
    parts = {local_name(child): _inner(child, level + 1) for child in element} if name in _SHAPES else {}
    if name == "t":
        return _symbols(element.text or "")
    if name in _SHAPES:
        return _SHAPES[name](element, parts)
    if name == "m":  # a matrix
        rows = [
            " & ".join(_inner(cell, level + 2) for cell in row.iterfind("{*}e")) for row in element.iterfind("{*}mr")
        ]
        return r"\begin{matrix}" + r" \\ ".join(rows) + r"\end{matrix}"
    if name == "eqArr":
        return r" \\ ".join(_inner(line, level + 1) for line in element.iterfind("{*}e"))
    if name == "d":
        left, right = _property(element, "begChr", "("), _property(element, "endChr", ")")
        inner = _property(element, "sepChr", "|").join(_inner(e, level + 1) for e in element.iterfind("{*}e"))
        return f"{left}{inner}{right}"
    return _inner(element, level + 1)


def _fraction(_: Any, parts: dict[str, str]) -> str:
    return rf"\frac{{{parts.get('num', '')}}}{{{parts.get('den', '')}}}"


def _root(_: Any, parts: dict[str, str]) -> str:
    degree = parts.get("deg", "")
    return rf"\sqrt[{degree}]{{{parts.get('e', '')}}}" if degree else rf"\sqrt{{{parts.get('e', '')}}}"


def _power(_: Any, parts: dict[str, str]) -> str:
    base = parts.get("e", "")
    base = f"{{{base}}}" if len(base) > 1 and not base.isalnum() else base
    below = f"_{{{parts['sub']}}}" if parts.get("sub") else ""
    above = f"^{{{parts['sup']}}}" if parts.get("sup") else ""
    return f"{base}{below}{above}"


def _sum(element: Any, parts: dict[str, str]) -> str:
    sign = _symbols(_property(element, "chr", "∫"))
    below = f"_{{{parts['sub']}}}" if parts.get("sub") else ""
    above = f"^{{{parts['sup']}}}" if parts.get("sup") else ""
    return f"{sign}{below}{above} {parts.get('e', '')}"


def _limit(_: Any, parts: dict[str, str]) -> str:
    return f"{parts.get('e', '')}_{{{parts.get('lim', '')}}}"


def _function(_: Any, parts: dict[str, str]) -> str:
    name = parts.get("fName", "").strip()
    return (rf"\{name}" if name.isalpha() else name) + f" {parts.get('e', '')}"


_SHAPES = {
    "f": _fraction,
    "rad": _root,
    "sSup": _power,
    "sSub": _power,
    "sSubSup": _power,
    "nary": _sum,
    "limLow": _limit,
    "func": _function,
}


def _property(element: Any, name: str, default: str) -> str:
    """A sign that the properties of a formula's element name; it may be named as blank."""
    found = next(element.iterfind(f"{{*}}{local_name(element)}Pr/{{*}}{name}"), None)
    if found is None:
        return default
    return next((str(value) for key, value in found.attrib.items() if key.rsplit("}", 1)[-1] == "val"), "")


def _symbols(text: str) -> str:
    """Greek letters and signs as commands; letters of the mathematical alphabets as plain ones."""
    low, high = _MATHEMATICAL_LETTERS
    told = []
    for character in text:
        plain = unicodedata.normalize("NFKC", character) if low <= ord(character) <= high else character
        command = "" if plain.isascii() else _COMMANDS.get(plain) or _greek(plain)
        told.append(f" \\{command} " if command else plain)
    return "".join(told)


def _greek(character: str) -> str:
    found = _GREEK.match(unicodedata.name(character, "")) if len(character) == 1 else None
    if found is None:
        return ""
    name = _SPELT.get(found[2].lower(), found[2].lower())
    return name.capitalize() if found[1] == "CAPITAL" else name
