"""One model on a page: its kind, how good it is on records it has not seen, and what it says of each record."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import streamlit as st

from core.errors import PenstockError
from pipeline import System
from visualization import reading
from visualization.drawing import draw_scores
from visualization.record_panel import open_selected
from visualization.what_if import show_what_if
from visualization.wording import ago, file_name, measure_meaning, measured, number, title

SHOWN_RESULTS = 200
SHORT_TABLE = 7
KINDS = {
    "decision": ("green", "says what to do first"),
    "predictive": ("violet", "estimates what is not known"),
    "descriptive": ("blue", "shows what is there"),
}
"""Kind → the colour of its badge, and what such a model does; what to act on comes first."""
_RECORD, _BLOB, _ROW = "_id", "_blob", "_row"
_LEADING = (
    *("rank", "review", "hold", "is_alert", "lasts", "series", "column", "behaviour", "expected_saving"),
    *("ring", "topic", "party", "rule", "path", "template", "is_new", "actor"),
)
_SCORES = ("probability", "score", "risk")
_SHA256_DIGITS, _SHORT_DIGITS = 64, 12


def show_model(system: System, model: Mapping[str, Any], *, with_dataset: bool = True) -> None:
    """One model with its quality and its newest results."""
    name = str(model["model"])
    is_trained = model.get("version") is not None
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            colour, does = KINDS.get(str(model["kind"]), ("gray", ""))
            st.markdown(f"**{title(name)}**", width="content")
            st.badge(f"{model['kind']}: {does}" if does else str(model["kind"]), color=colour)  # type: ignore[arg-type]
            if moved := model.get("drifted"):
                st.badge(
                    "train anew",
                    color="orange",
                    icon=":material/trending_down:",
                    help=f"New records are not like those it learned from: {', '.join(map(title, moved))}.",
                )
            if with_dataset:
                st.badge(title(str(model["dataset"])), color="gray", help="The dataset that it learns from.")
            st.space("stretch")
            _show_actions(system, name, is_trained=is_trained)
        st.caption(str(model["description"]))
        if not is_trained:
            st.caption(
                "Not trained yet: the running system trains it once it has records enough and is idle. "
                f"Or train it here, or with `penstock models {name} train`."
            )
            return
        if caution := model.get("caution"):
            st.warning(str(caution), icon=":material/casino:")
        _show_quality(model)
        _show_results(system, model)


def _show_actions(system: System, name: str, *, is_trained: bool) -> None:
    is_stopped = not reading.is_running(system)
    if st.button(
        "Train anew" if is_trained else "Train",
        key=f"train-{name}",
        icon=":material/model_training:",
        disabled=is_stopped,
        help="Learns from all records that there are now, then scores them.",
    ):
        _ask(system, "train", name)
    if is_trained and st.button(
        "Score",
        key=f"score-{name}",
        icon=":material/bolt:",
        disabled=is_stopped,
        help="Applies what it has learned to all records that there are now.",
    ):
        _ask(system, "score", name)


def _show_quality(model: Mapping[str, Any]) -> None:
    """Measures as figures; how many of what they were taken from as a line beneath."""
    metrics = {key: value for key, value in model["metrics"].items() if isinstance(value, int | float)}
    with st.container(horizontal=True, gap="medium"):
        for key, value in metrics.items():
            if isinstance(value, float):
                st.metric(title(key), measured(key, value), width="content", help=measure_meaning(key))
    counts = ", ".join(f"{number(v)} {title(k).lower()}" for k, v in metrics.items() if isinstance(v, int))
    st.caption(
        f"Measured on {_measured_on(model)}{f' ({counts})' if counts else ''}. "
        f"Version {model['version']}, trained {ago(model.get('trained_at'))}."
    )


def _measured_on(model: Mapping[str, Any]) -> str:
    """What describes is measured on all there is, unless it says what it kept aside."""
    is_kept_aside = model["kind"] != "descriptive" or any("held_out" in key for key in model["metrics"])
    return "records kept aside" if is_kept_aside else "all records"


def _show_results(system: System, model: Mapping[str, Any]) -> None:
    try:
        results = reading.model_results(system, str(model["model"]), _version(model))
    except PenstockError as error:
        st.caption(str(error))
        return
    if results.is_empty():
        st.caption("It found nothing." if model.get("scored_at") else "It has scored nothing yet.")
        return
    score = next((name for name in results.columns if _is_score(name) and results[name].dtype.is_numeric()), None)
    if score:
        with st.expander(f"How often each {title(score).lower()} occurs", type="compact"):
            drawing = draw_scores(results[score], title(score))
            st.altair_chart(drawing.chart, alt=drawing.alt)
    show_what_if(system, model, results, _version(model))
    _show_table(system, model, results.head(SHOWN_RESULTS))
    st.caption(_below(model, results))


def _below(model: Mapping[str, Any], results: pl.DataFrame) -> str:
    """What is said beneath the results. What a model has learned is not read here: it takes a Spark session."""
    told = f"The first {SHOWN_RESULTS} of {number(results.height)}. " if results.height > SHOWN_RESULTS else ""
    hint = "Select a row to open the record. " if _RECORD in results.columns else ""
    return f"{told}{hint}`penstock models {model['model']} explain` lists what it has learned."


def _show_table(system: System, model: Mapping[str, Any], results: pl.DataFrame) -> None:
    key = f"results-{model['model']}"
    shown = readable_results(results, _files(system, results))
    is_of_records = _RECORD in results.columns
    choosing: dict[str, Any] = {"on_select": "rerun", "selection_mode": "single-row"} if is_of_records else {}
    event: Any = st.dataframe(
        shown,
        hide_index=True,
        height="content" if results.height <= SHORT_TABLE else 300,
        column_config={title(name): config for name in results.columns if (config := _column(name, results))},
        key=key,
        alt=f"Results of {title(str(model['model']))}",
        **choosing,
    )
    if is_of_records:
        chosen = event.selection.rows[0] if event.selection.rows else None
        identity = results[_RECORD][chosen] if chosen is not None and chosen < results.height else None
        open_selected(system, key, str(model["dataset"]), identity)


def readable_results(results: pl.DataFrame, files: Mapping[str, str]) -> pl.DataFrame:
    """Results as people read them: what they say first, then the reasons, last the file (blob → name) and the row."""
    names = sorted((name for name in results.columns if not name.startswith("_")), key=_place)
    frame = _flat(results).with_columns(
        pl.col(name).replace(files) for name in names if results.schema[name] == pl.String
    )
    where = []
    if _BLOB in results.columns:
        where.append(pl.col(_BLOB).replace(files).alias("File"))
    if _ROW in results.columns:
        where.append(pl.col(_ROW).alias("Row"))
    return frame.select(*(pl.col(name).alias(title(name)) for name in names), *where)


def _place(name: str) -> int:
    if name in _LEADING:
        return _LEADING.index(name)
    if _is_score(name):
        return len(_LEADING)
    return len(_LEADING) + {"amount": 1, "reasons": 2}.get(name, 3)


def _is_score(name: str) -> bool:
    return name.endswith(_SCORES)


def _column(name: str, results: pl.DataFrame) -> Any:
    if name.endswith("probability"):
        return st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)
    if _is_curve(results.schema[name]):
        return st.column_config.BarChartColumn(width="small", help="From the first tenth of the time to the last.")
    if name == "reasons":
        return st.column_config.TextColumn(width="large")
    if results.schema[name].is_float() or results.schema[name].is_decimal():
        largest = results[name].cast(pl.Float64).abs().max()
        return st.column_config.NumberColumn(format="%.3f" if isinstance(largest, float) and largest < 100 else "%,.0f")  # noqa: PLR2004
    return None


def _files(system: System, results: pl.DataFrame) -> dict[str, str]:
    """Blob → name of its file, of each blob that the results speak of."""
    found: set[str] = set()
    for name, kind in results.schema.items():
        if kind == pl.String and name != _RECORD:
            found.update(value for value in results[name].drop_nulls().unique() if len(value) == _SHA256_DIGITS)
    return {blob: _shown_name(blob, path) for blob, path in reading.paths(system, tuple(sorted(found))).items()}


def _shown_name(blob: str, path: str) -> str:
    return file_name(path) if path else blob[:_SHORT_DIGITS] + "…"


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists of words and structs as text, so that a table can show them; lists of numbers are drawn."""
    return frame.with_columns(
        pl.col(name).cast(pl.List(pl.String)).list.join("; ")
        if isinstance(kind, pl.List)
        else pl.col(name).struct.json_encode()
        for name, kind in frame.schema.items()
        if isinstance(kind, pl.List | pl.Struct) and not _is_curve(kind)
    )


def _is_curve(kind: pl.DataType) -> bool:
    return isinstance(kind, pl.List) and pl.Series(dtype=kind.inner).dtype.is_numeric()


def _version(model: Mapping[str, Any]) -> Sequence[Any]:
    return (model["version"], model.get("trained_at"), model.get("scored_at"))


def _ask(system: System, command: str, model: str) -> None:
    doing = {"train": "Training", "score": "Scoring"}[command]
    with st.status(f"{doing} {title(model).lower()}…") as status:
        try:
            for _ in system.ask(command, model=model):
                pass  # the page shows what came of it
        except PenstockError as error:
            status.update(label=str(error), state="error")
            return
        status.update(label=f"{doing} is done", state="complete")
    reading.forget_live(system)
    st.rerun()
