"""The columns of a Lens panel: how rows are grouped and what is counted of each group."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.dataset import ColumnType
from pipeline.published_datasets import Merge
from visualization.kibana.saved_objects import Json, Source, number_format, shown_field

RECORDS = "___records___"
"""Lens's name for whole documents."""
TOP = 10
_OPERATIONS = {Merge.SUM: "sum", Merge.MEAN: "average", Merge.LEAST: "min", Merge.GREATEST: "max"}
_DATA_TYPES = {
    ColumnType.BOOLEAN: "boolean",
    ColumnType.DATE: "date",
    ColumnType.INTEGER: "number",
    ColumnType.MONEY: "number",
    ColumnType.NUMBER: "number",
    ColumnType.TIMESTAMP: "date",
}
_TIMES = (ColumnType.DATE, ColumnType.TIMESTAMP)


@dataclass(frozen=True, slots=True)
class LensColumn:
    """One column of a panel: its id in the panel, and what Lens keeps of it."""

    id: str
    state: Json

    @property
    def is_bucketed(self) -> bool:
        """Whether it groups rows; otherwise it is counted of each group."""
        return bool(self.state["isBucketed"])


def count(label: str) -> LensColumn:
    """How many documents."""
    return _counted("count", "count", RECORDS, label, {"emptyAsNull": True})


def distinct(field: str, label: str) -> LensColumn:
    """How many different values of a field."""
    return _counted(f"distinct-{field}", "unique_count", field, label, {"emptyAsNull": True})


def measure(source: Source, name: str, merge: Merge, label: str = "") -> LensColumn:
    """The values of a column, put together as they merge."""
    column = source.dataset.column(name)
    form = number_format(column)
    operation = _OPERATIONS[merge]
    parameters: Json = {"format": form} if form else {}
    if merge is Merge.SUM:
        parameters["emptyAsNull"] = True
    counted = _counted(f"{operation}-{name}", operation, name, label or source.label(name), parameters)
    if column.type in _TIMES:
        counted.state.update(dataType="date", scale="interval")
    return counted


def over_time(source: Source, name: str) -> LensColumn:
    """Groups by time, as finely as the panel has room."""
    state = {
        "customLabel": True,
        "dataType": "date",
        "isBucketed": True,
        "label": source.label(name),
        "operationType": "date_histogram",
        "params": {"dropPartials": False, "includeEmptyRows": True, "interval": "auto"},
        "scale": "interval",
        "sourceField": name,
    }
    return LensColumn(f"time-{name}", state)


def by(source: Source, name: str, order_by: LensColumn, size: int = TOP, *, with_others: bool = False) -> LensColumn:
    """Groups by a column's values, those first that have most; rows without a value are a group of their own."""
    column = source.dataset.column(name)
    field = shown_field(column)
    kind = "string" if column.is_sealed else _DATA_TYPES.get(column.type, "string")
    parameters = {
        "exclude": [],
        "excludeIsRegex": False,
        "include": [],
        "includeIsRegex": False,
        "missingBucket": kind == "string",
        "orderBy": {"columnId": order_by.id, "type": "column"},
        "orderDirection": "desc",
        "otherBucket": with_others or kind == "string",  # Lens shows rows without a value only beside the others
        "parentFormat": {"id": "terms"},
        "size": size,
    }
    state = {
        "customLabel": True,
        "dataType": kind,
        "isBucketed": True,
        "label": source.label(name),
        "operationType": "terms",
        "params": parameters,
        "scale": "ordinal",
        "sourceField": field,
    }
    return LensColumn(f"by-{name}", state)


def layer_of(columns: Sequence[LensColumn]) -> Json:
    """A layer of these columns: groups first, in their order of nesting."""
    ordered = [c for c in columns if c.is_bucketed] + [c for c in columns if not c.is_bucketed]
    return {
        "columnOrder": [column.id for column in ordered],
        "columns": {column.id: column.state for column in ordered},
        "ignoreGlobalFilters": False,
        "incompleteColumns": {},
        "sampling": 1,
    }


def _counted(identity: str, operation: str, field: str, label: str, parameters: Json) -> LensColumn:
    state = {
        "customLabel": True,
        "dataType": "number",
        "isBucketed": False,
        "label": label,
        "operationType": operation,
        "params": parameters,
        "scale": "ratio",
        "sourceField": field,
    }
    return LensColumn(identity, state)
