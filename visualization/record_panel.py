"""A record and the file that it came from: values, facts, way through the layers, original bytes."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import streamlit as st

from core.dataset import BLOB_COLUMN, RESCUED_COLUMN, ROW_COLUMN, Dataset
from core.errors import NotFoundError, PenstockError
from pipeline import System
from visualization import blocks, columns_panel
from visualization.picture import show_picture
from visualization.player import show_player
from visualization.reading import CATALOGUE
from visualization.wording import amount_of_bytes, duration, file_name, moment, shown, title

_HIDDEN = {BLOB_COLUMN, ROW_COLUMN, RESCUED_COLUMN, "_id"}
_MASKED = "masked"
_OPENED = "record-opened"


def open_record(system: System, hit: Mapping[str, Any]) -> None:
    """Opens the panel at the side with one hit of a search."""

    @st.dialog(title(str(hit["dataset"])), width="medium", position="right", icon=":material/article:")
    def panel() -> None:
        dataset = known_dataset(system, str(hit["dataset"]))
        st.html(f'<div class="ps-hit"><b>{blocks.escaped(file_name(str(hit["path"])))}</b></div>')
        record, file, columns, trace = st.tabs(["Record", "File", "Columns", "Trace"])
        with record:
            catalogued = _catalogue_row(system, str(hit["blob"]))
            buttons = st.container(horizontal=True)
            show_player(system, hit, catalogued, buttons)
            show_picture(system, hit, catalogued, buttons)
            blocks.show_facts(record_facts(hit["record"], dataset))
            _show_rescued(hit["record"].get(RESCUED_COLUMN))
        with file:
            _show_file(system, str(hit["blob"]), str(hit["path"]))
        with columns:
            columns_panel.show(system, str(hit["blob"]), str(hit["path"]))
        with trace:
            _show_trace(system, str(hit["blob"]))

    panel()


def open_selected(system: System, table: str, dataset: str, identity: str | None) -> None:
    """Opens the record that was just selected in a table, once; None where none is selected."""
    opened: dict[str, str] = st.session_state.setdefault(_OPENED, {})
    if identity is None:
        opened.pop(table, None)
    elif opened.get(table) != identity:
        opened[table] = identity
        hits = system.search(dataset=dataset, where={"_id": identity}, limit=1)["hits"]
        if hits:
            open_record(system, hits[0])


def open_blob(system: System, blob: str) -> None:
    """Opens the panel at the side with one file."""

    @st.dialog("File", width="medium", position="right", icon=":material/draft:")
    def panel() -> None:
        path = next((str(a["path"]) for a in system.recent(1000) if a["blob"] == blob), blob)
        st.html(f'<div class="ps-hit"><b>{blocks.escaped(file_name(path))}</b></div>')
        file, columns, trace = st.tabs(["File", "Columns", "Trace"])
        with file:
            _show_file(system, blob, path)
        with columns:
            columns_panel.show(system, blob, path)
        with trace:
            _show_trace(system, blob)

    panel()


def known_dataset(system: System, name: str) -> Dataset | None:
    """The dataset of that name, or None where its model is gone."""
    with suppress(NotFoundError):
        return system.dataset(name)
    return None


def record_facts(record: Mapping[str, Any], dataset: Dataset | None) -> list[tuple[str, str]]:
    """A record's columns and values for people, in the order of the schema; empty ones left out."""
    known = [column.name for column in dataset.columns] if dataset else []
    names = [name for name in known if name in record] + [name for name in record if name not in known]
    facts = []
    for name in names:
        if name in _HIDDEN or record[name] is None:
            continue
        column = dataset.column(name) if dataset and name in dataset else None
        mark = f" · {_MASKED}" if column and column.is_sealed else ""
        facts.append((title(name) + mark, shown(record[name], column)))
    return facts


def _show_rescued(rescued: Any) -> None:
    if not rescued:
        return
    values = json.loads(rescued) if isinstance(rescued, str) else dict(rescued)
    st.markdown("###### Other columns of the file", help="Columns that the schema does not know; kept as they came.")
    blocks.show_facts([(str(name), shown(value)) for name, value in values.items()])


def _show_file(system: System, blob: str, path: str) -> None:
    facts: list[tuple[str, str]] = [("Path", path), ("SHA-256", blob)]
    catalogue = _catalogue_row(system, blob)
    catalogued = known_dataset(system, CATALOGUE)
    facts += [fact for fact in record_facts(catalogue, catalogued) if fact[1] not in (path, blob)]
    blocks.show_facts(facts)
    st.space("xsmall")
    st.download_button(
        "Download the original",
        data=lambda: b"".join(system.original(blob)),
        file_name=file_name(path).rpartition("/")[2] or blob,
        icon=":material/download:",
        on_click="ignore",
        help="Unseals the bytes as they arrived. The audit trail records it.",
        key=f"download-{blob}",
    )


def _catalogue_row(system: System, blob: str) -> Mapping[str, Any]:
    dataset = known_dataset(system, CATALOGUE)
    if dataset is None or not dataset.identity:
        return {}
    try:
        hits: Sequence[Mapping[str, Any]] = system.search(
            dataset=CATALOGUE, where={dataset.identity[0]: blob}, limit=1
        )["hits"]
    except PenstockError:
        return {}
    record: Mapping[str, Any] = hits[0]["record"] if hits else {}
    return record


def _show_trace(system: System, blob: str) -> None:
    try:
        steps = system.trace(blob)
    except NotFoundError as error:
        st.caption(str(error))
        return
    blocks.show_steps(steps)
    times = [at for step in steps if (at := moment(step.get("at")))]
    if times:
        st.caption(f"{duration((max(times) - min(times)).total_seconds())} from the first step to the last.")


def preview_text(content: bytes) -> str:
    """Bytes as text, wrong ones as a replacement mark; for people, never parsed again."""
    return content.decode("utf-8", errors="replace").replace("\x00", "␀")


def show_preview(content: bytes, size: int) -> None:
    """The first bytes of a file as text and in hexadecimal."""
    if not content:
        st.caption("The file is empty.")
        return
    text, digits = st.tabs(["Text", "Hex"])
    with text:
        st.code(preview_text(content), language=None, height=320)
    with digits, st.container(height=320, border=True):
        blocks.show_bytes(content)
    st.caption(f"The first {amount_of_bytes(len(content))} of {amount_of_bytes(size)}. The audit trail has this look.")
