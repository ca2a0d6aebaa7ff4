"""The sentiment of short English texts, by the VADER lexicon."""

from functools import cache
from typing import Any

import polars as pl

from preparation.language import language_of

MAX_ROWS = 50_000  # at 7,000 texts a second; beyond, the column stays empty
_MAX_CHARS = 2_000
_SAMPLE_TEXTS = 200


def sentiment_of(texts: pl.Series) -> pl.Series:
    """From -1 (most negative) to 1, null where there is no text; all null where the texts are not English."""
    empty = pl.Series(texts.name, [None] * len(texts), dtype=pl.Float64)
    if len(texts) > MAX_ROWS or texts.null_count() == len(texts):
        return empty
    sample = " ".join(texts.drop_nulls().head(_SAMPLE_TEXTS).str.head(_MAX_CHARS).to_list())
    if language_of(sample) not in ("en", None):
        return empty
    score = _analyzer().polarity_scores
    scores = {text: float(score(text[:_MAX_CHARS])["compound"]) for text in texts.drop_nulls().unique().to_list()}
    return pl.Series(texts.name, [scores.get(text) for text in texts.to_list()], dtype=pl.Float64)


@cache
def _analyzer() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()
