"""What tells published rows apart: a name for each, out of its identity columns."""

import json
from hashlib import sha256
from itertools import repeat

import polars as pl

from core.dataset import Dataset

ID = "_id"
_ID_CHARS = 40  # 160 bits


def with_ids(dataset: Dataset, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with a column ``_id``: short however long the values are, equal for equal values on every machine.

    Of rows with equal identity the last remains: of a view without dimensions there is one.
    """
    keys = frame.select(pl.col(name).cast(pl.String) for name in dataset.identity)
    rows = keys.iter_rows() if dataset.identity else repeat((), frame.height)
    names = [sha256(json.dumps(row).encode()).hexdigest()[:_ID_CHARS] for row in rows]
    named = frame.with_columns(pl.Series(ID, names, pl.String))
    return named.unique(ID, keep="last", maintain_order=True)
