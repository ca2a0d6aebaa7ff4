"""Views and SQL by Spark, over the Parquet files of a lake version; no jar beyond PySpark's own."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import polars as pl

from core.dataset import BLOB_COLUMN
from core.errors import EngineError, QueryError
from core.frames import lake_schema
from processing.engine import Engine, LakeTable
from processing.parquet_files import Facts, facts_of, footers, numeric
from processing.spark_session import SparkHandle
from processing.view import View

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

T = TypeVar("T")

_MAX_MESSAGE_CHARS = 500


class SparkEngine(Engine):
    """Computes views and answers SQL with Spark.

    Args:
        folder: Where Spark may write.
        master: The Spark master's URL.
        memory: The driver's heap.
        jars: More jars that its session needs.
        properties: A file like spark-defaults.conf, for what a cluster asks for.
    """

    def __init__(
        self,
        folder: Path,
        master: str = "local[2]",
        memory: str = "1g",
        jars: Callable[[], Sequence[Path]] = tuple,
        properties: Path | None = None,
    ) -> None:
        self.spark = SparkHandle(folder, master, memory, jars, properties)

    def query(self, sql: str, tables: Mapping[str, LakeTable]) -> pl.DataFrame:
        """The answer to a SQL query over tables by name.

        Raises:
            QueryError: If it is no query, or cannot be answered as written.
            EngineError: If Spark cannot run or the files cannot be read.
        """

        def work(session: "SparkSession") -> pl.DataFrame:
            from processing import spark_views

            own = session.newSession()  # its own tables: two queries at once do not meet
            for name, table in tables.items():
                spark_views.read(own, table, lake_schema(table.dataset)).createOrReplaceTempView(name)
            # `parseQuery` knows SELECT and its kin only: nothing that writes, sets or adds a jar gets past it.
            own._jsparkSession.sessionState().sqlParser().parseQuery(sql)
            return spark_views.frame_of(own.sql(sql))

        return self._answered(work, "The query", QueryError)

    def close(self) -> None:
        self.spark.close()

    def _state(self, view: View, table: LakeTable) -> pl.DataFrame:
        def work(session: "SparkSession") -> pl.DataFrame:
            from processing import spark_views

            # Spark reads no file of which it wants no column; there are rows to count all the same.
            schema = pl.Schema(view.lake_columns(table.dataset) or {BLOB_COLUMN: pl.String()})
            rows = spark_views.read(session, table, schema)
            return spark_views.view_state(view, table.dataset, rows, _facts(table, schema))

        return self._answered(work, f"The view {view.name}", EngineError)

    def _answered(
        self, work: Callable[["SparkSession"], T], what: str, refused: type[QueryError] | type[EngineError]
    ) -> T:
        from pyspark.errors import AnalysisException, ParseException, PySparkException

        try:
            return self.spark.run(work)
        except (AnalysisException, ParseException) as error:
            raise refused(f"{what} cannot be answered: {_message(error)}", "Check its names and its SQL.") from error
        except PySparkException as error:
            raise refused(f"{what} failed on Spark: {_message(error)}", "Check the expression named.") from error


def _facts(table: LakeTable, schema: pl.Schema) -> Facts:
    numbers = numeric(schema)
    try:
        return facts_of(footers(table.files, numbers), numbers)
    except (OSError, ValueError):  # gone, or no Parquet: told by Spark, which reads them next
        return Facts()


def _message(error: Exception) -> str:
    text = str(error).strip().split("\n\nJVM stacktrace")[0]
    return text[:_MAX_MESSAGE_CHARS]
