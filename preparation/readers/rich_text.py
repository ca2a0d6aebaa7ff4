"""Documents that editors keep as JSON: trees of typed nodes that end in text.

ProseMirror, Tiptap, Atlassian (``type``, ``content``), Slate and Lexical (``type``, ``children``), Quill (``ops`` of
``insert``) and Editor.js (``blocks`` of ``type`` and ``data``) share this form, whatever wraps it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_INNER = ("content", "children")
_WRAPPING_LEVELS = 3
_MAX_LEVELS = 200
_TAG = re.compile(r"<[^<>]{1,300}>")


def rich_text(value: Any) -> str | None:
    """The text of a rich-text document, a line a block; None where the JSON is something else."""
    root = _root(value, _WRAPPING_LEVELS)
    if root is None:
        return None
    lines = [" ".join(line.split()) for line in "".join(_pieces(root, 0)).split("\n")]
    text = "\n".join(line for line in lines if line)
    return text or None


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


def _pieces(nodes: Sequence[Any], level: int) -> Iterator[str]:
    for node in nodes:
        if not isinstance(node, Mapping) or level > _MAX_LEVELS:
            continue
        leaf = next((node[name] for name in ("text", "insert") if isinstance(node.get(name), str)), None)
        if leaf is not None:
            yield leaf
        elif isinstance(node.get("data"), Mapping):
            yield from (f"{_TAG.sub('', text)}\n" for text in _texts(node["data"], 0))
        elif inner := _children(node):
            yield from _pieces(inner, level + 1)
            yield "\n"
        else:
            yield "\n" if "break" in str(node.get("type", "")).lower() else " "


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
