"""Visible text of HTML and XML."""

import re
from typing import Any

from lxml import etree

from preparation.readers.markup_html import page_prose, page_root
from preparation.readers.markup_tree import local_name, tree_prose

_TITLES = ("article-title", "invention-title", "book-title", "title", "B540")
_MARKUP_IN_TEXT = re.compile(r"<[^<>]{0,1000}>")
_DECLARED = re.compile(r"\A\s*<\?xml[^>]*\?>")


def html_text(text: str) -> tuple[str, dict[str, str]]:
    """What a browser would show, and the title, author and language that the page names."""
    root = page_root(_DECLARED.sub("", text.replace("\x00", "")))
    if root is None:
        return "", {}
    facts = {"title": _squeezed(root.findtext(".//title") or root.findtext(".//h1") or "")}
    for meta in root.iter("meta"):
        name = (meta.get("name") or "").lower()
        if name in ("author", "description", "keywords"):
            facts[name] = _squeezed(meta.get("content") or "")
    return page_prose(root), facts


def xml_document(text: str) -> tuple[str, dict[str, str]]:
    """The text of every element, a line a block, with its title; what is not well-formed is stripped of its tags."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False, encoding="utf-8")
    try:
        root = etree.fromstring(_DECLARED.sub("", text.replace("\x00", "")).encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None:
        return _squeezed_lines(_MARKUP_IN_TEXT.sub(" ", text)), {}
    if local_name(root) == "FictionBook":
        return _book(root)
    found = tree_prose(root)
    if parser.error_log:  # not well-formed, or several documents in one file: the parser stops at the first end
        stripped = _squeezed_lines(_MARKUP_IN_TEXT.sub("\n", text))
        found = stripped if len(found) * 2 < len(stripped) else found
    return found, {"title": _title(root), "root": local_name(root)}


def _book(root: Any) -> tuple[str, dict[str, str]]:
    """A FictionBook: its title and bodies; who wrote it is a fact, and the rest of its description is for programs."""
    description = root.find("{*}description")
    facts = {"root": "FictionBook"}
    if description is not None:
        root.remove(description)
        info = description.find("{*}title-info")
        if info is not None:
            people = [_squeezed(" ".join(person.itertext())) for person in info.findall("{*}author")]
            facts |= {
                "author": ", ".join(filter(None, people)),
                "title": _squeezed(info.findtext("{*}book-title") or ""),
            }
    text = tree_prose(root)
    title = facts.get("title", "")
    return (text if not title or text.startswith(title) else f"{title}\n{text}"), facts


def _title(root: Any) -> str:
    for name in _TITLES:
        for element in root.iter("{*}" + name):
            if title := _squeezed("".join(element.itertext())):
                return title
    return ""


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _squeezed_lines(text: str) -> str:
    lines = (_squeezed(line) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
