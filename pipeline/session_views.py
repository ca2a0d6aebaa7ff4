"""Sessions among the views: of each dataset that has them, a list and their figures by hour."""

import time
from typing import TYPE_CHECKING, Any

from core.dataset import Dataset
from core.errors import NotFoundError
from processing import SESSION, describe_view, has_sessions, hourly_rows, hourly_view, list_name

if TYPE_CHECKING:
    import polars as pl

    from core.ports import Lake
    from preparation import Catalog
    from processing import SessionStore

_REST_PER_SECOND = 50


class SessionViews:
    """What is asked of sessions as if they were declared views.

    Args:
        catalog: The datasets.
        store: Their sessions.
    """

    def __init__(self, catalog: "Catalog", store: "SessionStore") -> None:
        self._datasets = {each.name: each for each in catalog.datasets() if has_sessions(each)}
        self._store = store
        self._rests_until = 0.0
        self._hours: dict[str, tuple[tuple[int, str], pl.DataFrame]] = {}

    def datasets(self) -> tuple[Dataset, ...]:
        """Those that have sessions."""
        return tuple(self._datasets.values())

    def state(self, dataset: Dataset) -> tuple[int, str]:
        """What the sessions that there are come from: the lake's version, -1 where there are none, and a mark."""
        standing = self._store.standing(dataset)
        return (-1, "") if standing is None else (standing.version, standing.made)

    def dataset_of(self, name: str) -> Dataset | None:
        """The dataset whose sessions the view of that name shows; None where it is no view of sessions."""
        named = (
            each for each in self._datasets.values() if name in {list_name(each.name), hourly_view(each.name).name}
        )
        return next(named, None)

    def described(self, dataset: str | None = None) -> list[dict[str, Any]]:
        """As views are described, of one dataset or of all; none of a dataset that has no session yet."""
        chosen = [each for each in self._datasets.values() if dataset in {None, each.name}]
        return [told for each in chosen if self._store.count(each) for told in (self._list(each), self._hourly(each))]

    def rows(self, name: str, dataset: Dataset) -> "pl.DataFrame":
        """The rows of a view of sessions.

        Raises:
            NotFoundError: If there are none yet.
        """
        if name == list_name(dataset.name):
            return self._store.sessions(dataset)
        state, known = self.state(dataset), self._hours.get(name)
        if known is None or known[0] != state:
            known = self._hours[name] = state, hourly_rows(hourly_view(dataset.name), self._store.sessions(dataset))
        return known[1]

    def take_in_late(self, lake: "Lake") -> list[str]:
        """Makes the sessions anew of each dataset of which events came too late; their names.

        What took long rests the longer, so that this takes a fiftieth of a core at most.
        """
        if time.monotonic() < self._rests_until:
            return []
        started = time.monotonic()
        standings = {name: self._store.standing(each) for name, each in self._datasets.items()}
        behind = [name for name, standing in standings.items() if standing is not None and standing.late]
        for name in behind:
            self._store.rebuild(self._datasets[name], lake)
        self._rests_until = time.monotonic() + _REST_PER_SECOND * (time.monotonic() - started)
        return behind

    def _list(self, dataset: Dataset) -> dict[str, Any]:
        columns = [column for column in SESSION.columns if column.name != "actor"]
        metrics = [{"name": each.name, "label": _headed(each.name), "unit": each.unit} for each in columns]
        described = {"window": None, "dimensions": ["actor"], "metrics": metrics, "is_list": True}
        told = self._told(
            dataset, list_name(dataset.name), f"Sessions of visitors, the newest first.{self._late(dataset)}"
        )
        return told | {"rows": self._store.count(dataset)} | described

    def _hourly(self, dataset: Dataset) -> dict[str, Any]:
        view = hourly_view(dataset.name)
        columns = [column for column in describe_view(view, SESSION)["columns"] if column["kind"] != "window"]
        metrics = [{"name": each["name"], "label": each["description"], "unit": each["unit"]} for each in columns]
        try:
            rows = self.rows(view.name, dataset).height
        except NotFoundError:
            rows = 0
        described = {"window": view.window, "dimensions": [], "metrics": metrics}
        return self._told(dataset, view.name, view.description) | {"rows": rows} | described

    def _told(self, dataset: Dataset, name: str, description: str) -> dict[str, Any]:
        told = {"view": name, "dataset": dataset.name, "description": description}
        return told | {"version": self.state(dataset)[0]}

    def _late(self, dataset: Dataset) -> str:
        standing = self._store.standing(dataset)
        if standing is None or not standing.late:
            return ""
        return f" {standing.late:,} events came too late and are in none of them until the next rebuild."


def _headed(column: str) -> str:
    """A column's name as it heads a table, where its unit stands beside it."""
    return column.removesuffix("_seconds").replace("_", " ").capitalize()
