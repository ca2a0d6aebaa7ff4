"""What a decision would be if its costs were others, on the page of the models."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
import streamlit as st

from pipeline import System
from visualization import reading
from visualization.wording import number

_USUAL_COST, _USUAL_SHARE = 250.0, 10  # of a review; one claim in ten


@dataclass(frozen=True, slots=True)
class Reviews:
    """What a plan of reviews is expected to come to.

    Attributes:
        count: How many claims are reviewed.
        cost: What that costs.
        saved: What it is expected to save, the cost taken off.
        frauds: How many frauds are expected among them.
        by_chance: What as many reviews of claims drawn by lot are expected to save.
    """

    count: int
    cost: float
    saved: float
    frauds: float
    by_chance: float


def reviews_if(results: pl.DataFrame, cost: float, most: int) -> Reviews:
    """The best plan of at most so many reviews at that cost each, of the claims in the results of `claim_review`."""
    frame = results.select(
        pl.col("fraud_probability").alias("chance"),
        (pl.col("fraud_probability") * pl.col("amount").cast(pl.Float64) - cost).alias("saving"),
    ).drop_nulls()
    chosen = frame.filter(pl.col("saving") > 0).top_k(most, by="saving")
    mean = frame["saving"].mean() if frame.height else 0.0
    return Reviews(
        count=chosen.height,
        cost=chosen.height * cost,
        saved=float(chosen["saving"].sum()),
        frauds=float(chosen["chance"].sum()),
        by_chance=chosen.height * float(mean) if isinstance(mean, float) else 0.0,
    )


def show_what_if(system: System, model: Mapping[str, Any], results: pl.DataFrame, version: Any) -> None:
    """Lets a person change what things cost, and shows what would be decided; nothing for other models."""
    show = _SHOWN.get(str(model["model"]))
    if show is not None and not results.is_empty():
        with st.expander("What if the costs were others?", type="compact"):
            show(system, results, version)


def _show_reviews(system: System, results: pl.DataFrame, version: Any) -> None:  # noqa: ARG001 - as the others
    with st.container(horizontal=True):
        cost = st.number_input("What a review costs", min_value=0.0, value=_USUAL_COST, step=50.0, key="what-if-cost")
        usual = max(1, results.height // _USUAL_SHARE)
        most = st.number_input(
            "Reviews there is time for", min_value=0, max_value=results.height, value=usual, key="what-if-reviews"
        )
    plan = reviews_if(results, float(cost), int(most))
    with st.container(horizontal=True, gap="medium"):
        st.metric("Reviews worth it", number(plan.count), width="content")
        st.metric("Expected to save", number(round(plan.saved)), width="content", help="The cost of reviews taken off.")
        st.metric("Drawn by lot", number(round(plan.by_chance)), width="content", help="What as many would save then.")
        st.metric("Frauds among them", number(round(plan.frauds, 1)), width="content")


def _show_alerts(system: System, results: pl.DataFrame, version: Any) -> None:  # noqa: ARG001 - as the others
    learned = reading.model_learned(system, "sensor_alerts", version)
    if learned.is_empty():
        st.caption("Train it to see.")
        return
    costs = learned["missed_cost"].to_list()
    cost = st.select_slider(
        "A missed anomaly costs as much as so many false alarms",
        costs,
        value=costs[len(costs) // 2],
        format_func=lambda value: f"{value:g}",
        key="what-if-missed",
    )
    row = learned.row(costs.index(cost), named=True)
    with st.container(horizontal=True, gap="medium"):
        st.metric("Raise an alert at", number(row["threshold"]), width="content", help="The anomaly score.")
        st.metric("Alerts so far", number(row["alerts"]), width="content")
        st.metric("Anomalies found", f"{row['share_found']:.0%}", width="content", help="Of known ones.")


_SHOWN: Mapping[str, Callable[[System, pl.DataFrame, Any], None]] = {
    "claim_review": _show_reviews,
    "sensor_alerts": _show_alerts,
}
