"""Cells of a sheet that are merged: a file keeps their value in the first of them alone."""

from typing import Any

from python_calamine import CalamineSheet

_MAX_CELLS = 400
_MAX_CHARS = 100

Row = list[Any]
Range = tuple[tuple[int, int], tuple[int, int]]
"""The first and the last row and column, counted from the first cell that is given."""


def merged_ranges(sheet: CalamineSheet) -> list[Range]:
    """The merged cells of a sheet, where its format tells them."""
    first_row, first_column = sheet.start or (0, 0)
    return [
        ((top - first_row, left - first_column), (bottom - first_row, right - first_column))
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
    ]


def repeated(cells: list[Row], ranges: list[Range]) -> list[Row]:
    """The cells with the value of merged ones in each of them: so each line of a text bears what holds for it."""
    filled = [list(row) for row in cells]
    for (top, left), (bottom, right) in ranges:
        if (bottom - top + 1) * (right - left + 1) > _MAX_CELLS or not _holds(cells, top, left):
            continue
        value = cells[top][left]
        if len(str(value)) > _MAX_CHARS or _is_title(cells[top : bottom + 1]):
            continue
        for row in filled[max(top, 0) : bottom + 1]:
            for at in range(left, min(right + 1, len(row))):
                row[at] = value
    return filled


def filled_down(cells: list[Row], ranges: list[Range]) -> list[Row]:
    """The cells with the value of those merged downwards in each row that holds something else too."""
    down = [each for each in ranges if each[0][1] == each[1][1] and _holds(cells, *each[0])]
    if not down:
        return cells
    filled = [list(row) for row in cells]
    for (top, column), (bottom, _) in down:
        for own, row in zip(filled[top + 1 : bottom + 1], cells[top + 1 : bottom + 1], strict=True):
            if any(cell is not None for cell in row) and column < len(own):
                own[column] = cells[top][column]
    return filled


def _is_title(rows: list[Row]) -> bool:
    """Whether the merged cells are all that their rows hold."""
    return sum(cell is not None for row in rows for cell in row) == 1


def _holds(cells: list[Row], row: int, column: int) -> bool:
    return 0 <= row < len(cells) and 0 <= column < len(cells[row]) and cells[row][column] is not None
