"""Holds normalised rows against their Pandera model; failing rows leave with a reason, the others go on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandera.errors
import polars as pl
from pandera.polars import Check, Column, DataFrameSchema

from core.dataset import Dataset
from core.errors import PenstockError
from preparation.model import DatasetModel

_MAX_SHOWN_CHARS = 80
_NO_VALUE = "not_nullable"
_COMPARED: Mapping[str, Callable[[pl.Expr, Mapping[str, Any]], pl.Expr]] = {
    "greater_than": lambda value, given: value > given["min_value"],
    "greater_than_or_equal_to": lambda value, given: value >= given["min_value"],
    "less_than": lambda value, given: value < given["max_value"],
    "less_than_or_equal_to": lambda value, given: value <= given["max_value"],
}
"""Checks that are one comparison, and what they compare."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One value that its schema refused.

    Attributes:
        index: The row in the frame that was validated.
        column: The column.
        reason: What was expected and what was found, in words.
    """

    index: int
    column: str
    reason: str


def failures_of(frame: pl.DataFrame, model: type[DatasetModel], dataset: Dataset) -> list[Failure]:
    """Every value that fails a check of the model; none in the usual case, which costs milliseconds.

    Raises:
        PenstockError: If a check of the model raises instead of answering.
        MemoryError: If it does so for want of memory.
    """
    doubted = _doubted(frame, _screen(model))
    if not doubted:
        return []
    schema = model.to_schema()
    is_as_a_whole = bool(schema.checks or schema.unique)
    cleared = () if is_as_a_whole else tuple(name for name in schema.columns if name not in doubted)
    try:
        _without(model, cleared).validate(frame.drop(cleared), lazy=True)
    except pandera.errors.SchemaErrors as errors:
        cases = errors.failure_cases
        if cases["index"].null_count():
            raise _uncheckable(cases, dataset) from errors
        return [
            Failure(index, column, _reason(dataset, column, check, value))
            for index, column, check, value in cases.select("index", "column", "check", "failure_case").iter_rows()
        ]
    return []


def _doubted(frame: pl.DataFrame, screen: Mapping[str, pl.Expr | None]) -> frozenset[str]:
    """The columns in which a value may fail; what Pandera has to look at.

    Pandera takes 0.3 ms for each column whatever it holds, which is most of what a file of one row costs.
    """
    if frame.height == 0:
        return frozenset()
    asked = {name: expression for name, expression in screen.items() if expression is not None}
    passed = frame.select(**asked).row(0, named=True) if asked else {}
    return frozenset(name for name in screen if not passed.get(name, False))


@lru_cache(maxsize=64)
def _screen(model: type[DatasetModel]) -> Mapping[str, pl.Expr | None]:
    """By column, whether all of its values pass; None where only Pandera can tell.

    A column that nothing is asked of is not in it: `normalize` gives each its type.
    """
    schema = model.to_schema()
    if schema.checks or schema.unique:
        return dict.fromkeys(schema.columns)
    columns = schema.columns.items()
    return {name: _passes(name, each) for name, each in columns if each.checks or each.unique or not each.nullable}


def _passes(name: str, column: Column) -> pl.Expr | None:
    value = pl.col(name)
    if column.unique or not all(check.ignore_na for check in column.checks):
        return None
    if not all(_is_comparison(check) for check in column.checks):
        return value.null_count() == pl.len() if column.nullable else None
    parts = [_COMPARED[check.name](value, check.statistics).all() for check in column.checks]  # nulls pass
    parts += [] if column.nullable else [value.null_count() == 0]
    return pl.all_horizontal(parts)


def _is_comparison(check: Check) -> bool:
    return check.name in _COMPARED and len(check.statistics or ()) == 1 and not check.raise_warning


@lru_cache(maxsize=64)
def _without(model: type[DatasetModel], names: tuple[str, ...]) -> DataFrameSchema:
    return model.to_schema().remove_columns(list(names))


def _uncheckable(cases: pl.DataFrame, dataset: Dataset) -> Exception:
    """What to raise where the model fails, not a row."""
    column, check, found = cases.filter(pl.col("index").is_null()).select("column", "check", "failure_case").row(0)
    if str(found).startswith("MemoryError"):
        return MemoryError()
    return PenstockError(
        f"The check {check!r} of {column or 'the rows'} in the model of {dataset.name} failed: "
        f"{str(found)[:_MAX_SHOWN_CHARS]}.",
        "Mend that check in its model file, then replay it.",
    )


def by_row(failures: list[Failure]) -> dict[int, str]:
    """Row → all its reasons in one sentence, rows in order."""
    reasons: dict[int, list[str]] = {}
    for failure in sorted(failures, key=lambda each: each.index):
        reasons.setdefault(failure.index, []).append(failure.reason)
    return {index: "; ".join(dict.fromkeys(each)) for index, each in reasons.items()}


def _reason(dataset: Dataset, column: str, check: str, value: object) -> str:
    if check == _NO_VALUE:
        return f"{column} has no value, and it is required"
    rules = " and ".join(dataset.column(column).checks) or check
    return f"{column} is {str(value)[:_MAX_SHOWN_CHARS]}, expected {rules}"
