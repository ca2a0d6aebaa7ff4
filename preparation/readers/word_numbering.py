"""Numbers and bullets of paragraphs, which a Word document keeps as rules and never as text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from preparation.readers.markup_tree import local_name

_PLACE = re.compile(r"%(\d)")
_MAX_STYLES_UP = 20
_STYLE_NAME = b"styleId="
_LISTED = b"numPr"
_PARENT = re.compile(rb"""basedOn [^>]*?val=(["'])(.*?)\1""", re.DOTALL)
_LETTERS = 26
_ROMAN = (
    (1000, "m"),
    (900, "cm"),
    (500, "d"),
    (400, "cd"),
    (100, "c"),
    (90, "xc"),
    (50, "l"),
    (40, "xl"),
    (10, "x"),
    (9, "ix"),
    (5, "v"),
    (4, "iv"),
    (1, "i"),
)
_MAX_ROMAN = 3_999


@dataclass(frozen=True, slots=True)
class _Level:
    """How paragraphs of one depth of a list are marked."""

    form: str
    text: str
    start: int


@dataclass(slots=True)
class Numbering:
    """The lists of a document and how far each has been counted."""

    _levels: dict[str, dict[int, _Level]] = field(default_factory=dict)
    _lists: dict[str, str] = field(default_factory=dict)
    _restarts: dict[str, dict[int, int]] = field(default_factory=dict)
    _styles: dict[str, tuple[str | None, int | None, str | None]] = field(default_factory=dict)
    _style_levels: dict[tuple[str, str], int] = field(default_factory=dict)
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)
    _begun: set[str] = field(default_factory=set)

    def marker(self, properties: Any) -> tuple[str, int] | None:
        """Counts on, and gives the marker of a paragraph with these properties and its depth, if it has one."""
        number, level = self._list_of(properties)
        kind = self._lists.get(number or "")
        if number is None or kind is None:
            return None
        rules = self._levels.get(kind, {})
        rule = rules.get(level)
        if rule is None or rule.form == "none":
            return None
        self._count(kind, number, level, rules)
        if rule.form == "bullet":
            return "-", level
        text = _PLACE.sub(lambda place: self._shown(kind, int(place[1]) - 1, rules), rule.text).strip()
        return (text, level) if text else None

    def _count(self, kind: str, number: str, level: int, rules: Mapping[int, _Level]) -> None:
        counts = self._counts.setdefault(kind, {})
        if number not in self._begun:
            self._begun.add(number)
            for at, start in self._restarts.get(number, {}).items():
                counts[at] = start - 1
        counts[level] = counts.get(level, rules[level].start - 1) + 1
        for deeper in [at for at in counts if at > level]:
            del counts[deeper]
        for above in range(level):
            if above not in counts and above in rules:
                counts[above] = rules[above].start

    def _shown(self, kind: str, level: int, rules: Mapping[int, _Level]) -> str:
        count = self._counts[kind].get(level)
        return "" if count is None else formatted_count(count, rules[level].form if level in rules else "decimal")

    def _list_of(self, properties: Any) -> tuple[str | None, int]:
        """The list of a paragraph and its depth, by its own properties or those of its style."""
        number, level, style = _listing(properties)
        first = style
        for _ in range(_MAX_STYLES_UP):
            if number is not None or style is None:
                break
            of_style, style_level, parent = self._styles.get(style, (None, None, None))
            if of_style is not None:
                number = of_style
                kind = self._lists.get(of_style, "")
                by_style = self._style_levels.get((kind, style), self._style_levels.get((kind, first or "")))
                level = next((each for each in (level, by_style, style_level) if each is not None), 0)
            style = parent
        return (None if number == "0" else number), level or 0


