"""Graphs of who has to do with whom: which nodes hang together, how many neighbours each has, how central it is."""

from abc import ABC, abstractmethod

import numpy as np
import polars as pl

DAMPING = 0.85
ROUNDS = 50
"""Of PageRank. What is still off shrinks by the damping each round, to 0.03 % after so many."""

EDGE_SCHEMA = {"left": pl.String(), "right": pl.String()}
COMPONENT_SCHEMA = {"node": pl.String(), "component": pl.String()}
RANK_SCHEMA = {"node": pl.String(), "degree": pl.Int64(), "rank": pl.Float64()}


class Graphs(ABC):
    """Measures graphs whose edges have no direction. Every engine gives the same answer, ranks to nine digits.

    Edges are a frame of two columns of text, ``left`` and ``right``. An edge said twice, or the other way round, is
    one; one from a node to itself is none.

    Args:
        rounds: How many rounds PageRank takes.
    """

    def __init__(self, rounds: int = ROUNDS) -> None:
        self.rounds = rounds

    def components(self, edges: pl.DataFrame) -> pl.DataFrame:
        """``node`` and ``component``, the least node of those that it can be reached from; by node."""
        clean = distinct_edges(edges)
        return self._components(clean).sort("node") if clean.height else pl.DataFrame(schema=COMPONENT_SCHEMA)

    def ranks(self, edges: pl.DataFrame) -> pl.DataFrame:
        """``node``, ``degree`` (its neighbours) and ``rank`` (PageRank; all add up to 1); by node."""
        clean = distinct_edges(edges)
        return self._ranks(clean).sort("node") if clean.height else pl.DataFrame(schema=RANK_SCHEMA)

    @abstractmethod
    def _components(self, edges: pl.DataFrame) -> pl.DataFrame:
        """As `components`, of at least one edge, each there once."""

    @abstractmethod
    def _ranks(self, edges: pl.DataFrame) -> pl.DataFrame:
        """As `ranks`, of at least one edge, each there once."""


class LocalGraphs(Graphs):
    """Measures graphs in this process; a million edges take about two seconds."""

    def _components(self, edges: pl.DataFrame) -> pl.DataFrame:
        from scipy.sparse.csgraph import connected_components

        nodes, adjacency = _adjacency(edges)
        _, labels = connected_components(adjacency, directed=False)
        found = pl.DataFrame({"node": nodes, "label": labels})
        return found.select("node", pl.col("node").min().over("label").alias("component"))

    def _ranks(self, edges: pl.DataFrame) -> pl.DataFrame:
        nodes, adjacency = _adjacency(edges)
        degree = np.asarray(adjacency.sum(axis=1)).ravel()
        rank = np.full(len(nodes), 1 / len(nodes))
        for _ in range(self.rounds):  # every node has a neighbour: no rank is lost
            rank = (1 - DAMPING) / len(nodes) + DAMPING * (adjacency @ (rank / degree))
        return pl.DataFrame({"node": nodes, "degree": degree.astype(np.int64), "rank": rank})


def distinct_edges(edges: pl.DataFrame) -> pl.DataFrame:
    """Each edge once, the greater node on the left; none to itself or to nothing."""
    return (
        edges.select(
            pl.max_horizontal("left", "right").cast(pl.String).alias("left"),
            pl.min_horizontal("left", "right").cast(pl.String).alias("right"),
            (pl.col("left").is_not_null() & pl.col("right").is_not_null()).alias("whole"),
        )
        .filter(pl.col("whole") & (pl.col("left") != pl.col("right")))
        .select("left", "right")
        .unique()
        .sort("left", "right")
    )


def _adjacency(edges: pl.DataFrame) -> tuple[pl.Series, "np.ndarray"]:
    """The nodes in order, and the matrix of who is whose neighbour."""
    from scipy.sparse import coo_array

    nodes = pl.concat([edges["left"], edges["right"]]).unique().sort()
    places = {side: nodes.search_sorted(edges[side]).to_numpy() for side in ("left", "right")}
    rows = np.concatenate([places["left"], places["right"]])
    columns = np.concatenate([places["right"], places["left"]])
    matrix = coo_array((np.ones(len(rows)), (rows, columns)), shape=(len(nodes), len(nodes)))
    return nodes, matrix.tocsr()
