"""SQL over the lake by DuckDB, reading and nothing else."""

from collections.abc import Iterator, Sequence

import duckdb
import polars as pl

from core.errors import QueryError
from core.ports import Lake

_MAX_NAMED_TABLES = 30


class DuckdbSql:
    """Answers one SELECT at a time over the tables of a lake.

    Every query runs in a database of its own that holds nothing, cannot touch files, network or extensions, and
    whose configuration is locked; lake tables are registered as Arrow datasets, so that columns and filters are
    pushed down to the Parquet files.

    Args:
        lake: Whose tables are read, each under the name of its dataset.
        threads: How many cores a query may take.
        memory_bytes: What a query may take.
    """

    def __init__(self, lake: Lake, *, threads: int = 2, memory_bytes: int = 1024**3) -> None:
        self._lake = lake
        self._config: dict[str, str | bool | int | float | list[str]] = {
            "threads": threads,
            "memory_limit": f"{memory_bytes // 1024**2}MiB",
            "enable_external_access": False,
            "allow_community_extensions": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
        }

    def query(self, sql: str, limit: int | None = None) -> pl.DataFrame:
        """The rows of one SELECT (or WITH … SELECT), at most `limit` of them.

        Raises:
            QueryError: In DuckDB's words, if it is anything else or cannot be answered.
        """
        tables = self._lake.tables()
        with duckdb.connect(":memory:", config=self._config) as connection:
            try:
                connection.execute("SET TimeZone = 'UTC'")
                for name, dataset in tables.items():
                    connection.register(name, dataset)
                connection.execute("SET lock_configuration = true")
                relation = connection.query(_only_select(connection, sql))
                rows = relation if limit is None else relation.limit(limit)
                table = rows.to_arrow_table()
                return pl.DataFrame(table.rename_columns(list(_distinct(table.column_names))))
            except duckdb.Error as error:
                known = ", ".join(sorted(tables)[:_MAX_NAMED_TABLES]) or "none yet"
                raise QueryError(f"The SQL cannot be answered: {error}.", f"Tables are: {known}.") from error


def _distinct(names: Sequence[str]) -> Iterator[str]:
    """The names of columns; one that is there already, as after a join by ``*``, gets a number."""
    taken: set[str] = set()
    for name in names:
        unique, number = name, 2
        while unique in taken:
            unique, number = f"{name}_{number}", number + 1
        taken.add(unique)
        yield unique


def _only_select(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise QueryError(f"The SQL holds {len(statements)} statements.", "Give exactly one SELECT.")
    kind = statements[0].type
    if kind != duckdb.StatementType.SELECT:
        raise QueryError(f"The SQL is a statement of kind {kind.name}.", "Only SELECT and WITH … SELECT are answered.")
    return statements[0].query
