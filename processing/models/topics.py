"""Descriptive: what texts are about, and how that changes with time."""

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from core.dataset import BLOB_COLUMN, ROW_COLUMN, Dataset
from core.frames import record_id
from processing.models.model import Fitted, Model, ModelKind, too_few
from processing.models.quality import Numbers

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

MIN_TEXTS = 40
TOPICS = (3, 6, 12)
"""How many to choose from, by the coherence of each on texts held out."""

TERMS, EXAMPLES, TENTHS = 10, 3, 10
MOST_TEXTS = 5_000
"""To learn from; of more, so many are drawn by lot."""

_TEXTS_A_TOPIC = 8
_HELD_OUT_EACH = 4
_ROUNDS = 40
_VOCABULARY = 4000
_MIN_TEXTS_OF_A_WORD, _MOST_OF_TEXTS = 3, 0.4
_COHERENT_TERMS = 6
_OF_FREQUENCY = 0.5
_EXAMPLE_CHARS = 90
_LANGUAGES = ("english", "german", "french", "spanish", "italian", "portuguese", "dutch")
_OF_THE_WEB = ("http", "https", "www", "com", "org", "html", "amp", "quot", "nbsp", "href")
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
    """Topics by latent Dirichlet allocation over the words of texts, without those that say nothing.

    Args:
        name: The model's name.
        dataset: Whose texts.
        columns: The columns with the text.
        texts: What they are, in words.
    """

    kind = ModelKind.DESCRIPTIVE

    def __init__(self, name: str, dataset: str, columns: tuple[str, ...], texts: str) -> None:
        self.name, self.dataset, self._columns, self._texts = name, dataset, columns, texts
        self.description = f"What {texts} are about, and how that changes with time."

    def fit(self, session: "SparkSession", dataset: Dataset, rows: pl.DataFrame, seed: int) -> Fitted:
        from pyspark.ml import PipelineModel

        texts = self._read(rows, dataset)
        if texts.height < MIN_TEXTS:
            raise too_few(self.name, f"{self._texts} with a text", MIN_TEXTS, texts.height)
        texts = texts.sample(min(MOST_TEXTS, texts.height), seed=seed).sort("_id")
        counting = _counting(session, texts)
        counted = counting.transform(_frame(session, texts)).select("_id", "counts").localCheckpoint()
        vocabulary = counting.stages[-1].vocabulary
        if len(vocabulary) < TERMS:
            raise too_few(self.name, f"words that several {self._texts} have", TERMS, len(vocabulary))
        held_out = texts.select("_id", (pl.col("_id").hash(seed) % _HELD_OUT_EACH == 0).alias("held_out"))
        together = _presence(counted.join(session.createDataFrame(held_out.to_arrow()), "_id").where("held_out"))
        part = counted.join(session.createDataFrame(held_out.to_arrow()), "_id").where("not held_out")
        part = part.orderBy("_id").coalesce(1).localCheckpoint()
        tried = {
            k: _coherence(_terms(_lda(part, k, seed)), together) for k in TOPICS if k * _TEXTS_A_TOPIC <= texts.height
        }
        best = max(tried, key=lambda k: tried[k])
        lda = _lda(counted.orderBy("_id").coalesce(1), best, seed)
        learned = [[(vocabulary[place], weight) for place, weight in topic] for topic in _terms(lda)]
        metrics: dict[str, float | int] = {
            "coherence_on_held_out": tried[best],
            "perplexity": float(lda.logPerplexity(counted)),
            "topics": best,
            "words": len(vocabulary),
            "texts": texts.height,
            "rows": rows.height,
        }
        plan = {"topics": [[[term, weight] for term, weight in topic] for topic in learned]}
        pipeline = PipelineModel([*counting.stages, lda])
        return Fitted(pipeline, plan, metrics, session.sparkContext.applicationId)

    def score(self, session: "SparkSession", dataset: Dataset, rows: pl.DataFrame, fitted: Fitted) -> pl.DataFrame:
        """A row a topic, the one that most is about first.

        ``topic`` (its first terms), ``terms``, ``share`` (of all that is written), ``share_lately`` (in the last tenth
        of the time), ``texts`` (that are about it most), ``per_tenth`` (its share in each tenth of the time, of texts
        that have one), ``examples`` (how the texts that are most about it begin).
        """
        texts = self._read(rows, dataset)
        if texts.is_empty():
            return pl.DataFrame(schema=_SCHEMA)
        mixed = _mixed(fitted.pipeline, _frame(session, texts), texts)
        if mixed.is_empty():
            return pl.DataFrame(schema=_SCHEMA)
        shares = np.asarray(mixed["mix"].to_list(), float)
        tenths = _by_tenth(mixed["time"], shares)
        chosen = shares.argmax(axis=1)
        found = []
        for number, topic in enumerate(fitted.plan["topics"]):
            first = np.argsort(-shares[:, number], kind="stable")[:EXAMPLES]
            lately = tenths[-1][number] if len(tenths) else None
            found.append(
                (
                    " ".join(term for term, _ in topic[:3]),
                    ", ".join(term for term, _ in topic),
                    float(shares[:, number].mean()),
                    lately,
                    int((chosen == number).sum()),
                    [tenth[number] for tenth in tenths],
                    " · ".join(_beginning(str(mixed["text"][int(place)])) for place in first),
                )
            )
        frame = pl.DataFrame(found, schema=_SCHEMA, orient="row")
        return frame.sort("share", "topic", descending=[True, False])

    def explain(self, fitted: Fitted) -> pl.DataFrame:
        """``topic``, ``term`` and ``weight``: the share of the term in what the topic says."""
        topics = fitted.plan["topics"]
        rows = [(" ".join(term for term, _ in topic[:3]), term, weight) for topic in topics for term, weight in topic]
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


