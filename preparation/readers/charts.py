"""Charts and diagrams in office documents: titles, kinds and the values that they draw, a row a category."""

from __future__ import annotations

from typing import Any

from preparation.readers.markup_tree import local_name
from preparation.readers.prose import squeezed

_KINDS = {
    "barChart": "Bar chart",
    "bar3DChart": "Bar chart",
    "lineChart": "Line chart",
    "line3DChart": "Line chart",
    "pieChart": "Pie chart",
    "pie3DChart": "Pie chart",
    "doughnutChart": "Doughnut chart",
    "areaChart": "Area chart",
    "area3DChart": "Area chart",
    "scatterChart": "Scatter chart",
    "bubbleChart": "Bubble chart",
    "radarChart": "Radar chart",
    "stockChart": "Stock chart",
    "surfaceChart": "Surface chart",
    "surface3DChart": "Surface chart",
    "ofPieChart": "Pie chart",
}
_MAX_POINTS = 10_000


def chart_lines(root: Any) -> list[str]:
    """The lines that tell a chart, cells parted by tabs; none where there is no chart."""
    if root is None:
        return []
    title = next((squeezed(" ".join(each.itertext("{*}t"))) for each in root.iterfind(".//{*}chart/{*}title")), "")
    lines = [title] if title else []
    for plot in root.iterfind(".//{*}plotArea/*"):
        kind = _KINDS.get(local_name(plot))
        if kind:
            lines += [kind, *_rows(list(plot.iterfind("{*}ser")))]
    return lines


def diagram_lines(root: Any) -> list[str]:
    """The texts of a diagram's shapes."""
    found = (squeezed("".join(each.itertext("{*}t"))) for each in (root.iter("{*}p") if root is not None else ()))
    return [line for line in found if line]


def _rows(series: list[Any]) -> list[str]:
    """A row a category, a column a series; points are told by their place, which charts may leave out."""
    names = [_points(each.find("{*}tx")) for each in series]
    values = [_points(_first(each, "val", "yVal")) for each in series]
    categories = _points(_first(series[0], "cat", "xVal")) if series else {}
    places = sorted({place for each in [categories, *values] for place in each})[:_MAX_POINTS]
    if not places:
        return []
    header = "\t".join(["", *(" ".join(each.values()) for each in names)])
    rows = ["\t".join([categories.get(at, ""), *(each.get(at, "") for each in values)]) for at in places]
    return [header, *rows]


def _first(element: Any, *names: str) -> Any:
    return next((found for name in names if (found := element.find("{*}" + name)) is not None), None)


def _points(element: Any) -> dict[int, str]:
    """The values that a chart keeps of the cells it draws, by their place."""
    if element is None:
        return {}
    found: dict[int, str] = {}
    for point in element.iter("{*}pt"):
        place = point.get("idx") or ""
        if place.isdecimal() and len(found) < _MAX_POINTS:
            found[int(place)] = _shown(squeezed(point.findtext("{*}v") or ""))
    if not found and (text := squeezed(element.findtext("{*}v") or "")):
        return {0: text}
    return found


def _shown(value: str) -> str:
    """A number without the traces of binary fractions: ``4.4000000000000004`` is 4.4."""
    try:
        return f"{float(value):.12g}" if len(value) > 12 else value  # noqa: PLR2004 - digits that a person typed
    except ValueError:
        return value
