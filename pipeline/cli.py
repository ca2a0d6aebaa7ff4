"""The command line: parses, asks the system, prints. Imports no driver before a command needs one."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.errors import PenstockError, UsageError
from core.settings import Settings, load_settings
from pipeline.cli_certs import certs
from pipeline.cli_corrections import correct, corrections
from pipeline.cli_elastic import elastic
from pipeline.cli_kibana import kibana

if TYPE_CHECKING:
    from pipeline.system import System

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

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]
Strict = Annotated[bool, typer.Option("--strict", help="End with status 3 where something was quarantined.")]
EngineName = Annotated[str, typer.Option("--engine", help="local or spark.")]
Rows = Iterable[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Invocation:
    """What was given before the command."""

    home: Path | None
    config: Path | None

    def settings(self) -> Settings:
        """The settings that this invocation runs under."""
        return load_settings(self.home, self.config)


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
    _show(run_system(settings, with_dashboard=dashboard), as_json, _say_event)


@app.command()
def drop(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Files and folders to take in.")],
    source: Annotated[str, typer.Option(help="The name of the source, for the books.")] = "drop",
    strict: Strict = False,
    as_json: AsJson = False,
) -> None:
    """Take in files and folders; wait until each is stored, searchable and in the views."""
    _must_exist(paths)
    given = [[str(path), str(path.absolute())] for path in paths]
    answers = _ask(context, "drop", paths=given, source=source)
    columns = ("path", "outcome", "dataset", "media_type", "rows", "rejected_rows", "reason")
    outcomes = _show_outcomes(answers, as_json, columns)
    if strict and "quarantined" in outcomes:
        raise typer.Exit(QUARANTINED)


@app.command()
def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the books: what was received and what became of it, over all time."""
    with _system(context) as system:
        books = system.books()
    if as_json:
        return _show([books], as_json)
    totals = {key: value for key, value in books.items() if key != "datasets"}
    _show([totals], as_json)
    _show(({"dataset": name, **counts} for name, counts in books["datasets"].items()), as_json)
    return None


@app.command()
def trace(context: typer.Context, path_or_blob: str, as_json: AsJson = False) -> None:
    """Show everything that happened to one file, step by step."""
    with _system(context) as system:
        _show(system.trace(path_or_blob), as_json, columns=("at", "layer", "step", "detail", "seconds"))


@app.command()
def classify(context: typer.Context, paths: list[Path], as_json: AsJson = False) -> None:
    """Say what each file is and why; store nothing."""
    _must_exist(paths)
    from pipeline.inspecting import classify_files

    found = _with_bar(classify_files(context.obj.settings(), paths), as_json)
    if as_json:
        return _show(found, as_json)
    files = list(found)
    _show(files, as_json, columns=("path", "media_type", "dataset", "confidence", "why"))
    if len(files) == 1 and files[0].get("columns"):
        _show(files[0]["columns"], as_json)
    return None


@app.command()
def extract(context: typer.Context, paths: list[Path], as_json: AsJson = False) -> None:
    """Show what preparation gets out of each file; store nothing."""
    _must_exist(paths)
    from pipeline.inspecting import extract_files

    columns = ("path", "media_type", "dataset", "outcome", "rows", "rejected_rows", "pages", "language", "text")
    _show(_with_bar(extract_files(context.obj.settings(), paths), as_json), as_json, columns=columns)


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
        with _system(context) as system:
            hits = system.walk(" ".join(words or []), dataset=dataset, where=conditions)
            return _show(_with_bar(hits, as_json), as_json, columns=columns)
    with _system(context) as system:
        answer = system.search(" ".join(words or []), dataset=dataset, where=conditions, limit=limit)
    _show(answer["hits"], as_json, columns=columns)
    if not as_json:
        _note(f"{len(answer['hits'])} of {answer['total']:,} hits")
    return None


@app.command()
def query(context: typer.Context, sql: str, engine: EngineName = "local", as_json: AsJson = False) -> None:
    """Answer SQL over the lake; each dataset is a table."""
    with _system(context) as system:
        _show(system.query(sql, engine=engine).iter_rows(named=True), as_json)