def _frame(session: "SparkSession", texts: pl.DataFrame) -> "DataFrame":
    return session.createDataFrame(texts.select("_id", "text").to_arrow()).coalesce(1)


def _counting(session: "SparkSession", texts: pl.DataFrame) -> Any:
    """What turns a text into the counts of its words."""
    from pyspark.ml import Pipeline
    from pyspark.ml.feature import CountVectorizer, RegexTokenizer, StopWordsRemover

    empty = {word for language in _LANGUAGES for word in StopWordsRemover.loadDefaultStopWords(language)}
    stages: list[Any] = [
        RegexTokenizer(inputCol="text", outputCol="words", pattern=_WORD, gaps=False),
        StopWordsRemover(inputCol="words", outputCol="telling", stopWords=sorted({*empty, *_OF_THE_WEB})),
        CountVectorizer(
            inputCol="telling",
            outputCol="counts",
            vocabSize=_VOCABULARY,
            minDF=_MIN_TEXTS_OF_A_WORD,
            maxDF=_MOST_OF_TEXTS,
            binary=True,  # one book would outweigh all letters
        ),
    ]
    return Pipeline(stages=stages).fit(_frame(session, texts))


def _lda(counted: "DataFrame", topics: int, seed: int) -> Any:
    from pyspark.ml.clustering import LDA

    lda = LDA(
        featuresCol="counts",
        topicDistributionCol="mix",
        k=topics,
        seed=seed,
        maxIter=_ROUNDS,
        optimizer="online",
        subsamplingRate=1.0,  # all texts in every round: a few are too few to learn from
        learningOffset=1.0,  # at Spark's 1,024 forty rounds move it by two thirds of the way
        docConcentration=[0.1] * topics,
        topicConcentration=0.05,
    )
    return lda.fit(counted)


def _terms(lda: Any) -> list[list[tuple[int, float]]]:
    """Topic → its words by place in the vocabulary, with the share of each in it, the most telling first.

    By relevance (Sievert and Shirley, 2014): what is frequent in a topic and more so than elsewhere. By frequency alone
    every topic began with words like "one" and "may".
    """
    weights = lda.topicsMatrix().toArray()
    within = weights / weights.sum(axis=0)
    everywhere = weights.sum(axis=1, keepdims=True) / weights.sum()
    relevance = _OF_FREQUENCY * np.log(within) + (1 - _OF_FREQUENCY) * np.log(within / everywhere)
    order = np.argsort(-relevance, axis=0, kind="stable")[:TERMS]
    return [[(int(place), float(within[place, topic])) for place in order[:, topic]] for topic in range(len(order.T))]


def _presence(counted: "DataFrame") -> Numbers:
    """Which text has which word."""
    rows = [row["counts"] for row in counted.select("counts").collect()]
    found = np.zeros((len(rows), rows[0].size if rows else 0), bool)
    for place, row in enumerate(rows):
        found[place, row.indices] = True
    return found


def _coherence(topics: list[list[tuple[int, float]]], there: Numbers) -> float:
    """How much more often the first words of a topic are in one text than by chance (NPMI): 0 by chance, 1 always."""
    count = max(len(there), 1)
    found = []
    for topic in topics:
        words = [place for place, _ in topic[:_COHERENT_TERMS]]
        for place, one in enumerate(words):
            for other in words[place + 1 :]:
                both, each = (there[:, one] & there[:, other]).sum(), there[:, one].sum() * there[:, other].sum()
                if both:
                    share = both / count
                    found.append(np.log(both * count / each) / max(-np.log(share), 1e-9))
                elif each:
                    found.append(-1.0)
    return float(np.mean(found)) if found else 0.0


def _mixed(pipeline: Any, frame: "DataFrame", texts: pl.DataFrame) -> pl.DataFrame:
    """The texts with ``mix``, the share of each topic in them."""
    from pyspark.ml.functions import vector_to_array
    from pyspark.sql import functions as f

    found = pipeline.transform(frame).select("_id", vector_to_array(f.col("mix")).alias("mix")).toArrow()
    mixed = pl.from_arrow(found)
    assert isinstance(mixed, pl.DataFrame)  # noqa: S101 - a table is never a series
    told = mixed.filter(pl.col("mix").list.sum() > 0)  # a text of no known word is about nothing
    return texts.join(told, on="_id", maintain_order="left")


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
