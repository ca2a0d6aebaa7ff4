"""What commands and pages read of a home, beside the process that writes it."""

import base64
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.dataset import FINGERPRINT_SUFFIX, Column, Dataset
from core.errors import NotFoundError, UsageError
from core.settings import Settings
from pipeline.bootstrap import Parts
from pipeline.conversation import ask, is_answering

if TYPE_CHECKING:
    import polars as pl

    from core.ports import Hit
    from ingestion import LedgerReader
    from processing import LakeTable

ENGINES = ("local", "spark")
EMPTY_BOOKS: dict[str, Any] = {
    **dict.fromkeys(("received", "stored", "duplicate", "quarantined", "in_flight"), 0),
    "balanced": True,
    **dict.fromkeys(("bytes", "rows", "rejected_rows"), 0),
    "datasets": {},
}


def open_system(settings: Settings) -> "System":
    """Opens a home for reading."""
    return System(settings)


class System:
    """A home as its readers see it. Safe to use from several threads.

    Args:
        settings: The settings of the home.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.parts = Parts(settings)
        self._reader: LedgerReader | None = None
        self._opening = threading.Lock()

    def close(self) -> None:
        """Lets go of files."""
        if self._reader:
            self._reader.close()
        self.parts.close()

    def is_running(self) -> bool:
        """Whether a system is at work on this home."""
        return is_answering(self.parts.home.socket)

    def ask(self, command: str, **arguments: Any) -> Iterator[dict[str, Any]]:
        """Asks the running system; see `pipeline.commands`.

        Raises:
            NotFoundError: If none runs.
        """
        return ask(self.parts.home.socket, self.parts.sealer, command, arguments)

    @property
    def ledger(self) -> "LedgerReader | None":
        """The ledger, or None in a home that never received anything."""
        from ingestion import Ledger

        with self._opening:
            if self._reader is None:
                with suppress(NotFoundError):
                    self._reader = Ledger.open_reader(self.parts.home.ledger)
        return self._reader

    def books(self) -> dict[str, Any]:
        """What was received and what became of it, over all time."""
        return self.ledger.books() if self.ledger else dict(EMPTY_BOOKS)

    def recent(self, limit: int = 50) -> list[dict[str, Any]]:
        """The newest arrivals, newest first."""
        return [arrival.as_dict() for arrival in self.ledger.recent(limit)] if self.ledger else []

    def arrivals_per_minute(self, minutes: int = 60) -> list[dict[str, Any]]:
        """``minute``, ``arrivals``, ``bytes`` and ``rows`` of each of the last minutes, oldest first."""
        return self.ledger.arrivals_per_minute(minutes) if self.ledger else []

    def streams(self) -> list[dict[str, Any]]:
        """How each streaming query of the running system goes; none where none runs."""
        return list(self.ask("streams")) if self.is_running() else []

    def attention(self) -> list[dict[str, Any]]:
        """What needs a person: ``level``, ``what``, ``do``, ``page``; empty when all is well."""
        books = self.books()
        needs = []
        if not books["balanced"]:
            needs.append(_need("error", "The books do not balance.", "Run `penstock verify`.", ""))
        if not self.is_running():
            needs.append(
                _need("warning", "Nothing is watching the inbox.", "Start the system with `penstock run`.", "")
            )
        waiting = [entry for entry in self.quarantine() if entry["state"] == "open"]
        if waiting:
            files = "1 file" if len(waiting) == 1 else f"{len(waiting)} files"
            needs.append(_need("warning", f"{files} in quarantine.", "See why, mend, replay or discard.", "quarantine"))
        return needs

    def dataset_list(self) -> list[Dataset]:
        """All datasets known: bundled, and the user's own."""
        return list(self.parts.catalog.datasets())

    def dataset(self, name: str) -> Dataset:
        """One dataset.

        Raises:
            NotFoundError: If there is none of that name.
        """
        return self.parts.catalog.dataset(name)

    def describe_datasets(self, name: str | None = None) -> list[dict[str, Any]]:
        """All datasets, or one, with their columns in full."""
        chosen = [self.dataset(name)] if name else self.dataset_list()
        return [
            {
                "dataset": dataset.name,
                "description": dataset.description,
                "identity": list(dataset.identity),
                "event_time": dataset.event_time,
                "columns": [_described(column) for column in dataset.columns],
            }
            for dataset in chosen
        ]

    def search(  # noqa: PLR0913  # the parts of a SearchRequest
        self,
        words: str = "",
        *,
        dataset: str | None = None,
        where: Mapping[str, str] | None = None,
        limit: int = 20,
        offset: int = 0,
        facets: Sequence[str] = (),
    ) -> dict[str, Any]:
        """Answers words and filters: ``total``, ``facets`` and ``hits`` with their paths.

        Raises:
            QueryError: If it names a dataset or column that the index does not know.
        """
        from core.ports import SearchRequest

        conditions = dict(self._condition(dataset, column, value) for column, value in (where or {}).items())
        answer = self.parts.index.search(SearchRequest(words, dataset, conditions, limit, offset, facets))
        paths = self._paths({hit.blob for hit in answer.hits})
        return {
            "total": answer.total,
            "facets": {name: dict(counts) for name, counts in answer.facets.items()},
            "hits": [_hit(hit, paths.get(hit.blob, "")) for hit in answer.hits],
        }

    def walk(
        self, words: str = "", *, dataset: str | None = None, where: Mapping[str, str] | None = None
    ) -> Iterator[dict[str, Any]]:
        """Every hit of a search, however many, in no promised order."""
        from core.ports import SearchRequest

        conditions = dict(self._condition(dataset, column, value) for column, value in (where or {}).items())
        paths: dict[str, str] = {}
        for hit in self.parts.index.walk(SearchRequest(words, dataset, conditions)):
            if hit.blob not in paths:
                paths |= self._paths({hit.blob})
            yield _hit(hit, paths.get(hit.blob, ""))

    def query(self, sql: str, *, engine: str = "local") -> "pl.DataFrame":
        """Answers SQL over the lake; each dataset is a table.

        Raises:
            QueryError: In the engine's words, with the tables there are.
        """
        import polars as pl

        if _engine(engine) == "local":
            return pl.DataFrame(self.parts.sql.query(sql))
        tables = {name: self._table(self.dataset(name), None) for name in self.parts.lake.names()}
        return self.parts.spark.query(sql, tables)

    def view_list(self, dataset: str | None = None) -> list[dict[str, Any]]:
        """The views, with how far each has come."""
        from pipeline.describing import described_view

        views = self.parts.views
        chosen = views.of_dataset(dataset) if dataset else [views.view(name) for name in views.names()]
        found = [
            described_view(view, self.dataset(view.dataset), self.parts.view_store)
            | {"live": self.parts.served_views.moment(view.dataset)}
            for view in chosen
        ]
        return found + self.parts.session_views.described(dataset)

    def view_rows(self, name: str, *, engine: str = "local", version: int | None = None) -> "pl.DataFrame":
        """The rows of a view, in a stable order: as kept, or computed from the lake by an engine or as of a version."""
        visited = self.parts.session_views.dataset_of(name)
        if visited:
            return self.parts.session_views.rows(name, visited)
        view = self.parts.views.view(name)
        dataset = self.dataset(view.dataset)
        if _engine(engine) == "local" and version is None and self.parts.view_store.kept(view):
            return self.parts.served_views.rows(view, dataset)
        chosen = self.parts.spark if engine == "spark" else self.parts.local
        return chosen.rows(view, self._table(dataset, version))

    def model_list(self) -> list[dict[str, Any]]:
        """The models, trained or not: kind, dataset, version, quality on held-out rows."""
        from pipeline.modelling import described

        return [described(self.parts, name) for name in self.parts.model_store.names()]

    def model_results(self, name: str) -> "pl.DataFrame":
        """What a model said of each row when it was last applied, with its reasons; empty before."""
        from pipeline.modelling import results

        return results(self.parts, name)

    def explain(self, name: str) -> "pl.DataFrame":
        """What a model has learned, the weightiest first; empty before it was trained."""
        from pipeline.modelling import explanation

        return explanation(self.parts, name)

    def quarantine(self) -> list[dict[str, Any]]:
        """What could not be taken in and is not discarded."""
        return [entry.as_dict() for entry in self.ledger.quarantine()] if self.ledger else []

    def quarantine_entry(self, entry_id: str) -> dict[str, Any]:
        """One entry in full, with its trace."""
        entry = self._ledger().quarantine_entry(entry_id)
        return entry.as_dict() | {"trace": self.trace(entry.blob)}

    def export(self, entry_id: str, to: Path) -> dict[str, Any]:
        """Writes the original bytes of a quarantine entry to a file.

        Raises:
            UsageError: If there is a file already.
        """
        entry = self._ledger().quarantine_entry(entry_id)
        if to.exists():
            raise UsageError(f"There is a file {to} already.", "Choose another name.")
        with to.open("xb") as file:
            size = sum(file.write(piece) for piece in self.original(entry.blob))
        return {"id": entry.id, "path": str(to), "bytes": size}

    def original(self, blob: str) -> Iterator[bytes]:
        """The original bytes of a blob, in pieces; the reading is audited.

        Raises:
            NotFoundError: If the vault has no such blob.
        """
        pieces = self.parts.vault.read(blob)
        self.parts.audit.record("read original", blob)
        return pieces

    def picture(
        self,
        blob: str,
        *,
        page: int = 1,
        at: float = 0.0,
        side: int = 640,
        marks: Sequence[tuple[float, ...]] = (),
    ) -> bytes:
        """A small JPEG of a picture, a page of a PDF or a moment of a film, drawn by a worker of the running system.

        Args:
            blob: The file.
            page: The page, from 1.
            at: Seconds from the start of a film; the key frame before is shown.
            side: The longer side, in pixels.
            marks: Places to be marked: left, top, right and bottom, in shares of the width and height.

        Raises:
            NotFoundError: If no system runs, the vault has no such blob, or there is no picture of it.
        """
        asked = {"blob": blob, "page": page, "at": at, "side": side, "marks": [list(edges) for edges in marks]}
        (answer,) = self.ask("picture", **asked)
        return base64.b64decode(answer["jpeg"])

    def preview(self, blob: str, limit: int = 4096) -> bytes:
        """The first bytes of an original; the reading is audited."""
        return next(iter(self.original(blob)), b"")[:limit]

    def upload(self, name: str, content: bytes, dataset: str | None = None) -> Path:
        """Puts a file into the inbox, whole at once, for the running system to take in."""
        folder = self.parts.home.inbox / dataset if dataset else self.parts.home.inbox
        folder.mkdir(parents=True, exist_ok=True)
        target = _free(folder / (Path(name).name.lstrip(".") or "upload"))
        hidden = folder / f".{target.name}.part"
        hidden.write_bytes(content)
        return hidden.rename(target)

    def trace(self, path_or_blob: str) -> list[dict[str, Any]]:
        """Everything that happened to one file, step by step.

        Raises:
            NotFoundError: If nothing of that path or blob ever arrived.
        """
        from pipeline.tracing import trace

        return trace(self.parts, self._ledger(), path_or_blob)

    def audit(self, limit: int = 100) -> list[dict[str, Any]]:
        """The newest entries of the audit trail, newest first."""
        return [dict(entry) for entry in self.parts.audit.entries()][-limit:][::-1]

    def keys(self) -> list[dict[str, Any]]:
        """The keys, newest first; never their material."""
        return self.parts.keyring.describe()

    def verify(self) -> Iterator[dict[str, Any]]:
        """Checks every promise; see `pipeline.verifying`."""
        from pipeline.verifying import verify

        return verify(self.parts, self.ledger)

    def _ledger(self) -> "LedgerReader":
        if self.ledger is None:
            raise NotFoundError("Nothing was ever received here.", "Take something in first: `penstock drop PATH`.")
        return self.ledger

    def _paths(self, blobs: set[str]) -> dict[str, str]:
        return {blob: self._ledger().find(blob)[0].path for blob in blobs} if self.ledger else {}

    def _condition(self, dataset: str | None, column: str, value: str) -> tuple[str, str]:
        """A condition on a personal column asks for the fingerprint of its value."""
        chosen = [self.dataset(dataset)] if dataset else self.dataset_list()
        sealed = [known.column(column) for known in chosen if column in known and known.column(column).is_sealed]
        if sealed:
            return column + FINGERPRINT_SUFFIX, self.parts.guard.fingerprint(value, sealed[0].personal)
        return column, value

    def _table(self, dataset: Dataset, version: int | None) -> "LakeTable":
        from processing import LakeTable

        return LakeTable(dataset, self.parts.lake.files(dataset.name, version))


def _engine(name: str) -> str:
    if name not in ENGINES:
        raise UsageError(f"There is no engine {name!r}.", f"Choose {' or '.join(ENGINES)}.")
    return name


def _hit(hit: "Hit", path: str) -> dict[str, Any]:
    return {
        "id": hit.id,
        "dataset": hit.dataset,
        "blob": hit.blob,
        "path": path,
        "score": hit.score,
        "snippet": hit.snippet,
        "record": {name: value for name, value in hit.record.items() if value is not None},
    }


def _described(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": column.type.value,
        "unit": column.unit,
        "personal": column.personal.value if column.personal else None,
        "required": column.required,
        "description": column.description,
        "synonyms": list(column.synonyms),
        "checks": list(column.checks),
    }


def _need(level: str, what: str, do: str, page: str) -> dict[str, Any]:
    return {"level": level, "what": what, "do": do, "page": page}


def _free(path: Path) -> Path:
    """The path, or the first with a number that no file has."""
    number = 1
    free = path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem} ({number}){path.suffix}")
    return free
