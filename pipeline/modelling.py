"""Training and applying models over the lake, and keeping what they said."""

from pathlib import Path
from typing import Any

import polars as pl

from core.errors import EngineError
from pipeline.bootstrap import Parts
from processing import lake_frames

RESULTS = "results.parquet"
EXPLANATION = "explanation.parquet"


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
    _keep(parts, name, RESULTS, parts.model_store.score(name, dataset, rows))
    _keep(parts, name, EXPLANATION, parts.model_store.explain(name))
    return described(parts, name)


def score(parts: Parts, name: str) -> pl.DataFrame:
    """Applies the newest version of a model to all rows and keeps what it says.

    Raises:
        NotFoundError: If it was never trained.
    """
    dataset = parts.catalog.dataset(parts.model_store.model(name).dataset)
    rows = _rows(parts, dataset.name, parts.lake.version(dataset.name))
    result = parts.model_store.score(name, dataset, rows)
    _keep(parts, name, RESULTS, result)
    return result


def results(parts: Parts, name: str) -> pl.DataFrame:
    """What a model said when it was last applied; empty before."""
    return _kept(parts, name, RESULTS)


def explanation(parts: Parts, name: str) -> pl.DataFrame:
    """What a model has learned, the weightiest first; empty before it was trained."""
    return _kept(parts, name, EXPLANATION)


def train_what_can_be(parts: Parts) -> list[str]:
    """Trains each model that never was and has rows enough; their names."""
    trained = []
    for name in parts.model_store.names():
        if parts.model_store.card(name) is None and _has_rows(parts, parts.model_store.model(name).dataset):
            try:
                train(parts, name)
            except EngineError:
                continue  # too few rows as yet; asked for by a person, it says so
            trained.append(name)
    return trained


def _has_rows(parts: Parts, dataset: str) -> bool:
    return parts.lake.version(dataset) >= 0


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
