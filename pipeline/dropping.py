"""Takes in what a person drops: files of this machine and at URLs, prepared here or ahead by Spark."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from core.errors import PenstockError
from ingestion import Arrival, Received, Refusal, Step, files_at, opened_at
from pipeline.intake import File, walk
from pipeline.prepared_ahead import MOST_BYTES, Key, PrepareFiles, key_of
from pipeline.writer import Writer
from preparation import unpacked
from processing import answered_by_spark

FILES_AT_ONCE = 512
BYTES_AT_ONCE = 512 * 1024 * 1024
_DIGEST_BYTES = 32

Refuse = Callable[[str, Refusal], None]


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file that was dropped.

    Attributes:
        shown: The path that people are shown.
        url: Where Spark's workers find it.
        size: Its bytes, as far as is known.
        file: The file, where it is one of this machine.
    """

    shown: str
    url: str
    size: int
    file: File | None = None


class Drop:
    """One drop.

    Args:
        writer: The system.
        source: The name of the source, for the books.
        refuse: Is told of a path that could not be taken in, and why; the others go on.
    """

    def __init__(self, writer: Writer, source: str, refuse: Refuse) -> None:
        self._writer = writer
        self._source = source
        self._refuse = refuse

    def take(self, paths: Sequence[tuple[str, str]]) -> Iterator[list[Arrival]]:
        """Takes in files, folders and URLs, given as shown and as absolute path; prepared by the workers here."""
        yield from self._taken(self._files(paths))

    def take_by_spark(self, paths: Sequence[tuple[str, str]]) -> Iterator[list[Arrival]]:
        """As `take`, but for that Spark opens the files; who keeps the books is the same.

        Raises:
            EngineError: If Spark does not start or its tasks fail; what was taken in before is in the books.
        """
        for files in _rounds(self._files(paths)):
            ahead = self._writer.ahead
            keys = self._prepare_ahead(files)
            arrivals = [arrival for group in self._taken(files) for arrival in group]
            waiting = {key_of(each) for each in arrivals if not each.is_finished}
            for key in keys - waiting:  # duplicates, and what changed between Spark's look and ours
                ahead.take(key)
            yield arrivals
            ahead.await_empty()

    def _files(self, paths: Sequence[tuple[str, str]]) -> Iterator[Dropped]:
        for shown, absolute in paths:
            if is_url(shown):
                for each in files_at(shown):
                    yield Dropped(each.url, each.url, each.size)
                continue
            home = self._writer.parts.home.root
            for file in walk([(shown, absolute)], self._source, leave_out=home, refuse=self._refuse):
                path = Path(file.candidate.path).absolute()
                yield Dropped(file.shown, f"file://{path}", file.candidate.stamp.size, file)

    def _taken(self, files: Iterable[Dropped]) -> Iterator[list[Arrival]]:
        """The files as they are in the ledger, in groups: those of this machine many at once, others one by one."""
        for is_here, alike in groupby(files, lambda each: each.file is not None):
            if is_here:
                yield from self._local(each.file for each in alike if each.file)
            else:
                yield from map(self._from_url, alike)

    def _local(self, files: Iterable[File]) -> Iterator[list[Arrival]]:
        for group in self._writer.intake.take(files, lambda file, refusal: self._refuse(file.shown, refusal)):
            yield [taken.arrival for taken in group]

    def _from_url(self, each: Dropped) -> list[Arrival]:
        ledger = self._writer.ledger
        try:
            with opened_at(each.url) as content:
                blob = self._writer.parts.vault.put(content)
        except (OSError, PenstockError) as error:
            reason = f"It cannot be read: {error}"
            self._refuse(each.shown, Refusal(each.shown, "unreadable", reason, "Drop it again.", is_retryable=True))
            return []
        arrivals = ledger.receive([Received(each.shown, blob, self._source, None)])
        ledger.add_steps([Step(one.id, "ingestion", "collected", f"{one.bytes} bytes sealed") for one in arrivals])
        return arrivals

    def _prepare_ahead(self, files: Sequence[Dropped]) -> set[Key]:
        parts, ahead = self._writer.parts, self._writer.ahead
        settings = parts.settings.preparation
        most = min(MOST_BYTES, settings.max_bytes)
        urls = [each.url for each in files if each.size <= most]
        folder = parts.home.schemas
        schemas = {str(each.relative_to(folder)): each.read_bytes() for each in folder.glob("*") if each.is_file()}
        work = PrepareFiles(
            replace(settings, workers=1, model_workers=min(1, settings.model_workers)), parts.limits(), schemas
        )
        keys: set[Key] = set()
        for url, answer in answered_by_spark(parts.spark.spark, urls, work):
            told = unpacked(answer[_DIGEST_BYTES:]) if answer else None
            if isinstance(told, tuple):
                key = (answer[:_DIGEST_BYTES].hex(), url.rpartition("/")[2])
                ahead.put(key, told[0])
                keys.add(key)
        return keys


def is_url(path: str) -> bool:
    """Whether a person named a place by URL, rather than a path of this machine."""
    return "://" in path


def _rounds(files: Iterable[Dropped]) -> Iterator[list[Dropped]]:
    """The files in groups that fit into memory together."""
    group: list[Dropped] = []
    for each in files:
        if group and (len(group) >= FILES_AT_ONCE or sum(one.size for one in group) + each.size > BYTES_AT_ONCE):
            yield group
            group = []
        group.append(each)
    if group:
        yield group
