"""How a text sounds."""

import polars as pl
import pytest

from preparation.sentiment import sentiment_of, text_sentiment


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("a riveting, poignant film", "a tedious, cliched film"),
        ("This is good.", "This is not good."),
        ("I loooove this", "I like this"),
        ("what a gem", "an uninvolving bore"),
        ("a good start, but a great end", "a great start, but a good end"),
        ("bad plot,great fun", "bad plot,no fun"),
    ],
)
def test_the_better_text_sounds_better(better: str, worse: str) -> None:
    assert text_sentiment(better) > text_sentiment(worse)


def test_two_equal_words_before_a_but_weigh_half_each() -> None:
    once, twice = text_sentiment("good but bad"), text_sentiment("good good but bad")
    assert once < twice < text_sentiment("good good good but bad")


def test_a_long_text_of_one_feeling_does_not_sound_like_the_greatest_there_is() -> None:
    mild, strong = text_sentiment("It was okay. " * 30), text_sentiment("It was superb, a masterpiece! " * 30)
    assert 0.5 < mild < 0.9 * strong


@pytest.mark.parametrize("text", ["", "   ", "the table has four legs", "!!!", "zzzzzz", "but"])
def test_a_text_without_feeling_sounds_like_nothing(text: str) -> None:
    assert text_sentiment(text) == 0


def test_every_score_is_between_the_extremes() -> None:
    scores = sentiment_of(pl.Series("text", ["best day ever!!!! " * 200, None, "worst hell, hate it!!!! " * 200]))
    assert scores.null_count() == 1
    assert scores.drop_nulls().is_between(-1, 1).all()
