"""Words into lines, in reading order, and lines into text."""

import re
from collections.abc import Sequence
from itertools import groupby, pairwise
from statistics import median

from preparation.ocr.engine import Seen

_GAP = 1.5  # heights of a letter between words that belong to different columns
_JUNK = re.compile(r"[\W_]+")


def is_junk(word: Seen, least: float) -> bool:
    """Whether it is no word but a speck, a rest of a line, or a guess."""
    if word.confidence < least:
        return True
    return len(word.text) > 1 and _JUNK.fullmatch(word.text) is not None and len(set(word.text)) == 1


def in_lines(words: Sequence[Seen], *, by_place: bool) -> list[list[Seen]]:
    """The words by line, from top to bottom and left to right.

    Args:
        words: In any order.
        by_place: Whether lines run across the whole page as they stand, rather than as the engine found them.
    """
    if not by_place and all(word.line >= 0 for word in words):
        return [list(line) for _, line in groupby(words, key=lambda word: word.line)]
    lines: list[list[Seen]] = []
    for word in sorted(words, key=lambda each: (each.top + each.bottom) / 2):
        middle = (word.top + word.bottom) / 2
        last = lines[-1] if lines else None
        if last and middle < median(each.bottom for each in last) - _slack(last):
            last.append(word)
        else:
            lines.append([word])
    return [sorted(line, key=lambda word: word.left) for line in lines]


def _slack(line: Sequence[Seen]) -> float:
    return 0.25 * median(word.bottom - word.top for word in line)


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
