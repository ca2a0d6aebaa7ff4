"""What the commands share: their options, asking the system, showing what it answers."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.settings import Settings, load_settings
from pipeline import conversation
from pipeline.bootstrap import Parts

if TYPE_CHECKING:
    from pipeline.system import System

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]
Rows = Iterable[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Invocation:
    """What was given before the command."""

    home: Path | None
    config: Path | None

    def settings(self) -> Settings:
        """The settings that this invocation runs under."""
        return load_settings(self.home, self.config)


@contextmanager
def opened(context: typer.Context) -> "Iterator[System]":
    """The system, to read from beside a running one."""
    from pipeline.system import open_system

    system = open_system(context.obj.settings())
    try:
        yield system
    finally:
        system.close()


def ask(context: typer.Context, command: str, **arguments: Any) -> Iterator[dict[str, Any]]:
    """The answers of the running system, or of one that lives as long as this command."""
    settings = context.obj.settings()
    parts = Parts(settings)
    if conversation.is_answering(parts.home.socket):  # then nothing need be loaded that does the work
        return conversation.ask(parts.home.socket, parts.sealer, command, arguments)
    from pipeline.commands import ask_writer

    return ask_writer(settings, command, arguments)


def show(
    rows: Rows,
    as_json: bool,
    say: Callable[[Mapping[str, Any]], None] | None = None,
    *,
    columns: tuple[str, ...] = (),
) -> None:
    """Prints rows: JSON for a script; for a person a table of these columns, or what `say` makes of each row."""
    from pipeline.printing import print_json, print_table

    if as_json:
        print_json(rows)
    elif say:
        for row in rows:
            say(row)
    else:
        print_table(rows, columns)


def show_outcomes(rows: Rows, as_json: bool, columns: tuple[str, ...]) -> set[str]:
    """Shows what became of files; the outcomes that occurred."""
    outcomes: set[str] = set()

    def noted() -> Iterator[Mapping[str, Any]]:
        for row in with_bar(rows, as_json):
            outcomes.add(row["outcome"])
            yield row

    show(noted(), as_json, columns=columns)
    return outcomes


def with_bar(rows: Rows, as_json: bool) -> Rows:
    """The rows, counted on standard error while they come, where a person watches and it takes a while."""
    from pipeline.progress import counted

    return rows if as_json and not sys.stderr.isatty() else counted(rows)


def note(text: str) -> None:
    """Tells a person something that is no part of the answer."""
    typer.echo(text, err=True)
