"""Presentations: the slides in their order with lists, tables, charts and diagrams, and the notes of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from preparation.readers.drawn_part import DrawnPart, attribute, described, unread
from preparation.readers.package import Package
from preparation.readers.word_numbering import roman

_SILENT = frozenset(
    ("rPr", "endParaRPr", "defRPr", "bodyPr", "lstStyle", "tblPr", "tblGrid", "spPr", "Fallback", "style")
)
_RUNNING = ("sldNum", "dt")
_NUMBER_FORMS: tuple[tuple[str, Callable[[int], str]], ...] = (
    ("alphaLc", lambda count: chr(ord("a") + (count - 1) % 26)),
    ("alphaUc", lambda count: chr(ord("A") + (count - 1) % 26)),
    ("romanLc", roman),
    ("romanUc", lambda count: roman(count).upper()),
)


def slides_text(package: Package) -> str:
    """The text of a presentation, slide by slide.

    Raises:
        TooLargeError: If it unpacks to more than it may.
        ValueError: If it has no slide.
    """
    main = package.main_part("ppt/presentation.xml")
    ties = package.ties(main)
    root = package.root(main)
    order = [attribute(each, "id", is_tie=True) for each in (root.iter("{*}sldId") if root is not None else ())]
    slides = [ties[each][1] for each in order if each in ties]
    if not slides:
        raise ValueError("it has no slide")
    pieces: list[str] = []
    for slide in slides:
        own = package.ties(slide)
        pieces.append(_told(package, slide, own))
        beside = {kind: target for kind, target in own.values() if kind in ("notesSlide", "comments")}
        pieces += [_told(package, target, package.ties(target)) for _, target in sorted(beside.items(), reverse=True)]
    return "\n\n".join(filter(None, pieces))


def drawing_text(package: Package, part: str) -> str:
    """The text of a drawing that lies on a sheet: its charts, pictures, text boxes and diagrams."""
    return _told(package, part, package.ties(part))


def _told(package: Package, part: str, ties: dict[str, tuple[str, str]]) -> str:
    root = package.root(part)
    return _Slide(package, ties).text(root) if root is not None else ""


class _Slide(DrawnPart):
    """One walk over a slide or its notes."""

    def __init__(self, package: Package, ties: dict[str, tuple[str, str]]) -> None:
        super().__init__(
            package,
            ties,
            dict.fromkeys(_SILENT, unread)
            | {
                "sp": _is_running,
                "txBody": lambda _: self._counts.clear(),
                "p": self._open_paragraph,
                "r": self._mark,
                "text": self._add_words,
                "tr": self._break,
                "cNvPr": self._describe,
                "pic": lambda _: self._describe(None),
                "blip": self._picture,
            },
            {"p": self._break, "text": self._break, "r": self._close_run},
        )
        self._counts: dict[int, int] = {}

    def _open_paragraph(self, element: Any) -> None:
        properties = element.find("{*}pPr")
        level = int(properties.get("lvl") or 0) if properties is not None else 0
        numbered = properties.find("{*}buAutoNum") if properties is not None else None
        self._counts = {
            at: count for at, count in self._counts.items() if at < level or (at == level and numbered is not None)
        }
        if numbered is None:
            is_item = level or (properties is not None and properties.find("{*}buChar") is not None)
            if is_item and element.find("{*}r") is not None:
                self._prose.add_item("-", level)
            else:
                self._prose.add_break()
            return
        if element.find("{*}r") is None:
            self._prose.add_break()
            return
        count = self._counts.get(level, int(numbered.get("startAt") or 1) - 1) + 1
        self._counts[level] = count
        form = numbered.get("type") or ""
        shown = next((told(count) for prefix, told in _NUMBER_FORMS if form.startswith(prefix)), str(count))
        self._prose.add_item(f"{shown}." if form.endswith("Period") or not form else f"{shown})", level)

    def _close_run(self, element: Any) -> None:
        mark = self._marks.pop()
        properties = element.find("{*}rPr")
        if properties is None:
            return
        if int(properties.get("baseline") or 0) > 0:
            self._prose.raise_up(mark)
        link = properties.find("{*}hlinkClick")
        kind, target = self._ties.get(attribute(link, "id"), ("", "")) if link is not None else ("", "")
        if kind == "hyperlink":
            self._prose.link(mark, target)

    def _describe(self, element: Any) -> None:
        self._words_of_picture = described(element.get("descr") or "") if element is not None else ""

    def _picture(self, _: Any) -> None:
        self._prose.add_break()
        self._prose.add_picture(self._words_of_picture)
        self._prose.add_break()


def _is_running(shape: Any) -> bool:
    """Whether a shape is the number or the date that every slide bears."""
    place = next(shape.iterfind("{*}nvSpPr/{*}nvPr/{*}ph"), None)
    return place is not None and place.get("type") in _RUNNING
