"""`penstock certs …`: parses, asks, prints."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from pipeline.cli_asking import AsJson, Rows, note, show

certs = typer.Typer(help="Run a private authority; show and check certificates.", invoke_without_command=True)

FINGERPRINT_CHARS = 16
Hosts = Annotated[list[str] | None, typer.Option("--host", help="A DNS name or an address; may be repeated.")]


@certs.callback()
def certs_default(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the certificates where no other command is given."""
    if context.invoked_subcommand is None:
        certs_show(context, as_json)


@certs.command("init")
def certs_init(context: typer.Context, host: Hosts = None, as_json: AsJson = False) -> None:
    """Make a private authority, and certificates for our own clients and the dashboard."""
    from pipeline.certificates import init

    _show(init(context.obj.settings(), host or []), as_json)
    if not as_json:
        authority = context.obj.settings().home / "certs" / "ca.pem"
        note(f"Have {authority} trusted by the browsers and servers that talk to this home.")


@certs.command("issue")
def certs_issue(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A name for the files, such as elasticsearch.")],
    host: Hosts = None,
    days: Annotated[int | None, typer.Option(min=1, max=398, help="How long it is valid; default 60.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and a certificate for a server, or for a client of one."""
    from pipeline.certificates import issue

    _show(issue(context.obj.settings(), name, host or [], days), as_json)


@certs.command("renew")
def certs_renew(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(help="Which; default those that are due.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    authority: Annotated[bool, typer.Option("--authority", help="The authority's own certificate.")] = False,
    as_json: AsJson = False,
) -> None:
    """Renew certificates of which less than a third of their time is left, or others."""
    from pipeline.certificates import renew

    _show(renew(context.obj.settings(), names or [], everything=everything, authority=authority), as_json)


@certs.command("show")
def certs_show(context: typer.Context, as_json: AsJson = False) -> None:
    """Show names, hosts, expiry and fingerprints; never a key."""
    from pipeline import certificates

    _show(certificates.show(context.obj.settings()), as_json)


@certs.command("check")
def certs_check(
    context: typer.Context,
    address: Annotated[str | None, typer.Argument(help="HOST:PORT of a server; default our own files.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check that our files can be used, or that a server and we accept each other."""
    from pipeline.certificates import check

    _show(check(context.obj.settings(), address), as_json)


def _show(rows: Rows, as_json: bool) -> None:
    if as_json:
        return show(rows, as_json)
    known = [_for_a_person(row) for row in rows]
    columns = ("name", "address", "protocol", "state", "hosts", "not_after", "issuer", "fingerprint")
    show(known, as_json, columns=tuple(name for name in columns if any(name in row for row in known)))
    return None


def _for_a_person(row: Mapping[str, Any]) -> dict[str, Any]:
    """One line on most screens: files and whole fingerprints are in the JSON."""
    shown = dict(row)
    if "hosts" in row:
        shown["hosts"] = ", ".join(row["hosts"])
        shown["not_after"] = row["not_after"][:10]
        shown["fingerprint"] = row["fingerprint"][:FINGERPRINT_CHARS] + "…"
    return shown
