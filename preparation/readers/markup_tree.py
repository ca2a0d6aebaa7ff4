"""Documents of XML vocabularies (DocBook, JATS, TEI, FictionBook, patents …) as the text that people read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

from preparation.readers.markup_html import page_prose, page_root
from preparation.readers.prose import BREAK, Prose, one_line, squeezed
from preparation.readers.tree_walk import walked

_INLINE_LIST = (
    "a abbr abbrev accel acronym application b bdi bdo big bold citation citetitle classname cmdname code command del "
    "dfn em emphasis envar ext-link figref claim-ref filename firstterm font foreignphrase function guibutton guilabel "
    "guimenu hi i inline-formula ins italic kbd keycap label link literal markup member methodname monospace "
    "named-content note-ref option overline parameter phrase placename productname prompt q quote ref replaceable "
    "roman s sansserif sc sgmltag small span strike strikethrough strong style style-name styled-content sub subscript "
    "suffix sup superscript symbol systemitem tag term tt u ulink underline uri userinput var varname wbr xref"
)
_SPACED_LIST = (
    "city collab contrib-id corp country date day fpage given-names issue lpage month name persname person prefix "
    "pub-id pubdate publisher-name rid series source state surname volume year first-name middle-name last-name "
    "nickname email"
)
_SPACED = frozenset(_SPACED_LIST.split())  # parts of a line that the source need not part by blanks
_INLINE = frozenset(_INLINE_LIST.split()) | _SPACED
_SILENT = frozenset(("script", "style", "binary", "annotation", "tex-math"))
_CELLS = frozenset(("td", "th", "entry", "cell", "table-cell"))
_RAISED = frozenset(("sup", "superscript"))
_PICTURES = frozenset(("img", "image", "graphic", "inline-graphic", "imagedata"))
_ITEMS = frozenset(("listitem", "list-item", "item", "li"))
_NUMBERED_LISTS = frozenset(("orderedlist", "ol", "procedure"))
_BULLETED_LISTS = frozenset(("itemizedlist", "ul", "simplelist"))
_NUMBERED_KINDS = frozenset(("order", "ordered", "arabic", "number", "numbered", "alpha-lower", "roman-lower"))
_KEPT = frozenset(("programlisting", "screen", "literallayout", "pre", "preformat", "eg", "verse-line"))
_ADDRESSES = ("href", "url", "target")
_OUTLINE_ATTRIBUTES = ("text", "title", "_note")
_MAX_ROW_CELL_CHARS = 400
_DATA_RUN = re.compile(r"[\w+/=-]{512,}", re.ASCII)  # a run so long is an encoded picture, not words
_PAGE_IN_TEXT = re.compile(r"<(?:p|div|table|span|br|ul|ol|h[1-6]|a|b|font|html)\b[^>]*>", re.IGNORECASE)


@dataclass(slots=True)
class _List:
    """A list that is being read: the number of its next item, or None where it is not numbered."""

    number: int | None


class _Document:
    """One walk over a document."""

    def __init__(self, root: Any) -> None:
        self.prose = Prose()
        self._root = root
        self._named: dict[str, Any] | None = None
        self._names: dict[Any, str] = {}
        self._lists: list[_List] = []
        self._marks: list[int] = []
        self._kept = 0

    def open(self, element: Any) -> bool:
        """Whether only programs read it; what is not so is begun."""
        name = self._name(element)
        if name in _SILENT:
            return True
        if not name:  # an entity that nothing declares: what HTML calls so
            self.add(unescape(element.text or ""))
            return False
        if name in _CELLS:
            self.prose.add_cell()
        elif name not in _INLINE and name not in _PICTURES:
            self.prose.add_break()
        if name in _CELLS or name in _RAISED or name in _INLINE:
            self._marks.append(self.prose.mark())
        if name in _SPACED:
            self.prose.add(" ")
        self._begin(element, name)
        if text := element.text:
            self.add(text)
        return False

    def _begin(self, element: Any, name: str) -> None:
        if name in _PICTURES:
            self.prose.add_picture(_attribute(element, "alt") or _attribute(element, "title"))
        elif name == "outline":
            self.prose.add(BREAK.join(element.get(key) for key in _OUTLINE_ATTRIBUTES if element.get(key)))
        elif name == "xref" and not element.text and not len(element):
            self.prose.add(self._label(element))
        elif is_list(name):
            self._lists.append(_List(1 if _is_numbered(element, name) else None))
        elif name in _ITEMS and self._lists:
            self._item()
        elif name in _KEPT:
            self._kept += 1

    def close(self, element: Any) -> None:
        name = self._name(element)
        if not name:
            return
        if name in _CELLS:
            self._close_cell()
        elif name in _RAISED:
            self.prose.raise_up(self._marks.pop())
        elif name in _INLINE:
            mark = self._marks.pop()
            if address := next((found for key in _ADDRESSES if (found := _attribute(element, key))), ""):
                self.prose.link(mark, address)
            if name in _SPACED:
                self.prose.add(" ")
        elif is_list(name):
            self._lists.pop()
        elif name in _KEPT:
            self._kept -= 1
        if name not in _INLINE and name not in _CELLS and name not in _PICTURES:
            self.prose.add_break()

    def add(self, text: str) -> None:
        if self._kept:
            self.prose.add_kept(text)
        elif holds_page(text):
            self.prose.add(BREAK + page_in_text(text).replace("\n", BREAK) + BREAK)
        else:
            self.prose.add(text)

    def _name(self, element: Any) -> str:
        tag = element.tag
        name = self._names.get(tag)
        if name is None:
            name = self._names[tag] = local_name(element)
        return name

    def _item(self) -> None:
        own = self._lists[-1]
        self.prose.add_item("-" if own.number is None else f"{own.number}.", len(self._lists) - 1)
        if own.number is not None:
            own.number += 1

    def _close_cell(self) -> None:
        mark = self._marks.pop()
        text = self.prose.since(mark)
        if len(text) <= _MAX_ROW_CELL_CHARS and not self._kept:
            self.prose.replace(mark, one_line(text))

    def _label(self, reference: Any) -> str:
        """What a reference without words of its own is shown as: the label or the title of what it leads to."""
        if self._named is None:
            self._named = {found: each for each in self._root.iter("*") if (found := _attribute(each, "id"))}
        target = self._named.get(_attribute(reference, "linkend") or _attribute(reference, "target"))
        end = self._named.get(_attribute(reference, "endterm"))
        if end is not None:
            return squeezed("".join(end.itertext()))
        if target is None:
            return ""
        if label := _attribute(target, "xreflabel"):
            return label
        named = next((each for each in target.iter("{*}title", "{*}command", "{*}function")), None)
        return squeezed("".join(named.itertext())) if named is not None else ""


def tree_prose(root: Any) -> str:
    """The text of a parsed document, a line a block, without what only programs read."""
    document = _Document(root)
    walked(root, document.open, document.close, document.add)
    return _DATA_RUN.sub("", document.prose.text())


def page_in_text(text: str) -> str:
    """What a browser would show of HTML that is the value of an element, as in feeds and company reports."""
    root = page_root(text.replace("\x00", ""))
    return text if root is None else page_prose(root)


def holds_page(text: str) -> bool:
    """Whether a value of an element is HTML."""
    return "<" in text and _PAGE_IN_TEXT.search(text) is not None


def local_name(element: Any) -> str:
    """The element's name without its namespace; "" for what is no element."""
    return element.tag.rsplit("}", 1)[-1].rsplit(":", 1)[-1] if isinstance(element.tag, str) else ""


def is_list(name: str) -> bool:
    """Whether elements of this name are lists."""
    return name in _NUMBERED_LISTS or name in _BULLETED_LISTS or name == "list"


def _is_numbered(element: Any, name: str) -> bool:
    kind = (element.get("list-type") or element.get("type") or element.get("rend") or "").lower()
    return name in _NUMBERED_LISTS or (name == "list" and kind in _NUMBERED_KINDS)


def _attribute(element: Any, name: str) -> str:
    """The attribute of this name in whatever namespace."""
    if found := element.get(name):
        return str(found)
    return next((str(value) for key, value in element.attrib.items() if key.endswith("}" + name)), "")
