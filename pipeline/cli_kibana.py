"""`penstock kibana …`: parses, asks, prints."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

kibana = typer.Typer(help="Show what is published in Kibana: data views, panels, dashboards.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]


@kibana.command("export")
def kibana_export(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Where the files are written; made if need be.")],
    as_json: AsJson = False,
) -> None:
    """Write files that Kibana imports: one of all dashboards, and one of each by itself."""
    from pipeline.kibana import export

    _show(export(context.obj.settings(), folder), as_json)


@kibana.command("install")
def kibana_install(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="Where Kibana is: https://host:5601.")],
    as_json: AsJson = False,
) -> None:
    """Import all dashboards into a Kibana, over those of an earlier import.

    Who asks comes from PENSTOCK_KIBANA_API_KEY, or PENSTOCK_KIBANA_USERNAME and PENSTOCK_KIBANA_PASSWORD.
    """
    from pipeline.kibana import install

    _show(install(context.obj.settings(), url), as_json)


def _show(rows: Iterable[Mapping[str, Any]], as_json: bool) -> None:
    from pipeline.printing import print_json, print_table

    if as_json:
        print_json(rows)
    else:
        print_table(rows, ())