@app.command()
def alike(
    context: typer.Context,
    within: Annotated[int, typer.Option(min=0, max=32, help="Of 64 bits, at most so many may differ.")] = 6,
    as_json: AsJson = False,
) -> None:
    """List the pairs of stored pictures that look alike: resized, recompressed, slightly mended copies."""
    from pipeline.looking_alike import pairs_alike

    with _system(context) as system:
        _show(pairs_alike(system, within), as_json, columns=("distance", "path", "other_path"))


@app.command()
def datasets(
    context: typer.Context, name: Annotated[str | None, typer.Argument()] = None, as_json: AsJson = False
) -> None:
    """List the datasets known, or show one in full."""
    with _system(context) as system:
        described = system.describe_datasets(name)
    if as_json or name is None:
        rows = described if as_json else [{**row, "columns": len(row["columns"])} for row in described]
        return _show(rows, as_json, columns=("dataset", "columns", "description"))
    _note(f"{name}: {described[0]['description']}")
    _show(described[0]["columns"], as_json)
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
        for answer in _ask(context, "rebuild_views", name=name, engine=engine):
            _note(f"{answer['view']} rebuilt at version {answer['version']}")
    with _system(context) as system:
        if name is None:
            columns = ("view", "dataset", "description", "version", "rows")
            return _show(system.view_list(), as_json, columns=columns)
        _show(system.view_rows(name, engine=engine, version=version).iter_rows(named=True), as_json)
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
        return _show(_ask(context, action, model=name), as_json)
    if action not in {None, "explain"}:
        raise UsageError(f"{action!r} is nothing a model can do.", "Choose train, score or explain.")
    with _system(context) as system:
        if action == "explain" and name:
            return _show(system.explain(name).iter_rows(named=True), as_json)
        _show([row for row in system.model_list() if name in {None, row["model"]}], as_json)
    return None


quarantine = typer.Typer(help="See, replay or discard what could not be taken in.", invoke_without_command=True)
app.add_typer(quarantine, name="quarantine")


@quarantine.callback()
def quarantine_default(context: typer.Context, as_json: AsJson = False) -> None:
    """List the quarantine where no other command is given."""
    if context.invoked_subcommand is None:
        quarantine_list(context, as_json)


@quarantine.command("list")
def quarantine_list(context: typer.Context, as_json: AsJson = False) -> None:
    """List what could not be taken in."""
    columns = ("id", "path", "reason", "fix", "attempts")
    with _system(context) as system:
        _show(system.quarantine(), as_json, columns=columns)


@quarantine.command("show")
def quarantine_show(context: typer.Context, entry: str, as_json: AsJson = False) -> None:
    """Show one entry in full, with its trace."""
    with _system(context) as system:
        _show([system.quarantine_entry(entry)], as_json)


@quarantine.command("export")
def quarantine_export(context: typer.Context, entry: str, to: Path, as_json: AsJson = False) -> None:
    """Write the original bytes of one entry to a file."""
    with _system(context) as system:
        _show([system.export(entry, to)], as_json)


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
    answers = _ask(context, "replay", ids=entries or [], reason=reason, layer=layer, passwords=passwords)
    _show_outcomes(answers, as_json, ("path", "outcome", "dataset", "rows", "reason"))


@quarantine.command("discard")
def quarantine_discard(
    context: typer.Context,
    entry: str,
    because: Annotated[str, typer.Option(help="Why; kept in the audit trail.")],
    as_json: AsJson = False,
) -> None:
    """Give an entry up, with a reason. Its bytes stay in the vault."""
    _show(_ask(context, "discard", id=entry, because=because), as_json)


@app.command()
def reindex(
    context: typer.Context,
    dataset: Annotated[str | None, typer.Option(help="Only this dataset.")] = None,
    as_json: AsJson = False,
) -> None:
    """Build the search index anew from the lake and swap it in."""
    _show(_ask(context, "reindex", dataset=dataset), as_json)


@app.command()
def verify(context: typer.Context, as_json: AsJson = False) -> None:
    """Check every promise: books, vault, lake, index, views, audit trail."""
    with _system(context) as system:
        checks = list(_with_bar(system.verify(), as_json))
    _show(checks, as_json)
    if not all(check["ok"] for check in checks):
        raise typer.Exit(FAILED)


