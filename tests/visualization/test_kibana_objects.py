"""Kibana's objects, looked at as its import would: whole, resolved, and of fields that are there."""

import json
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from kibana_objects import Export, columns_of, layers_of, strings_in, uses_of

from core.dataset import Column, ColumnType, Dataset, PersonalData
from core.settings import Settings
from pipeline import System, open_system
from pipeline.published_datasets import Published
from pipeline.published_views import published
from visualization.kibana import export
from visualization.kibana.exporting import ALL_FILE, objects_of
from visualization.kibana.saved_objects import ndjson

PREFIX = "penstock"
NUMBERS, TIMES = {"long", "double"}, {"date"}
FITS = {
    "date_histogram": TIMES,
    "terms": {"keyword", "long", "double", "boolean", "date", "ip"},
    "sum": NUMBERS,
    "average": NUMBERS,
    "min": NUMBERS | TIMES,
    "max": NUMBERS | TIMES,
    "unique_count": {"keyword", "long", "double", "boolean", "date", "ip"},
    "query": {"keyword", "long", "boolean"},
    "sort": {"keyword", "long", "double", "boolean", "date"},
    "show": {"keyword", "text", "long", "double", "boolean", "date", "flattened"},
}
ATTRIBUTES = {
    "index-pattern": {
        *("allowNoIndex", "fieldAttrs", "fieldFormatMap", "fields", "name", "runtimeFieldMap", "sourceFilters"),
        *("timeFieldName", "title", "typeMeta"),
    },
    "lens": {"description", "state", "title", "visualizationType"},
    "search": {
        *("columns", "description", "grid", "hideChart", "isTextBasedQuery", "kibanaSavedObjectMeta", "sampleSize"),
        *("sort", "timeRestore", "title"),
    },
    "dashboard": {
        *("description", "kibanaSavedObjectMeta", "optionsJSON", "panelsJSON", "refreshInterval", "timeFrom"),
        *("timeRestore", "timeTo", "title", "version"),
    },
}
"""What an object may have: Kibana's import refuses a dashboard or a session with an attribute that it does not know."""
AGGREGATED = set(FITS) - {"query", "show"}


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    system = open_system(Settings(home=tmp_path_factory.mktemp("kibana") / "home"))
    yield system
    system.close()


