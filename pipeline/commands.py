"""What the writer of a home can be asked to do, by a command, a page or a script."""

import base64
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from core.errors import BusyError, NotFoundError, PenstockError, UsageError
from core.settings import Settings
from ingestion import Arrival, QuarantineEntry, Refusal
from pipeline import correcting, modelling
from pipeline.bootstrap import Parts
from pipeline.conversation import ask, is_answering
from pipeline.dropping import Drop
from pipeline.home import Home
from pipeline.interrupting import heed_interrupts
from pipeline.news import Inbox, Received
from pipeline.streaming import StreamedViews
from pipeline.waiting import Waiting, outcome
from pipeline.writer import Writer
from preparation import Box, Lane, Options, View
from processing import lake_frames

BUSY_SECONDS = 600.0
RETRY_SECONDS = 0.1
MAX_NAMED = 5

Answers = Iterator[dict[str, Any]]


def ask_writer(settings: Settings, command: str, arguments: Mapping[str, Any]) -> Answers:
    """Asks the running system of a home; where none runs, is that system for as long as the command takes.

    Raises:
        BusyError: If another command keeps the home for longer than ten minutes.
        PenstockError: Whatever the command raises.
    """
    home = Home(settings.home)
    deadline = time.monotonic() + BUSY_SECONDS
    while not is_answering(home.socket):
        try:
            writer = Writer(settings)
        except BusyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(RETRY_SECONDS)
            continue
        heed_interrupts()
        with writer:
            yield from obey(writer, command, arguments)
        return
    yield from ask(home.socket, Parts(settings).sealer, command, arguments)


def obey(writer: Writer, command: str, arguments: Mapping[str, Any]) -> Answers:
    """Does what is asked.

    Raises:
        UsageError: If there is no such command.
    """
    if command not in _COMMANDS:
        raise UsageError(f"There is no command {command!r}.", f"Choose one of {', '.join(sorted(_COMMANDS))}.")
    return _COMMANDS[command](writer, **arguments)


def drop(writer: Writer, paths: Sequence[tuple[str, str]], source: str, engine: str = "local") -> Answers:
    """Takes in files, folders and URLs; an answer for each when it is stored, searchable and in the views.

    Args:
        writer: The system.
        paths: As shown, and absolute.
        source: The name of the source, for the books.
        engine: Who opens them: ``local``, the workers of this machine, or ``spark``.

    Raises:
        PenstockError: Naming what could not be taken in.
    """
    unread: list[str] = []
    failed: list[PenstockError] = []

    def refuse(shown: str, refusal: Refusal) -> None:
        unread.append(f"{shown}: {refusal.reason} {refusal.fix}")

    def feed(inbox: Inbox) -> None:
        try:
            made = Drop(writer, source, refuse)
            for group in (made.take_by_spark if engine == "spark" else made.take)(paths):
                inbox.put(Received(tuple(group)))
                writer.wake_preparer(len(group))
        except PenstockError as error:  # told when what was taken in before has its fate
            failed.append(error)
        finally:
            inbox.put(None)

    yield from _outcomes(writer, feed)
    if failed:
        raise failed[0]
    if unread:
        raise PenstockError(
            f"{len(unread)} paths could not be taken in; the others were. {' '.join(unread[:MAX_NAMED])}",
        )


def replay(
    writer: Writer,
    ids: Sequence[str],
    reason: str | None = None,
    layer: str | None = None,
    passwords: Sequence[str] = (),
) -> Answers:
    """Tries quarantined blobs again, under the settings as they are now.

    Args:
        writer: The system.
        ids: The entries; none means all that are open.
        reason: Only those with these words in their reason.
        layer: Only those that this layer refused.
        passwords: Tried on what is encrypted; kept nowhere.

    Raises:
        NotFoundError: If an entry is unknown, or none is as described.
    """
    writer.read_settings_again()
    entries = _entries(writer, ids, reason, layer)
    if not entries and (ids or reason or layer):
        raise NotFoundError("No entry of the quarantine is as described.", "See `penstock quarantine list`.")

    def feed(inbox: Inbox) -> None:
        try:
            arrivals = [writer.ledger.replay(entry.id) for entry in entries]
            for arrival in arrivals:
                writer.parts.audit.record("replay", arrival.blob, arrival.path)
            inbox.put(Received(tuple(arrivals)))
            writer.wake_preparer(len(arrivals))
        finally:
            inbox.put(None)

    with writer.passwords.given([entry.arrival for entry in entries], passwords):
        yield from _outcomes(writer, feed)


def _entries(writer: Writer, ids: Sequence[str], reason: str | None, layer: str | None) -> list[QuarantineEntry]:
    ledger = writer.ledger
    asked = [ledger.quarantine_entry(each) for each in ids]  # an unknown one is said before any is replayed
    chosen = asked if ids else [entry for entry in ledger.quarantine() if entry.state == "open"]
    return [
        entry
        for entry in chosen
        if (reason or "").casefold() in entry.reason.casefold() and layer in {None, "", entry.layer}
    ]


def discard(writer: Writer, id: str, because: str) -> Answers:
    """Gives a quarantine entry up, for a reason."""
    if not because.strip():
        raise UsageError("A discard needs a reason.", "Give it by --because.")
    writer.ledger.discard(id, because)
    entry = writer.ledger.quarantine_entry(id)
    writer.parts.audit.record("discard", entry.blob, because)
    yield entry.as_dict()


