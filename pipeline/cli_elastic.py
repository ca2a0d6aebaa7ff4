"""`penstock elastic …`: parses, asks, prints."""

from dataclasses import replace
from typing import Annotated

import typer

from pipeline.cli_asking import AsJson, note, show

elastic = typer.Typer(help="Prepare an Elasticsearch cluster for the search index.", no_args_is_help=True)


@elastic.callback()
def elastic_group() -> None:
    """Keeps `setup` a command of its own while it is the only one."""


@elastic.command("setup")
def elastic_setup(
    context: typer.Context,
    url: Annotated[list[str] | None, typer.Option(help="A node; default elasticsearch.urls of the settings.")] = None,
    user: Annotated[str, typer.Option(help="Who may make API keys and roles.")] = "elastic",
    as_json: AsJson = False,
) -> None:
    """Make an API key for each component, with only what it needs; run again, it replaces them.

    The password of the user comes from PENSTOCK_ELASTICSEARCH_PASSWORD, or is asked for; it is kept nowhere.
    """
    from pipeline.elastic import setup

    settings = context.obj.settings()
    if url:
        settings = replace(settings, elasticsearch=replace(settings.elasticsearch, urls=tuple(url)))
    password = settings.elasticsearch.password or typer.prompt(f"Password of {user}", hide_input=True, err=True)
    rows = setup(settings, user, password)
    show(rows, as_json, columns=("component", "name", "id", "may", "replaced"))
    if not as_json and settings.storage.index != "elasticsearch":
        note('Now set index = "elasticsearch" under [storage], and run `penstock reindex`.')
