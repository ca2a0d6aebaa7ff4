"""SQLite files: each table of the user's, opened for reading only."""

import sqlite3

import polars as pl

from preparation.extraction import Extraction, RawTable, Source, unreadable
from preparation.headers import unique_names
from preparation.readers.columnar import plain
from preparation.readers.record_frames import column_of, joined

_VERSIONS_AT = 18
_MAX_TABLES = 200
_MAX_ROWS = 5_000_000
_BATCH_ROWS = 50_000
_MAX_CELL_BYTES = 16 * 1024 * 1024
_MAX_STEPS = 2_000_000_000  # of SQLite's machine; a view that never ends is no table, but a table may be virtual


def read(source: Source) -> Extraction:
    """The tables of a database."""
    try:
        connection = _opened(source.path.read_bytes())
    except sqlite3.Error as error:
        return _damaged(error)
    try:
        names = [
            str(name)
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
                "AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"
            )
        ]
        notes: list[str] = []
        tables = [_table(connection, name, notes) for name in names[:_MAX_TABLES]]
    except sqlite3.Error as error:
        return _damaged(error)
    finally:
        connection.close()
    if len(names) > _MAX_TABLES:
        notes.append(f"{len(names) - _MAX_TABLES} more tables were left out.")
    return Extraction(
        kind="table" if tables else "data",
        tables=tuple(tables),
        metadata={"format": "SQLite", "tables": len(names)},
        note=" ".join(notes) or None,
    )


def _damaged(error: sqlite3.Error) -> Extraction:
    return unreadable(
        f"The database cannot be read: {error}.", "Copy it while no program writes to it, and drop the copy."
    )


def _opened(content: bytes) -> sqlite3.Connection:
    """Without locks, without a journal, without functions that the file itself brings in.

    From memory: SQLite looks for the true name of what it opens, and a worker's blob has none.
    """
    connection = sqlite3.connect(":memory:")
    connection.deserialize(_without_journal(content))
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_CELL_BYTES)
    connection.text_factory = lambda data: data.decode("utf-8", errors="replace")
    steps = iter(range(_MAX_STEPS // 1_000_000))
    connection.set_progress_handler(lambda: next(steps, None) is None, 1_000_000)
    return connection


def _without_journal(content: bytes) -> bytes:
    """The same for a database whose newest changes may stand in a journal beside it: without them it is whole too.

    Bytes 18 and 19 say how it is written and read (https://sqlite.org/fileformat2.html, 1.3): 2 is with such a journal.
    """
    return content[:_VERSIONS_AT] + b"\x01\x01" + content[_VERSIONS_AT + 2 :]


def _table(connection: sqlite3.Connection, name: str, notes: list[str]) -> RawTable:
    quoted = name.replace('"', '""')
    cursor = connection.execute(f'SELECT * FROM "{quoted}" LIMIT {_MAX_ROWS + 1}')  # noqa: S608 - quoted above
    names = unique_names([column[0] for column in cursor.description], len(cursor.description))
    chunks: list[pl.DataFrame] = []
    while rows := cursor.fetchmany(_BATCH_ROWS):
        chunks.append(pl.DataFrame([column_of(n, c) for n, c in zip(names, zip(*rows, strict=True), strict=True)]))
    frame = plain(joined(chunks, names)) if chunks else pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    if frame.height > _MAX_ROWS:
        notes.append(f"Table {name!r} was read up to row {_MAX_ROWS}.")
    return RawTable(frame.head(_MAX_ROWS), name=name)
