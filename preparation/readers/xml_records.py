"""XML: elements that come again and again as a table, prose as a document, the rest as data.

Entities are never expanded and nothing is fetched. A document that declares entities made of entities, or of files
or addresses, and uses them, is refused.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from lxml import etree

from preparation.encodings import decode
from preparation.extraction import Extraction, RawTable, Source, unreadable
from preparation.readers.markup_tree import tree_prose
from preparation.readers.record_frames import TooManyColumnsError, frame_of
from preparation.readers.tax_returns import returns_of
from preparation.readers.xml_elements import children_of, is_prose, local_name, namespace_of, record_of, text_of

MAX_DOCUMENT_BYTES = 256 * 1024 * 1024
_SUBSET_BYTES = 1024 * 1024
_MIN_RECORDS = 2
_DOMINANT = 0.5
_FEEDS = frozenset({"rss", "feed", "rdf"})
_CODE = frozenset(
    {"http://www.w3.org/1999/XSL/Transform", "http://www.w3.org/2001/XMLSchema", "http://relaxng.org/ns/structure/1.0"}
)
"""Namespaces of what works on documents: programs and schemas, whose many elements of one name are no records."""
_INTERNAL_ENTITY = re.compile(r"<!ENTITY\s+(%\s+)?[\w.:-]+\s+(\"[^\"]*\"|'[^']*')")
_EXTERNAL_ENTITY = re.compile(r"<!ENTITY\s+(?:%\s+)?([\w.:-]+)\s+(?:SYSTEM|PUBLIC)\s[^>]*>")
_USED_ENTITY = re.compile(r"[&%]([\w.:-]+);")
_REFERENCE = re.compile(r"&(?!lt;|gt;|amp;|quot;|apos;|#)[\w.:-]+;|%[\w.:-]+;")


def read(source: Source) -> Extraction:
    """The records or the text of an XML document."""
    if source.size > MAX_DOCUMENT_BYTES:
        return unreadable(
            f"The XML document has {source.size} bytes; at most {MAX_DOCUMENT_BYTES} are read whole.",
            "Split it into documents of fewer records.",
        )
    data = source.path.read_bytes()
    danger = _danger(data)
    if danger:
        return unreadable(f"The XML is refused: {danger}.", "Have it sent without a document type declaration.")
    try:
        root, note = _parsed(data)
    except etree.XMLSyntaxError as error:
        return unreadable(f"The XML is not well-formed: {error}.", "Mend it at that place, or send it again whole.")
    try:
        return _extraction(root, source, note)
    except TooManyColumnsError:
        return unreadable(
            f"Its records have more than {source.limits.max_columns} different fields.",
            "Split it into documents of one kind of record.",
        )


def _danger(data: bytes) -> str | None:
    """What makes the entities of a document dangerous to expand, or None."""
    head = decode(data[:_SUBSET_BYTES], partial=True).text
    start = head.find("<!ENTITY")
    if start < 0:
        return None
    for found in _INTERNAL_ENTITY.finditer(head):
        if _REFERENCE.search(found[2]):
            return f"it declares an entity made of other entities, {found[0][:60]!r}"
    used = set(_USED_ENTITY.findall(head))
    for found in _EXTERNAL_ENTITY.finditer(head):
        if "NDATA" not in found[0] and found[1] in used:
            return f"it uses the external entity {found[1]!r}"
    return None


def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=recover, remove_comments=True
    )


def _parsed(data: bytes) -> tuple[etree._Element, str | None]:
    """The root, and what was wrong on the way to it.

    Raises:
        etree.XMLSyntaxError: If not even its start can be read.
    """
    try:
        return etree.fromstring(data, _parser(recover=False)), None
    except etree.XMLSyntaxError as error:
        first = error
    decoded = decode(data)
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", decoded.text.replace("\0", ""))
    try:
        root = etree.fromstring(text.encode(), _parser(recover=False))
    except etree.XMLSyntaxError:
        root = etree.fromstring(text.encode(), _parser(recover=True))
        if root is None or not len(root):
            raise first from None
        return root, f"It is not well-formed ({first}); what could be read was."
    return root, f"It was read as {decoded.encoding}, which is not what it declares."


def _extraction(root: etree._Element, source: Source, note: str | None) -> Extraction:
    metadata: dict[str, str | int | float | bool] = {"root": local_name(root)}
    limit = source.limits.max_text_chars
    filed = returns_of(root)
    if filed:
        return Extraction(kind="table", text=text_of(root, limit), tables=(filed,), metadata=metadata, note=note)
    prose = is_prose(root)
    text = tree_prose(root)[:limit] if prose else text_of(root, limit)
    has_records = not prose or local_name(root).lower() in _FEEDS
    group = _records(root) if has_records and namespace_of(root) not in _CODE else None
    if not group:
        return Extraction(kind="document" if prose else "data", text=text, metadata=metadata, note=note)
    records = [record_of(element) for element in group]
    _add_type(group, records)
    table = RawTable(frame_of(records, source.limits.max_columns), name=local_name(group[0]))
    dominates = sum(1 for e in group for _ in e.iter()) >= _DOMINANT * sum(1 for _ in root.iter())
    kind = "document" if local_name(root).lower() in _FEEDS else "table" if dominates else "data"
    shown = text if kind != "table" or source.options.is_full_text else ""
    return Extraction(kind=kind, text=shown, tables=(table,), metadata=metadata, note=note)


def _records(root: etree._Element) -> list[etree._Element]:
    """The elements of one name under one parent that hold the most, or none."""
    best: list[etree._Element] = []
    best_weight = 0
    for parent in _outer(root):
        names = Counter(local_name(child) for child in children_of(parent))
        for name, count in names.items():
            if count < _MIN_RECORDS:
                continue
            group = [child for child in children_of(parent) if local_name(child) == name]
            weight = sum(len(element.attrib) + sum(1 for _ in element.iter()) for element in group)
            fields = max(len(element.attrib) + len(element) for element in group)
            if fields > 1 and weight > best_weight:
                best, best_weight = group, weight
    return best


def _outer(root: etree._Element) -> Iterator[etree._Element]:
    """Elements from the root down, to a depth at which records are still records of the document."""
    level = [root]
    for _ in range(6):
        yield from level
        level = [child for element in level for child in children_of(element)][:20_000]


def _add_type(group: list[etree._Element], records: list[dict[str, Any]]) -> None:
    """Where each record holds one element, of different names, that name says what happened: its ``type``."""
    inner = [children_of(element) for element in group]
    if all(len(children) <= 1 for children in inner) and len({local_name(c) for kids in inner for c in kids}) > 1:
        for children, record in zip(inner, records, strict=True):
            if children and "type" not in record:
                record["type"] = local_name(children[0])
