"""The page of the models: what each is for, how good it is on rows it has not seen, and what it says."""

import streamlit as st

from pipeline import System
from visualization import blocks, reading
from visualization.model_panel import KINDS, show_model
from visualization.profile_panel import is_profile
from visualization.wording import counted


def show(system: System) -> None:
    """Draws the page."""
    blocks.page_title("Models", "What was learned from the data, and how well it holds on records kept aside.")
    if not reading.is_running(system):
        blocks.show_stopped()
    models = [model for model in reading.models(system) if not is_profile(model)]
    if not models:
        blocks.show_empty("No model is known", "`penstock models` lists them.")
        return
    trained = sum(model.get("version") is not None for model in models)
    st.markdown(
        f"**{counted(trained, 'model')} trained**"
        + (f", {len(models) - trained} not yet" if trained < len(models) else "")
    )
    for model in sorted(models, key=lambda model: list(KINDS).index(model["kind"])):
        show_model(system, model)
