"""How a football match may end and who scores next, from its score, its minute and its chances so far."""

from dataclasses import dataclass

import numpy as np

from processing.models.matches import MINUTES, Match
from processing.models.quality import Numbers

HOME, AWAY = 1.5, 1.2
"""Goals of a home and of an away team in a match of the large leagues, where a home's own matches are too few."""

_PRIOR_MATCHES = 1.5  # how many matches of an average team weigh as much as what was seen of this one
_MIN_LEFT = 2.0  # minutes: there is always some time added
_MOST_GOALS = 10


@dataclass(frozen=True, slots=True)
class Rates:
    """Goals in a match of an average team at home, and away."""

    home: float = HOME
    away: float = AWAY

    def of(self, match: Match) -> tuple[float, float]:
        """Those of the two teams; where nobody says who is at home, the same of both."""
        mean = (self.home + self.away) / 2
        return (self.home, self.away) if match.is_home_known else (mean, mean)


@dataclass(frozen=True, slots=True)
class Outlook:
    """Chances from a minute on.

    Attributes:
        wins: That the first team wins, that nobody does, that the second does.
        next_goal: That the first team scores next, that nobody does any more, that the second does.
        to_come: The goals expected of each team from here on.
    """

    wins: tuple[float, float, float]
    next_goal: tuple[float, float, float]
    to_come: tuple[float, float]


def outlook(match: Match, rates: Rates, minute: float) -> Outlook:
    """The chances at that minute, from what had happened until then.

    Goals come by a Poisson process for each team. Its rate is the average one, moved towards what the team's chances so
    far were worth, by as much as there is to see of them (the mean of a Gamma distribution that has seen both).
    """
    left = max(MINUTES - minute, _MIN_LEFT) / MINUTES
    to_come = [left * _rate(average, match.worth(team, minute), minute) for team, average in enumerate(rates.of(match))]
    ahead = match.goals(0, minute) - match.goals(1, minute)
    first, second = (_poisson(mean) for mean in to_come)
    together = np.outer(first, second)
    difference = ahead + np.subtract.outer(np.arange(_MOST_GOALS + 1), np.arange(_MOST_GOALS + 1))
    wins = [
        float(together[where].sum() / together.sum()) for where in (difference > 0, difference == 0, difference < 0)
    ]
    total = sum(to_come)
    scored = 1 - float(np.exp(-total))
    following = (scored * to_come[0] / total, 1 - scored, scored * to_come[1] / total)
    return Outlook((wins[0], wins[1], wins[2]), following, (to_come[0], to_come[1]))


def _rate(average: float, worth: float, minute: float) -> float:
    """Goals in a whole match."""
    seen = minute / MINUTES
    return (average * _PRIOR_MATCHES + worth) / (_PRIOR_MATCHES + seen)


def _poisson(mean: float) -> Numbers:
    counts = np.arange(_MOST_GOALS + 1)
    logs = counts * np.log(mean) - mean - np.cumsum(np.log(np.maximum(counts, 1)))
    chances: Numbers = np.exp(logs)
    return chances
