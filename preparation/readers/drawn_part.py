"""One walk over a part of an Open XML document: what Word's paragraphs and PowerPoint's slides have in common."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from typing import Any

from preparation.readers.charts import chart_lines, diagram_lines
from preparation.readers.equations import latex_of
from preparation.readers.markup_tree import local_name
from preparation.readers.package import Package
from preparation.readers.prose import Prose, one_line
from preparation.readers.tree_walk import walked

_MAX_ROW_CELL_CHARS = 400
_MACHINE_WORDS = re.compile(r"\s*Description automatically generated.*", re.IGNORECASE | re.DOTALL)
Handle = Callable[[Any], object]


class DrawnPart:
    """The text of a part, put together by what is done about each kind of element.

    Args:
        package: The document.
        ties: What the part refers to.
        opening: By the name of an element, what is done where it begins; it is not entered where that says True.
        closing: What is done where it ends.
    """

    def __init__(
        self,
        package: Package,
        ties: dict[str, tuple[str, str]],
        opening: Mapping[str, Handle],
        closing: Mapping[str, Handle],
    ) -> None:
        self._package = package
        self._ties = ties
        self._prose = Prose()
        self._marks: list[int] = []
        self._words_of_picture = ""
        self._opening = {
            "t": self._add_words,
            "br": self._break,
            "tc": self._open_cell,
            "chart": self._chart,
            "relIds": self._diagram,
            "oMath": self._formula,
            **opening,
        }
        self._closing = {"tc": self._close_cell, **closing}
        self._opens: dict[Any, Handle | None] = {}  # by the full tag: a part has a few tags, many times
        self._closes: dict[Any, Handle | None] = {}

    def text(self, root: Any) -> str:
        """The text of the part."""
        walked(root, self._open, self._close)
        return self._prose.text()

    def _open(self, element: Any) -> object:
        tag = element.tag
        try:
            handle = self._opens[tag]
        except KeyError:
            handle = self._opens[tag] = self._opening.get(local_name(element))
        return handle and handle(element)

    def _close(self, element: Any) -> None:
        tag = element.tag
        try:
            handle = self._closes[tag]
        except KeyError:
            handle = self._closes[tag] = self._closing.get(local_name(element))
        if handle:
            handle(element)

    def _add_words(self, element: Any) -> None:
        self._prose.add(element.text or "")

    def _break(self, _: Any) -> None:
        self._prose.add_break()

    def _mark(self, _: Any) -> None:
        self._marks.append(self._prose.mark())

    def _open_cell(self, _: Any) -> None:
        self._prose.add_cell()
        self._mark(_)

    def _close_cell(self, element: Any) -> None:
        mark = self._marks.pop()
        text = self._prose.since(mark)
        if len(text) <= _MAX_ROW_CELL_CHARS and element.find("{*}tbl") is None:
            self._prose.replace(mark, one_line(text))

    def _chart(self, element: Any) -> None:
        _, part = self._ties.get(attribute(element, "id"), ("", ""))
        self._add_lines(chart_lines(self._package.root(part)))

    def _diagram(self, element: Any) -> None:
        _, part = self._ties.get(attribute(element, "dm"), ("", ""))
        self._add_lines(diagram_lines(self._package.root(posixpath.normpath(part))))

    def _add_lines(self, lines: list[str]) -> None:
        for line in lines:
            self._prose.add_break()
            self._prose.add_row(line)
        self._prose.add_break()

    def _formula(self, element: Any) -> bool:
        if formula := latex_of(element):
            self._prose.add(f" ${formula}$ ")
        return True


def unread(_: Any) -> bool:
    """What is done about an element that holds no text for people."""
    return True


def described(words: str) -> str:
    """The words for a picture that a person wrote, without what the program adds to its own."""
    return _MACHINE_WORDS.sub("", words)


def attribute(element: Any, name: str, *, is_tie: bool = False) -> str:
    """The attribute in whatever namespace; of two of one name the one with a namespace where a tie is meant."""
    found = [(key, str(value)) for key, value in element.attrib.items() if key.rsplit("}", 1)[-1] == name]
    if is_tie:
        found.sort(key=lambda each: "}" not in each[0])
    return found[0][1] if found else ""
