"""A bar on standard error for anything that takes longer than a second."""

import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

PATIENCE_SECONDS = 1.0


def counted(rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Passes rows on; after a second, shows how many there were. Silent where standard error is no terminal."""
    if not sys.stderr.isatty():
        yield from rows
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    progress = Progress(
        SpinnerColumn(),
        TextColumn("{task.completed:,.0f} done"),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    task = progress.add_task("", total=None)
    started = time.monotonic()
    try:
        for row in rows:
            if not progress.live.is_started and time.monotonic() - started > PATIENCE_SECONDS:
                progress.start()
            progress.update(task, advance=1, description=str(row.get("path", "")))
            yield row
    finally:
        progress.stop()
