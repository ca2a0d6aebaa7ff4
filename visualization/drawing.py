"""Charts out of a view's description: which one suits follows from its window, its dimensions and its rows.

Two or more windows make lines over time, a line a series; one dimension makes bars, two of modest size a grid.
What would be too much for an eye is left out, and said so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import altair as alt
import polars as pl

from visualization.wording import counted, metric_label, moment, title, with_unit

WINDOW = "window"  # as views call the start of a window; null where a record has no time
MAX_SERIES = 6
MAX_WINDOWS = 720
MAX_MINUTES = 240  # windows shorter than an hour jump too much for more of them
MAX_BARS = 12
MAX_GRID = (16, 12)  # rows, columns
MAX_POINTS_SHOWN = 60  # more points than that hide their line
GAP_STEPS = 3  # a pause of so many windows breaks the line
MAX_PERIODS = 6
_LONG_PAUSE = 0.2  # of the whole time
_USUAL_STEPS = 5  # a pause is longer than so many usual steps
_CHART_HEIGHT = 320
_BAR_STEP = 30
_NEAR_ZERO = 0.4
_HALF = 0.5  # a grid of holes is no picture
_MIN_TWO_DIMENSIONS = 2
_PADDING = {"left": 0, "right": 4, "top": 6, "bottom": 0}
_SERIES, _VALUE = "series", "value"
_BLUE_GREEN = "#1593b3"  # readable on light and on dark


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart, and what it leaves out.

    Attributes:
        chart: To be shown.
        note: What is not in it, or "".
        alt: What it shows, for those who cannot see it.
    """

    chart: alt.Chart | alt.LayerChart
    note: str
    alt: str


def draw_view(rows: pl.DataFrame, view: Mapping[str, Any], metric: Mapping[str, Any]) -> Drawing | None:
    """One metric of a view; None where no row has a value of it."""
    frame = _plain(rows, [name for name in view["dimensions"] if name in rows.columns], metric["name"])
    if frame.is_empty():
        return None
    dimensions = [name for name in view["dimensions"] if name in frame.columns and frame[name].n_unique() > 1]
    label = with_unit(metric_label(metric, view["metrics"]), metric.get("unit"))
    if WINDOW in frame.columns and frame[WINDOW].n_unique() > 1:
        is_fine = str(view.get("window") or "").endswith(("m", "s"))
        return _lines(frame, dimensions, label, MAX_MINUTES if is_fine else MAX_WINDOWS)
    if len(dimensions) == _MIN_TWO_DIMENSIONS and _fits_grid(frame, dimensions):
        return _grid(frame, dimensions, label)
    dimensions = dimensions or [name for name in view["dimensions"] if name in frame.columns]
    return _bars(frame, dimensions, label) if dimensions else None


def draw_arrivals(minutes: Sequence[Mapping[str, Any]], measure: str, label: str, *, span_minutes: int) -> Drawing:
    """What arrived in each of the last `span_minutes` minutes."""
    starts = [moment(minute["at"]) for minute in minutes]
    frame = pl.DataFrame({"at": starts, _VALUE: [float(minute[measure]) for minute in minutes]})
    frame = _seconds(frame, "at").with_columns(end=pl.col("at") + timedelta(seconds=52), floor=0.0)
    end = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
    domain = [_vega_time(end - timedelta(minutes=span_minutes)), _vega_time(end)]
    chart = (
        alt.Chart(frame)
        .mark_rect(color=_BLUE_GREEN, cornerRadius=2)
        .encode(
            x=alt.X(
                "at:T",
                title=None,
                scale=alt.Scale(domain=domain),
                axis=alt.Axis(format="%H:%M", values=_ticks(end, span_minutes), grid=False),
            ),
            x2="end:T",
            y=alt.Y("value:Q", title=label, axis=alt.Axis(format="~s", tickCount=4, tickMinStep=1)),
            y2="floor:Q",
            tooltip=[alt.Tooltip("at:T", title="Minute", format="%H:%M"), _tooltip(frame, label)],
        )
        .properties(height=220, padding=_PADDING)
    )
    return Drawing(chart, "", f"{label} by minute over {counted(len(minutes), 'minute')} with arrivals")


