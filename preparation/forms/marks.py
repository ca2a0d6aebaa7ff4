"""What is printed on a form and tells it, looked for in a text without trying every pattern on every letter."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

_PARTS = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?(?:[aimsu]+\)|<?[=!]|:)|[?*+][?+]?|\{\d*,?\d*\}[?+]?|.", re.DOTALL
)
_QUANTIFIER = re.compile(r"[?*+]|\{\d*,?\d*\}")
_MAY_BE_NONE = re.compile(r"[?*]|\{0?,|\{0\}")
_NOT_LOWERED = re.compile(r"(\\.|\(\?P)", re.DOTALL)
_MIN_CHARS = 2

Clause = frozenset[str]
"""Letters of which some are in the text."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where a mark was found in a text.

    Attributes:
        mark: The mark.
        start: Its first letter.
        end: Behind its last.
        words: What stands there.
    """

    mark: "Mark"
    start: int
    end: int
    words: str


@dataclass(frozen=True, eq=False)
class Mark:
    """Something printed that tells a form.

    Attributes:
        pattern: A regular expression; letter case does not matter.
        weight: How much it says; 1.5 and more can tell a form by itself.
        dataset: Of which dataset forms with it are.
    """

    pattern: str
    weight: float
    dataset: str

    @cached_property
    def needed(self) -> tuple[tuple[Clause, ...], ...]:
        """Letters that are in any text it matches: some of each clause of one of these alternatives.

        Looking for them takes 2 µs, trying the pattern 100: on a text that is no form, eighty marks are tried.
        """
        parts = _PARTS.findall(self.pattern.lower())
        if ("(", "?") in pairwise(parts):  # a named group or the like: nothing is expected of the text
            return ((),)
        return tuple(_alternatives(iter(parts)))

    @cached_property
    def _certain(self) -> tuple[str, ...]:
        """The letters that are all in any text it matches, the longest first; none where there are alternatives."""
        alone = [literal for clause in self.needed[0] if len(clause) == 1 for literal in clause]
        return tuple(sorted(alone, key=len, reverse=True)) if len(self.needed) == 1 else ()

    def _may_be_in(self, lowered: str) -> bool:
        return any(all(any(map(lowered.__contains__, clause)) for clause in each) for each in self.needed)

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """The pattern in lower case: where it had to ignore case, `re` would step through a text letter by letter."""
        pieces = _NOT_LOWERED.split(self.pattern)
        return re.compile("".join(piece if at % 2 else piece.lower() for at, piece in enumerate(pieces)))

    def search(self, text: str, lowered: str) -> Sighting | None:
        """Where it stands first in a text, of which the lower-case form is given too; None where it is not there.

        It does not begin within a word: `ddsub040` is no UB-04.
        """
        for literal in self._certain:
            if literal not in lowered:
                return None
        if not self._certain and not self._may_be_in(lowered):
            return None
        for match in self.compiled.finditer(lowered):
            start, end = match.span()
            if start and lowered[start - 1].isalnum() and lowered[start].isalnum():
                continue
            return Sighting(self, start, end, text[start:end] if len(text) == len(lowered) else match.group())
        return None


def _alternatives(parts: Iterator[str]) -> Iterator[tuple[Clause, ...]]:
    """The clauses of each alternative, up to the end of the group."""
    clauses: list[Clause] = []
    run, last = "", None  # letters side by side; and a letter, or what a group needs, that may turn out to be optional
    for part in parts:
        if _QUANTIFIER.match(part):
            is_needed = not _MAY_BE_NONE.match(part)
            clauses += _clauses(run + last if is_needed and isinstance(last, str) else run)
            clauses += [last] if is_needed and isinstance(last, frozenset) else []
            run, last = "", None
            continue
        if isinstance(last, str):
            run += last
        else:
            clauses += [last] if last else []
        last = _needed_of(part, parts)
        if not isinstance(last, str):
            clauses += _clauses(run)
            run = ""
        if part in "|)":
            yield tuple(clauses)
            clauses = []
        if part == ")":
            return
    clauses += [last] if isinstance(last, frozenset) else []
    yield (*clauses, *_clauses(run + last if isinstance(last, str) else run))


def _needed_of(part: str, parts: Iterator[str]) -> str | Clause | None:
    """The letter that a part is, or the letters that the group which it opens needs; None where it needs none."""
    if not part.startswith("("):
        if len(part) == 1:
            return None if part in "^$.|)" else part
        return part[1] if part.startswith("\\") and not part[1].isalnum() else None
    if part.endswith(")"):  # flags
        return None
    best = [max(each, key=lambda clause: min(map(len, clause)), default=None) for each in _alternatives(parts)]
    if part.endswith("!") or None in best:
        return None
    return frozenset(literal for clause in best if clause for literal in clause)


def _clauses(run: str) -> list[Clause]:
    return [frozenset((run,))] if len(run) >= _MIN_CHARS else []
