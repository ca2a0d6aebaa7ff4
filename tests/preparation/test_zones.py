"""Time zones that a header names for its column."""

from datetime import UTC, datetime

import polars as pl
import pytest

from preparation.dates import to_timestamps

NOON = datetime(2024, 7, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "hour"),
    [
        ("time (UTC+2)", "10:00"),
        ("time UTC+02:00", "10:00"),
        ("logged [+05:30]", "06:30"),
        ("at GMT-3", "15:00"),
        ("Zeit (UTC\u221203:30)", "15:30"),
        ("Date + Time (EST)", "17:00"),
        ("measured_at CET", "11:00"),
        ("when (Europe/Berlin)", "10:00"),
        ("time (America/Argentina/Buenos_Aires)", "15:00"),
        ("time (UTC)", "12:00"),
        ("TIME EST", "12:00"),
        ("Sent/Received", "12:00"),
        ("offset (+90)", "12:00"),
        ("time", "12:00"),
    ],
)
def test_times_without_a_zone_are_in_that_of_the_header(header: str, hour: str) -> None:
    expected = [datetime.fromisoformat(f"2024-07-01T{hour}:00Z")]
    assert to_timestamps(pl.Series(header, ["2024-07-01 12:00:00"])).to_list() == expected
    assert to_timestamps(pl.Series(header, [NOON]).dt.replace_time_zone(None)).to_list() == expected


def test_a_zone_beside_the_time_counts_more_than_the_header() -> None:
    read = to_timestamps(pl.Series("time (UTC+2)", ["2024-07-01T12:00:00Z", "2024-07-01T12:00:00"]))
    assert read.to_list() == [NOON, datetime(2024, 7, 1, 10, tzinfo=UTC)]
    assert to_timestamps(pl.Series("time (UTC+2)", [1719835200])).to_list() == [NOON]


def test_of_an_hour_that_came_twice_the_first_is_meant_and_a_skipped_one_is_none() -> None:
    twice, skipped = "2024-10-27 02:30", "2024-03-31 02:30"
    read = to_timestamps(pl.Series("at (Europe/Berlin)", [twice, skipped])).to_list()
    assert read == [datetime(2024, 10, 27, 0, 30, tzinfo=UTC), None]
