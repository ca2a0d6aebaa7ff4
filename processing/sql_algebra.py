"""What SQL makes of the row expressions of views, as far as its dialects agree."""

from abc import abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, ClassVar

import polars as pl

from core.dataset import Column, ColumnType, Dataset
from core.frames import POLARS_TYPES
from processing.algebra import Algebra
from processing.conditions import COMPARISONS, Condition, Where
from processing.parquet_files import Facts
from processing.parts import shown_column
from processing.polars_algebra import literal
from processing.view import Piece, View


@dataclass(frozen=True, slots=True, eq=False)
class Sql:
    """An expression of SQL, in parentheses where it needs them.

    Attributes:
        pieces: Text, and between it the numbers of what its algebra lets.
    """

    pieces: tuple[str | int, ...]

    def __str__(self) -> str:
        return "".join(piece if isinstance(piece, str) else f"_let{piece}" for piece in self.pieces)

    @property
    def lets(self) -> list[int]:
        """What it uses of what its algebra lets."""
        return [piece for piece in self.pieces if isinstance(piece, int)]

    def with_inline(self, lets: Mapping[int, "Sql"]) -> "Sql":
        """With some of that written out."""
        inline = (lets[p].pieces if isinstance(p, int) and p in lets else (p,) for p in self.pieces)
        return Sql(tuple(chain.from_iterable(inline)))

    def __add__(self, other: "Sql | float") -> "Sql":
        return call("({} + {})", self, other)

    def __sub__(self, other: "Sql | float") -> "Sql":
        return call("({} - {})", self, other)

    def __mul__(self, other: "Sql | float") -> "Sql":
        return call("({} * {})", self, other)

    def __eq__(self, other: object) -> "Sql":  # type: ignore[override] # an expression, as those of Polars and Spark
        return call("({} = {})", self, other)

    def __ne__(self, other: object) -> "Sql":  # type: ignore[override] # an expression, as those of Polars and Spark
        return call("({} <> {})", self, other)

    def __lt__(self, other: "Sql | float") -> "Sql":
        return call("({} < {})", self, other)

    def __le__(self, other: "Sql | float") -> "Sql":
        return call("({} <= {})", self, other)

    def __gt__(self, other: "Sql | float") -> "Sql":
        return call("({} > {})", self, other)

    def __ge__(self, other: "Sql | float") -> "Sql":
        return call("({} >= {})", self, other)

    __hash__ = None  # type: ignore[assignment] # what is equal to it is not known here


