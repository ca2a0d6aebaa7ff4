"""Failing rows are named with their reasons; good frames cost next to nothing."""

import polars as pl

from preparation.catalog import Catalog
from preparation.normalizing import Provenance, normalize
from preparation.validating import by_row, failures_of


def _shaped(columns: dict[str, list[object]], name: str) -> pl.DataFrame:
    dataset = Catalog().dataset(name)
    return normalize(pl.DataFrame(columns, strict=False), {key: key for key in columns}, dataset, Provenance("ab" * 32))


def test_a_value_out_of_range_is_named_with_what_was_expected() -> None:
    catalog = Catalog()
    shaped = _shaped({"humidity": [50.0, 400.0, -3.0, None], "heart_rate": [60.0, 900.0, 61.0, None]}, "sensor_reading")
    failures = failures_of(shaped, catalog.model("sensor_reading"), catalog.dataset("sensor_reading"))
    reasons = by_row(failures)
    assert list(reasons) == [1, 2]
    assert "humidity is 400.0, expected at least 0 and at most 110" in reasons[1]
    assert "heart_rate is 900.0" in reasons[1]


def test_a_required_value_that_is_missing_is_named() -> None:
    catalog = Catalog()
    shaped = _shaped({"record": ["{}", None], "text": ["a", "b"]}, "other")
    failures = failures_of(shaped, catalog.model("other"), catalog.dataset("other"))
    assert by_row(failures) == {1: "record has no value, and it is required"}


def test_a_frame_without_rows_or_faults_has_no_failures() -> None:
    catalog = Catalog()
    for rows in ([], [20.0]):
        shaped = _shaped({"temperature": rows}, "sensor_reading")
        assert failures_of(shaped, catalog.model("sensor_reading"), catalog.dataset("sensor_reading")) == []
