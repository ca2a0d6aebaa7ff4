"""The page of one dataset: what its views and models say, what its columns mean, what its records look like."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl
import streamlit as st

from core.dataset import Dataset
from core.errors import PenstockError
from pipeline import System
from visualization import blocks, reading
from visualization.drawing import WINDOW, draw_view, periods_of
from visualization.links import link
from visualization.model_panel import show_model
from visualization.profile_panel import is_profile, show_profile
from visualization.wording import metric_label, number, shown, title, unit, with_unit

REFRESH_SECONDS = 5.0
SAMPLE_ROWS = 15
_MAX_VALUE_CHARS = 120
_LISTED_ROWS = 1000
_FINGERPRINT = (r"\b([0-9a-f]{8})[0-9a-f]{56}\b", "${1}…")
"""What stands for a personal value is 64 digits long, which would push all else out of a table: eight tell it apart."""
_COUNTING_UNITS = (None, "", "1", "By")


def show(system: System, dataset: Dataset) -> None:
    """Draws the page; its charts then refresh by themselves."""
    blocks.page_title(title(dataset.name), dataset.description)
    if not reading.is_running(system):
        blocks.show_stopped()
    _live(system, dataset)
    models = [model for model in reading.models(system) if model["dataset"] == dataset.name and not is_profile(model)]
    if models:
        st.subheader("Models", anchor=False)
        for model in models:
            show_model(system, model, with_dataset=False)
    columns, profile, sample = st.tabs(["Columns", "Profile", "Sample records"])
    with columns:
        show_columns(dataset)
    with profile:
        show_profile(system, dataset.name)
    with sample:
        _show_sample(system, dataset)


@st.fragment(run_every=REFRESH_SECONDS)
def _live(system: System, dataset: Dataset) -> None:
    counts = reading.books(system)["datasets"].get(dataset.name, {"rows": 0, "blobs": 0, "rejected_rows": 0})
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.metric("Records", number(counts["rows"]), width="content")
        st.space("small")
        if counts["blobs"] or not counts["rows"]:  # pieces of other datasets' files have none of their own
            st.metric("Files", number(counts["blobs"]), width="content")
            st.space("small")
        st.metric(
            "Refused rows",
            number(counts["rejected_rows"]),
            width="content",
            help="Rows that break a rule of the schema. The other rows of their file were taken in.",
        )
        st.space("stretch")
        link("explore", "Explore its records", icon=":material/search:", query={"dataset": title(dataset.name)})
    views = reading.views(system, dataset.name)
    if not views:
        what = "Views are computed when its first records are stored."
        if counts["rows"]:
            what = "No view of it is declared; a file in the home's views folder declares one."
        blocks.show_empty("No view of this dataset yet", what)
        return
    wide = [view for view in views if view.get("window") or view.get("is_list")]
    for view in wide:
        _show_view(system, view, dataset)
    narrow = [view for view in views if view not in wide]
    for start in range(0, len(narrow), 2):
        pair = narrow[start : start + 2]
        for place, view in zip(st.columns(len(pair), gap="medium"), pair, strict=True):
            with place:
                _show_view(system, view, dataset)


def _show_view(system: System, view: Mapping[str, Any], dataset: Dataset) -> None:
    with st.container(border=True, height="stretch"):
        try:
            rows = reading.view_rows(system, view["view"], (view["version"], view.get("live")))
        except PenstockError as error:
            st.markdown(f"**{title(view['view'])}**")
            st.caption(str(error))
            return
        heading = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute")
        with heading:
            st.markdown(f"**{view['description'].rstrip('.') or title(view['view'])}**", width="content")
        if view.get("is_list"):
            _show_rows(rows.head(_LISTED_ROWS), view)
            return
        metrics = [metric for metric in view["metrics"] if _is_drawable(rows, metric)]
        if rows.is_empty() or not metrics:
            st.caption("No records yet.")
            return
        if WINDOW in rows.columns and rows[WINDOW].is_null().all():
            _show_timeless(rows, view, dataset)
            return
        if rows.height == 1 or (WINDOW not in rows.columns and not view["dimensions"]):
            _show_figures(rows, metrics, view)
            return
        metric = _chosen_metric(heading, view, metrics)
        rows = _chosen_period(rows, view)
        drawing = draw_view(rows, view, metric)
        if drawing is None:
            st.caption("No record has a value of it.")
        else:
            st.altair_chart(drawing.chart, alt=drawing.alt, key=f"chart-{view['view']}")
        with st.expander("Table", type="compact"):
            _show_rows(rows, view)
        notes = [drawing.note if drawing else "", _untimed(rows)]
        if any(notes):
            st.caption(" ".join(filter(None, notes)))


def _show_timeless(rows: pl.DataFrame, view: Mapping[str, Any], dataset: Dataset) -> None:
    """Where no record has a time: that, and the figures all the same."""
    when = f"`{dataset.event_time}`" if dataset.event_time else "The time"
    blocks.show_empty(
        "No record has a time",
        f"{when} is empty in every record, so there is nothing to draw over time. The figures are in the table.",
    )
    with st.expander("Table", type="compact"):
        _show_rows(rows.drop(WINDOW), view)


def _is_drawable(rows: pl.DataFrame, metric: Mapping[str, Any]) -> bool:
    """Whether a metric is a number; a first or last time is for the table only."""
    kind = rows.schema.get(metric["name"])
    return kind is not None and (kind.is_numeric() or kind == pl.Boolean)


def _chosen_metric(place: Any, view: Mapping[str, Any], metrics: list[dict[str, Any]]) -> dict[str, Any]:
    if len(metrics) == 1:
        return metrics[0]
    by_name = {metric["name"]: metric for metric in metrics}
    with place:
        name = st.selectbox(
            "Measure",
            list(by_name),
            index=_telling(metrics),
            format_func=lambda key: metric_label(by_name[key], view["metrics"]),
            key=f"metric-{view['view']}",
            label_visibility="collapsed",
            width=220,
        )
    return by_name[name or metrics[0]["name"]]


def _telling(metrics: list[dict[str, Any]]) -> int:
    """The place of the metric to begin with: the first that has a unit, else the first mean, else the first count."""
    united = (place for place, metric in enumerate(metrics) if metric.get("unit") not in _COUNTING_UNITS)
    means = (place for place, metric in enumerate(metrics) if "mean" in str(metric["name"]).split("_"))
    return next(united, next(means, 0))


def _chosen_period(rows: pl.DataFrame, view: Mapping[str, Any]) -> pl.DataFrame:
    """The rows of the period that the person chose, where records of several far-off years would hide each other."""
    if WINDOW not in rows.columns:
        return rows
    periods = periods_of(rows)
    if len(periods) < 2:  # noqa: PLR2004
        return rows
    names = {_period_name(first, last): (first, last) for first, last in periods}
    chosen = st.pills(
        "Period",
        [*names, "All"],
        default=list(names)[-1],
        required=True,
        key=f"period-{view['view']}",
        label_visibility="collapsed",
    )
    if chosen not in names:
        return rows
    first, last = names[chosen]
    return rows.filter(pl.col(WINDOW).is_between(first, last) | pl.col(WINDOW).is_null())


def _period_name(first: datetime, last: datetime) -> str:
    if first.date() == last.date():
        return f"{first:%d %b %Y}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first:%d} to {last:%d %b %Y}"
    return f"{first:%b %Y} to {last:%b %Y}"


def _untimed(rows: pl.DataFrame) -> str:
    """What is said of records that belong to no window."""
    return (
        "Records without a time are in the table only." if WINDOW in rows.columns and rows[WINDOW].has_nulls() else ""
    )


def _show_figures(rows: pl.DataFrame, metrics: list[dict[str, Any]], view: Mapping[str, Any]) -> None:
    with st.container(horizontal=True):
        for metric in metrics:
            value = rows[metric["name"]][0]
            suffix = unit(metric.get("unit")) if value is not None else ""
            text = f"{number(None if value is None else float(value))} {suffix}".strip()
            st.metric(metric_label(metric, view["metrics"]), text, width="content")


def _show_rows(rows: pl.DataFrame, view: Mapping[str, Any]) -> None:
    names = {WINDOW: "From (UTC)"} | {name: title(name) for name in view["dimensions"]}
    names |= {m["name"]: with_unit(metric_label(m, view["metrics"]), m.get("unit")) for m in view["metrics"]}
    kept = {name: label for name, label in names.items() if name in rows.columns}
    texts = rows.select(list(kept)).rename(kept).with_columns(pl.col(pl.String).str.replace_all(*_FINGERPRINT))
    st.dataframe(texts, hide_index=True, height=280, alt=f"Rows of {title(view['view'])}")


def show_columns(dataset: Dataset) -> None:
    """What each column means: type, unit, class of personal data, rules."""
    rows = [
        {
            "Column": column.name,
            "Meaning": column.description,
            "Type": column.type.value,
            "Unit": unit(column.unit),
            "Personal data": title(column.personal.value) if column.personal else "",
            "Rules": "; ".join((["required"] if column.required else []) + list(column.checks)),
            "Also called": ", ".join(column.synonyms),
        }
        for column in dataset.columns
    ]
    st.dataframe(
        rows,
        hide_index=True,
        height="content" if len(rows) <= SAMPLE_ROWS else 480,
        column_config={
            "Column": st.column_config.TextColumn(pinned=True),
            "Meaning": st.column_config.TextColumn(width="medium"),
            "Rules": st.column_config.TextColumn(width="medium"),
            "Also called": st.column_config.TextColumn(width="large"),
        },
        alt=f"Columns of {title(dataset.name)}",
    )
    identity = (
        f"A record is known by {', '.join(dataset.identity)}."
        if dataset.identity
        else "A record is known by its file and its place in it."
    )
    when = f" It happened at {dataset.event_time}." if dataset.event_time else ""
    st.caption(identity + when)


def _show_sample(system: System, dataset: Dataset) -> None:
    try:
        hits = system.search(dataset=dataset.name, limit=SAMPLE_ROWS)["hits"]
    except PenstockError as error:
        st.caption(str(error))
        return
    if not hits:
        st.caption("No records yet.")
        return
    names = [c.name for c in dataset.columns if any(hit["record"].get(c.name) is not None for hit in hits)]
    rows = {
        title(name): [shown(hit["record"].get(name), dataset.column(name))[:_MAX_VALUE_CHARS] for hit in hits]
        for name in names
    }
    st.dataframe(rows, hide_index=True, height="content", alt=f"Sample records of {title(dataset.name)}")
    st.caption("Personal data is masked.")
