"""Columnar and record files that bear their own schema: Parquet, Arrow, Feather, Avro, ORC."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from preparation.extraction import Extraction, RawTable, Source, unreadable
from preparation.media_types import MEDIA_TYPES
from preparation.readers.record_frames import json_text

_MAX_UNPACKED_BYTES = 4 * 1024**3


def read(source: Source) -> Extraction:
    """The table of a columnar file, in its own types; nested columns as JSON text, bytes as text or hexadecimal."""
    words = MEDIA_TYPES[source.media_type]
    try:
        frame = _OPENERS[source.media_type](source.path)
    except MemoryError:  # Arrow's is an ArrowException too
        raise
    except (pa.ArrowException, pl.exceptions.PolarsError, OSError, ValueError) as error:
        return unreadable(
            f"The {words} file cannot be read: {str(error).rstrip('.')}.",
            "Write it anew and drop it again.",
            kind="table",
        )
    if frame.width > source.limits.max_columns:
        return unreadable(
            f"The table has {frame.width} columns; at most {source.limits.max_columns} are read.",
            "Split it, or turn its columns into rows.",
            kind="table",
        )
    return Extraction(
        kind="table",
        tables=(RawTable(plain(frame)),),
        metadata={"format": words, "columns": frame.width},
    )


def _parquet(path: Path) -> pl.DataFrame:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        groups = [file.metadata.row_group(at).total_byte_size for at in range(file.metadata.num_row_groups)]
        if sum(groups) > _MAX_UNPACKED_BYTES:
            raise pa.ArrowInvalid(f"unpacked it has {sum(groups)} bytes, more than {_MAX_UNPACKED_BYTES}")
        return _from_arrow(file.read())


def _arrow_file(path: Path) -> pl.DataFrame:
    with pa.OSFile(str(path)) as file, pa.ipc.open_file(file) as reader:
        return _from_arrow(_bounded(reader.get_batch(at) for at in range(reader.num_record_batches)), reader.schema)


def _arrow_stream(path: Path) -> pl.DataFrame:
    with pa.OSFile(str(path)) as file, pa.ipc.open_stream(file) as reader:
        return _from_arrow(_bounded(reader), reader.schema)


def _feather(path: Path) -> pl.DataFrame:
    import pyarrow.feather

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the format is going; files of it are still there
        return _from_arrow(pyarrow.feather.read_table(str(path), memory_map=False))


def _orc(path: Path) -> pl.DataFrame:
    import pyarrow.orc

    with path.open("rb") as file:
        reader = pyarrow.orc.ORCFile(file)
        return _from_arrow(_bounded(reader.read_stripe(at) for at in range(reader.nstripes)), reader.schema)


def _avro(path: Path) -> pl.DataFrame:
    return pl.read_avro(path)


def _bounded(batches: Any) -> list[pa.RecordBatch]:
    """The batches, as long as they fit."""
    kept, size = [], 0
    for batch in batches:
        size += batch.nbytes
        if size > _MAX_UNPACKED_BYTES:
            raise pa.ArrowInvalid(f"unpacked it has more than {_MAX_UNPACKED_BYTES} bytes")
        kept.append(batch)
    return kept


def _from_arrow(data: Any, schema: pa.Schema | None = None) -> pl.DataFrame:
    table = data if schema is None else pa.Table.from_batches(data, schema=schema)
    names = table.column_names
    if len(set(names)) != len(names):
        from preparation.headers import unique_names

        table = table.rename_columns(unique_names(names, len(names)))
    frame = pl.from_arrow(table)
    return frame if isinstance(frame, pl.DataFrame) else frame.to_frame()


_OPENERS: dict[str, Callable[[Path], pl.DataFrame]] = {
    "application/vnd.apache.parquet": _parquet,
    "application/vnd.apache.arrow.file": _arrow_file,
    "application/vnd.apache.arrow.stream": _arrow_stream,
    "application/x-feather": _feather,
    "application/avro": _avro,
    "application/x-orc": _orc,
}


def plain(frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with columns of plain values only."""
    return frame.with_columns(_plain(column) for column in frame.get_columns())


def _plain(column: pl.Series) -> pl.Series:
    if column.dtype.is_nested():
        return pl.Series(column.name, [None if v is None else json_text(_listed(v)) for v in column], dtype=pl.String)
    if column.dtype == pl.Binary:
        return pl.Series(column.name, [None if v is None else _bytes_text(v) for v in column], dtype=pl.String)
    if isinstance(column.dtype, pl.Categorical | pl.Enum):
        return column.cast(pl.String)
    return column


def _listed(value: Any) -> Any:
    return value.to_list() if isinstance(value, pl.Series) else value


def _bytes_text(value: bytes) -> str:
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return value.hex()
    return text if text.isprintable() else value.hex()
