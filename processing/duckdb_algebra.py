"""DuckDB's dialect of the row expressions of views."""

from typing import ClassVar

import polars as pl

from core.dataset import Column, ColumnType
from core.frames import MONEY_PRECISION, MONEY_SCALE
from processing.sql_algebra import Sql, SqlAlgebra, call
from processing.view import WINDOW_MICROS, Piece, View

_FIRST_DAY = 53_000_000 * WINDOW_MICROS["1d"]
"""Midnight so long ago, counted backwards, that no moment lies before it: DuckDB divides towards zero."""


class DuckdbAlgebra(SqlAlgebra):
    """Row expressions of DuckDB; a view's window is as `moments` takes it."""

    types: ClassVar[dict[pl.DataType, str]] = {
        pl.String(): "VARCHAR",
        pl.Int64(): "BIGINT",
        pl.Float64(): "DOUBLE",
        pl.Decimal(MONEY_PRECISION, MONEY_SCALE): f"DECIMAL({MONEY_PRECISION}, {MONEY_SCALE})",
        pl.Boolean(): "BOOLEAN",
        pl.Date(): "DATE",
        pl.Datetime("us", "UTC"): "TIMESTAMPTZ",
    }

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

    def text(self, expression: Sql, column: Column) -> Sql:  # noqa: ARG002
        return call("CAST({} AS VARCHAR)", expression)

    def micros(self, expression: Sql, column: Column) -> Sql:
        moment = expression if column.type is ColumnType.TIMESTAMP else call("CAST({} AS TIMESTAMP)", expression)
        return call("epoch_us({})", moment)

    def pair(self, at: Sql, value: Sql) -> Sql:
        return call("struct_pack(at := {}, value := {})", at, value)

    def _window(self, view: View) -> Sql:
        micros = self.micros(*self._time(view))
        if length := WINDOW_MICROS.get(str(view.window)):
            return call("(({} + {}) // {})", micros, _FIRST_DAY, length)
        return call("epoch_us(date_trunc('month', make_timestamp({})))", micros)

    def _piece(self, piece: Piece, text: Sql, separator: Sql) -> Sql:
        if piece.before:
            return call("split_part({}, {}, 1)", text, separator)
        last = call("string_split({}, {})[-1]", text, separator)
        return call("(CASE WHEN contains({}, {}) THEN {} END)", text, separator, last)


def moments(view: View, windows: pl.Expr) -> pl.Expr:
    """The starts of windows, in microseconds since 1970, out of what an algebra's `keys` made of them."""
    length = WINDOW_MICROS.get(str(view.window))
    return windows * length - _FIRST_DAY if length else windows
