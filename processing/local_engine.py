"""Views in this process: whole lake versions by DuckDB and Polars, or just the frames that are new by Polars."""

from collections.abc import Iterable, Iterator
from functools import reduce

import duckdb
import polars as pl
from polars.exceptions import PolarsError

from core.dataset import Dataset
from core.errors import EngineError
from processing.duckdb_groups import Asked, DuckdbGroups, Tables, is_grouped
from processing.engine import Engine, LakeTable
from processing.parquet_files import Footer, facts_of, facts_of_frame, footers, numeric, ranged
from processing.parts import Merge, Part
from processing.polars_groups import Known, PolarsGroups, finished, scanned, with_columns
from processing.sorted_values import are_sorted
from processing.state import group_keys, merge, merged_parts, state_schema
from processing.view import View

ROWS_AT_ONCE = 500_000
"""Rows of a frame whose lifted columns are held together: some 300 bytes each for the richest bundled view."""
_VALUES_AT_ONCE = 16_000_000
_ROWS_HELD: dict[Merge, int] = {
    Merge.HISTOGRAM: _VALUES_AT_ONCE,  # some 60 bytes a row: to merge two costs more than to sort all values
    Merge.SKETCH: _VALUES_AT_ONCE,
    Merge.THETA: 2_000_000,
    Merge.EARLIEST: 2_000_000,
    Merge.LATEST: 2_000_000,
}
"""Of files, how many rows may be held for parts whose group is made of all its values; other parts hold none."""


class LocalEngine(Engine):
    """Computes views with Polars; of files on this machine's disks, what is added up or compared with DuckDB."""

    def __init__(self) -> None:
        self._groups = DuckdbGroups()

    def _state(self, view: View, table: LakeTable) -> pl.DataFrame:
        import pyarrow as pa

        try:
            return _FilesState(view, table, self._groups).state()
        except (PolarsError, OSError, pa.ArrowException, duckdb.Error) as error:
            raise EngineError(f"The files of {table.dataset.name} cannot be read: {error}", "Run verify.") from error

    def close(self) -> None:
        self._groups.close()

    def state_of_frames(self, view: View, dataset: Dataset, frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
        """The state of a view over rows as the lake keeps them, in any number of frames.

        Raises:
            UsageError: If the view names what the dataset does not have.
        """
        view.check(dataset)
        needed = view.lake_columns(dataset)
        schema = state_schema(view, dataset)
        states = []
        for frame in frames:
            rows = with_columns(frame.lazy(), frame.schema, needed).collect()
            for part in rows.iter_slices(ROWS_AT_ONCE):
                groups = PolarsGroups(view, dataset, part.lazy(), Known(facts_of_frame(part, numeric(needed))))
                states.append(groups.state(view.parts(dataset)).select(schema.names()))
        if len(states) == 1 and states[0].schema == schema:
            return states[0]  # to merge it with nothing took as long as to make it
        return merge(view, dataset, states)


class _FilesState:
    """The state of a view over files, in as few passes as its parts allow."""

    def __init__(self, view: View, table: LakeTable, groups: DuckdbGroups) -> None:
        self._groups = groups
        self._view = view
        self._dataset = table.dataset
        self._needed = view.lake_columns(table.dataset)
        columns = ranged(self._needed)
        self._footers = footers(table.files, columns)
        self._facts = facts_of(self._footers, columns)
        self._is_local = all(each.rows is not None for each in self._footers)
        self._schemas = {each.file: self._schema(each) for each in self._footers}

    def _schema(self, footer: Footer) -> pl.Schema:
        """Of the needed columns that a file has."""
        there = footer.schema or scanned([footer.file]).collect_schema()
        return pl.Schema({name: there[name] for name in self._needed if name in there})

    def state(self) -> pl.DataFrame:
        parts = self._view.parts(self._dataset)
        if are_sorted(parts):
            return self._passed(list(parts), _VALUES_AT_ONCE).select(state_schema(self._view, self._dataset).names())
        held = {self._held(part) for part in parts}
        passes = [self._passed([part for part in parts if self._held(part) == rows], rows) for rows in held]
        keys = group_keys(self._view)
        state = reduce(lambda one, other: one.join(other, on=keys, how="left", nulls_equal=True), passes)
        return state.select(state_schema(self._view, self._dataset).names())

    def _held(self, part: Part) -> int:
        return 0 if self._is_local and is_grouped(part) else _ROWS_HELD.get(part.merge, 0)

    def _passed(self, parts: list[Part], rows_held: int) -> pl.DataFrame:
        if self._is_local and all(map(is_grouped, parts)):
            tables = Tables(self._needed, self._alike([each.file for each in self._footers]))
            state = self._groups.of(Asked(self._view, self._dataset, tables, self._facts, parts))
            return state.select(
                *group_keys(self._view), *(finished(p, is_there=p.name in state.columns) for p in parts)
            )
        states = [self._by_polars(files).state(parts) for files in self._chunks(rows_held)]
        return states[0] if len(states) == 1 else merged_parts(pl.concat(states), group_keys(self._view), parts)

    def _chunks(self, rows_held: int) -> Iterator[list[str]]:
        """The files, so many at once that no more rows are held, or one; all of them where none are."""
        if not rows_held:
            yield [each.file for each in self._footers]
            return
        chunk: list[Footer] = []
        for each in self._footers:
            rows = [rows_held if one.rows is None else one.rows for one in (*chunk, each)]
            if chunk and sum(rows) > rows_held:
                yield [one.file for one in chunk]
                chunk = []
            chunk.append(each)
        yield [one.file for one in chunk]

    def _alike(self, files: list[str]) -> list[tuple[list[str], pl.Schema]]:
        """The files by the types of their columns."""
        alike: dict[tuple[object, ...], list[str]] = {}
        for file in files:
            alike.setdefault(tuple(self._schemas[file].items()), []).append(file)
        return [(same, self._schemas[same[0]]) for same in alike.values()]

    def _by_polars(self, files: list[str]) -> PolarsGroups:
        alike = self._alike(files)
        rows = pl.concat(with_columns(scanned(same), schema, self._needed) for same, schema in alike)
        texts = [name for name in self._needed if all(schema.get(name) == pl.String() for _, schema in alike)]
        in_order = tuple(file for same, _ in alike for file in same)
        known = Known(self._facts, in_order, frozenset(texts if self._is_local else ()))
        return PolarsGroups(self._view, self._dataset, rows, known)
