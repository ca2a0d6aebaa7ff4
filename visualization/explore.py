"""The page that searches everything that is stored."""

from collections.abc import Mapping, Sequence
from functools import partial
from html import escape
from typing import Any

import streamlit as st

from core.dataset import ColumnType, Dataset
from core.errors import PenstockError
from pipeline import System
from visualization import blocks, reading
from visualization.record_panel import known_dataset, open_blob, open_record, record_facts
from visualization.wording import counted, file_name, number, shorter, shown, title

PAGE_SIZE = 20
MAX_FACETS = 5
MAX_COUNTED = 16  # columns whose values are counted, to find those that part the answer
MAX_FACET_VALUES = 8
_MAX_FACET_CHARS = 28
_CARD_FACTS = 6
_CARD_VALUE_CHARS = 60
_TABLE_COLUMNS = 9
_FILTERS = "explore-filters"
_SHOWN_ROW = "explore-shown-row"


def show(system: System) -> None:
    """Draws the page; `?q=`, `?dataset=` and `?blob=` in its address lead to what they name."""
    blocks.page_title("Explore")
    if not reading.is_running(system):
        blocks.show_stopped()
    names = [name for name, count in _by_size(reading.books(system)) if count["rows"]]
    if not names:
        _show_nothing_stored(system)
        _open_linked_blob(system)
        return
    words = st.text_input(
        "Search",
        placeholder='Words, "a phrase", -without',
        key="q",
        bind="query-params",
        icon=":material/search:",
        label_visibility="collapsed",
    )
    name = st.pills(
        "Dataset", names, format_func=title, key="dataset", bind="query-params", label_visibility="collapsed"
    )
    dataset = known_dataset(system, name) if name else None
    if dataset is None:
        _show_answer(system, words, None, {})
    else:
        narrow, wide = st.columns([1, 3.2], gap="large")
        with narrow:
            where = _filters(system, words, dataset)
        with wide:
            _show_answer(system, words, dataset, where)
    _open_linked_blob(system)


