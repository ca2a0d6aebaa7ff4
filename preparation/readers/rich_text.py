"""Documents that editors keep as JSON: trees of typed nodes that end in text.

ProseMirror, Tiptap, Atlassian (``type``, ``content``), Slate and Lexical (``type``, ``children``), Quill (``ops`` of
``insert``) and Editor.js (``blocks`` of ``type`` and ``data``) share this form, whatever wraps it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from preparation.readers.prose import BREAK, Prose, one_line

_INNER = ("content", "children")
_WRAPPING_LEVELS = 3
_MAX_LEVELS = 200
_LINKS = ("link", "autolink", "a")
_ADDRESSES = ("href", "url", "link")
_TAG = re.compile(r"<[^<>]{1,300}>")


def rich_text(value: Any) -> str | None:
    """The text of a rich-text document, a line a block; None where the JSON is something else."""
    root = _root(value, _WRAPPING_LEVELS)
    if root is None:
        return None
    prose = Prose()
    _add(root, prose, (), 0)
    return prose.text() or None


@dataclass(slots=True)
class _List:
    """A list that is being read, and how many items of it have been."""

    is_numbered: bool
    count: int = 0


def _root(value: Any, levels: int) -> Any:
    """The outermost list of nodes."""
    if isinstance(value, list):
        return value if _are_blocks(value) else None
    if not isinstance(value, Mapping) or levels == 0:
        return None
    operations = value.get("ops")
    if isinstance(operations, list) and operations and all(_is_mapping_with(each, "insert") for each in operations):
        return operations
    blocks = value.get("blocks")
    if isinstance(blocks, list) and blocks and all(_is_editor_block(each) for each in blocks):
        return blocks
    for name in _INNER:
        if isinstance(value.get("type"), str) and isinstance(value.get(name), list) and _are_blocks(value[name]):
            return value[name]
    inner = [each for each in value.values() if isinstance(each, Mapping)]
    return next((root for each in inner if (root := _root(each, levels - 1)) is not None), None)


def _are_blocks(nodes: Sequence[Any]) -> bool:
    """Whether these are nodes of a kind each, and text lies in one of them."""
    typed = all(isinstance(node, Mapping) and isinstance(node.get("type"), str) for node in nodes)
    return typed and any(_holds_text(node, _MAX_LEVELS) for node in nodes)


def _holds_text(node: Any, levels: int) -> bool:
    inner = _children(node)
    if levels == 0 or not inner:
        return False
    return any(isinstance(each, Mapping) and isinstance(each.get("text"), str) for each in inner) or any(
        _holds_text(each, levels - 1) for each in inner
    )


def _children(node: Any) -> list[Any]:
    if not isinstance(node, Mapping):
        return []
    return next((node[name] for name in _INNER if isinstance(node.get(name), list)), [])


def _is_mapping_with(value: Any, key: str) -> bool:
    return isinstance(value, Mapping) and key in value


def _is_editor_block(value: Any) -> bool:
    return _is_mapping_with(value, "type") and isinstance(value.get("data"), Mapping)


def _add(nodes: Sequence[Any], prose: Prose, lists: tuple[_List, ...], level: int) -> None:
    """Adds nodes and what is inside them; `lists` are those around them."""
    for node in nodes:
        if not isinstance(node, Mapping) or level > _MAX_LEVELS:
            continue
        leaf = next((node[name] for name in ("text", "insert") if isinstance(node.get(name), str)), None)
        if leaf is not None:
            mark = prose.mark()
            prose.add(leaf.replace("\n", BREAK))
            prose.link(mark, _address(node))
        elif isinstance(node.get("data"), Mapping):
            for text in _texts(node["data"], 0):
                prose.add(f"{_TAG.sub('', text)}{BREAK}")
        elif inner := _children(node):
            _add_block(node, inner, prose, lists, level)
        else:
            _add_empty(node, prose)


def _add_block(node: Mapping[str, Any], inner: list[Any], prose: Prose, lists: tuple[_List, ...], level: int) -> None:
    kind = _kind(node)
    mark = prose.mark()
    if "item" in kind and lists:
        prose.add_item(_marker(node, lists[-1]), len(lists) - 1)
    elif "list" in kind:
        numbered = "ordered" in kind.replace("unordered", "") or "number" in str(node.get("listType", "")) + kind
        lists = (*lists, _List(is_numbered=numbered))
    elif "cell" in kind or kind in ("tableheader", "th", "td"):
        prose.add_cell()
        _add(inner, prose, lists, level + 1)
        prose.replace(mark + 1, one_line(prose.since(mark + 1)))
        return
    _add(inner, prose, lists, level + 1)
    if kind in _LINKS:
        prose.link(mark, _address(node))
    else:
        prose.add_break()


def _marker(node: Mapping[str, Any], own: _List) -> str:
    """The bullet, number or tick of an item."""
    own.count += 1
    told = _attributes(node)
    ticked = next((told[name] for name in ("checked", "state") if name in told), None)
    if ticked is not None:
        return "[x]" if ticked in (True, "DONE", "checked") else "[ ]"
    return f"{own.count}." if own.is_numbered else "-"


def _add_empty(node: Mapping[str, Any], prose: Prose) -> None:
    kind, told = _kind(node), _attributes(node)
    if "image" in kind or "media" in kind:
        words = next((told[name] for name in ("alt", "altText", "title") if isinstance(told.get(name), str)), "")
        prose.add_picture(words)
    elif "break" in kind:
        prose.add_break()
    else:
        prose.add(" ")


def _kind(node: Mapping[str, Any]) -> str:
    return str(node.get("type", "")).replace("_", "").replace("-", "").lower()


def _attributes(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a node tells of itself: in a mapping of its own or beside its type."""
    inner = node.get("attrs")
    return inner if isinstance(inner, Mapping) else node


def _address(node: Mapping[str, Any]) -> str:
    """Where a node leads: by a mark on its text, by its attributes or by itself."""
    marks = node.get("marks")
    told = [each["attrs"] for each in marks if _is_mapping_with(each, "attrs")] if isinstance(marks, list) else []
    for each in (*told, _attributes(node)):
        found = next((each[name] for name in _ADDRESSES if isinstance(each, Mapping) and name in each), None)
        if isinstance(found, str):
            return found
    return ""


def _texts(value: Any, level: int) -> Iterator[str]:
    """The texts in the data of an Editor.js block: of paragraphs, items, cells."""
    if isinstance(value, str):
        yield value
    elif level < _MAX_LEVELS and isinstance(value, list):
        for each in value:
            yield from _texts(each, level + 1)
    elif level < _MAX_LEVELS and isinstance(value, Mapping):
        for name in ("text", "caption", "title", "message", "items", "content", "code"):
            yield from _texts(value.get(name, ()), level + 1)
