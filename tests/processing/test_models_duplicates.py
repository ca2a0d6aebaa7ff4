"""Bills that were billed before are found without a label, and held where a look pays."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from core.dataset import FINGERPRINT_SUFFIX, Column, ColumnType, Dataset, PersonalData
from core.errors import EngineError
from core.frames import lake_schema
from processing import SparkEngine
from processing.models import ModelStore

T = ColumnType
BILL = Dataset(
    "medical_bill",
    "A bill.",
    (
        Column("bill_id", T.KEYWORD),
        Column("patient_id", T.KEYWORD, personal=PersonalData.MEMBER_ID),
        Column("service_date", T.DATE),
        Column("procedure_codes", T.KEYWORD),
        Column("provider", T.KEYWORD),
        Column("billed_amount", T.MONEY),
    ),
)
BILLS, DUPLICATES = 600, 30


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    """Bills of patients who come again and again, and thirty that were sent twice under another number."""
    dice = np.random.default_rng(4)
    day = [date(2026, 1, 1) + timedelta(days=int(d)) for d in dice.integers(0, 300, BILLS)]
    patient = [f"p{n}" for n in dice.integers(0, 40, BILLS)]
    bills = pl.DataFrame(
        {
            "_blob": ["a" * 64] * BILLS,
            "_row": range(BILLS),
            "bill_id": [f"B{n}" for n in range(BILLS)],
            f"patient_id{FINGERPRINT_SUFFIX}": patient,
            "service_date": day,
            "procedure_codes": [f"99{n}" for n in dice.integers(200, 215, BILLS)],
            "provider": [f"Dr {n}" for n in dice.integers(0, 12, BILLS)],
            "billed_amount": dice.choice([50.0, 80.0, 120.0, 300.0, 950.0], BILLS),
        }
    )
    again = bills.head(DUPLICATES).with_columns(
        pl.lit("b" * 64).alias("_blob"),
        pl.concat_str(pl.lit("R"), "bill_id").alias("bill_id"),
        pl.when(pl.col("_row") % 6 == 0).then(None).otherwise(pl.col("provider")).alias("provider"),
    )
    schema = lake_schema(BILL)
    frame = pl.concat([bills, again])
    return pl.concat(
        [pl.DataFrame(schema=schema), frame.cast({"billed_amount": schema["billed_amount"]})], how="diagonal"
    )


@pytest.fixture(scope="module")
def store(rows: pl.DataFrame, spark: SparkEngine, tmp_path_factory: pytest.TempPathFactory) -> ModelStore:
    kept = ModelStore(tmp_path_factory.mktemp("models"), spark)
    kept.train("bill_holds", BILL, rows, lake_version=2)
    return kept


def test_bills_sent_twice_are_held_and_visits_that_repeat_are_not(store: ModelStore, rows: pl.DataFrame) -> None:
    held = store.score("bill_holds", BILL, rows).filter("hold")
    found = held.filter(pl.col("_blob") == "b" * 64)
    assert found.height >= 0.9 * DUPLICATES
    assert held.height <= 1.15 * found.height
    assert (found["_id"].str.slice(64) == found["duplicate_of"].str.slice(64)).all()
    assert "same service_date" in held["reasons"][0]
    assert held["expected_saving"].is_sorted(descending=True)


def test_a_rare_agreement_says_more_than_a_common_one(store: ModelStore) -> None:
    weights = dict(store.explain("bill_holds").select("feature", "weight").rows())
    assert weights["service_date"] > weights["procedure_codes"] > 0


def test_two_visits_on_one_day_are_unlikely_duplicates_however_few_pairs_there_are(
    rows: pl.DataFrame, spark: SparkEngine, tmp_path: Path
) -> None:
    one = rows.head(60)
    other = one.head(3).with_columns(
        pl.lit("b" * 64).alias("_blob"),
        pl.lit("x").alias("bill_id"),
        pl.lit("another").alias("procedure_codes"),
        pl.lit("other").alias("provider"),
    )
    store, visits = ModelStore(tmp_path, spark), pl.concat([one, other])
    store.train("bill_holds", BILL, visits, lake_version=0)
    likely = store.score("bill_holds", BILL, visits)["duplicate_probability"]
    assert (likely < 0.3).all()


def test_the_lines_of_one_bill_are_not_held_for_each_other(store: ModelStore, rows: pl.DataFrame) -> None:
    line = rows.head(1)
    lines = pl.concat([line, line.with_columns(pl.lit(1).cast(rows.schema["_row"]).alias("_row"))])
    assert store.score("bill_holds", BILL, lines).is_empty()


def test_bills_without_a_patient_or_too_few_are_refused(store: ModelStore, rows: pl.DataFrame) -> None:
    unknown = rows.with_columns(pl.lit(None, dtype=pl.String).alias(f"patient_id{FINGERPRINT_SUFFIX}"))
    with pytest.raises(EngineError, match="at least 50 bills with a patient and an amount and there are 0"):
        store.train("bill_holds", BILL, unknown, lake_version=2)
    assert store.score("bill_holds", BILL, unknown).is_empty()
