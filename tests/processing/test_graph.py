"""Graphs are measured alike by every engine, and as a person with a pencil would."""

import random
import string

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processing import SparkEngine
from processing.graph import DAMPING, EDGE_SCHEMA, LocalGraphs
from processing.graph_on_spark import SparkGraphs

NODES = st.sampled_from([*string.ascii_lowercase, "node 10", "node 9", "é", ""])
EDGES = st.lists(st.tuples(NODES, NODES), max_size=40)


def frame(edges: list[tuple[str, str]]) -> pl.DataFrame:
    return pl.DataFrame(edges, schema=EDGE_SCHEMA, orient="row")


def neighbours(edges: list[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for left, right in edges:
        if left != right:
            found.setdefault(left, set()).add(right)
            found.setdefault(right, set()).add(left)
    return found


def reached(start: str, near: dict[str, set[str]]) -> set[str]:
    seen, ahead = {start}, [start]
    while ahead:
        new = near[ahead.pop()] - seen
        seen |= new
        ahead += new
    return seen


@settings(deadline=None)
@given(EDGES)
def test_a_component_is_all_that_can_be_reached(edges: list[tuple[str, str]]) -> None:
    near = neighbours(edges)
    found = dict(LocalGraphs().components(frame(edges)).iter_rows())
    assert found == {node: min(reached(node, near)) for node in near}


@settings(deadline=None)
@given(EDGES)
def test_rank_is_the_share_of_time_of_a_walker_who_sometimes_jumps(edges: list[tuple[str, str]]) -> None:
    near = neighbours(edges)
    nodes = sorted(near)
    found = LocalGraphs(rounds=200).ranks(frame(edges))
    assert found["node"].to_list() == nodes
    assert found["degree"].to_list() == [len(near[node]) for node in nodes]
    if not nodes:
        return
    # The walker's rest: (I - d A) x = (1 - d) / n, solved at once rather than by rounds.
    steps = np.array([[(other in near[node]) / len(near[other]) for other in nodes] for node in nodes])
    rest = np.linalg.solve(np.eye(len(nodes)) - DAMPING * steps, np.full(len(nodes), (1 - DAMPING) / len(nodes)))
    assert found["rank"].to_numpy() == pytest.approx(rest, abs=1e-12)


@settings(max_examples=1, deadline=None)  # each round of a graph takes Spark a second: one draw is of many graphs
@given(st.randoms(use_true_random=True))
def test_spark_measures_a_graph_as_this_process_does(spark: SparkEngine, dice: random.Random) -> None:
    sparse = [(f"s{dice.randrange(900)}", f"s{dice.randrange(900)}") for _ in range(500)]
    chain = [(f"k{place}", f"k{place + 1}") for place in range(12)]
    edges = frame(sparse + sparse[:5] + chain + [("alone", "alone")])
    session = spark.spark.session()
    local, grown = LocalGraphs(rounds=3), SparkGraphs(session, rounds=3)
    assert grown.components(edges).equals(local.components(edges))
    here, there = local.ranks(edges), grown.ranks(edges)
    assert there.drop("rank").equals(here.drop("rank"))
    assert there["rank"].to_numpy() == pytest.approx(here["rank"].to_numpy(), abs=1e-12)
    assert here["rank"].sum() == pytest.approx(1)


def test_a_graph_without_edges_has_no_nodes(spark: SparkEngine) -> None:
    for graphs in (LocalGraphs(), SparkGraphs(spark.spark.session())):
        assert graphs.components(frame([("a", "a")])).is_empty()
        assert graphs.ranks(frame([])).is_empty()
