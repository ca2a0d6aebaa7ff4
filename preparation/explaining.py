"""Which column of a table became which of its dataset, and why, for people to read and to correct."""

from collections.abc import Mapping

from core.dataset import Column, Dataset
from core.prepared import ColumnMatch, TableMatch
from preparation.corrections import Correction, shape_of_headers
from preparation.extraction import RawTable
from preparation.header_words import parsed_header
from preparation.known_exports import KnownExport
from preparation.moments import JOINED

MAX_COLUMNS = 500


def table_match(
    table: RawTable, dataset: Dataset, renames: Mapping[str, str], said: Correction | None = None
) -> TableMatch:
    """What became of the columns of a table.

    Args:
        table: As it was read.
        dataset: What it was taken for.
        renames: Incoming column → column of the dataset; a column may be joined out of several incoming ones.
        said: What a person said of such tables.
    """
    joined = {part: column for name, column in renames.items() if JOINED in name for part in name.split(JOINED)}
    keys = {parsed_header(name).key for name in said.columns} if said else set()
    columns = []
    for header in table.frame.columns[:MAX_COLUMNS]:
        column = renames.get(header) or joined.get(header)
        if parsed_header(header).key in keys:
            why = f"an export of {said.program}" if isinstance(said, KnownExport) else "a person said so"
        elif column is None:
            why = "kept under its own name"
        elif header not in renames:
            why = "a part of it"
        else:
            why = _why(header, dataset.column(column))
        columns.append(ColumnMatch(header, column, why))
    return TableMatch(table.name, dataset.name, tuple(columns), shape_of_table(table))


def shape_of_table(table: RawTable) -> str | None:
    """The identity of the table's set of headers; None where its format says what it is, or it has none."""
    can_be_corrected = table.dataset is None and table.has_header and table.frame.width > 0
    return shape_of_headers(table.frame.columns) if can_be_corrected else None


def _why(header: str, column: Column) -> str:
    parsed = parsed_header(header)
    if parsed.key == parsed_header(column.name).key:
        return "its name"
    if any(parsed.key == parsed_header(synonym).key for synonym in column.synonyms):
        return "a known synonym"
    known = {token for name in (column.name, *column.synonyms) for token in parsed_header(name).telling_tokens}
    return "words in its name" if known & parsed.telling_tokens else "its values or a misspelt name"
