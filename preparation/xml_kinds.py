"""What kind of XML or HTML a text is, by its root element."""

import re

from preparation import media_types as types

_WORD = re.compile(r"\S+")
_PROLOGUE = re.compile(r"\s*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^<>\[]*(?:\[.*?\]\s*)?>|\s+)+", re.DOTALL | re.IGNORECASE)
_DOCTYPE = re.compile(r"<!DOCTYPE\s+([\w:.-]+)([^>\[]*)", re.IGNORECASE)
_ROOT = re.compile(r"<([A-Za-z_][\w:.-]*)([^>]*)>?")
_DECLARATION = re.compile(r"<!(?:ELEMENT|ATTLIST|ENTITY|NOTATION)\s|<!\[")
_HTML_ELEMENT = re.compile(
    r"</?(?:html|head|body|title|meta|script|style|div|span|p|table|tr|td|th|ul|ol|li|h[1-6]|a|img|br|form|section)\b",
    re.IGNORECASE,
)
_HTML_ROOTS = frozenset(
    _WORD.findall("""
        html head body div p table h1 h2 h3 ul ol section article main title meta style script center font span
        frameset header footer nav blockquote pre form
    """)
)
_HTML_VOID = frozenset(("br", "hr", "img", "input"))
_HTML_WITHIN = frozenset(_WORD.findall("a abbr b big cite code em i kbd mark q s samp small strong sub sup tt u"))
"""Elements that stand within lines: a text that begins with one and does not end with it is no XML."""
_DOCBOOK_ROOTS = frozenset(("book", "article", "chapter", "section", "set", "part", "refentry", "appendix", "preface"))
_BY_ROOT = {
    "html": types.HTML,
    "fictionbook": "application/x-fictionbook+xml",
    "opml": "text/x-opml",
    "svg": "image/svg+xml",
    "rss": types.XML,
    "tei": "application/tei+xml",
    "teicorpus": "application/tei+xml",
}


def xml_kind(head: str, hint: str | None = None) -> tuple[str, str] | None:
    """The kind of a text that begins with a tag, or None where it does not read as XML or HTML.

    Args:
        head: The start of the text.
        hint: What the file's name suggests.
    """
    if not head.startswith("<"):
        return None
    prologue = _PROLOGUE.match(head)
    rest = head[prologue.end() if prologue else 0 :]
    doctype = _DOCTYPE.search(head[:2048])
    is_xml = head.startswith("<?xml")
    root = _ROOT.match(rest)
    if doctype and doctype[1].lower() == "html":
        return types.HTML, "an HTML document type"
    if root is None and _DECLARATION.match(rest):
        return types.PLAIN, "declarations for XML, and no element"
    if root is None:
        return (types.XML, "an XML declaration") if is_xml or doctype else None
    name, attributes = root[1].rpartition(":")[2].lower(), root[2]
    if not is_xml and "xmlns" not in attributes and _is_part_of_page(name, rest, hint):
        return types.HTML, f"its first element is {name}"
    return _kind_of_root(name, attributes, doctype[2] if doctype else "", rest, is_xml=is_xml or bool(doctype))


def _is_part_of_page(name: str, rest: str, hint: str | None) -> bool:
    """Whether a text without declarations is HTML by its name, or by a first element that no XML would begin with."""
    if name in _BY_ROOT:
        return False
    if hint == types.HTML or name in _HTML_VOID:
        return True
    ends = [found.end() for found in re.finditer(rf"</{re.escape(name)}\s*>", rest, re.IGNORECASE)]
    return name in _HTML_WITHIN and (len(ends) != 1 or bool(rest[ends[0] :].strip()))


def _kind_of_root(name: str, attributes: str, public_id: str, rest: str, *, is_xml: bool) -> tuple[str, str] | None:
    known = _BY_ROOT.get(name) or _by_document_type(name, attributes, public_id)
    if known:
        return known, f"its root element is {name}"
    if name in _HTML_ROOTS and not is_xml and len(_HTML_ELEMENT.findall(rest[:20_000])) > 1:
        return types.HTML, f"its first element is {name}"
    if is_xml or "xmlns" in attributes or re.search(rf"</(?:[\w.-]+:)?{re.escape(name)}\s*>|/>", rest, re.IGNORECASE):
        return types.XML, f"its root element is {name}"
    return None


def _by_document_type(name: str, attributes: str, public_id: str) -> str | None:
    if "JATS" in public_id or "NLM//DTD" in public_id or (name == "article" and "article-type=" in attributes):
        return "application/jats+xml"
    if name in _DOCBOOK_ROOTS and ("DocBook" in public_id or "docbook.org" in attributes):
        return "application/docbook+xml"
    return "application/tei+xml" if "http://www.tei-c.org" in attributes else None
