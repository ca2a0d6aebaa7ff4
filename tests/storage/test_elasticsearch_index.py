"""What only the Elasticsearch index does: generations behind an alias, records in lesser forms, a schema that grows."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import DeltaTable
from elasticsearch_indexes import ElasticsearchIndexes
from storage_rows import BLOB, CARE, CLAIM, OTHER_BLOB, care_rows, retyped, rows, widened

from core.dataset import Column, ColumnType, Dataset
from core.errors import QueryError, StorageError, VersionGoneError
from core.ports import SearchRequest
from core.settings import Elasticsearch
from storage import DeltaLake, ElasticsearchIndex
from storage.elasticsearch_mapping import index_settings

PLACE = Dataset(
    "place",
    "Visits of a network, in a place.",
    (
        Column("source_ip", ColumnType.KEYWORD),
        Column("latitude", ColumnType.NUMBER),
        Column("longitude", ColumnType.NUMBER),
    ),
)
KNOWN = (CARE, CLAIM, PLACE)


@pytest.fixture
def settings(elasticsearch_indexes: ElasticsearchIndexes) -> Elasticsearch:
    return elasticsearch_indexes.settings()


@pytest.fixture
def index(elasticsearch_indexes: ElasticsearchIndexes, settings: Elasticsearch) -> Iterator[ElasticsearchIndex]:
    made = elasticsearch_indexes.index(settings, KNOWN)
    yield made
    for dataset in KNOWN:
        made.drop(dataset.name)
    made.close()


@pytest.fixture
def client(elasticsearch_indexes: ElasticsearchIndexes) -> Iterator[Any]:
    with elasticsearch_indexes.server.client() as made:
        yield made


def found(index: ElasticsearchIndex, words: str = "", **more: Any) -> set[str]:
    return {hit.id for hit in index.search(SearchRequest(words, **more)).hits}


def indexes(client: Any, settings: Elasticsearch, name: str = "care") -> list[str]:
    return sorted(client.indices.get(index=f"{settings.prefix}-{name}-*"))


def test_the_old_generation_answers_until_the_new_one_is_whole(
    index: ElasticsearchIndex, client: Any, settings: Elasticsearch
) -> None:
    index.write(CARE, iter([care_rows()]), 0)
    seen = []

    def watched() -> Iterator[pl.DataFrame]:
        for at in range(3):
            seen.append((found(index, "horses"), index.count("care"), index.version("care")))
            yield rows(CARE, {"visits": at}, start=at)

    index.rebuild(CARE, watched(), 5)
    assert seen == [({f"{BLOB}-0"}, 3, 0)] * 3
    assert (index.count("care"), index.version("care"), found(index, "horses")) == (3, 5, set())
    assert indexes(client, settings) == [f"{settings.prefix}-care-000002"]


def test_a_version_is_seen_whole_or_not_at_all(index: ElasticsearchIndex) -> None:
    index.write(CARE, iter([care_rows()]), 0)
    seen = []

    def watched() -> Iterator[pl.DataFrame]:
        for at in range(20):
            yield rows(CARE, *({"visits": at} for _ in range(1000)), blob=OTHER_BLOB, start=at * 1000)
            seen.append(index.count("care"))

    index.write(CARE, watched(), 1)
    assert set(seen) == {3}
    assert index.count("care") == 20_003


def test_what_a_killed_rebuild_left_is_removed_by_the_next(
    index: ElasticsearchIndex, client: Any, settings: Elasticsearch
) -> None:
    index.write(CARE, iter([care_rows()]), 0)
    client.indices.create(index=f"{settings.prefix}-care-000007")
    assert index.count("care") == 3
    index.rebuild(CARE, iter([care_rows()]), 1)
    assert indexes(client, settings) == [f"{settings.prefix}-care-000008"]
    assert index.version("care") == 1


def test_a_column_gained_is_added_in_place(index: ElasticsearchIndex, client: Any, settings: Elasticsearch) -> None:
    index.write(CARE, iter([care_rows()]), 0)
    assert not index.needs_rebuild(widened())
    index.write(widened(), iter([rows(widened(), {"ward": "north"}, blob=OTHER_BLOB)]), 1)
    assert indexes(client, settings) == [f"{settings.prefix}-care-000001"]
    assert found(index, where={"ward": "north"}) == {f"{OTHER_BLOB}-0"}
    assert found(index, "horses") == {f"{BLOB}-0"}
    assert index.needs_rebuild(CARE)  # and one that is given up is not left behind


def test_a_changed_type_is_served_as_it_was_until_it_is_rebuilt(index: ElasticsearchIndex) -> None:
    index.write(CARE, iter([care_rows()]), 0)
    assert index.needs_rebuild(retyped())
    with pytest.raises(StorageError, match="other columns"):
        index.write(retyped(), iter([rows(retyped(), {"visits": "many"})]), 1)
    assert found(index, where={"visits": "8080"}) == {f"{BLOB}-0"}


def test_an_index_deleted_by_hand_is_built_anew(
    index: ElasticsearchIndex, client: Any, settings: Elasticsearch
) -> None:
    index.write(CARE, iter([care_rows()]), 4)
    client.indices.delete(index=f"{settings.prefix}-care-000001")
    assert (index.version("care"), index.count("care")) == (-1, 0)
    index.write(CARE, iter([care_rows()]), 4)
    assert (index.version("care"), index.count("care")) == (4, 3)


def test_an_index_deleted_in_the_middle_of_a_write_is_not_made_without_its_mapping(
    index: ElasticsearchIndex, client: Any, settings: Elasticsearch
) -> None:
    index.write(CARE, iter([care_rows()]), 0)

    def deleting() -> Iterator[pl.DataFrame]:
        client.indices.delete(index=f"{settings.prefix}-care-000001")
        yield care_rows()

    with pytest.raises(StorageError):
        index.write(CARE, deleting(), 1)
    assert not client.indices.exists(index=f"{settings.prefix}-care")


def test_rows_that_the_lake_took_away_leave_the_index(index: ElasticsearchIndex, tmp_path: Path) -> None:
    lake = DeltaLake(str(tmp_path / "lake"))
    lake.append(CARE, rows(CARE, *({"visits": at} for at in range(10))), 1)
    index.write(CARE, lake.changes("care", -1, 0), 0)
    DeltaTable(str(tmp_path / "lake" / "care")).delete("visits < 4")
    with pytest.raises(VersionGoneError):
        index.write(CARE, lake.changes("care", 0, 1), 1)
    assert (index.version("care"), index.count("care")) == (0, 10)
    index.rebuild(CARE, (pl.DataFrame(batch) for batch in lake.rows("care", 1)), 1)
    assert (index.version("care"), index.count("care")) == (1, 6)
    assert found(index, where={"visits": "..3"}) == set()


def test_a_record_whose_objects_are_refused_keeps_the_rest(index: ElasticsearchIndex) -> None:
    deep = "{}"
    for _ in range(30):
        deep = f'{{"a": {deep}}}'
    frame = rows(CARE, {"code": "deep", "_rescued": deep}, {"code": "flat", "_rescued": '{"a": 1}'})
    assert index.write(CARE, iter([frame]), 0) == 2
    assert index.count("care") == 2
    (hit,) = index.search(SearchRequest("deep")).hits
    assert hit.record["code"] == "deep"
    assert "depth limit" in hit.record["_refusal"]
    assert "_rescued" not in hit.record
    assert "_refusal" not in index.search(SearchRequest("flat")).hits[0].record


def test_a_record_that_is_refused_whole_is_still_counted_and_says_why(
    index: ElasticsearchIndex, client: Any, settings: Elasticsearch
) -> None:
    index.write(CARE, iter([care_rows()]), 0)
    meta = client.indices.get_mapping(index=f"{settings.prefix}-care")[f"{settings.prefix}-care-000001"]["mappings"]
    client.indices.delete(index=f"{settings.prefix}-care-000001")
    # an index that somebody gave a field of another type, so that the server refuses values that we may send
    meta["properties"]["is_open"] = {"type": "geo_point"}
    client.indices.create(
        index=f"{settings.prefix}-care-000001",
        settings=index_settings(replicas=0),
        mappings={**meta, "properties": {**meta["properties"], "note": {"type": "keyword"}}},
        aliases={f"{settings.prefix}-care": {}},
    )
    assert index.write(CARE, iter([care_rows()]), 0) == 3
    refused = index.search(SearchRequest(where={"_refusal": ".."})).hits
    assert {hit.id for hit in refused} == {f"{BLOB}-0", f"{BLOB}-1"}
    assert {hit.record.get("code") for hit in refused} == {None}
    assert index.count("care") == 3


def test_a_value_that_has_no_place_in_its_type_loses_no_record(index: ElasticsearchIndex) -> None:
    frame = rows(CARE, {"code": "far", "day": date(9999, 12, 31)}, {"code": "k" * 40_000, "day": date(1, 1, 1)})
    index.write(CARE, iter([frame]), 0)
    assert index.count("care") == 2
    assert index.search(SearchRequest("far")).hits[0].record["day"] == "9999-12-31"


def test_an_identity_longer_than_the_server_takes_is_kept_whole(index: ElasticsearchIndex) -> None:
    number = 'a "quoted" \\ number ' + "ä" * 400
    for paid in (1, 2):
        index.write(CLAIM, iter([rows(CLAIM, {"number": number, "paid": paid}, {"number": "short"})]), paid)
    assert index.count("claim") == 2
    assert found(index) == {f"claim:{number}", "claim:short"}
    assert found(index, where={"_id": f"claim:{number}"}) == {f"claim:{number}"}


def test_numbers_in_rescued_columns_are_compared_as_numbers(index: ElasticsearchIndex) -> None:
    values = [9, 10, 100, -3, 2.5, "n/a"]
    frame = rows(CARE, *({"_rescued": json.dumps({"dose": value})} for value in values))
    index.write(CARE, iter([frame]), 0)
    places = {value: f"{BLOB}-{at}" for at, value in enumerate(values)}
    assert found(index, where={"dose": "9..50"}) == {places[9], places[10]}
    assert found(index, where={"dose": "..2.5"}) == {places[-3], places[2.5]}
    assert found(index, where={"dose": "10.0"}) == {places[10]}
    assert found(index, where={"dose": "n/a"}) == {places["n/a"]}
    assert found(index, where={"dose": ".."}) == set(places.values())


def test_networks_and_places_can_be_asked_for(index: ElasticsearchIndex, client: Any, settings: Elasticsearch) -> None:
    values = [
        {"source_ip": "10.1.2.3", "latitude": 52.5, "longitude": 13.4},
        {"source_ip": "192.168.1.9", "latitude": 48.1, "longitude": 11.6},
        {"source_ip": "gateway.example", "latitude": 95.0, "longitude": 1.0},
    ]
    index.write(PLACE, iter([rows(PLACE, *values)]), 0)
    alias = f"{settings.prefix}-place"
    network = client.search(index=alias, query={"term": {"source_ip.ip": "10.0.0.0/8"}})
    assert [hit["_id"] for hit in network["hits"]["hits"]] == [f"{BLOB}-0"]
    berlin = {"distance": "50km", "_location": {"lat": 52.5, "lon": 13.4}}
    near = client.search(index=alias, query={"geo_distance": berlin})
    assert [hit["_id"] for hit in near["hits"]["hits"]] == [f"{BLOB}-0"]
    assert found(index, where={"source_ip": "gateway.example"}) == {f"{BLOB}-2"}
    assert found(index, "gateway") == {f"{BLOB}-2"}


def test_no_token_is_in_any_document(index: ElasticsearchIndex, client: Any, settings: Elasticsearch) -> None:
    index.write(CARE, iter([care_rows()]), 0)
    kept = json.dumps([hit["_source"] for hit in client.search(index=f"{settings.prefix}-care")["hits"]["hits"]])
    assert "gAAAAtoken" not in kept
    assert "-1234" in kept


def test_money_is_exact_in_the_source(index: ElasticsearchIndex, client: Any, settings: Elasticsearch) -> None:
    index.write(CARE, iter([care_rows()]), 0)
    hits = client.search(index=f"{settings.prefix}-care", query={"range": {"paid": {"gte": 1234.56}}})["hits"]["hits"]
    assert [hit["_source"]["paid"] for hit in hits] == ["1234.5600"]


def test_what_others_keep_under_the_prefix_is_not_searched(
    index: ElasticsearchIndex, client: Any, settings: Elasticsearch
) -> None:
    index.write(CARE, iter([care_rows()]), 0)
    meta = client.indices.get_mapping(index=f"{settings.prefix}-care")[f"{settings.prefix}-care-000001"]["mappings"]
    meta["_meta"]["penstock"]["dataset"] = "view-care"
    client.indices.create(
        index=f"{settings.prefix}-view-care-000001",
        settings=index_settings(replicas=0),
        mappings=meta,
        aliases={f"{settings.prefix}-view-care": {}},
    )
    client.index(index=f"{settings.prefix}-view-care", document={"_blob": "x", "code": "horses"}, refresh=True)
    assert found(index, "horses") == {f"{BLOB}-0"}
    with pytest.raises(QueryError, match="no dataset"):
        index.search(SearchRequest(dataset="view-care"))
    index.drop("view")
    assert client.indices.exists(index=f"{settings.prefix}-view-care-000001")
    client.indices.delete(index=f"{settings.prefix}-view-care-000001")
