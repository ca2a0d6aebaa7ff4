"""What pages and tables say of a view."""

from typing import Any

from core.dataset import Dataset
from core.errors import NotFoundError
from processing import View, ViewStore, describe_view


def described_view(view: View, dataset: Dataset, store: ViewStore) -> dict[str, Any]:
    """A view with its columns by kind, how far it has come and how many rows it has; -1 and 0 before its first row."""
    told = describe_view(view, dataset)
    columns = told["columns"]
    try:
        rows = store.rows(view, dataset).height
    except NotFoundError:
        rows = 0
    return {
        "view": view.name,
        "dataset": view.dataset,
        "description": view.description,
        "version": store.version(view),
        "rows": rows,
        "window": view.window,
        "dimensions": [column["name"] for column in columns if column["kind"] == "dimension"],
        "metrics": [
            {"name": column["name"], "label": column["description"] or column["name"], "unit": column["unit"]}
            for column in columns
            if column["kind"] not in {"dimension", "window"}
        ],
    }
