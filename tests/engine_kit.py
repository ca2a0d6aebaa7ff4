"""What the tests of engines share: one Spark session, and rows with the values that break engines."""

import atexit
import random
import tempfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from core.dataset import Dataset
from core.frames import lake_schema
from processing import SparkEngine

ODD_NUMBERS = (float("nan"), float("inf"), float("-inf"), -0.0, 0.0, 1e300, 5e-324, 1e-30, 2.0**79, -1.1, 0.1, 1e16 + 2)
SHARE_OF_NULLS = 0.15
ODD_TEXTS = ("", "a", "A", "é", "ä@Ö.org", "x?y=1?z", "no separator", "a@b@c", " ", "\U0001f600", "error", "0", "NULL")


@cache
def shared_spark() -> SparkEngine:
    """One engine for the whole test run: a session takes seconds to start."""
    folder = tempfile.TemporaryDirectory(prefix="spark-", ignore_cleanup_errors=True)
    engine = SparkEngine(Path(folder.name))
    atexit.register(folder.cleanup)
    atexit.register(engine.close)
    return engine


def lake_rows(dataset: Dataset, count: int, seed: int = 0) -> pl.DataFrame:
    """`count` rows in the dataset's lake schema, the same for the same seed."""
    dice = random.Random(seed)  # noqa: S311 - made-up rows
    columns = {
        name: pl.Series(name, [_value(dtype, dice) for _ in range(count)], dtype=dtype)
        for name, dtype in lake_schema(dataset).items()
    }
    return pl.DataFrame(columns)


def _value(dtype: pl.DataType, dice: random.Random) -> Any:
    if dice.random() < SHARE_OF_NULLS:
        return None
    days = timedelta(days=dice.randrange(70_000))
    start = dice.choice((datetime(1901, 3, 4, tzinfo=UTC), datetime(2024, 2, 29, 23, 59, 59, 999_999, tzinfo=UTC)))
    by_type: dict[Any, Any] = {
        pl.String: dice.choice((*ODD_TEXTS, f"text {dice.randrange(1000)}", f"text {dice.randrange(1000)}")),
        pl.Float64: dice.choice((*ODD_NUMBERS, *(dice.lognormvariate(2, 4) * dice.choice((1, -1)) for _ in range(20)))),
        pl.Int64: dice.choice((0, 400, 404, 200, -1, 2**53 + 1, -(2**63), 2**62, dice.randrange(1000))),
        pl.Decimal: Decimal(dice.choice((0, 1, -1, 33333, dice.randrange(10**18), dice.randrange(10**8)))).scaleb(-4),
        pl.Boolean: dice.random() < 0.5,
        pl.Date: date(1850, 1, 1) + days,
        pl.Datetime: start + timedelta(microseconds=dice.randrange(2 * 86_400 * 10**6)),
    }
    return by_type[dtype.base_type()]
