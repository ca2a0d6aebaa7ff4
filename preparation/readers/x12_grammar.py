"""The grammar of X12 transaction sets, read from the maps that pyx12 carries (its reading of the HIPAA guides)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from lxml import etree

UNBOUNDED = 1_000_000
_KEYED_BY_COMPOSITE = ("CTX",)
_KEY_AT = {"HL": 3, "ENT": 2}
_SYNTAX_PART = 2
_SITUATIONAL = {("2200C", "STC")}  # pyx12 4.0 requires it; the guide 005010X214 asks for it only with a status to tell


@dataclass(frozen=True, slots=True)
class Element:
    """One element: ``usage`` is R, S or N (required, situational, not used)."""

    number: int
    name: str
    usage: str
    kind: str = "AN"
    least: int = 1
    most: int = 99_999
    codes: frozenset[str] = frozenset()
    parts: tuple["Element", ...] = ()


@dataclass(slots=True)
class SegmentNode:
    """One segment in its place. `key` is the element (and part) whose codes tell it from its namesakes."""

    id: str
    name: str
    is_required: bool
    most: int
    place: tuple[int, ...]
    elements: tuple[Element, ...]
    key: tuple[int, int, frozenset[str]] | None
    rules: tuple[tuple[str, tuple[int, ...]], ...] = ()

    def matches(self, elements: list[str], component: str) -> bool:
        """Whether a segment of this identifier bears one of the key's codes."""
        if self.key is None:
            return True
        index, part, codes = self.key
        if index >= len(elements):
            return False
        value = elements[index]
        return (value.split(component, 1)[0] if part else value) in codes


@dataclass(slots=True)
class LoopNode:
    """A loop in its place; its first child opens it, and `by_id` finds children by segment identifier."""

    id: str
    name: str
    is_required: bool
    most: int
    place: tuple[int, ...]
    children: list["SegmentNode | LoopNode"] = field(default_factory=list)
    by_id: dict[str, list["SegmentNode | LoopNode"]] = field(default_factory=dict)

    @property
    def opener(self) -> SegmentNode:
        """The segment that opens the loop."""
        first = self.children[0]
        return first if isinstance(first, SegmentNode) else first.opener


@dataclass(frozen=True, slots=True)
class Grammar:
    """One transaction set: its root loop (ST to SE) and every segment identifier in it."""

    root: LoopNode
    ids: frozenset[str]


def grammar_for(functional: str, release: str) -> Grammar | None:
    """The grammar for a functional identifier (GS01) and an implementation guide (ST03 or GS08), or None.

    A guide without a map of its own takes that of another addendum of the same guide.
    """
    catalogue = _catalogue()
    exact = catalogue.get((functional, release))
    if exact is None:
        guide = release[:10]  # 005010X222A1 without its addendum
        exact = next(
            (name for (code, key), name in sorted(catalogue.items()) if code == functional and key[:10] == guide), None
        )
    return _load(exact) if exact else None


@cache
def _catalogue() -> dict[tuple[str, str], str]:
    root = _document("maps.xml")
    return {
        (m.get("fic", ""), m.get("vriic", "")): m.text or ""
        for m in root.iter("map")
        if m.get("fic") and not m.get("tspc")
    }


def _document(name: str) -> Any:
    content = (files("pyx12") / "map" / name).read_bytes()
    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True))


@cache
def _data_elements() -> dict[str, tuple[str, int, int]]:
    root = _document("dataele.xml")
    return {
        e.get("ele_num", ""): (e.get("data_type", "AN"), int(e.get("min_len", "1")), int(e.get("max_len", "99999")))
        for e in root.iter("data_ele")
    }


@cache
def _load(name: str) -> Grammar:
    tree = _document(name)
    start = next(loop for loop in tree.iter("loop") if loop.get("xid") == "ST_LOOP")
    root = _loop(start, ())
    return Grammar(root, frozenset(segment.get("xid", "") for segment in start.iter("segment")))


def _loop(source: Any, place: tuple[int, ...]) -> LoopNode:
    node = LoopNode(
        id=source.get("xid", ""),
        name=source.findtext("name") or "",
        is_required=source.findtext("usage") == "R",
        most=_limit(source.findtext("repeat")),
        place=place,
    )
    node.children = sorted(_children(source, ()), key=lambda child: child.place)
    for child in node.children:
        if (node.id, child.id) in _SITUATIONAL:
            child.is_required = False
        opener = child if isinstance(child, SegmentNode) else child.opener
        node.by_id.setdefault(opener.id, []).append(child)
    return node


def _children(source: Any, prefix: tuple[int, ...]) -> Iterator[SegmentNode | LoopNode]:
    """The children of a loop; a wrapper (HEADER, DETAIL, FOOTER) opens with no segment and is taken apart."""
    for child in source:
        if child.tag not in ("loop", "segment"):
            continue
        place = (*prefix, int(child.findtext("pos") or 0))
        if child.tag == "segment":
            yield _segment(child, place)
        elif child.get("type") == "wrapper":
            yield from _children(child, place)
        else:
            yield _loop(child, place)


def _limit(text: str | None) -> int:
    return int(text) if text and text.isdigit() else UNBOUNDED


def _segment(source: Any, place: tuple[int, ...]) -> SegmentNode:
    elements = tuple(_element(child) for child in source if child.tag in ("element", "composite"))
    identifier = source.get("xid", "")
    return SegmentNode(
        id=identifier,
        name=source.findtext("name") or "",
        is_required=source.findtext("usage") == "R",
        most=_limit(source.findtext("max_use")),
        place=place,
        elements=elements,
        key=_key(identifier, elements),
        rules=tuple(_rule(text) for child in source.findall("syntax") if (text := child.text)),
    )


def _rule(text: str) -> tuple[str, tuple[int, ...]]:
    numbers = text[1:]
    return text[0], tuple(int(numbers[at : at + _SYNTAX_PART]) for at in range(0, len(numbers), _SYNTAX_PART))


def _element(source: Any) -> Element:
    number = int(source.findtext("seq") or 0)
    name, usage = source.findtext("name") or "", source.findtext("usage") or "S"
    if source.tag == "composite":
        return Element(number, name, usage, parts=tuple(_element(child) for child in source if child.tag == "element"))
    kind, least, most = _data_elements().get(source.findtext("data_ele") or "", ("AN", 1, 99_999))
    codes = frozenset(code.text or "" for code in source.iterfind("valid_codes/code"))
    if source.get("xid") == "ST03":
        codes = frozenset()  # the map serves other addenda of its guide as well
    if source.find("valid_codes") is not None and source.find("valid_codes").get("external"):
        codes = frozenset()  # a list that the maintainers of the codes extend
    return Element(number, name, usage, kind, least, most, codes)


def _key(identifier: str, elements: tuple[Element, ...]) -> tuple[int, int, frozenset[str]] | None:
    index = _KEY_AT.get(identifier, 1)
    if index > len(elements):
        return None
    chosen = elements[index - 1]
    if chosen.parts:
        first = chosen.parts[0]
        is_key = first.codes and (first.kind == "ID" or identifier in _KEYED_BY_COMPOSITE)
        return (index, 1, first.codes) if is_key and chosen.usage == "R" else None
    return (index, 0, chosen.codes) if chosen.codes and chosen.kind == "ID" and chosen.usage == "R" else None
