"""Events as they come from a topic: what preparation makes of some, for processing to count and show."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class ReadEvents:
    """What came out of some events.

    Attributes:
        dataset: The dataset of their rows.
        frame: Accepted rows of the events that came in time, in the schema `core.frames.prepared_schema` gives.
        late: The positions of the events that came too late.
        rejected: How many rows the dataset refused.
        latest: The latest time at which one of them happened, in microseconds since 1970, or None.
    """

    dataset: str
    frame: pl.DataFrame
    late: tuple[int, ...] = ()
    rejected: int = 0
    latest: int | None = None


EventReader = Callable[[Sequence[bytes], str | None, int | None], ReadEvents]
"""Reads events, one JSON text each: of a dataset, or of the one recognised; those before a moment are late.

It is sent to Spark's workers, so what it holds must travel.
"""
