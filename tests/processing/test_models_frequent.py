"""What is planted to be done together, or one after the other, is found with the figures that it was planted with."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from core.dataset import Column, ColumnType, Dataset, PersonalData
from core.errors import EngineError
from core.frames import lake_schema
from processing import SparkEngine
from processing.models import ModelStore
from processing.models.baskets import MOST_ITEMS, Source, sequences, sets, steps
from processing.models.frequent import Words
from processing.models.frequent_sequences import SequenceModel, _counted
from processing.models.frequent_sets import SetModel

T = ColumnType
CLICKS = Dataset(
    "clickstream",
    "A click.",
    (
        Column("time", T.TIMESTAMP),
        Column("session_id", T.KEYWORD),
        Column("user_id", T.KEYWORD, personal=PersonalData.ACCOUNT),
        Column("url", T.KEYWORD),
        Column("page_title", T.KEYWORD),
    ),
    event_time="time",
)
SOURCE = Source(
    "clickstream",
    (("session_id",), ("user_id",)),
    "url",
    until="?",
    names="page_title",
    pause=30,
    visit=("session_id",),
)
WORDS = Words("visits", "pages", "saw")
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)


def clicks(visits: Sequence[Sequence[str]], *, minutes: float = 1.0, key: str = "session_id") -> pl.DataFrame:
    """A row a click, of visits that each have a name; the rows are given in no order."""
    rows = [
        {
            "_blob": "b" * 64,
            "time": BEGIN + timedelta(minutes=place * minutes),
            key: f"v{visit}",
            f"{key}_hmac": f"v{visit}",
            "url": url,
        }
        for visit, urls in enumerate(visits)
        for place, url in enumerate(urls)
    ]
    frame = (
        pl.DataFrame(rows).sample(fraction=1, shuffle=True, seed=1).with_columns(pl.int_range(pl.len()).alias("_row"))
    )
    schema = lake_schema(CLICKS)
    kept = frame.select(pl.col(name).cast(schema[name]) for name in frame.columns if name in schema)
    return pl.concat([pl.DataFrame(schema=schema), kept], how="diagonal")


@pytest.fixture
def store(spark: SparkEngine, tmp_path: Path) -> ModelStore:
    models = (SetModel("pages_together", SOURCE, WORDS), SequenceModel("visitor_paths", SOURCE, WORDS))
    return ModelStore(tmp_path, spark, models)


def test_what_goes_together_is_found_with_its_figures(store: ModelStore) -> None:
    dice = np.random.default_rng(5)
    strays = [[f"/{page}" for page in dice.choice(list("cdefgh"), 2, replace=False)] for _ in range(150)]
    rows = clicks([["/a?x=1", "/b"]] * 40 + [["/a"]] * 10 + strays)
    rows = rows.with_columns(pl.when(pl.col("url") == "/b").then(pl.lit("The bill")).alias("page_title"))
    card = store.train("pages_together", CLICKS, rows, lake_version=3)
    first, second = store.score("pages_together", CLICKS, rows).head(2).rows(named=True)
    assert first["rule"] == "/a → /b (The bill)"
    assert (first["times"], first["support"], first["confidence"], first["lift"]) == (40, 0.2, 0.8, 0.8 / 0.2)
    assert (second["rule"], second["confidence"], second["lift"]) == ("/b (The bill) → /a", 1.0, 1.0 / 0.25)
    assert first["reasons"] == "40 of 50 visits that saw the first, and 20.0% of all"
    assert (card.lake_version, card.kind, card.metrics["sets"]) == (3, "descriptive", 200)
    assert card.metrics["confidence_on_held_out"] > 0.5
    assert {"/a", "/b"} <= set(store.explain("pages_together")["feature"])
    assert store.score("pages_together", CLICKS, rows.clear()).is_empty()


def test_pages_seen_by_lot_make_no_rule(store: ModelStore) -> None:
    rows = clicks([list(pair) for pair in itertools.product(["/a", "/b"], ["/c", "/d"])] * 30)
    with pytest.raises(EngineError, match="pages that go together and there are 0"):
        store.train("pages_together", CLICKS, rows, lake_version=0)


def test_a_path_that_many_take_is_found_whatever_is_between(store: ModelStore) -> None:
    dice = np.random.default_rng(6)
    buyers = [
        ["/home", *(f"/{page}" for page in dice.choice(list("xyz"), 1)), "/cart", "/cart", "/pay"] for _ in range(30)
    ]
    others = [[f"/{page}" for page in dice.permutation(list("pqrstu"))[:3]] for _ in range(60)]
    rows = clicks([*buyers, *others, *[["/cart", "/home"]] * 10])
    card = store.train("visitor_paths", CLICKS, rows, lake_version=1)
    first = store.score("visitor_paths", CLICKS, rows).row(0, named=True)
    assert first["path"] == "/home → /cart → /pay"
    assert (first["times"], first["support"], first["confidence"]) == (30, 0.3, 1.0)
    assert first["lift"] == pytest.approx(1 / 0.3)
    paths = store.score("visitor_paths", CLICKS, rows)["path"].to_list()
    assert "/home → /pay" not in paths  # who took it took the longer one
    assert "/cart → /home" in paths
    assert card.metrics["error_of_support_on_held_out"] < 0.15
    pay = store.explain("visitor_paths").filter(pl.col("feature") == "/pay").row(0, named=True)
    assert pay["starts"] == 0
    assert pay["ends"] == pay["weight"] > 0


def test_a_pause_ends_a_visit_that_has_no_name() -> None:
    urls = ["/a", "/b"] * 2
    unnamed = sequences(steps(clicks([urls], minutes=31, key="user_id"), CLICKS, SOURCE))
    assert unnamed["items"].to_list() == [["/a"], ["/b"], ["/a"], ["/b"]]
    named = sequences(steps(clicks([urls], minutes=31), CLICKS, SOURCE))
    assert named["items"].to_list() == [urls]
    soon = sequences(steps(clicks([urls], minutes=29, key="user_id"), CLICKS, SOURCE))
    assert soon["items"].to_list() == [urls]


def test_a_set_keeps_no_more_than_can_be_counted() -> None:
    many = [[f"/{place:02}" for place in range(40)], *[["/39"]] * 3]
    first = sets(steps(clicks(many), CLICKS, SOURCE)).filter(pl.col("items").list.len() > 1)["items"][0].to_list()
    assert len(first) == MOST_ITEMS
    assert first[0] == "/39"  # what most others did, too


@pytest.mark.parametrize("seed", range(20))
def test_paths_are_counted_as_one_by_one(seed: int) -> None:
    dice = np.random.default_rng(seed)
    walks = [[str(step) for step in dice.choice(list("abc"), dice.integers(1, 8))] for _ in range(30)]
    paths = [list(path) for path in itertools.product("abc", repeat=3)]
    counted = _counted(paths, pl.DataFrame({"items": walks}))

    def holds(walk: list[str], path: list[str]) -> bool:
        ahead = iter(walk)
        return all(step in ahead for step in path)

    assert counted["times"].tolist() == [sum(holds(walk, path) for walk in walks) for path in paths]
    assert counted["before"].tolist() == [sum(holds(walk, path[:-1]) for walk in walks) for path in paths]
