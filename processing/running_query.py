"""A streaming query on Spark that may die at any time: what it has done is known elsewhere than by its checkpoint."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from core.errors import EngineError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.streaming.query import StreamingQuery

    from processing.spark_session import SparkHandle


class RunningQuery:
    """Base of the streams: one query at a time, and its checkpoint, which is a new one each time.

    Args:
        spark: Whose session the query runs in.
        folder: For the checkpoint.
        what: What the query is, to begin a sentence with.
    """

    def __init__(self, spark: "SparkHandle", folder: Path, what: str) -> None:
        self._spark = spark
        self._folder = folder
        self._what = what
        self._query: StreamingQuery | None = None

    def launch(self, writer_of: "Callable[[SparkSession], Any]", trigger: str = "") -> None:
        """Starts the query of the writer that `writer_of` makes in the session.

        Args:
            writer_of: Makes it, once more where the session dies meanwhile.
            trigger: How often it looks for news; default as often as it can.

        Raises:
            EngineError: If Spark or the query does not start.
        """
        from py4j.protocol import Py4JError  # type: ignore[import-untyped]
        from pyspark.errors import PySparkException

        def work(session: "SparkSession") -> "StreamingQuery":
            writer = writer_of(session).option("checkpointLocation", str(self._folder / uuid4().hex))
            query: StreamingQuery = (writer.trigger(processingTime=trigger) if trigger else writer).start()
            return query

        try:
            self._query = self._spark.run(work)
        except (PySparkException, Py4JError, OSError) as error:
            raise self._failed(error) from error

    def wait(self, seconds: int) -> bool:
        """Waits so long, at least a second, or until the query ends.

        Returns:
            Whether it ended.

        Raises:
            EngineError: If it ended by an error.
        """
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        if self._query is None:
            return True
        try:
            return bool(self._query.awaitTermination(seconds))
        except (PySparkException, Py4JError, OSError) as error:
            raise self._failed(error) from error

    def progress(self) -> Mapping[str, Any]:
        """What Spark last told of it: rows a second in and done, the time of a batch, what its state holds."""
        last = self._query.lastProgress if self._query else None
        if last is None:
            return {}
        return {
            "batch": last["batchId"],
            "input_rows_per_second": last["inputRowsPerSecond"],
            "processed_rows_per_second": last["processedRowsPerSecond"],
            "batch_seconds": last["batchDuration"] / 1000,
            "state_rows": sum(each["numRowsTotal"] for each in last["stateOperators"]),
        }

    def stop(self) -> None:
        """Ends the query; what it was at is done again by the next."""
        from py4j.protocol import Py4JError

        query, self._query = self._query, None
        if query is not None:
            try:
                query.stop()
            except (Py4JError, OSError):  # its JVM is gone, and the query with it
                self._spark.close_if_dead()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _failed(self, error: Exception) -> EngineError:
        return EngineError(f"{self._what} failed on Spark: {_reason(error)}", "It is started again.")


def briefly(take: "Callable[[DataFrame, int], None]") -> "Callable[[DataFrame, int], None]":
    """What a query does with a micro-batch, so that its failures are told in a line.

    Of Python's own account, which holds that of Java, Spark asks by a regular expression whether it tells of an
    interrupt. That takes a stack frame a character: a query that was stopped, or whose worker was killed, died of
    StackOverflowError in the midst of ending.
    """

    def call(rows: "DataFrame", batch: int) -> None:
        try:
            take(rows, batch)
        except Exception as error:  # noqa: BLE001  # Spark is told of it, and ends the query
            raise EngineError(_reason(error)) from None

    return call


def _reason(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]
