"""Sessions are those of all rows together, however the rows were cut into versions and whatever their order."""

import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from session_kit import BEGIN, RULE, VISIT, Act, as_told, by_hand, rows_of

from core.dataset import Column, ColumnType, Dataset, PersonalData, Role
from core.errors import NotFoundError
from processing.session_fold import Piece, as_text, folded, from_text
from processing.session_store import SessionStore, Step
from processing.sessions import PIECE, SessionRule, events_of, has_sessions, merged, told
from storage import DeltaLake

acts = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(0, 1500)),
        st.sampled_from(["ann", "bob", "", None]),
        st.sampled_from(["bread", "milk", None]),
        st.booleans(),
    ),
    max_size=40,
)


def cut(rows: pl.DataFrame, dice: random.Random) -> list[pl.DataFrame]:
    """Rows in any order, in pieces of any size."""
    order = list(range(rows.height))
    dice.shuffle(order)
    shuffled = rows[order]
    ends = sorted({0, rows.height, *(dice.randrange(rows.height + 1) for _ in range(4))})
    return [shuffled[first:last] for first, last in pairwise(ends)]


@settings(deadline=None, max_examples=60)
@given(acts, st.randoms(use_true_random=False))
def test_pieces_merge_to_the_sessions_of_all_rows_in_any_cut_and_order(
    given_acts: list[Act], dice: random.Random
) -> None:
    pieces = [merged([events_of(part, VISIT)], RULE) for part in cut(rows_of(given_acts), dice)]
    dice.shuffle(pieces)
    grown = pl.DataFrame(schema=PIECE)
    for piece in pieces:
        grown = merged([grown, piece], RULE)
    assert as_told(told(grown, is_open=True)) == by_hand(given_acts)
    assert grown.equals(merged([events_of(rows_of(given_acts), VISIT)], RULE))


@settings(deadline=None, max_examples=60)
@given(acts, st.randoms(use_true_random=False))
def test_what_sparks_workers_fold_is_what_one_merge_gives(given_acts: list[Act], dice: random.Random) -> None:
    events = events_of(rows_of(given_acts), VISIT)
    states: dict[str, list[Piece]] = {}
    for part in cut(events, dice):
        for actor, *values in part.iter_rows():
            states[actor] = from_text(as_text(folded([*states.get(actor, []), Piece(*values)], RULE.gap)))
    found = [(actor, *piece) for actor, pieces in sorted(states.items()) for piece in pieces]
    assert found == merged([events], RULE).rows()


def stored(folder: Path, versions: Sequence[Sequence[Act]]) -> tuple[SessionStore, DeltaLake]:
    lake, store = DeltaLake(str(folder / "lake")), SessionStore(folder / "sessions", RULE)
    first = 0
    for number, version in enumerate(versions):
        lake.append(VISIT, rows_of(version, first), number + 1)
        first += len(version)
        store.refresh(VISIT, lake)
    return store, lake


def on_time(count: int, dice: random.Random) -> list[Act]:
    """Acts that come in disorder, but none after one that is newer by the lateness."""
    seconds = sorted(dice.randrange(20_000) for _ in range(count))
    order = sorted(range(count), key=lambda i: seconds[i] + dice.randrange(RULE.lateness_seconds))
    return [(seconds[i], dice.choice("abcde"), dice.choice(["x", "y", None]), dice.random() < 0.1) for i in order]


