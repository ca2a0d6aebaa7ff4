"""The labelled series that the anomaly detectors are measured on."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from nab_scoring import Labelled
from numpy.typing import NDArray
from samples import BESIDE, VARIABLE, NotHereError


@dataclass(frozen=True, slots=True)
class Recorded:
    """A series with its labels.

    Attributes:
        name: Its group and file.
        times: Seconds since the epoch.
        values: What was read.
        labelled: How long it is, and its windows.
    """

    name: str
    times: NDArray[np.float64]
    values: NDArray[np.float64]
    labelled: Labelled


def recorded() -> list[Recorded]:
    """All labelled series of the samples; ``labels.json`` there has name → windows as [first, last] times.

    Raises:
        NotHereError: If there are none on this machine.
    """
    folder = Path(os.environ.get(VARIABLE) or BESIDE) / "timeseries"
    if not folder.exists():
        raise NotHereError(f"no labelled series at {folder}; name the samples' folder with {VARIABLE}=DIR")
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    return [_read(folder, name, windows) for name, windows in labels.items()]


def _read(folder: Path, name: str, windows: list[list[str]]) -> Recorded:
    rows = pl.read_csv(folder / name).select(_moment("timestamp"), pl.col("value").cast(pl.Float64))
    times = rows["timestamp"].dt.epoch("us").to_numpy() / 1e6
    edges = pl.DataFrame(windows, schema=["first", "last"], orient="row").cast(pl.String)
    bounds = edges.select(_moment("first").dt.epoch("us") / 1e6, _moment("last").dt.epoch("us") / 1e6)
    places = [np.flatnonzero((times >= first) & (times <= last)) for first, last in bounds.iter_rows()]
    found = tuple((int(inside[0]), int(inside[-1])) for inside in places if len(inside))
    return Recorded(name, times, rows["value"].to_numpy(), Labelled(len(times), found))


def _moment(column: str) -> pl.Expr:
    return pl.col(column).str.to_datetime(time_unit="us")
