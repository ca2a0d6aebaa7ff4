"""`penstock quarantine …`: parses, asks, prints."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli_asking import AsJson, ask, opened, show, show_outcomes

quarantine = typer.Typer(help="See, replay or discard what could not be taken in.", invoke_without_command=True)


@quarantine.callback()
def quarantine_default(context: typer.Context, as_json: AsJson = False) -> None:
    """List the quarantine where no other command is given."""
    if context.invoked_subcommand is None:
        quarantine_list(context, as_json)


@quarantine.command("list")
def quarantine_list(context: typer.Context, as_json: AsJson = False) -> None:
    """List what could not be taken in."""
    columns = ("id", "path", "reason", "fix", "attempts")
    with opened(context) as system:
        show(system.quarantine(), as_json, columns=columns)


@quarantine.command("show")
def quarantine_show(context: typer.Context, entry: str, as_json: AsJson = False) -> None:
    """Show one entry in full, with its trace."""
    with opened(context) as system:
        show([system.quarantine_entry(entry)], as_json)


@quarantine.command("export")
def quarantine_export(context: typer.Context, entry: str, to: Path, as_json: AsJson = False) -> None:
    """Write the original bytes of one entry to a file."""
    with opened(context) as system:
        show([system.export(entry, to)], as_json)


@quarantine.command("replay")
def quarantine_replay(
    context: typer.Context,
    entries: Annotated[list[str] | None, typer.Argument()] = None,
    reason: Annotated[str | None, typer.Option(help="Only entries with these words in their reason.")] = None,
    layer: Annotated[str | None, typer.Option(help="Only entries that this layer refused.")] = None,
    ask_password: Annotated[bool, typer.Option("--ask-password", help="Ask for the password of locked files.")] = False,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read passwords from standard input, one a line.")
    ] = False,
    password: Annotated[
        list[str] | None, typer.Option(help="A password to try; other users of this machine may see it here.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Try entries again, under the settings as they are now (all entries, if none is chosen)."""
    passwords = [*(password or []), *([line.rstrip("\r\n") for line in sys.stdin] if password_stdin else [])]
    passwords += [typer.prompt("Password", hide_input=True, err=True)] if ask_password else []
    answers = ask(context, "replay", ids=entries or [], reason=reason, layer=layer, passwords=passwords)
    show_outcomes(answers, as_json, ("path", "outcome", "dataset", "rows", "reason"))


@quarantine.command("discard")
def quarantine_discard(
    context: typer.Context,
    entry: str,
    because: Annotated[str, typer.Option(help="Why; kept in the audit trail.")],
    as_json: AsJson = False,
) -> None:
    """Give an entry up, with a reason. Its bytes stay in the vault."""
    show(ask(context, "discard", id=entry, because=because), as_json)
