"""Reads of the running system, shared between all open pages for a moment.

Ten open browsers that refresh every two seconds cost the system one read a second. Values that have a version
are kept by it.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from core.dataset import Dataset
from pipeline import System

LIVE_SECONDS = 1.0
SLOW_SECONDS = 3.0
CATALOGUE = "blob"
"""The dataset that has a row for each stored blob, known by its SHA-256."""


def is_running(system: System) -> bool:
    """Whether a system runs for this home."""
    return _is_running(system, _home(system))


def books(system: System) -> dict[str, Any]:
    """The books."""
    return _books(system, _home(system))


def recent(system: System, limit: int = 50) -> list[dict[str, Any]]:
    """The newest arrivals."""
    return _recent(system, _home(system), limit)


def arrivals(system: System, minutes: int = 60) -> list[dict[str, Any]]:
    """``at``, ``files`` and ``bytes`` of the last minutes, oldest first; minutes without arrivals left out."""
    return _arrivals(system, _home(system), minutes)


def streams(system: System) -> list[dict[str, Any]]:
    """How each streaming query goes."""
    return _streams(system, _home(system))


def attention(system: System) -> list[dict[str, Any]]:
    """What needs a person."""
    return _attention(system, _home(system))


def quarantine(system: System) -> list[dict[str, Any]]:
    """What could not be taken in."""
    return _quarantine(system, _home(system))


def datasets(system: System) -> list[Dataset]:
    """Every dataset known."""
    return _datasets(system, _home(system))


def views(system: System, dataset: str | None = None) -> list[dict[str, Any]]:
    """The views of a dataset, or all."""
    return _views(system, _home(system), dataset)


def view_rows(system: System, view: str, version: Any) -> pl.DataFrame:
    """A view's rows at that version."""
    return _view_rows(system, _home(system), view, version)


def models(system: System) -> list[dict[str, Any]]:
    """Every model known."""
    return _models(system, _home(system))


def model_results(system: System, model: str, version: Any) -> pl.DataFrame:
    """A model's newest scores."""
    return _model_results(system, _home(system), model, version)


def model_learned(system: System, model: str, version: Any) -> pl.DataFrame:
    """What a model has learned, the weightiest first."""
    return _model_learned(system, _home(system), model, version)


def paths(system: System, blobs: tuple[str, ...]) -> dict[str, str]:
    """Blob → the path of its file, or "" where the catalogue does not have it."""
    return _paths(system, _home(system), blobs)


def forget_live(system: System) -> None:
    """Drops what was kept, after an act of this person that changed it."""
    del system
    for kept in (_books, _recent, _attention, _quarantine, _models):
        kept.clear()


def _minute(counted: Mapping[str, Any]) -> dict[str, Any]:
    """A minute as pages draw it: ``at``, ``files``, ``bytes``, and ``rows`` where they are counted."""
    names = {"minute": "at", "arrivals": "files"}
    return {names.get(name, name): value for name, value in counted.items()}


def _home(system: System) -> str:
    return str(system.settings.home)


@st.cache_data(ttl=LIVE_SECONDS, show_spinner=False)
def _is_running(_system: System, home: str) -> bool:  # noqa: ARG001 the home is the key
    return _system.is_running()


@st.cache_data(ttl=LIVE_SECONDS, show_spinner=False)
def _books(_system: System, home: str) -> dict[str, Any]:  # noqa: ARG001
    return _system.books()


@st.cache_data(ttl=LIVE_SECONDS, show_spinner=False, max_entries=32)
def _recent(_system: System, home: str, limit: int) -> list[dict[str, Any]]:  # noqa: ARG001
    return _system.recent(limit)


@st.cache_data(ttl=LIVE_SECONDS, show_spinner=False)
def _arrivals(_system: System, home: str, minutes: int) -> list[dict[str, Any]]:  # noqa: ARG001
    return [minute for minute in map(_minute, _system.arrivals_per_minute(minutes)) if minute["files"]]


@st.cache_data(ttl=LIVE_SECONDS, show_spinner=False)
def _streams(_system: System, home: str) -> list[dict[str, Any]]:  # noqa: ARG001
    return _system.streams()


@st.cache_data(ttl=LIVE_SECONDS, show_spinner=False)
def _attention(_system: System, home: str) -> list[dict[str, Any]]:  # noqa: ARG001
    return _system.attention()


@st.cache_data(ttl=LIVE_SECONDS, show_spinner=False)
def _quarantine(_system: System, home: str) -> list[dict[str, Any]]:  # noqa: ARG001
    return _system.quarantine()


@st.cache_data(ttl=SLOW_SECONDS, show_spinner=False)
def _datasets(_system: System, home: str) -> list[Dataset]:  # noqa: ARG001
    return _system.dataset_list()


@st.cache_data(ttl=SLOW_SECONDS, show_spinner=False)
def _views(_system: System, home: str, dataset: str | None) -> list[dict[str, Any]]:  # noqa: ARG001
    return _system.view_list(dataset)


@st.cache_data(ttl=600, max_entries=64, show_spinner=False)
def _view_rows(_system: System, home: str, view: str, version: Any) -> pl.DataFrame:  # noqa: ARG001
    return _system.view_rows(view)


@st.cache_data(ttl=SLOW_SECONDS, show_spinner=False)
def _models(_system: System, home: str) -> list[dict[str, Any]]:  # noqa: ARG001
    return _system.model_list()


@st.cache_data(ttl=600, max_entries=16, show_spinner=False)
def _model_learned(_system: System, home: str, model: str, version: Any) -> pl.DataFrame:  # noqa: ARG001
    return _system.explain(model)


@st.cache_data(ttl=600, max_entries=16, show_spinner=False)
def _model_results(_system: System, home: str, model: str, version: Any) -> pl.DataFrame:  # noqa: ARG001
    return _system.model_results(model)


@st.cache_data(ttl=600, max_entries=16, show_spinner=False)
def _paths(_system: System, home: str, blobs: tuple[str, ...]) -> dict[str, str]:  # noqa: ARG001
    catalogue = _system.dataset(CATALOGUE)
    found = {}
    for blob in blobs:
        hits = _system.search(dataset=CATALOGUE, where={catalogue.identity[0]: blob}, limit=1)["hits"]
        found[blob] = str(hits[0]["path"]) if hits else ""
    return found
