"""Descriptive: which kinds of log line are new, and which came in bursts."""

from typing import Any

import numpy as np
import polars as pl

from core.dataset import BLOB_COLUMN, Dataset
from processing.models.model import Fitted, Model, ModelKind, too_few
from processing.models.quality import Numbers

MIN_LINES = 200
MOST_TEMPLATES = 500
WIDTHS = ("1m", "5m", "15m", "1h", "6h", "1d", "7d")
"""Windows to choose from: the widest of which a log has enough to compare."""

_MIN_WINDOWS = 24
TENTHS = 10
"""Into how many parts the time of a log is cut, to be drawn."""

_SURE = 6.0  # nats: a window so full comes 1 time in 400
_MOST_NATS = 700.0
_PSEUDO_LINES = 0.5  # in all other windows together, of a template that no other has
_LEAST_SPREAD = 1.05  # variance by mean: at 1 it would be a Poisson, whose formula is another
_LEAST_IN_BURST = 5
_NEW_SHARE = 0.1  # a template first seen in the last tenth of the time is new
_SCHEMA = {
    "source": pl.String(),
    "template": pl.String(),
    "is_new": pl.Boolean(),
    "burst_score": pl.Float64(),
    "lines": pl.Int64(),
    "first_seen": pl.Datetime("us", "UTC"),
    "last_seen": pl.Datetime("us", "UTC"),
    "burst_at": pl.Datetime("us", "UTC"),
    "lines_in_burst": pl.Int64(),
    "usual_lines": pl.Float64(),
    "windows_with_it": pl.Int64(),
    "per_tenth": pl.List(pl.Int64()),
    "reasons": pl.String(),
}


class TemplateModel(Model):
    """Counts each template of each log in windows of time, and asks how unlikely its fullest window is."""

    name = "log_templates"
    kind = ModelKind.DESCRIPTIVE
    dataset = "network_log"
    description = "Which kinds of log line there are over time, which of them are new, and which came in bursts."
    needs_spark = False

    def fit(self, session: Any, dataset: Dataset, rows: pl.DataFrame, seed: int) -> Fitted:  # noqa: ARG002 - the port's
        lines = _lines(rows)
        if lines.height < MIN_LINES:
            raise too_few(self.name, "log lines with a time and a template", MIN_LINES, lines.height)
        found = _templates(lines)
        bursts = found.filter(pl.col("burst_at").is_not_null())
        metrics: dict[str, float | int] = {
            "share_of_lines_in_bursts": float(bursts["lines_in_burst"].sum()) / lines.height,
            "templates": found.height,
            "bursts": bursts.height,
            "new_templates": int(found["is_new"].sum()),
            "logs": lines["source"].n_unique(),
            "rows": lines.height,
        }
        widths = {f"{source}": width for source, width in _widths(lines).items()}
        counts = lines.group_by("source").len("lines").sort("source")
        return Fitted(None, {"widths": widths, "lines": dict(counts.iter_rows())}, metrics, "")

    def score(self, session: Any, dataset: Dataset, rows: pl.DataFrame, fitted: Fitted) -> pl.DataFrame:  # noqa: ARG002
        """A row a template of a log, the least likely burst first; the first five hundred.

        ``source`` (the host, or the file), ``template``, ``is_new``, ``burst_score`` (nats beyond chance), ``lines``,
        ``first_seen``, ``last_seen``, ``burst_at`` (the start of the fullest window, where it is a burst),
        ``lines_in_burst``, ``usual_lines`` (in the other windows, on average), ``windows_with_it``, ``per_tenth``
        (its lines in each tenth of the log's time), ``reasons``.
        """
        found = _templates(_lines(rows))
        return found.sort("burst_score", "lines", "source", "template", descending=[True, True, False, False]).head(
            MOST_TEMPLATES
        )

    def explain(self, fitted: Fitted) -> pl.DataFrame:
        """``source``, the ``window`` that its lines are counted in, and ``weight``, how many lines it has."""
        plan = fitted.plan
        rows = [(source, plan["widths"][source], count) for source, count in plan["lines"].items()]
        schema = {"source": pl.String(), "window": pl.String(), "weight": pl.Int64()}
        return pl.DataFrame(rows, schema=schema, orient="row").sort("weight", "source", descending=[True, False])


def _lines(rows: pl.DataFrame) -> pl.DataFrame:
    """``source``, ``time`` and ``template`` of each line that has a time and a template."""
    if not {"time", "template"} <= set(rows.columns):
        return pl.DataFrame(schema={"source": pl.String(), "time": pl.Datetime("us", "UTC"), "template": pl.String()})
    host = pl.col("host") if "host" in rows.columns else pl.lit(None, dtype=pl.String)
    return rows.select(pl.coalesce(host, BLOB_COLUMN).alias("source"), "time", "template").drop_nulls()


