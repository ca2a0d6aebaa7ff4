"""Decision: which medical bills to hold because they were most likely billed before."""

from typing import Any

import numpy as np
import polars as pl

from core.dataset import BLOB_COLUMN, FINGERPRINT_SUFFIX, ROW_COLUMN, Dataset
from processing.models.linkage import Linkage, agreements, learn_linkage
from processing.models.model import Fitted, Model, ModelKind, identities, too_few
from processing.models.quality import Numbers

MIN_BILLS = 50
AMOUNT = "billed_amount"
WHO = ("patient_id", "member_id", "patient_name")
"""Who was treated: the first of these that a bill has, by its fingerprint."""

COMPARED = (
    "service_date",
    "procedure_codes",
    "procedure",
    "diagnosis_codes",
    "provider_npi",
    "provider_id",
    "provider",
    "department",
    "quantity",
    "place_of_service",
    "revenue_code",
)
_WHO, _PAID, _PLACE = "who", "amount", "place"
_MAX_ALIKE = 30  # bills of one patient and amount beyond so many are a subscription, not a mistake
_MIN_FILLED_SHARE = 0.05


class DuplicateModel(Model):
    """Pairs bills of one patient over one amount, and holds the later where that is worth a look.

    Args:
        hold_cost: What it costs to hold a bill and look, in the currency of the bills.
    """

    name = "bill_holds"
    kind = ModelKind.DECISION
    dataset = "medical_bill"
    description = (
        "Which bills to hold: those most likely billed before, where a look is expected to save more than it costs."
    )
    needs_spark = False

    def __init__(self, hold_cost: float = 25.0) -> None:
        self.hold_cost = hold_cost

    def fit(self, session: Any, dataset: Dataset, rows: pl.DataFrame, seed: int) -> Fitted:  # noqa: ARG002 - the port's
        bills = _bills(rows)
        if bills.height < MIN_BILLS:
            raise too_few(self.name, "bills with a patient and an amount", MIN_BILLS, bills.height)
        fields = [name for name in COMPARED if name in bills.columns and _is_filled(bills[name])]
        if not fields:
            raise too_few(self.name, "columns that tell bills apart", 1, 0)
        pairs = _pairs(bills)
        linkage = learn_linkage(bills, pairs, fields, seed)
        plan = {
            "fields": list(linkage.fields),
            "same": list(linkage.same),
            "chance": list(linkage.chance),
            "prior": linkage.prior,
        }
        fitted = Fitted(None, plan, {}, "")
        held = self.score(None, dataset, rows, fitted).filter("hold")
        metrics: dict[str, float | int] = {
            "expected_saving": float(held["expected_saving"].sum()),
            "share_of_bills_held": held.height / bills.height,
            "held": held.height,
            "pairs_compared": len(pairs),
            "rows": bills.height,
        }
        return Fitted(None, plan, metrics, "")

    def score(self, session: Any, dataset: Dataset, rows: pl.DataFrame, fitted: Fitted) -> pl.DataFrame:  # noqa: ARG002
        """A row a bill that may have been billed before, the one to hold first at the top.

        ``_id``, ``_blob``, ``_row``, ``hold``, ``expected_saving``, ``duplicate_probability``, ``amount``,
        ``duplicate_of`` (the record before) and ``reasons``.
        """
        plan = fitted.plan
        linkage = Linkage(tuple(plan["fields"]), tuple(plan["same"]), tuple(plan["chance"]), plan["prior"])
        bills = _bills(rows)
        bills = bills.with_columns(pl.lit(None).alias(name) for name in linkage.fields if name not in bills.columns)
        pairs = _pairs(bills)
        agreement = agreements(bills[pairs[:, 0].tolist()], bills[pairs[:, 1].tolist()], linkage.fields)
        ids = identities(dataset, rows)[bills[_PLACE].to_list()]
        frame = pl.DataFrame(
            {
                "later": pairs[:, 1],
                "before": pairs[:, 0],
                "duplicate_probability": linkage.probability(agreement),
                "reasons": _reasons(linkage, agreement),
            },
            schema_overrides={"later": pl.Int64, "before": pl.Int64, "reasons": pl.String},
        )
        best = frame.sort("duplicate_probability", "before", descending=[True, False]).unique("later", keep="first")
        amounts = bills[_PAID].cast(pl.Float64)
        return (
            ids[best["later"].to_list()]
            .with_columns(
                best["duplicate_probability"],
                amounts[best["later"].to_list()].alias("amount"),
                ids["_id"][best["before"].to_list()].alias("duplicate_of"),
                best["reasons"],
            )
            .with_columns(
                (pl.col("duplicate_probability") * pl.col("amount") - self.hold_cost).alias("expected_saving")
            )
            .with_columns((pl.col("expected_saving") > 0).alias("hold"))
            .sort("expected_saving", BLOB_COLUMN, ROW_COLUMN, descending=[True, False, False])
            .select("_id", BLOB_COLUMN, ROW_COLUMN, "hold", "expected_saving", *_SAID)
        )

    def explain(self, fitted: Fitted) -> pl.DataFrame:
        """``feature``, ``same`` and ``chance`` (how often it agrees), ``weight`` (what that adds to the log-odds)."""
        plan = fitted.plan
        weight = np.log(np.asarray(plan["same"]) / np.asarray(plan["chance"]))
        rows = pl.DataFrame(
            {"feature": plan["fields"], "same": plan["same"], "chance": plan["chance"], "weight": weight}
        )
        return rows.sort("weight", "feature", descending=[True, False])


