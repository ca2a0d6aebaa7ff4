"""Parquet files in a folder, of which those count that one small file names; it is replaced in one step."""

import json
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl

from core.durable import sync

READ_TRIES = 3
"""How often a reader looks: the writer may have replaced a file between its name and its bytes."""

_READING_SECONDS = 10.0  # so long a file that no longer counts stays for one who has just seen its name


def write_rows(folder: Path, rows: pl.DataFrame) -> str:
    """Writes rows that do not count yet; the name of their file."""
    name = f"{uuid4().hex}.parquet"
    rows.write_parquet(folder / name)
    sync(folder / name)
    return name


def read_rows(folder: Path, name: str) -> pl.DataFrame:
    """The rows of such a file.

    Raises:
        OSError: If it is gone.
        PolarsError: If it is damaged.
    """
    return pl.read_parquet(folder / name, glob=False)


def commit(file: Path, told: Mapping[str, Any], counting: Collection[str]) -> None:
    """Says what counts from now on, and removes what does not.

    Args:
        file: Where it is said.
        told: What is said.
        counting: The names of the files beside it that count.
    """
    draft = file.with_name(f"{file.name}.draft")
    draft.write_text(json.dumps(told))
    sync(draft)
    draft.replace(file)
    until = time.time() - _READING_SECONDS
    for old in file.parent.glob("*.parquet"):
        if old.name not in counting and old.stat().st_mtime < until:
            old.unlink(missing_ok=True)
