"""Holds normalised rows against their Pandera model; failing rows leave with a reason, the others go on."""

import operator
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
_COMPARED: Mapping[str, Callable[[Any, Any], Any]] = {
    "greater_than": operator.gt,
    "greater_than_or_equal_to": operator.ge,
    "less_than": operator.lt,
    "less_than_or_equal_to": operator.le,
}
"""Checks that are one comparison, of a value or of a column of them."""


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


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of the values of one column.

    Attributes:
        comparisons: Pairs of an operator and what it compares with.
        is_required: Whether there must be a value.
        is_known: Whether that is all; if not, only the lack of a value passes, where none is required.
    """

    comparisons: tuple[tuple[Callable[[Any, Any], Any], Any], ...]
    is_required: bool
    is_known: bool

    def passes(self, value: object) -> bool:
        """Whether one value does; false where only Pandera can tell."""
        if value is None:
            return not self.is_required
        return self.is_known and all(compare(value, bound) for compare, bound in self.comparisons)

    def expression(self, name: str) -> pl.Expr:
        """Whether all values of a column do."""
        value = pl.col(name)
        if not self.is_known:
            return pl.lit(False) if self.is_required else value.null_count() == pl.len()
        parts = [compare(value, bound).all() for compare, bound in self.comparisons]  # nulls pass
        parts += [value.null_count() == 0] if self.is_required else []
        return pl.all_horizontal(parts)


def _doubted(frame: pl.DataFrame, screen: Mapping[str, _Asked]) -> frozenset[str]:
    """The columns in which a value may fail; what Pandera has to look at.

    Pandera takes 0.3 ms for each column whatever it holds, which is most of what a file of one row costs.
    """
    if frame.height == 0 or not screen:
        return frozenset()
    if frame.height == 1:  # by hand: a question to Polars waits for one of its threads, 2 ms on a busy machine
        return frozenset(name for name, asked in screen.items() if not asked.passes(frame.get_column(name)[0]))
    passed = frame.select(**{name: asked.expression(name) for name, asked in screen.items()}).row(0, named=True)
    return frozenset(name for name in screen if not passed[name])


@lru_cache(maxsize=64)
def _screen(model: type[DatasetModel]) -> Mapping[str, _Asked]:
    """What is asked, by column; one of which nothing is asked is not in it, for `normalize` gives each its type."""
    schema = model.to_schema()
    columns = schema.columns.items()
    if schema.checks or schema.unique:
        return {name: _Asked((), is_required=True, is_known=False) for name, _ in columns}
    return {name: _asked(each) for name, each in columns if each.checks or each.unique or not each.nullable}


def _asked(column: Column) -> _Asked:
    is_known = not column.unique and all(_is_comparison(check) for check in column.checks)
    comparisons = [(_COMPARED[each.name], *each.statistics.values()) for each in column.checks] if is_known else []
    looks_at_nulls = column.unique or not all(check.ignore_na for check in column.checks)
    return _Asked(tuple(comparisons), is_required=not column.nullable or looks_at_nulls, is_known=is_known)


def _is_comparison(check: Check) -> bool:
    return check.name in _COMPARED and check.ignore_na and len(check.statistics or ()) == 1 and not check.raise_warning


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
