"""Words into lines, in reading order, and lines into text."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from statistics import median

from preparation.ocr.engine import Seen

_GAP = 1.5  # heights of a letter between words that belong to different columns
_SIGNS = re.compile(r"[\W_]+")
_RESTS = frozenset("|_~\u2018\u2019'`.,:;=\u2014\u2013")
_FIGURE = re.compile(r"\$?\d[\d,]*\.\d\d|\d{3,}")
_MIN_FIGURE = 0.15  # specks give no amount of money; a line through it makes an engine unsure of a right one
_LEVEL = 0.5  # share of a height that two words on one line have in common


def without_rules(word: Seen) -> Seen:
    """The word without the rests of upright lines that stand at its ends or cross it."""
    return replace(word, text=word.text.replace("|", "").strip("_[]{}")) if len(word.text) > 1 else word


def is_junk(word: Seen, least: float) -> bool:
    """Whether it is no word but a speck, a rest of a line, or a guess."""
    if word.confidence < (min(least, _MIN_FIGURE) if _FIGURE.fullmatch(word.text) else least) or not word.text:
        return True
    signs = _SIGNS.fullmatch(word.text)
    return signs is not None and (word.text in _RESTS or len(word.text) > 1)


def in_lines(words: Sequence[Seen], *, by_place: bool) -> list[list[Seen]]:
    """The words by line, from top to bottom and left to right.

    Args:
        words: As an engine gave them; words of one line in a row.
        by_place: Whether lines run across the whole page as they stand, rather than as the engine found them.
    """
    runs = [list(run) for _, run in groupby(words, key=lambda word: word.line)]
    if not by_place:
        return runs
    lines: list[list[list[Seen]]] = []
    for run in sorted(runs, key=_middle):
        if lines and _is_level(lines[-1], run):
            lines[-1].append(run)
        else:
            lines.append([run])
    return [[word for run in sorted(line, key=lambda run: run[0].left) for word in run] for line in lines]


def _is_level(line: Sequence[Sequence[Seen]], run: Sequence[Seen]) -> bool:
    """Whether most of the run's height, or of the line's, is shared by both."""
    top, bottom = median(_top(each) for each in line), median(_bottom(each) for each in line)
    shared = min(bottom, _bottom(run)) - max(top, _top(run))
    return shared > _LEVEL * min(bottom - top, _bottom(run) - _top(run))


def _top(run: Sequence[Seen]) -> float:
    return median(word.top for word in run)


def _bottom(run: Sequence[Seen]) -> float:
    return median(word.bottom for word in run)


def _middle(run: Sequence[Seen]) -> float:
    return (_top(run) + _bottom(run)) / 2


def text_of(lines: Sequence[Sequence[Seen]]) -> str:
    """One line of text a line; two blanks where a new column begins, an empty line before a new paragraph."""
    told: list[str] = []
    floor = None
    for line in lines:
        height = median(word.bottom - word.top for word in line)
        if floor is not None and (line[0].top - floor > height or line[0].top < floor - 4 * height):
            told.append("")
        told.append(_line(line, height))
        floor = max(word.bottom for word in line)
    return "\n".join(told)


def _line(line: Sequence[Seen], height: float) -> str:
    parts = [line[0].text]
    for before, word in pairwise(line):
        parts += ["  " if word.left - before.right > _GAP * height else " ", word.text]
    return "".join(parts)
