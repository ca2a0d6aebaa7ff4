"""What DuckDB makes of the row expressions of views: values, conditions, windows and dimensions, as SQL."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import polars as pl

from core.dataset import Column, ColumnType, Dataset
from core.frames import MONEY_PRECISION, MONEY_SCALE, POLARS_TYPES
from processing.algebra import Algebra
from processing.conditions import COMPARISONS, Condition
from processing.parquet_files import Facts
from processing.parts import shown_column
from processing.polars_algebra import literal
from processing.view import WINDOW_MICROS, Piece, View

TYPES: dict[pl.DataType, str] = {
    pl.String(): "VARCHAR",
    pl.Int64(): "BIGINT",
    pl.Float64(): "DOUBLE",
    pl.Decimal(MONEY_PRECISION, MONEY_SCALE): f"DECIMAL({MONEY_PRECISION}, {MONEY_SCALE})",
    pl.Boolean(): "BOOLEAN",
    pl.Date(): "DATE",
    pl.Datetime("us", "UTC"): "TIMESTAMPTZ",
}
"""What DuckDB calls the types of the lake's columns."""

_FIRST_DAY = 53_000_000 * WINDOW_MICROS["1d"]
"""Midnight so long ago, counted backwards, that no moment lies before it: DuckDB divides towards zero."""


@dataclass(frozen=True, slots=True, eq=False)
class Sql:
    """An expression of SQL, in parentheses where it needs them.

    Attributes:
        pieces: Text, and between it the numbers of what its algebra lets.
    """

    pieces: tuple[str | int, ...]

    def __str__(self) -> str:
        return "".join(piece if isinstance(piece, str) else f"_let{piece}" for piece in self.pieces)

    def alias(self, name: str) -> "Sql":
        """As a column of that name."""
        return Sql((*self.pieces, f" AS {quoted(name)}"))

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


class DuckdbAlgebra(Algebra[Sql]):
    """Row expressions of DuckDB, which hold in what `selected` selects from."""

    def __init__(self, dataset: Dataset, facts: Facts) -> None:
        super().__init__(dataset, facts)
        self._lets: list[Sql] = []

    def selected(self, made: Sequence[Sql], rows: str, where: Sql | None) -> str:
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

    def column(self, name: str) -> Sql:
        return Sql((quoted(name),))

    def let(self, expression: Sql) -> Sql:
        self._lets.append(expression)
        return Sql((len(self._lets) - 1,))

    def when(self, condition: Sql, value: Sql | float) -> Sql:
        return call("(CASE WHEN {} THEN {} END)", condition, value)

    def either(self, condition: Sql, value: Sql | float, otherwise: Sql) -> Sql:
        return call("(CASE WHEN {} THEN {} ELSE {} END)", condition, value, otherwise)

    def cut(self, expression: Sql) -> tuple[Sql, Sql]:
        whole = self.let(call("trunc({})", expression))  # a cast rounds
        return call("CAST({} AS BIGINT)", whole), whole

    def double(self, expression: Sql) -> Sql:
        return call("CAST({} AS DOUBLE)", expression)

    def money_units(self, expression: Sql) -> Sql:
        longer = f"DECIMAL({MONEY_PRECISION + MONEY_SCALE + 1}, {MONEY_SCALE})"
        return call(f"CAST(CAST({{}} AS {longer}) * {{}} AS BIGINT)", expression, 10**MONEY_SCALE)

    def below(self, expression: Sql, limit: float) -> Sql:
        return call("(abs({}) < {})", expression, limit)  # NaN is greater than any number

    def without_nan(self, expression: Sql) -> Sql:
        return call("(CASE WHEN NOT isnan({}) THEN {} END)", expression, expression)

    def one(self) -> Sql:
        return Sql(("1",))

    def present(self, expression: Sql) -> Sql:
        return call("({} IS NOT NULL)", expression)

    def text(self, expression: Sql, column: Column) -> Sql:  # noqa: ARG002
        return call("CAST({} AS VARCHAR)", expression)

    def micros(self, expression: Sql, column: Column) -> Sql:
        moment = expression if column.type is ColumnType.TIMESTAMP else call("CAST({} AS TIMESTAMP)", expression)
        return call("epoch_us({})", moment)

    def pair(self, at: Sql, value: Sql) -> Sql:
        return call("struct_pack(at := {}, value := {})", at, value)

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
            alike = [column == _literal(each, kind) for each in value]
            compared = call(" OR ".join(["FALSE", *("{}" for _ in alike)]), *alike)
        else:
            compared = COMPARISONS[condition.operator](column, _literal(value, kind))
        return call("coalesce({}, FALSE)", compared)

    def keys(self, view: View) -> dict[str, Sql]:
        """The expressions of a view's keys, by their columns in it; its window as `moments` takes it."""
        keys = [self._window(view)] if view.window else []
        keys += [self._dimension(dimension) for dimension in view.dimensions]
        return dict(zip(view.keys, keys, strict=True))

    def _window(self, view: View) -> Sql:
        time = view.time_column(self.dataset)
        micros = self.micros(self.column(time), self.dataset.column(time))
        if length := WINDOW_MICROS.get(str(view.window)):
            return call("(({} + {}) // {})", micros, _FIRST_DAY, length)
        return call("epoch_us(date_trunc('month', make_timestamp({})))", micros)

    def _dimension(self, dimension: str | Piece) -> Sql:
        if isinstance(dimension, str):
            return self.column(shown_column(self.dataset.column(dimension)))
        text = self.column(shown_column(self.dataset.column(dimension.column)))
        separator = Sql((_text(dimension.before or dimension.after),))
        if dimension.before:
            return call("split_part({}, {}, 1)", text, separator)
        last = call("string_split({}, {})[-1]", text, separator)
        return call("(CASE WHEN contains({}, {}) THEN {} END)", text, separator, last)


def moments(view: View, windows: pl.Expr) -> pl.Expr:
    """The starts of windows, in microseconds since 1970, out of what an algebra's `keys` made of them."""
    length = WINDOW_MICROS.get(str(view.window))
    return windows * length - _FIRST_DAY if length else windows


def call(form: str, *given: Any) -> Sql:
    """A form of SQL with expressions and numbers in its places."""
    first, *texts = form.split("{}")
    pieces: list[str | int] = [first]
    for each, text in zip(given, texts, strict=True):
        pieces += [*(each.pieces if isinstance(each, Sql) else [_number(each)]), text]
    return Sql(tuple(pieces))


def quoted(name: str) -> str:
    """The name of a column."""
    return '"' + name.replace('"', '""') + '"'


def listed(files: list[str]) -> str:
    """The paths of files; what would be a pattern stands for itself."""
    escaped = (file.translate({ord(sign): f"[{sign}]" for sign in "*?["}) for file in files)
    return f"[{', '.join(map(_text, escaped))}]"


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _number(value: Any) -> str:
    return f"CAST({_text(repr(value))} AS DOUBLE)" if isinstance(value, float) else str(value)


def _literal(value: Any, kind: ColumnType) -> Sql:
    """A value as a column of that type has it."""
    typed = pl.select(literal(value, kind)).item()
    if typed is None:
        return Sql(("NULL",))
    if isinstance(typed, bool | int | float):
        return Sql((_number(typed),))
    return call(f"CAST({{}} AS {TYPES[POLARS_TYPES[kind]]})", Sql((_text(str(typed)),)))