def reindex(writer: Writer, dataset: str | None) -> Answers:
    """Builds the index of one dataset, or of all, anew."""
    lake, index = writer.parts.lake, writer.parts.index
    known = lake.names()
    if dataset and dataset not in known:
        raise NotFoundError(f"The lake has no {dataset}.", f"It has {', '.join(known) or 'nothing yet'}.")
    for name in [dataset] if dataset else known:
        started = time.monotonic()
        with writer.index.paused():
            version = lake.version(name)
            documents = index.rebuild(writer.catalog().dataset(name), lake_frames(lake, name, version), version)
        yield {"dataset": name, "documents": documents, "seconds": round(time.monotonic() - started, 3)}


def rebuild_views(writer: Writer, name: str | None, engine: str = "local") -> Answers:
    """Replays the lake's versions through one view, or all, beside the live one, and swaps it in."""
    parts, views = writer.parts, writer.parts.views
    compute = parts.replay_on_spark() if engine == "spark" else None
    visited = parts.session_views.dataset_of(name) if name else None
    if name and visited:
        yield {"view": name, "version": parts.session_store.rebuild(visited, parts.lake)}
        return
    for view in [views.view(each) for each in ([name] if name else views.names())]:
        dataset = writer.catalog().dataset(view.dataset)
        yield {"view": view.name, "version": parts.view_store.rebuild(view, dataset, parts.lake, compute)}


def rotate_keys(writer: Writer) -> Answers:
    """Makes a new primary key and puts every data key, every secret and the authority's key under it."""
    writer.parts.keyring.rotate()
    rewrapped = writer.parts.vault.rewrap()
    writer.parts.secrets.reseal()
    writer.parts.authority.reseal()
    keys = writer.parts.keyring.describe()
    writer.parts.audit.record("rotate keys", keys[0]["key"], f"{rewrapped} data keys rewrapped")
    yield from keys


def train(writer: Writer, model: str | None) -> Answers:
    """Trains one model, or all, on what the lake has, and applies it."""
    for name in [model] if model else writer.parts.model_store.names():
        yield modelling.train(writer.parts, name)


def score(writer: Writer, model: str) -> Answers:
    """Applies a model to all rows; an answer for each, in the model's own order."""
    yield from modelling.score(writer.parts, model).iter_rows(named=True)


def _outcomes(writer: Writer, feed: Callable[[Inbox], None]) -> Answers:
    """Feeds arrivals from a thread of its own, so that the first are answered while the last are being read."""
    with writer.news.listening() as inbox:
        feeder = threading.Thread(target=feed, args=(inbox,), name="feeder", daemon=True)
        feeder.start()
        arrivals: Iterable[Arrival] = Waiting(inbox, writer.marks).finished()
        for arrival in arrivals:
            yield outcome(arrival)
        feeder.join()


def picture(  # noqa: PLR0913 - all that says what is to be seen
    writer: Writer, *, blob: str, page: int, at: float, side: int, marks: Sequence[Sequence[float]]
) -> Answers:
    """A small JPEG of a picture, a page of a PDF or a moment of a film; the look is audited.

    Raises:
        NotFoundError: If the vault has no such blob, or there is no picture of it.
    """
    options = Options(view=View(page, at, side, tuple(Box(*edges) for edges in marks)))
    pieces = writer.parts.vault.read(blob)
    writer.parts.audit.record("looked at", blob)
    drawn = writer.parts.pool.prepare(pieces, name="", sha256=blob, options=options, lane=Lane.LIGHT)
    if drawn.fault:
        raise NotFoundError(drawn.fault.reason, drawn.fault.fix)
    yield {"jpeg": base64.b64encode(drawn.children[0].content).decode("ascii")}


def columns(writer: Writer, blob: str, name: str) -> Answers:
    """What became of the columns of a blob's tables, looked at anew; the look is audited.

    Raises:
        NotFoundError: If the vault has no such blob, or it cannot be opened any more.
    """
    pieces = writer.parts.vault.read(blob)
    writer.parts.audit.record("looked at", blob)
    yield from correcting.columns_of(writer.parts.pool.prepare(pieces, name=name, sha256=blob))


def correct(writer: Writer, dataset: str, headers: Sequence[str], columns: Mapping[str, str], name: str) -> Answers:
    """Remembers what tables with these headers are; files from the next one on are taken so."""
    correction = correcting.remembered(writer.parts, dataset, headers, columns, name)
    writer.parts.audit.record("correct", correction["id"], f"{name} is {dataset}")
    yield correction


def streams(writer: Writer) -> Answers:
    """How each streaming query goes; none where nothing is streamed."""
    followed = [writer.views.progress()] if isinstance(writer.views, StreamedViews) else []
    events = [writer.events.progress()] if writer.events else []
    models = [each.progress() for each in writer.streamed]
    yield from (dict(told) for told in (*followed, *models, *events) if told)


_COMMANDS: dict[str, Callable[..., Answers]] = {
    "drop": drop,
    "replay": replay,
    "discard": discard,
    "reindex": reindex,
    "rebuild_views": rebuild_views,
    "rotate_keys": rotate_keys,
    "train": train,
    "score": score,
    "picture": picture,
    "columns": columns,
    "correct": correct,
    "streams": streams,
}
