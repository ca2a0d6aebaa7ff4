"""What the tests of sessions share: a dataset of acts, lake rows of them, and their sessions by an honest loop."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import polars as pl

from core.dataset import Column, ColumnType, Dataset, Role
from core.frames import lake_schema
from processing.sessions import SessionRule

T = ColumnType
VISIT = Dataset(
    "visit",
    "What somebody did in a shop.",
    (
        Column("at", T.TIMESTAMP),
        Column("card", T.KEYWORD, role=Role.ACTOR),
        Column("door", T.KEYWORD, role=Role.ACTOR),
        Column("shelf", T.KEYWORD, role=Role.PAGE),
        Column("paid", T.MONEY, role=Role.GOAL),
    ),
    event_time="at",
)
RULE = SessionRule(gap_seconds=100, lateness_seconds=400)
BEGIN = datetime(2026, 5, 4, tzinfo=UTC)

_TYPES: dict[str, pl.DataType] = {"_row": pl.Int64(), "at": pl.Datetime("us", "UTC")} | dict.fromkeys(
    ("card", "shelf", "paid"), pl.String()
)

Act = tuple[int | None, str | None, str | None, bool]
"""Seconds after `BEGIN`, who, which shelf, whether they paid."""


def rows_of(acts: Sequence[Act], first: int = 0) -> pl.DataFrame:
    """Acts as the lake keeps them, as rows of one blob from `first` on."""
    rows = pl.DataFrame(
        {
            "_blob": ["b" * 64] * len(acts),
            "_row": range(first, first + len(acts)),
            "at": [None if second is None else BEGIN + timedelta(seconds=second) for second, *_ in acts],
            "card": [who for _, who, _, _ in acts],
            "shelf": [shelf for _, _, shelf, _ in acts],
            "paid": ["1.50" if paid else None for *_, paid in acts],
        },
        schema_overrides=_TYPES,
    )
    empty = pl.DataFrame(schema=lake_schema(VISIT))
    return pl.concat([empty, rows.cast({"paid": empty.schema["paid"]})], how="diagonal_relaxed")


def by_hand(acts: Sequence[Act]) -> list[tuple[object, ...]]:
    """Actor, start, end, events, pages, entry, exit and whether they paid, of each session; in acts' order of rows."""
    own: dict[str, list[tuple[int, int, str | None, bool]]] = defaultdict(list)
    for row, (second, who, shelf, paid) in enumerate(acts):
        if second is not None and who:
            own[who].append((second, row, shelf or None, paid))
    found = []
    for who, theirs in own.items():
        theirs.sort(key=lambda act: act[:2])
        session = [theirs[0]]
        for act in [*theirs[1:], (1 << 40, 0, None, False)]:
            if act[0] - session[-1][0] <= RULE.gap_seconds:
                session.append(act)
                continue
            shelves = [shelf for *_, shelf, _ in session if shelf]
            ends = (shelves[0], shelves[-1]) if shelves else (None, None)
            times = [BEGIN + timedelta(seconds=each[0]) for each in (session[0], session[-1])]
            told = (f"card={who}", *times, len(session), len(shelves), *ends, any(act[3] for act in session))
            found.append(told)
            session = [act]
    return sorted(found, key=lambda session: session[:2])


def as_told(sessions: pl.DataFrame) -> list[tuple[object, ...]]:
    """Sessions of the store, as `by_hand` has them."""
    columns = ("actor", "start", "end", "events", "pages", "entry", "exit", "converted")
    return sorted(sessions.select(columns).rows(), key=lambda session: session[:2])
