"""Columns of texts as numbers, by the dictionaries that Parquet files have of them."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

_NULL = np.uint32(2**32 - 1)


@dataclass(frozen=True, slots=True)
class CodedTexts:
    """A column of texts.

    Attributes:
        codes: Of each row, the place of its text in `texts`; null where it is null.
        texts: The different texts.
    """

    codes: pl.Series
    texts: pl.Series


@dataclass(frozen=True, slots=True)
class TextColumns:
    """Columns of texts, to be read by the dictionaries that files have of them.

    To number the different texts of each file takes less than half the time that it takes to number those of all rows.

    Attributes:
        files: Files on this machine's disks, in the order of the rows.
        columns: By the names that they are asked by, the columns of the files.
    """

    files: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)

    def coded(self) -> dict[str, CodedTexts]:
        """All the rows of all the columns, by the names that they are asked by.

        Raises:
            OSError: If a file is gone.
            pyarrow.ArrowException: If one is no Parquet file.
        """
        import pyarrow.parquet as pq

        opened = [
            pq.ParquetFile(file, read_dictionary=list(self.columns.values()), memory_map=True) for file in self.files
        ]
        ends = list(accumulate((file.metadata.num_rows for file in opened), initial=0))
        columns = {name: _Numbered(ends[-1]) for name in set(self.columns.values())}

        def read(file: "pq.ParquetFile", start: int) -> None:
            rows = file.read(list(columns), use_threads=False)
            for name, column in columns.items():
                column.fill(start, rows[name])

        if columns:
            with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
                list(pool.map(read, opened, ends))
        return {name: columns[column].texts() for name, column in self.columns.items()}


class _Numbered:
    """A column of texts in the making, by several threads."""

    def __init__(self, rows: int) -> None:
        self._codes = np.empty(rows, dtype=np.uint32)  # new memory takes longer than what is done with it
        self._categories = pl.Categories.random()
        # Polars forgets categories with the last column that has them; this one has them until the texts are read.
        self._keeping = pl.Series(dtype=pl.Categorical(self._categories))

    def fill(self, start: int, texts: "pa.ChunkedArray") -> None:
        """Numbers the texts of a file whose first row has that place."""
        for chunk in texts.chunks:
            different = pl.Series(chunk.dictionary, dtype=pl.String).cast(self._keeping.dtype)
            numbers = np.append(different.to_physical().to_numpy(), _NULL)
            places = chunk.indices.fill_null(len(different)).to_numpy()
            np.take(numbers, places, out=self._codes[start : start + len(chunk)], mode="clip")
            start += len(chunk)

    def texts(self) -> CodedTexts:
        import pyarrow as pa

        is_null = self._codes == _NULL
        codes = pl.Series(pa.array(self._codes, mask=is_null if is_null.any() else None))
        return CodedTexts(codes, self._categories.to_series())