class SqlAlgebra(Algebra[Sql]):
    """Row expressions of a dialect of SQL, which hold in what `grouped` selects from.

    Attributes:
        types: What the dialect calls the types of the lake's columns.
    """

    types: ClassVar[Mapping[pl.DataType, str]]

    def __init__(self, dataset: Dataset, facts: Facts) -> None:
        super().__init__(dataset, facts)
        self._lets: list[Sql] = []

    @staticmethod
    @abstractmethod
    def quoted(name: str) -> str:
        """The name of a column."""

    @staticmethod
    @abstractmethod
    def quoted_text(text: str) -> str:
        """A text that stands for itself."""

    def grouped(self, keys: Mapping[str, Sql], found: Mapping[str, Sql], rows: str, where: Where) -> str:
        """Rows in groups, those on which the conditions hold.

        Args:
            keys: What makes a group, one key at least.
            found: What is found of each group.
            rows: A query for the rows.
            where: The conditions.
        """
        made = [self._named(sql, name) for name, sql in (*keys.items(), *found.items())]
        places = ", ".join(str(place + 1) for place in range(len(keys)))
        return f"{self._selected(made, rows, self.passes(where) if where else None)} GROUP BY {places}"

    def _selected(self, made: Sequence[Sql], rows: str, where: Sql | None) -> str:
        """What is selected from rows, where that holds.

        What is let and used often becomes a column, in as few stages as can be, for each takes a while for every column
        that there is; what is used once is written where it is used.
        """
        wanted = [*made, *([where] if where else [])]
        used = Counter(let for sql in (*self._lets, *wanted) for let in sql.lets)
        stages: list[list[str]] = []
        places: dict[int, int] = {}
        inline: dict[int, Sql] = {}
        for number, let in enumerate(self._lets):
            inlined = let.with_inline(inline)
            if used[number] == 1:
                inline[number] = inlined
            elif used[number]:
                places[number] = max((places[other] + 1 for other in inlined.lets), default=0)
                stages += [[] for _ in range(places[number] + 1 - len(stages))]
                stages[places[number]].append(f"{inlined} AS _let{number}")
        for stage in stages:
            rows = f"SELECT *, {', '.join(stage)} FROM ({rows})"  # noqa: S608 - of ours, with what people write quoted
        selected = ", ".join(str(sql.with_inline(inline)) for sql in made)
        kept = f" WHERE {where.with_inline(inline)}" if where else ""
        return f"SELECT {selected} FROM ({rows}){kept}"  # noqa: S608 - of ours, with what people write quoted

    def _named(self, expression: Sql, name: str) -> Sql:
        return Sql((*expression.pieces, f" AS {self.quoted(name)}"))

    def column(self, name: str) -> Sql:
        return Sql((self.quoted(name),))

    def let(self, expression: Sql) -> Sql:
        if len(expression.pieces) == 1:  # a column, or what is let
            return expression
        self._lets.append(expression)
        return Sql((len(self._lets) - 1,))

    def when(self, condition: Sql, value: Sql | float) -> Sql:
        return call("(CASE WHEN {} THEN {} END)", condition, value)

    def either(self, condition: Sql, value: Sql | float, otherwise: Sql) -> Sql:
        return call("(CASE WHEN {} THEN {} ELSE {} END)", condition, value, otherwise)

    def double(self, expression: Sql) -> Sql:
        return call("CAST({} AS DOUBLE)", expression)

    def below(self, expression: Sql, limit: float) -> Sql:
        return call("(abs({}) < {})", expression, limit)  # NaN is greater than any number

    def one(self) -> Sql:
        return Sql(("1",))

    def present(self, expression: Sql) -> Sql:
        return call("({} IS NOT NULL)", expression)

    def every(self, conditions: list[Sql]) -> Sql:
        return call(f"({' AND '.join('{}' for _ in conditions)})", *conditions)

    def holds(self, condition: Condition, kind: ColumnType) -> Sql:
        column = self.value(condition.column, ())
        value = condition.value
        if condition.operator == "is null":
            return call("({} IS NULL)", column)
        if condition.operator == "is not null":
            return call("({} IS NOT NULL)", column)
        if condition.operator == "in":
            alike = [column == self._literal(each, kind) for each in value]
            compared = call(" OR ".join(["FALSE", *("{}" for _ in alike)]), *alike)
        else:
            compared = COMPARISONS[condition.operator](column, self._literal(value, kind))
        return call("coalesce({}, FALSE)", compared)

    def keys(self, view: View) -> dict[str, Sql]:
        """The expressions of a view's keys, by their columns in it."""
        keys = [self._window(view)] if view.window else []
        keys += [self._dimension(dimension) for dimension in view.dimensions]
        return dict(zip(view.keys, keys, strict=True))

    @abstractmethod
    def _window(self, view: View) -> Sql:
        """What tells a view's windows apart."""

    @abstractmethod
    def _piece(self, piece: Piece, text: Sql, separator: Sql) -> Sql:
        """A part of a text."""

    def _time(self, view: View) -> tuple[Sql, Column]:
        """What a view's windows are of."""
        time = view.time_column(self.dataset)
        return self.column(time), self.dataset.column(time)

    def _dimension(self, dimension: str | Piece) -> Sql:
        name = dimension if isinstance(dimension, str) else dimension.column
        column = self.column(shown_column(self.dataset.column(name)))
        if isinstance(dimension, str):
            return column
        return self._piece(dimension, column, Sql((self.quoted_text(dimension.before or dimension.after),)))

    def _literal(self, value: Any, kind: ColumnType) -> Sql:
        """A value as a column of that type has it."""
        typed = pl.select(literal(value, kind)).item()
        if typed is None:
            return Sql(("NULL",))
        if isinstance(typed, bool | int | float):
            return Sql((_number(typed),))
        return Sql((f"CAST({self.quoted_text(str(typed))} AS {self.types[POLARS_TYPES[kind]]})",))


def call(form: str, *given: Any) -> Sql:
    """A form of SQL with expressions and numbers in its places."""
    first, *texts = form.split("{}")
    pieces: list[str | int] = [first]
    for each, text in zip(given, texts, strict=True):
        pieces += [*(each.pieces if isinstance(each, Sql) else [_number(each)]), text]
    return Sql(tuple(pieces))


def _number(value: Any) -> str:
    return f"CAST('{value!r}' AS DOUBLE)" if isinstance(value, float) else str(value)
