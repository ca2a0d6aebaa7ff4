"""Which records name which parties: people, firms, numbers, places, as the declaration of their dataset says."""

from dataclasses import dataclass

import polars as pl

from core.dataset import BLOB_COLUMN, FINGERPRINT_SUFFIX, MASK_SUFFIX, Column, Dataset, PersonalData
from core.frames import record_id
from processing.graph import Graphs

RECORD, KIND, VALUE, SHOWN = "record", "kind", "value", "shown"
LINK_SCHEMA = {RECORD: pl.String(), KIND: pl.String(), VALUE: pl.String(), SHOWN: pl.String()}

_NAMING_PARTS = {"id", "npi", "name", "number", "no", "first", "last"}
_SHOWN_DIGITS = 6
_PERSONS = (PersonalData.MEMBER_ID, PersonalData.SSN, PersonalData.PERSON_NAME)
_NO_RECORD = "~"  # begins what is no record, and comes after all that is one


@dataclass(frozen=True, slots=True)
class Linked:
    """Records and the parties they name.

    Attributes:
        rows: The rows, each with the ``record`` that it tells of; several may tell of one.
        links: ``record``, ``kind`` of party, ``value`` (which one) and ``shown`` (it as people may see it).
    """

    rows: pl.DataFrame
    links: pl.DataFrame


def linked(rows: pl.DataFrame, dataset: Dataset, graphs: Graphs) -> Linked:
    """Who is named where.

    Rows that tell of one record, as the lines of a claim do, are one: those of one file under one number, and those of
    one number that name a party in common.
    """
    placed = rows.with_columns(record_id(dataset).alias(RECORD))
    found = [_named(placed, dataset.column(name), kind) for name, kind in kinds_of(dataset).items() if name in rows]
    links = pl.concat([pl.DataFrame(schema=LINK_SCHEMA), *found])
    own = _own_key(dataset)
    if own is None or own not in rows:
        return Linked(placed, links)
    first = _first_rows(placed.select(RECORD, BLOB_COLUMN, pl.col(own).alias("key")), links, graphs)
    return Linked(
        placed.with_columns(pl.col(RECORD).replace(first)),
        links.with_columns(pl.col(RECORD).replace(first)).unique([RECORD, KIND, VALUE], keep="first"),
    )


def kinds_of(dataset: Dataset) -> dict[str, str]:
    """Column → what kind of party it names: ``claimant_id`` and ``claimant_name`` both name a claimant."""
    own = _own_key(dataset)
    return {c.name: _stem(c.name) for c in dataset.columns if c.is_linking and c.name != own}


def person_kinds(dataset: Dataset) -> set[str]:
    """The kinds of party that are people, known by name or number."""
    return {kind for name, kind in kinds_of(dataset).items() if dataset.column(name).personal in _PERSONS}


def _first_rows(rows: pl.DataFrame, links: pl.DataFrame, graphs: Graphs) -> dict[str, str]:
    """Row → the first row that tells of the same record."""
    keys = rows.filter(pl.col("key") != "").filter(pl.len().over("key") > 1)
    of_file = keys.select(pl.col(RECORD).alias("left"), _node(BLOB_COLUMN, "key").alias("right"))
    named = links.join(keys, on=RECORD)
    of_party = named.select(pl.col(RECORD).alias("left"), _node("key", KIND, VALUE).alias("right"))
    return dict(graphs.components(pl.concat([of_file, of_party])).iter_rows())


def _node(*columns: str) -> pl.Expr:
    return pl.concat_str(pl.lit(_NO_RECORD), *columns, separator="|")


def _own_key(dataset: Dataset) -> str | None:
    """The column with a record's own number: ``claim_id`` of insurance_claim."""
    own = f"{dataset.name.rpartition('_')[2]}_id"
    return own if own in dataset else None


def _stem(name: str) -> str:
    """What a column names, however it does: provider, provider_id and provider_npi are one kind."""
    words = name.split("_")
    while len(words) > 1 and words[-1] in _NAMING_PARTS:
        words.pop()
    return "_".join(words)


def _told(column: Column) -> str:
    """The lake column that tells values apart."""
    return column.name + FINGERPRINT_SUFFIX if column.is_sealed else column.name


def _named(placed: pl.DataFrame, column: Column, kind: str) -> pl.DataFrame:
    """What a column names. Values that are masked alike are shown with the beginning of their fingerprint."""
    value = pl.col(_told(column))
    digits = value.str.slice(0, _SHOWN_DIGITS)
    shown = pl.format("{} ({})", f"{column.name}{MASK_SUFFIX}", digits) if column.is_sealed else value
    return placed.filter(value.str.strip_chars() != "").select(
        RECORD, pl.lit(kind).alias(KIND), pl.format(f"{column.name}={{}}", value).alias(VALUE), shown.alias(SHOWN)
    )
