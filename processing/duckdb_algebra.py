"""DuckDB's dialect of the row expressions of views."""

from collections.abc import Sequence
from functools import reduce
from math import ceil, frexp, isinf, log2
from operator import add
from typing import ClassVar

import polars as pl

from core.dataset import Column, ColumnType, Dataset
from core.frames import MONEY_PRECISION, MONEY_SCALE
from processing.algebra import MANTISSA_BITS, Term
from processing.conditions import Where
from processing.parquet_files import Facts
from processing.sql_algebra import Sql, SqlAlgebra, call
from processing.view import WINDOW_MICROS, Piece, View

_FIRST_DAY = 53_000_000 * WINDOW_MICROS["1d"]
"""Midnight so long ago, counted backwards, that no moment lies before it: DuckDB divides towards zero."""


class Summed(Sql):
    """What is added up already: an expression of a group."""


class DuckdbAlgebra(SqlAlgebra):
    """Row expressions of DuckDB; a view's window is as `moments` takes it.

    Where no group has many rows, doubles are cut so small that their sums are doubles too, which takes DuckDB half as
    long as to make 64-bit numbers of them.

    Attributes:
        summed: Columns of which `Summed` was made of every row, where a NaN makes DuckDB fail.
    """

    types: ClassVar[dict[pl.DataType, str]] = {
        pl.String(): "VARCHAR",
        pl.Int64(): "BIGINT",
        pl.Float64(): "DOUBLE",
        pl.Decimal(MONEY_PRECISION, MONEY_SCALE): f"DECIMAL({MONEY_PRECISION}, {MONEY_SCALE})",
        pl.Boolean(): "BOOLEAN",
        pl.Date(): "DATE",
        pl.Datetime("us", "UTC"): "TIMESTAMPTZ",
    }

    def __init__(self, dataset: Dataset, facts: Facts) -> None:
        super().__init__(dataset, facts)
        if not isinf(facts.group_rows):
            self._unit = 0
        self.summed: set[str] = set()

    @staticmethod
    def quoted(name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    @staticmethod
    def quoted_text(text: str) -> str:
        return "'" + text.replace("'", "''") + "'"

    def cut(self, expression: Sql) -> tuple[Sql, Sql]:
        whole = self.let(call("trunc({})", expression))  # a cast rounds
        return call("CAST({} AS BIGINT)", whole), whole

    def money_units(self, expression: Sql) -> Sql:
        longer = f"DECIMAL({MONEY_PRECISION + MONEY_SCALE + 1}, {MONEY_SCALE})"
        return call(f"CAST(CAST({{}} AS {longer}) * {{}} AS BIGINT)", expression, 10**MONEY_SCALE)

    def without_nan(self, expression: Sql) -> Sql:
        return call("(CASE WHEN NOT isnan({}) THEN {} END)", expression, expression)

    def text(self, expression: Sql, column: Column) -> Sql:  # noqa: ARG002 - DuckDB casts every type
        return call("CAST({} AS VARCHAR)", expression)

    def micros(self, expression: Sql, column: Column) -> Sql:
        moment = expression if column.type is ColumnType.TIMESTAMP else call("CAST({} AS TIMESTAMP)", expression)
        return call("epoch_us({})", moment)

    def pair(self, at: Sql, value: Sql) -> Sql:
        return call("struct_pack(at := {}, value := {})", at, value)

    def sum_pieces(self, name: str, where: Where) -> tuple[Sql | None, ...]:
        pieces = super().sum_pieces(name, where)
        if not where and any(isinstance(piece, Summed) for piece in pieces):
            self.summed.add(name)
        return pieces

    def moments(self, view: View, windows: pl.Expr) -> pl.Expr:
        """The starts of windows, in microseconds since 1970, out of what `keys` made of them."""
        length = WINDOW_MICROS.get(str(view.window))
        if not length:
            return windows
        return windows.cast(pl.Int64) * length - (0 if self._are_doubles(view) else _FIRST_DAY)

    def _window(self, view: View) -> Sql:
        micros = self.micros(*self._time(view))
        length = WINDOW_MICROS.get(str(view.window))
        if not length:
            return call("epoch_us(date_trunc('month', make_timestamp({})))", micros)
        if self._are_doubles(view):  # which a processor divides three times as fast
            return call("floor({} / {})", self.double(micros), float(length))
        return call("(({} + {}) // {})", micros, _FIRST_DAY, length)

    def _are_doubles(self, view: View) -> bool:
        """Whether doubles tell all moments apart: the next below the start of a window is rounded to no other."""
        return self._facts.range_of(view.time_column(self.dataset)).magnitude < 2.0**MANTISSA_BITS

    def _piece(self, piece: Piece, text: Sql, separator: Sql) -> Sql:
        if piece.before:
            return call("split_part({}, {}, 1)", text, separator)
        last = call("string_split({}, {})[-1]", text, separator)
        return call("(CASE WHEN contains({}, {}) THEN {} END)", text, separator, last)

    def _pieces(self, terms: Sequence[Term[Sql]], exponents: tuple[int, ...]) -> tuple[Sql | None, ...]:
        if isinf(self._facts.group_rows):
            return super()._pieces(terms, exponents)
        bits = MANTISSA_BITS - ceil(log2(self._facts.group_rows * len(terms)))
        bound = max(term.bound for term in terms)
        reached = frexp(bound)[1] if bound else exponents[-1]
        found: dict[int, list[Sql]] = {exponent: [] for exponent in exponents}
        while terms and reached > exponents[-1]:
            reached = max(reached - bits, exponents[-1])
            limb, terms = self._limb(terms, reached)
            unit = next(exponent for exponent in exponents if exponent <= reached)
            found[unit].append(call("CAST(sum({}) AS HUGEINT) * {}", limb, 2 ** (reached - unit)))
        added = ((reduce(add, limbs) if limbs else None) for limbs in found.values())
        return tuple(each and Summed(call("coalesce(CAST({} AS DECIMAL(38, 0)), 0)", each).pieces) for each in added)

    def _limb(self, terms: Sequence[Term[Sql]], exponent: int) -> tuple[Sql, list[Term[Sql]]]:
        """How often a power of two is in terms, as double, and what is left of them."""
        limbs: list[Sql] = []
        rests: list[Term[Sql]] = []
        for term in terms:
            if term.bound < 2.0**exponent:
                rests.append(term)
                continue
            x = term.x if term.unit == exponent else self.let(term.x * 2.0 ** (term.unit - exponent))
            if term.grain is not None and term.grain >= exponent:
                limbs.append(x)
                continue
            whole = self.let(call("trunc({})", x))
            limbs.append(whole)
            rests.append(Term(x - whole, exponent, 2.0**exponent, term.grain))
        return reduce(add, limbs), rests
