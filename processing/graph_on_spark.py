"""The measures of a graph by Spark, with joins alone: for graphs that one machine does not hold."""

from typing import TYPE_CHECKING

import polars as pl

from processing.graph import DAMPING, ROUNDS, Graphs

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_ROUNDS_A_PLAN = 5
"""Of PageRank between two cuts of the plan: one of 50 joins takes longer to plan than to run."""


class SparkGraphs(Graphs):
    """Measures graphs with Spark.

    Args:
        session: The session to work in.
        rounds: How many rounds PageRank takes.
    """

    def __init__(self, session: "SparkSession", rounds: int = ROUNDS) -> None:
        super().__init__(rounds)
        self._session = session

    def _components(self, edges: pl.DataFrame) -> pl.DataFrame:
        """By alternating stars (Kiveris and others, 2014): each round brings nodes nearer to the least they reach."""
        from pyspark.sql import functions as f

        stars, before = self._frame(edges), None
        while True:
            stars = _small_star(_large_star(stars)).localCheckpoint()
            now = stars.agg(f.count("*"), f.sum(f.xxhash64("left", "right").cast("decimal(38)"))).first()
            if now == before:
                break
            before = now
        members = stars.select(f.col("left").alias("node"), f.col("right").alias("component"))
        centres = stars.select(f.col("right").alias("node"), f.col("right").alias("component")).distinct()
        return _collected(members.union(centres))

    def _ranks(self, edges: pl.DataFrame) -> pl.DataFrame:
        from pyspark.sql import functions as f

        ways = _both_ways(self._frame(edges)).localCheckpoint()
        degrees = ways.groupBy(f.col("left").alias("node")).agg(f.count("*").alias("degree")).localCheckpoint()
        count = degrees.count()
        ranked = degrees.withColumn("rank", f.lit(1 / count))
        for number in range(1, self.rounds + 1):
            given = ways.join(ranked, ways["left"] == ranked["node"]).groupBy("right")
            sums = given.agg(f.sum(f.col("rank") / f.col("degree")).alias("sum")).withColumnRenamed("right", "node")
            rank = (f.lit((1 - DAMPING) / count) + DAMPING * f.col("sum")).alias("rank")
            ranked = degrees.join(sums, "node").select("node", "degree", rank)
            if number % _ROUNDS_A_PLAN == 0:
                ranked = ranked.localCheckpoint()
        return _collected(ranked)

    def _frame(self, edges: pl.DataFrame) -> "DataFrame":
        return self._session.createDataFrame(edges.to_arrow())


def _both_ways(edges: "DataFrame") -> "DataFrame":
    from pyspark.sql import functions as f

    return edges.union(edges.select(f.col("right").alias("left"), f.col("left").alias("right")))


def _large_star(edges: "DataFrame") -> "DataFrame":
    """Ties each greater neighbour of a node to the least of the node and its neighbours."""
    from pyspark.sql import functions as f

    ways = _both_ways(edges)
    least = ways.groupBy("left").agg(f.least(f.col("left"), f.min("right")).alias("least"))
    greater = ways.join(least, "left").where(f.col("right") > f.col("left"))
    return greater.select(f.col("right").alias("left"), f.col("least").alias("right"))


def _small_star(edges: "DataFrame") -> "DataFrame":
    """Ties a node, and each lesser neighbour of it, to the least of them."""
    from pyspark.sql import functions as f

    least = edges.groupBy("left").agg(f.min("right").alias("least"))
    lesser = edges.join(least, "left").where(f.col("right") != f.col("least"))
    moved = lesser.select(f.col("right").alias("left"), f.col("least").alias("right"))
    return moved.union(least.select("left", f.col("least").alias("right"))).distinct()


def _collected(frame: "DataFrame") -> pl.DataFrame:
    found = pl.from_arrow(frame.toArrow())
    assert isinstance(found, pl.DataFrame)  # noqa: S101 - a table is never a series
    return found
