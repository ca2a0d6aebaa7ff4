"""What Kibana keeps: objects with attributes and references, and how they are written for its import."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.dataset import FINGERPRINT_SUFFIX, MASK_SUFFIX, Column, ColumnType, Dataset
from visualization.wording import title, with_unit

Json = dict[str, Any]

DATA_VIEW, LENS, SEARCH, DASHBOARD = "index-pattern", "lens", "search", "dashboard"
NEWEST_ROWS = 100
_CORE_VERSION = "8.8.0"
# Kibana migrates what is older than itself and refuses what is newer: these are of 9.0, the oldest we speak to.
_TYPE_VERSIONS = {DATA_VIEW: "8.0.0", LENS: "8.9.0", SEARCH: "10.5.0", DASHBOARD: "10.2.0"}
_MAX_DESCRIPTION_CHARS = 300  # Kibana's limit of a field's description
_HIDDEN_FIELDS = ("_identity", f"*{FINGERPRINT_SUFFIX}")
EMPTY_QUERY: Json = {"language": "kuery", "query": ""}


@dataclass(frozen=True, slots=True)
class Reference:
    """That one object uses another."""

    name: str
    type: str
    id: str


@dataclass(frozen=True, slots=True)
class SavedObject:
    """One object of Kibana.

    Attributes:
        type: Kibana's name of its kind.
        id: Ours, and the same at every export, so that an import replaces what was imported before.
        attributes: What it is; some of them are JSON texts inside the JSON.
        references: What it uses; every one is exported with it.
    """

    type: str
    id: str
    attributes: Json
    references: tuple[Reference, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """What tells it apart."""
        return self.type, self.id

    def line(self) -> str:
        """It as a line of an export; the same object gives the same line."""
        references = [{"name": to.name, "type": to.type, "id": to.id} for to in self.references]
        return text_of(
            {
                "attributes": self.attributes,
                "coreMigrationVersion": _CORE_VERSION,
                "id": self.id,
                "managed": False,
                "references": sorted(references, key=lambda reference: reference["name"]),
                "type": self.type,
                "typeMigrationVersion": _TYPE_VERSIONS[self.type],
            }
        )


def text_of(value: Any) -> str:
    """A value as JSON, keys in order."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def ndjson(objects: Iterable[SavedObject]) -> str:
    """Objects as an export file: what is used stands before what uses it, no object twice."""
    order = (DATA_VIEW, LENS, SEARCH, DASHBOARD)
    once = {saved.key: saved for saved in objects}
    lines = sorted(once.values(), key=lambda saved: (order.index(saved.type), saved.id))
    return "".join(f"{saved.line()}\n" for saved in lines)


@dataclass(frozen=True, slots=True)
class Source:
    """A dataset as Kibana finds it.

    Attributes:
        prefix: What the names of all indices of one system begin with; ids of objects too.
        dataset: The dataset.
        is_timed: Whether only rows of the time that Kibana shows are found; a row without a time never is.
    """

    prefix: str
    dataset: Dataset
    is_timed: bool = True

    @property
    def index(self) -> str:
        """The name that answers for its documents."""
        return f"{self.prefix}-{self.dataset.name}"

    @property
    def id(self) -> str:
        """The data view's id."""
        return f"{self.prefix}-data-view-{self.dataset.name}{'' if self.is_timed else '-of-any-time'}"

    def of_any_time(self) -> "Source":
        """The same, whatever time Kibana shows."""
        return replace(self, is_timed=False) if self.dataset.event_time else self

    def reference(self, name: str) -> Reference:
        """A use of its data view."""
        return Reference(name, DATA_VIEW, self.id)

    def label(self, name: str) -> str:
        """What a column is called, with its unit."""
        return with_unit(title(name), self.dataset.column(name).unit)


def data_view(source: Source) -> SavedObject:
    """The data view of a dataset: names, units and descriptions of its columns for people."""
    dataset = source.dataset
    attributes: Json = {
        "allowNoIndex": True,  # before the first record there is no index
        "fieldAttrs": text_of({shown_field(column): _attributes(column) for column in dataset.columns}),
        "fieldFormatMap": text_of(dict(_formats(dataset.columns))),
        "fields": "[]",
        "name": f"{title(source.prefix)}: {data_view_title(dataset)}{'' if source.is_timed else ', of any time'}",
        "runtimeFieldMap": "{}",
        "sourceFilters": text_of([{"value": name} for name in _HIDDEN_FIELDS]),
        "title": source.index,
        "typeMeta": "{}",
    }
    if dataset.event_time and source.is_timed:
        attributes["timeFieldName"] = dataset.event_time
    return SavedObject(DATA_VIEW, source.id, attributes)


def data_view_title(dataset: Dataset) -> str:
    """view-climate_by_hour → View: Climate by hour; system-books → Books."""
    kind, _, name = dataset.name.rpartition("-")
    return f"{title(kind)}: {title(name)}" if kind not in {"", "system"} else title(name)


def shown_field(column: Column) -> str:
    """The field that shows a column: of a sealed one its mask."""
    return column.name + MASK_SUFFIX if column.is_sealed else column.name


def newest_rows(
    source: Source, columns: Iterable[str], order_by: str | None, heading: str, query: str = ""
) -> SavedObject:
    """A table of documents, the newest first: a session of Discover."""
    found = "kibanaSavedObjectMeta.searchSourceJSON.index"
    search = {"filter": [], "highlightAll": True, "indexRefName": found, "query": {**EMPTY_QUERY, "query": query}}
    attributes: Json = {
        "columns": [shown_field(source.dataset.column(name)) for name in columns],
        "description": source.dataset.description,
        "grid": {},
        "hideChart": True,
        "isTextBasedQuery": False,
        "kibanaSavedObjectMeta": {"searchSourceJSON": text_of(search)},
        "sampleSize": NEWEST_ROWS,
        "sort": [[order_by, "desc"]] if order_by else [],
        "timeRestore": False,
        "title": heading,
    }
    return SavedObject(SEARCH, f"{source.prefix}-rows-{source.dataset.name}", attributes, (source.reference(found),))


def number_format(column: Column) -> Json | None:
    """How Kibana writes the values of a column; None: as they are."""
    if column.unit == "By":
        return {"id": "bytes", "params": {"decimals": 1}}
    if column.name.endswith(("_share", "_rate", "_probability")):
        return {"id": "percent", "params": {"decimals": 1}}
    decimals = {ColumnType.MONEY: 2, ColumnType.NUMBER: 3}.get(column.type)
    return None if decimals is None else {"id": "number", "params": {"decimals": decimals}}


def _formats(columns: Iterable[Column]) -> Iterator[tuple[str, Json]]:
    patterns = {"bytes": "0,0.[0]b", "percent": "0,0.[0]%"}
    for column in columns:
        chosen = None if column.is_sealed else number_format(column)
        if chosen:
            pattern = patterns.get(chosen["id"], f"0,0.[{'0' * chosen['params']['decimals']}]")
            yield column.name, {"id": chosen["id"], "params": {"pattern": pattern}}


def _attributes(column: Column) -> Mapping[str, str]:
    label = with_unit(title(column.name), column.unit)
    told = {"customLabel": label}
    if column.description:
        told["customDescription"] = column.description[:_MAX_DESCRIPTION_CHARS]
    return told
