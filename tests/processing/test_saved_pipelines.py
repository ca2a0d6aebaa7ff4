"""A saved pipeline says the same of a row in a table, alone, and in a stream, to the last digit."""

import time
from functools import partial
from pathlib import Path

import polars as pl
import pytest
from bill_kit import BILL, bills
from polars.testing import assert_frame_equal

from processing import ModelStore, ScoreStore, ScoreStream, SparkEngine
from storage import DeltaLake

WAIT_SECONDS = 40.0
NAME = "bill_denial"


@pytest.fixture(scope="module")
def trained(spark: SparkEngine, tmp_path_factory: pytest.TempPathFactory) -> ModelStore:
    store = ModelStore(tmp_path_factory.mktemp("models"), spark)
    store.train(NAME, BILL, bills(400, 1), lake_version=0)
    return store


@pytest.fixture
def store(trained: ModelStore, spark: SparkEngine) -> ModelStore:
    return ModelStore(trained.folder, spark)


def test_what_is_saved_is_a_pipeline_of_spark_that_anyone_can_apply(trained: ModelStore, spark: SparkEngine) -> None:
    from pyspark.ml import PipelineModel
    from pyspark.ml.classification import LogisticRegressionModel

    spark.spark.session()
    pipeline = PipelineModel.load(str(trained.folder / NAME / "1" / "pipeline"))
    assert isinstance(pipeline.stages[-1], LogisticRegressionModel)
    card = trained.card(NAME)
    assert card is not None
    assert (card.lake_version, card.seed, card.dataset) == (0, 7, "medical_bill")
    assert set(card.plan["numbers"]) == {"billed_amount", "patient_age"}
    assert set(card.plan["categories"]) == {"payer", "department"}
    assert 0.7 < card.metrics["auc"] < 0.95


@pytest.mark.parametrize("count", [1, 7, 33])
def test_a_row_scores_the_same_in_any_company(trained: ModelStore, store: ModelStore, count: int) -> None:
    everything = bills(200, 2)
    whole = trained.score(NAME, BILL, everything)
    few = store.score(NAME, BILL, everything.head(count))
    assert_frame_equal(few, whole.filter(pl.col("_row") < count), check_exact=True)


def test_new_rows_are_scored_by_the_stream_once_as_a_table_of_them_would_be(
    store: ModelStore, spark: SparkEngine, tmp_path: Path
) -> None:
    lake = DeltaLake(str(tmp_path / "lake"))
    scores = ScoreStore(store.folder, store.version)
    made = [bills(50, seed) for seed in (11, 12, 13, 14)]
    version = lake.append(BILL, made[0], 1)
    scores.replace(NAME, store.score(NAME, BILL, made[0]), version)
    open_lake = partial(DeltaLake, str(tmp_path / "lake"))
    stream = ScoreStream(spark.spark, open_lake, store, scores, folder=tmp_path / "checkpoints")
    assert stream.ready() == {NAME: version}
    try:
        for number, rows in enumerate(made[1:], 2):
            if number in (2, 4):
                stream.start({BILL.name: BILL}.__getitem__)
            await_version(scores, lake.append(BILL, rows, number))
            if number == 3:
                stream.stop()
        assert not stream.wait(1)
    finally:
        stream.stop()
    at_once = store.score(NAME, BILL, pl.concat(made))
    model = store.model(NAME)
    assert_frame_equal(model.ordered(scores.scores(NAME)), at_once, check_exact=True)  # type: ignore[attr-defined]
    assert not scores.append(NAME, at_once, after=version, upto=version + 9)
    assert scores.scores(NAME).height == 200


def await_version(scores: ScoreStore, version: int) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while scores.version(NAME) != version and time.monotonic() < until:
        time.sleep(0.05)
    assert scores.version(NAME) == version
