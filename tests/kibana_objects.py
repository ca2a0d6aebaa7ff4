"""An export of Kibana's objects as tests read it: parsed lines, what refers to what, and the fields that each names."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.dataset import Dataset
from storage.elasticsearch_documents import published_mapping
from storage.elasticsearch_mapping import mapping

RECORDS = "___records___"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FieldUse:
    """That an object uses a field of a data view, and how."""

    field: str
    operation: str


class Export:
    """The lines of one export file.

    Args:
        text: The file.
        datasets: Index name → the dataset that is in it.
    """

    def __init__(self, text: str, datasets: Mapping[str, Dataset]) -> None:
        self.objects: list[Json] = [json.loads(line) for line in text.splitlines()]
        self.by_key = {(found["type"], found["id"]): found for found in self.objects}
        self._datasets = datasets

    def of_type(self, kind: str) -> list[Json]:
        """The objects of one type."""
        return [found for found in self.objects if found["type"] == kind]

    def data_view_of(self, found: Json) -> Json:
        """The data view that a panel shows."""
        (reference,) = found["references"]
        return self.by_key[reference["type"], reference["id"]]

    def dataset_of(self, found: Json) -> Dataset:
        """The dataset behind a panel or a data view."""
        view = found if found["type"] == "index-pattern" else self.data_view_of(found)
        return self._datasets[view["attributes"]["title"]]

    def fields_of(self, found: Json) -> Json:
        """The fields that the index behind a panel really has."""
        dataset = self.dataset_of(found)
        mapped = published_mapping(dataset) if "-" in dataset.name else mapping(dataset)
        return dict(mapped["properties"])

    def panels_of(self, dashboard: Json) -> Iterator[tuple[Json, Json]]:
        """Each panel of a dashboard that is an object of its own, with its place."""
        references = {reference["name"]: reference for reference in dashboard["references"]}
        for panel in json.loads(dashboard["attributes"]["panelsJSON"]):
            if "panelRefName" in panel:
                reference = references[f"{panel['panelIndex']}:{panel['panelRefName']}"]
                yield self.by_key[reference["type"], reference["id"]], panel


def layers_of(lens: Json) -> dict[str, Json]:
    """The layers of a Lens panel."""
    return dict(lens["attributes"]["state"]["datasourceStates"]["formBased"]["layers"])


def columns_of(lens: Json) -> dict[str, Json]:
    """The columns of a Lens panel of one layer."""
    (layer,) = layers_of(lens).values()
    return dict(layer["columns"])


def uses_of(found: Json) -> Iterator[FieldUse]:
    """Every field that a panel names."""
    if found["type"] == "lens":
        for column in columns_of(found).values():
            if column["sourceField"] != RECORDS:
                yield FieldUse(column["sourceField"], column["operationType"])
        yield from (FieldUse(field, "query") for field, _ in query_of(found))
    if found["type"] == "search":
        yield from (FieldUse(name, "show") for name in found["attributes"]["columns"])
        yield from (FieldUse(name, "sort") for name, _ in found["attributes"]["sort"])


def query_of(lens: Json) -> list[tuple[str, str]]:
    """The conditions of a panel's KQL query, which is `field : "value"` or nothing."""
    written = lens["attributes"]["state"]["query"]
    assert written["language"] == "kuery"
    if not written["query"]:
        return []
    field, _, value = written["query"].partition(" : ")
    return [(field, json.loads(value))]


def strings_in(value: Any) -> Iterator[str]:
    """Every string in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from strings_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings_in(inner)
