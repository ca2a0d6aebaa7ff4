"""On a Spark standalone cluster the same code gives the same answers, also while one of its workers is killed."""

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from engine_kit import shared_spark
from lake_kit import EVENT, VIEW, batch, expected
from polars.testing import assert_frame_equal
from spark_cluster import WORKERS, Cluster

from core.errors import EngineError
from processing import LocalEngine, SparkEngine, Streamed, ViewStore, ViewStream, lake_table
from storage import DeltaLake

WAIT_SECONDS = 120.0


@pytest.fixture(scope="module")
def grown(spark_standalone: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkEngine]:
    shared_spark().close()  # a process has one session
    engine = SparkEngine(
        tmp_path_factory.mktemp("spark"), spark_standalone.master, properties=spark_standalone.properties
    )
    yield engine
    engine.close()


@pytest.fixture
def lake(tmp_path: Path) -> DeltaLake:
    return DeltaLake(str(tmp_path / "lake"))


def test_a_cluster_computes_the_same_views_and_answers_sql(grown: SparkEngine, lake: DeltaLake) -> None:
    for number in (1, 2, 3):
        lake.append(EVENT, batch(number), number)
    table = lake_table(lake, EVENT)
    assert_frame_equal(grown.rows(VIEW, table), LocalEngine().rows(VIEW, table), check_exact=True)
    assert grown.query("SELECT count(*) AS n FROM event", {"event": table}).item() == 150


def test_a_cluster_runs_on_its_workers_and_its_wires_are_encrypted(
    grown: SparkEngine, spark_standalone: Cluster
) -> None:
    context = grown.spark.session().sparkContext
    assert context.master == spark_standalone.master
    assert context.getConf().get("spark.network.crypto.cipher") == "AES/GCM/NoPadding"
    assert all(spark_standalone.executors(worker) for worker in spark_standalone.workers)
    secret = context.getConf().get("spark.authenticate.secret")
    assert secret
    said = [argument for worker in spark_standalone.workers for argument in spark_standalone.arguments(worker)]
    assert said
    assert not any(secret in argument for argument in said)


def test_a_worker_killed_during_a_stream_loses_nothing_and_counts_nothing_twice(
    grown: SparkEngine, spark_standalone: Cluster, lake: DeltaLake, tmp_path: Path
) -> None:
    store = ViewStore(tmp_path / "views")
    stream = ViewStream(grown.spark, partial(DeltaLake, str(tmp_path / "lake")), store, tmp_path / "checkpoints")
    lake.append(EVENT, batch(1), 1)
    stream.start((Streamed(EVENT, (VIEW,)),), lake)
    try:
        await_version(store, lake.append(EVENT, batch(2), 2))
        for number in range(3, 9):
            version = lake.append(EVENT, batch(number), number)
            if number == 4:
                spark_standalone.kill(spark_standalone.workers[0])
        await_version(store, version)
        assert not stream.wait(1), "the query goes on"
    finally:
        stream.stop()
    assert_frame_equal(store.rows(VIEW, EVENT), expected(*range(1, 9)), check_exact=True)
    spark_standalone.add_worker()
    spark_standalone.await_workers(WORKERS)


def test_a_cluster_whose_secret_is_not_known_is_not_asked(tmp_path: Path) -> None:
    shared_spark().close()
    properties = tmp_path / "spark.conf"
    properties.write_text("# spark.authenticate.secret commented out\nspark.executor.memory 1g\n")
    for named in (None, properties):
        engine = SparkEngine(tmp_path, "spark://127.0.0.1:1", properties=named)
        with pytest.raises(EngineError, match=r"secret of that cluster is not known.*spark_properties"):
            engine.query("SELECT 1", {})


def await_version(store: ViewStore, version: int) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while store.version(VIEW) < version and time.monotonic() < until:
        time.sleep(0.05)
    assert store.version(VIEW) == version
