"""Personal columns: sealed, findable, masked."""

import datetime
import json
import time
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from core.dataset import Column, ColumnType, Dataset, PersonalData
from core.errors import TamperedError
from core.frames import lake_schema, prepared_schema
from core.settings import Security
from security import FernetColumnGuard, KeyRing

PEOPLE = Dataset(
    "people",
    "People.",
    (
        Column("name", ColumnType.KEYWORD, personal=PersonalData.PERSON_NAME),
        Column("ssn", ColumnType.KEYWORD, personal=PersonalData.SSN),
        Column("born", ColumnType.DATE, personal=PersonalData.BIRTH_DATE),
        Column("member", ColumnType.INTEGER, personal=PersonalData.MEMBER_ID),
        Column("paid", ColumnType.MONEY, personal=PersonalData.ACCOUNT),
        Column("whole", ColumnType.TEXT, personal=PersonalData.RECORD),
        Column("notes", ColumnType.TEXT, personal=PersonalData.FREE_TEXT),
        Column("state", ColumnType.KEYWORD),
    ),
)


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing.open(Security(), tmp_path)


@pytest.fixture
def guard(ring: KeyRing) -> FernetColumnGuard:
    return FernetColumnGuard(ring, Security())


def people(*names: str | None) -> pl.DataFrame:
    rows = [
        {
            "_blob": "ab",
            "_row": row,
            "_rescued": None,
            "name": name,
            "ssn": "078-05-1120",
            "born": datetime.date(1984, 2, 29),
            "member": 123456789,
            "paid": Decimal("12.5"),
            "whole": '{"ssn": "078-05-1120"}',
            "notes": f"SSN 078-05-1120 of {name}",
            "state": "NY",
        }
        for row, name in enumerate(names)
    ]
    return pl.DataFrame(rows, schema=prepared_schema(PEOPLE))


def test_rows_come_out_as_the_lake_keeps_them(guard: FernetColumnGuard) -> None:
    kept = guard.protect(people("Ada Lovelace", None, "Ada Lovelace"), PEOPLE)
    assert kept.schema == lake_schema(PEOPLE)
    assert kept["_row"].to_list() == [0, 1, 2]
    first, second, third = kept.to_dicts()
    assert guard.reveal(first["name"]) == "Ada Lovelace"
    assert guard.reveal(first["born"]) == "1984-02-29"
    assert guard.reveal(first["member"]) == "123456789"
    assert first["name_hmac"] == guard.fingerprint("ADA  Lovelace", PersonalData.PERSON_NAME) == third["name_hmac"]
    assert first["name"] == third["name"], "a value is encrypted once a frame"
    assert (second["name"], second["name_hmac"], second["name_masked"]) == (None, None, None)
    shown = {key: value for key, value in first.items() if key.endswith("_masked")}
    assert shown == {
        "name_masked": "A. L.",
        "ssn_masked": "***-**-1120",
        "born_masked": "1984",
        "member_masked": "***6789",
        "paid_masked": "***",
        "whole_masked": "sealed",
    }
    assert first["notes"] == "SSN ***-**-1120 of Ada Lovelace"
    assert first["state"] == "NY"
    assert "078-05" not in str(kept.to_dicts())


def test_no_rows_are_no_rows(guard: FernetColumnGuard) -> None:
    kept = guard.protect(people(), PEOPLE)
    assert kept.schema == lake_schema(PEOPLE)
    assert kept.height == 0


def test_policy_opens_the_mask_and_the_text(ring: KeyRing) -> None:
    guard = FernetColumnGuard(ring, Security(reveal=("people.name", "people.notes", "others.ssn")))
    (row,) = guard.protect(people("Ada Lovelace"), PEOPLE).to_dicts()
    assert row["name_masked"] == "Ada Lovelace"
    assert row["name"] != "Ada Lovelace"
    assert row["ssn_masked"] == "***-**-1120"
    assert row["notes"] == "SSN 078-05-1120 of Ada Lovelace"


def test_a_fingerprint_stays_equal_after_rotation_and_tokens_still_open(ring: KeyRing, tmp_path: Path) -> None:
    guard = FernetColumnGuard(ring, Security())
    before = guard.protect(people("Ada"), PEOPLE).to_dicts()[0]
    ring.rotate()
    again = FernetColumnGuard(KeyRing.open(Security(), tmp_path), Security())
    after = again.protect(people("Ada"), PEOPLE).to_dicts()[0]
    assert before["name_hmac"] == after["name_hmac"]
    assert again.reveal(before["name"]) == guard.reveal(after["name"]) == "Ada"


