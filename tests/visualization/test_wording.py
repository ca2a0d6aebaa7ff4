"""Numbers, times and the headline in words."""

from datetime import UTC, datetime
from typing import Any

import pytest

from core.dataset import Column, ColumnType
from visualization import wording


@pytest.mark.parametrize(
    ("value", "text"), [(1234567, "1,234,567"), (0.123456, "0.1235"), (12.0, "12"), (123456.7, "123,457"), (None, "—")]
)
def test_numbers_have_thousands_and_few_digits(value: float | None, text: str) -> None:
    assert wording.number(value) == text


@pytest.mark.parametrize(("size", "text"), [(0, "0 B"), (999, "999 B"), (1200, "1.2 kB"), (3_456_789_000, "3.5 GB")])
def test_bytes_have_a_fitting_unit(size: int, text: str) -> None:
    assert wording.amount_of_bytes(size) == text


@pytest.mark.parametrize(
    ("then", "text"),
    [
        ("2026-11-21T11:59:48Z", "12 s ago"),
        ("2026-11-21T11:30:00Z", "30 min ago"),
        ("2026-01-02T00:00:00Z", "02 Jan 2026"),
    ],
)
def test_times_are_told_from_now(then: str, text: str) -> None:
    assert wording.ago(then, datetime(2026, 11, 21, 12, tzinfo=UTC)) == text


def test_units_are_written_as_people_write_them() -> None:
    assert wording.with_unit("Temperature", "Cel") == "Temperature (°C)"
    assert wording.with_unit("Requests", "{requests}") == "Requests"
    assert wording.with_unit("Share", "1") == "Share"


def test_an_identity_that_is_a_number_keeps_its_digits() -> None:
    assert wording.shown(1234567, Column("patient_id", ColumnType.INTEGER)) == "1234567"


def test_a_member_of_an_archive_keeps_the_archive_in_its_name() -> None:
    assert wording.file_name("/in/a/outer.zip!/b/inner.csv") == "outer.zip!/b/inner.csv"


def books(**changed: Any) -> dict[str, Any]:
    calm = {"received": 9, "stored": 8, "duplicate": 1, "quarantined": 0, "in_flight": 0, "balanced": True}
    return calm | {"bytes": 1000, "rows": 20, "rejected_rows": 0, "datasets": {}} | changed


@pytest.mark.parametrize(
    ("changed", "waiting", "text", "lamp"),
    [
        ({}, 0, "All 9 files accounted for", "stored"),
        ({"received": 1, "stored": 1, "duplicate": 0}, 0, "The one file is accounted for", "stored"),
        ({"in_flight": 3, "received": 12}, 0, "Taking in 3 files", "in_flight"),
        ({"quarantined": 1, "in_flight": 3}, 1, "1 file needs you", "quarantined"),
        ({"quarantined": 2}, 0, "All 9 files accounted for", "stored"),
        ({"balanced": False, "quarantined": 1}, 1, "The books do not balance", "error"),
        ({"received": 0, "stored": 0, "duplicate": 0}, 0, "Nothing has arrived yet", "duplicate"),
    ],
)
def test_the_headline_says_the_worst_first(changed: dict[str, Any], waiting: int, text: str, lamp: str) -> None:
    said = wording.headline(books(**changed), waiting, is_running=True)
    assert (said.text, said.lamp) == (text, lamp)


def test_a_time_is_written_for_people() -> None:
    column = Column("at", ColumnType.TIMESTAMP)
    assert wording.shown("2026-03-01T08:05:00.25Z", column) == "2026-03-01 08:05:00 UTC"
    assert wording.shown("not a time", column) == "not a time"
