"""What a browser shows of a page, as text: link targets, markers of lists, rows of tables, names of pictures."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lxml import etree

from preparation.readers.prose import Prose, one_line, squeezed
from preparation.readers.tree_walk import walked

_INLINE_LIST = (
    "a abbr acronym b bdi bdo big button cite code data del dfn em font i ins kbd label mark meter nobr output q s "
    "samp slot small span strike strong sub sup time tt u var wbr"
)
_WITHIN_LINES = frozenset((*_INLINE_LIST.split(), "td", "th", "img", "input"))
_SILENT = frozenset(["script", "style", "noscript", "template", "head", "svg", "object", "annotation", "datalist"])
_HIDING = re.compile(r"display:none|visibility:hidden")
_LISTS = ("ul", "ol", "menu", "dir")
_SHOWN_INPUTS = ("", "text", "submit", "button", "email", "tel", "number", "date", "search", "url")
_MAX_SPAN = 40
_MAX_REPEATED_CELLS = 10_000
_MAX_REPEATED_CHARS = 100
_MAX_ROW_CELL_CHARS = 400
_TINY_PIXELS = 3


@dataclass(slots=True)
class _List:
    """A list that is being read: the number of its next item, or None where it is not numbered."""

    number: int | None


@dataclass(slots=True)
class _Grid:
    """A table that is being read: the next column, and what cells above reach down to the row."""

    column: int = 0
    reaching: dict[int, tuple[str, int]] = field(default_factory=dict)
    holds_table: bool = False


class _Page:
    """One walk over a page."""

    def __init__(self) -> None:
        self.prose = Prose()
        self._lists: list[_List] = []
        self._grids: list[_Grid] = []
        self._marks: list[int] = []
        self._kept = 0
        self._room = _MAX_REPEATED_CELLS
        self._opening: dict[str, Callable[[Any], None]] = {
            "a": self._mark,
            "sup": self._mark,
            "ul": self._open_list,
            "ol": self._open_list,
            "menu": self._open_list,
            "dir": self._open_list,
            "li": self._open_item,
            "table": self._open_table,
            "tr": self._open_row,
            "td": self._open_cell,
            "th": self._open_cell,
            "img": self._picture,
            "area": self._picture,
            "input": self._input,
            "pre": self._open_kept,
            "textarea": self._open_kept,
        }
        self._closing: dict[str, Callable[[Any], None]] = {
            "a": lambda element: self.prose.link(self._marks.pop(), element.get("href") or ""),
            "sup": lambda _: self.prose.raise_up(self._marks.pop()),
            "ul": self._close_list,
            "ol": self._close_list,
            "menu": self._close_list,
            "dir": self._close_list,
            "table": self._close_table,
            "tr": self._close_row,
            "td": self._close_cell,
            "th": self._close_cell,
            "pre": self._close_kept,
            "textarea": self._close_kept,
        }

    def open(self, element: Any) -> bool:
        """Whether it is hidden; what is not is begun."""
        name = element.tag
        if name in _SILENT or element.get("hidden") is not None:
            return True
        style = element.get("style")
        if style and _hides(style):
            return True
        if name not in _WITHIN_LINES:
            self.prose.add_break()
        if handle := self._opening.get(name):
            handle(element)
        if text := element.text:
            self.add(text)
        return False

    def close(self, element: Any) -> None:
        name = element.tag
        if handle := self._closing.get(name):
            handle(element)
        if name not in _WITHIN_LINES:
            self.prose.add_break()

    def add(self, text: str) -> None:
        (self.prose.add_kept if self._kept else self.prose.add)(text)

    def _mark(self, _: Any) -> None:
        self._marks.append(self.prose.mark())

    def _open_list(self, element: Any) -> None:
        start = element.get("start") or "1"
        self._lists.append(
            _List(int(start) if start.lstrip("-").isdecimal() else 1) if element.tag == "ol" else _List(None)
        )

    def _close_list(self, _: Any) -> None:
        self._lists.pop()

    def _open_item(self, element: Any) -> None:
        own = self._lists[-1] if self._lists else _List(None)
        if own.number is None:
            self.prose.add_item("-", max(len(self._lists) - 1, 0))
            return
        given = element.get("value") or ""
        number = int(given) if given.isdecimal() else own.number
        self.prose.add_item(f"{number}.", len(self._lists) - 1)
        own.number = number + 1

    def _open_table(self, _: Any) -> None:
        for grid in self._grids:
            grid.holds_table = True
        self._grids.append(_Grid())

    def _close_table(self, _: Any) -> None:
        self._grids.pop()

    def _open_row(self, _: Any) -> None:
        if self._grids:
            self._grids[-1].column = 0

    def _close_row(self, _: Any) -> None:
        if self._grids:
            self._fill(self._grids[-1])

    def _open_cell(self, _: Any) -> None:
        if self._grids:
            self._fill(self._grids[-1])
        self.prose.add_cell()
        self._mark(_)

    def _close_cell(self, element: Any) -> None:
        mark = self._marks.pop()
        if not self._grids:
            return
        grid = self._grids[-1]
        text = self.prose.since(mark)
        if len(text) <= _MAX_ROW_CELL_CHARS and not grid.holds_table and not self._kept:
            text = one_line(text)
            self.prose.replace(mark, text)
        columns, rows = _span(element, "colspan"), _span(element, "rowspan")
        repeated = text if len(text) <= _MAX_REPEATED_CHARS and not grid.holds_table else ""
        for at in range(columns):
            if at and repeated:
                self._add_cell(repeated)
            if rows > 1 and self._room:
                grid.reaching[grid.column + at] = repeated, rows - 1
        grid.column += columns

    def _fill(self, grid: _Grid) -> None:
        """The cells that reach down from rows above, up to the next free column."""
        while found := grid.reaching.pop(grid.column, None):
            text, rows = found
            if text:
                self._add_cell(text)
            if rows > 1:
                grid.reaching[grid.column] = text, rows - 1
            grid.column += 1

    def _add_cell(self, text: str) -> None:
        if not self._room:
            return
        self._room -= 1
        self.prose.add_cell()
        self.prose.add(text)

    def _picture(self, element: Any) -> None:
        words = squeezed(element.get("alt") or "")
        is_seen = element.tag == "img" and element.get("alt") is None and element.get("src") and not _is_tiny(element)
        if words or is_seen:
            self.prose.add_picture(words)

    def _input(self, element: Any) -> None:
        if (element.get("type") or "").lower() in _SHOWN_INPUTS:
            self.prose.add(f" {element.get('value') or element.get('placeholder') or ''} ")

    def _open_kept(self, _: Any) -> None:
        self._kept += 1

    def _close_kept(self, _: Any) -> None:
        self._kept -= 1


def page_root(page: str | bytes, *, encoding: str | None = None) -> Any:
    """A page as a tree; None where it is blank.

    Elements are lxml's plain ones: those of `lxml.html` cost a look-up in Python for each element of a page.

    Args:
        page: Its text, or its bytes.
        encoding: That of bytes.
    """
    try:
        return etree.fromstring(page, etree.HTMLParser(huge_tree=True, encoding=encoding))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def page_prose(root: Any) -> str:
    """The text of a parsed page, a line a block."""
    page = _Page()
    walked(root, page.open, page.close, page.add)
    return page.prose.text()


@lru_cache(maxsize=256)  # a page has a few styles, many times
def _hides(style: str) -> bool:
    return _HIDING.search(style.replace(" ", "").lower()) is not None


def _is_tiny(element: Any) -> bool:
    """Whether it is a picture that only takes up room, or tells the sender that the mail was opened."""
    sizes = [(element.get(side) or "").strip().removesuffix("px") for side in ("width", "height")]
    return any(size.isdecimal() and int(size) <= _TINY_PIXELS for size in sizes)


def _span(element: Any, name: str) -> int:
    given = element.get(name)
    if given is None:
        return 1
    given = given.strip()
    return min(max(int(given), 1), _MAX_SPAN) if given.isdecimal() else 1
