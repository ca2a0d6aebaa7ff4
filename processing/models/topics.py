"""Descriptive: what texts are about, and how that changes with time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from core.dataset import BLOB_COLUMN, ROW_COLUMN, Dataset
from core.frames import record_id
from processing.models.empty_words import EMPTY_WORDS
from processing.models.factors import factors, shares_of
from processing.models.model import Fitted, Model, ModelKind, too_few
from processing.models.quality import Numbers

MIN_TEXTS = 40
TOPICS = (3, 6, 12)
"""How many to choose from, by how much the words of each come together in texts held out, and by how few they share."""

TERMS, EXAMPLES, TENTHS = 10, 3, 10
MOST_TEXTS = 20_000
"""To learn from; of more, so many are drawn by lot."""

_TEXTS_A_TOPIC = 8
_HELD_OUT_EACH = 4
_VOCABULARY = 4000
_MIN_TEXTS_OF_A_WORD, _MOST_OF_TEXTS = 3, 0.4
_COHERENT_TERMS = 6
_TELLING = 3  # texts that should have two words by chance, before it says anything that none has
_KEPT_TERMS = 200  # of each topic, to tell by what new texts are about
_LEAST_SHARE = 1e-6
_EXAMPLE_CHARS = 90
_WORD = r"\p{L}[\p{L}']+\p{L}"
_SCHEMA = {
    "topic": pl.String(),
    "terms": pl.String(),
    "share": pl.Float64(),
    "share_lately": pl.Float64(),
    "texts": pl.Int64(),
    "per_tenth": pl.List(pl.Float64()),
    "examples": pl.String(),
}


class TopicModel(Model):
    """Topics by non-negative factors of which text has which word; frequent words weigh less.

    Args:
        name: The model's name.
        dataset: Whose texts.
        columns: The columns with the text.
        texts: What they are, in words.
    """

    kind = ModelKind.DESCRIPTIVE
    needs_spark = False

    def __init__(self, name: str, dataset: str, columns: tuple[str, ...], texts: str) -> None:
        self.name, self.dataset, self._columns, self._texts = name, dataset, columns, texts
        self.description = f"What {texts} are about, and how that changes with time."

    def fit(self, session: Any, dataset: Dataset, rows: pl.DataFrame, seed: int) -> Fitted:  # noqa: ARG002 - the port's
        texts = self._read(rows, dataset)
        if texts.height < MIN_TEXTS:
            raise too_few(self.name, f"{self._texts} with a text", MIN_TEXTS, texts.height)
        texts = texts.sample(min(MOST_TEXTS, texts.height), seed=seed).sort("_id")
        said = _said(texts)
        words = _vocabulary(said, texts.height)
        if len(words.weights) < TOPICS[-1] + 1:
            raise too_few(self.name, f"words that several {self._texts} have", TOPICS[-1] + 1, len(words.weights))
        table = words.table(said, texts.height)
        held_out = texts.select(pl.col("_id").hash(seed) % _HELD_OUT_EACH == 0).to_series().to_numpy()
        there = (table[held_out] > 0).toarray()
        possible = [count for count in TOPICS if count * _TEXTS_A_TOPIC <= texts.height]
        tried = {count: _quality(factors(table[~held_out], count), there) for count in possible}
        best = max(tried, key=lambda count: tried[count][0] * tried[count][1])
        patterns = factors(table, best)
        metrics: dict[str, float | int] = {
            "coherence_on_held_out": tried[best][0],
            "share_of_terms_of_one_topic": tried[best][1],
            "topics": best,
            "words": len(words.weights),
            "texts": texts.height,
            "rows": rows.height,
        }
        return Fitted(None, _plan(words, patterns), metrics, "")

    def score(self, session: Any, dataset: Dataset, rows: pl.DataFrame, fitted: Fitted) -> pl.DataFrame:  # noqa: ARG002
        """A row a topic, the one that most is about first.

        ``topic`` (its first terms), ``terms``, ``share`` (of all that is written), ``share_lately`` (in the last tenth
        of the time), ``texts`` (that are about it most), ``per_tenth`` (its share in each tenth of the time, of texts
        that have one), ``examples`` (how the texts that are most about it begin).
        """
        texts = self._read(rows, dataset)
        words = _Words(fitted.plan["weights"])
        table = words.table(_said(texts), texts.height)
        is_known = np.asarray(table.sum(axis=1)).ravel() > 0  # a text of no known word is about nothing
        texts = texts.filter(pl.Series(is_known))
        if texts.is_empty():
            return pl.DataFrame(schema=_SCHEMA)
        topics = fitted.plan["topics"]
        shares = shares_of(table[is_known], words.patterns(topics))
        shares = shares / shares.sum(axis=1, keepdims=True)
        tenths = _by_tenth(texts["time"], shares)
        chosen = shares.argmax(axis=1)
        found = []
        for number, topic in enumerate(topics):
            terms = list(topic)[:TERMS]
            first = np.argsort(-shares[:, number], kind="stable")[:EXAMPLES]
            found.append(
                (
                    " ".join(terms[:3]),
                    ", ".join(terms),
                    float(shares[:, number].mean()),
                    tenths[-1][number] if tenths else None,
                    int((chosen == number).sum()),
                    [tenth[number] for tenth in tenths],
                    " · ".join(_beginning(str(texts["text"][int(place)])) for place in first),
                )
            )
        frame = pl.DataFrame(found, schema=_SCHEMA, orient="row")
        return frame.sort("share", "topic", descending=[True, False])

    def explain(self, fitted: Fitted) -> pl.DataFrame:
        """``topic``, ``term`` and ``weight``: the share of the term in what the topic says."""
        rows = [
            (" ".join(list(topic)[:3]), term, weight)
            for topic in fitted.plan["topics"]
            for term, weight in list(topic.items())[:TERMS]
        ]
        schema = {"topic": pl.String(), "term": pl.String(), "weight": pl.Float64()}
        return pl.DataFrame(rows, schema=schema, orient="row")

    def _read(self, rows: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
        """``_id``, ``time`` and ``text`` of rows that have one; a text that comes again counts once."""
        columns = [name for name in self._columns if name in rows.columns]
        time = pl.col(dataset.event_time) if dataset.event_time else pl.lit(None, dtype=pl.Datetime("us", "UTC"))
        text = pl.concat_str(columns, separator="\n", ignore_nulls=True) if columns else pl.lit("")
        read = rows.sort(BLOB_COLUMN, ROW_COLUMN).select(
            record_id(dataset), time.cast(pl.Datetime("us", "UTC")).alias("time"), text.alias("text")
        )
        return read.filter(pl.col("text").str.contains(_WORD)).unique("text", keep="first", maintain_order=True)


@dataclass(frozen=True, slots=True)
class _Words:
    """The words that are looked at, each with its weight: the rarer the more."""

    weights: Mapping[str, float]

    def table(self, said: pl.DataFrame, count: int) -> Any:
        """Which text has which word, by weight; texts of many words count as much as those of few."""
        from scipy.sparse import csr_array

        places = pl.DataFrame({"word": list(self.weights), "weight": list(self.weights.values())}).with_row_index(
            "place"
        )
        known = said.join(places, on="word").with_columns(
            pl.col("weight") / pl.col("weight").pow(2).sum().over("at").sqrt()
        )
        where = known["at"].to_numpy(), known["place"].to_numpy()
        return csr_array((known["weight"].to_numpy(), where), shape=(count, len(self.weights)))

    def patterns(self, topics: Sequence[Mapping[str, float]]) -> Numbers:
        """Topics as rows of weights of these words."""
        return np.array([[topic.get(word, 0.0) for word in self.weights] for topic in topics])


def _said(texts: pl.DataFrame) -> pl.DataFrame:
    """``at`` (the place of a text) and ``word``: each word that it has and that says something, once."""
    words = texts.select(pl.col("text").str.to_lowercase().str.extract_all(_WORD).alias("word")).with_row_index("at")
    each = words.explode("word", empty_as_null=True, keep_nulls=False).unique(maintain_order=True)
    return each.filter(~pl.col("word").is_in(list(EMPTY_WORDS)))


def _vocabulary(said: pl.DataFrame, count: int) -> _Words:
    counted = (
        said.group_by("word").len("n").filter(pl.col("n").is_between(_MIN_TEXTS_OF_A_WORD, _MOST_OF_TEXTS * count))
    )
    common = counted.sort("n", "word", descending=[True, False]).head(_VOCABULARY)
    return _Words(dict(common.select("word", (count / pl.col("n")).log()).iter_rows()))


def _plan(words: _Words, patterns: Numbers) -> dict[str, Any]:
    """What is kept: of each topic its most telling words, and the weights of those."""
    names = list(words.weights)
    topics = []
    for pattern in patterns:
        share = pattern / pattern.sum()
        order = np.argsort(-share, kind="stable")[:_KEPT_TERMS]
        topics.append({names[place]: float(share[place]) for place in order if share[place] > _LEAST_SHARE})
    kept = {word for topic in topics for word in topic}
    return {"topics": topics, "weights": {word: weight for word, weight in words.weights.items() if word in kept}}


def _quality(patterns: Numbers, there: Numbers) -> tuple[float, float]:
    """How much the first words of each topic come together, and the share of them that is of one topic only."""
    firsts = np.argsort(-patterns, axis=1, kind="stable")[:, :_COHERENT_TERMS]
    return _coherence(firsts, there), len(np.unique(firsts)) / firsts.size


def _coherence(topics: Numbers, there: Numbers) -> float:
    """How much more often the words of a topic are in one text than by chance (NPMI): 0 by chance, 1 always."""
    count = max(len(there), 1)
    found = []
    for words in topics:
        for place, one in enumerate(words):
            for other in words[place + 1 :]:
                both, each = (there[:, one] & there[:, other]).sum(), there[:, one].sum() * there[:, other].sum()
                if both:
                    found.append(np.log(both * count / each) / max(-np.log(both / count), 1e-9))
                elif each >= _TELLING * count:
                    found.append(-1.0)
    return float(np.mean(found)) if found else 0.0


def _by_tenth(times: pl.Series, shares: Numbers) -> list[list[float]]:
    """The share of each topic in each tenth of the time; nothing where no text has a time."""
    known = times.is_not_null().to_numpy()
    moments = times.drop_nulls().dt.timestamp("us").to_numpy()
    if not len(moments):
        return []
    first, span = moments.min(), max(int(moments.max() - moments.min()), 1)
    tenth = np.minimum((moments - first) * TENTHS // span, TENTHS - 1)
    written = shares[known]
    return [
        (written[tenth == number].mean(axis=0) if (tenth == number).any() else np.zeros(shares.shape[1])).tolist()
        for number in range(TENTHS)
    ]


def _beginning(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _EXAMPLE_CHARS else line[: _EXAMPLE_CHARS - 1].rstrip() + "…"
