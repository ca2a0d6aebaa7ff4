"""The walk over a parsed tree that every reader of markup takes, without a step into what nobody reads."""

from collections.abc import Callable
from typing import Any

from lxml import etree


def walked(
    root: Any,
    opens: Callable[[Any], object],
    closes: Callable[[Any], object],
    adds: Callable[[str], object] | None = None,
) -> None:
    """Goes through the elements in the order in which they are written.

    Args:
        root: The element to begin with.
        opens: Told of each element; one of which it says something true is not entered, and not closed.
        closes: Told of each element that was opened, after what is in it.
        adds: Told the text that follows an element, a comment or an instruction; None where such text means nothing.
    """
    walk = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    is_skipped: object = False
    for event, element in walk:
        if event == "start":
            is_skipped = opens(element)
            if is_skipped:
                walk.skip_subtree()
            continue
        if event == "end":
            if not is_skipped:
                closes(element)
            is_skipped = False
        if adds and (tail := element.tail):
            adds(tail)
