"""Electronic books: the chapters in the order in which they are read."""

import posixpath
from typing import Any
from urllib.parse import unquote

from preparation.readers.markup_html import page_prose
from preparation.readers.package import Package

_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")


def epub_text(package: Package) -> str:
    """The text of the chapters.

    Raises:
        TooLargeError: If it unpacks to more than it may.
        ValueError: If it names no chapter.
    """
    index = index_of(package)
    root = package.root(index)
    if root is None:
        raise ValueError("it has no index of its chapters")
    folder = posixpath.dirname(index)
    items = {item.get("id"): item for item in root.iter("{*}item")}
    order = [items[each.get("idref")] for each in root.iter("{*}itemref") if each.get("idref") in items]
    chapters = [item for item in order or items.values() if item.get("media-type") in _PAGES]
    texts = [
        _chapter(package, posixpath.normpath(posixpath.join(folder, unquote(c.get("href") or "")))) for c in chapters
    ]
    if not any(texts):
        raise ValueError("it names no chapter that is there")
    return "\n\n".join(filter(None, texts))


def index_of(package: Package) -> str:
    """The part that lists all others."""
    container = package.root("META-INF/container.xml")
    named = (
        next((each.get("full-path") or "" for each in container.iter("{*}rootfile")), "")
        if container is not None
        else ""
    )
    return named or next((name for name in sorted(package.names) if name.endswith(".opf")), "")


def _chapter(package: Package, part: str) -> str:
    root: Any = package.page(part)
    return page_prose(root) if root is not None else ""
