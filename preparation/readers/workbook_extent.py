"""How far the cells of an Excel workbook reach, before it is opened.

The library that reads sheets sets aside room for every cell between the first and the last: one value in the last
corner of a sheet asks for half a terabyte, and that ends the process (seen with python-calamine 0.9.1).
"""

import re
import zlib
from pathlib import Path
from zipfile import BadZipFile, ZipFile

MAX_CELLS = 40_000_000
MAX_SHEET_BYTES = 2 * 1024**3
_CHUNK_BYTES = 1024 * 1024
_OVERLAP_BYTES = 64
_CELL = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')


def excess_of(path: Path, *, max_cells: int = MAX_CELLS, max_sheet_bytes: int = MAX_SHEET_BYTES) -> str | None:
    """What of a workbook is too large to be opened, in words; None where nothing is, or it is no zip at all."""
    try:
        with ZipFile(path) as package:
            for name in package.namelist():
                if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                    excess = _excess_of_sheet(package, name, max_cells, max_sheet_bytes)
                    if excess:
                        return excess
                elif name == "xl/sharedStrings.xml" and package.getinfo(name).file_size > max_sheet_bytes:
                    return f"its strings have {package.getinfo(name).file_size} bytes"
    except (BadZipFile, OSError, ValueError, RuntimeError, EOFError, zlib.error):
        return None  # the reader says better what is wrong with it
    return None


def _excess_of_sheet(package: ZipFile, name: str, max_cells: int, max_sheet_bytes: int) -> str | None:
    columns: set[bytes] = set()
    rows: set[int] = set()
    size = 0
    rest = b""
    with package.open(name) as sheet:
        while chunk := sheet.read(_CHUNK_BYTES):
            size += len(chunk)
            if size > max_sheet_bytes:
                return f"its sheet {name} has more than {max_sheet_bytes} bytes"
            found = _CELL.findall(rest + chunk)
            columns.update(column for column, _ in found)
            if found:
                numbers = [int(row) for _, row in found]
                rows.update((min(numbers), max(numbers)))
            rest = chunk[-_OVERLAP_BYTES:]
    if not columns:
        return None
    numbers = [_column_number(column) for column in columns]
    width, height = max(numbers) - min(numbers) + 1, max(rows) - min(rows) + 1
    return f"its sheet {name} reaches over {height} rows and {width} columns" if width * height > max_cells else None


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number
