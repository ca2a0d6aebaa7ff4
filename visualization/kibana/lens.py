"""Lens panels: a number, bars, lines, a ring, a table; each over one dataset."""

from collections.abc import Sequence
from dataclasses import dataclass

from visualization.kibana.lens_columns import LensColumn, layer_of
from visualization.kibana.saved_objects import EMPTY_QUERY, LENS, Json, SavedObject, Source

_LAYER = "rows"
_PAGE_ROWS = 10
_AXES = ("x", "yLeft", "yRight")


@dataclass(frozen=True, slots=True)
class Heading:
    """What a panel is called.

    Attributes:
        key: Its part of the object's id: stable, unique in its dashboard.
        title: For people.
        query: Only rows that this KQL query finds.
    """

    key: str
    title: str
    query: str = ""


def number(source: Source, heading: Heading, value: LensColumn) -> SavedObject:
    """One number, large."""
    state = {"layerId": _LAYER, "layerType": "data", "metricAccessor": value.id}
    return _lens(source, heading, "lnsMetric", [value], state)


def chart(  # noqa: PLR0913  # the parts of a chart
    source: Source,
    heading: Heading,
    series: str,
    values: Sequence[LensColumn],
    along: LensColumn,
    *,
    split: LensColumn | None = None,
) -> SavedObject:
    """Values along one axis, split by another.

    Args:
        source: What it shows.
        heading: What it is called.
        series: ``bar_stacked``, ``bar_horizontal`` or ``line``.
        values: What is drawn.
        along: The axis: time, or names.
        split: A colour for each of its values.
    """
    layer: Json = {
        "accessors": [value.id for value in values],
        "layerId": _LAYER,
        "layerType": "data",
        "position": "top",
        "seriesType": series,
        "showGridlines": False,
        "xAccessor": along.id,
    }
    columns = [along, *values]
    if split:
        layer["splitAccessor"] = split.id
        columns = [split, *columns]
    state = {
        "axisTitlesVisibilitySettings": {"x": False, "yLeft": len(values) == 1, "yRight": True},
        "fittingFunction": "Linear" if series == "line" else "None",
        "gridlinesVisibilitySettings": dict.fromkeys(_AXES, True),
        "labelsOrientation": dict.fromkeys(_AXES, 0),
        "layers": [layer],
        "legend": {"isVisible": bool(split) or len(values) > 1, "position": "bottom"},
        "preferredSeriesType": series,
        "tickLabelsVisibilitySettings": dict.fromkeys(_AXES, True),
        "valueLabels": "hide",
    }
    return _lens(source, heading, "lnsXY", columns, state)


def ring(source: Source, heading: Heading, value: LensColumn, parts: LensColumn) -> SavedObject:
    """The parts of a whole."""
    layer = {
        "categoryDisplay": "default",
        "layerId": _LAYER,
        "layerType": "data",
        "legendDisplay": "show",
        "metrics": [value.id],
        "nestedLegend": False,
        "numberDisplay": "percent",
        "primaryGroups": [parts.id],
    }
    return _lens(source, heading, "lnsPie", [parts, value], {"layers": [layer], "shape": "donut"})


def table(source: Source, heading: Heading, groups: Sequence[LensColumn], values: Sequence[LensColumn]) -> SavedObject:
    """A row a group, the greatest first value on top."""
    columns = [*groups, *values]
    state = {
        "columns": [{"columnId": column.id, "isMetric": not column.is_bucketed} for column in columns],
        "layerId": _LAYER,
        "layerType": "data",
        "paging": {"enabled": True, "size": _PAGE_ROWS},
        "sorting": {"columnId": values[0].id, "direction": "desc"},
    }
    return _lens(source, heading, "lnsDatatable", columns, state)


def _lens(source: Source, heading: Heading, kind: str, columns: Sequence[LensColumn], state: Json) -> SavedObject:
    attributes: Json = {
        "description": source.dataset.description,
        "state": {
            "adHocDataViews": {},
            "datasourceStates": {"formBased": {"layers": {_LAYER: layer_of(columns)}}},
            "filters": [],
            "internalReferences": [],
            "query": {**EMPTY_QUERY, "query": heading.query},
            "visualization": state,
        },
        "title": heading.title,
        "visualizationType": kind,
    }
    reference = source.reference(f"indexpattern-datasource-layer-{_LAYER}")
    return SavedObject(LENS, f"{source.prefix}-panel-{heading.key}", attributes, (reference,))
