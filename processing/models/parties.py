"""Descriptive: the parties that records share, and how central each is among them."""

from typing import Any

import polars as pl

from core.dataset import Dataset
from processing.models.linked import KIND, RECORD, SHOWN, VALUE, Linked, linked
from processing.models.model import Fitted, Model, ModelKind, too_few
from processing.models.rings import graphs_of

MIN_RECORDS = 20
MOST_PARTIES = 1000
_SCHEMA = {
    "party": pl.String(),
    "kind": pl.String(),
    "rank": pl.Float64(),
    "records": pl.Int64(),
    "met": pl.Int64(),
    "group": pl.Int64(),
    "records_in_group": pl.Int64(),
}


class PartyModel(Model):
    """Ranks people, firms, numbers and places by PageRank in the graph of records and the parties they name.

    Args:
        name: The model's name.
        dataset: Whose records.
        records: What they are, in words.
        on_spark: Whether Spark measures the graph; otherwise this process does, with the same answer.
    """

    kind = ModelKind.DESCRIPTIVE

    def __init__(self, name: str, dataset: str, records: str, *, on_spark: bool = False) -> None:
        self.name, self.dataset, self.needs_spark = name, dataset, on_spark
        self.description = f"Who is named by more than one of the {records}, and how central each is among them."
        self._records = records

    def fit(self, session: Any, dataset: Dataset, rows: pl.DataFrame, seed: int) -> Fitted:  # noqa: ARG002 - the port's
        found = linked(rows, dataset, graphs_of(session))
        naming = found.links[RECORD].n_unique()
        if naming < MIN_RECORDS:
            raise too_few(self.name, f"{self._records} that name a party", MIN_RECORDS, naming)
        groups = graphs_of(session).components(_edges(found)).filter(pl.col("node").str.starts_with(_OF_RECORD))
        kinds = _shared_kinds(found)
        largest = groups.group_by("component").len("n")["n"].max()
        metrics: dict[str, float | int] = {
            "share_of_records_that_share_a_party": _sharing(found) / max(naming, 1),
            "parties_shared": sum(shared for shared, _ in kinds.values()),
            "groups": groups["component"].n_unique(),
            "records_in_largest_group": int(str(largest)),
            "rows": rows.height,
        }
        return Fitted(None, {"kinds": {kind: list(counts) for kind, counts in kinds.items()}}, metrics, "")

    def score(self, session: Any, dataset: Dataset, rows: pl.DataFrame, fitted: Fitted) -> pl.DataFrame:  # noqa: ARG002
        """A row a party that two records name or more, the most central first; the first thousand.

        ``party``, ``kind``, ``rank`` (how many times the mean PageRank), ``records`` that name it, ``met`` (other
        parties named beside it), ``group`` (what hangs together, the largest first) and ``records_in_group``.
        """
        graphs = graphs_of(session)
        found = linked(rows, dataset, graphs)
        edges = _edges(found)
        if edges.is_empty():
            return pl.DataFrame(schema=_SCHEMA)
        ranks = graphs.ranks(edges).with_columns(pl.col("rank") * pl.len())
        shared = found.links.group_by(KIND, VALUE).agg(pl.len().alias("records"), pl.col(SHOWN).first().alias("party"))
        central = (
            shared.filter(pl.col("records") > 1)
            .with_columns(_party().alias("node"))
            .join(ranks, on="node")
            .join(_groups(graphs.components(edges)), on="node")
            .sort("rank", "node", descending=[True, False])
            .head(MOST_PARTIES)
        )
        told = central.join(_met(found, central), on=VALUE).sort("rank", "node", descending=[True, False])
        return told.select(pl.col(name).cast(kind) for name, kind in _SCHEMA.items())

    def explain(self, fitted: Fitted) -> pl.DataFrame:
        """``feature`` (a kind of party), how many ``shared`` there are, ``weight`` (records for each of them)."""
        rows = [(kind, shared, records) for kind, (shared, records) in fitted.plan["kinds"].items()]
        schema = {"feature": pl.String(), "shared": pl.Int64(), "weight": pl.Float64()}
        return pl.DataFrame(rows, schema=schema, orient="row").sort("weight", "feature", descending=[True, False])


_OF_RECORD, _OF_PARTY = "record ", "party "


def _edges(found: Linked) -> pl.DataFrame:
    record = pl.concat_str(pl.lit(_OF_RECORD), RECORD)
    return found.links.select(record.alias("left"), _party().alias("right"))


def _party() -> pl.Expr:
    return pl.concat_str(pl.lit(_OF_PARTY), VALUE)


def _groups(components: pl.DataFrame) -> pl.DataFrame:
    """Of each node the number of its group, the one with most records first, and how many records that has."""
    is_record = pl.col("node").str.starts_with(_OF_RECORD)
    sizes = (
        components.group_by("component")
        .agg(is_record.sum().alias("records_in_group"))
        .sort("records_in_group", "component", descending=[True, False])
        .with_row_index("group", offset=1)
    )
    return components.join(sizes, on="component").select("node", "group", "records_in_group")


def _met(found: Linked, central: pl.DataFrame) -> pl.DataFrame:
    """How many other parties each of these is named beside."""
    named = found.links.join(central.select(VALUE), on=VALUE, how="semi").select(RECORD, VALUE)
    beside = named.join(found.links.select(RECORD, pl.col(VALUE).alias("other")), on=RECORD)
    return beside.group_by(VALUE, maintain_order=True).agg((pl.col("other").n_unique() - 1).alias("met"))


def _shared_kinds(found: Linked) -> dict[str, tuple[int, float]]:
    """Kind of party → how many of it two records or more name, and how many records each of those has."""
    counts = found.links.group_by(KIND, VALUE).len("n")
    kinds = counts.group_by(KIND).agg(
        (pl.col("n") > 1).sum().alias("shared"), pl.col("n").filter(pl.col("n") > 1).mean().fill_null(0.0).alias("each")
    )
    return {kind: (shared, each) for kind, shared, each in kinds.sort(KIND).iter_rows()}


def _sharing(found: Linked) -> int:
    return found.links.filter(pl.len().over(VALUE) > 1)[RECORD].n_unique()
