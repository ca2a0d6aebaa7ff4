"""What models of what is done together and of what is done after it share: how often is told in one way."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from processing.models.baskets import GROUP, Source
from processing.models.model import Model, ModelKind, too_few
from processing.models.quality import Numbers

MIN_GROUPS = 50
MIN_SUPPORT = 0.02
MIN_TIMES = 5

_HELD_OUT_EACH = 4  # every fourth of those who did something
OFTEN = {
    "lift": pl.Float64(),
    "confidence": pl.Float64(),
    "support": pl.Float64(),
    "times": pl.Int64(),
    "reasons": pl.String(),
}
"""The columns that say how often something is done."""


@dataclass(frozen=True, slots=True)
class Words:
    """What people call it: who does it (``patients``), what (``procedures``), and what is found (``had``)."""

    who: str
    what: str
    did: str


class FrequentModel(Model):
    """What many do.

    Args:
        name: The model's name.
        source: Where it is read what was done.
        words: What it is called.
    """

    kind = ModelKind.DESCRIPTIVE
    saying: ClassVar[str]
    """The description, with places for `who` and `what`."""

    def __init__(self, name: str, source: Source, words: Words) -> None:
        self.name, self.dataset, self._source, self._words = name, source.dataset, source, words
        self.description = self.saying.format(what=words.what, who=words.who)

    def parted(self, done: pl.DataFrame, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
        """What it is tried to learn from, and what is held out.

        Raises:
            EngineError: If there is too little in all.
        """
        if done.height < MIN_GROUPS:
            raise too_few(self.name, f"{self._words.who} with {self._words.what}", MIN_GROUPS, done.height)
        held_out = pl.col(GROUP).hash(seed) % _HELD_OUT_EACH == 0
        return done.filter(~held_out), done.filter(held_out)


def how_often(both: Numbers, before: Numbers, last: Numbers, count: int) -> dict[str, Numbers]:
    """How often each of several things is done.

    Args:
        both: How many did all of it.
        before: How many did all but its last part.
        last: How many did its last part at all.
        count: How many there are.
    """
    of = max(count, 1)
    confidence, share = both / np.maximum(before, 1), last / of
    return {
        "times": both,
        "before": before,
        "share": share,
        "support": both / of,
        "confidence": confidence,
        "lift": confidence / np.maximum(share, 1 / of),
    }


def shown(frame: pl.DataFrame, telling: pl.Expr, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """The rows of what is done at all, that which says most first, in the columns of `schema`, the first its name."""
    sorted_ = frame.filter(pl.col("times") > 0).sort(telling, next(iter(schema)), descending=[True, False])
    return sorted_.select(pl.col(name).cast(kind) for name, kind in schema.items())
