"""What the columns of a dataset hold, on its page: how much is filled in, how it is spread, what goes together."""

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from core.errors import PenstockError
from pipeline import System
from visualization import reading
from visualization.wording import ago, title

PROFILE_PREFIX = "profile_of_"
SHOWN_PAIRS = 12
MIN_STRENGTH = 0.1
_TALL = 480
_IN_WORDS = ("least", "greatest", "top")
_SHORT_TABLE = 15
_COLUMNS = {
    "column": "Column",
    "type": "Type",
    "filled_share": "Filled in",
    "distinct": "Different values",
    "histogram": "Spread",
    "least": "Least",
    "p25": "Lower quarter",
    "median": "Median",
    "p75": "Upper quarter",
    "greatest": "Greatest",
    "mean": "Mean",
    "top": "Most frequent",
}


def is_profile(model: Mapping[str, Any]) -> bool:
    """Whether a model is the profile of a dataset, which is shown with its columns rather than with the models."""
    return str(model["model"]).startswith(PROFILE_PREFIX)


def show_profile(system: System, dataset: str) -> None:
    """The profile of a dataset, as far as it has been measured."""
    name = PROFILE_PREFIX + dataset
    known = next((model for model in reading.models(system) if model["model"] == name), None)
    if known is None or known.get("version") is None:
        st.caption(f"Not measured yet: the running system does once it is idle, or `penstock models {name} train`.")
        return
    version = (known["version"], known.get("trained_at"), known.get("scored_at"))
    try:
        profile = reading.model_results(system, name, version)
        pairs = reading.model_learned(system, name, version)
    except PenstockError as error:
        st.caption(str(error))
        return
    if profile.is_empty():
        st.caption("No column has a value.")
        return
    _show_columns(profile, dataset)
    st.caption(f"Measured {ago(known.get('scored_at'))}. Personal data is masked. {seasons(profile)}".rstrip())
    _show_pairs(pairs)


def _show_columns(profile: pl.DataFrame, dataset: str) -> None:
    shown = profile.with_columns(
        (1 - pl.col("missing")).alias("filled_share"), *(pl.col(name).fill_null("") for name in _IN_WORDS)
    )
    st.dataframe(
        shown.select(pl.col(name).alias(label) for name, label in _COLUMNS.items()),
        hide_index=True,
        height="content" if profile.height <= _SHORT_TABLE else _TALL,
        column_config={
            "Column": st.column_config.TextColumn(pinned=True),
            "Filled in": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1),
            "Spread": st.column_config.BarChartColumn(
                help="How many values lie in each of twenty equal parts, from the lowest hundredth to the highest.",
                width="small",
            ),
            "Most frequent": st.column_config.TextColumn(width="large"),
        },
        alt=f"Profile of {title(dataset)}",
    )


def seasons(profile: pl.DataFrame) -> str:
    """How far the hour and the weekday tell how much comes, in words; "" where neither does or there is too little."""
    told = []
    for kind, strongest, what in (("hours", "fullest_hour", "hour"), ("weekdays", "fullest_weekday", "weekday")):
        name = f"seasonality_of_{kind}"
        found = profile.filter(pl.col(name) >= MIN_STRENGTH)
        if not found.is_empty():
            fullest = found[strongest][0]
            fullest = f"{fullest}:00 UTC" if what == "hour" else fullest
            told.append(f"the {what} explains {found[name][0]:.0%} of how much comes, most at {fullest}")
    return f"By the event time {', and '.join(told)}." if told else ""


def _show_pairs(pairs: pl.DataFrame) -> None:
    together = pairs.filter(pl.col("other").is_not_null()).head(SHOWN_PAIRS)
    if together.is_empty():
        return
    with st.expander("Columns that go together", type="compact"):
        st.dataframe(
            together.select(
                pl.col("feature").alias("Column"),
                pl.col("other").alias("goes with"),
                pl.col("weight").alias("Correlation by rank"),
            ),
            hide_index=True,
            height="content",
            column_config={"Correlation by rank": st.column_config.NumberColumn(format="%.2f")},
            alt="Pairs of columns whose values go together or against each other",
        )
