"""`penstock kibana …`: parses, asks, prints."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli_asking import AsJson, show

kibana = typer.Typer(help="Show what is published in Kibana: data views, panels, dashboards.", no_args_is_help=True)


@kibana.command("export")
def kibana_export(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Where the files are written; made if need be.")],
    as_json: AsJson = False,
) -> None:
    """Write files that Kibana imports: one of all dashboards, and one of each by itself."""
    from pipeline.kibana import export

    show(export(context.obj.settings(), folder), as_json)


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

    show(install(context.obj.settings(), url), as_json)