def _by_size(books: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    return sorted(books["datasets"].items(), key=lambda item: (-item[1]["rows"], item[0]))


def _show_nothing_stored(system: System) -> None:
    blocks.show_empty(
        "Nothing to search yet",
        f"Every record that is stored can be found here. Copy files into `{system.settings.home / 'inbox'}`,",
        "or write a set of samples with `penstock samples DIR` and take it in with `penstock drop DIR`.",
    )


def _open_linked_blob(system: System) -> None:
    blob = st.query_params.get("blob")
    if blob:
        del st.query_params["blob"]
        open_blob(system, blob)


def _filters(system: System, words: str, dataset: Dataset) -> dict[str, str]:
    """Column → value, as chosen in the narrow column."""
    where = _typed_filters(dataset)
    columns = facet_columns(dataset)
    chosen = {name: st.session_state.get(_facet_key(dataset, name)) for name in columns}
    where |= {name: value for name, value in chosen.items() if value}
    try:
        answer = system.search(words or "", dataset=dataset.name, where=where, limit=1, facets=columns)
    except PenstockError:
        return where  # the answer beside it says what is wrong
    for name in _parting(columns, answer["facets"], chosen):
        values = dict(list(answer["facets"].get(name, {}).items())[:MAX_FACET_VALUES])
        if selected := chosen[name]:
            values.setdefault(selected, 0)
        st.pills(
            title(name),
            list(values),
            format_func=partial(_counted_value, values),
            key=_facet_key(dataset, name),
            wrap=True,
        )
    return where


def _parting(
    columns: Sequence[str], counts: Mapping[str, Mapping[str, int]], chosen: Mapping[str, str | None]
) -> list[str]:
    """The first columns that part the answer into groups, and those that something was chosen in."""
    telling = [name for name in columns if len(counts.get(name, {})) > 1 and max(counts[name].values()) > 1]
    return [name for name in columns if chosen[name] or name in telling[:MAX_FACETS]]


def _counted_value(counts: Mapping[str, int], value: str) -> str:
    return f"{shorter(value, _MAX_FACET_CHARS)}  {number(counts.get(value, 0))}"


def facet_columns(dataset: Dataset) -> list[str]:
    """The columns whose commonest values may help to narrow an answer: short words, no identities, nobody's data."""
    return [
        column.name
        for column in dataset.columns
        if column.type in (ColumnType.KEYWORD, ColumnType.BOOLEAN)
        and column.personal is None
        and column.name not in dataset.identity
        and not column.name.endswith(("_id", "_number", "_key", "sha256"))
    ][:MAX_COUNTED]


def _facet_key(dataset: Dataset, column: str) -> str:
    return f"facet-{dataset.name}-{column}"


def _typed_filters(dataset: Dataset) -> dict[str, str]:
    kept: dict[str, dict[str, str]] = st.session_state.setdefault(_FILTERS, {})
    where = kept.setdefault(dataset.name, {})
    with st.popover("Add a filter", icon=":material/filter_alt:", width="stretch"), st.form("filter", border=False):
        column = st.selectbox("Column", [c.name for c in dataset.columns], format_func=title)
        value = st.text_input(
            "Value", placeholder="a value, or from..to", help="A range has two dots: 10..20, ..20, 10.."
        )
        if st.form_submit_button("Apply", type="primary") and value and column:
            where[column] = value
    for name, value in list(where.items()):
        if st.button(
            f"{title(name)}: {value}", icon=":material/close:", key=f"unfilter-{name}", help="Remove this filter"
        ):
            del where[name]
            st.rerun()
    return dict(where)


def _show_answer(system: System, words: str, dataset: Dataset | None, where: Mapping[str, str]) -> None:
    heading = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute")
    question = (words, dataset.name if dataset else "", tuple(sorted(where.items())))
    page_key = f"page-{hash(question)}"
    page = int(st.session_state.get(page_key, 1))
    try:
        answer = system.search(
            words or "",
            dataset=dataset.name if dataset else None,
            where=where,
            limit=PAGE_SIZE,
            offset=(page - 1) * PAGE_SIZE,
        )
    except PenstockError as error:
        st.error(f"**{error.reason}** {error.fix}", icon=":material/error:")
        return
    with heading:
        st.markdown(f"**{counted(answer['total'], 'record')}**" + (" found" if words or where else ""))
        form = st.segmented_control(
            "Show as", ["Cards", "Table"], default="Cards", required=True, key="shape", label_visibility="collapsed"
        )
    if not answer["hits"]:
        blocks.show_empty("No record answers", "Try fewer words, another dataset, or remove a filter.")
        return
    if form == "Table" and dataset is not None:
        _show_table(system, answer["hits"], dataset)
    else:
        for index, hit in enumerate(answer["hits"]):
            _show_card(system, hit, index)
    pages = -(-min(answer["total"], 10_000) // PAGE_SIZE)
    if pages > 1:
        st.pagination(pages, key=page_key)


def _show_card(system: System, hit: Mapping[str, Any], index: int) -> None:
    dataset = known_dataset(system, str(hit["dataset"]))
    snippet = str(hit.get("snippet") or "")
    line = "".join(
        f"<span><i>{escape(name)}</i> <strong>{escape(shorter(value, _CARD_VALUE_CHARS))}</strong></span>"
        for name, value in _telling(record_facts(hit["record"], dataset), str(hit["path"]), str(hit["blob"]))
    )
    name = escape(file_name(str(hit["path"])))
    with st.container(border=True, gap="xsmall"):
        top, side = st.columns([6, 1], vertical_alignment="center")
        with top:
            st.html(
                f'<div class="ps-hit"><b>{name}</b> {blocks.tag(title(str(hit["dataset"])))}'
                + (f'<div class="ps-snippet">{blocks.marked(snippet)}</div>' if snippet else "")
                + f'<div class="ps-line">{line}</div></div>'
            )
        with side, st.container(horizontal_alignment="right"):
            if st.button("Details", key=f"open-{index}-{hit['id']}", type="tertiary", icon=":material/chevron_right:"):
                open_record(system, hit)


def _telling(facts: Sequence[tuple[str, str]], path: str, blob: str) -> list[tuple[str, str]]:
    """The first facts that the card does not say already."""
    return [fact for fact in facts if fact[1] not in (path, file_name(path), blob)][:_CARD_FACTS]


def _show_table(system: System, hits: Sequence[Mapping[str, Any]], dataset: Dataset) -> None:
    names = [c.name for c in dataset.columns if any(hit["record"].get(c.name) is not None for hit in hits)]
    rows = {
        title(name): [shown(hit["record"].get(name), dataset.column(name)) for hit in hits]
        for name in names[:_TABLE_COLUMNS]
    }
    rows |= {"File": [file_name(str(hit["path"])) for hit in hits]}
    event: Any = st.dataframe(
        rows,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=f"table-{dataset.name}",
        alt=f"Records of {title(dataset.name)}",
    )
    st.caption("Select a row to open the record.")
    selected = hits[event.selection.rows[0]] if event.selection.rows and event.selection.rows[0] < len(hits) else None
    if selected is None:
        st.session_state.pop(_SHOWN_ROW, None)
    elif st.session_state.get(_SHOWN_ROW) != selected["id"]:
        st.session_state[_SHOWN_ROW] = selected["id"]
        open_record(system, selected)
