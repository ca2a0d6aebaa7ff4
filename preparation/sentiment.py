"""The sentiment of short English texts, by the VADER lexicon and rules, and words of reviews and of chat beside them.

The rules are those of C. Hutto and E. Gilbert (VADER, ICWSM 2014). What is different was judged by the correlation with
human ratings of tweets, films, products and news; the words were written down without looking at those texts. VADER as
it is: 0.877, 0.428, 0.596, 0.496. With drawn-out letters read as one (looove): tweets 0.878. With our words: film 0.52.
With the mean feeling beside the sum, all together: 0.884, 0.519, 0.626, 0.499. Taking -ed, -ing and -er off made tweets
and products worse; no other constant in place of VADER's 15 was better.
"""

import json
import math
import re
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl

from preparation.language import language_of

MAX_ROWS = 50_000  # at 7,000 texts a second; beyond, the column stays empty
_MAX_CHARS = 2_000
_SAMPLE_TEXTS = 200
_WORDS = "sentiment_words.json"

_DRAWN_OUT = re.compile(r"([a-z])\1{2,}")
_GLUED = re.compile(r"(?<=[a-z]{2})(\.{2,}|[,;!?…]+)(?=[A-Za-z])")  # sad...but
_MAX_MEMO = 100_000
_MIN_DERIVED_CHARS = 6
_NEGATED, _MEAN_SHARE, _HALF_FEELING = -0.74, 0.3, 7.5  # VADER's factor of "not"; half of its 15


def sentiment_of(texts: pl.Series) -> pl.Series:
    """From -1 (most negative) to 1, null where there is no text; all null where the texts are not English."""
    empty = pl.Series(texts.name, [None] * len(texts), dtype=pl.Float64)
    if len(texts) > MAX_ROWS or texts.null_count() == len(texts):
        return empty
    sample = " ".join(texts.drop_nulls().head(_SAMPLE_TEXTS).str.head(_MAX_CHARS).to_list())
    if language_of(sample) not in ("en", None):
        return empty
    scores = {text: text_sentiment(text) for text in texts.drop_nulls().unique().to_list()}
    return pl.Series(texts.name, [scores.get(text) for text in texts.to_list()], dtype=pl.Float64)


def text_sentiment(text: str) -> float:
    """The sentiment of one English text, from -1 to 1."""
    return float(_analyzer().polarity_scores(_GLUED.sub(r"\1 ", text[:_MAX_CHARS]))["compound"])


class _Lexicon(dict[str, float]):
    """Words and their feeling; what is drawn out, a plural or denied by its first letters is found under its base."""

    def __init__(self, words: dict[str, float]) -> None:
        super().__init__(words)
        self._memo: dict[str, float | None] = {}

    def __contains__(self, word: object) -> bool:
        return super().__contains__(word) or self._derived(str(word)) is not None

    def __missing__(self, word: str) -> float:
        feeling = self._derived(word)
        if feeling is None:
            raise KeyError(word)
        return feeling

    def _derived(self, word: str) -> float | None:
        if word not in self._memo:
            if len(self._memo) >= _MAX_MEMO:
                self._memo.clear()
            self._memo[word] = self._derive(word)
        return self._memo[word]

    def _derive(self, word: str) -> float | None:
        if _DRAWN_OUT.search(word):
            doubled, single = _DRAWN_OUT.sub(r"\1\1", word), _DRAWN_OUT.sub(r"\1", word)
            return self.get(doubled, self.get(single))
        if len(word) < _MIN_DERIVED_CHARS or not word.isalpha():
            return None
        if word.endswith("s") and not word.endswith("ss") and (feeling := self.get(word[:-1])) is not None:
            return feeling
        denied = next(
            (self.get(word[len(start) :], 0) for start in ("un", "im", "in", "dis") if word.startswith(start)), 0
        )
        return denied * _NEGATED if denied > 0 else None


@cache
def _analyzer() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    class Analyzer(SentimentIntensityAnalyzer):  # type: ignore[misc]  # the library has no types
        """VADER with our words, a `but` that weighs each word once, and the mean feeling beside the sum."""

        def make_lex_dict(self) -> dict[str, float]:
            return _Lexicon(_own_words() | super().make_lex_dict())

        @staticmethod
        def _but_check(words: list[str], feelings: list[float]) -> list[float]:
            # The library looks each feeling up by its value, so that of two equal ones the first is weighed twice.
            lowered = [str(word).lower() for word in words]
            if "but" not in lowered:
                return feelings
            turn = lowered.index("but")
            return [f * 0.5 if i < turn else f * 1.5 if i > turn else f for i, f in enumerate(feelings)]

        def score_valence(self, feelings: list[float], text: str) -> dict[str, float]:
            # The sum grows with a text's length, the impression that it makes does not.
            scores: dict[str, float] = super().score_valence(feelings, text)
            felt = [feeling for feeling in feelings if feeling]
            if felt:
                mean = sum(felt) / len(felt)
                mean += math.copysign(self._punctuation_emphasis(text), mean) if mean else 0
                impression = mean / math.sqrt(_HALF_FEELING + mean * mean)
                scores["compound"] = (1 - _MEAN_SHARE) * scores["compound"] + _MEAN_SHARE * impression
            return scores

    return Analyzer()


def _own_words() -> dict[str, float]:
    """Words of reviews and of chat that VADER lacks, with a feeling from -4 to 4."""
    kept = json.loads(files("preparation").joinpath(_WORDS).read_text(encoding="utf-8"))
    return {word: float(feeling) for feeling, lines in kept.items() for line in lines for word in line.split()}
