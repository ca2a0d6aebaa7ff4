"""Events of a topic as rows of a dataset: what a file of them, one JSON object a line, would give."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import polars as pl

from core.dataset import ROW_COLUMN
from core.events import ReadEvents
from core.prepared import Table
from preparation.catalog import Catalog
from preparation.extraction import Limits, RawTable
from preparation.interpreting import Interpreter, Plan
from preparation.readers.json_records import table_of_lines

_LIMITS = Limits(max_rejections=0)  # they are told in full when the events are stored


@dataclass(frozen=True, slots=True)
class JsonEvents:
    """Reads events as `core.events.EventReader` says; travels to other processes.

    Attributes:
        schemas: The folder of the user's own models.
    """

    schemas: Path

    def __call__(self, lines: Sequence[bytes], dataset: str | None, late_before: int | None) -> ReadEvents:
        try:
            return self._read(lines, dataset, late_before)
        except Exception:  # noqa: BLE001 - one event that breaks a parser must not stop a topic: its blob will tell why
            return ReadEvents(dataset or "other", pl.DataFrame())

    def _read(self, lines: Sequence[bytes], dataset: str | None, late_before: int | None) -> ReadEvents:
        reading = _reading(self.schemas, _stamp(self.schemas))
        table = table_of_lines(lines, _LIMITS)
        if not table.frame.width:
            return ReadEvents(dataset or "other", pl.DataFrame(), rejected=table.rejected_rows)
        return _in_time(reading, reading.rows(table, dataset), len(lines), late_before)


@dataclass(slots=True)
class _Reading:
    """The models, and what was decided on each shape of events: the columns they become are found once."""

    catalog: Catalog
    plans: dict[tuple[str | None, tuple[str, ...]], Plan | None] = field(default_factory=dict)

    def rows(self, table: RawTable, dataset: str | None) -> Table:
        """The rows of a table of events."""
        interpreter = Interpreter(self.catalog, "", _LIMITS)
        shape = (dataset, tuple(table.frame.columns))
        plan = self.plans.get(shape)
        piece = interpreter.piece(table, plan) if plan else None
        if piece is not None:
            return piece
        whole = interpreter.interpret(table, dataset).table
        if shape not in self.plans:
            self.plans[shape] = _proven(interpreter, table, dataset, whole)
        return whole


def _proven(interpreter: Interpreter, table: RawTable, dataset: str | None, whole: Table) -> Plan | None:
    """How to go about events of that shape piece by piece; None where a piece would not be what the whole is."""
    plan = interpreter.plan(table, dataset)
    piece = interpreter.piece(table, plan) if plan else None
    is_same = piece is not None and piece.dataset == whole.dataset and piece.frame.equals(whole.frame)
    return plan if is_same else None


def _in_time(reading: _Reading, table: Table, events: int, late_before: int | None) -> ReadEvents:
    """Tells late rows from the others; where an event became several rows, none is told to be late."""
    frame, name = table.frame, reading.catalog.dataset(table.dataset).event_time
    if name is None or frame.height == 0:
        return ReadEvents(table.dataset, frame, rejected=table.rejected_rows)
    moments = frame.get_column(name).cast(pl.Datetime("us")).cast(pl.Int64)
    latest = moments.max()
    assert latest is None or isinstance(latest, int)  # noqa: S101 - whole numbers have a whole greatest
    late: tuple[int, ...] = ()
    if late_before is not None and frame.height + table.rejected_rows <= events:
        is_late = (moments < late_before).fill_null(value=False)
        late = tuple(frame.get_column(ROW_COLUMN).filter(is_late))
        frame = frame.filter(~is_late) if late else frame
    return ReadEvents(table.dataset, frame, late, table.rejected_rows, latest)


def _stamp(folder: Path) -> tuple[tuple[str, int], ...]:
    """Changes when a model or a form of the user does."""
    files = sorted(folder.glob("*.*")) if folder.is_dir() else ()
    return tuple((file.name, file.stat().st_mtime_ns) for file in files)


@lru_cache(maxsize=1)
def _reading(schemas: Path, stamp: tuple[tuple[str, int], ...]) -> _Reading:  # noqa: ARG001 - tells when it is stale
    return _Reading(Catalog(schemas))
