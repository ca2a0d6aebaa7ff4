"""What became of the columns of a file's tables, and where a person says what they are instead."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.errors import PenstockError
from pipeline import System
from visualization import blocks, reading
from visualization.wording import file_name, title

_FOUND = "columns-found"
_SAID = "columns-said"
_NONE = ""


def show(system: System, blob: str, path: str) -> None:
    """Draws what became of the columns once it is asked for: the file is opened again for that."""
    found: dict[str, list[Mapping[str, Any]]] = st.session_state.setdefault(_FOUND, {})
    if blob not in found:
        st.caption(
            "Which column of the file became which, and why. The file is opened again for that, nothing is stored."
        )
        if not st.button("Look at its columns", icon=":material/table:", key=f"columns-{blob}"):
            return
        try:
            found[blob] = list(system.ask("columns", blob=blob, name=file_name(path)))
        except PenstockError as error:
            blocks.show_notice("warning", "Its columns cannot be shown.", str(error))
            return
    if not found[blob]:
        st.caption("There is no table in it.")
    for at, match in enumerate(found[blob]):
        _show_table(system, match, path, f"{blob}-{at}")


def _show_table(system: System, match: Mapping[str, Any], path: str, key: str) -> None:
    named = f"{match['name']}: " if match["name"] else ""
    st.markdown(f"###### {named}{title(str(match['dataset']))}")
    if not match["shape"]:
        st.dataframe(match["columns"], hide_index=True, key=f"table-{key}")
        st.caption("Its format says what it is.")
        return
    datasets = [each.name for each in reading.datasets(system) if each.name != reading.CATALOGUE]
    place = datasets.index(match["dataset"]) if match["dataset"] in datasets else 0
    chosen = st.selectbox("It is", datasets, index=place, format_func=title, key=f"dataset-{key}")
    options = [_NONE, *(column.name for column in system.dataset(chosen).columns)]
    edited: Sequence[Mapping[str, Any]] = st.data_editor(
        [
            {
                "header": each["header"],
                "column": each["column"] if each["column"] in options else _NONE,
                "why": each["why"],
            }
            for each in match["columns"]
        ],
        column_config={"column": st.column_config.SelectboxColumn("column", options=options)},
        disabled=["header", "why"],
        hide_index=True,
        key=f"edit-{key}-{chosen}",
    )
    if st.button("Remember for every table with these headers", type="primary", key=f"say-{key}"):
        _say(system, match, chosen, edited, path)
    if st.session_state.get(_SAID) == match["shape"]:
        blocks.show_notice(
            "success", "Remembered.", "Files that come from now on are taken so; `penstock corrections` takes it back."
        )


def _say(
    system: System, match: Mapping[str, Any], dataset: str, edited: Sequence[Mapping[str, Any]], path: str
) -> None:
    """Remembers the dataset, and the places that are not those that were found."""
    before = {each["header"]: each["column"] or _NONE for each in match["columns"]}
    columns = {
        str(each["header"]): str(each["column"] or _NONE)
        for each in edited
        if (each["column"] or _NONE) != before[each["header"]]
    }
    headers = [each["header"] for each in match["columns"]]
    try:
        list(system.ask("correct", dataset=dataset, headers=headers, columns=columns, name=file_name(path)))
    except PenstockError as error:
        blocks.show_notice("warning", "It was not remembered.", str(error))
    else:
        st.session_state[_SAID] = match["shape"]
