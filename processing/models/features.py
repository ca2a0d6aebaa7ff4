"""From lake rows, rescued columns among them, to the numbers and categories that a model learns from."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from core.dataset import RESCUED_COLUMN, ColumnType, Dataset

MAX_CATEGORIES = 60
MAX_RESCUED_COLUMNS = 200

MISSING = "missing"
"""The category of a row that has no value; Spark takes no empty one."""

_NUMERIC = (ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.MONEY)
_CATEGORICAL = (ColumnType.KEYWORD, ColumnType.BOOLEAN)
_NULL_WORDS = ("", "?", "-", "na", "n/a", "nan", "none", "null", "unknown")
_NAMES_OF_KEYS = {"id", "no", "nr", "number", "zip", "postcode", "phone", "key", "index", "reference"}
_NUMERIC_SHARE = 0.95  # of the values that must read as numbers
_MIN_FILLED_SHARE = 0.05
_ROWS_PER_CATEGORY = 5  # a column with fewer rows a value tells rows apart, not kinds of rows


@dataclass(frozen=True, slots=True)
class FeaturePlan:
    """Which columns a model learns from, and as what.

    Attributes:
        numbers: Columns taken as doubles.
        categories: Columns taken as one of a few values; missing is a value, too.
    """

    numbers: tuple[str, ...]
    categories: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return self.numbers + self.categories


def learn_plan(rows: pl.DataFrame, dataset: Dataset, excluded: Sequence[str], forbidden_word: str) -> FeaturePlan:
    """Chooses the columns that can tell kinds of rows apart.

    Left out are personal columns, prose, dates, keys, columns with one value or nearly none, `excluded` ones
    (known only after the fact) and those whose name holds `forbidden_word` (the answer under another name).
    """
    wide = widened(rows, dataset)
    numbers, categories = [], []
    for name in wide.columns:
        words = name.lower().replace("-", "_").replace(" ", "_").split("_")
        if name in excluded or words[-1] in _NAMES_OF_KEYS or forbidden_word in name.lower():
            continue
        column = wide[name].drop_nulls()
        if column.len() < max(_MIN_FILLED_SHARE * rows.height, 2) or column.n_unique() < 2:  # noqa: PLR2004 - two differ
            continue
        if column.dtype == pl.Float64:
            numbers.append(name)
        elif column.n_unique() <= min(MAX_CATEGORIES, column.len() // _ROWS_PER_CATEGORY):
            categories.append(name)
    return FeaturePlan(tuple(numbers), tuple(categories))


def features(rows: pl.DataFrame, dataset: Dataset, plan: FeaturePlan) -> pl.DataFrame:
    """The columns of a plan: doubles (null where missing), and strings (`MISSING` where missing)."""
    wide = widened(rows, dataset, plan.names)
    numbers = [_found(wide, name).cast(pl.Float64, strict=False).alias(name) for name in plan.numbers]
    categories = [_found(wide, name).cast(pl.String).fill_null(MISSING).alias(name) for name in plan.categories]
    return wide.with_columns(pl.lit(0).alias("_")).select(*numbers, *categories)


def widened(rows: pl.DataFrame, dataset: Dataset, wanted: Sequence[str] | None = None) -> pl.DataFrame:
    """A dataset's plain columns and its rescued ones, as doubles and cleaned strings."""
    own = {c.name: c for c in dataset.columns if c.name in rows.columns and not c.is_sealed}
    columns = [rows[name].cast(pl.Float64) for name, column in own.items() if column.type in _NUMERIC]
    columns += [_cleaned(rows[name].cast(pl.String)) for name, column in own.items() if column.type in _CATEGORICAL]
    taken = {*rows.columns, *own, *(c.name for c in dataset.columns)}
    columns += [series for series in _rescued(rows, wanted) if series.name not in taken]
    return pl.DataFrame(columns)


def _rescued(rows: pl.DataFrame, wanted: Sequence[str] | None) -> list[pl.Series]:
    if RESCUED_COLUMN not in rows.columns:
        return []
    records: list[Mapping[str, Any]] = [_record(text) for text in rows[RESCUED_COLUMN]]
    counted = Counter(name for record in records for name in record)
    names = [name for name, _ in counted.most_common(MAX_RESCUED_COLUMNS)] if wanted is None else wanted
    columns = []
    for name in names:
        values = [record.get(name) for record in records]
        texts = _cleaned(pl.Series(name, [None if v is None else str(v) for v in values], dtype=pl.String))
        numbers = texts.cast(pl.Float64, strict=False)
        there = texts.len() - texts.null_count()
        is_number = there > 0 and numbers.len() - numbers.null_count() >= _NUMERIC_SHARE * there
        columns.append(numbers if is_number else texts)
    return columns


def _record(text: str | None) -> Mapping[str, Any]:
    if text is None:
        return {}
    try:
        record = json.loads(text)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def _cleaned(texts: pl.Series) -> pl.Series:
    stripped = texts.str.strip_chars()
    return stripped.set(stripped.str.to_lowercase().is_in(_NULL_WORDS), None)


def _found(wide: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name) if name in wide.columns else pl.lit(None)
