"""Training and applying models over the lake, and keeping what they said."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from core.dataset import Dataset
from core.errors import EngineError
from pipeline.bootstrap import Parts
from processing import ModelKind, RowModel, lake_frames

RESULTS = "results.parquet"
EXPLANATION = "explanation.parquet"
DRIFT = "drift.parquet"
SHOWN_DRIFTED = 3
_SCORED, _REFUSED = "scored.json", "refused.json"
_REFUSED_SECONDS = 3600
_WAIT_PER_SECOND = 50  # that scoring took; there are a handful of models that need no Spark
_WAIT_TO_DESCRIBE = 400  # the same of those that only describe: there is one of each dataset, and nobody waits for it


def described(parts: Parts, name: str) -> dict[str, Any]:
    """What is known of a model, trained or not."""
    model, card = parts.model_store.model(name), parts.model_store.card(name)
    return {
        "model": name,
        "kind": model.kind.value,
        "dataset": model.dataset,
        "description": model.description,
        "version": card.version if card else None,
        "trained_at": card.trained_at if card else None,
        "metrics": dict(card.metrics) if card else {},
        "caution": model.caution(card.metrics) if card else None,
        "scored_at": _scored_at(parts, name),
        "retrain": bool(moved := _drifted(parts, name)),
        "drifted": moved,
    }


def train(parts: Parts, name: str) -> dict[str, Any]:
    """Trains a model on all rows that its dataset has, then applies it to them.

    Raises:
        EngineError: If there are too few rows, or Spark fails.
    """
    dataset = parts.catalog.dataset(parts.model_store.model(name).dataset)
    version = parts.lake.version(dataset.name)
    rows = _rows(parts, dataset.name, version)
    parts.model_store.train(name, dataset, rows, lake_version=version)
    _apply(parts, name, dataset, rows, version)
    _keep(parts, name, EXPLANATION, parts.model_store.explain(name))
    return described(parts, name)


def score(parts: Parts, name: str) -> pl.DataFrame:
    """Applies the newest version of a model to all rows and keeps what it says.

    Raises:
        NotFoundError: If it was never trained.
    """
    dataset = parts.catalog.dataset(parts.model_store.model(name).dataset)
    version = parts.lake.version(dataset.name)
    return _apply(parts, name, dataset, _rows(parts, dataset.name, version), version)


def results(parts: Parts, name: str) -> pl.DataFrame:
    """What a model has said of the rows that it was applied to; empty before."""
    model = parts.model_store.model(name)
    if not isinstance(model, RowModel):
        return _kept(parts, name, RESULTS)
    scores = parts.scores.scores(name)
    return scores if scores.is_empty() else model.ordered(scores)


def results_file(parts: Parts, name: str) -> Path:
    """The file that changes whenever the results do."""
    is_of_rows = isinstance(parts.model_store.model(name), RowModel)
    return parts.scores.file(name) if is_of_rows else _file(parts, name, RESULTS)


def explanation(parts: Parts, name: str) -> pl.DataFrame:
    """What a model has learned, the weightiest first; empty before it was trained."""
    return _kept(parts, name, EXPLANATION)


def train_what_can_be(parts: Parts) -> list[str]:
    """Trains each model that never was and has rows enough; their names.

    One that was refused is tried again when there are new rows, or after an hour.
    """
    trained = []
    for name in parts.model_store.names():
        version = parts.lake.version(parts.model_store.model(name).dataset)
        if version < 0 or parts.model_store.card(name) is not None or _was_refused(parts, name, version):
            continue
        try:
            train(parts, name)
        except EngineError:
            _mark(parts, name, _REFUSED, version)  # too few rows as yet; asked for by a person, it says so
            continue
        trained.append(name)
    return trained


def score_what_is_behind(parts: Parts) -> list[str]:
    """Applies each trained model to rows that came since it was last applied; their names.

    Those that need Spark only where a streaming query has it at hand. Those whose new rows the query scores by itself
    are looked at for drift alone. One that took long waits the longer, so that all take a tenth of a core at most.
    """
    is_spark_up = parts.settings.processing.live == "spark"
    scored = []
    for name in parts.model_store.names():
        model = parts.model_store.model(name)
        if not parts.model_store.version(name) or _has_just_been_scored(parts, name):
            continue
        if (model.needs_spark and not is_spark_up) or _marked(parts, name, _SCORED) >= parts.lake.version(
            model.dataset
        ):
            continue
        if isinstance(model, RowModel) and is_spark_up and parts.scores.version(name) is not None:
            _watch_drift(parts, name)
        else:
            score(parts, name)
        scored.append(name)
    return scored


def retrain_what_has_drifted(parts: Parts) -> list[str]:
    """Trains anew each model whose new rows are no longer like those it learned from; their names.

    One that is refused is tried again when there are new rows, or after an hour.
    """
    trained = []
    for name in parts.model_store.names():
        version = parts.lake.version(parts.model_store.model(name).dataset)
        if not _drifted(parts, name) or _was_refused(parts, name, version):
            continue
        try:
            train(parts, name)
        except EngineError:
            _mark(parts, name, _REFUSED, version)
            continue
        trained.append(name)
    return trained


def _apply(parts: Parts, name: str, dataset: Dataset, rows: pl.DataFrame, version: int) -> pl.DataFrame:
    started = time.monotonic()
    result = parts.model_store.score(name, dataset, rows)
    if isinstance(parts.model_store.model(name), RowModel):
        parts.scores.replace(name, result, version)
    else:
        _keep(parts, name, RESULTS, result)
    _keep(parts, name, DRIFT, parts.model_store.drift(name, dataset, rows))
    _mark(parts, name, _SCORED, version, seconds=time.monotonic() - started)
    return result


def _watch_drift(parts: Parts, name: str) -> None:
    started = time.monotonic()
    dataset = parts.catalog.dataset(parts.model_store.model(name).dataset)
    version = parts.lake.version(dataset.name)
    drifted = parts.model_store.drift(name, dataset, _rows(parts, dataset.name, version))
    _keep(parts, name, DRIFT, drifted)
    _mark(parts, name, _SCORED, version, seconds=time.monotonic() - started)


def _mark(parts: Parts, name: str, what: str, version: int, seconds: float = 0.0) -> None:
    file = _file(parts, name, what)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"lake_version": version, "seconds": seconds}))


def _marked(parts: Parts, name: str, what: str) -> int:
    """The version of the lake that the mark is of; -1 where that is not known."""
    return int(_kept_mark(parts, name, what).get("lake_version", -1))


def _kept_mark(parts: Parts, name: str, what: str) -> dict[str, float]:
    try:
        kept = json.loads(_file(parts, name, what).read_text())
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _has_just_been_scored(parts: Parts, name: str) -> bool:
    file = _file(parts, name, _SCORED)
    is_urgent = parts.model_store.model(name).kind is not ModelKind.DESCRIPTIVE
    seconds = _kept_mark(parts, name, _SCORED).get("seconds", 0.0)
    wait = seconds * (_WAIT_PER_SECOND if is_urgent else _WAIT_TO_DESCRIBE)
    return file.is_file() and time.time() - file.stat().st_mtime < wait


def _was_refused(parts: Parts, name: str, version: int) -> bool:
    file = _file(parts, name, _REFUSED)
    is_fresh = file.is_file() and time.time() - file.stat().st_mtime < _REFUSED_SECONDS
    return is_fresh and _marked(parts, name, _REFUSED) == version


def _scored_at(parts: Parts, name: str) -> str | None:
    """When it was last applied, UTC, ISO-8601."""
    try:
        written = results_file(parts, name).stat().st_mtime
    except OSError:
        return None
    return datetime.fromtimestamp(written, UTC).isoformat(timespec="milliseconds")


def _drifted(parts: Parts, name: str) -> list[str]:
    """The features for which it is time to learn anew, most moved first."""
    moved = _kept(parts, name, DRIFT)
    if moved.is_empty():
        return []
    return [str(feature) for feature in moved.filter("retrain")["feature"].head(SHOWN_DRIFTED)]


def _rows(parts: Parts, name: str, version: int) -> pl.DataFrame:
    if version < 0:
        raise EngineError(f"There are no rows of {name} to learn from.", f"Take in some {name} first.")
    return pl.concat(lake_frames(parts.lake, name, version))


def _keep(parts: Parts, name: str, what: str, frame: pl.DataFrame) -> None:
    file = _file(parts, name, what)
    draft = file.with_suffix(".draft")
    frame.write_parquet(draft)
    draft.replace(file)


def _kept(parts: Parts, name: str, what: str) -> pl.DataFrame:
    file = _file(parts, name, what)
    return pl.read_parquet(file, glob=False) if file.is_file() else pl.DataFrame()


def _file(parts: Parts, name: str, what: str) -> Path:
    parts.model_store.model(name)
    return parts.home.models / name / what
