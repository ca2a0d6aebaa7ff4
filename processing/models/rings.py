"""Descriptive: rings of claims that share more than chance explains: a phone and an address, a provider and a place."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from core.dataset import Dataset
from processing.graph import Graphs, LocalGraphs
from processing.models.linked import KIND, RECORD, SHOWN, VALUE, Linked, kinds_of, linked, person_kinds
from processing.models.model import Fitted, Model, ModelKind, too_few

MIN_CLAIMS = 20
MIN_SHARED = 2
SURE_BITS = 4.3
"""What a tie must have beyond chance: chance would have made one such in a set of claims like this 1 time in 20."""

AMOUNT, FRAUD, OWN_NUMBER = "claimed_amount", "fraud_reported", "claim_id"

_MAX_ALIKE = 50  # a value that more claims share is a firm's, not a ring's; and its pairs would be many
_SHOWN_MEMBERS, _SHOWN_TIES = 12, 6
_SCHEMA = {
    "ring": pl.Int64(),
    "score": pl.Float64(),
    "claims": pl.Int64(),
    "claimants": pl.Int64(),
    "claimed": pl.Float64(),
    "density": pl.Float64(),
    "tied_by": pl.String(),
    "members": pl.String(),
    "reasons": pl.String(),
}


class RingModel(Model):
    """Ties claims that share two kinds of party or more, where chance would not have made one such tie.

    Args:
        on_spark: Whether Spark finds what hangs together; otherwise this process does, with the same answer.
    """

    name = "claim_rings"
    kind = ModelKind.DESCRIPTIVE
    dataset = "insurance_claim"
    description = "Rings of claims that share people, numbers, firms or places more than chance explains."

    def __init__(self, *, on_spark: bool = False) -> None:
        self.needs_spark = on_spark

    def fit(self, session: Any, dataset: Dataset, rows: pl.DataFrame, seed: int) -> Fitted:  # noqa: ARG002 - the port's
        found = linked(rows, dataset, graphs_of(session))
        claims = found.rows[RECORD].n_unique()
        bits = {kind: chance.bits for kind, chance in _chances(found).items()}
        if claims < MIN_CLAIMS:
            raise too_few(self.name, "claims", MIN_CLAIMS, claims)
        if len(bits) < MIN_SHARED:
            raise too_few(self.name, "columns that name a party and are filled in", MIN_SHARED, len(bits))
        members = _members(found, graphs_of(session))
        rings = _rings(found, members, dataset, graphs_of(session))
        metrics: dict[str, float | int] = {
            "claimed_in_rings": float(rings["claimed"].sum()),
            "share_of_claims_in_rings": members.height / claims,
            **_frauds(found, members),
            "rings": rings.height,
            "claims_in_rings": members.height,
            "rows": rows.height,
        }
        shared = found.links.filter(pl.len().over(VALUE) > 1).group_by(KIND).agg(pl.col(RECORD).n_unique())
        plan = {"bits": bits, "claims_that_share": dict(shared.iter_rows()), "columns": kinds_of(dataset)}
        return Fitted(None, plan, metrics, "")

    def score(self, session: Any, dataset: Dataset, rows: pl.DataFrame, fitted: Fitted) -> pl.DataFrame:  # noqa: ARG002
        """A row a ring, those of several people first, then the least likely by chance.

        ``ring`` (its number), ``score`` (bits beyond chance), ``claims``, ``claimants`` (different people, as far as
        they are told), ``claimed``, ``density`` (the share of pairs tied), ``tied_by``, ``members``, ``reasons``.
        """
        graphs = graphs_of(session)
        found = linked(rows, dataset, graphs)
        return _rings(found, _members(found, graphs), dataset, graphs)

    def explain(self, fitted: Fitted) -> pl.DataFrame:
        """``feature`` (a kind of party), ``columns`` that name it, ``claims`` that share one, ``weight`` (its bits)."""
        plan = fitted.plan
        rows = [
            (
                kind,
                ", ".join(name for name, of in plan["columns"].items() if of == kind),
                plan["claims_that_share"].get(kind, 0),
                bits,
            )
            for kind, bits in plan["bits"].items()
        ]
        schema = {"feature": pl.String(), "columns": pl.String(), "claims": pl.Int64(), "weight": pl.Float64()}
        frame = pl.DataFrame(rows, schema=schema, orient="row")
        return frame.sort("weight", "feature", descending=[True, False])


def graphs_of(session: Any) -> Graphs:
    """What measures graphs: Spark where there is a session, else this process."""
    if session is None:
        return LocalGraphs()
    from processing.graph_on_spark import SparkGraphs

    return SparkGraphs(session)


@dataclass(frozen=True, slots=True)
class _Chance:
    """What is known of a kind of party: in how many pairs of claims both name one, and in how many the same."""

    pairs: float
    same: float

    @property
    def bits(self) -> float:
        """How telling it is that two claims share one. One pair more is counted: none is what nobody can exceed."""
        return float(np.log2(self.pairs / min(self.same + 1, self.pairs)))


def _chances(found: Linked) -> dict[str, _Chance]:
    def pairs_of(n: pl.Expr) -> pl.Expr:
        return n * (n - 1) / 2

    alike = found.links.group_by(KIND, VALUE).agg(pl.len().cast(pl.Float64).alias("n"))
    same = alike.group_by(KIND).agg(pairs_of(pl.col("n")).sum().alias("same"))
    naming = found.links.group_by(KIND).agg(pl.col(RECORD).n_unique().cast(pl.Float64).alias("claims"))
    joined = same.join(naming, on=KIND).sort(KIND).select(KIND, pairs_of(pl.col("claims")), "same")
    return {kind: _Chance(max(pairs, 1.0), same) for kind, pairs, same in joined.iter_rows()}


def _ties(found: Linked) -> pl.DataFrame:
    """Pairs of claims, ``left`` and ``right``, that share more than chance explains, and by how many ``bits``.

    There are so many pairs that some share this and that by chance: how many pairs there are is taken off.
    """
    chances = _chances(found)
    telling = pl.DataFrame(
        [(kind, chance.bits, float(np.log2(chance.pairs))) for kind, chance in chances.items()],
        schema={KIND: pl.String(), "bits": pl.Float64(), "tried": pl.Float64()},
        orient="row",
    )
    few = found.links.filter(pl.len().over(VALUE).is_between(2, _MAX_ALIKE)).select(RECORD, KIND, VALUE)
    pairs = few.join(few, on=[KIND, VALUE]).filter(pl.col(RECORD) < pl.col(f"{RECORD}_right"))
    ties = (
        pairs.select(pl.col(RECORD).alias("left"), pl.col(f"{RECORD}_right").alias("right"), KIND)
        .unique()
        .join(telling, on=KIND)
        .group_by("left", "right")
        .agg(pl.col("bits").sum() - pl.col("tried").min(), pl.len().alias("shared"))
    )
    return ties.filter((pl.col("shared") >= MIN_SHARED) & (pl.col("bits") > SURE_BITS)).sort("left", "right")


def _members(found: Linked, graphs: Graphs) -> pl.DataFrame:
    """``record`` and ``component`` of each claim in a ring."""
    return graphs.components(_ties(found)).rename({"node": RECORD})


def _rings(found: Linked, members: pl.DataFrame, dataset: Dataset, graphs: Graphs) -> pl.DataFrame:
    if members.is_empty():
        return pl.DataFrame(schema=_SCHEMA)
    ties = _ties(found).join(members, left_on="left", right_on=RECORD)
    size = pl.col("claims")
    rings = (
        _facts(found, members)
        .join(_people(found, members, dataset, graphs), on="component", how="left")
        .join(ties.group_by("component").agg(pl.col("bits").mean(), pl.len().alias("ties")), on="component")
        .with_columns(
            (pl.col("bits") * (size - 1)).alias("score"),
            (2 * pl.col("ties") / (size * (size - 1))).alias("density"),
        )
        .join(_said(found, members), on="component")
        # Whoever claims twice shares number and address with himself: that is less of a ring, and comes last.
        .sort((pl.col("claimants") == 1).fill_null(value=False), "score", "component", descending=[False, True, False])
        .with_row_index("ring", offset=1)
    )
    people = pl.col("claimants")
    told = (
        pl.when(people.is_null())
        .then(pl.lit(""))
        .when(people == 1)
        .then(pl.lit("one claimant; "))
        .otherwise(pl.format("{} claimants; ", people))
    )
    return rings.with_columns(pl.concat_str(told, "reasons").alias("reasons")).select(
        pl.col(name).cast(kind) for name, kind in _SCHEMA.items()
    )


def _facts(found: Linked, members: pl.DataFrame) -> pl.DataFrame:
    """Of each ring its size, what is claimed (a claim told of twice by the larger sum) and which claims they are."""
    number = pl.col(OWN_NUMBER) if OWN_NUMBER in found.rows.columns else pl.lit(None, dtype=pl.String)
    amount = pl.col(AMOUNT).cast(pl.Float64) if AMOUNT in found.rows.columns else pl.lit(None, dtype=pl.Float64)
    claims = (
        found.rows.join(members, on=RECORD)
        .group_by("component", RECORD)
        .agg(amount.max().alias("amount"), number.drop_nulls().first().alias("number"))
        .sort("component", RECORD)
    )
    named = pl.coalesce("number", pl.col(RECORD).str.replace(r"^([0-9a-f]{6})[0-9a-f]*", "$1"))
    return claims.group_by("component", maintain_order=True).agg(
        pl.len().alias("claims"),
        pl.col("amount").sum().alias("claimed"),
        named.head(_SHOWN_MEMBERS).str.join(", ").alias("members"),
    )


def _people(found: Linked, members: pl.DataFrame, dataset: Dataset, graphs: Graphs) -> pl.DataFrame:
    """How many ``claimants`` each ring has, where it says: those of one number or one name are one person."""
    named = found.links.filter(pl.col(KIND).is_in(sorted(person_kinds(dataset)))).join(members, on=RECORD)
    same = graphs.components(
        named.select(pl.col(RECORD).alias("left"), pl.concat_str(pl.lit("~"), VALUE).alias("right"))
    )
    people = named.join(same.rename({"component": "one"}), left_on=RECORD, right_on="node")
    return people.group_by("component").agg(pl.col("one").n_unique().alias("claimants"))


def _said(found: Linked, members: pl.DataFrame) -> pl.DataFrame:
    """What ties each ring, in words: the parties that most of its claims share."""
    shared = (
        found.links.join(members, on=RECORD)
        .group_by("component", KIND, VALUE)
        .agg(pl.len().alias("n"), pl.col(SHOWN).first())
        .filter(pl.col("n") > 1)
        .sort("component", "n", KIND, VALUE, descending=[False, True, False, False])
    )
    kinds = shared.unique(["component", KIND], keep="first", maintain_order=True)
    readable = pl.col(KIND).str.replace_all("_", " ")
    ties = pl.format("same {} in {}: {}", readable, "n", SHOWN)
    return kinds.group_by("component", maintain_order=True).agg(
        readable.str.join(", ").alias("tied_by"), ties.head(_SHOWN_TIES).str.join("; ").alias("reasons")
    )


def _frauds(found: Linked, members: pl.DataFrame) -> dict[str, float]:
    """How often claims in rings were found fraudulent, and claims in all; nothing where nobody has judged any."""
    if FRAUD not in found.rows.columns:
        return {}
    judged = found.rows.filter(pl.col(FRAUD).is_not_null())
    inside = judged.join(members, on=RECORD, how="semi")
    shares: Sequence[tuple[str, pl.DataFrame]] = (("share_of_frauds_in_rings", inside), ("share_of_frauds", judged))
    return {name: float(part.select(pl.col(FRAUD).mean()).item()) for name, part in shares if part.height}
