"""Workbooks: each sheet as a table below its titles, and all cells as text."""

import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from itertools import islice
from typing import Any

import polars as pl
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

from preparation.extraction import Extraction, RawTable, Source, unreadable
from preparation.headers import has_header, shape_of, unique_names
from preparation.readers.merged_cells import filled_down, merged_ranges, repeated
from preparation.readers.office_xml import DAMAGES
from preparation.readers.record_frames import column_of
from preparation.readers.workbook_extent import excess_of

_MAX_CELLS = 20_000_000  # a sheet may declare 17 thousand million of them and hold three
_DRAWING = re.compile(r"xl/(?:drawings/drawing|comments|threadedComments/threadedComment)\d*\.xml$")
_MAX_DRAWING_BYTES = 64 * 1024 * 1024
_MAX_TITLE_ROWS = 30
_EXACT_FLOAT = float(1 << 53)
_HEADER_FILL = 0.5

Row = list[Any]


def read(source: Source) -> Extraction:
    """The sheets of a workbook that is not encrypted."""
    excess = excess_of(source.path)
    if excess:
        return unreadable(
            f"The workbook is too large to open: {excess}.",
            "Delete the stray cells at its far end, or save the sheet as CSV.",
            kind="document",
        )
    try:
        with source.path.open("rb") as file, CalamineWorkbook.from_filelike(file) as workbook:
            return _extraction(workbook, source)
    except PasswordError:
        from preparation.readers import locked_office

        return locked_office.read(source)
    except (CalamineError, OSError, ValueError) as error:
        return unreadable(
            f"The workbook cannot be opened: {error}.",
            "Open it in a spreadsheet program, save it anew and drop it again.",
            kind="document",
        )


def _extraction(workbook: CalamineWorkbook, source: Source) -> Extraction:
    tables: list[RawTable] = []
    pieces: list[str] = []
    notes: list[str] = []
    room = source.limits.max_text_chars
    visible = [s.name for s in workbook.sheets_metadata if s.visible is SheetVisibleEnum.Visible]
    for name in workbook.sheet_names:
        try:
            sheet = workbook.get_sheet_by_name(name)
        except (CalamineError, ValueError) as error:  # chart sheets, and sheets that are damaged
            notes.append(f"Sheet {name!r} was left out: it is a chart or damaged ({error}).")
            continue
        cells, note = _cells(sheet, source.limits.max_columns)
        notes.extend(filter(None, [note]))
        merged = merged_ranges(sheet)
        rows = _trimmed(filled_down(cells, merged))
        if not rows:
            continue
        text = _text(name, _trimmed(repeated(cells, merged)) if merged else rows, room)
        pieces.append(text)
        room = max(room - len(text), 0)
        table = _table(rows, name)
        if table is not None:
            tables.append(table)
    if room:
        pieces += filter(None, [_drawings(source)[:room]])
    metadata: dict[str, str | int | float | bool] = {"sheets": len(workbook.sheet_names)}
    hidden = len(workbook.sheet_names) - len(visible)
    if hidden > 0:
        metadata["hidden_sheets"] = hidden
    return Extraction(
        kind="document",
        text="\n\n".join(pieces),
        tables=tuple(tables),
        pages=len(workbook.sheet_names),
        metadata=metadata,
        note=" ".join(notes) or None,
    )


def _drawings(source: Source) -> str:
    """The charts, pictures and text boxes of all sheets, and the comments on cells, where it is a package of XML."""
    if not zipfile.is_zipfile(source.path):
        return ""
    from preparation.readers.package import Package, TooLargeError
    from preparation.readers.slides import drawing_text

    try:
        with zipfile.ZipFile(source.path) as archive:
            package = Package(archive, _MAX_DRAWING_BYTES)
            parts = sorted(name for name in package.names if _DRAWING.match(name))
            return "\n\n".join(filter(None, (drawing_text(package, part) for part in parts)))
    except (*DAMAGES, TooLargeError):  # the cells have been read; what is drawn over them is not worth the workbook
        return ""


