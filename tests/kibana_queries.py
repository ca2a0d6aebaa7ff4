"""What Kibana would ask Elasticsearch for a panel: Lens columns as aggregations, a session of Discover as a search."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from kibana_objects import RECORDS, Json, columns_of, layers_of, query_of

MISSING = "__missing__"
"""Kibana's name for the group of what has no value."""
_BARS = 100
_SECONDS = {"h": 3600, "d": 86_400, "y": 365 * 86_400}
_PLAIN = {"sum": "sum", "average": "avg", "min": "min", "max": "max", "unique_count": "cardinality"}


def request_of(panel: Json, since: str, time_field: str | None) -> Json:
    """The body of a panel's search, in the time that its dashboard shows at first."""
    conditions: list[Json] = []
    if time_field:
        span = {"gte": since, "lte": "now", "format": "strict_date_optional_time"}
        conditions.append({"range": {time_field: span}})
    if panel["type"] == "search":
        return _session(panel, conditions)
    conditions += [{"match_phrase": {field: value}} for field, value in query_of(panel)]
    (layer,) = layers_of(panel).values()
    return {
        "size": 0,
        "track_total_hits": True,
        "query": {"bool": {"filter": conditions}},
        "aggs": _aggregations(layer["columnOrder"], layer["columns"], since),
    }


def others_of(panel: Json, body: Json, answer: Json) -> Json | None:
    """The body of the second search, by which Lens finds what is in none of the groups; None where it asks for none."""
    (layer,) = layers_of(panel).values()
    groups = [name for name in layer["columnOrder"] if layer["columns"][name]["isBucketed"]]
    column = layer["columns"][groups[0]] if groups else {}
    if len(groups) != 1 or not column.get("params", {}).get("otherBucket"):
        return None
    shown = [bucket["key"] for bucket in answer["aggregations"][groups[0]]["buckets"]]
    no_others = [{"match_phrase": {column["sourceField"]: value}} for value in shown if value != MISSING]
    left = {"bool": {"must": [{"exists": {"field": column["sourceField"]}}], "must_not": no_others}}
    inner = body["aggs"][groups[0]].get("aggs", {})
    return {**body, "aggs": {groups[0]: {"filters": {"filters": {"others": left}}, "aggs": inner}}}


def groups_in(answer: Json, panel: Json) -> Iterator[Json]:
    """Each group of the innermost kind that holds a document: a row of the panel's table."""
    (layer,) = layers_of(panel).values()
    buckets = [name for name in layer["columnOrder"] if layer["columns"][name]["isBucketed"]]
    innermost = [{"doc_count": answer["hits"]["total"]["value"], **answer.get("aggregations", {})}]
    for name in buckets:
        innermost = [inner for outer in innermost for inner in outer[name]["buckets"]]
    yield from (group for group in innermost if group["doc_count"])


def values_in(group: Json, panel: Json) -> list[Any]:
    """What a group's row shows beside its names."""
    counted = [(name, column) for name, column in columns_of(panel).items() if not column["isBucketed"]]
    return [
        group["doc_count"] if column["sourceField"] == RECORDS else group[name]["value"] for name, column in counted
    ]


def _session(panel: Json, conditions: Sequence[Json]) -> Json:
    assert json.loads(panel["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])["query"]["query"] == ""
    return {
        "size": panel["attributes"]["sampleSize"],
        "track_total_hits": True,
        "query": {"bool": {"filter": list(conditions)}},
        "sort": [{name: {"order": order, "unmapped_type": "boolean"}} for name, order in panel["attributes"]["sort"]],
        "fields": [{"field": name} for name in panel["attributes"]["columns"]],
        "_source": False,
    }


def _aggregations(order: Sequence[str], columns: Json, since: str) -> Json:
    """Groups nest in their order; what is counted is counted in the innermost, and where names are ordered by it."""
    counted = {name: _metric(column) for name, column in columns.items() if not column["isBucketed"]}
    inner: Json = {name: metric for name, metric in counted.items() if metric}
    for name in reversed([name for name in order if columns[name]["isBucketed"]]):
        column, nested = columns[name], dict(inner)
        if column["operationType"] == "terms":
            by = column["params"]["orderBy"]["columnId"]
            group = _terms(column, by if counted[by] else "_count")
            nested |= {by: counted[by]} if counted[by] else {}
        else:
            group = _histogram(column, since)
        inner = {name: {**group, **({"aggs": nested} if nested else {})}}
    return inner


def _metric(column: Json) -> Json | None:
    """The aggregation of a counted column; None where the number of documents is meant."""
    if column["sourceField"] == RECORDS:
        return None
    return {_PLAIN[column["operationType"]]: {"field": column["sourceField"]}}


def _terms(column: Json, order_by: str) -> Json:
    parameters = column["params"]
    terms = {
        "field": column["sourceField"],
        "size": parameters["size"],
        "order": {order_by: parameters["orderDirection"]},
    }
    if parameters["missingBucket"]:
        terms["missing"] = MISSING
    return {"terms": terms}


def _histogram(column: Json, since: str) -> Json:
    found = re.fullmatch(r"now-(\d+)([hdy])", since)
    assert found
    seconds = int(found[1]) * _SECONDS[found[2]] // _BARS
    bounds = {"min": since, "max": "now"}
    histogram = {"field": column["sourceField"], "fixed_interval": f"{seconds}s", "min_doc_count": 0}
    return {"date_histogram": {**histogram, "time_zone": "UTC", "extended_bounds": bounds}}