def test_a_fingerprint_cannot_be_guessed_without_the_keys(guard: FernetColumnGuard, tmp_path: Path) -> None:
    stranger = FernetColumnGuard(KeyRing.open(Security(), tmp_path / "other"), Security())
    assert stranger.fingerprint("Ada") != guard.fingerprint("Ada")
    assert len(guard.fingerprint("Ada")) == 64


@pytest.mark.parametrize("token", ["", "Ada", "é", "gAAAAA"])
def test_what_is_no_token_is_refused(guard: FernetColumnGuard, token: str) -> None:
    with pytest.raises(TamperedError):
        guard.reveal(token)


def masked(personal: PersonalData, value: str, ring: KeyRing) -> str:
    dataset = Dataset("d", "", (Column("c", ColumnType.KEYWORD, personal=personal),))
    frame = pl.DataFrame([{"_blob": "x", "_row": 0, "_rescued": None, "c": value}], schema=prepared_schema(dataset))
    return str(FernetColumnGuard(ring, Security()).protect(frame, dataset)["c_masked"][0])


@pytest.mark.parametrize(
    ("personal", "value", "shown"),
    [
        (PersonalData.PERSON_NAME, "DOE, JOHN", "D. J."),
        (PersonalData.PERSON_NAME, "Zoë O'Neill-Öst", "Z. O."),
        (PersonalData.PERSON_NAME, "12345", "***"),
        (PersonalData.SSN, "078051120", "***-**-1120"),
        (PersonalData.SSN, "1120", "***"),
        (PersonalData.TAX_ID, "12-3456789", "**-***6789"),
        (PersonalData.MEMBER_ID, "W1234 56789", "***6789"),
        (PersonalData.MEMBER_ID, "W12345", "***"),
        (PersonalData.ACCOUNT, "DE89370400440532013000", "***3000"),
        (PersonalData.CARD, "4111-1111-1111-1111", "**** **** **** 1111"),
        (PersonalData.CARD, "1111", "***"),
        (PersonalData.PHONE, "+1 (555) 123-4567", "***-***-**67"),
        (PersonalData.EMAIL, "ada@example.org", "a***@example.org"),
        (PersonalData.EMAIL, "Ada Lovelace <ada@example.org>", "a***@example.org"),
        (PersonalData.EMAIL, "not an address", "***"),
        (PersonalData.ADDRESS, "1 Main St", "***"),
        (PersonalData.BIRTH_DATE, "02/29/1984", "1984"),
        (PersonalData.BIRTH_DATE, "29 Feb", "***"),
        (PersonalData.RECORD, "anything", "sealed"),
    ],
)
def test_each_class_has_its_mask(personal: PersonalData, value: str, shown: str, ring: KeyRing) -> None:
    assert masked(personal, value, ring) == shown


def test_every_class_of_personal_data_is_masked(ring: KeyRing) -> None:
    for personal in set(PersonalData) - {PersonalData.FREE_TEXT}:
        assert "secret value" not in masked(personal, "secret value", ring)


def test_a_time_is_sealed_in_iso_form(guard: FernetColumnGuard) -> None:
    dataset = Dataset("d", "", (Column("c", ColumnType.TIMESTAMP, personal=PersonalData.BIRTH_DATE),))
    moment = datetime.datetime(1984, 2, 29, 12, 30, tzinfo=datetime.UTC)
    frame = pl.DataFrame([{"_blob": "x", "_row": 0, "_rescued": None, "c": moment}], schema=prepared_schema(dataset))
    (row,) = guard.protect(frame, dataset).to_dicts()
    assert datetime.datetime.fromisoformat(guard.reveal(row["c"])) == moment
    assert guard.reveal(row["c"]).startswith("1984-02-29T12:30:00")
    assert row["c_masked"] == "1984"