def draw_scores(scores: pl.Series, label: str) -> Drawing:
    """How often each range of a model's score occurs."""
    chart = (
        alt.Chart(scores.cast(pl.Float64).rename(_VALUE).drop_nulls().to_frame())
        .mark_bar(color=_BLUE_GREEN)
        .encode(
            x=alt.X("value:Q", bin=alt.Bin(maxbins=30), title=label),
            y=alt.Y("count():Q", title="Records", axis=alt.Axis(format="~s", tickCount=4)),
        )
        .properties(height=180, padding=_PADDING)
    )
    return Drawing(chart, "", f"How often each {label.lower()} occurs")


def _plain(rows: pl.DataFrame, dimensions: Sequence[str], metric: str) -> pl.DataFrame:
    if metric not in rows.columns:
        return pl.DataFrame()
    window = [WINDOW] if WINDOW in rows.columns else []
    labels = [pl.col(name).cast(pl.String).fill_null("(none)") for name in dimensions]
    value = pl.col(metric).cast(pl.Float64).alias(_VALUE)
    return rows.select(*window, *labels, value).drop_nulls([*window, _VALUE]).filter(pl.col(_VALUE).is_finite())


def _largest(frame: pl.DataFrame, dimensions: Sequence[str], most: int) -> tuple[pl.DataFrame, str]:
    """The rows of the series whose values are largest in all, and a note of how many there were."""
    named = frame.with_columns(pl.concat_str(list(dimensions), separator=" · ").alias(_SERIES))
    order = named.group_by(_SERIES).agg(pl.col(_VALUE).abs().sum()).sort([_VALUE, _SERIES], descending=[True, False])
    if order.height <= most:
        return named, ""
    kept = named.filter(pl.col(_SERIES).is_in(order[_SERIES].head(most).implode()))
    return kept, f"The {most} largest of {order.height:,}; the table has all of them."


def _newest(frame: pl.DataFrame, most: int) -> tuple[pl.DataFrame, str]:
    """The rows of the newest windows, as many as a line can show, and a note of how many there were."""
    windows = frame[WINDOW].unique().sort()
    if windows.len() <= most:
        return frame, ""
    kept = frame.filter(pl.col(WINDOW) >= windows[-most])
    return kept, f"The newest {most:,} of {windows.len():,} windows; the table has all of them."


def _lines(frame: pl.DataFrame, dimensions: Sequence[str], label: str, most_windows: int) -> Drawing:
    recent, recent_note = _newest(frame, most_windows)
    shown, note = _largest(recent, dimensions, MAX_SERIES) if dimensions else (recent, "")
    note = f"{recent_note} {note}".strip()
    points = {"size": 28, "filled": True} if shown[WINDOW].n_unique() <= MAX_POINTS_SHOWN else False
    drawn = _with_gaps(shown, dimensions)
    base = alt.Chart(_seconds(drawn, WINDOW))
    mark = base.mark_line(strokeWidth=1.8, point=points) if dimensions else _area(base, points)
    encoded = mark.encode(
        x=alt.X(f"{WINDOW}:T", title="Time (UTC)", scale=alt.Scale(type="utc"), axis=alt.Axis(grid=False, tickCount=7)),
        y=alt.Y(
            "value:Q",
            title=label,
            scale=alt.Scale(zero=_starts_at_zero(shown)),
            axis=alt.Axis(format=_axis_format(shown), tickCount=5),
        ),
        tooltip=[
            alt.Tooltip(f"{WINDOW}:T", title="From (UTC)", format="%d %b %Y %H:%M"),
            *([alt.Tooltip(f"{_SERIES}:N", title=_titles(dimensions))] if dimensions else []),
            _tooltip(shown, label),
        ],
    )
    if dimensions:
        legend = alt.Legend(
            title=_titles(dimensions), orient="top", columns=3, labelLimit=240, symbolType="stroke", offset=8
        )
        order = shown.group_by(_SERIES).agg(pl.col(_VALUE).sum()).sort(_VALUE, descending=True)[_SERIES].to_list()
        encoded = encoded.encode(color=alt.Color(f"{_SERIES}:N", legend=legend, sort=order))
    by = f" by {_titles(dimensions).lower()}" if dimensions else ""
    return Drawing(encoded.properties(height=_CHART_HEIGHT, padding=_PADDING), note, f"{label} over time{by}")


