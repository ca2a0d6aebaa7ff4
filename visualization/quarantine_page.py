"""The page of what could not be taken in: why, what to do, its bytes, try again or discard."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.errors import PenstockError
from pipeline import System
from visualization import blocks, reading
from visualization.record_panel import show_preview
from visualization.wording import ago, amount_of_bytes, counted, file_name, number, open_entries, shorter

PREVIEW_BYTES = 4096
REASON_CHARS = 60
REFRESH_SECONDS = 3.0
ASKS_PASSWORD = "--ask-password"  # noqa: S105 - the option that a fix names where a password opens the file
_REPORT = "quarantine-report"
_PREVIEW = "quarantine-preview"
_STATES = {"open": "Open", "replaying": "Being tried again", "discarded": "Discarded"}


def show(system: System) -> None:
    """Draws the page; it then refreshes by itself."""
    blocks.page_title(
        "Quarantine", "Files that could not be taken in. Nothing is lost: the original bytes are kept, sealed."
    )
    _live(system)


@st.fragment(run_every=REFRESH_SECONDS)
def _live(system: System) -> None:
    is_running = reading.is_running(system)
    if not is_running:
        blocks.show_stopped()
    _show_report()
    entries = reading.quarantine(system)
    if not entries:
        blocks.show_empty("Nothing is in quarantine", "Every file that arrived could be taken in, or is on its way.")
        return
    shown = _filtered(entries)
    if not shown:
        blocks.show_empty("No file matches", "Choose another state or layer.")
        return
    left, right = st.columns([1, 1.15], gap="medium")
    with left:
        selected = _chosen(shown)
        waiting = [str(entry["id"]) for entry in open_entries(shown)]
        if len(waiting) > 1 and st.button(
            f"Replay all {number(len(waiting))}", icon=":material/replay:", disabled=not is_running, key="replay-all"
        ):
            _replay(system, waiting)
    with right:
        alike = [str(each["id"]) for each in open_entries(entries) if each["reason"] == selected["reason"]]
        _show_entry(system, selected, alike, is_running=is_running)


def _filtered(entries: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    states = Counter(str(entry.get("state", "open")) for entry in entries)
    layers = Counter(str(entry["layer"]) for entry in entries)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        state = st.pills(
            "State",
            [name for name in _STATES if name in states],
            format_func=lambda name: f"{_STATES[name]}  {states[name]}",
            default="open" if "open" in states else None,
            key="quarantine-state",
            label_visibility="collapsed",
        )
        layer = None
        if len(layers) > 1:
            layer = st.pills(
                "Layer",
                sorted(layers),
                format_func=lambda name: f"{name}  {layers[name]}",
                key="quarantine-layer",
                label_visibility="collapsed",
            )
        words = st.text_input(
            "Filter",
            placeholder="Filter by file or reason",
            key="quarantine-words",
            label_visibility="collapsed",
            width=260,
        )
    reason = _chosen_reason(entries)
    return [
        entry
        for entry in entries
        if (reason is None or entry["reason"] == reason)
        and (state is None or entry.get("state", "open") == state)
        and (layer is None or entry["layer"] == layer)
        and (not words or words.lower() in f"{entry['path']} {entry['reason']}".lower())
    ]


def _chosen_reason(entries: Sequence[Mapping[str, Any]]) -> str | None:
    """One of the reasons that several files share; None for all."""
    shared = {reason: count for reason, count in Counter(str(e["reason"]) for e in entries).most_common(5) if count > 1}
    if not shared:
        return None
    return st.pills(
        "Reason",
        list(shared),
        format_func=lambda reason: f"{blocks.plain(shorter(reason, REASON_CHARS))}  {shared[reason]}",
        key="quarantine-reason",
        label_visibility="collapsed",
    )


def _chosen(entries: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    rows = {
        "File": [file_name(str(entry["path"])) for entry in entries],
        "Reason": [str(entry["reason"]) for entry in entries],
    }
    event: Any = st.dataframe(
        rows,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row-required",
        key="quarantine-table",
        height=min(38 + 35 * len(entries), 460),
        column_config={
            "File": st.column_config.TextColumn(width="medium"),
            "Reason": st.column_config.TextColumn(width="large"),
        },
        alt="Files in quarantine",
    )
    chosen = event.selection.rows[0] if event.selection.rows else 0
    return entries[min(chosen, len(entries) - 1)]


def _show_entry(system: System, entry: Mapping[str, Any], alike: Sequence[str], *, is_running: bool) -> None:
    """One entry; `alike` are the open ones of the same reason, itself among them."""
    identity, blob = str(entry["id"]), str(entry["blob"])
    with st.container(border=True):
        st.markdown(f"**{blocks.plain(file_name(str(entry['path'])))}**")
        st.warning(blocks.plain(str(entry["reason"])), icon=":material/report:")
        if entry["fix"]:
            st.info(_with_commands(str(entry["fix"])), icon=":material/build:")
        blocks.show_facts(
            [
                ("Path", str(entry["path"])),
                ("Refused by", str(entry["layer"])),
                ("Arrived", ago(entry["received_at"])),
                ("Size", amount_of_bytes(entry["bytes"])),
                ("Tried", counted(entry["attempts"], "time")),
                ("Discarded because", str(entry.get("because") or "")),
            ]
        )
        if entry.get("state", "open") != "discarded":
            _show_actions(system, identity, alike, is_running=is_running)
            if ASKS_PASSWORD in str(entry["fix"]):
                _show_password(system, identity, alike, is_running=is_running)
        _show_bytes(system, entry, blob)


def _with_commands(fix: str) -> str:
    """A fix as Markdown in which nothing is marked but the commands that it names, between backticks."""
    parts = fix.split("`")
    if len(parts) % 2 == 0:
        return blocks.plain(fix)
    return "".join(f"`{part}`" if at % 2 else blocks.plain(part) for at, part in enumerate(parts))


def _show_actions(system: System, identity: str, alike: Sequence[str], *, is_running: bool) -> None:
    with st.container(horizontal=True):
        if st.button(
            "Replay",
            type="primary",
            icon=":material/replay:",
            disabled=not is_running,
            help="Tries the kept bytes again: after a limit was raised, a model file mended, an extra installed.",
            key=f"replay-{identity}",
        ):
            _replay(system, [identity])
        if len(alike) > 1 and st.button(
            f"Replay all {number(len(alike))} of this reason",
            icon=":material/replay:",
            disabled=not is_running,
            key="replay-reason",
        ):
            _replay(system, alike)
        with (
            st.popover("Discard", icon=":material/delete:", disabled=not is_running),
            st.form(f"discard-{identity}", border=False),
        ):
            because = st.text_input("Why?", placeholder="for instance: sent twice, test file", max_chars=200)
            st.caption("The reason is kept in the audit trail; the books still count the file.")
            if st.form_submit_button("Discard it", type="primary"):
                _discard(system, identity, because)


def _show_password(system: System, identity: str, alike: Sequence[str], *, is_running: bool) -> None:
    """Asks for the password of a locked file; it is tried and forgotten, here and in the system."""
    with st.form(f"password-{identity}", clear_on_submit=True):
        password = st.text_input("Password", type="password", help="Tried on this file, and kept nowhere.")
        for_all = len(alike) > 1 and st.checkbox(f"Try it on all {number(len(alike))} files of this reason")
        if st.form_submit_button("Replay with the password", icon=":material/key:", disabled=not is_running):
            _replay(system, alike if for_all else [identity], password)


def _show_bytes(system: System, entry: Mapping[str, Any], blob: str) -> None:
    kept: dict[str, bytes] = st.session_state.setdefault(_PREVIEW, {})
    if blob not in kept:
        with st.container(horizontal=True):
            if st.button(
                "Look at the first bytes",
                icon=":material/visibility:",
                key=f"preview-{blob}",
                help="The audit trail records it.",
            ):
                try:
                    kept[blob] = system.preview(blob, PREVIEW_BYTES)
                except PenstockError as error:
                    st.error(str(error))
                    return
                st.rerun(scope="fragment")
            _download(system, entry, blob)
        return
    show_preview(kept[blob], int(entry["bytes"]))
    _download(system, entry, blob)


def _download(system: System, entry: Mapping[str, Any], blob: str) -> None:
    st.download_button(
        "Download the original",
        data=lambda: b"".join(system.original(blob)),
        file_name=file_name(str(entry["path"])).rpartition("/")[2] or blob,
        icon=":material/download:",
        on_click="ignore",
        key=f"download-{blob}",
        help="Unseals the bytes as they arrived. The audit trail records it.",
    )


def _replay(system: System, identities: Sequence[str], password: str = "") -> None:
    outcomes: Counter[str] = Counter()
    try:
        with st.spinner(f"Trying {counted(len(identities), 'file')} again…"):
            given = {"passwords": [password]} if password else {}
            for answer in system.ask("replay", ids=list(identities), **given):
                outcomes[str(answer.get("outcome") or answer.get("state") or "done")] += 1
    except PenstockError as error:
        _report("error", str(error))
        return
    told = ", ".join(f"{number(count)} {outcome}" for outcome, count in outcomes.items()) or "nothing to do"
    _report("warning" if "quarantined" in outcomes else "success", f"Tried again: {told}.")
    reading.forget_live(system)
    st.rerun()


def _discard(system: System, identity: str, because: str) -> None:
    if not because.strip():
        st.error("Say why: a later reader of the audit trail will ask.")
        return
    try:
        for _ in system.ask("discard", id=identity, because=because.strip()):
            pass
    except PenstockError as error:
        st.error(str(error))
        return
    _report("success", "Discarded. Its bytes stay in the vault.")
    reading.forget_live(system)
    st.rerun()


def _report(level: str, text: str) -> None:
    st.session_state[_REPORT] = (level, text)


def _show_report() -> None:
    """What came of the last act, once."""
    report = st.session_state.pop(_REPORT, None)
    if report:
        level, text = report
        icons = {"success": ":material/check_circle:", "warning": ":material/report:", "error": ":material/error:"}
        st.toast(text, icon=icons[level], duration="long")
