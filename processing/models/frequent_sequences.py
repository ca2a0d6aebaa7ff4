"""Descriptive: what is done after what: pages of a visit, lines of a connection."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from core.dataset import Dataset
from processing.models.baskets import MOST_STEPS, sequences, steps
from processing.models.frequent import MIN_SUPPORT, MIN_TIMES, OFTEN, FrequentModel, how_often, shown
from processing.models.model import Fitted, too_few
from processing.models.quality import Numbers

if TYPE_CHECKING:
    from pyspark.sql import Column, SparkSession

MOST_LENGTH = 5
MOST_PATHS = 200

_SCHEMA = {"path": pl.String(), "steps": pl.Int64(), **OFTEN}


class SequenceModel(FrequentModel):
    """Paths that many take, other steps between them or not, by PrefixSpan; none that a longer one always holds."""

    saying = "Which {what} follow which, by {who}."

    def fit(self, session: "SparkSession", dataset: Dataset, rows: pl.DataFrame, seed: int) -> Fitted:
        done = sequences(steps(rows, dataset, self._source))
        part, rest = self.parted(done, seed)
        tried = _learned(session, part)
        paths = _learned(session, done)
        if not paths:
            raise too_few(self.name, f"{self._words.what} that follow each other", 1, 0)
        before, after = (_counted(tried, half)["support"] for half in (part, rest))
        metrics: dict[str, float | int] = {
            "support": float(_counted(paths, done)["support"].mean()),
            "error_of_support_on_held_out": float(np.abs(before - after).mean()) if len(before) else 0.0,
            "paths": len(paths),
            "longest_path": max(len(path) for path in paths),
            "sequences": done.height,
            "rows": rows.height,
        }
        return Fitted(None, {"paths": paths}, metrics, "")

    def score(self, session: Any, dataset: Dataset, rows: pl.DataFrame, fitted: Fitted) -> pl.DataFrame:  # noqa: ARG002
        """A row a path, as often as it is taken in these rows, the one that says most first.

        ``path``, ``steps``, ``lift`` (how many times more often its last step is taken than by all), ``confidence``
        (how often who came so far took it), ``support`` (the share that went all of it), ``times``, ``reasons``.
        """
        done = sequences(steps(rows, dataset, self._source))
        paths = fitted.plan["paths"]
        found = _counted(paths, done)
        frame = pl.DataFrame(
            {
                "path": [" → ".join(path) for path in paths],
                "steps": [len(path) for path in paths],
                **found,
                "reasons": [
                    f"{times:,.0f} of {before:,.0f} {self._words.who} that came so far, and {share:.1%} of all"
                    for times, before, share in zip(found["times"], found["before"], found["share"], strict=True)
                ],
            }
        )
        telling = pl.col("support") * (pl.col("steps") - 1)  # how much of all that is done it tells
        return shown(frame, telling, _SCHEMA)

    def explain(self, fitted: Fitted) -> pl.DataFrame:
        """``feature`` (a step), ``starts`` and ``ends`` (paths that it begins or ends), ``weight`` (paths it is in)."""
        paths = fitted.plan["paths"]
        rows = [
            (
                step,
                sum(path[0] == step for path in paths),
                sum(path[-1] == step for path in paths),
                sum(step in path for path in paths),
            )
            for step in sorted({step for path in paths for step in path})
        ]
        schema = {"feature": pl.String(), "starts": pl.Int64(), "ends": pl.Int64(), "weight": pl.Int64()}
        return pl.DataFrame(rows, schema=schema, orient="row").sort("weight", "feature", descending=[True, False])


def _learned(session: "SparkSession", done: pl.DataFrame) -> list[list[str]]:
    """The most frequent paths of two steps or more, the longer first among equals."""
    from pyspark.ml.fpm import PrefixSpan
    from pyspark.sql import functions as f

    several = done.filter(pl.col("items").list.len() > 1)
    if several.is_empty():
        return []
    # Those of a single step are left out, so that Spark need not see them; what is frequent is so among all.
    least = min(max(MIN_SUPPORT, MIN_TIMES / done.height) * done.height / several.height, 1.0)
    frame = session.createDataFrame(several.select("items").to_arrow()).coalesce(1)
    single = frame.select(f.transform("items", _alone).alias("sequence"))
    found = PrefixSpan(minSupport=least, maxPatternLength=MOST_LENGTH).findFrequentSequentialPatterns(single)
    flat = found.select(f.flatten("sequence").alias("path"), "freq").where(f.size("path") > 1)
    kept = flat.orderBy(f.desc(f.col("freq") * (f.size("path") - 1)), "path").limit(_TRIED).collect()
    return _closed([(list(row["path"]), int(row["freq"])) for row in kept])[:MOST_PATHS]


def _alone(item: "Column") -> "Column":
    """PrefixSpan takes sets of things done at once; ours are done one by one."""
    from pyspark.sql import functions as f

    return f.array(item)


_TRIED = 5 * MOST_PATHS  # most of them are parts of others


def _closed(paths: Sequence[tuple[list[str], int]]) -> list[list[str]]:
    """Paths without those that are a part of a longer one whenever they are taken."""
    return [
        path
        for path, times in paths
        if not any(more == times and len(other) > len(path) and _is_part(path, other) for other, more in paths)
    ]


def _is_part(path: Sequence[str], other: Sequence[str]) -> bool:
    ahead = iter(other)
    return all(step in ahead for step in path)


def _counted(paths: Sequence[Sequence[str]], done: pl.DataFrame) -> dict[str, Numbers]:
    """How many took each path, came to its last step but one, and took its last step at all."""
    numbers = {step: number for number, step in enumerate(sorted({step for path in paths for step in path}), start=1)}
    taken = np.zeros((done.height, MOST_STEPS), np.int32)
    for at, items in enumerate(done["items"].to_list()):
        taken[at, : len(items)] = [numbers.get(item, 0) for item in items]
    both, before, last = (np.zeros(len(paths)) for _ in range(3))
    for at, path in enumerate(paths):
        both[at], before[at] = _walked(taken, [numbers[step] for step in path])
        last[at] = (taken == numbers[path[-1]]).any(axis=1).sum()
    return how_often(both, before, last, done.height)


def _walked(taken: Numbers, path: Sequence[int]) -> tuple[int, int]:
    """How many went the whole path, and how many all but its last step."""
    rows, before = taken, len(taken)
    at = np.full(len(rows), -1)
    for step in path:
        before = len(rows)
        is_next = (rows == step) & (np.arange(rows.shape[1]) > at[:, None])
        goes_on = is_next.any(axis=1)
        rows, at = rows[goes_on], is_next.argmax(axis=1)[goes_on]
    return len(rows), before
