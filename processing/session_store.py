"""Where the sessions of a dataset are kept: those that are over, those still open, and how many events came too late.

Which sessions are over follows from the open ones and the newest event alone, so whoever makes them (this process, or
a stateful stream on Spark) only says what the new versions made of the open sessions that they touched.
"""

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import uuid4

import polars as pl

from core.dataset import Dataset
from core.errors import VersionGoneError
from core.ports import Lake
from processing.kept_rows import Kept, KeptRows
from processing.sessions import PIECE, SessionRule, events_of, merged, told
from processing.view_store import lake_frames

_EVENTS_AT_ONCE = 500_000


@dataclass(frozen=True, slots=True)
class Step:
    """What some versions of the lake brought.

    Attributes:
        touched: All open sessions of each actor who acted, merged.
        clock: The time of the newest event, in microseconds; 0 where there is none.
        late: Events older than the watermark, which belong to no session until the next rebuild.
        unplaced: Rows without an actor or a time.
    """

    touched: pl.DataFrame
    clock: int
    late: int
    unplaced: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How far sessions have come: the lake version, the newest event, and the counts of `Step` so far.

    `made` is another after each rebuild: what was open before it must not be gone on with.
    """

    version: int
    clock: int
    late: int
    unplaced: int
    made: str = field(default="", compare=False)


class SessionStore:
    """Keeps the sessions of datasets, a folder for each; one process writes, any number may read beside it.

    Args:
        folder: Where.
        rule: When a session is over.
    """

    def __init__(self, folder: Path, rule: SessionRule) -> None:
        self._folder = folder
        self.rule = rule
        self._writing = threading.Lock()

    def standing(self, dataset: Dataset) -> Standing | None:
        """How far the sessions have come; None where they were never made, or by another rule."""
        kept = self._rows(dataset).kept(self.rule.fingerprint(dataset))
        return None if kept is None else _standing(kept)

    def count(self, dataset: Dataset) -> int:
        """How many sessions there are."""
        kept = self._rows(dataset).kept(self.rule.fingerprint(dataset))
        return 0 if kept is None else kept.rows

    def open_sessions(self, dataset: Dataset) -> pl.DataFrame:
        """The pieces that the next version may change; raises as `sessions`."""
        return self._rows(dataset).read(self.rule.fingerprint(dataset))[2]

    def sessions(self, dataset: Dataset) -> pl.DataFrame:
        """All sessions as people read them, the newest first.

        Raises:
            NotFoundError: If they were never made by this rule.
        """
        _, closed, still_open = self._rows(dataset).read(self.rule.fingerprint(dataset))
        frames = [told(closed, is_open=False)] if closed.height else []
        frames.append(told(still_open, is_open=True))
        return pl.concat(frames).sort("start", "actor", descending=[True, False])

    def advance(self, dataset: Dataset, step: Step, *, since: Standing, upto: int) -> bool:
        """Takes in what the versions after those of `since`, up to one, brought, once.

        Returns:
            False where the sessions do not stand there: those versions are in them already or not yet due, or the
            sessions were made anew meanwhile.
        """
        with self._writing:
            rows = self._rows(dataset)
            kept = rows.kept(self.rule.fingerprint(dataset))
            was = None if kept is None else _standing(kept)
            if kept is None or was is None or (was.version, was.made) != (since.version, since.made):
                return False
            untouched = rows.open_rows(kept).join(step.touched, on="actor", how="anti")
            standing = replace(
                was,
                version=upto,
                clock=max(was.clock, step.clock),
                late=was.late + step.late,
                unplaced=was.unplaced + step.unplaced,
            )
            self._write(dataset, kept, standing, pl.concat([untouched, step.touched]))
        return True

    def refresh(self, dataset: Dataset, lake: Lake) -> int:
        """Brings the sessions up to the lake's newest version, in this process; the version they have reached."""
        upto = lake.version(dataset.name)
        standing = self.standing(dataset)
        if standing is None or standing.version > upto:
            return self.rebuild(dataset, lake)
        if standing.version == upto:
            return upto
        try:
            step = self._step(dataset, lake.changes(dataset.name, standing.version, upto), standing)
        except VersionGoneError:
            return self.rebuild(dataset, lake)
        taken = self.advance(dataset, step, since=standing, upto=upto)
        return upto if taken else self.refresh(dataset, lake)  # they were made anew meanwhile

    def rebuild(self, dataset: Dataset, lake: Lake) -> int:
        """Makes the sessions anew from all rows of the lake, late ones included; the version they have reached."""
        upto = lake.version(dataset.name)
        made, waiting, held = pl.DataFrame(schema=PIECE), [pl.DataFrame(schema=PIECE)], 0
        clock = rows = events = 0
        for frame in lake_frames(lake, dataset.name, upto):
            found = events_of(frame, dataset)
            waiting.append(found)
            clock = max(clock, clock_of(found))
            rows, events, held = rows + frame.height, events + found.height, held + found.height
            if held > max(made.height, _EVENTS_AT_ONCE):  # each is then merged a few times, not with every frame
                made, waiting, held = merged([made, *waiting], self.rule), [], 0
        made = merged([made, *waiting], self.rule)
        with self._writing:
            nothing = Kept(self.rule.fingerprint(dataset), upto)
            self._write(dataset, nothing, Standing(upto, clock, 0, rows - events, uuid4().hex), made)
        return upto

    def _step(self, dataset: Dataset, frames: Iterable[pl.DataFrame], standing: Standing) -> Step:
        watermark = self.rule.watermark(standing.clock)
        pieces, clock, late, unplaced = [pl.DataFrame(schema=PIECE)], 0, 0, 0
        for frame in frames:
            found = events_of(frame, dataset)
            waited_for = found.filter(pl.col("start") >= watermark)
            pieces.append(waited_for)
            clock = max(clock, clock_of(found))
            late, unplaced = late + found.height - waited_for.height, unplaced + frame.height - found.height
        came = pl.concat(pieces)
        known = self.open_sessions(dataset).join(came.select("actor").unique(), on="actor", how="semi")
        return Step(merged([known, came], self.rule), clock, late, unplaced)

    def _write(self, dataset: Dataset, before: Kept, standing: Standing, made: pl.DataFrame) -> None:
        is_over = pl.col("end") + self.rule.gap < self.rule.watermark(standing.clock)
        facts: dict[str, int | str] = {"clock": standing.clock, "late": standing.late, "unplaced": standing.unplaced}
        facts |= {"made": standing.made}
        kept = Kept(before.fingerprint, standing.version, before.parts, None, facts)
        self._rows(dataset).write(kept, made.filter(is_over), made.filter(~is_over))

    def _rows(self, dataset: Dataset) -> KeptRows:
        return KeptRows(self._folder / dataset.name)


def clock_of(events: pl.DataFrame) -> int:
    """The time of the newest event; 0 where there is none. One that has not come yet makes no other late."""
    now = time.time_ns() // 1000
    newest = events.select(pl.col("start").filter(pl.col("start") <= now).max()).item()
    return max(0, int(newest)) if newest is not None else 0


def _standing(kept: Kept) -> Standing:
    facts = kept.facts
    return Standing(kept.version, int(facts["clock"]), int(facts["late"]), int(facts["unplaced"]), str(facts["made"]))