_SAID = ("duplicate_probability", "amount", "duplicate_of", "reasons")


def _bills(rows: pl.DataFrame) -> pl.DataFrame:
    """Bills with a patient and an amount, in the order that the lake gives, and the place of each in `rows`."""
    known = [f"{name}{FINGERPRINT_SUFFIX}" for name in WHO if f"{name}{FINGERPRINT_SUFFIX}" in rows.columns]
    known += [name for name in WHO if name in rows.columns and f"{name}{FINGERPRINT_SUFFIX}" not in rows.columns]
    if not known or AMOUNT not in rows.columns:
        return pl.DataFrame(schema={_WHO: pl.String, _PAID: pl.Float64, _PLACE: pl.Int64})
    return (
        rows.with_columns(pl.coalesce(known).alias(_WHO), pl.col(AMOUNT).alias(_PAID))
        .with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias(_PLACE))
        .filter(pl.col(_WHO).is_not_null() & (pl.col(_PAID) > 0))
    )


def _pairs(bills: pl.DataFrame) -> Numbers:
    """Places of bills of one patient over one amount: the earlier, the later."""
    numbered = bills.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("n"))
    few = numbered.filter(pl.len().over(_WHO, _PAID) <= _MAX_ALIKE).select("n", _WHO, _PAID, _bill())
    joined = few.join(few, on=[_WHO, _PAID]).filter(pl.col("n") < pl.col("n_right"), ~_is_one_bill())
    pairs: Numbers = joined.select("n", "n_right").sort("n", "n_right").to_numpy()
    return pairs


def _bill() -> pl.Expr:
    """What the lines of one bill share: the file and the bill's name in it; null where it has none."""
    return pl.concat_str(BLOB_COLUMN, "bill_id", separator="|").alias("bill")


def _is_one_bill() -> pl.Expr:
    return (pl.col("bill") == pl.col("bill_right")).fill_null(value=False)


def _is_filled(values: pl.Series) -> bool:
    return len(values) - values.null_count() >= _MIN_FILLED_SHARE * len(values) and values.n_unique() > 1


def _reasons(linkage: Linkage, agreement: Numbers) -> list[str]:
    """For each pair the fields whose agreement says most, and those that differ."""
    weights = linkage.weights(agreement)
    found = []
    for row in weights:
        order = [place for place in np.argsort(-np.abs(row), kind="stable")[:4] if row[place]]
        found.append(
            "; ".join(f"{'same' if row[p] > 0 else 'other'} {linkage.fields[p]} ({row[p]:+.2f})" for p in order)
        )
    return found
