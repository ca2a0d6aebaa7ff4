"""What Spark Structured Streaming counts is what one pass over the same rows gives, for every bundled view."""

import random
import time
from functools import partial
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from bundled_datasets import bundled_datasets
from engine_kit import lake_rows, shared_spark
from polars.testing import assert_frame_equal

from core.dataset import Dataset
from processing import BUNDLED_VIEWS, LocalEngine, Streamed, ViewCatalog, ViewStore, ViewStream
from processing.state import finish
from processing.view_store import lake_frames
from storage import DeltaLake

ROWS, REPEATED, PIECES = 240, 20, 4
WAIT_SECONDS = 60.0


@pytest.mark.parametrize("seed", range(2))
def test_every_view_streamed_in_any_split_in_any_order_is_that_of_one_pass(seed: int, tmp_path: Path) -> None:
    dice = random.Random(seed)  # noqa: S311 - made-up rows
    catalog = ViewCatalog()
    streamed = [
        Streamed(bundled_datasets()[name], catalog.of_dataset(name)) for name in {v.dataset for v in BUNDLED_VIEWS}
    ]
    rows = {one.dataset.name: lake_rows(one.dataset, ROWS, seed) for one in streamed}
    pieces = [piece for one in streamed for piece in cut(one.dataset, len(rows[one.dataset.name]), dice)]
    dice.shuffle(pieces)
    lake, store = DeltaLake(str(tmp_path / "lake")), ViewStore(tmp_path / "views")
    stream = ViewStream(shared_spark().spark, partial(DeltaLake, str(tmp_path / "lake")), store, tmp_path / "checks")

    def append(number: int, dataset: Dataset, places: list[int]) -> None:
        lake.append(dataset, rows[dataset.name][places], number)

    before = len(pieces) // 2
    for number, piece in enumerate(pieces[:before]):
        append(number, *piece)
    try:
        stream.start(streamed, lake)
        for number, piece in enumerate(pieces[before:], before):
            append(number, *piece)
        until = time.monotonic() + WAIT_SECONDS
        behind = {view.name: (view, one.dataset.name) for one in streamed for view in one.views}
        while behind and time.monotonic() < until:
            behind = {n: (view, of) for n, (view, of) in behind.items() if store.version(view) < lake.version(of)}
            time.sleep(0.05)
        assert not behind
    finally:
        stream.stop()
    for one in streamed:
        kept = pl.concat(lake_frames(lake, one.dataset.name))  # all but what it knows by its identity already
        assert kept.height > ROWS // PIECES
        for view in one.views:
            expected = finish(view, one.dataset, LocalEngine().state_of_frames(view, one.dataset, [kept]))
            assert_frame_equal(store.rows(view, one.dataset), expected, check_exact=True)


def cut(dataset: Dataset, count: int, dice: random.Random) -> list[tuple[Dataset, list[int]]]:
    """Places of all rows, some of them twice, in no order, in pieces of any size."""
    places = [*range(count), *(dice.randrange(count) for _ in range(REPEATED))]
    dice.shuffle(places)
    ends = [0, *sorted(dice.sample(range(1, len(places)), PIECES - 1)), len(places)]
    return [(dataset, places[start:end]) for start, end in pairwise(ends)]
