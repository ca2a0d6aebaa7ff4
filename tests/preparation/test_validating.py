"""Failing rows are named with their reasons; good frames cost next to nothing."""

import pandera.errors
import polars as pl
import pytest

from preparation.catalog import Catalog
from preparation.model import DatasetModel, as_dataset, column
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


class Parcel(DatasetModel):
    """A parcel."""

    code: str = column(str_matches=r"^[A-Z]{2}\d+$", required=True)
    weight: float = column(gt=0, lt=70)
    pieces: int = column(unique=True)


@pytest.mark.parametrize(
    ("code", "weight", "pieces", "columns"),
    [
        (["AB1", "CD2"], [1.0, None], [1, 2], []),
        (["AB1", "x"], [1.0, 2.0], [1, 2], ["code"]),
        (["AB1", None], [1.0, 2.0], [1, 2], ["code"]),
        (["AB1", "CD2"], [70.0, 0.0], [1, 2], ["weight", "weight"]),
        (["AB1", "CD2"], [1.0, 2.0], [3, 3], ["pieces", "pieces"]),
        (["AB1", "x"], [70.0, float("nan")], [1, 1], ["code", "pieces", "pieces", "weight", "weight"]),
    ],
)
def test_what_is_cleared_beforehand_is_what_pandera_passes(
    code: list[str | None], weight: list[float | None], pieces: list[int], columns: list[str]
) -> None:
    frame = pl.DataFrame({"_blob": ["ab"] * 2, "_row": [0, 1], "code": code, "weight": weight, "pieces": pieces})
    found = failures_of(frame, Parcel, as_dataset(Parcel))
    assert sorted(failure.column for failure in found) == columns
    try:
        Parcel.to_schema().validate(frame, lazy=True)
        refused = 0
    except pandera.errors.SchemaErrors as errors:
        refused = errors.failure_cases.height
    assert len(found) == refused