keys = typer.Typer(help="Show or rotate the keys.", invoke_without_command=True)
app.add_typer(keys, name="keys")


@keys.callback()
def keys_default(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the keys where no other command is given."""
    if context.invoked_subcommand is None:
        keys_show(context, as_json)


@keys.command("show")
def keys_show(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the identities and ages of the keys, never their material."""
    with _system(context) as system:
        _show(system.keys(), as_json, columns=("key", "created_at", "state"))


@keys.command("rotate")
def keys_rotate(context: typer.Context, as_json: AsJson = False) -> None:
    """Make a new key the primary one and put every data key under it."""
    _show(_ask(context, "rotate_keys"), as_json)


app.command()(correct)
app.add_typer(corrections, name="corrections")
app.add_typer(certs, name="certs")
app.add_typer(elastic, name="elastic")
app.add_typer(kibana, name="kibana")


@app.command()
def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Say what this machine has and lacks for each capability."""
    from pipeline.doctoring import examine

    _show(examine(context.obj.settings()), as_json)


@app.command()
def samples(folder: Path, as_json: AsJson = False) -> None:
    """Write the bundled sample files into a folder."""
    from pipeline.sample_files import write_samples

    _show(({"path": str(path), "dataset": dataset} for path, dataset in write_samples(folder)), as_json)


def main() -> None:
    """The console script: runs a command and turns its errors into one sentence and a status."""
    try:
        app()
    except UsageError as error:
        _fail(error, MISUSED)
    except PenstockError as error:
        _fail(error, FAILED)
    except KeyboardInterrupt:
        _note("penstock: Interrupted. What was received is safe; see `penstock status`.")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output went away; Python would complain while it flushes
        sys.exit(FAILED)


def _fail(error: PenstockError, status_code: int) -> None:
    if "--debug" in sys.argv:
        raise error
    _note(f"penstock: {error}")
    sys.exit(status_code)


@contextmanager
def _system(context: typer.Context) -> "Iterator[System]":
    from pipeline.system import open_system

    system = open_system(context.obj.settings())
    try:
        yield system
    finally:
        system.close()


def _ask(context: typer.Context, command: str, **arguments: Any) -> Iterator[dict[str, Any]]:
    """The answers of the running system, or of one that lives as long as this command."""
    from pipeline.commands import ask_writer

    return ask_writer(context.obj.settings(), command, arguments)


def _must_exist(paths: Iterable[Path]) -> None:
    for path in paths:
        if not path.exists():
            raise PenstockError(f"There is no file or folder {path}.", "Check the path.")


def _condition(text: str) -> tuple[str, str]:
    column, equals, value = text.partition("=")
    if not equals or not column.strip():
        raise UsageError(f"--where {text!r} is not COLUMN=VALUE.", "Write it as, say, --where state=OH.")
    return column.strip(), value.strip()


def _show(
    rows: Rows,
    as_json: bool,
    say: Callable[[Mapping[str, Any]], None] | None = None,
    *,
    columns: tuple[str, ...] = (),
) -> None:
    from pipeline.printing import print_json, print_table

    if as_json:
        print_json(rows)
    elif say:
        for row in rows:
            say(row)
    else:
        print_table(rows, columns)


def _show_outcomes(rows: Rows, as_json: bool, columns: tuple[str, ...]) -> set[str]:
    """Shows what became of files; the outcomes that occurred."""
    outcomes: set[str] = set()

    def noted() -> Iterator[Mapping[str, Any]]:
        for row in _with_bar(rows, as_json):
            outcomes.add(row["outcome"])
            yield row

    _show(noted(), as_json, columns=columns)
    return outcomes


def _with_bar(rows: Rows, as_json: bool) -> Rows:
    """The rows, counted on standard error while they come, where a person watches and it takes a while."""
    from pipeline.progress import counted

    return rows if as_json and not sys.stderr.isatty() else counted(rows)


def _say_event(event: Mapping[str, Any]) -> None:
    details = " ".join(f"{key}={value}" for key, value in event.items() if key not in {"event", "at", "say"})
    typer.echo(event.get("say") or f"{event['at']} {event['event']} {details}")


def _note(text: str) -> None:
    typer.echo(text, err=True)


if __name__ == "__main__":
    main()