def _area(base: alt.Chart, points: Any) -> alt.Chart:
    chart: alt.Chart = base.mark_area(
        line={"color": _BLUE_GREEN, "strokeWidth": 1.8}, color=_BLUE_GREEN, fillOpacity=0.14, point=points
    )
    return chart


def _with_gaps(frame: pl.DataFrame, dimensions: Sequence[str]) -> pl.DataFrame:
    """The rows with an empty one in each long pause, so that no line crosses it."""
    series = [_SERIES] if dimensions else []
    ordered = frame.sort([*series, WINDOW])
    previous = pl.col(WINDOW).shift(1)
    step = pl.col(WINDOW) - (previous.over(_SERIES) if dimensions else previous)
    measured = ordered.with_columns(step.alias("step"))
    usual = measured["step"].drop_nulls().median()
    if not isinstance(usual, timedelta) or not usual:
        return ordered
    pauses = measured.filter(pl.col("step") > usual * GAP_STEPS).select(
        (pl.col(WINDOW) - pl.col("step") / 2).alias(WINDOW), *series, pl.lit(None, pl.Float64).alias(_VALUE)
    )
    columns = [WINDOW, *series, _VALUE]
    return pl.concat([ordered.select(columns), pauses.select(columns)]).sort([*series, WINDOW])


def _bars(frame: pl.DataFrame, dimensions: Sequence[str], label: str) -> Drawing:
    shown, note = _largest(frame, dimensions, MAX_BARS)
    count = shown[_SERIES].n_unique()
    order = shown.sort(_VALUE, descending=True)[_SERIES].unique(maintain_order=True).to_list()
    base = alt.Chart(shown.select(_SERIES, _VALUE)).encode(
        y=alt.Y(f"{_SERIES}:N", title=None, sort=order, axis=alt.Axis(labelLimit=210, ticks=False, domain=False)),
        x=alt.X("value:Q", title=label, axis=alt.Axis(format=_axis_format(shown), tickCount=4)),
        tooltip=[alt.Tooltip(f"{_SERIES}:N", title=_titles(dimensions)), _tooltip(shown, label)],
    )
    bars = base.mark_bar(color=_BLUE_GREEN, cornerRadiusEnd=3, height={"band": 0.72})
    shape = bars.properties(height=_BAR_STEP * count + 60, padding=_PADDING)
    return Drawing(shape, note, f"{label} by {_titles(dimensions).lower()}")


def _fits_grid(frame: pl.DataFrame, dimensions: Sequence[str]) -> bool:
    sizes = sorted((frame[name].n_unique() for name in dimensions), reverse=True)
    is_full = frame.height > sizes[0] * sizes[1] * _HALF
    return is_full and sizes[1] > 1 and all(size <= most for size, most in zip(sizes, MAX_GRID, strict=True))


