"""Spark answers SQL over the lake, refuses what is no question, and survives the death of its JVM."""

import os
import signal
from pathlib import Path

import polars as pl
import psutil
import pytest
from engine_kit import lake_rows

from core.dataset import Column, ColumnType, Dataset
from core.errors import EngineError, QueryError
from processing import LakeTable, SparkEngine

WORD = Dataset("word", "A word.", (Column("word", ColumnType.KEYWORD), Column("price", ColumnType.MONEY)))


@pytest.fixture
def words(tmp_path: Path) -> LakeTable:
    file = tmp_path / "words.parquet"
    lake_rows(WORD, 40).write_parquet(file)
    return LakeTable(WORD, (str(file),))


def test_sql_is_answered_over_tables_by_name(spark: SparkEngine, words: LakeTable) -> None:
    sql = "SELECT count(*) AS n, count(price) AS priced, min(_rescued) FROM word"
    rows = pl.read_parquet(words.files[0])
    assert spark.query(sql, {"word": words}).rows() == [(40, rows["price"].count(), rows["_rescued"].min())]
    assert spark.query("SELECT * FROM word", {"word": LakeTable(WORD, ())}).is_empty()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT weight FROM word",
        "SELECT * FROM elsewhere",
        "SELEC 1",
        "SELECT 1/0",
        "DROP TABLE word",
        "INSERT INTO word VALUES ('a')",
        "CREATE TABLE t AS SELECT 1",
        "SET spark.sql.ansi.enabled=false",
        "SELECT * FROM parquet.`/etc`",
    ],
)
def test_what_is_no_question_is_refused(spark: SparkEngine, words: LakeTable, sql: str) -> None:
    with pytest.raises(QueryError, match="The query"):
        spark.query(sql, {"word": words})


def test_a_query_reads_nothing_of_the_environment(spark: SparkEngine) -> None:
    assert spark.query("SELECT '${env:PATH}' AS path", {}).item() == "${env:PATH}"


def test_queries_do_not_see_the_tables_of_one_another(spark: SparkEngine, words: LakeTable) -> None:
    spark.query("SELECT 1", {"secret": words})
    with pytest.raises(QueryError):
        spark.query("SELECT * FROM secret", {})


def test_a_session_without_java_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from processing import spark_session

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(spark_session, "_JAVA_FOLDERS", (str(tmp_path),))
    with (
        pytest.raises(EngineError, match=r"needs Java.* Install a Java runtime 17"),
        spark_session._child_environment(),
    ):
        pass


def test_sparks_driver_answers_nobody_who_lacks_the_secret_of_its_session(spark: SparkEngine) -> None:
    from py4j.protocol import Py4JJavaError

    context = spark.spark.session().sparkContext
    jvm = context._jvm
    assert jvm is not None
    network = jvm.org.apache.spark.network  # Spark's own client, without its authentication
    settings = network.util.TransportConf("rpc", network.util.MapConfigProvider.EMPTY)
    clients = network.TransportContext(settings, network.server.NoOpRpcHandler()).createClientFactory()
    client = clients.createClient("127.0.0.1", int(context.getConf().get("spark.driver.port") or 0))
    with pytest.raises(Py4JJavaError, match="Unknown challenge message"):
        client.sendRpcSync(jvm.java.nio.ByteBuffer.wrap(b"open sesame"), 5000)
    clients.close()


def test_spark_listens_on_loopback_only_and_encrypts(spark: SparkEngine) -> None:
    from pyspark import SparkContext

    context = spark.spark.session().sparkContext
    gateway = SparkContext._gateway
    assert gateway is not None
    jvm = psutil.Process(gateway.proc.pid)
    listening = [each.laddr.ip for each in jvm.net_connections("inet") if each.status == psutil.CONN_LISTEN]
    assert {address.removeprefix("::ffff:") for address in listening} == {"127.0.0.1"}
    assert context.uiWebUrl is None
    conf = context.getConf()
    assert conf.get("spark.network.crypto.cipher") == "AES/GCM/NoPadding"
    assert conf.get("spark.network.crypto.saslFallback") == "false"
    assert not any("secret" in argument for argument in jvm.cmdline()), "others can read a command line"


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the dead JVM's sockets
def test_a_session_whose_jvm_was_killed_comes_back(spark: SparkEngine) -> None:
    from pyspark import SparkContext

    assert spark.query("SELECT 1 AS a", {}).rows() == [(1,)]
    gateway = SparkContext._gateway
    assert gateway is not None
    os.kill(gateway.proc.pid, signal.SIGKILL)
    assert spark.query("SELECT 2 AS a", {}).rows() == [(2,)]


def test_an_engine_goes_on_after_another_of_its_process_is_closed(spark: SparkEngine, tmp_path: Path) -> None:
    other = SparkEngine(tmp_path)
    assert other.query("SELECT 1 AS one", {}).item() == 1
    other.close()
    assert spark.query("SELECT 2 AS two", {}).item() == 2
