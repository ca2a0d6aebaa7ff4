"""Groups of rows by Polars, of frames or of files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import polars as pl

from core.dataset import Dataset
from processing import answers
from processing.parquet_files import Facts
from processing.parts import WHOLE, Merge, Part
from processing.polars_algebra import PolarsAlgebra, keys_of
from processing.sorted_values import are_sorted, is_sorted, sorted_parts
from processing.state import WITHOUT_GROUP, at_the_edge, empty_state, group_keys
from processing.text_columns import TextColumns
from processing.view import WINDOW_COLUMN, WINDOW_MICROS, View


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of rows.

    Attributes:
        facts: As `Algebra` takes them.
        files: Where they are streamed from, in their order; none of rows that are held.
        texts: The columns that are texts in all the files, where those are on this machine's disks.
    """

    facts: Facts
    files: tuple[str, ...] = ()
    texts: frozenset[str] = frozenset()


class PolarsGroups:
    """Groups of rows that have the columns a view needs.

    Args:
        view: The view.
        dataset: What it is of.
        rows: The rows; with a column at least.
        known: What is known of them.
    """

    def __init__(self, view: View, dataset: Dataset, rows: pl.LazyFrame, known: Known) -> None:
        self._keys = group_keys(view)
        self._view = view
        self._dataset = dataset
        self._rows = rows
        self._algebra = PolarsAlgebra(dataset, known.facts)
        self._known = known
        self._is_large = bool(known.files)

    def state(self, parts: Sequence[Part]) -> pl.DataFrame:
        """Those parts of the state, a row a group, after its keys."""
        lifted = {part.name: part.lift(self._algebra) for part in parts}
        there = [part for part in parts if lifted[part.name] is not None]
        made = [
            *keys_of(self._view, self._dataset),
            *(self._typed(lifted[part.name], part).alias(part.name) for part in there),
        ]
        added = self._kept().with_columns(made)
        # Added, then selected: a selection of nothing but constants would be one row.
        prepared = added.select(*self._keys, *(part.name for part in there))
        if not self._is_large:
            rows = prepared.collect()
            if rows.is_empty():
                return empty_state(self._view, self._dataset)
            prepared = rows.lazy()
        state = self._aggregated(prepared, there, made)
        return state.select(*self._keys, *(finished(part, is_there=part in there) for part in parts))

    def _aggregated(self, rows: pl.LazyFrame, parts: Sequence[Part], made: Sequence[pl.Expr]) -> pl.DataFrame:
        if are_sorted(parts):
            return sorted_parts(rows, self._steps(), parts, is_large=self._is_large, texts=self._texts(made))
        sketched = [part for part in parts if part.merge is Merge.THETA]
        ordered = [part for part in parts if is_sorted(part)]
        plain = [_aggregation(part) for part in parts if part not in (*sketched, *ordered)]
        frames = [self._collected(rows.group_by(self._keys).agg(plain))]
        frames += [self._sketched(rows, part) for part in sketched]
        if ordered:
            its = rows.select(*self._keys, *(part.name for part in ordered))
            frames.append(sorted_parts(its, self._steps(), ordered, is_large=self._is_large))
        return reduce(lambda one, other: one.join(other, on=self._keys, how="left", nulls_equal=True), frames)

    def _texts(self, made: Sequence[pl.Expr]) -> TextColumns:
        """By the names that they are made under, the columns of texts that are taken as they are, of all the rows."""
        if self._view.where:
            return TextColumns()
        bare = {each.meta.output_name(): root for each in made if (root := self._bare(each))}
        return TextColumns(self._known.files, bare)

    def _bare(self, made: pl.Expr) -> str | None:
        """The column of texts that an expression does not change."""
        roots = made.meta.root_names()
        if len(roots) != 1 or roots[0] not in self._known.texts:
            return None
        column, taken = pl.col(roots[0]), made.meta.undo_aliases()
        return roots[0] if taken.meta.eq(column) or taken.meta.eq(column.cast(pl.String)) else None

    def _steps(self) -> dict[str, int]:
        """The keys; of each, what divides all that it can be: months begin at midnight."""
        window = WINDOW_MICROS.get(str(self._view.window), WINDOW_MICROS["1d"])
        return {key: window if key == WINDOW_COLUMN else 1 for key in self._keys}

    def _typed(self, lifted: pl.Expr, part: Part) -> pl.Expr:
        """What a row adds, in the type in which it is aggregated."""
        if part.is_count or part.fits(self._algebra):
            return lifted
        if is_sorted(part):
            return lifted  # of texts, "" is left out there: to look for it in every row takes a tenth of the time
        if part.merge in (Merge.THETA, Merge.HISTOGRAM):
            return pl.when(lifted != "").then(lifted)
        return lifted.cast(pl.Int128 if part.dtype == WHOLE else part.dtype)  # summed in half the time of a decimal

    def _kept(self) -> pl.LazyFrame:
        where = self._view.where
        keep = self._algebra.passes(where) if where else None
        rows = self._rows
        for stage in self._algebra.stages:
            rows = rows.with_columns(stage)
        return rows if keep is None else rows.filter(keep)

    def _sketched(self, prepared: pl.LazyFrame, part: Part) -> pl.DataFrame:
        values = prepared.select(*self._keys, part.name).drop_nulls(part.name).unique()
        groups = self._collected(values.group_by(self._keys).agg(part.name))
        sketches = [answers.theta_sketch(each.to_list()) for each in groups[part.name]]
        return groups.with_columns(pl.Series(part.name, sketches, dtype=pl.Binary))

    def _collected(self, query: pl.LazyFrame) -> pl.DataFrame:
        return query.collect(engine="streaming" if self._is_large else "in-memory")


def scanned(files: list[str]) -> pl.LazyFrame:
    """Files that have the needed columns alike; other columns may differ."""
    return pl.scan_parquet(files, glob=False, extra_columns="ignore", missing_columns="insert")


def with_columns(rows: pl.LazyFrame, schema: pl.Schema, needed: Mapping[str, pl.DataType]) -> pl.LazyFrame:
    """Rows with exactly the needed columns, null where there is none; of a view that needs none, with a constant."""
    if not needed:
        return rows.with_columns(pl.lit(0).alias(WITHOUT_GROUP)).select(WITHOUT_GROUP)
    made = [
        pl.col(name).cast(dtype) if name in schema else pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in needed.items()
        if schema.get(name) != dtype
    ]
    # Added, then selected: a selection of nothing but columns that an old file lacks would be one row.
    return rows.with_columns(made).select(list(needed))


def _aggregation(part: Part) -> pl.Expr:
    column = pl.col(part.name)
    if part.is_count:
        return column.count()
    if part.merge is Merge.LEAST:
        return column.min()
    if part.merge is Merge.GREATEST:
        return column.max()
    if part.merge in (Merge.EARLIEST, Merge.LATEST):
        return at_the_edge(part.name, part.merge)
    return column.sum() if part.merge is Merge.ADD else column


def finished(part: Part, *, is_there: bool) -> pl.Expr:
    """A part as it is kept, out of what was aggregated."""
    column = pl.col(part.name)
    if not is_there:
        return pl.lit(0 if part.merge is Merge.ADD else None, dtype=part.dtype).alias(part.name)
    if part.merge is Merge.HISTOGRAM and not is_sorted(part):
        value = pl.element()
        runs = column.list.eval(value.drop_nulls().sort().rle())
        field = value.struct.field
        counted = runs.list.eval(pl.struct(field("value"), field("len").cast(pl.Int64).alias("count")))
        return pl.when(counted.list.len() > 0).then(counted).alias(part.name)
    return column.cast(part.dtype)
