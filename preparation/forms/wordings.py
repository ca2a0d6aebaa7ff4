"""What is printed on forms beside and above values, folded so that letters which OCR takes for each other are equal."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

HEAD = 3
"""Letters by which a label is known to begin."""
_MIN_SHARED = 0.45  # share of a label's letter triples that a line must have before letters are compared
_ALIKE = str.maketrans({"1": "i", "l": "i", "|": "i", "!": "i", "0": "o", "5": "s", "8": "b"})
_LETTERS = re.compile(r"[^\w$#%|!]|_")


@dataclass(frozen=True, slots=True)
class Label:
    """One wording of what is printed beside or above a value.

    Attributes:
        owner: Whose label it is: a field's name, or "" for printed words that belong to no field.
        letters: The wording, folded for comparison.
        triples: Its letter triples.
        places: Each letter → the places where it stands, a bit each.
    """

    owner: str
    letters: str
    triples: frozenset[str]
    places: Mapping[str, int]


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """Letters and digits alone, those alike to OCR made equal."""
    return _LETTERS.sub("", text.casefold()).translate(_ALIKE)


def label(owner: str, wording: str) -> Label:
    """A wording ready to be looked for."""
    letters = folded(wording)
    places: dict[str, int] = {}
    for at, letter in enumerate(letters):
        places[letter] = places.get(letter, 0) | 1 << at
    return Label(owner, letters, triples_of(letters), places)


class Wordings:
    """Labels by how they begin: of some hundred labels a word begins one or two.

    Args:
        labels: In order; of two that match equally well the first counts.
    """

    def __init__(self, labels: Iterable[Label]) -> None:
        self.labels = tuple(labels)
        self._needed = [(each.triples, _MIN_SHARED * len(each.triples)) for each in self.labels]
        self._beginning: dict[str, list[int]] = defaultdict(list)
        self._whole: dict[str, list[int]] = defaultdict(list)  # labels that are no longer than that
        for index, each in enumerate(self.labels):
            for length in range(1, min(HEAD, len(each.letters)) + 1):
                for head in _misread(each.letters[:length]):
                    self._beginning[head].append(index)
                    if length == len(each.letters) < HEAD:
                        self._whole[head].append(index)

    def near(self, begun: Iterable[int], triples: Collection[str]) -> frozenset[int]:
        """Of these labels, by their places, those of which enough triples are there to compare their letters."""
        there = triples if isinstance(triples, (set, frozenset)) else frozenset(triples)
        needed = self._needed
        return frozenset([at for at in begun if len(needed[at][0] & there) >= needed[at][1]])

    def beginning(self, word: str) -> frozenset[int]:
        """The places of the labels that may begin with a word, though one of its first letters is misread."""
        near: set[int] = set()
        for head in _misread(word[:HEAD]):
            near.update(self._beginning.get(head, ()))
        for length in range(1, min(HEAD, len(word))) if self._whole else ():
            near.update(index for head in _misread(word[:length]) for index in self._whole.get(head, ()))
        return frozenset(near)


def _misread(head: str) -> list[str]:
    """A beginning with each of its letters left open in turn; one letter alone must be right."""
    return [head] if len(head) < 2 else [f"{head[:at]}?{head[at + 1 :]}" for at in range(len(head))]  # noqa: PLR2004


def triples_of(letters: str) -> frozenset[str]:
    """The letters three by three; of fewer than three, these."""
    if len(letters) < HEAD:
        return frozenset((letters,))
    return frozenset([letters[index : index + 3] for index in range(len(letters) - 2)])
