"""Visible text of HTML and XML."""

import re
from typing import Any

from lxml import etree

from preparation.readers.markup_html import page_prose

_INLINE_LIST = (
    "a abbr acronym b bdi bdo big bold cite code del dfn em emphasis ext-link font i ins italic kbd label mark "
    "monospace q s sc small span strike strong style-name sub sup tt u underline var wbr xref link ulink literal "
    "figref claim-ref named-content hi ref"
)
_INLINE = frozenset(_INLINE_LIST.split())
_CELLS = {"td", "th", "entry", "cell", "table-cell"}
_TITLES = ("article-title", "invention-title", "book-title", "title", "B540")
_OUTLINE_ATTRIBUTES = ("text", "title", "_note")
_DATA_RUN = re.compile(r"[\w+/=-]{512,}", re.ASCII)  # a run so long is an encoded picture, not words
_MARKUP_IN_TEXT = re.compile(r"<[^<>]{0,1000}>")
_DECLARED = re.compile(r"\A\s*<\?xml[^>]*\?>")


def html_text(text: str) -> tuple[str, dict[str, str]]:
    """What a browser would show, and the title, author and language that the page names."""
    from lxml import html

    try:
        root = html.document_fromstring(
            _DECLARED.sub("", text.replace("\x00", "")), parser=html.HTMLParser(huge_tree=True)
        )
    except (etree.ParserError, ValueError):
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
    found = _visible(root, {"script", "style", "binary"})
    if parser.error_log:  # not well-formed, or several documents in one file: the parser stops at the first end
        stripped = _squeezed_lines(_MARKUP_IN_TEXT.sub("\n", text))
        found = stripped if len(found) * 2 < len(stripped) else found
    return _DATA_RUN.sub("", found), {"title": _title(root), "root": _local(root)}


def _title(root: Any) -> str:
    for name in _TITLES:
        for element in root.iter("{*}" + name):
            if title := _squeezed("".join(element.itertext())):
                return title
    return ""


def _visible(root: Any, silent: set[str]) -> str:
    pieces: list[str] = []
    silence = 0
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        name = _local(element)
        if event == "start":
            silence += _is_silent(element, name, silent)
            if not silence:
                pieces.append(_separator(name) + _attributes(element, name) + (element.text or ""))
            continue
        if event == "end":
            silence -= _is_silent(element, name, silent)
        if not silence:
            pieces.append((_separator(name) if event == "end" else "") + (element.tail or ""))
    return _squeezed_lines("".join(pieces), keep_breaks=False)


def _is_silent(element: Any, name: str, silent: set[str]) -> bool:
    return name in silent or "display:none" in (element.get("style") or "").replace(" ", "").lower()


def _attributes(element: Any, name: str) -> str:
    if name == "outline":
        return "\n".join(element.get(key) for key in _OUTLINE_ATTRIBUTES if element.get(key))
    if name in ("img", "area"):
        return element.get("alt") or ""
    return ""


def _separator(name: str) -> str:
    """U+2028 stands for a break until the blanks of the source are squeezed."""
    return "" if name in _INLINE else "\t" if name in _CELLS else "\u2028"


def _local(element: Any) -> str:
    return re.split("[}:]", element.tag)[-1] if isinstance(element.tag, str) else ""


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _squeezed_lines(text: str, *, keep_breaks: bool = True) -> str:
    lines = (_squeezed(line) for line in (text.split("\n") if keep_breaks else text.split("\u2028")))
    return "\n".join(line for line in lines if line)
