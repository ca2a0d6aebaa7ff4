"""`penstock run`: the whole system in the foreground until it is told to stop."""

import os
import subprocess
import sys
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

from core.errors import EngineError, PenstockError, TamperedError
from core.settings import Settings, environment_of
from ingestion import Arrival, FolderSource, Refusal, utc_now
from pipeline import modelling
from pipeline.commands import obey
from pipeline.conversation import Listener
from pipeline.intake import File
from pipeline.interrupting import heed_interrupts, next_of
from pipeline.memory import hold_together
from pipeline.news import Progress, Settled, Trouble
from pipeline.serving import keep_certificates
from pipeline.waiting import outcome
from pipeline.writer import Writer

TEND_SECONDS = 20.0
COMPACT_TURNS = 15
RENEW_TURNS = 180  # an hour
STOP_SECONDS = 10.0


def run_system(settings: Settings, *, with_dashboard: bool) -> Iterator[dict[str, Any]]:
    """Runs a home until Ctrl-C or SIGTERM; gives an event for all that happens.

    Raises:
        BusyError: If another process writes the home.
    """
    hold_together()
    heed_interrupts()
    try:
        with ExitStack() as stack:
            writer = stack.enter_context(Writer(settings))
            heard = stack.enter_context(writer.news.listening())
            listener = _listener(writer)
            stack.callback(listener.close)
            listener.start()
            inbox = _Inbox(writer)
            stack.callback(inbox.stop)
            inbox.start()
            writer.follow_events()
            keep_certificates(writer.parts)
            address = stack.enter_context(_Dashboard(settings)) if with_dashboard else None
            yield _started(writer, address)
            while item := next_of(heard):
                match item:
                    case Settled(arrivals):
                        for arrival in arrivals:
                            yield _event(arrival.state.value, **outcome(arrival), say=_said(arrival))
                    case Trouble(what):
                        yield _event("trouble", what=what)
                    case Progress(figures):
                        yield _event("progress", **figures, say=_told(figures))
    except KeyboardInterrupt:
        yield _event("stopped", say="Stopped. Nothing is lost: `penstock run` goes on where it was.")


def _listener(writer: Writer) -> Listener:
    """Answers commands and pages; what is no message of theirs is told and audited."""

    def refuse(error: TamperedError) -> None:
        writer.parts.audit.record("refuse message", "socket", error.reason)
        writer.news.tell(Trouble(f"The local socket: {error}"))

    return Listener(
        writer.parts.home.socket, lambda command, given: obey(writer, command, given), writer.parts.sealer, refuse
    )


class _Dashboard:
    """The dashboard's process; a context manager. It imports us, so it is started, not imported."""

    def __init__(self, settings: Settings) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "visualization"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | environment_of(settings),
            start_new_session=True,  # Ctrl-C is for us; we tell it
        )

    def __enter__(self) -> str:
        """Waits until it answers; its address.

        Raises:
            EngineError: In its own words, if it does not start.
        """
        stdout, stderr = self._process.stdout, self._process.stderr
        address = stdout.readline().strip() if stdout else ""
        if not address:
            told = stderr.read().strip() if stderr else ""
            self.__exit__()
            raise EngineError(f"The dashboard did not start. {told}", "Or run without it: --no-dashboard.")
        return address

    def __exit__(self, *_: object) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for stream in (self._process.stdout, self._process.stderr):
            if stream:
                stream.close()


def _started(writer: Writer, address: str | None) -> dict[str, Any]:
    inbox = writer.parts.home.inbox
    lines = [f"Drop files in  {inbox}"]
    lines += [f"Dashboard      {address}"] if address else []
    return _event("started", inbox=str(inbox), dashboard=address, say="\n".join([*lines, "Stop with Ctrl-C."]))


def _said(arrival: Arrival) -> str:
    """One line for a person: when, what became of which file, and as what or why."""
    told = arrival.reason or f"{arrival.dataset}, {arrival.rows:,} rows"
    return f"{(arrival.finished_at or '')[11:19]}  {arrival.state.value:<11}  {arrival.path}  {told}"


def _told(figures: Mapping[str, Any]) -> str:
    """One line for a person: how the stream goes."""
    pace, lag = figures.get("processed_rows_per_second", 0.0), figures.get("lag", 0)
    return f"{utc_now()[11:19]}  {'events':<11}  {figures['events']:,} read, {pace:,.0f}/s, {lag:,} wait in the topics"


def _event(event: str, **details: Any) -> dict[str, Any]:
    return {"event": event, "at": utc_now(), **details}


class _Inbox:
    """Takes in what is dropped into the inbox, and tends the lake in quiet moments."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._stopping = threading.Event()
        self._source = FolderSource(
            writer.parts.home.inbox,
            writer.parts.settings.ingestion,
            known=writer.ledger.known_files(),
            datasets=_DatasetNames(writer),
            refuse=self._refuse,
        )
        self._threads = [
            threading.Thread(target=self._watch, name="inbox", daemon=True),
            threading.Thread(target=self._tend, name="tender", daemon=True),
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _watch(self) -> None:
        for found in self._source.watch(self._stopping):
            files = [File(candidate, candidate.path, "inbox") for candidate in found]
            for group in self._writer.intake.take(files, lambda file, why: self._source.again(file.candidate, why)):
                self._writer.wake_preparer(len(group))
                for taken in group:
                    self._source.finish(taken.file.candidate)
            if gone := self._source.take_gone():
                self._writer.ledger.forget_files(gone)

    def _refuse(self, refusal: Refusal) -> None:
        self._writer.news.tell(Trouble(f"{refusal.path}: {refusal.reason} {refusal.fix}"))

    def _tend(self) -> None:
        """Every so often, when nothing is in flight: trains models that never were, keeps the lake's files few."""
        parts = self._writer.parts
        turn = 0
        while not self._stopping.wait(TEND_SECONDS):
            turn += 1
            if turn % RENEW_TURNS == 0:
                self._renew()
            if self._writer.ledger.books()["in_flight"]:
                continue
            try:
                if parts.settings.processing.train:
                    modelling.train_what_can_be(parts)
                    modelling.score_what_is_behind(parts)
                    if parts.settings.processing.retrain:
                        modelling.retrain_what_has_drifted(parts)
                parts.session_views.take_in_late(parts.lake)
                if turn % COMPACT_TURNS == 0:
                    for name in parts.lake.names():
                        parts.lake.compact(name)
            except (PenstockError, OSError) as error:
                self._writer.news.tell(Trouble(f"Tending failed, to be tried again: {error}"))

    def _renew(self) -> None:
        """Keeps certificates valid; who serves with them takes the new ones up by itself."""
        try:
            keep_certificates(self._writer.parts)
        except PenstockError as error:
            self._writer.news.tell(Trouble(f"Certificates were not renewed, to be tried again: {error}"))


class _DatasetNames(Collection[str]):
    """The names of the datasets as they are now."""

    def __init__(self, writer: Writer) -> None:
        self._catalog = writer.catalog

    def __contains__(self, name: object) -> bool:
        return name in set(self)

    def __iter__(self) -> Iterator[str]:
        return iter(dataset.name for dataset in self._catalog().datasets())

    def __len__(self) -> int:
        return len(self._catalog().datasets())
