"""Spark's dialect of the row expressions of views."""

from typing import ClassVar

import polars as pl

from core.dataset import Column
from core.frames import MONEY_PRECISION, MONEY_SCALE
from processing.sql_algebra import Sql, SqlAlgebra, call
from processing.view import WINDOW_MICROS, Piece, View


class SparkAlgebra(SqlAlgebra):
    """Row expressions of Spark; a view's window is the microseconds since 1970 of its start."""

    types: ClassVar[dict[pl.DataType, str]] = {
        pl.String(): "STRING",
        pl.Int64(): "BIGINT",
        pl.Float64(): "DOUBLE",
        pl.Decimal(MONEY_PRECISION, MONEY_SCALE): f"DECIMAL({MONEY_PRECISION}, {MONEY_SCALE})",
        pl.Boolean(): "BOOLEAN",
        pl.Date(): "DATE",
        pl.Datetime("us", "UTC"): "TIMESTAMP",
    }

    @staticmethod
    def quoted(name: str) -> str:
        return "`" + name.replace("`", "``") + "`"

    @staticmethod
    def quoted_text(text: str) -> str:
        escaped = text.replace("\\", "\\\\").replace("'", "\\'")
        return f"'{escaped}'"

    def cut(self, expression: Sql) -> tuple[Sql, Sql]:
        whole = self.let(call("CAST({} AS BIGINT)", expression))
        return whole, self.double(whole)

    def money_units(self, expression: Sql) -> Sql:
        return call("CAST({} * {} AS BIGINT)", expression, 10**MONEY_SCALE)

    def without_nan(self, expression: Sql) -> Sql:
        return call("nullif({}, CAST('NaN' AS DOUBLE))", expression)  # which is equal to itself here

    def text(self, expression: Sql, column: Column) -> Sql:  # noqa: ARG002 - Spark casts every type
        text = call("CAST({} AS STRING)", expression)
        return self.when(call("{} <> ''", text), text)

    def micros(self, expression: Sql, column: Column) -> Sql:  # noqa: ARG002 - a date is cast, too
        return call("unix_micros(CAST({} AS TIMESTAMP))", expression)

    def pair(self, at: Sql, value: Sql) -> Sql:
        return call("named_struct('at', {}, 'value', {})", at, value)

    def _window(self, view: View) -> Sql:
        time, column = self._time(view)
        if length := WINDOW_MICROS.get(str(view.window)):  # what `date_trunc` gives, without a look for zones
            micros = self.micros(time, column)
            return call("({} - pmod({}, {}))", micros, micros, length)
        return call("unix_micros(date_trunc('MONTH', CAST({} AS TIMESTAMP)))", time)

    def _piece(self, piece: Piece, text: Sql, separator: Sql) -> Sql:
        if piece.before:
            return call("substring_index({}, {}, 1)", text, separator)
        last = call("substring_index({}, {}, -1)", text, separator)
        return self.when(call("contains({}, {})", text, separator), last)
