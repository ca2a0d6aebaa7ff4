"""Servers that die, run full, or lose a neighbour in the middle of a write: nothing lost, nothing twice."""

import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from elasticsearch_indexes import ElasticsearchIndexes
from elasticsearch_server import ElasticsearchFactory, ElasticsearchServer, free_port
from storage_rows import CARE, OTHER_BLOB, rows

from core.errors import PenstockError, UnavailableError
from core.ports import SearchRequest
from core.settings import Elasticsearch
from storage import ElasticsearchIndex

PIECES = 60
PIECE_ROWS = 1_000
PATIENCE_SECONDS = 90.0
MOUNT = shutil.which("mount") or "/bin/mount"


Gate = Callable[[int], object]


def readings(version: int, gate: Gate = abs) -> Iterator[pl.DataFrame]:
    """A version of `PIECES` frames; `gate` is called before each."""
    blank = rows(CARE, *({} for _ in range(PIECE_ROWS)))
    for at in range(PIECES):
        gate(at)
        first = (version * PIECES + at) * PIECE_ROWS
        numbers = pl.int_range(first, first + PIECE_ROWS, eager=True)
        yield blank.with_columns(_row=numbers, visits=numbers, _blob=pl.lit(OTHER_BLOB))


def follow(index: ElasticsearchIndex, upto: int, gate: Gate = abs) -> list[str]:
    """Brings the index to a version as the follower does, as often as it takes; what went wrong on the way."""
    troubles = []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            for version in range(index.version("care") + 1, upto + 1):
                index.write(CARE, readings(version, gate), version)
            return troubles
        except PenstockError as error:  # a server that is starting knows no API key yet: 401
            troubles.append(str(error))
            time.sleep(0.5)
    message = f"not at version {upto} in {PATIENCE_SECONDS:.0f} s: {troubles[-1:]}"
    raise TimeoutError(message)


def assert_whole(index: ElasticsearchIndex, client: Any, settings: Elasticsearch, versions: int) -> None:
    """Every row is there, once."""
    expected = versions * PIECES * PIECE_ROWS
    assert (index.version("care"), index.count("care")) == (versions - 1, expected)
    sums = {"sum": {"sum": {"field": "visits"}}, "distinct": {"cardinality": {"field": "_row"}}}
    found = client.search(index=f"{settings.prefix}-care", size=0, aggs=sums)["aggregations"]
    assert found["sum"]["value"] == sum(range(expected))


@pytest.fixture
def node(elasticsearch_nodes: ElasticsearchFactory) -> Iterator[ElasticsearchServer]:
    made = elasticsearch_nodes.node()
    made.start()
    yield made
    made.kill()


def test_a_server_killed_in_the_middle_of_a_write_loses_and_repeats_nothing(node: ElasticsearchServer) -> None:
    indexes = ElasticsearchIndexes.on(node)
    settings = indexes.settings()
    index = indexes.index(settings, (CARE,))
    index.write(CARE, readings(0), 0)

    def kill_once(at: int) -> None:
        if at == PIECES // 2:
            node.kill()

    started = time.monotonic()
    with pytest.raises(UnavailableError, match="is up"):
        index.write(CARE, readings(1, kill_once), 1)
    with pytest.raises(UnavailableError, match="is up"):
        index.search(SearchRequest("x"))
    with pytest.raises(UnavailableError, match="is up"):
        index.version("care")
    assert time.monotonic() - started < 30
    restarting = threading.Thread(target=node.start)
    restarting.start()
    assert follow(index, 1)  # troubles until it was up
    restarting.join()
    with node.client() as client:
        assert_whole(index, client, settings, 2)
    index.close()


@pytest.fixture
def small_disk(tmp_path: Path, require: Any) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        [MOUNT, "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(disk)], check=False, capture_output=True
    )
    require("a small disk (tmpfs)", mounted.returncode == 0, "run the tests as root, with the right to mount")
    yield disk
    subprocess.run([f"{MOUNT.removesuffix('mount')}umount", "-l", str(disk)], check=True)


def test_a_full_disk_holds_a_write_up_until_there_is_room(
    elasticsearch_nodes: ElasticsearchFactory, small_disk: Path
) -> None:
    node = elasticsearch_nodes.node(data=small_disk / "data")
    (small_disk / "data").mkdir()
    for folder in (small_disk, *small_disk.parents[:-2]):
        with suppress(PermissionError):
            folder.chmod(0o755)
    node.start()
    indexes = ElasticsearchIndexes.on(node)
    settings = indexes.settings(timeout_seconds=5.0)  # a node that cannot write does not answer either
    index = indexes.index(settings, (CARE,))
    index.write(CARE, readings(0), 0)
    filler = small_disk / "filler"

    def fill_once(at: int) -> None:
        if at == PIECES // 3 and not filler.exists():
            with suppress(OSError), filler.open("wb", buffering=0) as file:
                while file.write(b"\0" * 65_536):
                    pass

    with pytest.raises(PenstockError) as caught:
        index.write(CARE, readings(1, fill_once), 1)
    assert filler.exists()
    assert caught.value.is_retryable, caught.value
    filler.unlink()
    # the disk has room again; a node whose translog broke on it closes the shard and opens it anew when asked
    deadline = time.monotonic() + PATIENCE_SECONDS
    with node.client() as client:
        while client.cluster.health()["status"] == "red" and time.monotonic() < deadline:
            client.cluster.reroute(retry_failed=True)
            time.sleep(0.5)
        follow(index, 1)
        assert_whole(index, client, settings, 2)
    index.close()
    node.kill()


def test_a_cluster_that_loses_a_node_goes_on_with_the_other(elasticsearch_nodes: ElasticsearchFactory) -> None:
    ports = [free_port(), free_port()]
    seeds = ", ".join(f'"127.0.0.1:{port}"' for port in ports)
    nodes = [
        elasticsearch_nodes.node(
            heap="400m",
            settings={
                "discovery.type": "",
                "transport.port": str(port),
                "discovery.seed_hosts": f"[{seeds}]",
                "node.name": f"nd{number}",
                "cluster.name": "two",
                "cluster.initial_master_nodes": '["nd0"]',
                "node.roles": "[master, data]" if number == 0 else "[data]",
            },
        )
        for number, port in enumerate(ports)
    ]
    starting = [threading.Thread(target=node.start) for node in nodes]
    for thread in starting:
        thread.start()
    for thread in starting:
        thread.join()
    master, other = nodes
    indexes = ElasticsearchIndexes.on(master)
    settings = Elasticsearch(urls=(other.url, master.url), prefix="suite0", replicas=1)
    index = indexes.index(settings, (CARE,))
    index.write(CARE, readings(0), 0)
    with master.client(request_timeout=60) as client:
        client.cluster.health(wait_for_status="green", timeout="60s")

        def kill_once(at: int) -> None:
            if at == PIECES // 2 and other.is_running():
                other.kill()

        follow(index, 1, kill_once)
        assert not other.is_running()
        assert_whole(index, client, settings, 2)
        assert index.search(SearchRequest(where={"visits": "7"})).total == 1
    index.close()
    master.kill()
