"""The whole system with its search index on Elasticsearch: set up, dropped into, verified, killed, rotated."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import DeltaTable
from elasticsearch_server import PASSWORD, USER, ElasticsearchFactory, ElasticsearchServer

from core.ports import SearchRequest
from core.settings import Settings, load_settings
from pipeline.bootstrap import Parts
from processing import lake_frames
from storage import TantivyIndex

ROWS_PER_FILE = 500
PATIENCE_SECONDS = 150.0


@dataclass(frozen=True, slots=True)
class System:
    """A home whose index is on a server."""

    home: Path
    server: ElasticsearchServer
    prefix: str = "e2e"
    more: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        return os.environ | {
            "PENSTOCK_STORAGE_INDEX": "elasticsearch",
            "PENSTOCK_ELASTICSEARCH_URLS": self.server.url,
            "PENSTOCK_ELASTICSEARCH_PREFIX": self.prefix,
            "PENSTOCK_ELASTICSEARCH_REPLICAS": "0",
            "PENSTOCK_TLS_CA_FILE": str(self.server.certificates.ca),
            "PENSTOCK_PROCESSING_TRAIN": "false",
            **self.more,
        }

    def settings(self) -> Settings:
        return load_settings(self.home, environ=self.environment())

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "pipeline.cli", "--home", str(self.home), *arguments, "--json"]

    def penstock(self, *arguments: str, status: int = 0, **variables: str) -> list[dict[str, Any]]:
        told = subprocess.run(
            self.command(*arguments),
            capture_output=True,
            text=True,
            check=False,
            timeout=200,
            env=self.environment() | variables,
        )
        assert told.returncode == status, told.stderr + told.stdout
        return [json.loads(line) for line in told.stdout.splitlines()]

    def set_up(self) -> list[dict[str, Any]]:
        return self.penstock("elastic", "setup", "--user", USER, PENSTOCK_ELASTICSEARCH_PASSWORD=PASSWORD)

    def run(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            self.command("run", "--no-dashboard"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            env=self.environment(),
        )

    @contextmanager
    def running(self) -> Iterator["subprocess.Popen[str]"]:
        process = self.run()
        try:
            yield process
        finally:
            process.terminate()
            process.wait(60)

    def failed_checks(self) -> list[dict[str, Any]]:
        told = subprocess.run(
            self.command("verify"), capture_output=True, text=True, check=False, timeout=200, env=self.environment()
        )
        checks = [json.loads(line) for line in told.stdout.splitlines()]
        return [check for check in checks if not check["ok"]] if checks else [{"check": told.stderr}]

    def drop(self, number: int, rows: int = ROWS_PER_FILE) -> None:
        """Puts a file into the inbox, whole at once."""
        lines = [f"2026-05-01T{row // 60:02}:{row % 60:02}:00Z,s{number},{number + row / 1000}" for row in range(rows)]
        hidden = self.home / "inbox" / f".{number}.part"
        hidden.write_text("\n".join(["timestamp,sensor_id,temperature", *lines]) + "\n", encoding="utf-8")
        hidden.rename(self.home / "inbox" / f"readings-{number}.csv")


def await_that(is_so: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, what
        time.sleep(0.3)


def test_everything_that_the_embedded_index_does_it_does_on_elasticsearch(
    tmp_path: Path, elasticsearch: ElasticsearchServer
) -> None:
    system = System(tmp_path / "home", elasticsearch, "whole")
    with pytest.raises(AssertionError, match="penstock elastic setup"):
        system.penstock("search", "x")
    assert [line["component"] for line in system.set_up()] == ["indexer", "searcher", "publisher", "people"]
    system.penstock("samples", str(tmp_path / "samples"))
    outcomes = [line["outcome"] for line in system.penstock("drop", str(tmp_path / "samples"))]
    assert outcomes.count("stored") > 50
    assert system.failed_checks() == []
    (hit,) = system.penstock("search", "--where", "dataset=sensor_reading", "--dataset", "blob", "--limit", "1")
    assert hit["record"]["dataset"] == "sensor_reading"
    with_embedded_answers(system, tmp_path / "tantivy")
    rebuilt = {line["dataset"]: line["documents"] for line in system.penstock("reindex")}
    assert rebuilt["sensor_reading"] > 1000
    assert system.failed_checks() == []
    rows_taken_away_leave_the_index(system)
    commands_that_read_need_no_other_key(system)


def with_embedded_answers(system: System, folder: Path) -> None:
    """The same words find as many records in both indexes, built from the same lake."""
    parts = Parts(system.settings())
    embedded = TantivyIndex(folder, parts.catalog.datasets)
    words: set[str] = set()
    for name in parts.lake.names():
        version, dataset = parts.lake.version(name), parts.catalog.dataset(name)
        embedded.rebuild(dataset, lake_frames(parts.lake, name, version), version)
        for row in pl.concat(list(lake_frames(parts.lake, name, version))).head(3).iter_rows(named=True):
            texts = [str(value) for value in row.values() if value is not None]
            words |= {word for text in texts if not text.startswith("gAAAA") for word in re.findall(r"\S+", text)[:20]}
    asked = random.Random(11).sample(sorted(words), 120)  # noqa: S311
    answers = [
        {word: index.search(SearchRequest(word, limit=1)).total for word in asked} for index in (embedded, parts.index)
    ]
    parts.close()
    assert sum(count > 0 for count in answers[0].values()) > 60  # others are parts of JSON, times, numbers with units
    assert {word: count for word, count in answers[1].items() if count != answers[0][word]} == {}


def rows_taken_away_leave_the_index(system: System) -> None:
    table = DeltaTable(str(system.home / "lake" / "sports_event"))
    (before,) = system.penstock("query", "SELECT count(*) AS n, min(_blob) AS blob FROM sports_event")
    table.delete(f"_blob = '{before['blob']}'")
    with system.running():
        await_that(
            lambda: [c for c in system.failed_checks() if c["check"] == "index sports_event"] == [],
            "the index follows the deletion",
        )
    assert system.penstock("search", "--where", f"_blob={before['blob']}", "--dataset", "sports_event") == []


def commands_that_read_need_no_other_key(system: System) -> None:
    parts = Parts(system.settings())
    for component in ("indexer", "publisher"):
        parts.secrets.forget(f"elasticsearch/{component}")
    parts.close()
    assert system.penstock("search", "--dataset", "sensor_reading", "--limit", "2")
    assert system.penstock("status")
    assert [check for check in system.failed_checks() if check["check"].startswith("index")] == []


def test_keys_are_rotated_under_a_running_system(tmp_path: Path, elasticsearch: ElasticsearchServer) -> None:
    system = System(tmp_path, elasticsearch, "rotating")
    first = system.set_up()
    (tmp_path / "inbox").mkdir(exist_ok=True)
    with system.running():
        for number in range(3):
            system.drop(number, rows=10)
            found = ("search", "--where", f"sensor_id=s{number}", "--limit", "50")
            await_that(lambda found=found: len(system.penstock(*found)) == 10, f"file {number} is found")
            second = system.set_up()
            assert {line["replaced"] for line in second if line["id"]} == {1}
    assert {line["id"] for line in first if line["id"]} & {line["id"] for line in second} == set()
    assert "Bearer" not in (tmp_path / "audit.jsonl").read_text(encoding="utf-8")


@pytest.mark.timeout(300)
def test_killing_the_server_the_system_and_both_loses_and_repeats_nothing(
    tmp_path: Path, elasticsearch_nodes: ElasticsearchFactory
) -> None:
    kill_in_turn(tmp_path, elasticsearch_nodes, files=60, rounds=1)


@pytest.mark.soak
def test_killing_them_in_a_loop_while_200_000_rows_arrive_loses_and_repeats_nothing(
    tmp_path: Path, elasticsearch_nodes: ElasticsearchFactory
) -> None:
    kill_in_turn(tmp_path, elasticsearch_nodes, files=400, rounds=5)


@pytest.mark.soak
def test_an_outage_of_ten_minutes_ends_by_itself(tmp_path: Path, elasticsearch_nodes: ElasticsearchFactory) -> None:
    kill_in_turn(tmp_path, elasticsearch_nodes, files=100, rounds=1, away_seconds=600.0)


def kill_in_turn(
    home: Path, nodes: ElasticsearchFactory, *, files: int, rounds: int, away_seconds: float = 0.0
) -> None:
    """Kills the server, the system, and both, while files arrive; each is stored meanwhile, and found in the end."""
    node = nodes.node()
    node.start()
    system = System(home, node)
    system.set_up()
    (home / "inbox").mkdir(exist_ok=True)
    dropped: list[int] = []
    stop = threading.Event()

    def drop_slowly() -> None:
        for number in range(files):
            system.drop(number)
            dropped.append(number)
            if stop.wait(0.4):
                return

    dropper = threading.Thread(target=drop_slowly)
    process = system.run()
    dropper.start()
    try:
        for turn in range(rounds * 3):
            time.sleep(1.5)
            has_server, has_system = turn % 3 != 1, turn % 3 != 0
            if has_server:
                node.kill()
            if has_system:
                process.send_signal(signal.SIGKILL)
                process.wait()
                process = system.run()
            if has_server:
                sealed_while_away(system, len(dropped))
                time.sleep(0.0 if turn else away_seconds)
                node.start()
        dropper.join()
        await_that(lambda: books(system)["stored"] == files, "every file is stored")
        await_that(lambda: system.failed_checks() == [], "every record is found")
    finally:
        stop.set()
        dropper.join()
        process.terminate()
        process.wait(60)
    with node.client() as client:
        aggs = {"blobs": {"cardinality": {"field": "_blob"}}}
        found = client.search(index="e2e-sensor_reading", size=0, track_total_hits=True, aggs=aggs)
    assert found["hits"]["total"]["value"] == files * ROWS_PER_FILE
    assert found["aggregations"]["blobs"]["value"] == files
    node.kill()


def sealed_while_away(system: System, count: int) -> None:
    """The pipe goes on without the server: what was dropped by now is stored in the lake."""
    await_that(lambda: books(system)["stored"] >= count, "files are stored while the server is away")


def books(system: System) -> dict[str, Any]:
    with suppress(AssertionError):  # a system that starts holds its ledger for a moment
        return system.penstock("status")[0]
    return {"stored": 0}
