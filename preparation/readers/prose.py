"""Text put together from a tree of markup: lines, list items, rows of cells, links and pictures.

Blanks of the source mean nothing and are squeezed at the end, so breaks and kept blanks are written as control
characters until then, which no XML or HTML text may hold.
"""

import re

BREAK = "\u2028"
"""Stands for the end of a line until the blanks of the source are squeezed."""

_KEPT_BLANK, _CELL = "\x01", "\x02"
_KEPT = str.maketrans({" ": _KEPT_BLANK, "\t": _KEPT_BLANK * 4, "\n": BREAK, "\r": None})
_MAX_ADDRESS_CHARS = 1_000
_MAX_RAISED_CHARS = 12
_NO_ADDRESS = re.compile(r"\s*(?:#|javascript:|data:|about:|$)", re.IGNORECASE)
_CELL_EDGES = re.compile(rf"[ {BREAK}]*{_CELL}[ {BREAK}]*")


class Prose:
    """Pieces of text in the order in which they are read."""

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def add(self, text: str) -> None:
        self._pieces.append(text)

    def add_kept(self, text: str) -> None:
        """Text whose blanks and line ends count, as that of program code."""
        self._pieces.append(text.translate(_KEPT))

    def add_break(self) -> None:
        self._pieces.append(BREAK)

    def add_cell(self) -> None:
        """The start of a cell of a table's row."""
        self._pieces.append(_CELL)

    def add_row(self, line: str) -> None:
        """A row of a table whose cells are parted by tabs."""
        self._pieces.append(line.replace("\t", _CELL))

    def add_item(self, marker: str, level: int) -> None:
        """The start of an item of a list, `level` lists deep from 0."""
        self._pieces.append(BREAK + _KEPT_BLANK * (4 * level) + marker + " ")

    def mark(self) -> int:
        """A place to come back to with `since` and `replace`."""
        return len(self._pieces)

    def since(self, mark: int) -> str:
        return "".join(self._pieces[mark:])

    def replace(self, mark: int, text: str) -> None:
        self._pieces[mark:] = [text]

    def link(self, mark: int, address: str) -> None:
        """Makes what was added since `mark` the words of a link; a link within the page stays plain words."""
        words = self.since(mark)
        shown = squeezed(words)
        bare = address.strip().removeprefix("mailto:")
        if shown and bare != shown and len(bare) <= _MAX_ADDRESS_CHARS and not _NO_ADDRESS.match(address):
            lead = words[: len(words) - len(words.lstrip(f" \n{BREAK}"))]
            self.replace(mark, f"{lead}[{words.strip(f' {BREAK}')}]({''.join(bare.split())})")

    def raise_up(self, mark: int) -> None:
        """Makes what was added since `mark` a power: ``10^6`` is not ``106``."""
        raised = squeezed(self.since(mark))
        before = self._pieces[mark - 1][-1:] if mark else ""
        if raised and len(raised) <= _MAX_RAISED_CHARS and before.isalnum() and raised[0].isalnum():
            self.replace(mark, f"^{raised}")

    def add_picture(self, words: str) -> None:
        shown = squeezed(words)
        self._pieces.append(f" [image: {shown}] " if shown else " [image] ")

    def text(self) -> str:
        """The whole, a line a block, without blank lines."""
        return finished("".join(self._pieces))


def squeezed(text: str) -> str:
    """The text on one line, with single blanks."""
    return " ".join(text.replace(_KEPT_BLANK, " ").replace(_CELL, " ").split())


def one_line(text: str) -> str:
    """The content of a cell on one line: what breaks it is a blank."""
    return " ".join(text.replace(_KEPT_BLANK, " ").split())


def finished(text: str) -> str:
    """Pieces with the marks of this module as the text that people read."""
    lines = (" ".join(line.split()) for line in text.split(BREAK))
    return "\n".join(shown for line in lines if line and (shown := _shown(line)).strip())


def _shown(line: str) -> str:
    """A line of single blanks without marks; most have none."""
    if _CELL in line:
        line = _CELL_EDGES.sub("\t", line).rstrip(" \t")
    if _KEPT_BLANK in line:
        line = line.replace(_KEPT_BLANK, " ").rstrip()
    return line.removeprefix("\t")
