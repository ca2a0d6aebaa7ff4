"""Mappings: derived from datasets alone, strict, and never with a token."""

from pathlib import Path

import pytest
from elasticsearch_server import ElasticsearchServer
from storage_rows import CARE, CLAIM, PERSON

from core.dataset import Column, ColumnType, Dataset
from core.frames import lake_schema
from preparation import Catalog
from storage.elasticsearch_mapping import fields_of, has_location, index_settings, mapping, searched_fields

BUNDLED = Catalog(Path("/nonexistent")).datasets()


@pytest.mark.parametrize("dataset", [*BUNDLED, CARE, CLAIM, PERSON], ids=lambda dataset: dataset.name)
def test_every_column_of_the_lake_but_tokens_has_a_field(dataset: Dataset) -> None:
    properties = mapping(dataset)["properties"]
    tokens = {column.name for column in dataset.columns if column.is_sealed}
    assert set(lake_schema(dataset).names()) - set(properties) == tokens
    assert tokens & set(properties) == set()


def test_each_type_of_column_has_its_type_of_field() -> None:
    properties = mapping(CARE)["properties"]
    assert {name: properties[name]["type"] for name in lake_schema(CARE).names() if name in properties} == {
        "_blob": "keyword",
        "_row": "long",
        "_rescued": "flattened",
        "code": "keyword",
        "note": "text",
        "visits": "long",
        "weight": "double",
        "paid": "double",
        "is_open": "boolean",
        "day": "date",
        "seen_at": "date",
        "ssn_hmac": "keyword",
        "ssn_masked": "keyword",
    }
    assert mapping(CARE)["dynamic"] == "strict"


def test_a_column_named_as_an_address_has_an_address_below_it() -> None:
    columns = ("source_ip", "ip_address", "ip", "tip", "ship")
    named = Dataset("log", "", tuple(Column(name, ColumnType.KEYWORD) for name in columns))
    properties = mapping(named)["properties"]
    assert [name for name in columns if "fields" in properties[name]] == ["source_ip", "ip_address", "ip"]
    assert properties["source_ip"]["type"] == "keyword"


def test_a_latitude_with_a_longitude_is_a_place() -> None:
    latitude, longitude = Column("latitude", ColumnType.NUMBER), Column("longitude", ColumnType.NUMBER)
    assert mapping(Dataset("a", "", (latitude, longitude)))["properties"]["_location"]["type"] == "geo_point"
    assert not has_location(Dataset("a", "", (latitude,)))
    assert not has_location(Dataset("a", "", (latitude, Column("longitude", ColumnType.KEYWORD))))


def test_what_an_index_was_built_for_comes_back_out_of_its_mapping() -> None:
    assert fields_of(mapping(CARE)["_meta"]) == searched_fields(CARE)


def test_the_server_takes_the_mapping_of_every_dataset(elasticsearch: ElasticsearchServer) -> None:
    with elasticsearch.client() as client:
        for dataset in BUNDLED:
            index = f"mapped-{dataset.name}"
            client.indices.create(index=index, mappings=mapping(dataset), settings=index_settings(replicas=0))
            client.indices.delete(index=index)
