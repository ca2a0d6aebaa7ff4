"""The pages by name, so that one page can lead to another."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

_KEY = "penstock_pages"


def remember_pages(pages: Mapping[str, Any]) -> None:
    """Keeps what `link` and `go` lead to; called at each run of the whole application."""
    st.session_state[_KEY] = dict(pages)


def dataset_page(name: str) -> str:
    """The page of a dataset, by its name here and in addresses."""
    return f"dataset-{name}"


def link(name: str, label: str, *, icon: str | None = None, query: dict[str, str] | None = None) -> None:
    """A link to a page; its label alone where there is no such page (a dataset that has no data yet)."""
    page = _pages().get(name.lower())
    if page is None:
        st.markdown(label)
    else:
        st.page_link(page, label=label, icon=icon, query_params=query)


def is_page(name: str) -> bool:
    """Whether there is a page of that name."""
    return name.lower() in _pages()


def _pages() -> dict[str, Any]:
    pages: dict[str, Any] = st.session_state.get(_KEY, {})
    return pages
