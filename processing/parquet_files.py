"""What is known of rows before a view is made of them: what the footers of Parquet files tell, or a look at a frame."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, reduce
from math import inf, isnan
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import pyarrow.parquet as pq


@dataclass(frozen=True, slots=True)
class Range:
    """Between what the numbers of a column lie; a NaN is none of them.

    Attributes:
        least: The lower bound; above the upper one where there is no number. Moments are microseconds since 1970.
        greatest: The upper bound.
    """

    least: float = -inf
    greatest: float = inf

    @property
    def magnitude(self) -> float:
        """What no magnitude exceeds."""
        return max(-self.least, self.greatest, 0.0)

    @property
    def least_magnitude(self) -> float:
        """What no magnitude is below."""
        return max(self.least, -self.greatest, 0.0)

    @property
    def has_zero(self) -> bool:
        """Whether zero may be among them."""
        return self.least <= 0 <= self.greatest

    def joined(self, other: "Range") -> "Range":
        """What holds the numbers of both."""
        return Range(min(self.least, other.least), max(self.greatest, other.greatest))


EMPTY = Range(inf, -inf)


@dataclass(frozen=True, slots=True)
class Footer:
    """What is known of one file.

    Attributes:
        file: Its path or URL.
        rows: How many rows it has; None where its footer is not read.
        ranges: By column, between what its numbers lie.
        schema: Its columns; None where its footer is not read.
    """

    file: str
    rows: int | None = None
    ranges: Mapping[str, Range] = field(default_factory=dict)
    schema: pl.Schema | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of rows before they are read.

    Attributes:
        rows: How many there are at most.
        ranges: By column, between what its numbers lie.
        group_rows: How many there are in a group at most.
        without_nan: Columns of doubles that have no NaN.
    """

    rows: float = inf
    ranges: Mapping[str, Range] = field(default_factory=dict)
    group_rows: float = inf
    without_nan: frozenset[str] = frozenset()

    def range_of(self, column: str) -> Range:
        """Between what a column's numbers lie."""
        return self.ranges.get(column, Range())


def footers(files: Iterable[str], columns: Sequence[str]) -> list[Footer]:
    """The footers of files; of those that are not on this machine's disks nothing is known.

    Raises:
        OSError: If one is gone.
        pyarrow.ArrowException: If one is no Parquet file.
    """
    return [_footer(file, columns) for file in files]


def numeric(schema: Mapping[str, pl.DataType]) -> list[str]:
    """The columns of numbers."""
    return [name for name, dtype in schema.items() if dtype in (pl.Float64(), pl.Int64())]


def ranged(schema: Mapping[str, pl.DataType]) -> list[str]:
    """The columns whose ranges footers tell: those of numbers and of moments."""
    return [*numeric(schema), *(name for name, dtype in schema.items() if dtype == pl.Datetime("us", "UTC"))]


def facts_of(found: Sequence[Footer], columns: Sequence[str]) -> Facts:
    """What holds of all the files."""
    rows = sum(inf if each.rows is None else each.rows for each in found)
    ranges = ((name, [each.ranges.get(name, Range()) for each in found]) for name in columns)
    return Facts(rows, {name: reduce(Range.joined, several, EMPTY) for name, several in ranges})


def facts_of_frame(rows: pl.DataFrame, columns: Sequence[str]) -> Facts:
    """What holds of rows that are held."""
    edges = rows.select(pl.col(columns).min().name.prefix("min "), pl.col(columns).max().name.prefix("max "))
    ranges = {name: _between(*edges.select(f"min {name}", f"max {name}").row(0)) for name in columns}
    return Facts(rows.height, ranges)


def _between(least: float | None, greatest: float | None) -> Range:
    if least is None or greatest is None:
        return EMPTY
    return Range() if isnan(least) or isnan(greatest) else Range(least, greatest)


def _footer(file: str, columns: Sequence[str]) -> Footer:
    if "://" in file and not Path(file).exists():
        return Footer(file)
    stat = Path(file).stat()
    return _footer_of(file, tuple(columns), (stat.st_mtime_ns, stat.st_size))


@lru_cache(maxsize=1024)  # views of a table are made again and again, of files that stay
def _footer_of(file: str, columns: tuple[str, ...], _version: tuple[int, int]) -> Footer:
    import pyarrow.parquet as pq

    told = pq.read_metadata(file)
    places = {told.schema.column(i).path: i for i in range(told.num_columns)}
    ranges = {name: _range(told, places[name]) if name in places else EMPTY for name in columns}
    return Footer(file, told.num_rows, ranges, pl.scan_parquet(file, glob=False).collect_schema())


def _range(told: "pq.FileMetaData", place: int) -> Range:
    found = EMPTY
    kind = told.schema.column(place).logical_type
    is_moment = kind.type == "TIMESTAMP"
    if is_moment and '"timeUnit":"microseconds"' not in kind.to_json():
        return Range()
    for group in range(told.num_row_groups):
        column = told.row_group(group).column(place)
        statistics = column.statistics
        if statistics is None or not statistics.has_min_max:
            is_empty = statistics is not None and statistics.null_count == column.num_values
            if not is_empty:
                return Range()
            continue
        if is_moment:
            found = found.joined(Range(statistics.min_raw, statistics.max_raw))
        else:
            found = found.joined(_between(statistics.min, statistics.max))
    return found
