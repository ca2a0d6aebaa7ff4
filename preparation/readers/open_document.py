"""OpenDocument texts, presentations and drawings: lists with their numbers, tables, links, notes, charts, formulas."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from preparation.readers.markup_tree import local_name
from preparation.readers.package import Package
from preparation.readers.prose import Prose, one_line, squeezed
from preparation.readers.tree_walk import walked
from preparation.readers.word_numbering import formatted_count

_FORMS = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_SILENT_LIST = (
    "tracked-changes forms sequence-decls note-citation annotation-end title desc creator date date-string "
    "automatic-styles font-face-decls scripts settings soft-page-break page-number page-thumbnail covered-table-cell "
    "table-header-columns table-column"
)
_SILENT = frozenset(_SILENT_LIST.split())
_BLOCKS = frozenset(("p", "h", "table-row", "table", "page", "text-box", "note", "annotation", "section"))
_MAX_ROW_CELL_CHARS = 400
_MAX_BLANKS = 100
_MAX_REPEATED = 40
_MAX_OBJECT_LEVELS = 3


@dataclass(slots=True)
class _List:
    """A list that is being read: how its items are numbered, or None, and the number of its next one."""

    form: str | None
    style: str
    number: int = 1


@dataclass(frozen=True, slots=True)
class _Styles:
    """What the styles tell that matters to the text.

    Attributes:
        numbered: The form of the number by list style and depth, and the number it begins with.
        raised: The styles of powers.
    """

    numbered: dict[tuple[str, int], tuple[str, int]] = field(default_factory=dict)
    raised: set[str] = field(default_factory=set)


def open_document_text(package: Package) -> str:
    """The text of a document, then what stands above and below its pages.

    Raises:
        TooLargeError: If it unpacks to more than it may.
        ValueError: If it has no content.
    """
    content, outer = package.root("content.xml"), package.root("styles.xml")
    if content is None:
        raise ValueError("it has no content")
    styles = _Styles()
    for root in (outer, content):
        if root is not None:
            _learn(root, styles)
    frames = outer.iter("{*}header", "{*}footer") if outer is not None else ()
    texts = [_Walk(package, styles, "").text(part) for part in (content, *frames)]
    return "\n".join(dict.fromkeys(filter(None, texts)))


def _learn(root: Any, styles: _Styles) -> None:
    for level in root.iter("{*}list-level-style-number", "{*}outline-level-style"):
        form = _FORMS.get(_attribute(level, "num-format"))
        name, depth = _attribute(level.getparent(), "name"), _attribute(level, "level")
        if form and depth.isdecimal():
            start = _attribute(level, "start-value")
            styles.numbered[name, int(depth) - 1] = form, int(start) if start.isdecimal() else 1
    for properties in root.iter("{*}text-properties"):
        is_raised = any(value.startswith("super") for value in properties.values())  # in few, and looked at faster
        if is_raised and _attribute(properties, "text-position").startswith("super"):
            styles.raised.add(_attribute(properties.getparent(), "name"))


class _Walk:
    """One walk over a part."""

    def __init__(self, package: Package, styles: _Styles, folder: str, level: int = 0) -> None:
        self._package = package
        self._styles = styles
        self._folder = folder
        self._level = level
        self._prose = Prose()
        self._marks: list[int] = []
        self._lists: list[_List] = []
        self._ended: dict[tuple[str, int], int] = {}
        self._names: dict[Any, str] = {}
        self._opening: dict[str, Callable[[Any], None]] = {
            "list": self._open_list,
            "list-item": self._open_item,
            "a": self._mark,
            "span": self._mark,
            "table-cell": self._open_cell,
            "s": self._blanks,
            "tab": lambda _: self._prose.add(" "),
            "line-break": lambda _: self._prose.add_break(),
            "image": self._picture,
            "object": self._object,
        }
        self._closing: dict[str, Callable[[Any], None]] = {
            "list": self._close_list,
            "a": lambda element: self._prose.link(self._marks.pop(), _attribute(element, "href")),
            "span": self._close_span,
            "table-cell": self._close_cell,
        }

    def text(self, root: Any) -> str:
        walked(root, self._open, self._close, self._prose.add)
        return self._prose.text()

    def _open(self, element: Any) -> bool:
        name = self._name(element)
        if name in _SILENT:
            return True
        if name in _BLOCKS and not (name in ("p", "h") and self._is_begun(element)):
            self._prose.add_break()
        if handle := self._opening.get(name):
            handle(element)
        if text := element.text:  # an empty piece would part a power from what it is a power of
            self._prose.add(text)
        return False

    def _close(self, element: Any) -> None:
        name = self._name(element)
        if handle := self._closing.get(name):
            handle(element)
        if name in _BLOCKS:
            self._prose.add_break()

    def _name(self, element: Any) -> str:
        tag = element.tag
        name = self._names.get(tag)
        if name is None:
            name = self._names[tag] = local_name(element)
        return name

    def _is_begun(self, paragraph: Any) -> bool:
        """Whether it is the first paragraph of an item, which goes on behind the item's marker."""
        parent = paragraph.getparent()
        return parent is not None and local_name(parent) in ("list-item", "list-header") and parent[0] is paragraph

    def _mark(self, _: Any) -> None:
        self._marks.append(self._prose.mark())

    def _open_list(self, element: Any) -> None:
        style = _attribute(element, "style-name") or (self._lists[-1].style if self._lists else "")
        form, start = self._styles.numbered.get((style, len(self._lists)), (None, 1))
        goes_on = _attribute(element, "continue-numbering") == "true"
        number = self._ended.get((style, len(self._lists)), start) if goes_on else start
        self._lists.append(_List(form, style, number))

    def _close_list(self, _: Any) -> None:
        ended = self._lists.pop()
        self._ended[ended.style, len(self._lists)] = ended.number

    def _open_item(self, element: Any) -> None:
        if not self._lists or not any(local_name(child) in ("p", "h") for child in element):
            return
        own = self._lists[-1]
        marker = "-" if own.form is None else f"{formatted_count(own.number, own.form)}."
        self._prose.add_item(marker, len(self._lists) - 1)
        own.number += 1

    def _close_span(self, element: Any) -> None:
        mark = self._marks.pop()
        if _attribute(element, "style-name") in self._styles.raised:
            self._prose.raise_up(mark)

    def _open_cell(self, _: Any) -> None:
        self._prose.add_cell()
        self._mark(_)

    def _close_cell(self, element: Any) -> None:
        mark = self._marks.pop()
        text = self._prose.since(mark)
        if len(text) <= _MAX_ROW_CELL_CHARS and element.find(".//{*}table") is None:
            text = one_line(text)
            self._prose.replace(mark, text)
        repeated = _attribute(element, "number-columns-repeated")
        if text.strip() and repeated.isdecimal():
            for _ in range(min(int(repeated), _MAX_REPEATED) - 1):
                self._prose.add_cell()
                self._prose.add(text)

    def _blanks(self, element: Any) -> None:
        count = _attribute(element, "c")
        self._prose.add(" " * min(int(count) if count.isdecimal() else 1, _MAX_BLANKS))

    def _picture(self, element: Any) -> None:
        """Words for a picture; that which stands in for an object that is read itself is none."""
        frame = element.getparent()
        if frame is None or frame.find("{*}object") is not None or element is not frame.find("{*}image"):
            return
        words = [squeezed(frame.findtext("{*}" + name) or "") for name in ("title", "desc")]
        self._prose.add_picture(" ".join(dict.fromkeys(filter(None, words))))

    def _object(self, element: Any) -> None:
        """A formula, a chart or a sheet that is a document of its own inside the package."""
        target = _attribute(element, "href")
        folder = posixpath.normpath(posixpath.join(self._folder, target)) if target else ""
        root = element[0] if len(element) else self._package.root(f"{folder}/content.xml")
        if root is None or self._level >= _MAX_OBJECT_LEVELS:
            return
        if local_name(root) == "math":
            written = root.findtext(".//{*}annotation")
            self._prose.add(f" ${squeezed(written or ' '.join(root.itertext()))}$ ")
            return
        for line in _Walk(self._package, self._styles, folder, self._level + 1).text(root).split("\n"):
            self._prose.add_break()
            self._prose.add_row(line)
        self._prose.add_break()


def formula_text(package: Package) -> str:
    """The formula that a formula document holds."""
    root = package.root("content.xml")
    if root is None:
        raise ValueError("it has no content")
    return squeezed(root.findtext(".//{*}annotation") or " ".join(root.itertext()))


def _attribute(element: Any, name: str) -> str:
    return next((str(value) for key, value in element.attrib.items() if key.rsplit("}", 1)[-1] == name), "")
