"""Tables told as text too, for a person who asks to see all that is in a file; records are searched as rows."""

from dataclasses import replace

import polars as pl

from preparation.encodings import decode
from preparation.extraction import Extraction, Source

_BYTES_A_CHARACTER = 4
_RECORDINGS = ("audio", "video")  # whose tables are scenes and sentences
_PACKED = ("application/vnd.", "application/x-feather", "application/avro", "application/x-orc")


def with_full_text(source: Source, found: Extraction) -> Extraction:
    """The extraction with the text of its tables, where it has tables and no text yet.

    A file that is text gives it as it is written, so that ragged rows, titles and footers are in it; a file of
    packed columns gives its rows.
    """
    if not found.tables or found.text or found.fault or found.kind in _RECORDINGS:
        return found
    limit = source.limits.max_text_chars
    if source.media_type.startswith(_PACKED):
        text = "\n\n".join(rows_text(table.name, table.frame, limit) for table in found.tables)
        return replace(found, text=text[:limit])
    return replace(found, text=written_text(source, str(found.metadata.get("delimiter", ""))))


def written_text(source: Source, delimiter: str = "") -> str:
    """The first characters of a text file, with a delimiter that cannot be printed as a tab."""
    limit = source.limits.max_text_chars
    with source.path.open("rb") as file:
        text = decode(file.read(limit * _BYTES_A_CHARACTER), partial=source.size > limit * _BYTES_A_CHARACTER).text
    if len(delimiter) == 1 and not delimiter.isprintable():
        text = text.replace(delimiter, "\t")
    return text[:limit].replace("\r\n", "\n").replace("\0", "").strip()


def rows_text(name: str, frame: pl.DataFrame, limit: int) -> str:
    """A name, the names of the columns and the rows, a line each, cells parted by tabs; about `limit` characters."""
    shown = frame.head(limit // max(frame.width, 1) + 1)
    nested = [column for column, kind in shown.schema.items() if kind.is_nested() or kind in (pl.Binary, pl.Object)]
    told = shown.with_columns(
        pl.Series(column, list(map(str, shown[column].to_list())), pl.String) for column in nested
    )
    rows = told.write_csv(separator="\t", quote_style="never").rstrip("\n")
    return f"{name}\n{rows}"[:limit].lstrip("\n")
