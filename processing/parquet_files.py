"""What the footers of Parquet files tell before a row is read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow.parquet as pq


@dataclass(frozen=True, slots=True)
class Footer:
    """What is known of one file.

    Attributes:
        file: Its path or URL.
        rows: How many rows it has; None where its footer is not read.
        bounds: By column, what no magnitude in it exceeds; infinite where that is not known.
    """

    file: str
    rows: int | None = None
    bounds: dict[str, float] = field(default_factory=dict)


def footers(files: Iterable[str], columns: Sequence[str]) -> list[Footer]:
    """The footers of files; of those that are not on this machine's disks nothing is known.

    Raises:
        OSError: If one is gone.
        pyarrow.ArrowException: If one is no Parquet file.
    """
    return [_footer(file, columns) for file in files]


def bounds_of(found: Sequence[Footer], columns: Sequence[str]) -> dict[str, float]:
    """By column, what no magnitude in any of the files exceeds; a column of which that is not known is left out."""
    unknown = float("inf")
    bounds = {name: max((each.bounds.get(name, unknown) for each in found), default=unknown) for name in columns}
    return {name: bound for name, bound in bounds.items() if bound != unknown}


def _footer(file: str, columns: Sequence[str]) -> Footer:
    import pyarrow.parquet as pq

    if "://" in file and not Path(file).exists():
        return Footer(file)
    told = pq.read_metadata(file)
    places = {told.schema.column(i).path: i for i in range(told.num_columns)}
    bounds = {name: _bound(told, places[name]) if name in places else 0.0 for name in columns}
    return Footer(file, told.num_rows, bounds)


def _bound(told: "pq.FileMetaData", place: int) -> float:
    bound = 0.0
    for group in range(told.num_row_groups):
        column = told.row_group(group).column(place)
        statistics = column.statistics
        if statistics is None or not statistics.has_min_max:
            is_empty = statistics is not None and statistics.null_count == column.num_values
            if not is_empty:
                return float("inf")
            continue
        bound = max(bound, abs(statistics.min), abs(statistics.max))
        if isnan(bound):
            return float("inf")
    return bound
