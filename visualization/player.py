"""Plays a recording from where a sentence is said or a scene begins."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pipeline import System

_PLAYED = frozenset(("audio", "video", "speech_segment", "video_scene"))
_BY_BROWSERS = {
    "audio": ("mpeg", "mp4", "aac", "wav", "ogg", "flac", "webm", "opus"),
    "video": ("mp4", "webm", "quicktime", "ogg"),
}
_MAX_BYTES = 256 * 1024 * 1024  # the page's process holds what it plays
_MINUTE = 60


def show_player(system: System, hit: Mapping[str, Any], file: Mapping[str, Any], buttons: Any) -> None:
    """A button that plays the file of a hit from its time on; nothing for what browsers do not play.

    Args:
        system: Whose vault has the file.
        hit: One hit of a search.
        file: The file's row in the catalogue.
        buttons: The container of the button.
    """
    family, _, form = str(file.get("media_type") or "").partition("/")
    is_played = hit["dataset"] in _PLAYED and form.removeprefix("x-") in _BY_BROWSERS.get(family, ())
    if not is_played or int(file.get("bytes") or 0) > _MAX_BYTES:
        return
    start = int(float(hit["record"].get("start_seconds") or 0))
    wanted = buttons.button(
        f"Play from {start // _MINUTE}:{start % _MINUTE:02}" if start else "Play",
        icon=":material/play_arrow:",
        key=f"play-{hit['dataset']}-{hit['id']}",
        help="Unseals the recording for this page. The audit trail records it.",
    )
    if wanted:
        content = b"".join(system.original(str(hit["blob"])))
        play = st.video if family == "video" else st.audio
        play(content, format=f"{family}/{form}", start_time=start)
