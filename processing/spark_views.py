"""What Spark makes of views: reading the lake's files, groups.

A view is told Spark as text: to build as much of columns took a tenth of a second, for each step is a call to the JVM.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import polars as pl
from pyspark.sql import DataFrame, SparkSession

from core.dataset import Dataset
from core.frames import MONEY_SCALE
from processing.answers import THETA_LOG2_ENTRIES
from processing.engine import LakeTable
from processing.parquet_files import Facts
from processing.parts import WHOLE, Merge, Part
from processing.sketch_bytes import LOG2_REGISTERS
from processing.spark_algebra import SparkAlgebra
from processing.spark_session import escaped_path
from processing.sql_algebra import Sql, call
from processing.state import WITHOUT_GROUP, empty_state
from processing.view import View

_LOWER_HALF = 2**32 - 1
_FUNCTIONS = {  # structures, values with their moments, compare field by field
    Merge.LEAST: "min({})",
    Merge.EARLIEST: "min({})",
    Merge.GREATEST: "max({})",
    Merge.LATEST: "max({})",
    Merge.SKETCH: f"hll_sketch_agg({{}}, {LOG2_REGISTERS})",
    Merge.THETA: f"theta_sketch_agg({{}}, {THETA_LOG2_ENTRIES})",
}


def read(session: SparkSession, table: LakeTable, schema: pl.Schema) -> DataFrame:
    """The rows of a lake version, with exactly the columns of `schema`; what a file lacks is null."""
    fields = ", ".join(f"{SparkAlgebra.quoted(name)} {SparkAlgebra.types[dtype]}" for name, dtype in schema.items())
    if not table.files:
        return session.createDataFrame([], fields)
    return session.read.schema(fields).parquet(*(escaped_path(file) for file in table.files))


def frame_of(rows: DataFrame) -> pl.DataFrame:
    """All rows of a Spark frame, here."""
    frame = pl.from_arrow(rows.toArrow())
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 - a table never becomes a series
    return frame


def view_state(view: View, dataset: Dataset, rows: DataFrame, facts: Facts) -> pl.DataFrame:
    """The state of a view over rows; `facts` as `Algebra` takes them."""
    parts = view.parts(dataset)
    algebra = SparkAlgebra(dataset, facts)
    keys = algebra.keys(view) or {WITHOUT_GROUP: Sql(("0",))}
    lifted = {part.name: sql for part in parts if (sql := part.lift(algebra)) is not None}
    there = [part for part in parts if part.name in lifted]
    histograms = [part for part in there if part.merge is Merge.HISTOGRAM]
    split = {part.name for part in there if part.dtype == WHOLE and not part.fits(algebra)}
    found: dict[str, Sql] = {}
    for part in there:
        if part.name in split:
            found |= _halves(part, lifted[part.name])
        elif part not in histograms:
            found[part.name] = _aggregated(part, lifted[part.name])
    session = rows.sparkSession
    with _named(rows) as table:
        state = frame_of(session.sql(algebra.grouped(keys, found, table, view.where)))
        for part in histograms:
            counts = algebra.grouped(
                {**keys, "_value": lifted[part.name]}, {"_count": call("count(1)")}, table, view.where
            )
            buckets = frame_of(session.sql(_histogram(list(keys), part.name, counts)))
            state = state.join(buckets, on=list(keys), how="left", nulls_equal=True)
    if state.is_empty():
        return empty_state(view, dataset)
    types = view.key_types(dataset)
    return state.select(
        *(pl.col(name).cast(dtype) for name, dtype in types.items()),
        *(_finished(part, is_there=part in there, is_split=part.name in split) for part in parts),
    )


@contextmanager
def _named(rows: DataFrame) -> Iterator[str]:
    """A query for rows."""
    name = f"rows_{uuid4().hex}"
    rows.createTempView(name)
    try:
        yield f"TABLE {name}"
    finally:
        rows.sparkSession.catalog.dropTempView(name)


def _histogram(keys: list[str], name: str, counts: str) -> str:
    """One histogram a group, made by Spark: to count rows of keys and values here would take the memory of the rows."""
    quoted = ", ".join(map(SparkAlgebra.quoted, keys))
    buckets = "sort_array(collect_list(named_struct('value', _value, 'count', _count)))"
    made = f"SELECT {quoted}, {buckets} AS {SparkAlgebra.quoted(name)}"
    return f"{made} FROM ({counts}) WHERE _value IS NOT NULL GROUP BY {quoted}"


def _halves(part: Part, lifted: Sql) -> dict[str, Sql]:
    """The upper and the lower halves of 64-bit numbers added, which 2^31 rows cannot make overflow.

    Spark adds decimals beyond 18 digits as objects, some 200 ns each.
    """
    wholes = call("CAST({} AS BIGINT)", lifted)
    return {
        part.name: call("sum(shiftright({}, 32))", wholes),
        _lower(part): call("sum({} & {})", wholes, _LOWER_HALF),
    }


def _aggregated(part: Part, lifted: Sql) -> Sql:
    if part.is_count:
        return call("count({})", lifted)
    if part.merge is not Merge.ADD:
        return call(_FUNCTIONS[part.merge], lifted)
    added = lifted if part.dtype == WHOLE else call(f"CAST({{}} AS DECIMAL(38, {MONEY_SCALE}))", lifted)
    return call("coalesce(sum({}), 0)", added)


def _finished(part: Part, *, is_there: bool, is_split: bool) -> pl.Expr:
    """A part as it is kept, out of what was aggregated."""
    if not is_there:
        return pl.lit(0 if part.merge is Merge.ADD else None, dtype=part.dtype).alias(part.name)
    column = pl.col(part.name)
    if is_split:
        upper, lower = (pl.col(name).fill_null(0).cast(pl.Int128) for name in (part.name, _lower(part)))
        column = upper * 2**32 + lower
    return column.cast(part.dtype).alias(part.name)


def _lower(part: Part) -> str:
    return f"{part.name}.lower"
