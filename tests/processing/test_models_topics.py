"""Planted topics are found with their own words, at their time, the same for the same seed."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from scipy.sparse import csr_array

from core.dataset import Column, ColumnType, Dataset, PersonalData
from core.errors import EngineError
from core.frames import lake_schema
from processing import SparkEngine
from processing.models import ModelStore
from processing.models.factors import factors, shares_of
from processing.models.topics import TopicModel

T = ColumnType
POST = Dataset(
    "social_post",
    "A post.",
    (Column("posted_at", T.TIMESTAMP), Column("text", T.TEXT, personal=PersonalData.FREE_TEXT)),
    event_time="posted_at",
)
HARBOUR = ("harbour", "ferry", "anchor", "sailor", "lighthouse", "cargo", "mooring", "tide", "pilot", "quay")
KITCHEN = ("kitchen", "flour", "butter", "oven", "recipe", "pepper", "saucepan", "dough", "garlic", "simmer")
MUSIC = ("orchestra", "violin", "concert", "conductor", "rehearsal", "cello", "overture", "audience", "opera", "choir")
EMPTY = ["the", "and", "with", "which", "there", "would", "about", "because", "it's", "from", "they"]
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def posts(each: int = 40) -> pl.DataFrame:
    """Posts of one topic each, about orchestras from the sixth tenth of the time on only."""
    dice = np.random.default_rng(11)
    rows = []
    for words in (HARBOUR, KITCHEN, MUSIC):
        for _ in range(each):
            day = dice.uniform(60 if words is MUSIC else 0, 100)
            said = [*dice.choice(words, 7, replace=False), *dice.choice(EMPTY, 12)]
            rows.append((BEGIN + timedelta(days=day), " ".join(dice.permutation(said)).capitalize() + "."))
    frame = pl.DataFrame(rows, schema={"posted_at": pl.Datetime("us", "UTC"), "text": pl.String()}, orient="row")
    placed = frame.with_columns(pl.lit("f" * 64).alias("_blob"), pl.int_range(pl.len()).alias("_row"))
    return pl.concat([pl.DataFrame(schema=lake_schema(POST)), placed], how="diagonal")


@pytest.fixture(scope="module")
def store(spark: SparkEngine, tmp_path_factory: pytest.TempPathFactory) -> ModelStore:
    store = ModelStore(
        tmp_path_factory.mktemp("topics"), spark, (TopicModel("post_topics", "social_post", ("text",), "posts"),)
    )
    store.train("post_topics", POST, posts(), lake_version=4, seed=3)
    return store


def test_planted_topics_are_found_with_their_words(store: ModelStore) -> None:
    card = store.card("post_topics")
    assert card is not None
    assert (card.metrics["topics"], card.metrics["texts"], card.lake_version, card.seed) == (3, 120, 4, 3)
    assert card.metrics["coherence_on_held_out"] > 0.3
    found = store.score("post_topics", POST, posts())
    terms = [set(row.split(", ")) for row in found["terms"]]
    assert sorted(map(sorted, terms)) == sorted(map(sorted, (HARBOUR, KITCHEN, MUSIC)))
    assert found["texts"].to_list() == [40, 40, 40]
    assert found["share"].to_list() == pytest.approx([1 / 3] * 3, abs=0.05)


def test_a_topic_that_came_late_has_no_share_before(store: ModelStore) -> None:
    found = store.score("post_topics", POST, posts())
    late = found.filter(pl.col("terms").str.contains("violin")).row(0, named=True)
    assert max(late["per_tenth"][:5]) < 0.1
    assert min(late["per_tenth"][6:]) > 0.3
    assert late["share_lately"] == late["per_tenth"][-1]
    assert any(word in late["examples"].lower() for word in MUSIC)


def test_topics_read_from_disk_are_those_that_were_learned(store: ModelStore, spark: SparkEngine) -> None:
    again = ModelStore(store.folder, spark, (TopicModel("post_topics", "social_post", ("text",), "posts"),))
    assert again.score("post_topics", POST, posts()).equals(store.score("post_topics", POST, posts()))
    assert store.explain("post_topics").height == 30
    assert store.score("post_topics", POST, posts().clear()).is_empty()
    strange = posts().with_columns(pl.lit("zzz yyy qqq").alias("text"))
    assert store.score("post_topics", POST, strange)["texts"].sum() == 0


def test_too_few_texts_are_refused_in_words(store: ModelStore) -> None:
    same = posts().with_columns(pl.lit("The same words again").alias("text"))
    with pytest.raises(EngineError, match="at least 40 posts with a text and there are 1"):
        store.train("post_topics", POST, same, lake_version=0)


def test_factors_are_those_that_a_table_was_made_of() -> None:
    dice = np.random.default_rng(0)
    patterns = np.zeros((3, 30))
    for number in range(3):
        patterns[number, number * 10 : number * 10 + 10] = dice.uniform(1, 2, 10)
    shares = dice.dirichlet([0.3] * 3, 200)
    found = factors(csr_array(shares @ patterns), 3)
    alike = (found / np.linalg.norm(found, axis=1)[:, None]) @ (patterns / np.linalg.norm(patterns, axis=1)[:, None]).T
    assert alike.max(axis=1) == pytest.approx([1, 1, 1], abs=0.01)
    assert sorted(alike.argmax(axis=1)) == [0, 1, 2]
    mixed = shares_of(csr_array(shares @ patterns), patterns)
    assert mixed == pytest.approx(shares, abs=0.02)
