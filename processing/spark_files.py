"""Work on files, spread over Spark's workers: a task takes some of them and answers bytes for each."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from core.errors import EngineError
from processing.spark_session import SparkHandle

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import SparkSession

Work = Callable[[Iterator[str]], Iterator[tuple[str, bytes]]]
"""Takes the files of one task, answers each with its bytes; travels to Spark's workers with all it holds."""

_ANSWERS = "file string, answer binary"


def answered_by_spark(spark: SparkHandle, files: Sequence[str], work: Work) -> list[tuple[str, bytes]]:
    """What `work` answers of each file, in any order; a task for each core that Spark has.

    A task whose worker died is done again by Spark, so `work` may see a file twice; its answer comes once.

    Raises:
        EngineError: If the tasks fail, or Spark does not start.
    """
    from pyspark.errors import PySparkException

    def mapped(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        import pyarrow as pa

        named = (each.as_py() for batch in batches for each in batch.column(0))
        for file, answer in work(named):
            yield pa.RecordBatch.from_pydict({"file": [file], "answer": [answer]})

    def collected(session: "SparkSession") -> list[tuple[str, bytes]]:
        tasks = max(1, min(session.sparkContext.defaultParallelism, len(files)))
        rows = session.sparkContext.parallelize([(file,) for file in files], tasks).toDF("file string")
        return [(row["file"], bytes(row["answer"])) for row in rows.mapInArrow(mapped, _ANSWERS).collect()]

    if not files:
        return []
    try:
        return spark.run(collected)
    except PySparkException as error:
        reason = str(error).strip().splitlines()[0][:300]
        raise EngineError(f"The tasks on Spark failed: {reason}", "See the logs of Spark's workers.") from error
