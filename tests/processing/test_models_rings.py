"""Rings of claims are found where they were planted and nowhere else, and parties are ranked by what hangs on them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from core.dataset import Column, ColumnType, Dataset, PersonalData
from core.errors import EngineError
from core.frames import lake_schema
from processing import SparkEngine
from processing.graph import LocalGraphs
from processing.models import ModelStore
from processing.models.linked import kinds_of, linked
from processing.models.parties import PartyModel
from processing.models.rings import RingModel

T = ColumnType
CLAIM = Dataset(
    "insurance_claim",
    "A claim.",
    (
        Column("claim_id", T.KEYWORD),
        Column("claimant_id", T.KEYWORD, personal=PersonalData.MEMBER_ID),
        Column("claimant_name", T.KEYWORD, personal=PersonalData.PERSON_NAME),
        Column("phone", T.KEYWORD, personal=PersonalData.PHONE),
        Column("address", T.KEYWORD, personal=PersonalData.ADDRESS),
        Column("provider", T.KEYWORD, names_a_party=True),
        Column("severity", T.KEYWORD),
        Column("claimed_amount", T.MONEY),
        Column("fraud_reported", T.BOOLEAN),
    ),
)
PLANTED = 5
CLAIMS = 600


def in_lake(records: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """Records as the lake keeps them; a fingerprint is the value, a mask hides it."""
    rows = []
    for place, record in enumerate(records):
        row: dict[str, Any] = {"_blob": record.get("_blob", "c" * 64), "_row": place}
        for column in CLAIM.columns:
            value = record.get(column.name)
            row |= {column.name: value}
            row |= {f"{column.name}_hmac": value, f"{column.name}_masked": value and "***"} if column.is_sealed else {}
        rows.append(row)
    return pl.DataFrame(rows, schema=dict(lake_schema(CLAIM)), orient="row", strict=False)


def claims(dice: np.random.Generator, count: int = CLAIMS) -> list[dict[str, Any]]:
    """Claims of strangers: they share providers, severities, and by chance now and then an address or a phone."""
    return [
        {
            "claim_id": f"C{place}",
            "claimant_id": f"M{place}",
            "claimant_name": f"Person {place}",
            "phone": f"555-{dice.integers(0, 40_000)}",
            "address": f"{dice.integers(0, 40_000)} Elm Street",
            "provider": f"Garage {dice.integers(0, 30)}",
            "severity": str(dice.choice(["minor", "major"])),
            "claimed_amount": 100.0,
            "fraud_reported": False,
        }
        for place in range(count)
    ]


def planted(dice: np.random.Generator) -> list[dict[str, Any]]:
    """The same with a ring of five people of one phone and address, and one man who claims three times."""
    rows = claims(dice)
    for place in range(PLANTED):
        rows[place * 7] |= {"phone": "555-RING", "address": "1 Ring Road", "claimed_amount": 900.0}
        rows[place * 7] |= {"fraud_reported": place < 4}
    for place in (100, 200, 300):
        rows[place] |= {"claimant_id": "M-again", "claimant_name": "Again", "address": "2 Home Street"}
    return rows


@pytest.fixture
def store(spark: SparkEngine, tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path, spark, (RingModel(), PartyModel("claim_parties", "insurance_claim", "claims")))


def test_a_planted_ring_is_found_with_what_ties_it(store: ModelStore) -> None:
    rows = in_lake(planted(np.random.default_rng(4)))
    card = store.train("claim_rings", CLAIM, rows, lake_version=5)
    first, again = store.score("claim_rings", CLAIM, rows).rows(named=True)
    assert (first["claims"], first["claimants"], first["claimed"], first["density"]) == (PLANTED, PLANTED, 4500.0, 1.0)
    assert first["tied_by"] == "address, phone"
    assert first["members"] == "C0, C14, C21, C28, C7"
    assert "5 claimants; same address in 5: *** (1 Ring)" in first["reasons"]
    assert (again["claims"], again["claimants"]) == (3, 1)  # who claims again is no ring of people, and comes last
    assert "one claimant" in again["reasons"]
    assert (card.kind, card.lake_version, card.metrics["rings"]) == ("descriptive", 5, 2)
    assert card.metrics["claims_in_rings"] == PLANTED + 3
    assert card.metrics["share_of_frauds_in_rings"] == 4 / 8
    assert card.metrics["share_of_frauds"] == 4 / CLAIMS


@pytest.mark.parametrize("seed", range(5))
def test_what_chance_explains_is_no_ring(store: ModelStore, seed: int) -> None:
    rows = in_lake(claims(np.random.default_rng(seed)))
    assert rows["address_hmac"].n_unique() < CLAIMS  # some do share an address
    store.train("claim_rings", CLAIM, rows, lake_version=0)
    assert store.score("claim_rings", CLAIM, rows).is_empty()


def test_two_rows_of_one_claim_are_one_claim(store: ModelStore) -> None:
    rows = planted(np.random.default_rng(4))
    told_again = [rows[0] | {"_blob": "d" * 64}, rows[0] | {"claimed_amount": 950.0}]
    another = claims(np.random.default_rng(9), 1)[0] | {"claim_id": "C7", "_blob": "e" * 64}  # of another insurer
    frame = in_lake([*rows, *told_again, another])
    found = linked(frame, CLAIM, LocalGraphs())
    assert found.rows["record"].n_unique() == CLAIMS + 1
    store.train("claim_rings", CLAIM, frame, lake_version=0)
    ring = store.score("claim_rings", CLAIM, frame).row(0, named=True)
    assert (ring["claims"], ring["claimed"]) == (PLANTED, 4550.0)


def test_spark_finds_the_rings_that_this_process_finds(spark: SparkEngine, tmp_path: Path, store: ModelStore) -> None:
    grown = ModelStore(tmp_path / "grown", spark, (RingModel(on_spark=True),))
    rows = in_lake(planted(np.random.default_rng(1)))
    for each in (store, grown):
        each.train("claim_rings", CLAIM, rows, lake_version=0)
    again = ModelStore(tmp_path / "grown", spark, (RingModel(on_spark=True),))
    assert again.score("claim_rings", CLAIM, rows).equals(store.score("claim_rings", CLAIM, rows))
    assert again.explain("claim_rings").equals(store.explain("claim_rings"))


def test_claims_that_name_nobody_are_refused_in_words(store: ModelStore) -> None:
    rows = [{"claim_id": f"C{place}", "phone": "1"} for place in range(30)]
    with pytest.raises(EngineError, match="at least 2 columns that name a party and are filled in and there are 1"):
        store.train("claim_rings", CLAIM, in_lake(rows), lake_version=0)
    with pytest.raises(EngineError, match="at least 20 claims and there are 3"):
        store.train("claim_rings", CLAIM, in_lake(rows[:3]), lake_version=0)


def test_which_columns_name_whom_is_declared() -> None:
    assert kinds_of(CLAIM) == {
        "claimant_id": "claimant",
        "claimant_name": "claimant",
        "phone": "phone",
        "address": "address",
        "provider": "provider",
    }


def test_the_party_that_most_hangs_on_is_most_central(store: ModelStore) -> None:
    dice = np.random.default_rng(2)
    rows = claims(dice, 60)
    for place, row in enumerate(rows):
        row |= {"provider": "Hub" if place < 30 else f"Garage {place // 2}"}
    frame = in_lake(rows)
    card = store.train("claim_parties", CLAIM, frame, lake_version=0)
    parties = store.score("claim_parties", CLAIM, frame)
    hub = parties.row(0, named=True)
    assert (hub["party"], hub["kind"], hub["records"], hub["group"]) == ("Hub", "provider", 30, 1)
    assert hub["records_in_group"] >= 30
    assert hub["rank"] > 5 * parties["rank"][1]
    assert parties["records"].min() == 2
    assert parties["rank"].is_sorted(descending=True)
    assert card.metrics["parties_shared"] == parties.height
    assert store.explain("claim_parties").row(0, named=True)["feature"] == "provider"
