"""A match's chances follow its score, its minute and what its teams have shown so far."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from core.dataset import Column, ColumnType, Dataset
from core.errors import EngineError
from core.frames import lake_schema
from processing import SparkEngine
from processing.models import ModelStore
from processing.models.matches import Chance, Match, matches
from processing.models.outlook import Rates, outlook

T = ColumnType
EVENT = Dataset(
    "sports_event",
    "An event.",
    (
        *(Column(name, T.KEYWORD) for name in ("match_id", "sport", "home_team", "event_type", "outcome", "team")),
        Column("minute", T.NUMBER),
        Column("expected_goals", T.NUMBER),
    ),
)


def events(*found: dict[str, Any]) -> pl.DataFrame:
    schema = lake_schema(EVENT)
    rows = [{"_blob": "a" * 64, "_row": place} | event for place, event in enumerate(found)]
    return pl.DataFrame(rows, schema=schema)


def kicked(minute: float, team: str, kind: str = "Pass", match: str = "m", **more: Any) -> dict[str, Any]:
    return {"match_id": match, "minute": minute, "team": team, "event_type": kind} | more


def live(minute: float, *chances: Chance) -> Match:
    return Match("m", ("A", "B"), is_home_known=True, minute=minute, chances=chances, is_over=False)


def test_goals_are_found_under_the_names_that_providers_give_them() -> None:
    rescued = json.dumps({"shot.outcome.id": 97, "shot.outcome.name": "Goal"})
    (match,) = matches(
        events(
            kicked(1, "A"),
            kicked(10, "A", "Shot", expected_goals=0.4, _rescued=rescued),
            kicked(20, "B", "shot", outcome="GOAL"),
            kicked(30, "B", "Own Goal"),
            kicked(40, "A", "Goal Keeper"),
            kicked(50, "A", "GoalDisallowed"),
            kicked(60, "B", "Shot", _rescued=json.dumps({"shot.outcome.name": "Off T"})),
            kicked(70, "A", "goal"),
        )
    )
    assert (match.goals(0), match.goals(1)) == (3, 1)
    assert match.worth(0, until=15) == pytest.approx(0.4)
    assert match.minute == 70
    assert not match.is_over


def test_the_home_team_comes_first_and_other_sports_are_left_out() -> None:
    (match,) = matches(
        events(
            kicked(5, "A", "goal", home_team="B"),
            kicked(6, "B", home_team="B"),
            kicked(95, "B", "Half End", home_team="B"),
            kicked(5, "X", "goal", match="other", sport="ice hockey"),
            kicked(6, "Y", "goal", match="other", sport="ice hockey"),
        )
    )
    assert match.teams == ("B", "A")
    assert (match.goals(0), match.goals(1), match.is_over) == (0, 1, True)


def test_all_chances_together_are_certain() -> None:
    told = outlook(live(37, Chance(12, 0, 0.7, is_goal=True)), Rates(), 37)
    assert sum(told.wins) == pytest.approx(1)
    assert sum(told.next_goal) == pytest.approx(1)


def test_a_lead_is_worth_more_the_later_it_is_held() -> None:
    lead = Chance(5, 1, 0.3, is_goal=True)
    later = [outlook(live(minute, lead), Rates(), minute).wins[2] for minute in (10, 45, 80, 89)]
    assert later == sorted(later)
    assert later[-1] > 0.9


def test_a_team_with_better_chances_scores_next_more_likely() -> None:
    shots = [Chance(minute, 1, 0.4, is_goal=False) for minute in (10, 20, 30, 40)]
    told = outlook(live(45, *shots), Rates(), 45)
    assert told.next_goal[2] > told.next_goal[0]
    assert told.to_come[1] > 1.5 * told.to_come[0]


def test_without_a_home_team_nobody_is_favoured() -> None:
    (match,) = matches(events(kicked(5, "A", "shot"), kicked(5, "B", "shot")))
    told = outlook(match, Rates(), 0)
    assert told.wins[0] == pytest.approx(told.wins[2])


def test_what_happens_later_changes_no_chance() -> None:
    early = Chance(10, 0, 0.2, is_goal=True)
    before, after = live(30, early), live(80, early, Chance(70, 1, 0.9, is_goal=True))
    assert outlook(before, Rates(), 30) == outlook(after, Rates(), 30)


@pytest.fixture(scope="module")
def played() -> pl.DataFrame:
    """Sixty matches in which goals come by chance, at 2.0 a match at home and 0.8 away."""
    dice = np.random.default_rng(8)
    found = []
    for number in range(60):
        name = f"match {number:02d}"
        found.append(kicked(0, "Home", match=name, home_team="Home"))
        for team, mean in (("Home", 2.0), ("Guest", 0.8)):
            for minute in dice.uniform(0.1, 90, dice.poisson(mean * 10)):  # one shot in ten goes in
                outcome = "goal" if dice.random() < 0.1 else "saved"
                found.append(kicked(float(minute), team, "shot", match=name, outcome=outcome, home_team="Home"))
        found.append(kicked(93, "Guest", "final whistle", match=name, home_team="Home"))
    return events(*found)


def test_chances_are_near_what_comes(played: pl.DataFrame, tmp_path: Path, spark: SparkEngine) -> None:
    store = ModelStore(tmp_path, spark)
    card = store.train("match_outlook", EVENT, played, lake_version=0)
    assert (card.metrics["matches"], card.metrics["finished_matches"]) == (60, 60)
    assert card.metrics["brier_of_outcomes"] < 0.26  # a third each way has 0.33, the shares of the ends 0.28
    assert card.metrics["brier_of_next_goals"] < 0.3
    learned = dict(store.explain("match_outlook").rows())
    assert learned["home"] == pytest.approx(2.0, abs=0.5)
    assert learned["away"] == pytest.approx(0.8, abs=0.35)
    half = played.filter(pl.col("minute") < 45)
    said = store.score("match_outlook", EVENT, half)
    full = {match.name: match.goals(0) > match.goals(1) for match in matches(played)}
    won = np.mean([full[name] for name in said["match"]])
    assert said["home_win_probability"].mean() == pytest.approx(won, abs=0.12)
    with pytest.raises(EngineError, match="football matches with shots"):
        store.train("match_outlook", EVENT, played.head(1), lake_version=0)
