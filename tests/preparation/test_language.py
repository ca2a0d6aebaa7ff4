"""The language of a text, of its prose rather than of what it begins with."""

from preparation.language import language_of

GERMAN = "Der Fluss ist nach langem Regen über die Ufer getreten, und die Straße zum Bahnhof wurde gesperrt. "
ENGLISH = "After a long rain the river rose over its banks, and the road to the station was closed for a day. "


def test_a_long_text_is_told_by_more_than_its_beginning() -> None:
    assert language_of("MENU HOME LOGIN SIGN UP CONTACT " * 60 + GERMAN * 400) == "de"
    assert language_of(ENGLISH * 400) == "en"


def test_too_few_letters_tell_no_language() -> None:
    assert language_of("12 34 56 7890 total") is None
    assert language_of("") is None
