"""The page that takes in files from the browser and says what became of each."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.errors import PenstockError
from pipeline import System
from visualization import blocks, reading
from visualization.links import link
from visualization.wording import counted, title

REFRESH_SECONDS = 1.0
_SENT = "upload-sent"
_ROUND = "upload-round"
_FATES = {"stored", "duplicate", "quarantined"}
_LOOKED_AT = 1000


def show(system: System) -> None:
    """Draws the page; what became of each file then refreshes by itself."""
    blocks.page_title("Upload", "Files of any kind: tables, PDF, e-mail, logs, EDI, archives, images, sound, video.")
    if not reading.is_running(system):
        blocks.show_stopped()
    round_number = st.session_state.setdefault(_ROUND, 0)
    files = st.file_uploader(
        "Files", accept_multiple_files=True, key=f"files-{round_number}", label_visibility="collapsed"
    )
    names = [dataset.name for dataset in reading.datasets(system) if dataset.name != reading.CATALOGUE]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "What they are",
            names,
            index=None,
            format_func=title,
            placeholder="Find out from the content",
            width=320,
            help="Only where the guess would be wrong: your word wins over it.",
        )
        label = f"Take in {counted(len(files), 'file')}" if files else "Take in"
        if st.button(label, type="primary", icon=":material/upload:", disabled=not files):
            _send(system, files, chosen)
    st.caption(f"Larger than 1 GB, or many folders? Copy them into `{system.settings.home / 'inbox'}` instead.")
    if st.session_state.get(_SENT):
        _progress(system)


def _send(system: System, files: Sequence[Any], dataset: str | None) -> None:
    sent: list[dict[str, str]] = st.session_state.setdefault(_SENT, [])
    for file in files:
        try:
            path = system.upload(file.name, file.getvalue(), dataset)
        except (PenstockError, OSError) as error:
            sent.insert(0, {"name": file.name, "path": "", "error": str(error)})
        else:
            sent.insert(0, {"name": file.name, "path": str(path), "error": ""})
    st.session_state[_ROUND] += 1  # an empty uploader for the next files
    reading.forget_live(system)
    st.rerun()


@st.fragment(run_every=REFRESH_SECONDS)
def _progress(system: System) -> None:
    sent: list[dict[str, str]] = st.session_state[_SENT]
    arrivals = reading.recent(system, _LOOKED_AT)
    fates = [_fate(entry, arrivals) for entry in sent]
    done = sum(fate["state"] in _FATES or fate["state"] == "error" for fate in fates)
    st.subheader("What became of them", anchor=False)
    if done < len(fates):
        st.progress(done / len(fates), text=f"{done} of {counted(len(fates), 'file')} done")
    blocks.show_arrivals(fates)
    for fate in fates:
        if fate["state"] in ("quarantined", "error") and fate.get("reason"):
            blocks.show_notice("warning", str(fate["path"]).rpartition("/")[2], str(fate["reason"]))
    if any(fate["state"] == "quarantined" for fate in fates):
        link("quarantine", "Go to Quarantine", icon=":material/arrow_forward:")
    if st.button("Clear this list", type="tertiary"):
        st.session_state[_SENT] = []
        st.rerun()


def _fate(entry: Mapping[str, str], arrivals: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The newest arrival of what was sent; one that waits, where none is known yet."""
    if entry["error"]:
        return {"state": "error", "path": entry["name"], "reason": entry["error"]}
    found = next((arrival for arrival in arrivals if str(arrival["path"]) == entry["path"]), None)
    return found or {"state": "received", "path": entry["path"]}
