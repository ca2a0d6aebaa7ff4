"""The page that says in five seconds how things stand."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import streamlit as st

from pipeline import System
from visualization import blocks, reading
from visualization.drawing import draw_arrivals
from visualization.links import dataset_page, is_page, link
from visualization.streams_panel import show_streams
from visualization.wording import amount_of_bytes, counted, headline, moment, number, open_entries, shorter, title

REFRESH_SECONDS = 2.0
NEWEST = 12
DATASETS_KEY = "penstock_datasets"
"""Session state: the datasets that the navigation has pages for."""
_REASONS, _REASON_CHARS = 3, 80
_SHORT, _HOUR, _DAY = 15, 60, 1440
_MEASURES = {"files": "Files", "rows": "Records", "bytes": "Bytes"}


def show(system: System) -> None:
    """Draws the page; it then refreshes by itself."""
    _live(system)


@st.fragment(run_every=REFRESH_SECONDS)
def _live(system: System) -> None:
    books = reading.books(system)
    if with_data(books) != st.session_state.get(DATASETS_KEY, with_data(books)):
        st.rerun()  # a dataset got its first record: the navigation needs its page
    is_running = reading.is_running(system)
    if not is_running:
        blocks.show_stopped()
    said = headline(books, len(open_entries(reading.quarantine(system))), is_running=is_running)
    blocks.show_headline(said, is_running=is_running)
    if not books["received"]:
        show_streams(system)
        _show_first_steps(system)
        return
    blocks.show_books(books)
    left, right = st.columns([2, 1], gap="medium")
    with left, st.container(border=True, height="stretch"):
        _show_arrivals(system)
    with right, st.container(border=True, height="stretch"):
        _show_attention(system)
    show_streams(system)
    left, right = st.columns([2, 1], gap="medium")
    with left, st.container(border=True, height="stretch"):
        st.subheader("Newest arrivals", anchor=False)
        blocks.show_arrivals(reading.recent(system, NEWEST))
    with right, st.container(border=True, height="stretch"):
        _show_datasets(books)


def with_data(books: Mapping[str, Any]) -> tuple[str, ...]:
    """The datasets that have records or files, those with most records first."""
    filled = {name: counts for name, counts in books["datasets"].items() if counts["rows"] or counts["blobs"]}
    return tuple(sorted(filled))


def _show_first_steps(system: System) -> None:
    st.space("small")
    inbox = system.settings.home / "inbox"
    blocks.show_empty(
        "Drop any file in, and it is classified, sealed, stored and searchable",
        f"Copy files into `{inbox}`, or drag them onto the Upload page.",
        "No files at hand? `penstock samples DIR` writes some of every kind; `penstock drop DIR` takes them in.",
    )
    with st.container(horizontal=True, horizontal_alignment="center"):
        link("upload", "Upload files", icon=":material/upload:")


def _show_arrivals(system: System) -> None:
    minutes, span = _span(reading.arrivals(system, _HOUR))
    if not minutes:
        minutes, span = reading.arrivals(system, _DAY), _DAY
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader("Arrivals", anchor=False)
        measure = st.segmented_control(
            "Measure",
            [name for name in _MEASURES if not minutes or name in minutes[0]],
            format_func=_MEASURES.__getitem__,
            default="files",
            required=True,
            key="arrivals-measure",
            label_visibility="collapsed",
        )
    if not minutes:
        st.caption("Nothing arrived in the last 24 hours.")
        return
    drawing = draw_arrivals(minutes, measure or "files", _MEASURES[measure or "files"], span_minutes=span)
    st.altair_chart(drawing.chart, alt=drawing.alt, key="arrivals-chart")
    st.caption(_throughput(minutes, span))


def _span(minutes: Sequence[Mapping[str, Any]]) -> tuple[Sequence[Mapping[str, Any]], int]:
    """The minutes, and the shortest time axis that holds them."""
    times = [at for minute in minutes if (at := moment(minute["at"]))]
    recent = datetime.now(UTC) - timedelta(minutes=_SHORT)
    return minutes, _SHORT if times and min(times) > recent else _HOUR


def _throughput(minutes: Sequence[Mapping[str, Any]], span: int) -> str:
    busiest = max(minute["files"] for minute in minutes)
    files = sum(minute["files"] for minute in minutes)
    size = sum(minute["bytes"] for minute in minutes)
    period = {_SHORT: "15 minutes", _HOUR: "hour", _DAY: "24 hours"}[span]
    return (
        f"Last {period}: {counted(files, 'file')}, {amount_of_bytes(size)}. "
        f"Busiest minute: {counted(busiest, 'file')}, {amount_of_bytes(max(minute['bytes'] for minute in minutes))}."
    )


def _show_attention(system: System) -> None:
    st.subheader("Needs attention", anchor=False)
    notices = reading.attention(system)
    if not notices:
        st.html(blocks.chip("stored", "Nothing. All is well."))
        return
    for index, notice in enumerate(notices):
        blocks.show_notice(notice["level"], notice["what"], notice["do"])
        page = notice.get("page") or ""
        if page and is_page(page):
            with st.container(key=f"notice-{index}"):
                link(page, f"Go to {title(page)}", icon=":material/arrow_forward:")
    reasons = Counter(str(entry["reason"]) for entry in open_entries(reading.quarantine(system)))
    if reasons:
        blocks.show_counts([(shorter(why, _REASON_CHARS), count) for why, count in reasons.most_common(_REASONS)])
        if len(reasons) > _REASONS:
            st.caption(f"And {counted(len(reasons) - _REASONS, 'other reason')}.")


def _show_datasets(books: Mapping[str, Any]) -> None:
    st.subheader("Datasets", anchor=False)
    counts = sorted(books["datasets"].items(), key=lambda item: (-item[1]["rows"], item[0]))
    most = max((count["rows"] for _, count in counts), default=0) or 1
    with st.container(gap=None):
        for name, count in counts:
            if not count["rows"] and not count["blobs"]:
                continue
            named, measured = st.columns([3, 2], vertical_alignment="center", gap="small")
            with named:
                link(dataset_page(name), title(name))
            with measured:
                refused = f", {number(count['rejected_rows'])} refused" if count["rejected_rows"] else ""
                hint = f"{counted(count['rows'], 'record')} from {counted(count['blobs'], 'file')}{refused}"
                st.html(
                    f'<div title="{hint}" aria-label="{hint}"><div style="text-align:right;font-size:.9rem">'
                    f"{number(count['rows'])}</div>{blocks.meter(count['rows'] / most)}</div>"
                )
