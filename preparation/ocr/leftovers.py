"""Words that the layout analysis of an engine passed over: single digits in the cells of a form, mostly."""

from collections.abc import Sequence

from preparation.ocr.engine import Pixels, Seen

MAX_SPOTS = 300  # of 3 ms each; more is a drawing
_JOIN = 0.7  # heights of a letter between letters of one word
_MARGIN = 0.35
_LEAST, _MOST = 0.55, 2.2  # heights of what may be a word, in heights of a letter


def leftovers(dark: Pixels, seen: Sequence[Seen], letter_height: float) -> list[tuple[int, int, int, int]]:
    """Boxes ``left, top, width, height`` of dark spots of a letter's height that no word covers."""
    import cv2

    rest = dark.copy()
    for word in seen:
        rest[round(word.top) : round(word.bottom) + 1, round(word.left) : round(word.right) + 1] = 0
    block = cv2.getStructuringElement(cv2.MORPH_RECT, (max(1, round(letter_height * _JOIN)), 3))
    _, _, spots, _ = cv2.connectedComponentsWithStats(cv2.dilate(rest, block), connectivity=8)
    margin = round(letter_height * _MARGIN)
    boxes = []
    for left, top, width, height, _ in spots[1:].tolist():
        if letter_height * _LEAST <= height <= letter_height * _MOST and width >= letter_height * _LEAST:
            boxes.append((max(0, left - margin), max(0, top - margin), width + 2 * margin, height + 2 * margin))
    return boxes if len(boxes) <= MAX_SPOTS else []


def surest(first: Sequence[Seen], again: Sequence[Seen]) -> list[Seen]:
    """The words of both readings, the surer one where two stand in one place."""
    kept = [
        word for word in first if not any(_meet(word, other) and other.confidence > word.confidence for other in again)
    ]
    return kept + [word for word in again if not any(_meet(word, other) for other in kept)]


def _meet(one: Seen, other: Seen) -> bool:
    """Whether the middle of one lies in the other."""
    return _holds(one, other) or _holds(other, one)


def _holds(outer: Seen, inner: Seen) -> bool:
    across, down = (inner.left + inner.right) / 2, (inner.top + inner.bottom) / 2
    return outer.left <= across <= outer.right and outer.top <= down <= outer.bottom
