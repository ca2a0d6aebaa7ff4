"""The command line: parses, asks the system, prints. Imports no driver before a command needs one."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from core.errors import PenstockError, UsageError
from pipeline.cli_asking import AsJson, Invocation, ask, note, opened, show, show_outcomes, with_bar
from pipeline.cli_certs import certs
from pipeline.cli_corrections import correct, corrections
from pipeline.cli_elastic import elastic
from pipeline.cli_keys import keys
from pipeline.cli_kibana import kibana
from pipeline.cli_quarantine import quarantine

FAILED = 1
MISUSED = 2
QUARANTINED = 3
INTERRUPTED = 130

app = typer.Typer(
    name="penstock",
    help="Drop files of any kind; find them classified, sealed, searchable and on a dashboard.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Strict = Annotated[bool, typer.Option("--strict", help="End with status 3 where something was quarantined.")]
ENGINES = ("local", "spark")
EngineName = Annotated[str, typer.Option("--engine", help="local or spark.")]


@app.callback()
def penstock(
    context: typer.Context,
    home: Annotated[Path | None, typer.Option(help="The folder that holds all state. Default: ./data.")] = None,
    config: Annotated[Path | None, typer.Option(help="A settings file instead of penstock.toml.")] = None,
    debug: Annotated[bool, typer.Option(help="Show the traceback of a failure.")] = False,  # noqa: ARG001  # read in main
) -> None:
    """Every dropped byte is accounted for."""
    context.obj = Invocation(home, config)


@app.command()
def run(
    context: typer.Context,
    dashboard: Annotated[bool, typer.Option(help="Start the dashboard too.")] = True,
    port: Annotated[int | None, typer.Option(help="The dashboard's port; 0 takes a free one.")] = None,
    as_json: AsJson = False,
) -> None:
    """Run the whole system until Ctrl-C: watch the inbox, prepare, store, index, show."""
    from pipeline.running import run_system

    settings = context.obj.settings()
    if port is not None:
        settings = replace(settings, visualization=replace(settings.visualization, port=port))
    show(run_system(settings, with_dashboard=dashboard), as_json, _say_event)


@app.command()
def drop(
    context: typer.Context,
    paths: Annotated[list[str], typer.Argument(help="Files, folders and URLs (s3://…, hdfs://…) to take in.")],
    source: Annotated[str, typer.Option(help="The name of the source, for the books.")] = "drop",
    engine: Annotated[str, typer.Option(help="Who opens them: local, or spark.")] = "local",
    strict: Strict = False,
    as_json: AsJson = False,
) -> None:
    """Take in files and folders; wait until each is stored, searchable and in the views."""
    _must_exist(Path(path) for path in paths if "://" not in path)
    if engine not in ENGINES:
        raise UsageError(f"There is no engine {engine!r}.", f"Choose one of {', '.join(ENGINES)}.")
    given = [[path if "://" in path else str(Path(path)), str(Path(path).absolute())] for path in paths]
    answers = ask(context, "drop", paths=given, source=source, engine=engine)
    columns = ("path", "outcome", "dataset", "media_type", "rows", "rejected_rows", "reason")
    outcomes = show_outcomes(answers, as_json, columns)
    if strict and "quarantined" in outcomes:
        raise typer.Exit(QUARANTINED)


@app.command()
def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the books: what was received and what became of it, over all time."""
    with opened(context) as system:
        books = system.books()
    if as_json:
        return show([books], as_json)
    totals = {key: value for key, value in books.items() if key != "datasets"}
    show([totals], as_json)
    show(({"dataset": name, **counts} for name, counts in books["datasets"].items()), as_json)
    return None


@app.command()
def trace(context: typer.Context, path_or_blob: str, as_json: AsJson = False) -> None:
    """Show everything that happened to one file, step by step."""
    with opened(context) as system:
        show(system.trace(path_or_blob), as_json, columns=("at", "layer", "step", "detail", "seconds"))


@app.command()
def classify(context: typer.Context, paths: list[Path], as_json: AsJson = False) -> None:
    """Say what each file is and why; store nothing."""
    _must_exist(paths)
    from pipeline.inspecting import classify_files

    found = with_bar(classify_files(context.obj.settings(), paths), as_json)
    if as_json:
        return show(found, as_json)
    files = list(found)
    show(files, as_json, columns=("path", "media_type", "dataset", "confidence", "why"))
    if len(files) == 1 and files[0].get("columns"):
        show(files[0]["columns"], as_json)
    return None


@app.command()
def extract(context: typer.Context, paths: list[Path], as_json: AsJson = False) -> None:
    """Show what preparation gets out of each file; store nothing."""
    _must_exist(paths)
    from pipeline.inspecting import extract_files

    columns = ("path", "media_type", "dataset", "outcome", "rows", "rejected_rows", "pages", "language", "text")
    show(with_bar(extract_files(context.obj.settings(), paths), as_json), as_json, columns=columns)


@app.command()
def search(
    context: typer.Context,
    words: Annotated[list[str] | None, typer.Argument(help="What to search for; none finds everything.")] = None,
    dataset: Annotated[str | None, typer.Option(help="Only in this dataset.")] = None,
    where: Annotated[list[str] | None, typer.Option(help="COLUMN=VALUE, or COLUMN=FROM..TO; may be repeated.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many hits.")] = 20,
    every: Annotated[bool, typer.Option("--all", help="Every hit, however many, in no order.")] = False,
    as_json: AsJson = False,
) -> None:
    """Search all that is stored, by words and by columns."""
    conditions = dict(_condition(text) for text in where or [])
    columns = ("score", "dataset", "path", "snippet", "record")
    if every:
        with opened(context) as system:
            hits = system.walk(" ".join(words or []), dataset=dataset, where=conditions)
            return show(with_bar(hits, as_json), as_json, columns=columns)
    with opened(context) as system:
        answer = system.search(" ".join(words or []), dataset=dataset, where=conditions, limit=limit)
    show(answer["hits"], as_json, columns=columns)
    if not as_json:
        note(f"{len(answer['hits'])} of {answer['total']:,} hits")
    return None