def test_many_distinct_values_are_sealed_quickly(guard: FernetColumnGuard) -> None:
    frame = people(*(f"Person {number}" for number in range(20_000)))
    began = time.process_time()
    guard.protect(frame, PEOPLE)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("personal", "one", "another"),
    [
        (PersonalData.SSN, "123-45-6789", "123456789"),
        (PersonalData.CARD, "4111 1111 1111 1111", "4111-1111-1111-1111"),
        (PersonalData.PHONE, "+1 (555) 123-4567", "555.123.4567 x12"),
        (PersonalData.MEMBER_ID, "xj 1234-99", "XJ123499"),
        (PersonalData.ACCOUNT, "DE89 3704 0044", "de8937040044"),
        (PersonalData.TAX_ID, "12-3456789", "123456789"),
        (PersonalData.EMAIL, " Ann Lee <Ann@X.org>", "ann@x.org"),
        (PersonalData.PERSON_NAME, "DOE, JOHN  Q.", "John Q Doe"),
        (PersonalData.BIRTH_DATE, "02/29/1984", "1984-02-29"),
        (PersonalData.BIRTH_DATE, "29.2.1984", "19840229"),
        (PersonalData.ADDRESS, "1 Main St., Apt 2", "1 MAIN ST APT 2"),
    ],
)
def test_equal_values_written_differently_are_found_by_one_fingerprint(
    guard: FernetColumnGuard, personal: PersonalData, one: str, another: str
) -> None:
    assert guard.fingerprint(one, personal) == guard.fingerprint(another, personal)


@pytest.mark.parametrize(
    ("personal", "one", "another"),
    [
        (PersonalData.MEMBER_ID, "A1234", "B1234"),
        (PersonalData.SSN, "***-**-6789", "6789"),
        (PersonalData.SSN, "123-45-6789", "123-45-6780"),
        (PersonalData.RECORD, "A", "a"),
    ],
)
def test_different_values_have_different_fingerprints(
    guard: FernetColumnGuard, personal: PersonalData, one: str, another: str
) -> None:
    assert guard.fingerprint(one, personal) != guard.fingerprint(another, personal)


def test_what_no_column_took_is_masked_by_form_and_by_key_and_stays_json(guard: FernetColumnGuard) -> None:
    rescued = {
        "SSN (N)": 111223333,
        "first name": "Ann",
        "billing_lag": 5,
        "className": "x",
        "note": "call\n(555) 123-4567 or ann@x.org",
        "token": 4111111111111111,
        "subscriber": {"birthDate": "1984-02-29"},
        "inner": json.dumps([{"dob": "1984-02-29", "unit": "C"}]),
        "form[0].f1_04[0]": "Ann Lee",
        "form[0].f1_05[0]": "1,234.00",
    }
    frame = people("Ada").with_columns(pl.lit(json.dumps(rescued, separators=(",", ":"))).alias("_rescued"))
    kept = json.loads(guard.protect(frame, PEOPLE)["_rescued"][0])
    assert kept == {
        "SSN (N)": "***",
        "first name": "***",
        "billing_lag": 5,
        "className": "x",
        "note": "call\n***-***-**67 or a***@x.org",
        "token": "**** **** **** 1111",
        "subscriber": "***",
        "inner": '[{"dob":"***","unit":"C"}]',
        "form[0].f1_04[0]": "***",
        "form[0].f1_05[0]": "1,234.00",
    }


def test_a_record_kept_whole_is_masked_by_its_keys_but_names_stay(guard: FernetColumnGuard) -> None:
    other = Dataset("other", "", (Column("record", ColumnType.TEXT, personal=PersonalData.FREE_TEXT),))
    rows = ['{"Last Name":"Lee","SSN":"111223333","phone":"5551234567"}', "SSN 078-05-1120", None]
    frame = pl.DataFrame({"_blob": "x", "_row": [0, 1, 2], "_rescued": None, "record": rows}).cast(
        dict(prepared_schema(other))
    )
    kept = guard.protect(frame, other)["record"].to_list()
    assert kept == ['{"Last Name":"Lee","SSN":"***","phone":"***"}', "SSN ***-**-1120", None]


def test_a_million_rows_without_rescued_fields_cost_nothing_more(guard: FernetColumnGuard) -> None:
    plain = Dataset("plain", "", (Column("value", ColumnType.INTEGER),))
    rows = 1_000_000
    frame = pl.select(
        _blob=pl.lit("x"), _row=pl.int_range(rows), _rescued=pl.lit(None, pl.String), value=pl.int_range(rows)
    )
    start = time.process_time()
    assert guard.protect(frame, plain).height == rows
    assert time.process_time() - start < 0.5
