"""Lake → Elasticsearch beside the client's own ways, on a real server: rows, whole texts, and a file until it is found.

Every way writes the same documents into a new index of the same mapping and settings, with the same identities and
versions, and ends with a refresh. The ways take turns; the best of each counts, as in `measure.compare`.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from elasticsearch import Elasticsearch, OrjsonSerializer
from elasticsearch.helpers import parallel_bulk
from measure import Figure, at_least, at_most, observed, percentile, seconds_of

sys.path.append(str(Path(__file__).resolve().parents[1]))  # first: a folder of tests is named as the layer it tests
sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))
from elasticsearch_indexes import ElasticsearchIndexes
from elasticsearch_server import PASSWORD, USER, ElasticsearchServer, elasticsearch_factory

from core.dataset import Dataset
from core.frames import lake_schema
from core.settings import load_settings
from pipeline.system import System, open_system
from preparation import Catalog
from storage import DeltaLake, ElasticsearchIndex
from storage.elasticsearch_mapping import index_settings, mapping
from storage.elasticsearch_rendering import Chunk, Renderer

ROWS = 1_000_000
TEXTS = 20_000
TURNS = 2
SMALL_FILES = 40
HELPER_DOCUMENTS = 2_000
THREADS = 2
PATIENCE_SECONDS = 120.0
POLL_SECONDS = 0.02
MEANS = {"temperature": 21.0, "humidity": 55.0, "pressure": 1013.0, "battery": 70.0, "voltage": 230.0, "co2": 415.0}
TALK = "the pump of hall seven was louder than before and its bearing ran hot again until we changed the oil"


def figures(folder: Path) -> Iterator[Figure]:
    """Rows, texts, and small files until they are found; one server for all."""
    with elasticsearch_factory() as nodes:
        server = nodes.node(heap="1g")
        server.start()
        yield from _rows(server, folder)
        yield from _texts(server, folder)
        yield from _small_files(server, folder)


def _rows(server: ElasticsearchServer, folder: Path) -> Iterator[Figure]:
    dataset = Catalog(folder / "none").dataset("sensor_reading")
    work = _Work(server, dataset, folder / "rows", _readings(dataset, ROWS))
    documents = work.documents()
    ways: dict[str, Callable[[], object]] = {
        "ours": work.ours,
        "helpers": lambda: work.helpers(documents),
        "orjson": lambda: work.helpers(documents, serializer=OrjsonSerializer()),
        "raw": work.raw,
    }
    best = _best(ways, TURNS)
    yield observed("rows, lake to Elasticsearch", ROWS / best["ours"], "rows/s")
    yield observed("the same by raw _bulk of lines made beforehand", ROWS / best["raw"], "rows/s")
    yield at_least("rows, of helpers.parallel_bulk 2000 x 2", best["helpers"] / best["ours"], 2.0, "x")
    yield at_least("rows, of the same with orjson", best["orjson"] / best["ours"], 1.3, "x")
    yield at_least("rows, of raw _bulk", best["raw"] / best["ours"], 0.7, "x")


def _texts(server: ElasticsearchServer, folder: Path) -> Iterator[Figure]:
    dataset = Catalog(folder / "none").dataset("document")
    work = _Work(server, dataset, folder / "texts", _documents(dataset, TEXTS))
    best = _best({"ours": work.ours, "raw": work.raw}, TURNS)
    yield observed("whole texts, lake to Elasticsearch", TEXTS / best["ours"], "documents/s")
    yield at_least("whole texts, of raw _bulk", best["raw"] / best["ours"], 0.9, "x")


def _best(ways: dict[str, Callable[[], object]], turns: int) -> dict[str, float]:
    """Seconds of the best turn of each way, after one that does not count."""
    for way in ways.values():
        way()
    measured: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(turns):
        for name, way in ways.items():
            measured[name].append(seconds_of(way))
    return {name: min(seconds) for name, seconds in measured.items()}


@dataclass(slots=True)
class _Work:
    """The same rows of one dataset, to be written in several ways."""

    server: ElasticsearchServer
    dataset: Dataset
    folder: Path
    rows: pl.DataFrame
    lake: DeltaLake = field(init=False)
    chunks: list[Chunk] = field(init=False)
    index: ElasticsearchIndex = field(init=False)

    def __post_init__(self) -> None:
        self.lake = DeltaLake(str(self.folder))
        self.lake.append(self.dataset, self.rows, 1)
        self.chunks = list(Renderer(self.dataset, 0).chunks(iter([self.rows])))
        indexes = ElasticsearchIndexes.on(self.server)
        self.index = indexes.index(indexes.settings())

    def documents(self) -> list[dict[str, Any]]:
        """Ready actions for the helpers: what our own lines say, as Python objects."""
        import json

        made = []
        for chunk in self.chunks:
            lines = chunk.lines.splitlines()
            for action, source in zip(lines[::2], lines[1::2], strict=True):
                told = json.loads(action)["index"]
                made.append({"_op_type": "index", "_source": json.loads(source), **told})
        return made

    def ours(self) -> None:
        """Through the port: read the lake, render, send, refresh, swap the alias."""
        written = self.index.rebuild(self.dataset, self.lake.changes(self.dataset.name, -1, 0), 0)
        assert written == self.rows.height

    def helpers(self, documents: Sequence[dict[str, Any]], **options: Any) -> None:
        """As the client's documentation shows."""
        with self._bare(**options) as (client, index):
            done = parallel_bulk(client, documents, thread_count=THREADS, chunk_size=HELPER_DOCUMENTS, index=index)
            assert sum(is_written for is_written, _ in done) == len(documents)

    def raw(self) -> None:
        """Lines made beforehand, by as many threads, with the least of an answer."""
        with self._bare() as (client, index), ThreadPoolExecutor(THREADS) as pool:

            def send(chunk: Chunk) -> None:
                answer = client.bulk(index=index, operations=chunk.lines, filter_path="errors")
                assert not answer["errors"]

            list(pool.map(send, self.chunks))

    @contextmanager
    def _bare(self, **options: Any) -> Iterator[tuple[Elasticsearch, str]]:
        """A new index, refreshed at the end, and removed."""
        with self.server.client(request_timeout=60, **options) as client:
            client.indices.create(index="bare", settings=index_settings(replicas=0), mappings=mapping(self.dataset))
            try:
                yield client, "bare"
                client.indices.refresh(index="bare")
                assert client.count(index="bare")["count"] == self.rows.height
            finally:
                client.indices.delete(index="bare")


