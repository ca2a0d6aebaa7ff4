"""Texts and pages: plain text, markup languages, HTML, XML, subtitles, notebooks."""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from preparation.encodings import decode
from preparation.extraction import Extraction, Source, unreadable
from preparation.readers.markup_latex import latex_text
from preparation.readers.markup_light import markdown_text, typst_text
from preparation.readers.markup_plain import light_title, plain_text, subtitle_text
from preparation.readers.markup_xml import html_text, xml_document

_SUBTITLES = re.compile(r"\A\s*(?:WEBVTT\b|\d+\r?\n\d{1,2}:\d\d:\d\d[,.]\d{3} -->)")
_HTML = re.compile(
    r"\A\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*"
    r"<(?:!doctype html|html|head|body|frameset|div|p|table|span|h[1-6]|ul)\b",
    re.I | re.S,
)
_LIGHT = {"text/markdown": markdown_text, "text/x-typst": typst_text}
_HTML_TYPES = ("text/html", "application/xhtml+xml")
_XML = re.compile(r"\A\s*(?:<\?xml\b|<!DOCTYPE\s+(?!html)|<[A-Za-z_][\w.-]*(?::[\w.-]+)?(?:\s+[\w:.-]+\s*=|\s*/?>))")
_LATEX = re.compile(
    r"^\s*\\(?:documentclass|documentstyle|begin\{document\}|begin\{longtable\}|usepackage|chapter\*?\{|section\*?\{)",
    re.M,
)
_HEAD_CHARS = 8_192
MAX_TITLE_CHARS = 500


def read(source: Source) -> Extraction:
    """Reads a text; one of no characters at all is a fault."""
    data = source.path.read_bytes()
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        blank = ", all of them blank" if data else ""
        reason = f"The file is empty: {len(data)} bytes{blank}."
        return unreadable(reason, "Ask the sender for it again.", kind="document")
    decoded = decode(data)
    reader, form = _reader(decoded.text, source.media_type)
    text, facts = reader(decoded.text)
    limit = source.limits.max_text_chars
    metadata: dict[str, str | int | float | bool] = {"encoding": decoded.encoding, "form": form}
    metadata |= {key: value[:MAX_TITLE_CHARS] for key, value in facts.items() if value}
    note = f"Only the first {limit} of {len(text)} characters are kept." if len(text) > limit else None
    return Extraction(kind="document", text=text[:limit].strip(), metadata=metadata, note=note)


_Reader = Callable[[str], tuple[str, dict[str, str]]]


def _reader(text: str, media_type: str) -> tuple[_Reader, str]:
    """The way to read it, by what its head says first and by its media type after that."""
    head = text[:_HEAD_CHARS].lstrip("\ufeff")
    if _SUBTITLES.match(head):
        return subtitle_text, "subtitles"
    if head.lstrip().startswith("{") and '"nbformat"' in text:
        return _notebook, "notebook"
    if _LATEX.search(head):
        return latex_text, "latex"
    if _HTML.match(head) or media_type in _HTML_TYPES:
        return html_text, "html"
    if _XML.match(head):
        return xml_document, "xml"
    light = _light if media_type != "text/plain" or light_title(head) else _plain
    return _LIGHT.get(media_type, light), "text"


def _plain(text: str) -> tuple[str, dict[str, str]]:
    return plain_text(text), {}


def _light(text: str) -> tuple[str, dict[str, str]]:
    return plain_text(text), light_title(text[:_HEAD_CHARS])


def _notebook(text: str) -> tuple[str, dict[str, str]]:
    """The cells of a Jupyter notebook, code and prose, and the texts among their outputs."""
    try:
        book = json.loads(text)
        cells = book.get("cells") or [cell for sheet in book.get("worksheets", []) for cell in sheet.get("cells", [])]
        pieces = [piece for cell in cells for piece in _cell(cell)]
    except (ValueError, AttributeError, TypeError):
        return plain_text(text), {}
    return "\n\n".join(pieces), light_title("\n".join(pieces[:1]))


def _cell(cell: dict[str, Any]) -> Iterable[str]:
    yield _joined(cell.get("source") or cell.get("input") or "")
    for output in cell.get("outputs", []):
        yield _joined(output.get("text") or output.get("data", {}).get("text/plain") or "")


def _joined(value: object) -> str:
    return "".join(map(str, value)) if isinstance(value, list) else str(value)
