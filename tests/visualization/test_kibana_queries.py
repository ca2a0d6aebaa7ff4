"""Every panel, asked of a real Elasticsearch that holds the bundled samples, as Kibana would ask it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from elasticsearch_server import PASSWORD, USER, ElasticsearchServer
from kibana_objects import Export, columns_of
from kibana_queries import MISSING, groups_in, others_of, request_of, values_in

from core.dataset import ROW_COLUMN
from core.settings import Elasticsearch, Settings, Storage, Tls
from pipeline import System, modelling, open_system
from pipeline.commands import obey
from pipeline.elastic import setup
from pipeline.news import Trouble
from pipeline.published_models import RENAMED
from pipeline.published_views import published
from pipeline.sample_files import write_samples
from pipeline.writer import Writer
from visualization.kibana import ALL_FILE, export

pytestmark = pytest.mark.timeout(300)


WITHOUT_SAMPLES = frozenset({"speech_segment"})
"""Datasets of which no bundled sample gives a row: their indexes are made with the first. Nobody speaks in ours."""
ONLY_ON_PAGES = frozenset({"examples"})
"""What quotes texts, which may be of persons."""


@dataclass(frozen=True)
class Filled:
    """A cluster that holds what a home does, and Kibana's objects for it."""

    system: System
    export: Export
    client: Any

    def has_index(self, panel: dict[str, Any]) -> bool:
        """Whether there is anything to ask; only a dataset without a sample may have nothing."""
        title = str(self.export.data_view_of(panel)["attributes"]["title"])
        if self.client.indices.exists(index=title):
            return True
        assert title.partition("-")[2] in WITHOUT_SAMPLES
        return False

    def asked(self, panel: dict[str, Any], since: str) -> dict[str, Any]:
        """What the server answers to a panel."""
        view = self.export.data_view_of(panel)["attributes"]
        body = request_of(panel, since, view.get("timeFieldName"))
        return dict(self.client.search(index=view["title"], body=body).body)


