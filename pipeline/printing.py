"""What commands print: JSON lines for scripts, tables for people; everything else goes to standard error."""

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

MAX_CELL_CHARS = 120
WIDE_COLUMNS = dict.fromkeys(("path", "reason", "fix", "detail", "description", "why", "snippet", "record", "text"), 3)
"""Columns of prose: they share what width the others leave."""


def as_json(value: Any) -> Any:
    """The JSON form of a value that JSON has no type for: times in ISO 8601 with Z, decimals as strings."""
    match value:
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Decimal():
            return format(value.normalize(), "f")
        case Path():
            return str(value)
        case bytes():
            return value.hex()
        case _:
            return str(value)


def print_json(rows: Iterable[Mapping[str, Any]]) -> None:
    """Prints one object a line, each as soon as it is known."""
    for row in rows:
        sys.stdout.write(json.dumps(row, ensure_ascii=False, default=as_json, allow_nan=False) + "\n")
        sys.stdout.flush()


def print_table(rows: Iterable[Mapping[str, Any]], columns: tuple[str, ...] = (), *, empty: str = "Nothing.") -> None:
    """Prints a table for a person; long cells are cut."""
    from rich.console import Console
    from rich.table import Table

    known = list(rows)
    if not known:
        Console().print(empty, style="dim")
        return
    names = columns or tuple(dict.fromkeys(name for row in known for name in row))
    table = Table(header_style="bold", show_edge=False, pad_edge=False)
    for name in names:
        table.add_column(name, overflow="fold", ratio=WIDE_COLUMNS.get(name))
    for row in known:
        table.add_row(*(_cell(row.get(name)) for name in names))
    Console().print(table)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.4g}"
    text = json.dumps(value, ensure_ascii=False, default=as_json) if isinstance(value, dict | list) else str(value)
    text = "".join(
        character if character.isprintable() else " " for character in text
    )  # a name may try to turn the line
    text = " ".join(text.split()).replace("[", r"\[")
    return text if len(text) <= MAX_CELL_CHARS else text[: MAX_CELL_CHARS - 1] + "…"