def _readings(dataset: Dataset, rows: int) -> pl.DataFrame:
    """Lake rows of forty sensors in turn, a second apart."""
    index = pl.int_range(rows, eager=True)
    start = pl.lit(datetime(2026, 5, 1, tzinfo=UTC))
    own = {
        "_blob": pl.repeat("ab" * 32, rows, eager=True),
        "_row": index,
        "sensor_id": pl.select(pl.format("hall-{}", index % 40)).to_series(),
        "time": pl.select(start + pl.duration(seconds=index)).to_series(),
        "location": pl.select(pl.format("building {}, hall", index % 7)).to_series(),
        **{name: ((index % 997) * 0.0137 + mean).round(4) for name, mean in MEANS.items()},
    }
    return _whole(dataset, own, rows)


def _documents(dataset: Dataset, rows: int) -> pl.DataFrame:
    """Lake rows of texts of some three thousand characters each."""
    words = TALK.split()
    step = [3, 5, 7, 11, 13, 17, 19]
    texts = [
        " ".join(words[(at * step[row % 7] + row) % len(words)] for at in range(600)) + f" number {row}"
        for row in range(rows)
    ]
    own = {"_blob": pl.repeat("cd" * 32, rows, eager=True), "_row": pl.int_range(rows, eager=True)}
    return _whole(dataset, {**own, "text": pl.Series(texts)}, rows)


def _whole(dataset: Dataset, own: dict[str, pl.Series], rows: int) -> pl.DataFrame:
    schema = lake_schema(dataset)
    return pl.DataFrame(
        {
            name: own[name].cast(dtype) if name in own else pl.repeat(None, rows, dtype=dtype, eager=True)
            for name, dtype in schema.items()
        }
    )


def _small_files(server: ElasticsearchServer, folder: Path) -> Iterator[Figure]:
    """`run`, warm, on an inbox: how long from a file until its rows are found."""
    home = folder / "home"
    environment = {
        "PENSTOCK_STORAGE_INDEX": "elasticsearch",
        "PENSTOCK_ELASTICSEARCH_URLS": server.url,
        "PENSTOCK_ELASTICSEARCH_REPLICAS": "0",
        "PENSTOCK_TLS_CA_FILE": str(server.certificates.ca),
        "PENSTOCK_PROCESSING_TRAIN": "false",  # models would start Spark, which is not meant here
    }
    command = [sys.executable, "-m", "pipeline.cli", "--home", str(home)]
    setting_up = {"PENSTOCK_ELASTICSEARCH_PASSWORD": PASSWORD}
    subprocess.run(
        [*command, "elastic", "setup", "--user", USER, "--json"],
        env=os.environ | environment | setting_up,
        check=True,
        capture_output=True,
    )
    running = [*command, "run", "--no-dashboard", "--json"]
    with subprocess.Popen(running, env=os.environ | environment, stdout=subprocess.PIPE, text=True) as process:
        system = open_system(load_settings(home, environ=environment))
        try:
            assert process.stdout is not None
            process.stdout.readline()
            _searchable_seconds(system, "warm")
            waits = [_searchable_seconds(system, f"small{number}") for number in range(SMALL_FILES)]
        finally:
            system.close()
            process.terminate()
            process.communicate()
    yield observed("a small file until it is found in Elasticsearch, median", statistics.median(waits), "s")
    yield at_most("a small file until it is found in Elasticsearch, p95", percentile(waits, 0.95), 2.0, "s")


def _searchable_seconds(system: System, name: str) -> float:
    lines = [f"{name},{1_767_225_600 + second},{20 + second % 7}" for second in range(100)]
    inbox = system.settings.home / "inbox"
    hidden = inbox / f".{name}.part"
    hidden.write_text("\n".join(["sensor_id,timestamp,temperature", *lines]) + "\n", encoding="utf-8")
    started = time.perf_counter()
    hidden.rename(inbox / f"{name}.csv")
    while not system.search("", where={"sensor_id": name}, dataset="sensor_reading", limit=1)["total"]:
        if time.perf_counter() - started > PATIENCE_SECONDS:
            message = f"{name}: not within {PATIENCE_SECONDS:.0f} s"
            raise TimeoutError(message)
        time.sleep(POLL_SECONDS)
    return time.perf_counter() - started