def _cells(sheet: CalamineSheet, max_columns: int) -> tuple[list[Row], str | None]:
    """All rows from the first that holds anything; empty strings are None."""
    width = sheet.width
    if not width or sheet.start is None:
        return [], None
    if width > max_columns:
        return [], f"Sheet {sheet.name!r} was left out: it has {width} columns."
    most = _MAX_CELLS // width
    kept = [[None if cell == "" else cell for cell in row] for row in islice(sheet.iter_rows(), most + 1)]
    note = f"Sheet {sheet.name!r} was read up to row {most}." if len(kept) > most else None
    return kept[:most], note


def _trimmed(cells: list[Row]) -> list[Row]:
    """The rows that hold anything, blank columns at both sides left out."""
    rows = [row for row in cells if any(cell is not None for cell in row)]
    width = max(map(len, rows), default=0)
    filled = [at for at in range(width) if any(at < len(row) and row[at] is not None for row in rows)]
    return [row[filled[0] : filled[-1] + 1] for row in rows] if filled else []


def _text(name: str, rows: list[Row], room: int) -> str:
    lines = [name]
    used = len(name)
    for row in rows:
        if used > room:
            break
        lines.append("\t".join("" if cell is None else _shown(cell) for cell in row).rstrip())
        used += len(lines[-1]) + 1
    return "\n".join(lines)[:room]


def _shown(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _EXACT_FLOAT:
        return str(int(cell))
    if isinstance(cell, datetime | date | time):
        return cell.isoformat(sep=" ") if isinstance(cell, datetime) else cell.isoformat()
    return str(cell)


def _table(rows: list[Row], name: str) -> RawTable | None:
    """The rows below the header, or all rows where there is none; nothing where a sheet is a few lone cells."""
    start = _first_table_row(rows)
    body = rows[start:]
    if len(body) < 2 and len(body[0]) < 2:  # noqa: PLR2004
        return None
    shown = [["" if cell is None else _shown(cell) for cell in row] for row in body[:200]]
    named = has_header(shown) if len(shown) > 1 else all(shape_of(cell) == "words" for cell in shown[0])
    width = max(map(len, body))
    names = unique_names([" ".join(cell.split()) for cell in shown[0]] if named else [], width)
    data = body[1:] if named else body
    columns = [_column(n, [row[at] if at < len(row) else None for row in data]) for at, n in enumerate(names)]
    frame = pl.DataFrame(columns) if data else pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    return RawTable(frame=frame, name=name, has_header=named)


def _first_table_row(rows: list[Row]) -> int:
    """Past titles: the first row of which at least half as many cells are filled as in the fullest one."""
    counts = [sum(cell is not None for cell in row) for row in rows]
    fullest = max(counts)
    if fullest < 2:  # noqa: PLR2004
        return 0
    needed = max(_HEADER_FILL * fullest, 2)
    return next((at for at, count in enumerate(counts[:_MAX_TITLE_ROWS]) if count >= needed), 0)


def _column(name: str, cells: Sequence[Any]) -> pl.Series:
    """A typed column; whole numbers, which a workbook keeps as floats, become integers again."""
    floats = [cell for cell in cells if isinstance(cell, float) and not isinstance(cell, bool)]
    whole = bool(floats) and all(cell.is_integer() and abs(cell) < _EXACT_FLOAT for cell in floats)
    mixed = any(isinstance(cell, str) for cell in cells)
    values = [int(c) if isinstance(c, float) and (whole or (mixed and c.is_integer())) else c for c in cells]
    dates = {type(value) for value in values if value is not None}
    if dates == {date, datetime}:
        values = [datetime(v.year, v.month, v.day) if type(v) is date else v for v in values]  # noqa: DTZ001
    return column_of(name, values)
