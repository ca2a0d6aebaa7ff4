"""How one table of a model is described where it is published."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.dataset import Column
from pipeline.published_datasets import Merge


@dataclass(frozen=True, slots=True)
class ModelTable:
    """One table of a model.

    Attributes:
        description: What it says, in a sentence.
        identity: The columns that tell its rows apart.
        columns: Its columns.
        measures: Column → how it merges over rows.
    """

    description: str
    identity: tuple[str, ...]
    columns: tuple[Column, ...]
    measures: Mapping[str, Merge] = field(default_factory=dict)
