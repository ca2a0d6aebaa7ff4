"""The page of the models: what each is for, how good it is on rows it has not seen, and what it says."""

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from core.errors import PenstockError
from pipeline.system import System
from visualization import blocks, reading
from visualization.drawing import draw_scores
from visualization.wording import ago, number, title

SHOWN_RESULTS = 200
SHORT_TABLE = 7
_KINDS = {
    "descriptive": ("blue", "finds groups"),
    "predictive": ("violet", "estimates what is not known"),
    "decision": ("green", "says what to do first"),
}
_SCORE_NAMES = ("score", "probability", "expected_cost", "risk")


def show(system: System) -> None:
    """Draws the page."""
    blocks.page_title("Models", "What was learned from the data, and how well it holds on records kept aside.")
    if not reading.is_running(system):
        blocks.show_stopped()
    models = reading.models(system)
    if not models:
        blocks.show_empty("No model is known", "`penstock models` lists them.")
        return
    for model in models:
        show_model(system, model)


def show_model(system: System, model: Mapping[str, Any]) -> None:
    """One model with its quality and its newest results."""
    name = str(model["model"])
    is_trained = model.get("version") is not None
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            colour, meaning = _KINDS.get(str(model["kind"]), ("gray", ""))
            st.markdown(f"**{title(name)}**", width="content")
            st.badge(str(model["kind"]), color=colour, help=meaning)  # type: ignore[arg-type]
            st.badge(title(str(model["dataset"])), color="gray")
            st.space("stretch")
            if st.button(
                "Train anew" if is_trained else "Train", key=f"train-{name}", icon=":material/model_training:"
            ):
                _ask(system, "train", name)
            if is_trained and st.button("Score", key=f"score-{name}", icon=":material/bolt:"):
                _ask(system, "score", name)
        st.caption(str(model["description"]))
        if not is_trained:
            st.caption(f"Not trained yet. Train it here or with `penstock models {name} train`.")
            return
        _show_quality(model)
        _show_results(system, model)


def _show_quality(model: Mapping[str, Any]) -> None:
    figures = {key: value for key, value in model["metrics"].items() if isinstance(value, int | float)}
    with st.container(horizontal=True, gap="large"):
        for key, value in figures.items():
            st.metric(title(key), number(round(value, 4) if isinstance(value, float) else value), width="content")
    st.caption(f"Version {model['version']}, trained {ago(model.get('trained_at'))}.")


def _show_results(system: System, model: Mapping[str, Any]) -> None:
    try:
        results = reading.model_results(system, str(model["model"]), (model["version"], model.get("trained_at")))
    except PenstockError as error:
        st.caption(str(error))
        return
    if results.is_empty():
        st.caption("It has scored nothing yet.")
        return
    score = next((name for name in _SCORE_NAMES if name in results.columns and results[name].dtype.is_numeric()), None)
    shown = results.head(SHOWN_RESULTS).rename({name: title(name) for name in results.columns})
    if score:
        with st.expander(f"Spread of {title(score).lower()}", type="compact"):
            drawing = draw_scores(results[score], title(score))
            st.altair_chart(drawing.chart, alt=drawing.alt)
    st.dataframe(
        _flat(shown),
        hide_index=True,
        height="content" if results.height <= SHORT_TABLE else 300,
        alt=f"Results of {title(str(model['model']))}",
    )
    if results.height > SHOWN_RESULTS:
        st.caption(f"The first {SHOWN_RESULTS} of {number(results.height)} results.")


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists and structs as text, so that a table can show them."""
    return frame.with_columns(
        pl.col(name).cast(pl.List(pl.String)).list.join("; ")
        if isinstance(kind, pl.List)
        else pl.col(name).struct.json_encode()
        for name, kind in frame.schema.items()
        if isinstance(kind, pl.List | pl.Struct)
    )


def _ask(system: System, command: str, model: str) -> None:
    doing = {"train": "Training", "score": "Scoring"}[command]
    with st.status(f"{doing} {title(model).lower()}…") as status:
        try:
            for answer in system.ask(command, model=model):
                st.caption(" · ".join(f"{key}: {value}" for key, value in answer.items()))
        except PenstockError as error:
            status.update(label=str(error), state="error")
            return
        status.update(label=f"{doing} is done", state="complete")
    reading.forget_live(system)
    st.rerun()
