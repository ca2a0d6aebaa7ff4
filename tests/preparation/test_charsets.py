"""Old encodings: of many languages, how often is the right one found?"""

import pytest
from charset_texts import ENCODINGS, TEXTS, WESTERN

from preparation.charsets import charset_of, wide_charset_of
from preparation.encodings import decode

CASES = [(language, encoding) for language, encodings in ENCODINGS.items() for encoding in encodings.split()]


@pytest.mark.parametrize(("language", "encoding"), CASES)
def test_two_sentences_come_back_letter_for_letter(language: str, encoding: str) -> None:
    text = TEXTS[language]

    assert decode(text.encode(encoding)).text == text


def test_of_sixty_characters_nine_texts_in_ten_come_back() -> None:
    starts = [(TEXTS[language][:60], encoding) for language, encoding in CASES]

    right = [decode(text.encode(encoding)).text == text for text, encoding in starts]

    assert sum(right) / len(right) > 0.9


def test_numbers_and_noise_are_in_no_old_encoding() -> None:
    assert charset_of(bytes(range(128, 256)) * 8) is None
    assert wide_charset_of(b"12 34 56 78 90 and more") is None
    assert decode(b"1\xb0 2\xb0 3\xb0").text == "1° 2° 3°"


def test_a_long_start_in_ascii_hides_nothing() -> None:
    text = "id;name\n" * 5_000 + TEXTS["polish"]

    assert decode(text.encode("cp1250")).text == text


@pytest.mark.parametrize("text", WESTERN)
def test_english_with_a_sign_or_an_accent_is_western(text: str) -> None:
    assert decode(text.encode("cp1252")).text == text
