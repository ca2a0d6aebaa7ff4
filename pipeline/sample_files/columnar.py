"""Tables in the binary formats of the data world; the libraries are loaded when one is written."""

import io
from collections.abc import Callable, Sequence
from types import MappingProxyType

from pipeline.sample_files.sample import Row


def _parquet(rows: Sequence[Row]) -> bytes:
    import polars as pl

    sink = io.BytesIO()
    pl.DataFrame(rows).write_parquet(sink)
    return sink.getvalue()


def _arrow(rows: Sequence[Row]) -> bytes:
    import polars as pl

    sink = io.BytesIO()
    pl.DataFrame(rows).write_ipc(sink)
    return sink.getvalue()


def _avro(rows: Sequence[Row]) -> bytes:
    """Avro ends each block with a marker chosen at random; a fixed one takes its place."""
    import polars as pl

    sink = io.BytesIO()
    pl.DataFrame(rows).write_avro(sink, compression="uncompressed")
    content = sink.getvalue()
    marker = content[-16:]
    return content.replace(marker, b"penstock-samples")


def _orc(rows: Sequence[Row]) -> bytes:
    import pyarrow as pa
    from pyarrow import orc

    sink = io.BytesIO()
    orc.write_table(pa.Table.from_pylist([dict(row) for row in rows]), sink)
    return sink.getvalue()


WRITERS: MappingProxyType[str, Callable[[Sequence[Row]], bytes]] = MappingProxyType(
    {"parquet": _parquet, "arrow": _arrow, "avro": _avro, "orc": _orc}
)
"""The writer of each format, by the usual ending of its files."""