@pytest.mark.parametrize("seed", range(3))
def test_versions_one_by_one_give_what_one_pass_over_the_lake_gives(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - made-up acts
    all_acts = on_time(600, dice)
    ends = sorted({0, len(all_acts), *(dice.randrange(len(all_acts)) for _ in range(7))})
    store, lake = stored(tmp_path, [all_acts[a:b] for a, b in pairwise(ends)])
    found = store.sessions(VISIT)
    assert as_told(found) == by_hand(all_acts)
    assert 0 < found["is_open"].sum() < found.height / 2, "sessions are closed, and their memory with them"
    standing = store.standing(VISIT)
    assert standing is not None
    assert (standing.late, standing.unplaced, standing.version) == (0, 0, lake.version("visit"))
    again = SessionStore(tmp_path / "anew", RULE)
    again.rebuild(VISIT, lake)
    assert again.sessions(VISIT).equals(found)
    assert again.standing(VISIT) == standing


def test_an_event_behind_the_watermark_is_counted_late_and_taken_in_by_a_rebuild(tmp_path: Path) -> None:
    versions: list[list[Act]] = [[(0, "ann", "x", False)], [(5_000, "bob", "x", False)]]
    versions.append([(60, "ann", "y", True), (4_700, "bob", "z", False), (None, "bob", "x", True)])
    store, lake = stored(tmp_path, versions)
    standing = store.standing(VISIT)
    assert standing is not None
    assert (standing.late, standing.unplaced) == (1, 1)
    assert store.sessions(VISIT)["events"].sum() == 3
    store.rebuild(VISIT, lake)
    rebuilt = store.standing(VISIT)
    assert rebuilt is not None
    assert (rebuilt.late, rebuilt.unplaced) == (0, 1)
    assert as_told(store.sessions(VISIT)) == by_hand([act for version in versions for act in version])


def test_a_version_that_comes_twice_is_taken_in_once(tmp_path: Path) -> None:
    store, _ = stored(tmp_path, [[(0, "ann", "x", False)]])
    before, standing = store.sessions(VISIT), store.standing(VISIT)
    assert standing is not None
    touched = merged([events_of(rows_of([(0, "ann", "x", False), (5, "ann", "y", False)]), VISIT)], RULE)
    step = Step(touched, 0, 3, 3)
    earlier = replace(standing, version=standing.version - 1)
    assert not store.advance(VISIT, step, since=earlier, upto=standing.version)
    assert store.sessions(VISIT).equals(before)
    assert store.advance(VISIT, step, since=standing, upto=standing.version + 1)
    assert not store.advance(VISIT, step, since=standing, upto=standing.version + 1)
    assert store.sessions(VISIT)["events"].to_list() == [2]
    reached = store.standing(VISIT)
    assert reached is not None
    assert not store.advance(VISIT, step, since=replace(reached, made="before a rebuild"), upto=reached.version + 1)


def test_a_time_that_has_not_come_makes_nothing_else_late(tmp_path: Path) -> None:
    a_century = 36_500 * 86_400
    store, _ = stored(tmp_path, [[(a_century, "ann", "x", False)], [(0, "bob", "x", False)], [(90, "bob", "y", False)]])
    standing = store.standing(VISIT)
    assert standing is not None
    assert standing.late == 0
    assert sorted(store.sessions(VISIT)["events"]) == [1, 2]


def test_sessions_by_another_rule_are_not_read_but_made_anew(tmp_path: Path) -> None:
    _, lake = stored(tmp_path, [[(0, "ann", "x", False), (150, "ann", "y", False)]])
    other = SessionStore(tmp_path / "sessions", SessionRule(gap_seconds=200, lateness_seconds=400))
    with pytest.raises(NotFoundError):
        other.sessions(VISIT)
    other.refresh(VISIT, lake)
    assert other.sessions(VISIT)["events"].to_list() == [2]


def test_a_sealed_actor_is_known_by_its_fingerprint_and_an_address_without_its_query() -> None:
    web = Dataset(
        "web",
        "Acts.",
        (
            Column("time", ColumnType.TIMESTAMP),
            Column("user", ColumnType.KEYWORD, personal=PersonalData.ACCOUNT, role=Role.ACTOR),
            Column("url", ColumnType.KEYWORD, role=Role.PAGE),
        ),
        event_time="time",
    )
    rows = pl.DataFrame(
        {
            "_blob": ["a"] * 3,
            "_row": [0, 1, 2],
            "time": [BEGIN] * 3,
            "user": ["token"] * 3,
            "user_hmac": ["5eal", "5eal", None],
            "url": ["/shop?token=1", "https://a.example/b#c", "/nobody"],
        }
    )
    found = told(merged([events_of(rows, web)], RULE), is_open=True)
    assert found.select("actor", "events", "entry", "exit").rows() == [("user=5eal", 2, "/shop", "https://a.example/b")]
    assert has_sessions(web)
    assert not has_sessions(Dataset("web", "Acts.", web.columns[:1], event_time="time"))
    assert not has_sessions(Dataset("web", "Acts.", web.columns[1:]))
