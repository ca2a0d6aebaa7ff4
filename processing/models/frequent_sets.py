"""Descriptive: what is done together: procedures of a patient, pages of a visit."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from core.dataset import Dataset
from processing.models.baskets import names_of, sets, steps
from processing.models.frequent import MIN_SUPPORT, MIN_TIMES, OFTEN, FrequentModel, how_often, shown
from processing.models.model import Fitted, too_few
from processing.models.quality import Numbers

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MIN_LIFT = 1.1
MOST_BEFORE = 3
MOST_RULES = 200

_SCHEMA = {"rule": pl.String(), **OFTEN}


class SetModel(FrequentModel):
    """Rules of sets that occur together more often than by chance, by FP-growth."""

    saying = "Which {what} go together, by {who}, more often than by chance."

    def fit(self, session: "SparkSession", dataset: Dataset, rows: pl.DataFrame, seed: int) -> Fitted:
        done = sets(steps(rows, dataset, self._source))
        part, rest = self.parted(done, seed)
        tried = _counted(_learned(session, part), rest)
        rules = _learned(session, done)
        if not rules:
            raise too_few(self.name, f"{self._words.what} that go together", 1, 0)
        found = _counted(rules, done)
        metrics: dict[str, float | int] = {
            "confidence": float(np.mean(found["confidence"])),
            "confidence_on_held_out": _mean(tried["confidence"]),
            "lift_on_held_out": _mean(tried["lift"]),
            "rules": len(rules),
            "sets": done.height,
            "rows": rows.height,
        }
        named = {item: name for item, name in names_of(rows, self._source).items() if any(item in r for r in rules)}
        return Fitted(None, {"rules": rules, "names": named}, metrics, "")

    def score(self, session: Any, dataset: Dataset, rows: pl.DataFrame, fitted: Fitted) -> pl.DataFrame:  # noqa: ARG002
        """A row a rule, as often as it holds in these rows, the one that says most first.

        ``rule``, ``lift`` (how many times more often than by chance), ``confidence`` (how often who did the first did
        the last), ``support`` (the share of all who did all of it), ``times``, ``reasons``.
        """
        done = sets(steps(rows, dataset, self._source))
        rules = fitted.plan["rules"]
        found = _counted(rules, done)
        names = {**fitted.plan["names"], **names_of(rows, self._source)}
        frame = pl.DataFrame(
            {
                "rule": [told(rule, names) for rule in rules],
                **found,
                "reasons": [
                    f"{times:,.0f} of {before:,.0f} {self._words.who} that {self._words.did} the first, "
                    f"and {share:.1%} of all"
                    for times, before, share in zip(found["times"], found["before"], found["share"], strict=True)
                ],
            }
        )
        telling = pl.col("support") * (1 - 1 / pl.col("lift"))  # by how much it exceeds chance
        return shown(frame, telling, _SCHEMA)

    def explain(self, fitted: Fitted) -> pl.DataFrame:
        """``feature`` (an item), its ``name`` and ``weight``: in how many rules it is."""
        counts: dict[str, int] = {}
        for item in (item for rule in fitted.plan["rules"] for item in rule):
            counts[item] = counts.get(item, 0) + 1
        rows = [(item, fitted.plan["names"].get(item, item), count) for item, count in counts.items()]
        schema = {"feature": pl.String(), "name": pl.String(), "weight": pl.Int64()}
        return pl.DataFrame(rows, schema=schema, orient="row").sort("weight", "feature", descending=[True, False])


def told(rule: Sequence[str], names: Mapping[str, str]) -> str:
    """A rule as people read it: what was done, an arrow, what was done as well."""
    said = [f"{item} ({names[item]})" if item in names else item for item in rule]
    return f"{' + '.join(said[:-1])} → {said[-1]}"


def _learned(session: "SparkSession", done: pl.DataFrame) -> list[list[str]]:
    """The rules that exceed chance most: what comes before, then what comes with it."""
    from pyspark.ml.fpm import FPGrowth
    from pyspark.sql import functions as f

    several = done.filter(pl.col("items").list.len() > 1)
    if several.is_empty():
        return []
    least = max(MIN_SUPPORT, MIN_TIMES / done.height)
    frame = session.createDataFrame(done.select("items").to_arrow()).coalesce(1)
    rules = FPGrowth(itemsCol="items", minSupport=least, minConfidence=0.0).fit(frame).associationRules
    exceeding = f.col("support") * (1 - 1 / f.col("lift"))
    kept = (
        rules.where((f.size("antecedent") <= MOST_BEFORE) & (f.col("lift") >= MIN_LIFT))
        .select(f.concat(f.sort_array("antecedent"), "consequent").alias("rule"), exceeding.alias("exceeding"))
        .orderBy(f.desc("exceeding"), "rule")
        .limit(MOST_RULES)
    )
    return [list(row["rule"]) for row in kept.collect()]


def _counted(rules: Sequence[Sequence[str]], done: pl.DataFrame) -> dict[str, Numbers]:
    """How often each rule holds, and how often its parts do."""
    items = sorted({item for rule in rules for item in rule})
    there = {item: np.zeros(done.height, bool) for item in items}
    placed = done.select("items").with_row_index("at").explode("items", empty_as_null=True, keep_nulls=False)
    for (item,), own in placed.filter(pl.col("items").is_in(items)).partition_by("items", as_dict=True).items():
        there[str(item)][own["at"].to_numpy()] = True
    both = np.array([np.logical_and.reduce([there[item] for item in rule]).sum() for rule in rules], float)
    before = np.array([np.logical_and.reduce([there[item] for item in rule[:-1]]).sum() for rule in rules], float)
    last = np.array([there[rule[-1]].sum() for rule in rules], float)
    return how_often(both, before, last, done.height)


def _mean(values: Numbers) -> float:
    return float(values.mean()) if len(values) else 0.0
