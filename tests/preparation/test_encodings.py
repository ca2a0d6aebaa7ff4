"""Bytes to text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preparation.encodings import decode

GERMAN = "Die Größe der Bäume überrascht: „schön“ – 5 € für Käse, Öl und Süßes.\n"  # noqa: RUF001
RUSSIAN = "Быстрая коричневая лиса перепрыгивает через ленивую собаку. Съешь ещё этих мягких булок.\n" * 3
JAPANESE = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。カタカナも少し。\n" * 4
CHINESE = "人人生而自由,在尊严和权利上一律平等。他们赋有理性和良心,并应以兄弟关系的精神相对待。\n" * 4
GREEK = "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα.\n" * 3  # noqa: RUF001


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_western_text_comes_back_from_any_encoding(encoding: str) -> None:
    assert decode(GERMAN.encode(encoding)).text == GERMAN


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (RUSSIAN, "koi8-r"),
        (RUSSIAN, "cp1251"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc-jp"),
        (JAPANESE, "iso2022_jp"),
        (CHINESE, "gb18030"),
        (GREEK, "cp1253"),
    ],
)
def test_other_scripts_come_back_from_their_old_encodings(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)).text == text


def test_a_short_latin_text_is_western() -> None:
    text = "Señor Muñoz pidió un café y pagó 3 £ en efectivo."
    assert decode(text.encode("latin-1")).text == text


def test_a_declared_encoding_is_believed_where_it_fits() -> None:
    data = '<?xml version="1.0" encoding="ISO-8859-2"?><a>Zażółć gęślą jaźń</a>'.encode("iso-8859-2")
    assert "Zażółć" in decode(data).text
    wrong = b'<?xml version="1.0" encoding="ascii"?><a>caf\xe9</a>'
    assert "café" in decode(wrong).text


def test_mainframe_text_is_read_with_its_line_ends() -> None:
    text = "ACCOUNT 000123 BALANCE 45.10\nACCOUNT 000124 BALANCE 99.00\n"
    assert decode(text.encode("cp037").replace(b"\x25", b"\x15")).text == text


def test_utf7_is_read_where_its_shifts_are() -> None:
    text = "Grüße und schöne Träume aus Köln"
    assert decode(text.encode("utf-7")).text == text
    assert decode(b"a+b-c, C++ and 1+1=2-ish +49-30-1234").text == "a+b-c, C++ and 1+1=2-ish +49-30-1234"


def test_what_was_replaced_is_said() -> None:
    decoded = decode("Zürich, Genève, Köln, Malmö".encode() + b"\xff\xfe")
    assert decoded.text.startswith("Zürich")
    assert "2 byte sequences" in (decoded.note or "")


def test_a_character_cut_at_the_end_of_a_head_is_no_fault() -> None:
    data = "ü".encode() * 5
    assert decode(data[:-1], partial=True).note is None
    assert decode(data[:-1]).note is not None


@given(st.binary(max_size=400))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    decoded = decode(data)
    assert isinstance(decoded.text, str)


@given(st.text(max_size=200))
def test_any_utf8_comes_back(text: str) -> None:
    data = text.encode("utf-8", errors="ignore")
    decoded = decode(data)
    if decoded.encoding == "utf-8":
        assert decoded.text == data.decode().removeprefix("\ufeff")
