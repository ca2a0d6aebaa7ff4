"""Arabic in PDF: the two letters of one sign in the order in which they are spelt."""

import pytest

from preparation.readers.pdf_arabic import mended

LAM, ALEF, KAF = "\u0644", "\u0627", "\u0643"


class Page:
    """A page on which each character has a box of its own, but for those that share one."""

    def __init__(self, count: int, shared: tuple[int, ...] = ()) -> None:
        self._count = count
        self._shared = shared

    def count_chars(self) -> int:
        return self._count

    def get_charbox(self, index: int) -> tuple[float, float, float, float]:
        left = float(self._shared[0] if index in self._shared else index)
        return left, 0.0, left + 1, 1.0


@pytest.mark.parametrize(
    ("text", "shared", "right"),
    [
        (KAF + ALEF + LAM, (1, 2), KAF + LAM + ALEF),  # one sign: "no" inside a word
        (ALEF + LAM + KAF, (), ALEF + LAM + KAF),  # two signs: the article
        (f"{KAF}PDF{KAF}", (), f"{KAF} PDF {KAF}"),
        ("plain", (), "plain"),
    ],
)
def test_only_letters_of_one_sign_change_places(text: str, shared: tuple[int, ...], right: str) -> None:
    assert mended(text, Page(len(text), shared)) == right


def test_letters_whose_places_are_not_known_stay() -> None:
    assert mended(KAF + ALEF + LAM, Page(7, (1, 2))) == KAF + ALEF + LAM
