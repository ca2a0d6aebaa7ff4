"""A dashboard: panels laid out in rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from visualization.kibana.saved_objects import DASHBOARD, EMPTY_QUERY, Json, Reference, SavedObject, text_of

WIDTH = 48  # Kibana's grid
REFRESH_MILLISECONDS = 10_000
_PANEL_VERSION = "9.0.0"


@dataclass(frozen=True, slots=True)
class Placed:
    """A panel and the room it takes."""

    panel: SavedObject
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Note:
    """A text of its own, in Markdown."""

    text: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Page:
    """What a dashboard shows.

    Attributes:
        key: Its part of the id.
        title: For people.
        description: One sentence for people.
        rows: Its panels, row by row; a row's widths are at most `WIDTH` together.
        since: The beginning of the time shown at first, as Kibana writes it; its end is now.
    """

    key: str
    title: str
    description: str
    rows: Sequence[Sequence[Placed | Note]]
    since: str = "now-24h"


def row_of(height: int, *panels: SavedObject, shares: Sequence[int] = ()) -> list[Placed]:
    """Panels beside each other, across the whole grid: of equal width, or as their shares say."""
    parts = shares or (1,) * len(panels)
    unit = WIDTH // max(sum(parts), 1)
    return [Placed(panel, unit * part, height) for panel, part in zip(panels, parts, strict=True)]


def dashboard_id(prefix: str, key: str) -> str:
    """The id of a dashboard."""
    return f"{prefix}-dashboard-{key}"


def dashboard(prefix: str, page: Page) -> SavedObject:
    """The dashboard of a page; its panels are objects of their own, which it refers to."""
    panels: list[Json] = []
    references: list[Reference] = []
    top = 0
    for row in page.rows:
        left = 0
        for placed in row:
            place = {"h": placed.height, "i": str(len(panels)), "w": placed.width, "x": left, "y": top}
            panels.append(_note(placed, place) if isinstance(placed, Note) else _by_reference(placed, place))
            if isinstance(placed, Placed):
                panel = placed.panel
                references.append(Reference(f"{place['i']}:panel_{place['i']}", panel.type, panel.id))
            left += placed.width
        top += max((placed.height for placed in row), default=0)
    attributes: Json = {
        "description": page.description,
        "kibanaSavedObjectMeta": {"searchSourceJSON": text_of({"filter": [], "query": EMPTY_QUERY})},
        "optionsJSON": text_of(
            {
                "hidePanelTitles": False,
                "syncColors": False,
                "syncCursor": True,
                "syncTooltips": False,
                "useMargins": True,
            }
        ),
        "panelsJSON": text_of(panels),
        "refreshInterval": {"pause": False, "value": REFRESH_MILLISECONDS},
        "timeFrom": page.since,
        "timeRestore": True,
        "timeTo": "now",
        "title": page.title,
        "version": 1,
    }
    return SavedObject(DASHBOARD, dashboard_id(prefix, page.key), attributes, tuple(references))


def _by_reference(placed: Placed, place: Json) -> Json:
    return {
        "embeddableConfig": {"enhancements": {}},
        "gridData": place,
        "panelIndex": place["i"],
        "panelRefName": f"panel_{place['i']}",
        "title": placed.panel.attributes["title"],
        "type": placed.panel.type,
        "version": _PANEL_VERSION,
    }


def _note(note: Note, place: Json) -> Json:
    search = {"filter": [], "query": EMPTY_QUERY}
    visual = {
        "data": {"aggs": [], "searchSource": search},
        "description": "",
        "params": {"fontSize": 12, "markdown": note.text, "openLinksInNewTab": False},
        "title": "",
        "type": "markdown",
        "uiState": {},
    }
    return {
        "embeddableConfig": {"enhancements": {}, "hidePanelTitles": True, "savedVis": visual},
        "gridData": place,
        "panelIndex": place["i"],
        "type": "visualization",
        "version": _PANEL_VERSION,
    }
