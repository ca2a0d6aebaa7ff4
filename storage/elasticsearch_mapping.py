"""A dataset → the mapping and the settings of its Elasticsearch index; nothing here needs the client."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from core.dataset import Dataset
from storage.index_fields import ID_FIELD, Field, FieldKind, index_fields

FORMAT = 1
"""Raised when the layout of an index changes, so that older ones are rebuilt."""
META = "penstock"
"""The key in a mapping's ``_meta`` that says which dataset the index holds, and for which fields it was built."""
WORDS_FIELD = "_words"
"""Every word of a record that is in no prose field: codes are copied to it, objects are rendered into it."""
LOCATION_FIELD = "_location"
"""The point that a record's ``latitude`` and ``longitude`` name."""
REFUSAL_FIELD = "_refusal"
"""Why Elasticsearch would not take a record as it is, on one that was written in a reduced form."""
IDENTITY_FIELD = "_identity"
"""The whole identity of a record whose identity is too long to be an ``_id``."""
UNPARSED_SUFFIX = "__text"
"""Beside an object field: what was in the column where it was no JSON object."""
IP_SUBFIELD = "ip"
"""Below a column that is named as an address: the same value, typed ``ip``, so that networks can be asked for."""
ANALYZER = "penstock"

_MAX_CODE_CHARS = 8191  # Lucene takes 32,766 bytes; a character has at most four
_MAX_INNER_CHARS = 8000  # with its key before it
_COORDINATES = ("latitude", "longitude")
_ADDRESS_NAMES = ("ip", "ip_address")
_STORED_ONLY = {"type": "keyword", "index": False, "doc_values": False}
_REFUSAL = Field(REFUSAL_FIELD, FieldKind.CODE, REFUSAL_FIELD, has_words=False)

# A value that Elasticsearch cannot type (a year past 9999, a host name where an address is meant) loses its field,
# which `_ignored` tells, and never its record.
_TYPES: dict[FieldKind, dict[str, Any]] = {
    FieldKind.CODE: {"type": "keyword", "ignore_above": _MAX_CODE_CHARS},
    FieldKind.PROSE: {"type": "text", "analyzer": ANALYZER},
    FieldKind.INTEGER: {"type": "long", "ignore_malformed": True},
    # Money comes as a string with four decimals, exact in the source; a filter or a sum sees its double.
    FieldKind.NUMBER: {"type": "double", "ignore_malformed": True},
    FieldKind.BOOLEAN: {"type": "boolean"},
    FieldKind.DATE: {"type": "date", "format": "strict_date", "ignore_malformed": True},
    FieldKind.TIMESTAMP: {"type": "date", "format": "strict_date_optional_time", "ignore_malformed": True},
    FieldKind.OBJECT: {"type": "flattened", "ignore_above": _MAX_INNER_CHARS},
}


def mapping(dataset: Dataset) -> dict[str, Any]:
    """The strict mapping of a dataset: a document has no field that is not in it.

    A field has the name of its lake column. A sealed column gives ``<name>_masked`` and ``<name>_hmac``, never its
    token. Elasticsearch's dates are kept to the millisecond; the source keeps every microsecond.
    """
    properties: dict[str, Any] = {}
    for field in searched_fields(dataset):
        properties |= _properties(field)
    properties[WORDS_FIELD] = {"type": "text", "analyzer": ANALYZER}
    properties[IDENTITY_FIELD] = dict(_STORED_ONLY)
    if has_location(dataset):
        properties[LOCATION_FIELD] = {"type": "geo_point", "ignore_malformed": True}
    return {
        "dynamic": "strict",
        "_meta": {META: {"format": FORMAT, "dataset": dataset.name, "fields": _described(searched_fields(dataset))}},
        "properties": properties,
    }


def index_settings(shards: int = 1, replicas: int = 1) -> dict[str, Any]:
    """The settings of an index.

    It is refreshed when a lake version is whole in it and not in between, so that readers see a version or nothing
    of it. The analyzer is that of the embedded index: words end at every sign, lose case, accents and English endings.
    """
    return {
        "number_of_shards": shards,
        "number_of_replicas": replicas,
        "refresh_interval": "-1",
        "mapping.total_fields.limit": 5000,
        "analysis": {
            "filter": {
                "penstock_parts": {
                    "type": "word_delimiter_graph",
                    "split_on_case_change": False,
                    "split_on_numerics": False,
                    "stem_english_possessive": False,
                },
                # as the embedded index; "english" would be the older one, which makes "wa" of "was", "new" of "news"
                "penstock_stem": {"type": "stemmer", "language": "porter2"},
            },
            "analyzer": {
                ANALYZER: {
                    "type": "custom",
                    "tokenizer": "standard",
                    # the standard tokenizer keeps a_b and www.example.com whole
                    "filter": ["penstock_parts", "lowercase", "asciifolding", "penstock_stem"],
                }
            },
        },
    }


def searched_fields(dataset: Dataset) -> tuple[Field, ...]:
    """The fields that filters and answers know: those of every index, and why a record was refused."""
    return (*index_fields(dataset), _REFUSAL)


def fields_of(meta: dict[str, Any]) -> tuple[Field, ...]:
    """The fields out of the ``_meta`` of a mapping."""
    return tuple(Field(**{**field, "kind": FieldKind(field["kind"])}) for field in meta[META]["fields"])


def has_location(dataset: Dataset) -> bool:
    """Whether records have a latitude and a longitude."""
    kinds = {field.name: field.kind for field in index_fields(dataset)}
    return all(kinds.get(name) is FieldKind.NUMBER for name in _COORDINATES)


def is_address(field: Field) -> bool:
    """Whether a column is named as an internet address; its values may yet be host names."""
    own = field.kind is FieldKind.CODE and field.shown_as == field.name
    return own and (field.name in _ADDRESS_NAMES or field.name.endswith(tuple(f"_{name}" for name in _ADDRESS_NAMES)))


def _properties(field: Field) -> dict[str, Any]:
    if field.name == ID_FIELD:
        return {}
    typed = dict(_TYPES[field.kind])
    if field.kind is FieldKind.OBJECT:
        return {field.name: typed, field.name + UNPARSED_SUFFIX: dict(_STORED_ONLY)}
    if field.kind is FieldKind.CODE and field.has_words:
        typed["copy_to"] = WORDS_FIELD
    if field.kind is FieldKind.CODE and field.shown_as is None:
        typed["doc_values"] = field.name.startswith("_")  # a fingerprint is asked for and never counted
    if is_address(field):
        typed["fields"] = {IP_SUBFIELD: {"type": "ip", "ignore_malformed": True}}
    return {field.name: typed}


def _described(fields: Sequence[Field]) -> list[dict[str, Any]]:
    return [asdict(field) for field in fields]
