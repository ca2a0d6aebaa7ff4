"""Groups of the rows of files by DuckDB, which reads and adds up ten million rows in two thirds of Polars' time."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from math import isfinite
from threading import Lock

import duckdb
import polars as pl

from core.dataset import Dataset
from processing.duckdb_algebra import DuckdbAlgebra, Summed
from processing.parquet_files import Facts
from processing.parts import MONEY, Merge, Part
from processing.sql_algebra import Sql, call
from processing.state import WITHOUT_GROUP
from processing.view import WINDOW_COLUMN, WINDOW_MICROS, View

_FUNCTIONS = {  # structures, values with their moments, compare field by field
    Merge.ADD: "sum",
    Merge.LEAST: "min",
    Merge.EARLIEST: "min",
    Merge.GREATEST: "max",
    Merge.LATEST: "max",
}
_FEW = 2**19
"""To sum so many doubles exactly leaves 34 bits for each; of fewer bits there would be too many pieces."""
_VERY_FEW = 2**10
"""43 bits for each: of more bits there are hardly fewer pieces."""
_ROWS = "_rows"
_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "threads": pl.thread_pool_size(),
    "autoinstall_known_extensions": False,
    "temp_directory": "",  # rows stay in memory
    "enable_external_file_cache": False,  # the lake's files are not read twice
    "disabled_optimizers": "statistics_propagation",  # takes what files have bounds of for no NaN, which has no bounds
}


def is_grouped(part: Part) -> bool:
    """Whether a part can be had here."""
    return part.merge in _FUNCTIONS


class Tables:
    """Parquet files as one table with the columns that a view needs.

    Args:
        needed: The columns, with their types.
        alike: Files whose columns have the same types, with these types; a column that they do not have is null.
    """

    def __init__(self, needed: Mapping[str, pl.DataType], alike: Sequence[tuple[list[str], pl.Schema]]) -> None:
        self._needed = needed
        self.sql = " UNION ALL ".join(self._read(*each) for each in alike)

    def _read(self, files: list[str], schema: pl.Schema) -> str:
        columns = [self._column(name, dtype, schema) for name, dtype in self._needed.items()]
        rows = f"read_parquet({_listed(files)}, hive_partitioning = false)"
        return f"SELECT {', '.join(columns) or '0'} FROM {rows}"  # noqa: S608 - names of columns and files, quoted

    def _column(self, name: str, dtype: pl.DataType, schema: pl.Schema) -> str:
        quoted = DuckdbAlgebra.quoted(name)
        if schema.get(name) == dtype:
            return quoted
        return f"CAST({quoted if name in schema else 'NULL'} AS {DuckdbAlgebra.types[dtype]}) AS {quoted}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of rows.

    Attributes:
        view: The view.
        dataset: What it is of.
        tables: The rows.
        facts: What is known of them.
        parts: Parts that can be had here.
    """

    view: View
    dataset: Dataset
    tables: Tables
    facts: Facts
    parts: Sequence[Part]

    def hoped(self) -> Facts:
        """What is likely true besides: that windows are filled alike, and no NaN is where one would be noticed."""
        rows = max(self.facts.rows, 1)
        group_rows = min(max(2 * rows / self._windows(), _VERY_FEW), rows)
        if group_rows > _FEW:
            return self.facts
        hoped = replace(self.facts, group_rows=group_rows)
        algebra = DuckdbAlgebra(self.dataset, hoped)
        for part in self.parts:
            part.lift(algebra)
        return replace(hoped, without_nan=frozenset(algebra.summed))

    def _windows(self) -> float:
        """How many windows there are between the earliest and the latest moment; 1 where that is not known."""
        length = WINDOW_MICROS.get(str(self.view.window))
        if not length:
            return 1
        moments = self.facts.range_of(self.view.time_column(self.dataset))
        between = moments.greatest - moments.least
        return max(between / length, 1) if isfinite(between) else 1


class DuckdbGroups:
    """Groups by a database that holds nothing, opened when it is first asked. May be asked from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._database: duckdb.DuckDBPyConnection | None = None

    def of(self, asked: Asked) -> pl.DataFrame:
        """A row a group: its keys, or `WITHOUT_GROUP` where there is none, and those parts that any row adds to.

        Raises:
            duckdb.Error: If the files cannot be read.
        """
        hoped = asked.hoped()
        with suppress(duckdb.ConversionException):  # of a NaN
            groups = self._grouped(asked, hoped)
            if not (groups[_ROWS] > hoped.group_rows).any():
                return groups.drop(_ROWS)
        return self._grouped(asked, asked.facts).drop(_ROWS)

    def close(self) -> None:
        """Lets go of the database; it is opened anew when it is asked again."""
        with self._lock:
            if self._database:
                self._database.close()
            self._database = None

    def _grouped(self, asked: Asked, facts: Facts) -> pl.DataFrame:
        view = asked.view
        algebra = DuckdbAlgebra(asked.dataset, facts)
        keys = algebra.keys(view) or {WITHOUT_GROUP: Sql(("0",))}
        lifted = ((part, part.lift(algebra)) for part in asked.parts)
        found = {part.name: _aggregated(part, sql) for part, sql in lifted if sql is not None}
        sql = algebra.grouped(keys, found | {_ROWS: call("count(1)")}, asked.tables.sql, view.where)
        with self._cursor() as cursor:
            groups = pl.DataFrame(cursor.sql(sql).to_arrow_table())
        if not view.window:
            return groups
        micros = algebra.moments(view, pl.col(WINDOW_COLUMN))
        return groups.with_columns(micros.cast(pl.Datetime("us", "UTC")).alias(WINDOW_COLUMN))

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            self._database = self._database or duckdb.connect(":memory:", config=_SETTINGS)
            return self._database.cursor()


def _aggregated(part: Part, lifted: Sql) -> Sql:
    if isinstance(lifted, Summed):
        return lifted
    if part.is_count:
        return call("count({})", lifted)
    found = call(f"{_FUNCTIONS[part.merge]}({{}})", lifted)
    if part.merge is not Merge.ADD:
        return found
    return call("coalesce(CAST({} AS DECIMAL(38, {})), 0)", found, MONEY.scale if part.dtype == MONEY else 0)


def _listed(files: Sequence[str]) -> str:
    """The paths of files; what would be a pattern stands for itself."""
    escaped = (file.translate({ord(sign): f"[{sign}]" for sign in "*?["}) for file in files)
    return f"[{', '.join(map(DuckdbAlgebra.quoted_text, escaped))}]"
