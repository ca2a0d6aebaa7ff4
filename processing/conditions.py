"""The small language in which a view says which rows it counts."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import UsageError

COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
"""How two expressions of an engine are compared."""

OPERATORS = (*COMPARISONS, "in", "is null", "is not null")


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a column with a value.

    A comparison with null never holds. Text compares by code point. A personal column cannot be compared.

    Attributes:
        column: The dataset's column.
        operator: One of `OPERATORS`.
        value: What it is compared with; a tuple for ``in``, nothing for ``is null`` and ``is not null``.
    """

    column: str
    operator: str
    value: Any = None

    def __post_init__(self) -> None:
        if self.operator not in OPERATORS:
            raise UsageError(
                f"The condition on {self.column} has the operator {self.operator!r}.",
                f"Choose one of {', '.join(OPERATORS)}.",
            )
        if self.operator == "in":
            object.__setattr__(self, "value", tuple(self.value))


Where = tuple[Condition, ...]
"""Conditions that must all hold; none means every row."""


def conditions(given: Any) -> Where:
    """Conditions out of what a person writes: one `Condition` or ``(column, operator, value)``, or several."""
    if isinstance(given, Condition):
        return (given,)
    if given and isinstance(given[0], str):
        return (Condition(*given),)
    return tuple(each if isinstance(each, Condition) else Condition(*each) for each in given)


def describe(where: Where) -> str:
    """The conditions in words, and in a form that tells any two of them apart."""
    return " and ".join(f"{c.column} {c.operator} {'' if c.value is None else repr(c.value)}".strip() for c in where)
