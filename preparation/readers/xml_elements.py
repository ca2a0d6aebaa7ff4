"""Elements of an XML tree as records and as text."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from preparation.readers.markup_tree import holds_page, page_in_text

_MAX_DEPTH = 12
_LONG_TEXT_CHARS = 60
_PROSE_SHARE = 0.4
_MIN_PROSE_CHARS = 400


def local_name(element: etree._Element) -> str:
    """The element's name without its namespace; a damaged one may be a name that lxml itself refuses."""
    return str(element.tag).rsplit("}", 1)[-1]


def namespace_of(element: etree._Element) -> str:
    """The namespace of its name; "" where there is none."""
    return str(element.tag).rpartition("}")[0].removeprefix("{")


def children_of(element: etree._Element) -> list[etree._Element]:
    """The elements inside it, without comments, instructions and unexpanded entities."""
    return [child for child in element if isinstance(child.tag, str)]


def record_of(element: etree._Element) -> dict[str, Any]:
    """Its attributes and the elements inside it as one flat record.

    What stands deeper has a dotted name; what comes more than once becomes a list, or columns of its own where it is
    pairs of a name and a value.
    """
    record: dict[str, Any] = {}
    _gather(element, "", record, 0)
    return record


def _gather(element: etree._Element, prefix: str, record: dict[str, Any], depth: int) -> None:
    for key, value in element.attrib.items():
        record[prefix + str(key).rsplit("}", 1)[-1]] = value
    by_name: dict[str, list[etree._Element]] = {}
    for child in children_of(element):
        by_name.setdefault(local_name(child), []).append(child)
    for name, group in by_name.items():
        if len(group) > 1:
            record.update(_repeated(prefix + name, group))
        elif depth < _MAX_DEPTH and (len(group[0]) or group[0].attrib):
            _gather(group[0], f"{prefix}{name}.", record, depth + 1)
        else:
            record[prefix + name] = _own_text(group[0])
    text = _own_text(element)
    if text:
        record[prefix.rstrip(".") or "text"] = text


def _repeated(name: str, group: list[etree._Element]) -> dict[str, Any]:
    pairs = [[(local_name(c), _own_text(c)) for c in children_of(element)] for element in group]
    shapes = {tuple(key for key, _ in pair) for pair in pairs}
    if len(shapes) == 1 and len(next(iter(shapes))) == 2 and not any(len(c) for e in group for c in children_of(e)):  # noqa: PLR2004
        names = [pair[0][1] for pair in pairs]
        if all(names) and len(set(names)) == len(names):
            return {f"{name}.{key[1]}": value[1] for key, value in pairs}
    return {name: [record_of(e) if len(e) or e.attrib else _own_text(e) for e in group]}


def _own_text(element: etree._Element) -> str | None:
    """The text directly inside it, or None where there is none."""
    pieces = [element.text or "", *(child.tail or "" for child in element)]
    return "".join(pieces).strip() or None


def _texts(root: etree._Element) -> Iterator[str]:
    for element in root.iter():
        for piece in (element.text if isinstance(element.tag, str) else None, element.tail):
            if piece and (stripped := " ".join(piece.split())):
                yield page_in_text(stripped) if holds_page(stripped) else stripped


def text_of(root: etree._Element, limit: int) -> str:
    """All text inside, a piece a line, at most `limit` characters."""
    kept: list[str] = []
    room = limit
    for piece in _texts(root):
        if room <= 0:
            break
        kept.append(piece[:room])
        room -= len(piece) + 1
    return "\n".join(kept)


def is_prose(root: etree._Element) -> bool:
    """Whether sentences make up a good part of the text, as in an article, and values do not."""
    total = long = 0
    for piece in _texts(root):
        total += len(piece)
        long += len(piece) if len(piece) > _LONG_TEXT_CHARS and piece.count(" ") > len(piece) / 12 else 0
    return total > _MIN_PROSE_CHARS and long > _PROSE_SHARE * total