@pytest.fixture(scope="module")
def filled(elasticsearch: ElasticsearchServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    folder, prefix = tmp_path_factory.mktemp("queries"), f"kibana{token_hex(4)}"
    settings = Settings(
        home=folder / "home",
        tls=Tls(ca_file=str(elasticsearch.certificates.ca)),
        storage=Storage(index="elasticsearch"),
        elasticsearch=Elasticsearch(urls=(elasticsearch.url,), prefix=prefix, replicas=0),
    )
    list(setup(settings, USER, PASSWORD))
    _take_in(settings, folder / "samples")
    system = open_system(settings)
    export(system, folder / "export", prefix)
    described = [*system.dataset_list(), *(one.dataset for one in published(system))]
    text = (folder / "export" / ALL_FILE).read_text(encoding="utf-8")
    with elasticsearch.client() as client:
        yield Filled(system, Export(text, {f"{prefix}-{one.name}": one for one in described}), client)
    system.close()


def _take_in(settings: Settings, samples: Path) -> None:
    """As a person would: the system publishes by itself, with the keys that it was given."""
    write_samples(samples)
    writer = Writer(settings)
    with writer.news.listening() as heard:
        with writer:
            list(obey(writer, "drop", {"paths": [("samples", str(samples))], "source": "test"}))
            writer.parts.audit.record("test", "nothing")
            modelling.train_what_can_be(writer.parts)
        told = [item.what for item in iter(heard.get, None) if isinstance(item, Trouble)]
    assert told == []


def test_what_is_published_is_what_the_system_says(filled: Filled) -> None:
    (prefix,) = {view["attributes"]["title"].partition("-")[0] for view in filled.export.of_type("index-pattern")}
    count = {view["view"]: view["rows"] for view in filled.system.view_list()}
    assert sum(count.values()) > 100
    assert {name: filled.client.count(index=f"{prefix}-view-{name}")["count"] for name in count} == count
    (books,) = filled.client.search(index=f"{prefix}-system-books")["hits"]["hits"]
    assert books["_source"]["received"] == filled.system.books()["received"] > 0


def test_every_panel_of_every_dashboard_returns_rows(filled: Filled) -> None:
    empty = []
    for dashboard in filled.export.of_type("dashboard"):
        for panel, _ in filled.export.panels_of(dashboard):
            since = dashboard["attributes"]["timeFrom"]
            if any(name in panel["id"] for name in WITHOUT_SAMPLES) or not filled.has_index(panel):
                continue
            if not list(_rows(filled.asked(panel, since), panel)):
                empty.append(panel["id"])
    assert empty == []


def test_the_commonest_and_the_others_are_all(filled: Filled) -> None:
    asked = 0
    for panel in filter(filled.has_index, filled.export.of_type("lens")):
        view = filled.export.data_view_of(panel)["attributes"]
        body = request_of(panel, "now-20y", view.get("timeFieldName"))
        answer = filled.client.search(index=view["title"], body=body).body
        if second := others_of(panel, body, answer):
            others = filled.client.search(index=view["title"], body=second).body["aggregations"]
            (group,) = (found["buckets"]["others"]["doc_count"] for found in others.values())
            shown = sum(found["doc_count"] for found in groups_in(answer, panel))
            assert shown + group == answer["hits"]["total"]["value"], panel["id"]
            asked += 1
    assert asked > 20


def _rows(answer: dict[str, Any], panel: dict[str, Any]) -> Iterator[Any]:
    if panel["type"] == "search":
        yield from answer["hits"]["hits"]
    else:
        yield from (group for group in groups_in(answer, panel) if any(v is not None for v in values_in(group, panel)))


def test_all_that_a_model_says_is_described(filled: Filled) -> None:
    described = {one.dataset.name: {c.name for c in one.dataset.columns} for one in published(filled.system)}
    for model in filled.system.model_list():
        name = model["model"]
        if name.startswith("profile_of_"):  # which pages alone show
            assert f"model-{name}" not in described
            continue
        assert model["version"] == 1, "it was not trained"
        said = filled.system.model_results(name).rename(RENAMED, strict=False)
        assert said.height > 0
        plain = {column for column, dtype in said.schema.items() if not dtype.is_nested()}  # pages draw lists as bars
        assert plain - {ROW_COLUMN, *ONLY_ON_PAGES} == described[f"model-{name}"]
        assert set(filled.system.explain(name).columns) == described[f"model-{name}_explained"]


def test_the_numbers_of_a_dashboard_are_those_of_the_books(filled: Filled) -> None:
    books = filled.system.books()
    for name in ("received", "stored", "duplicate", "quarantined", "bytes"):
        (panel,) = (one for one in filled.export.of_type("lens") if one["id"].endswith(f"-panel-overview-{name}"))
        (group,) = groups_in(filled.asked(panel, "now-24h"), panel)
        assert values_in(group, panel) == [books[name]]
    for dataset, counts in books["datasets"].items():
        (panel,) = (one for one in filled.export.of_type("lens") if one["id"].endswith(f"-dataset-{dataset}-rows"))
        (group,) = groups_in(filled.asked(panel, "now-20y"), panel)
        assert values_in(group, panel) == [counts["rows"]]


def test_a_table_of_a_view_shows_what_the_view_says(filled: Filled) -> None:
    rows = {row["payer"]: row for row in filled.system.view_rows("billed_and_paid_by_payer").iter_rows(named=True)}
    (panel,) = (one for one in filled.export.of_type("lens") if one["id"].endswith("billed_and_paid_by_payer-rows"))
    names = [name for name, column in columns_of(panel).items() if not column["isBucketed"]]
    shown = {
        group["key"]: dict(zip(names, values_in(group, panel), strict=True))
        for group in groups_in(filled.asked(panel, "now-20y"), panel)
    }
    assert len(shown) > 1
    for payer, values in shown.items():
        row = rows[None if payer == MISSING else payer]
        assert values["sum-billed"] == pytest.approx(float(row["billed"]))
        assert values["max-patients"] == row["patients"]