@pytest.fixture(scope="module")
def folder(system: System, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    export(system, folder, PREFIX)
    return folder


@pytest.fixture(scope="module")
def datasets(system: System) -> dict[str, Dataset]:
    return {f"{PREFIX}-{one.name}": one for one in [*system.dataset_list(), *(p.dataset for p in published(system))]}


@pytest.fixture(scope="module")
def whole(folder: Path, datasets: dict[str, Dataset]) -> Export:
    return Export((folder / ALL_FILE).read_text(encoding="utf-8"), datasets)


def panels(whole: Export) -> list[dict[str, Any]]:
    return [*whole.of_type("lens"), *whole.of_type("search")]


def test_every_dashboard_people_expect_is_there(whole: Export, system: System) -> None:
    titles = {found["attributes"]["title"] for found in whole.of_type("dashboard")}
    assert {"Penstock: Overview", "Penstock: Quarantine", "Penstock: Security audit"} <= titles
    assert len(titles) == 3 + len(system.dataset_list())


def test_every_reference_resolves_and_comes_after_what_it_names(whole: Export) -> None:
    seen: set[tuple[str, str]] = set()
    for found in whole.objects:
        for reference in found["references"]:
            assert (reference["type"], reference["id"]) in seen, (found["id"], reference)
        seen.add((found["type"], found["id"]))


def test_an_object_has_no_attribute_that_kibana_does_not_know(whole: Export) -> None:
    for found in whole.objects:
        assert set(found["attributes"]) <= ATTRIBUTES[found["type"]], found["id"]
        assert found["attributes"]["title"]
        known = {"attributes", "coreMigrationVersion", "id", "managed", "references", "type", "typeMigrationVersion"}
        assert set(found) == known


def test_no_object_is_there_twice(whole: Export) -> None:
    assert len(whole.by_key) == len(whole.objects)


def test_each_dashboard_has_a_file_that_needs_no_other(
    folder: Path, whole: Export, datasets: dict[str, Dataset]
) -> None:
    files = sorted(folder.glob("*.ndjson"))
    assert len(files) == 1 + len(whole.of_type("dashboard"))
    for file in files:
        one = Export(file.read_text(encoding="utf-8"), datasets)
        wanted = {(r["type"], r["id"]) for found in one.objects for r in found["references"]}
        assert wanted <= set(one.by_key), file.name
        assert file.name == ALL_FILE or len(one.of_type("dashboard")) == 1


def test_the_json_inside_the_json_is_json(whole: Export) -> None:
    for found in whole.objects:
        for name, value in found["attributes"].items():
            if name.endswith("JSON") or name in {"fieldAttrs", "fieldFormatMap", "fields", "runtimeFieldMap"}:
                json.loads(value)
            if name == "kibanaSavedObjectMeta":
                json.loads(value["searchSourceJSON"])


def test_the_same_system_is_exported_to_the_same_bytes(system: System, folder: Path, tmp_path: Path) -> None:
    for file in export(system, tmp_path, PREFIX):
        assert file.read_bytes() == (folder / file.name).read_bytes()


def test_no_moment_is_in_an_export(whole: Export) -> None:
    text = "\n".join(strings_in(whole.objects))
    assert re.findall(r"\b20\d\d-\d\d-\d\d", text) == []
    assert not any({"updated_at", "created_at", "version"} & set(found) for found in whole.objects)


def test_every_panel_of_a_dashboard_has_its_object_of_its_type(whole: Export) -> None:
    for dashboard in whole.of_type("dashboard"):
        shown = list(whole.panels_of(dashboard))
        assert len(shown) == len(dashboard["references"])
        for found, panel in shown:
            assert found["type"] == panel["type"]
            assert panel["panelIndex"] == panel["gridData"]["i"]


def test_every_panel_is_on_a_dashboard(whole: Export) -> None:
    shown = {found["id"] for dashboard in whole.of_type("dashboard") for found, _ in whole.panels_of(dashboard)}
    assert {found["id"] for found in panels(whole)} == shown


def test_no_panel_covers_another_or_leaves_the_grid(whole: Export) -> None:
    for dashboard in whole.of_type("dashboard"):
        places = [panel["gridData"] for panel in json.loads(dashboard["attributes"]["panelsJSON"])]
        assert all(place["x"] + place["w"] <= 48 and place["w"] > 0 and place["h"] > 0 for place in places)
        for one, other in combinations(places, 2):
            apart = (
                one["x"] + one["w"] <= other["x"]
                or other["x"] + other["w"] <= one["x"]
                or one["y"] + one["h"] <= other["y"]
                or other["y"] + other["h"] <= one["y"]
            )
            assert apart, (dashboard["id"], one, other)


def test_every_field_is_in_the_mapping_with_a_type_that_its_use_allows(whole: Export) -> None:
    for found in panels(whole):
        fields = whole.fields_of(found)
        for use in uses_of(found):
            assert use.field in fields, (found["id"], use)
            field = fields[use.field]
            assert field["type"] in FITS[use.operation], (found["id"], use, field)
            if use.operation in AGGREGATED:
                assert field.get("doc_values", True), (found["id"], use)
            assert field.get("index", True) or use.operation != "query"


def test_a_data_view_runs_along_a_date_of_its_index(whole: Export) -> None:
    for view in whole.of_type("index-pattern"):
        fields = whole.fields_of(view)
        if time := view["attributes"].get("timeFieldName"):
            assert fields[time]["type"] == "date"
        assert set(json.loads(view["attributes"]["fieldAttrs"])) <= set(fields)
        assert set(json.loads(view["attributes"]["fieldFormatMap"])) <= set(fields)


def test_lens_shows_columns_that_it_has(whole: Export) -> None:
    for lens in whole.of_type("lens"):
        ((name, layer),) = layers_of(lens).items()
        columns = layer["columns"]
        assert sorted(layer["columnOrder"]) == sorted(columns)
        buckets = [columns[column]["isBucketed"] for column in layer["columnOrder"]]
        assert buckets == sorted(buckets, reverse=True), lens["id"]
        assert lens["references"][0]["name"] == f"indexpattern-datasource-layer-{name}"
        shown = lens["attributes"]["state"]["visualization"]
        named = {text for text in strings_in({k: v for k, v in shown.items() if k != "preferredSeriesType"})}
        assert set(columns) <= named, lens["id"]
        assert {text for text in named if re.match(r"(by|time|sum|max|min|average|distinct)-", text)} <= set(columns)


def test_names_are_ordered_by_a_number_of_their_panel(whole: Export) -> None:
    for lens in whole.of_type("lens"):
        columns = columns_of(lens)
        for column in columns.values():
            if column["operationType"] == "terms":
                assert not columns[column["params"]["orderBy"]["columnId"]]["isBucketed"]


def test_every_measure_of_every_view_and_model_is_on_its_page(whole: Export, system: System) -> None:
    missing = set()
    for one in published(system):
        uses = {
            use.field
            for found in panels(whole)
            if whole.dataset_of(found).name == one.dataset.name
            for use in uses_of(found)
        }
        missing |= {(one.dataset.name, name) for name in one.measures if one.page and name not in uses}
    assert missing == set()


def test_units_are_written_beside_what_they_measure(whole: Export) -> None:
    view = whole.by_key["index-pattern", f"{PREFIX}-data-view-view-climate_by_hour"]
    labels = json.loads(view["attributes"]["fieldAttrs"])
    assert labels["temperature_mean"]["customLabel"] == "Temperature mean (°C)"
    lens = whole.by_key["lens", f"{PREFIX}-panel-dataset-sensor_reading-view-climate_by_hour-rows"]
    assert "Temperature mean (°C)" in {column["label"] for column in columns_of(lens).values()}


def test_personal_data_is_shown_by_its_mask_alone(whole: Export, system: System) -> None:
    for dataset in system.dataset_list():
        sealed = {column.name for column in dataset.columns if column.is_sealed}
        for found in panels(whole):
            if whole.dataset_of(found) is dataset:
                assert not {use.field for use in uses_of(found)} & sealed, found["id"]


def test_another_prefix_shares_no_object() -> None:
    one, other = (objects_of(prefix, [], []) for prefix in ("here", "there"))
    assert not {found.key for found in one} & {found.key for found in other}


def test_a_dataset_of_a_user_gets_a_dashboard_whatever_its_name() -> None:
    own = Dataset(
        "overview",
        "A user's own.",
        (
            Column("at", ColumnType.DATE, "When."),
            Column("who", ColumnType.KEYWORD, "Who.", personal=PersonalData.PERSON_NAME),
            Column("kind", ColumnType.KEYWORD, "Kind."),
            Column("text", ColumnType.TEXT, "Text."),
        ),
        event_time="at",
    )
    counted = Dataset("view-own", "Counted.", (Column("n", ColumnType.INTEGER),), identity=("n",))
    objects = objects_of(PREFIX, [own], [Published(counted, page="overview")])
    found = Export(ndjson(objects), {f"{PREFIX}-{one.name}": one for one in (own, counted)})
    assert len(found.of_type("dashboard")) == 4
    assert ("dashboard", f"{PREFIX}-dashboard-dataset-overview") in found.by_key