def _grid(frame: pl.DataFrame, dimensions: Sequence[str], label: str) -> Drawing:
    rows, columns = sorted(dimensions, key=lambda name: -frame[name].n_unique())
    chart = (
        alt.Chart(frame.select(rows, columns, _VALUE))
        .mark_rect(stroke="white", strokeOpacity=0.25)
        .encode(
            y=alt.Y(f"{rows}:N", title=title(rows), axis=alt.Axis(labelLimit=200, domain=False, ticks=False)),
            x=alt.X(
                f"{columns}:N",
                title=title(columns),
                axis=alt.Axis(labelAngle=-30, labelLimit=140, domain=False, ticks=False),
            ),
            color=alt.Color("value:Q", title=label, legend=alt.Legend(orient="top", gradientLength=160, format="~s")),
            tooltip=[alt.Tooltip(f"{name}:N", title=title(name)) for name in (rows, columns)]
            + [_tooltip(frame, label)],
        )
        .properties(height=_BAR_STEP * frame[rows].n_unique() + 170, padding=_PADDING)
    )
    return Drawing(chart, "", f"{label} by {_titles(dimensions).lower()}")


def _titles(dimensions: Sequence[str]) -> str:
    return ", ".join(title(name) for name in dimensions)


def _tooltip(frame: pl.DataFrame, label: str) -> alt.Tooltip:
    whole = (frame[_VALUE] % 1 == 0).all()
    return alt.Tooltip("value:Q", title=label, format=",.0f" if whole else ",.3~f")


def _axis_format(frame: pl.DataFrame) -> str:
    largest = frame[_VALUE].abs().max()
    return "~s" if isinstance(largest, float) and largest >= 10_000 else ",.3~f"  # noqa: PLR2004


def _vega_time(at: datetime) -> alt.DateTime:
    return alt.DateTime(
        year=at.year, month=at.month, date=at.day, hours=at.hour, minutes=at.minute, seconds=at.second, utc=True
    )


def _ticks(end: datetime, span_minutes: int) -> list[alt.DateTime]:
    """Round times on the axis of arrivals; Vega's own crowd at its ends."""
    step = {15: 3, 60: 10}.get(span_minutes, 180)
    minutes = (end - timedelta(minutes=back) for back in range(span_minutes + 1))
    return [_vega_time(at) for at in minutes if (at.hour * 60 + at.minute) % step == 0]


def _starts_at_zero(frame: pl.DataFrame) -> bool:
    """Whether zero belongs on the axis: where the values come near it."""
    low, high = float(frame[_VALUE].min()), float(frame[_VALUE].max())  # type: ignore[arg-type]
    return low < 0 < high or min(abs(low), abs(high)) < _NEAR_ZERO * max(abs(low), abs(high))


def _seconds(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Times cut to milliseconds, which is what a browser counts in."""
    return frame.with_columns(pl.col(column).cast(pl.Datetime("ms", "UTC")))


def periods_of(rows: pl.DataFrame) -> list[tuple[datetime, datetime]]:
    """The stretches of time that have rows, oldest first, at most `MAX_PERIODS`.

    A stretch is parted at its longest pause where that takes up much of it, so that readings of two far-off years
    do not press each other flat on one axis.
    """
    times = rows[WINDOW].drop_nulls().unique().sort().to_list()
    stretches = [times] if times else []
    while len(stretches) < MAX_PERIODS:
        pauses = [_longest_pause(stretch) for stretch in stretches]
        found = [(share, place, index) for place, (share, index) in enumerate(pauses)]
        share, place, index = max(found, default=(0.0, 0, 0))
        if share < _LONG_PAUSE:
            break
        stretch = stretches[place]
        stretches[place : place + 1] = [stretch[:index], stretch[index:]]
    return [(stretch[0], stretch[-1]) for stretch in stretches]


def _longest_pause(times: list[datetime]) -> tuple[float, int]:
    """The longest pause as a share of the whole, and the index after it; no share where it is a usual step."""
    steps = [later - earlier for earlier, later in pairwise(times)]
    if not steps or max(steps) < sorted(steps)[len(steps) // 2] * _USUAL_STEPS:
        return 0.0, 0
    longest = max(steps)
    return longest / (times[-1] - times[0]), steps.index(longest) + 1