def _widths(lines: pl.DataFrame) -> dict[str, str]:
    """Source → the width of its windows."""
    spans = lines.group_by("source").agg((pl.col("time").max() - pl.col("time").min()).dt.total_seconds().alias("s"))
    return {source: _width(seconds) for source, seconds in spans.iter_rows()}


def _width(seconds: float) -> str:
    fitting = [width for width in WIDTHS if seconds >= _MIN_WINDOWS * _seconds(width)]
    return fitting[-1] if fitting else WIDTHS[0]


def _seconds(width: str) -> int:
    return int(width[:-1]) * {"m": 60, "h": 3600, "d": 86_400}[width[-1]]


def _templates(lines: pl.DataFrame) -> pl.DataFrame:
    widths = _widths(lines)
    found = [_of_log(own, widths[own["source"][0]]) for own in lines.partition_by("source", maintain_order=False)]
    return pl.concat([pl.DataFrame(schema=_SCHEMA), *found])


def _of_log(lines: pl.DataFrame, width: str) -> pl.DataFrame:
    """The templates of one log, each with the window that is least like its others."""
    start, step = lines["time"].dt.timestamp("us").min(), _seconds(width) * 1_000_000
    assert isinstance(start, int)  # noqa: S101 - there is a line
    windowed = lines.with_columns(((pl.col("time").dt.timestamp("us") - start) // step).alias("window"))
    count = int(str(windowed["window"].max())) + 1
    whole = windowed.group_by("source", "template").agg(
        pl.col("time").min().alias("first_seen"),
        pl.col("time").max().alias("last_seen"),
        pl.len().alias("lines"),
        *((pl.col("window") * TENTHS // count == tenth).sum().alias(f"tenth_{tenth}") for tenth in range(TENTHS)),
    )
    at = pl.from_epoch(pl.lit(start) + pl.col("window") * step, time_unit="us").dt.replace_time_zone("UTC")
    fullest = _fullest(windowed, count).with_columns(at.alias("burst_at"))
    end = start + count * step
    is_new = (pl.col("first_seen").dt.timestamp("us") - start) > (1 - _NEW_SHARE) * (end - start)
    is_burst = (pl.col("burst_score") > _SURE) & (pl.col("lines_in_burst") >= _LEAST_IN_BURST)
    return (
        whole.join(fullest, on="template")
        .with_columns(
            is_new.alias("is_new"),
            pl.when(is_burst).then("burst_at").alias("burst_at"),
            pl.concat_list(f"tenth_{tenth}" for tenth in range(TENTHS)).alias("per_tenth"),
        )
        .with_columns(_reasons(width).alias("reasons"))
        .select(pl.col(name).cast(kind) for name, kind in _SCHEMA.items())
    )


def _fullest(windowed: pl.DataFrame, count: int) -> pl.DataFrame:
    """Of each template the window whose number of lines is least likely by those of the other windows."""
    n, others = pl.col("n").cast(pl.Float64), max(count - 1, 1)
    cells = windowed.group_by("template", "window").len("n").with_columns(pl.len().over("template").alias("filled"))
    mean = (n.sum().over("template") - n + _PSEUDO_LINES) / others
    square = (n.pow(2).sum().over("template") - n.pow(2) + _PSEUDO_LINES) / others
    cells = cells.with_columns(mean.alias("usual_lines")).with_columns(
        (square - pl.col("usual_lines").pow(2)).alias("variance")
    )
    scores = _surprise(*(cells[name].to_numpy() for name in ("n", "usual_lines", "variance"))) - np.log(count)
    return (
        cells.with_columns(pl.Series("burst_score", np.maximum(scores, 0.0)))
        .sort("template", "burst_score", "window", descending=[False, True, False])
        .unique("template", keep="first", maintain_order=True)
        .rename({"n": "lines_in_burst", "filled": "windows_with_it"})
    )


def _surprise(lines: Numbers, mean: Numbers, variance: Numbers) -> Numbers:
    """How unlikely so many lines or more are, in nats, by a negative binomial: logs are bursty by nature."""
    from scipy.stats import nbinom

    spread = np.maximum(variance, mean * _LEAST_SPREAD)
    tail: Numbers = nbinom.logsf(lines - 1, mean**2 / (spread - mean), mean / spread)
    return np.minimum(-tail, _MOST_NATS)


def _reasons(width: str) -> pl.Expr:
    burst = pl.format(
        "{} lines within " + width + ", {} in other windows", "lines_in_burst", pl.col("usual_lines").round(2)
    )
    told = [
        pl.when(pl.col("burst_at").is_not_null()).then(burst),
        pl.when("is_new").then(pl.lit("first seen at the end")),
    ]
    return pl.concat_str(told, separator="; ", ignore_nulls=True)
