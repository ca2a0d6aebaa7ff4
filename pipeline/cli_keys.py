"""`penstock keys …`: parses, asks, prints."""

import typer

from pipeline.cli_asking import AsJson, ask, opened, show

keys = typer.Typer(help="Show or rotate the keys.", invoke_without_command=True)


@keys.callback()
def keys_default(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the keys where no other command is given."""
    if context.invoked_subcommand is None:
        keys_show(context, as_json)


@keys.command("show")
def keys_show(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the identities and ages of the keys, never their material."""
    with opened(context) as system:
        show(system.keys(), as_json, columns=("key", "created_at", "state"))


@keys.command("rotate")
def keys_rotate(context: typer.Context, as_json: AsJson = False) -> None:
    """Make a new key the primary one and put every data key under it."""
    show(ask(context, "rotate_keys"), as_json)