def numbering_of(lists: Any, styles: Any) -> Numbering:
    """The lists of a document.

    Args:
        lists: The root of its part for numbering, or None.
        styles: The root of its part for styles, or None.
    """
    found = Numbering()
    for style in styles.iter("{*}style") if styles is not None else ():
        properties = style.find("{*}pPr")
        number, level, _ = _listing(properties) if properties is not None else (None, None, None)
        found._styles[_value(style, "styleId") or ""] = number, level, _value(style.find("{*}basedOn"))
    if lists is None:
        return found
    by_style: dict[str, str] = {}
    linked: dict[str, str] = {}
    for each in lists.iter("{*}abstractNum"):
        kind = _value(each, "abstractNumId") or ""
        found._levels[kind] = {}
        for level in each.findall("{*}lvl"):
            depth = _integer(_value(level, "ilvl"), 0)
            found._levels[kind][depth] = _rule(level)
            if style := _value(level.find("{*}pStyle")):
                found._style_levels[kind, style] = depth
        if style := _value(each.find("{*}styleLink")):
            by_style[style] = kind
        if style := _value(each.find("{*}numStyleLink")):
            linked[kind] = style
    for kind, style in linked.items():
        found._levels[kind] = found._levels.get(by_style.get(style, ""), found._levels[kind])
    for each in lists.iter("{*}num"):
        number = _value(each, "numId") or ""
        found._lists[number] = _value(each.find("{*}abstractNumId")) or ""
        for change in each.findall("{*}lvlOverride"):
            start = _value(change.find("{*}startOverride"))
            if start is not None:
                found._restarts.setdefault(number, {})[_integer(_value(change, "ilvl"), 0)] = _integer(start, 1)
    return found


def listing_styles(styles: bytes) -> frozenset[str]:
    """The styles that make a paragraph an item of a list, by themselves or by what they are based on.

    Args:
        styles: The part for styles, which is searched, not parsed: that takes a tenth of the time.
    """
    if _LISTED not in styles:
        return frozenset()
    listing: set[str] = set()
    parents: dict[str, str] = {}
    for style in styles.split(_STYLE_NAME)[1:]:
        name = _named(style[1 : style.find(style[:1], 1)])
        if _LISTED in style:
            listing.add(name)
        if parent := _PARENT.search(style):
            parents[name] = _named(parent[2])
    for _ in range(_MAX_STYLES_UP):
        based = {name for name, parent in parents.items() if parent in listing} - listing
        if not based:
            break
        listing |= based
    return frozenset(listing)


def _named(written: bytes) -> str:
    return unescape(written.decode("utf-8", "replace"))


def is_listed(properties: Any, styles: frozenset[str]) -> bool:
    """Whether paragraph properties name a list, or one of these styles."""
    if properties is None:
        return False
    children = properties.iterchildren("{*}pStyle", "{*}numPr")
    return any(child.tag.endswith("}numPr") or _value(child) in styles for child in children)


def _listing(properties: Any) -> tuple[str | None, int | None, str | None]:
    """The list, depth and style that paragraph properties name."""
    if properties is None:
        return None, None, None
    style = listing = None
    for child in properties.iterchildren("{*}pStyle", "{*}numPr"):  # half of what it takes to find one after the other
        if child.tag.endswith("}numPr"):
            listing = child
        else:
            style = _value(child)
    if listing is None:
        return None, None, style
    level = _value(listing.find("{*}ilvl"))
    return _value(listing.find("{*}numId")), None if level is None else _integer(level, 0), style


def _rule(level: Any) -> _Level:
    told = {local_name(child): child for child in level}  # of hundreds in a template, found at once
    return _Level(
        _value(told.get("numFmt")) or "decimal",
        _value(told.get("lvlText")) or "",
        _integer(_value(told.get("start")), 1),
    )


def _value(element: Any, name: str = "val") -> str | None:
    """An attribute in whatever namespace: strict and transitional documents differ in it."""
    if element is None:
        return None
    for key, value in element.attrib.items():
        if key.endswith(name) and key.rsplit("}", 1)[-1] == name:
            return str(value)
    return None


def _integer(text: str | None, default: int) -> int:
    return int(text) if text and text.lstrip("-").isdecimal() else default


def formatted_count(count: int, form: str) -> str:
    """A count in the form that Word names so: decimal, lowerLetter, upperRoman …"""
    if form in ("lowerLetter", "upperLetter") and count > 0:
        letter = chr(ord("a") + (count - 1) % _LETTERS) * ((count - 1) // _LETTERS + 1)
        return letter.upper() if form == "upperLetter" else letter
    if form in ("lowerRoman", "upperRoman") and 0 < count <= _MAX_ROMAN:
        numeral = roman(count)
        return numeral.upper() if form == "upperRoman" else numeral
    return f"{count:02d}" if form == "decimalZero" else str(count)


def roman(count: int) -> str:
    """A count in small Roman numerals."""
    numeral = ""
    for value, letters in _ROMAN:
        times, count = divmod(count, value)
        numeral += letters * times
    return numeral
