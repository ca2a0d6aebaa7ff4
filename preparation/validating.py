"""Holds normalised rows against their Pandera model; failing rows leave with a reason, the others go on."""

from dataclasses import dataclass
from functools import lru_cache

import pandera.errors
import polars as pl
from pandera.polars import DataFrameSchema

from core.dataset import Dataset
from core.errors import PenstockError
from preparation.model import DatasetModel

_MAX_SHOWN_CHARS = 80
_NO_VALUE = "not_nullable"


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
    if frame.height == 0:
        return []
    empty = _columns_to_skip(frame, model.to_schema())
    try:
        _without(model, empty).validate(frame.drop(empty), lazy=True)
    except pandera.errors.SchemaErrors as errors:
        cases = errors.failure_cases
        if cases["index"].null_count():
            raise _uncheckable(cases, dataset) from errors
        return [
            Failure(index, column, _reason(dataset, column, check, value))
            for index, column, check, value in cases.select("index", "column", "check", "failure_case").iter_rows()
        ]
    return []


def _columns_to_skip(frame: pl.DataFrame, schema: DataFrameSchema) -> tuple[str, ...]:
    """The columns that hold nothing and whose checks therefore cannot fail; none where rows are checked as such.

    Of a wide model most columns are empty, and Pandera takes 0.3 ms for each, whatever it holds.
    """
    if schema.checks or schema.unique:
        return ()
    return tuple(
        name
        for name, column in schema.columns.items()
        if column.nullable
        and frame[name].null_count() == frame.height
        and all(each.ignore_na for each in column.checks)
    )


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