@app.command()
def query(context: typer.Context, sql: str, engine: EngineName = "local", as_json: AsJson = False) -> None:
    """Answer SQL over the lake; each dataset is a table."""
    with opened(context) as system:
        show(system.query(sql, engine=engine).iter_rows(named=True), as_json)


@app.command()
def alike(
    context: typer.Context,
    within: Annotated[int, typer.Option(min=0, max=32, help="Of 64 bits, at most so many may differ.")] = 6,
    as_json: AsJson = False,
) -> None:
    """List the pairs of stored pictures that look alike: resized, recompressed, slightly mended copies."""
    from pipeline.looking_alike import pairs_alike

    with opened(context) as system:
        show(pairs_alike(system, within), as_json, columns=("distance", "path", "other_path"))


@app.command()
def datasets(
    context: typer.Context, name: Annotated[str | None, typer.Argument()] = None, as_json: AsJson = False
) -> None:
    """List the datasets known, or show one in full."""
    with opened(context) as system:
        described = system.describe_datasets(name)
    if as_json or name is None:
        rows = described if as_json else [{**row, "columns": len(row["columns"])} for row in described]
        return show(rows, as_json, columns=("dataset", "columns", "description"))
    note(f"{name}: {described[0]['description']}")
    show(described[0]["columns"], as_json)
    return None


@app.command()
def views(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument()] = None,
    engine: EngineName = "local",
    version: Annotated[int | None, typer.Option(help="As of this version of the lake; default the newest.")] = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Compute it anew from the whole lake first.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the views, or show one's rows."""
    if rebuild:
        for answer in ask(context, "rebuild_views", name=name, engine=engine):
            note(f"{answer['view']} rebuilt at version {answer['version']}")
    with opened(context) as system:
        if name is None:
            columns = ("view", "dataset", "description", "version", "rows")
            return show(system.view_list(), as_json, columns=columns)
        show(system.view_rows(name, engine=engine, version=version).iter_rows(named=True), as_json)
    return None


@app.command()
def models(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument()] = None,
    action: Annotated[str | None, typer.Argument(help="train, score or explain.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the models, or train, apply or explain one."""
    if action in {"train", "score"}:
        return show(ask(context, action, model=name), as_json)
    if action not in {None, "explain"}:
        raise UsageError(f"{action!r} is nothing a model can do.", "Choose train, score or explain.")
    with opened(context) as system:
        if action == "explain" and name:
            return show(system.explain(name).iter_rows(named=True), as_json)
        show([row for row in system.model_list() if name in {None, row["model"]}], as_json)
    return None


@app.command()
def reindex(
    context: typer.Context,
    dataset: Annotated[str | None, typer.Option(help="Only this dataset.")] = None,
    as_json: AsJson = False,
) -> None:
    """Build the search index anew from the lake and swap it in."""
    show(ask(context, "reindex", dataset=dataset), as_json)


@app.command()
def verify(context: typer.Context, as_json: AsJson = False) -> None:
    """Check every promise: books, vault, lake, index, views, audit trail."""
    with opened(context) as system:
        checks = list(with_bar(system.verify(), as_json))
    show(checks, as_json)
    if not all(check["ok"] for check in checks):
        raise typer.Exit(FAILED)


app.command()(correct)
app.add_typer(corrections, name="corrections")
app.add_typer(quarantine, name="quarantine")
app.add_typer(keys, name="keys")
app.add_typer(certs, name="certs")
app.add_typer(elastic, name="elastic")
app.add_typer(kibana, name="kibana")


@app.command()
def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Say what this machine has and lacks for each capability."""
    from pipeline.doctoring import examine

    show(examine(context.obj.settings()), as_json)


@app.command()
def samples(folder: Path, as_json: AsJson = False) -> None:
    """Write the bundled sample files into a folder."""
    from pipeline.sample_files import write_samples

    show(({"path": str(path), "dataset": dataset} for path, dataset in write_samples(folder)), as_json)


def main() -> None:
    """The console script: runs a command and turns its errors into one sentence and a status."""
    try:
        app()
    except UsageError as error:
        _fail(error, MISUSED)
    except PenstockError as error:
        _fail(error, FAILED)
    except KeyboardInterrupt:
        note("penstock: Interrupted. What was received is safe; see `penstock status`.")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output went away; Python would complain while it flushes
        sys.exit(FAILED)


def _fail(error: PenstockError, status_code: int) -> None:
    if "--debug" in sys.argv:
        raise error
    note(f"penstock: {error}")
    sys.exit(status_code)


def _must_exist(paths: Iterable[Path]) -> None:
    for path in paths:
        if not path.exists():
            raise PenstockError(f"There is no file or folder {path}.", "Check the path.")


def _condition(text: str) -> tuple[str, str]:
    column, equals, value = text.partition("=")
    if not equals or not column.strip():
        raise UsageError(f"--where {text!r} is not COLUMN=VALUE.", "Write it as, say, --where state=OH.")
    return column.strip(), value.strip()


def _say_event(event: Mapping[str, Any]) -> None:
    details = " ".join(f"{key}={value}" for key, value in event.items() if key not in {"event", "at", "say"})
    typer.echo(event.get("say") or f"{event['at']} {event['event']} {details}")


if __name__ == "__main__":
    main()
