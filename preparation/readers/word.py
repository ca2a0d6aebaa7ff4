"""Word documents: paragraphs with their numbers, tables, text boxes, charts, formulas, notes, headers and footers.

Read from the XML, since kreuzberg leaves out what Word computes (the numbers of headings and lists), text boxes,
charts and the addresses of links; a long document takes half the time of the two readers that were needed before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from preparation.readers.drawn_part import DrawnPart, attribute, described, unread
from preparation.readers.package import Package
from preparation.readers.word_numbering import Numbering, is_listed, listing_styles, numbering_of

_SILENT_LIST = "pPr sectPr tblPr tblGrid trPr tcPr sdtPr sdtEndPr del moveFrom Fallback rubyPr rt"
_SILENT = frozenset(_SILENT_LIST.split())
_LINK_FIELD = re.compile(r'\s*HYPERLINK\s+"([^"]+)"')
_NOTE_PARTS = ("footnotes", "endnotes", "comments")
_FRAME_PARTS = ("header", "footer")


def word_text(package: Package) -> str:
    """The text of a Word document: the body, then notes and comments, then what stands above and below the pages.

    Raises:
        TooLargeError: If it unpacks to more than it may.
        ValueError: If it has no body.
    """
    main = package.main_part("word/document.xml")
    body = package.root(main)
    if body is None:
        raise ValueError("it has no body")
    ties = package.ties(main)
    named = dict(ties.values())
    lists = _lists(package, named)
    pieces = [_Part(package, ties, lists).text(body)]
    for kind in _NOTE_PARTS:
        pieces += _texts(package, [named[kind]] if kind in named else [], lists)
    frames = sorted({target for kind, target in ties.values() if kind in _FRAME_PARTS})
    pieces += dict.fromkeys(_texts(package, frames, lists))
    return "\n".join(filter(None, pieces))


class _Lists:
    """The lists of a document, read once a paragraph is of one.

    The template of python-docx has 350 KB of styles, fourteen of them for lists: to read them takes longer than all
    else of a short document without any.

    Args:
        read: Reads them.
        styles: Those that make a paragraph an item.
    """

    def __init__(self, read: Callable[[], Numbering], styles: frozenset[str]) -> None:
        self._read = read
        self._styles = styles
        self._numbering: Numbering | None = None

    def marker(self, properties: Any) -> tuple[str, int] | None:
        """The marker of a paragraph with these properties and its depth, if it has one."""
        if self._numbering is None:
            if not is_listed(properties, self._styles):
                return None
            self._numbering = self._read()
        return self._numbering.marker(properties)


def _lists(package: Package, named: dict[str, str]) -> _Lists | None:
    """The lists of a document, or None where it has no rules for any."""
    if "numbering" not in named:
        return None
    part = named.get("styles", "")
    styles = package.content(part)
    listing = listing_styles(styles)
    return _Lists(
        lambda: numbering_of(package.root(named["numbering"]), package.parsed(part, styles) if listing else None),
        listing,
    )


def _texts(package: Package, parts: list[str], lists: _Lists | None) -> Iterator[str]:
    for part in parts:
        root = package.root(part)
        if root is not None:
            yield _Part(package, package.ties(part), lists).text(root)


class _Part(DrawnPart):
    """One walk over a part."""

    def __init__(self, package: Package, ties: dict[str, tuple[str, str]], lists: _Lists | None) -> None:
        super().__init__(
            package,
            ties,
            dict.fromkeys(_SILENT, unread)
            | {
                "p": self._open_paragraph,
                "r": self._open_run,
                "rPr": self._raise,
                "tr": self._break,
                "tbl": self._break,
                "txbxContent": self._break,
                "hyperlink": self._mark,
                "tab": self._blank,
                "ptab": self._blank,
                "cr": self._break,
                "noBreakHyphen": lambda _: self._prose.add("-"),
                "fldChar": self._field,
                "instrText": self._instruction,
                "docPr": self._describe,
                "cNvPr": self._describe_inner,
                "blip": self._picture,
                "imagedata": self._picture,
            },
            {"p": self._close_paragraph, "r": self._close_run, "hyperlink": self._link},
        )
        self._lists = lists
        self._paragraphs: list[tuple[int, bool]] = []
        self._fields: list[tuple[str, int]] = []
        self._is_raised = False

    def _blank(self, _: Any) -> None:
        self._prose.add(" ")

    def _open_paragraph(self, element: Any) -> None:
        self._prose.add_break()
        marker = self._lists.marker(_child(element, "{*}pPr")) if self._lists else None
        if marker:
            self._prose.add_item(marker[0], marker[1])
        self._paragraphs.append((self._prose.mark(), marker is not None))

    def _close_paragraph(self, _: Any) -> None:
        mark, is_item = self._paragraphs.pop()
        if is_item and not self._prose.since(mark).strip():
            self._prose.replace(mark - 1, "")
        self._prose.add_break()

    def _open_run(self, _: Any) -> None:
        self._is_raised = False
        self._mark(_)

    def _raise(self, properties: Any) -> bool:
        alignment = _child(properties, "{*}vertAlign")
        value = "" if alignment is None else next(iter(alignment.attrib.values()), "")
        self._is_raised = value == "superscript"
        return True

    def _close_run(self, _: Any) -> None:
        mark = self._marks.pop()
        if self._is_raised:
            self._prose.raise_up(mark)
            self._is_raised = False

    def _link(self, element: Any) -> None:
        mark = self._marks.pop()
        kind, target = self._ties.get(attribute(element, "id"), ("", ""))
        if kind == "hyperlink":
            self._prose.link(mark, target)

    def _field(self, element: Any) -> None:
        """Fields are written as a begin, a rule, a separator, what the rule gave, and an end."""
        kind = attribute(element, "fldCharType")
        if kind == "begin":
            self._fields.append(("", self._prose.mark()))
        elif kind == "separate" and self._fields:
            self._fields[-1] = self._fields[-1][0], self._prose.mark()
        elif kind == "end" and self._fields:
            rule, mark = self._fields.pop()
            if (found := _LINK_FIELD.match(rule)) and not self._fields and mark <= self._prose.mark():
                self._link_field(mark, found[1])

    def _link_field(self, mark: int, address: str) -> None:
        """Only where the field lies within one paragraph: pieces of cells before it may have been put together."""
        if self._paragraphs and mark >= self._paragraphs[-1][0]:
            self._prose.link(mark, address)
            self._marks = [min(each, self._prose.mark()) for each in self._marks]

    def _instruction(self, element: Any) -> None:
        if self._fields:
            rule, mark = self._fields[-1]
            self._fields[-1] = rule + (element.text or ""), mark

    def _describe(self, element: Any) -> None:
        self._words_of_picture = described(attribute(element, "descr"))

    def _describe_inner(self, element: Any) -> None:
        if not self._words_of_picture:
            self._describe(element)

    def _picture(self, _: Any) -> None:
        self._prose.add_picture(self._words_of_picture)
        self._words_of_picture = ""


def _child(element: Any, name: str) -> Any:
    """The first of its children of this name, or None; asked of every paragraph, and a third faster than `find`."""
    return next(element.iterchildren(name), None)
