"""The overview says how the streaming queries go."""

from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest

from visualization.streams_panel import figures

EVENTS = {
    "stream": "kafka",
    "topics": ["halls"],
    "events": 1234,
    "late": 7,
    "rejected": 0,
    "state_bytes": 2000,
    "input_rows_per_second": 1000.4,
    "processed_rows_per_second": 8000.0,
    "batch_seconds": 0.25,
    "lag": 12,
}


def html(page: AppTest) -> str:
    return " ".join(str(each.proto.body) for each in page.get("html"))


def test_the_overview_shows_pace_lag_and_late_events_of_a_stream(draw: Callable[..., AppTest], system: Any) -> None:
    system.streaming = [EVENTS]
    page = draw("overview", system)
    assert "Events" in [each.value for each in page.subheader]
    shown = html(page)
    for words in ("1,000/s", "8,000/s", "12 events wait in the topics", "7, see the quarantine", "250 ms", "2.0 kB"):
        assert words in shown
    assert "rejected_row" not in shown


def test_a_stream_that_has_told_nothing_yet_says_what_it_reads() -> None:
    said = dict(figures({"stream": "kafka", "topics": ["a", "b"], "events": 0, "lag": None}))
    assert said["From"] == "a, b"
    assert said["Came in"] == said["A step takes"] == ""


def test_without_streams_the_overview_shows_none(draw: Callable[..., AppTest], system: Any) -> None:
    assert "Events" not in [each.value for each in draw("overview", system).subheader]
