"""Spark alone: one streaming query that collects the events of a topic, in a process of its own.

    python bare_kafka.py OPTIONS TOPIC FOLDER > SEEN

`OPTIONS` are those of Spark's source as JSON. Says ``ready``, then after each micro-batch a time and how many events
have been collected so far; ends when its input does.
"""

import json
import sys
import time
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession


def main(options: dict[str, str], topic: str, folder: Path) -> None:
    """Runs the query."""
    jars = options.pop("jars")
    builder = SparkSession.builder.master("local[2]").config("spark.jars", jars).config("spark.ui.enabled", "false")
    session = builder.config("spark.driver.memory", "1g").config("spark.driver.host", "127.0.0.1").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    seen = 0

    def take(rows: DataFrame, _: int) -> None:
        nonlocal seen
        seen += len(rows.collect())
        print(time.time(), seen, flush=True)

    source = session.readStream.format("kafka").options(**options).option("subscribe", topic)
    events = source.option("startingOffsets", "earliest").load().select("topic", "partition", "offset", "value")
    query = events.writeStream.foreachBatch(take).option("checkpointLocation", str(folder)).start()
    print("ready", flush=True)
    sys.stdin.read()
    query.stop()
    session.stop()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
