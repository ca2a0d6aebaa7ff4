"""Models that run by themselves meet whatever people drop: they score it or refuse it in words, and never break."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from core.dataset import Dataset
from core.errors import EngineError
from core.frames import lake_schema
from preparation.catalog import Catalog
from processing import SparkEngine
from processing.models import BUNDLED_MODELS, ModelStore

PLAIN = [model for model in BUNDLED_MODELS if not model.needs_spark]
WORDS = ["a", "a", "", "Shot", "goal", "football", "denied", '{"shot.outcome.name": "Goal"}', "\u0000"]
EXTREMES = [0.0, 1.0, -1.0, 1e308, -1e308, np.nan, np.inf, 1e-300, 95.0]


def odd_rows(dataset: Dataset, count: int, dice: np.random.Generator) -> pl.DataFrame:
    makers: dict[type[pl.DataType], Callable[[], list[Any]]] = {
        pl.String: lambda: [WORDS[place] for place in dice.integers(0, len(WORDS), count)],
        pl.Float64: lambda: (
            dice.choice(EXTREMES, count).tolist() if dice.random() < 0.5 else dice.normal(size=count).tolist()
        ),
        pl.Int64: lambda: dice.integers(-5, 5, count).tolist(),
        pl.Boolean: lambda: dice.choice([True, False], count).tolist(),
        pl.Date: lambda: [
            datetime(2026, 1, 1, tzinfo=UTC).date() + timedelta(int(d)) for d in dice.integers(0, 9, count)
        ],
        pl.Datetime: lambda: [
            datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=int(s)) for s in dice.integers(-(10**9), 10**9, count)
        ],
        pl.Decimal: lambda: [Decimal(int(amount)) for amount in dice.integers(-3, 20, count)],
    }
    columns: dict[str, list[Any]] = {}
    for name, kind in lake_schema(dataset).items():
        missing = dice.random(count) < dice.choice([0.0, 0.3, 0.99])
        columns[name] = [None if gone else value for gone, value in zip(missing, makers[type(kind)](), strict=True)]
    columns |= {"_blob": [f"{place % 3:064d}" for place in range(count)], "_row": list(range(count))}
    return pl.DataFrame(columns, schema=lake_schema(dataset), strict=False)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", [model.name for model in PLAIN])
def test_odd_rows_are_scored_or_refused_in_words(name: str, seed: int, tmp_path: Path, spark: SparkEngine) -> None:
    store, dice = ModelStore(tmp_path, spark), np.random.default_rng(seed)
    dataset = Catalog().dataset(store.model(name).dataset)
    rows = odd_rows(dataset, [1, 400, 1_200][seed], dice)
    try:
        store.train(name, dataset, rows, lake_version=0)
    except EngineError:  # so few rows say nothing, which is an answer
        return
    assert store.score(name, dataset, rows.clear()).is_empty()
    store.score(name, dataset, rows)
    store.score(name, dataset, odd_rows(dataset, 150, dice))
    assert store.drift(name, dataset, rows).is_empty()
    assert not store.explain(name).is_empty()
