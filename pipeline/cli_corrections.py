"""`penstock correct …` and `penstock corrections …`: parses, asks, prints."""

from pathlib import Path
from typing import Annotated

import typer

from core.errors import UsageError
from pipeline.cli_asking import AsJson, show

corrections = typer.Typer(help="See or take back what was said by `penstock correct`.", invoke_without_command=True)

_SHOWN = ("id", "dataset", "headers", "columns", "file", "said_by", "said_at")


def correct(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="A table that was taken for something else.")],
    dataset: Annotated[str, typer.Option(help="What it is; `other` keeps it whole under its own names.")],
    column: Annotated[
        list[str] | None, typer.Option(help="HEADER=COLUMN, or HEADER= for none of the dataset's; may be repeated.")
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="Which of its tables; needed where it has several.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what a table is; it is remembered for every table with the same headers."""
    from pipeline.correcting import correct_file

    columns = dict(_pair(text) for text in column or [])
    show(correct_file(context.obj.settings(), path, dataset, columns, sheet), as_json)


@corrections.callback()
def corrections_default(context: typer.Context, as_json: AsJson = False) -> None:
    """List what was said where no other command is given."""
    if context.invoked_subcommand is None:
        corrections_list(context, as_json)


@corrections.command("list")
def corrections_list(context: typer.Context, as_json: AsJson = False) -> None:
    """List what was said of which tables."""
    from pipeline.correcting import known_corrections

    show(known_corrections(context.obj.settings()), as_json, columns=_SHOWN)


@corrections.command("forget")
def corrections_forget(
    context: typer.Context, identity: Annotated[str, typer.Argument(metavar="ID")], as_json: AsJson = False
) -> None:
    """Take one back: tables with these headers are recognised by themselves again."""
    from pipeline.correcting import forget_correction

    show(forget_correction(context.obj.settings(), identity), as_json, columns=_SHOWN)


def _pair(text: str) -> tuple[str, str]:
    header, equals, name = text.rpartition("=")
    if not equals or not header.strip():
        raise UsageError(f"--column {text!r} is not HEADER=COLUMN.", "Write it as, say, --column Kanal=sensor_id.")
    return header.strip(), name.strip()
