"""How the streaming queries go: what they read, what waits, how long a step takes."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pipeline import System
from visualization import blocks, reading
from visualization.wording import amount_of_bytes, counted, duration, number, title

_TITLES = {"kafka": "Events", "views": "Views on Spark"}
_VERSIONS = "versions of the lake wait"
_SIDE_BY_SIDE = 3
_WAITING = {"kafka": "events wait in the topics", "views": _VERSIONS}


def show_streams(system: System) -> None:
    """A card for each query, side by side; nothing where none runs."""
    streams = reading.streams(system)
    for first in range(0, len(streams), _SIDE_BY_SIDE):
        row = streams[first : first + _SIDE_BY_SIDE]
        for column, stream in zip(st.columns(len(row), gap="medium"), row, strict=True):
            name = stream["stream"]
            with column, st.container(border=True, height="stretch", key=f"stream-{name}"):
                st.subheader(_TITLES.get(name) or title(name), anchor=False)
                blocks.show_facts(figures(stream))


def figures(stream: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is said of a query, in words; what it does not tell is left out."""
    pace = [stream.get("input_rows_per_second"), stream.get("processed_rows_per_second")]
    return [
        ("From", ", ".join(stream.get("topics", ()))),
        ("Came in", f"{number(pace[0])}/s" if pace[0] is not None else ""),
        ("Could be taken", f"{number(pace[1])}/s" if pace[1] else ""),
        ("Behind", f"{number(stream.get('lag'))} {_WAITING.get(stream['stream'], _VERSIONS)}"),
        ("A step takes", duration(stream.get("batch_seconds"))),
        ("Waits for more of", _held(stream)),
        ("So far", counted(stream["events"], "event") if "events" in stream else ""),
        ("Too late", _told(stream, "late", "see the quarantine")),
        ("Refused", _told(stream, "rejected", "see the dataset rejected_row")),
        ("Not in the lake yet", amount_of_bytes(stream["state_bytes"]) if "state_bytes" in stream else ""),
    ]


def _held(stream: Mapping[str, Any]) -> str:
    """What the state of a query holds; of one without a state nothing."""
    return counted(stream["held"], "visitor") if stream.get("held") else ""


def _told(stream: Mapping[str, Any], name: str, where: str) -> str:
    return f"{number(stream[name])}, {where}" if stream.get(name) else ""
