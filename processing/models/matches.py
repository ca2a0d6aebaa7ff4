"""Football matches among sports events: who plays, and what has happened by which minute."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from core.dataset import BLOB_COLUMN, RESCUED_COLUMN

MINUTES = 90.0
_LONGEST = 150.0  # minutes
_CERTAINLY_OVER = 105.0  # minutes, where no event says that it ended
SHOTS = {
    "shot",
    "shots",
    "attempt",
    "attemptatgoal",
    "shotatgoal",
    "shotontarget",
    "shotofftarget",
    "shotblocked",
    "miss",
}
GOALS = {"goal", "goalscored", "penaltygoal", "goalpenalty", "headergoal", "owngoalfor"}
ENDS = {"halfend", "endofhalf", "periodend", "end", "finalwhistle", "fulltime", "matchend", "endofmatch", "gameend"}
OWN_GOALS = {"owngoal", "goalowngoal", "autogoal"}
"""What providers call them, letters alone; an own goal counts for the other team."""

_OUTCOME_IN_RESCUED = r'"(?:[a-z_]+\.)?(?:outcome|result)(?:\.name)?":\s*"(?i:goal)"'
_TEAMS = 2
_SPORTS = ("football", "soccer")
_SHOT_WORTH = 0.1  # goals, where nobody says how good a shot was


@dataclass(frozen=True, slots=True)
class Chance:
    """A shot or goal: in which minute, of which team (0 or 1), how many goals it was worth, whether it was one."""

    minute: float
    team: int
    worth: float
    is_goal: bool


@dataclass(frozen=True, slots=True)
class Match:
    """A match as far as its events tell.

    Attributes:
        name: By which it is called, or the blob.
        teams: The home team and the away team; where that is not said, by name.
        is_home_known: Whether it is said.
        minute: That of the last event.
        chances: All shots and goals, by minute.
        is_over: Whether it has been played to the end.
    """

    name: str
    teams: tuple[str, str]
    is_home_known: bool
    minute: float
    chances: tuple[Chance, ...]
    is_over: bool

    def goals(self, team: int, until: float = float("inf")) -> int:
        """How many that team has by that minute."""
        return sum(c.is_goal for c in self.chances if c.team == team and c.minute <= until)

    def worth(self, team: int, until: float = float("inf")) -> float:
        """How many goals its chances by that minute were worth."""
        return sum(c.worth for c in self.chances if c.team == team and c.minute <= until)


def matches(rows: pl.DataFrame) -> Iterator[Match]:
    """Every match of two teams with shots or goals and their minutes, by name."""
    needed = {"minute", "team", "event_type"}
    if not needed <= set(rows.columns):
        return
    known = rows.filter(
        pl.col("minute").is_between(0, _LONGEST), pl.col("event_type").is_not_null(), _is_football(rows)
    )
    keyed = known.with_columns(pl.coalesce("match_id", BLOB_COLUMN).alias("_match")).sort("_match", "minute")
    for (name,), events in keyed.group_by("_match", maintain_order=True):
        if match := _match(str(name), events):
            yield match


def _match(name: str, events: pl.DataFrame) -> Match | None:
    teams = events["team"].drop_nulls().unique().sort().to_list()
    home = events["home_team"].drop_nulls().first() if "home_team" in events.columns else None
    if len(teams) != _TEAMS:
        return None
    if home == teams[1]:
        teams.reverse()
    kind = pl.col("event_type").str.to_lowercase().str.replace_all("[^a-z]", "")
    is_shot, is_own = kind.is_in(SHOTS), kind.is_in(OWN_GOALS)
    is_goal = kind.is_in(GOALS) | is_own | (is_shot & _went_in(events))
    worth = pl.lit(_SHOT_WORTH)
    if "expected_goals" in events.columns:
        worth = pl.coalesce(pl.col("expected_goals").fill_nan(None).clip(0, 1), worth)
    found = events.filter(pl.col("team").is_not_null(), is_shot | is_goal).select(
        "minute",
        pl.when(is_own)
        .then(pl.col("team") == teams[0])
        .otherwise(pl.col("team") == teams[1])
        .cast(pl.Int8)
        .alias("team"),
        pl.when(is_own).then(0.0).otherwise(worth).alias("worth"),
        is_goal.alias("is_goal"),
    )
    if found.is_empty():
        return None
    minute = float(events["minute"].max())  # type: ignore[arg-type]  # none is null here
    ended = not events.filter(kind.is_in(ENDS), pl.col("minute") >= MINUTES).is_empty()
    chances = tuple(Chance(*row) for row in found.iter_rows())
    return Match(name, (teams[0], teams[1]), home in teams, minute, chances, ended or minute >= _CERTAINLY_OVER)


def _went_in(events: pl.DataFrame) -> pl.Expr:
    said = pl.lit(value=False)
    if "outcome" in events.columns:
        said = said | (pl.col("outcome").str.to_lowercase() == "goal").fill_null(value=False)
    if RESCUED_COLUMN in events.columns:
        said = said | pl.col(RESCUED_COLUMN).str.contains(_OUTCOME_IN_RESCUED).fill_null(value=False)
    return said


def _is_football(rows: pl.DataFrame) -> pl.Expr:
    if "sport" not in rows.columns:
        return pl.lit(value=True)
    return pl.col("sport").is_null() | pl.col("sport").str.to_lowercase().is_in(_SPORTS)
