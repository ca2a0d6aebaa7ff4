"""The application that Streamlit runs: opens the home and lays out the pages.

Streamlit puts this folder first on `sys.path`; no file in it may be called like a layer, a dependency or a module
of the standard library.
"""

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.errors import PenstockError
from core.settings import Settings, load_settings
from pipeline import System, open_system
from visualization import (
    audit_page,
    blocks,
    dataset_page,
    explore,
    models_page,
    overview,
    quarantine_page,
    reading,
    upload_page,
)
from visualization.links import dataset_page as dataset_page_name
from visualization.links import remember_pages
from visualization.look import ICON, LOGO, style_sheet
from visualization.wording import counted, open_entries, title

_STATUS_SECONDS = 3.0


@st.cache_resource(show_spinner=False)
def _system(settings: Settings) -> System:
    return open_system(settings)


def main() -> None:
    """Draws the page that was asked for."""
    st.set_page_config(page_title="Penstock", page_icon=ICON, layout="wide")
    st.html(style_sheet())
    st.logo(LOGO, size="large")
    try:
        system = _system(load_settings())
        chosen = _navigation(system)
        with st.sidebar:
            _status(system)
        chosen.run()
    except PenstockError as error:
        st.error(f"**{error.reason}** {error.fix}", icon=":material/error:")


def _navigation(system: System) -> st.Page:
    books = reading.books(system)
    filled = overview.with_data(books)
    st.session_state[overview.DATASETS_KEY] = filled
    main_pages = {
        "overview": st.Page(
            partial(overview.show, system), title="Overview", icon=":material/monitor_heart:", default=True
        ),
        "explore": _page(explore.show, system, "Explore", ":material/search:"),
        "upload": _page(upload_page.show, system, "Upload", ":material/upload:"),
        "quarantine": _page(quarantine_page.show, system, "Quarantine", ":material/shield:"),
        "models": _page(models_page.show, system, "Models", ":material/insights:"),
        "audit": _page(audit_page.show, system, "Audit", ":material/fact_check:"),
    }
    known = {dataset.name: dataset for dataset in reading.datasets(system)}
    dataset_pages = {
        dataset_page_name(name): st.Page(
            partial(dataset_page.show, system, known[name]), title=title(name), url_path=dataset_page_name(name)
        )
        for name in filled
        if name in known
    }
    remember_pages(main_pages | dataset_pages)
    sections = {"": list(main_pages.values())}
    if dataset_pages:
        sections["Datasets"] = list(dataset_pages.values())
    return st.navigation(sections, expanded=True)


def _page(show: Callable[[System], None], system: System, name: str, icon: str) -> st.Page:
    return st.Page(partial(show, system), title=name, icon=icon, url_path=name.lower())


@st.fragment(run_every=_STATUS_SECONDS)
def _status(system: System) -> None:
    waiting = len(open_entries(reading.quarantine(system)))
    lines = [blocks.chip("stored", "Running") if reading.is_running(system) else blocks.chip("duplicate", "Stopped")]
    if waiting:
        lines.append(blocks.chip("quarantined", f"{counted(waiting, 'file')} in quarantine"))
    st.html("<br>".join(lines))
    st.caption("Inbox")
    st.code(str(system.settings.home / "inbox"), language=None, wrap_lines=True)


main()
