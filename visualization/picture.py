"""Shows the picture, page or moment of a film that a record was read from, with its place marked."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.errors import PenstockError
from pipeline import System

_EDGES = ("left", "top", "right", "bottom")
_SIDE = 1_200
_PDF = "application/pdf"


def show_picture(system: System, hit: Mapping[str, Any], file: Mapping[str, Any], buttons: Any) -> None:
    """A button that shows where a hit was read; nothing for files that are no picture.

    Args:
        system: Whose vault has the file.
        hit: One hit of a search.
        file: The file's row in the catalogue.
        buttons: The container of the button.
    """
    media_type = str(file.get("media_type") or "")
    if media_type != _PDF and media_type.partition("/")[0] not in ("image", "video"):
        return
    wanted = buttons.button(
        "Show it",
        icon=":material/image:",
        key=f"picture-{hit['dataset']}-{hit['id']}",
        help="A worker unseals the file and draws it; the audit trail records it.",
    )
    if not wanted:
        return
    record = hit["record"]
    places = [tuple(float(record[edge]) for edge in _EDGES)] if all(_is_number(record.get(e)) for e in _EDGES) else []
    page, at = int(record.get("page") or 1), float(record.get("start_seconds") or 0.0)
    try:
        picture = system.picture(str(hit["blob"]), page=page, at=at, side=_SIDE, marks=places)
    except PenstockError as error:
        st.caption(str(error))
        return
    st.image(picture, caption=f"Page {page}" if media_type == _PDF else None)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)
