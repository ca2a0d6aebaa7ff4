"""`classify` and `extract`: what preparation makes of files, with nothing stored."""

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from time import monotonic
from typing import Any

from core.errors import PenstockError
from core.prepared import Prepared, TableMatch
from core.settings import Settings
from ingestion import Refusal
from pipeline.bootstrap import Parts
from pipeline.intake import File, walk
from preparation import Options

PIECE_BYTES = 1024 * 1024


def classify_files(settings: Settings, paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """What each file is and why; folders are walked."""
    quick = replace(settings.preparation, speech=False)  # what is said in a recording does not change what it is
    for file, prepared, _ in _prepared(replace(settings, preparation=quick), paths, Options()):
        kind = prepared.classification
        yield {
            "path": file.shown,
            "media_type": prepared.media_type,
            "dataset": kind.dataset,
            "confidence": round(kind.confidence, 4),
            "why": prepared.fault.reason if prepared.fault else kind.why,
            **_columns(prepared),
        }


def extract_files(settings: Settings, paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """What preparation gets out of each file; folders are walked."""
    for file, prepared, seconds in _prepared(settings, paths, Options(is_full_text=True)):
        own = [table for table in prepared.tables if table.dataset == prepared.classification.dataset]
        yield {
            "path": file.shown,
            "media_type": prepared.media_type,
            "dataset": prepared.classification.dataset,
            "outcome": "quarantined" if prepared.fault else "stored",
            "reason": prepared.fault.reason if prepared.fault else prepared.note,
            "text": prepared.text,
            "fields": dict(prepared.fields),
            "places": {name: asdict(place) for name, place in prepared.places.items()},
            "rows": sum(table.frame.height for table in own),
            "rejected_rows": sum(table.rejected_rows for table in own),
            "pages": prepared.pages,
            "language": prepared.language,
            "metadata": dict(prepared.metadata),
            "personal": [{"kind": span.kind, "start": span.start, "end": span.end} for span in prepared.personal],
            "seconds": seconds,
        }


def matches_of(prepared: Prepared) -> list[TableMatch]:
    """What became of the columns of its tables, those of its own dataset first."""
    return sorted(prepared.matches, key=lambda match: match.dataset != prepared.classification.dataset)


def _columns(prepared: Prepared) -> dict[str, Any]:
    """The columns of its foremost table, where it has one: which became what, and why."""
    first = next(iter(matches_of(prepared)), None)
    if first is None:
        return {}
    told = [{"header": each.header, "column": each.column, "why": each.why} for each in first.columns]
    return {"columns": told, "shape": first.shape}


def _prepared(settings: Settings, paths: Iterable[Path], options: Options) -> Iterator[tuple[File, Prepared, float]]:
    """Each file prepared, in order; as many at a time as there are workers."""
    parts = Parts(settings)
    given = [(str(path), str(path.absolute())) for path in paths]
    files = walk(given, "inspect", leave_out=parts.home.root, refuse=_refuse)
    workers = settings.preparation.workers + settings.preparation.model_workers
    with ThreadPoolExecutor(workers) as executor:
        try:
            for file, future in _ahead(executor, files, lambda file: _timed(parts, file, options), workers):
                yield (file, *future.result())
        finally:
            parts.close()


def _ahead(
    executor: ThreadPoolExecutor,
    files: Iterable[File],
    work: Callable[[File], tuple[Prepared, float]],
    workers: int,
) -> Iterator[tuple[File, "Future[tuple[Prepared, float]]"]]:
    under_way: deque[tuple[File, Future[tuple[Prepared, float]]]] = deque()
    for file in files:
        under_way.append((file, executor.submit(work, file)))
        if len(under_way) > 2 * workers:
            yield under_way.popleft()
    yield from under_way


def _timed(parts: Parts, file: File, options: Options) -> tuple[Prepared, float]:
    started = monotonic()
    prepared = prepared_file(parts, Path(file.candidate.path), options)
    return prepared, round(monotonic() - started, 4)


def prepared_file(parts: Parts, path: Path, options: Options) -> Prepared:
    """What preparation makes of one file."""
    digest = hashlib.sha256()
    with path.open("rb") as opened:
        while piece := opened.read(PIECE_BYTES):
            digest.update(piece)
        opened.seek(0)
        content = iter(lambda: opened.read(PIECE_BYTES), b"")
        return parts.pool.prepare(content, name=path.name, sha256=digest.hexdigest(), options=options)


def _refuse(shown: str, refusal: Refusal) -> None:
    raise PenstockError(f"{shown}: {refusal.reason}", refusal.fix)
