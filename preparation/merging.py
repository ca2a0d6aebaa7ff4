"""The tables of one file put together, a dataset each."""

from collections.abc import Sequence

import polars as pl

from core.prepared import Table
from preparation.extraction import Limits


def merged(tables: Sequence[Table], limits: Limits) -> list[Table]:
    """One table a dataset: rows of equal datasets one after the other."""
    by_dataset: dict[str, list[Table]] = {}
    for table in tables:
        by_dataset.setdefault(table.dataset, []).append(table)
    return [_one(name, parts, limits) for name, parts in by_dataset.items()]


def _one(name: str, parts: Sequence[Table], limits: Limits) -> Table:
    if len(parts) == 1:
        return parts[0]
    rejections = [rejection for part in parts for rejection in part.rejections]
    return Table(
        name,
        pl.concat([part.frame for part in parts]),
        tuple(rejections[: limits.max_rejections]),
        sum(part.rejected_rows for part in parts),
    )
