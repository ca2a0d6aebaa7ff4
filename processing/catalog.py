"""Which views there are: the bundled ones and the user's own."""

import importlib.util
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from core.dataset import Dataset
from core.errors import NotFoundError, UsageError
from processing.view import WINDOW_COLUMN, Piece, View
from processing.views import BUNDLED_VIEWS


class ViewCatalog:
    """The views of a home, by name.

    Args:
        views: Views; of two with one name the later holds, so a user's own replaces a bundled one.
    """

    def __init__(self, views: Iterable[View] = BUNDLED_VIEWS) -> None:
        self._by_name = {view.name: view for view in views}

    @classmethod
    def of_home(cls, folder: Path) -> "ViewCatalog":
        """The bundled views and those in the Python files of `folder`, which need not exist.

        Raises:
            UsageError: Naming a file that does not run.
        """
        return cls([*BUNDLED_VIEWS, *user_views(folder)])

    def names(self) -> tuple[str, ...]:
        """All names, sorted."""
        return tuple(sorted(self._by_name))

    def view(self, name: str) -> View:
        """The view of that name.

        Raises:
            NotFoundError: Naming the views there are.
        """
        try:
            return self._by_name[name]
        except KeyError:
            raise NotFoundError(f"There is no view {name}.", f"Views are {', '.join(self.names())}.") from None

    def of_dataset(self, dataset: str) -> tuple[View, ...]:
        """The views of a dataset, sorted by name."""
        return tuple(self._by_name[name] for name in self.names() if self._by_name[name].dataset == dataset)


def user_views(folder: Path) -> list[View]:
    """The `View`s at module level of each Python file in `folder`, in the order of the files' names.

    Raises:
        UsageError: Naming a file that does not run.
    """
    views: list[View] = []
    for file in sorted(folder.glob("*.py")):
        views += [value for value in vars(_run(file)).values() if isinstance(value, View)]
    return views


def describe_view(view: View, dataset: Dataset) -> Mapping[str, Any]:
    """What a page or a table says of a view: its columns with kind, unit and description."""
    keys = [_described_key(key, view, dataset) for key in view.keys]
    metrics = [
        {
            "name": column,
            "kind": type(metric).__name__.lower(),
            "unit": dataset.column(metric.column).unit if metric.column in dataset and _has_unit(metric) else None,
            "description": metric.description,
        }
        for metric in view.metrics
        for column in metric.columns
    ]
    ratios = [{"name": r.name, "kind": "ratio", "unit": None, "description": r.description} for r in view.ratios]
    return {
        "view": view.name,
        "dataset": view.dataset,
        "description": view.description,
        "window": view.window,
        "columns": [*keys, *metrics, *ratios],
    }


def _described_key(key: str, view: View, dataset: Dataset) -> Mapping[str, Any]:
    pieces = {d.name: d.column for d in view.dimensions if isinstance(d, Piece)}
    name = pieces.get(key, key)
    if key == WINDOW_COLUMN and view.window:
        return {"name": key, "kind": "window", "unit": None, "description": f"Start of the {view.window}, UTC."}
    return {"name": key, "kind": "dimension", "unit": None, "description": dataset.column(name).description}


def _has_unit(metric: Any) -> bool:
    return type(metric).__name__ in {"Sum", "Mean", "Min", "Max", "Quantiles", "First", "Last"}


def _run(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"penstock_user_view_{file.stem}", file)
    if spec is None or spec.loader is None:
        raise UsageError(f"The view file {file} cannot be loaded.", "Check its name.")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # a user's file may raise anything; the answer names it
        raise UsageError(f"The view file {file} does not run: {error!r}", "Mend it, or move it away.") from error
    return module
