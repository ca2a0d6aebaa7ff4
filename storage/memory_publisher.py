"""Published rows in memory, for tests: with an outage to switch on."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl

from core.dataset import Dataset
from core.errors import UnavailableError
from core.ports import Publisher
from storage.published_identities import ID, with_ids


class MemoryPublisher(Publisher):
    """Keeps rows by dataset and identity.

    Attributes:
        is_down: While it is, every call fails as it does without a server.
    """

    def __init__(self) -> None:
        self.is_down = False
        self._rows: dict[str, dict[str, dict[str, Any]]] = {}

    def replace(self, dataset: Dataset, frame: pl.DataFrame) -> int:
        self._must_be_up()
        before = self._rows.get(dataset.name, {})
        after = _by_id(dataset, frame)
        self._rows[dataset.name] = after
        written = sum(before.get(name) != row for name, row in after.items())
        return written + len(before.keys() - after.keys())

    def put(self, dataset: Dataset, frame: pl.DataFrame) -> int:
        self._must_be_up()
        rows = _by_id(dataset, frame)
        self._rows.setdefault(dataset.name, {}).update(rows)
        return len(rows)

    def greatest(self, dataset: Dataset, column: str) -> int | datetime | None:
        self._must_be_up()
        values = [row[column] for row in self._rows.get(dataset.name, {}).values() if row[column] is not None]
        return max(values, default=None)

    def close(self) -> None:
        self._rows = {}

    def rows(self, name: str) -> list[Mapping[str, Any]]:
        """What is published of a dataset, in the order in which it came."""
        return list(self._rows.get(name, {}).values())

    def names(self) -> tuple[str, ...]:
        """The datasets that were published, sorted."""
        return tuple(sorted(self._rows))

    def _must_be_up(self) -> None:
        if self.is_down:
            raise UnavailableError("Nobody can be published to.", "Wait.")


def _by_id(dataset: Dataset, frame: pl.DataFrame) -> dict[str, dict[str, Any]]:
    named = with_ids(dataset, frame.select(column.name for column in dataset.columns))
    return {row.pop(ID): row for row in named.iter_rows(named=True)}
