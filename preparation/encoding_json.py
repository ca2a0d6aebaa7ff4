"""Frames made fit for `struct.json_encode`, which knows every type but bytes and Python objects."""

import json

import polars as pl


def encodable(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with bytes as hexadecimal digits and what holds bytes or objects as JSON text."""
    changed = [_encoded(frame.get_column(name)) for name, kind in frame.schema.items() if _is_opaque(kind)]
    return frame.with_columns(changed) if changed else frame


def _is_opaque(kind: pl.DataType) -> bool:
    if isinstance(kind, pl.Struct):
        return any(_is_opaque(field.dtype) for field in kind.fields)  # type: ignore[arg-type]
    if isinstance(kind, pl.List | pl.Array):
        return _is_opaque(kind.inner)  # type: ignore[arg-type]
    return kind in (pl.Binary, pl.Object)


def _encoded(series: pl.Series) -> pl.Series:
    if series.dtype == pl.Binary:
        return series.bin.encode("hex")
    texts = [
        None if value is None else json.dumps(value, ensure_ascii=False, default=_plain) for value in series.to_list()
    ]
    return pl.Series(series.name, texts, dtype=pl.String)


def _plain(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
