"""Which chart suits which view, and what it leaves out."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from visualization.drawing import MAX_BARS, MAX_SERIES, MAX_WINDOWS, draw_view, periods_of

START = datetime(2026, 3, 1, tzinfo=UTC)
COUNT = {"name": "events", "label": "Events", "unit": "1"}


def view(*dimensions: str) -> dict[str, Any]:
    return {"view": "v", "dimensions": list(dimensions), "metrics": [COUNT]}


def mark(drawing: Any) -> str:
    return str(drawing.chart.to_dict()["mark"]["type"])


def test_windows_make_an_area_and_series_make_lines() -> None:
    hours = [START + timedelta(hours=hour) for hour in range(5)]
    rows = pl.DataFrame({"window": hours, "events": [1, 2, 3, 4, 5]})
    assert mark(draw_view(rows, view(), COUNT)) == "area"
    by_sensor = pl.concat([rows.with_columns(sensor=pl.lit(name)) for name in ("a", "b")])
    assert mark(draw_view(by_sensor, view("sensor"), COUNT)) == "line"


def test_a_dimension_of_one_value_makes_no_series() -> None:
    hours = [START + timedelta(hours=hour) for hour in range(5)]
    rows = pl.DataFrame({"window": hours, "sensor": ["a"] * 5, "events": [1, 2, 3, 4, 5]})
    assert mark(draw_view(rows, view("sensor"), COUNT)) == "area"


def test_records_without_a_time_are_not_drawn_over_time() -> None:
    rows = pl.DataFrame({"window": [None, START, START + timedelta(hours=1)], "events": [90, 1, 2]})
    drawing = draw_view(rows, view(), COUNT)
    assert drawing is not None
    values = [row["value"] for row in next(iter(drawing.chart.to_dict()["datasets"].values()))]
    assert values == [1.0, 2.0]


def test_of_very_many_windows_the_newest_are_drawn() -> None:
    minutes = [START + timedelta(minutes=minute) for minute in range(MAX_WINDOWS + 5)]
    drawing = draw_view(pl.DataFrame({"window": minutes, "events": range(MAX_WINDOWS + 5)}), view(), COUNT)
    assert drawing is not None
    assert drawing.note.startswith(f"The newest {MAX_WINDOWS}")
    values = [row["value"] for row in next(iter(drawing.chart.to_dict()["datasets"].values()))]
    assert values[0] == 5


def test_a_grid_of_holes_is_drawn_as_bars() -> None:
    rows = pl.DataFrame({"state": ["NY", "OH", "VA", "WV"], "severity": ["a", "b", "c", "d"], "events": [1, 2, 3, 4]})
    assert mark(draw_view(rows, view("state", "severity"), COUNT)) == "bar"


def test_one_window_makes_bars() -> None:
    rows = pl.DataFrame({"window": [START, START], "sensor": ["a", "b"], "events": [1, 2]})
    assert mark(draw_view(rows, view("sensor"), COUNT)) == "bar"


def test_two_small_dimensions_make_a_grid() -> None:
    rows = pl.DataFrame({"state": ["NY", "NY", "OH"], "severity": ["a", "b", "a"], "events": [1, 2, 3]})
    assert mark(draw_view(rows, view("state", "severity"), COUNT)) == "rect"


def test_what_is_left_out_is_said() -> None:
    names = [f"sensor-{n}" for n in range(40)]
    bars = draw_view(pl.DataFrame({"sensor": names, "events": range(40)}), view("sensor"), COUNT)
    assert bars is not None
    assert bars.note.startswith(f"The {MAX_BARS} largest of 40")
    rows = pl.DataFrame({"window": [START, START + timedelta(hours=1)] * 40, "sensor": names * 2, "events": [1] * 80})
    lines = draw_view(rows, view("sensor"), COUNT)
    assert lines is not None
    assert lines.note.startswith(f"The {MAX_SERIES} largest of 40")


def test_money_and_missing_values_can_be_drawn() -> None:
    rows = pl.DataFrame({"payer": ["a", None, "c"], "events": [Decimal("1.5"), Decimal(2), None]})
    drawing = draw_view(rows, view("payer"), {"name": "events", "label": "Paid", "unit": "USD"})
    assert drawing is not None
    assert "Paid (USD)" in str(drawing.chart.to_dict())


def test_no_values_make_no_chart() -> None:
    rows = pl.DataFrame({"payer": ["a"], "events": [None]}, schema_overrides={"events": pl.Float64})
    assert draw_view(rows, view("payer"), COUNT) is None
    assert draw_view(rows, view("payer"), {"name": "absent", "label": "", "unit": None}) is None


def test_a_long_pause_breaks_the_line() -> None:
    hours = [START + timedelta(hours=hour) for hour in (0, 1, 2, 30, 31)]
    drawing = draw_view(pl.DataFrame({"window": hours, "events": [1.0] * 5}), view(), COUNT)
    assert drawing is not None
    values = [row["value"] for row in next(iter(drawing.chart.to_dict()["datasets"].values()))]
    assert values == [1.0, 1.0, 1.0, None, 1.0, 1.0]


def test_far_off_years_are_parted_into_periods() -> None:
    days = [datetime(2014, 4, day, tzinfo=UTC) for day in (1, 2, 3)] + [
        datetime(2026, 3, day, tzinfo=UTC) for day in (1, 2)
    ]
    periods = periods_of(pl.DataFrame({"window": days}))
    assert periods == [(days[0], days[2]), (days[3], days[4])]
    nested = days[:3] + [datetime(2025, 3, 1, hour, tzinfo=UTC) for hour in range(9)]
    nested += [datetime(2026, 3, 1, hour, tzinfo=UTC) for hour in range(9)]
    assert [first.year for first, _ in periods_of(pl.DataFrame({"window": nested}))] == [2014, 2025, 2026]
    assert periods_of(pl.DataFrame({"window": days[:1]})) == [(days[0], days[0])]
    steady = pl.DataFrame({"window": [START + timedelta(hours=hour) for hour in range(50)]})
    assert len(periods_of(steady)) == 1
