"""Predictive: how each football match may end and who scores next."""

from typing import Any

import numpy as np
import polars as pl

from core.dataset import Dataset
from processing.models.matches import Match, matches
from processing.models.model import Fitted, Model, ModelKind, too_few
from processing.models.outlook import Rates, outlook

MIN_RESULTS = 20
"""So many finished matches it takes to learn from them how often teams score."""

_MEASURED_AT = (0.0, 15.0, 30.0, 45.0, 60.0, 75.0)
_FEWEST, _MOST = 0.2, 6.0  # goals of a team in a match


class MatchModel(Model):
    """Goals come by chance, at rates that a team's chances in the match so far move."""

    name = "match_outlook"
    kind = ModelKind.PREDICTIVE
    dataset = "sports_event"
    description = "How each football match may end and who scores next, from its score, minute and chances so far."
    needs_spark = False

    def fit(self, session: Any, dataset: Dataset, rows: pl.DataFrame, seed: int) -> Fitted:  # noqa: ARG002 - the port's
        found = list(matches(rows))
        if not found:
            raise too_few(self.name, "football matches with shots or goals and their minutes", 1, 0)
        over = [match for match in found if match.is_over]
        metrics: dict[str, float | int] = {"matches": len(found), "finished_matches": len(over)}
        if over:
            metrics = _measured(over) | metrics
        rates = _rates(over)
        return Fitted(None, {"home": rates.home, "away": rates.away}, metrics, "")

    def score(self, session: Any, dataset: Dataset, rows: pl.DataFrame, fitted: Fitted) -> pl.DataFrame:  # noqa: ARG002
        """A row a match: who plays, the minute and the score, then the probabilities, and ``reasons``."""
        rates = Rates(fitted.plan["home"], fitted.plan["away"])
        schema = {"match": pl.String(), "home_team": pl.String(), "away_team": pl.String(), "minute": pl.Float64()}
        schema |= dict.fromkeys(("home_goals", "away_goals"), pl.Int64()) | dict.fromkeys(_CHANCES, pl.Float64())
        found = [_row(match, rates) for match in matches(rows)]
        return pl.DataFrame(found, schema=schema | {"reasons": pl.String()}, orient="row")

    def explain(self, fitted: Fitted) -> pl.DataFrame:
        """``side`` and ``weight``: goals in a match of an average team at home and away."""
        return pl.DataFrame({"side": ["home", "away"], "weight": [fitted.plan["home"], fitted.plan["away"]]})


_CHANCES = (
    "home_win_probability",
    "draw_probability",
    "away_win_probability",
    "next_goal_home_probability",
    "no_more_goals_probability",
    "next_goal_away_probability",
)


def _row(match: Match, rates: Rates) -> tuple[Any, ...]:
    goals = match.goals(0), match.goals(1)
    told = outlook(match, rates, match.minute)
    chances: tuple[float, ...] = (*told.wins, *told.next_goal)
    if match.is_over:
        won = [float(goals[0] > goals[1]), float(goals[0] == goals[1]), float(goals[0] < goals[1])]
        chances = (*won, 0.0, 1.0, 0.0)
    reasons = (
        f"chances so far worth {match.worth(0):.1f} to {match.worth(1):.1f} goals; "
        f"{told.to_come[0]:.2f} and {told.to_come[1]:.2f} to come"
    )
    return (match.name, *match.teams, match.minute, *goals, *chances, "it is over" if match.is_over else reasons)


def _rates(over: list[Match]) -> Rates:
    if len(over) < MIN_RESULTS:
        return Rates()
    home, away = (float(np.mean([match.goals(team) for match in over])) for team in (0, 1))
    return Rates(min(max(home, _FEWEST), _MOST), min(max(away, _FEWEST), _MOST))


def _measured(over: list[Match]) -> dict[str, float | int]:
    """How far the chances were from what came, each match by rates that know nothing of it: 0 is perfect."""
    ends, goals = [], []
    for place, match in enumerate(over):
        rates = _rates([*over[:place], *over[place + 1 :]])
        for minute in _MEASURED_AT:
            told = outlook(match, rates, minute)
            ends.append(_brier(told.wins, float(np.sign(match.goals(1) - match.goals(0))) + 1))
            later = [chance for chance in match.chances if chance.is_goal and chance.minute > minute]
            goals.append(_brier(told.next_goal, 2.0 * later[0].team if later else 1.0))
    return {"brier_of_outcomes": float(np.mean(ends)), "brier_of_next_goals": float(np.mean(goals))}


def _brier(chances: tuple[float, float, float], happened: float) -> float:
    return sum((chance - (place == happened)) ** 2 for place, chance in enumerate(chances)) / 2
