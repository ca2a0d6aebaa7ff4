"""The port that both engines fill: the state of a view over the files of one lake version."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import polars as pl

from core.dataset import Dataset
from processing.state import empty_state, finish
from processing.view import View


@dataclass(frozen=True, slots=True)
class LakeTable:
    """One version of a lake table as an engine reads it.

    Attributes:
        dataset: Its dataset; a column that a file does not have reads as null.
        files: Its Parquet files, as paths or URLs.
    """

    dataset: Dataset
    files: tuple[str, ...]


class Engine(ABC):
    """Computes views. Equal rows give equal answers on every engine, to the last bit."""

    def state(self, view: View, table: LakeTable) -> pl.DataFrame:
        """The state of a view over all rows of a table.

        Raises:
            UsageError: If the view names what the dataset does not have.
            EngineError: If the engine cannot run or the files cannot be read.
        """
        view.check(table.dataset)
        if not table.files:
            return empty_state(view, table.dataset)
        return self._state(view, table)

    def rows(self, view: View, table: LakeTable) -> pl.DataFrame:
        """The view's rows, in its order; raises as `state`."""
        return finish(view, table.dataset, self.state(view, table))

    @abstractmethod
    def _state(self, view: View, table: LakeTable) -> pl.DataFrame:
        """As `state`, of a view that fits and a table that has files."""

    @abstractmethod
    def close(self) -> None:
        """Lets go of what the engine holds; it may be used again."""
