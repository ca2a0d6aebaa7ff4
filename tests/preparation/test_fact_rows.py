"""One row out of facts is the row that a table of those facts would have given."""

from datetime import UTC, datetime
from typing import Any

import pytest

from preparation import interpreting
from preparation.catalog import Catalog
from preparation.extraction import Limits
from preparation.fact_rows import fact_row
from preparation.interpreting import Interpreter

BLOB = "ab" * 32
CASES: list[tuple[str, dict[str, Any]]] = [
    ("document", {"title": "A letter", "author": "-", "text": "", "pages": 3, "words": 0, "language": None}),
    ("document", {"title": "N/A", "pages": "7", "words": 2.0, "created_at": "2024-03-01T10:00:00+02:00"}),
    ("document", {"created_at": "D:not a date", "slides": 4, "is_signed": True, "ratio": 0.5, "generator": "É \"q\""}),
    ("document", {"created_at": "2024-02-30T10:00:00", "pages": None}),
    ("document", {"created_at": "1999-12-31T23:59:59Z"}),
    ("document", {"created_at": "2024-07-01T00:30:00-05:30"}),
    ("document", {"created_at": "2024-07-01T00:30:00"}),
    ("document", {"pages": -1, "words": 5, "lost": None}),
    ("document", {"pages": "many", "words": 10**30}),
    ("document", {"media_type": "text/plain", "recorded": "2024-03-01 10:00"}),
    ("image", {"width": 10, "height": 20, "latitude": 12.5, "longitude": 999.0, "taken_at": "2020:01:02 03:04:05"}),
    ("image", {"frames": True, "width": 3.5, "format": 7}),
    ("audio", {"duration_seconds": 3, "sample_rate": 44100, "bitrate": 1e5, "recorded_at": "1999"}),
    ("email", {"sent_at": datetime(2024, 3, 1, 8, tzinfo=UTC), "subject": "Re: a", "body": "None", "to": "x"}),
    ("email", {"sent_at": "-", "sender": "null", "importance": 1}),
    ("email", {"sent_at": "-", "attachments": 0, "subject": -5, "sender": True, "body": 7, "to": 2**62}),
]  # fmt: skip


FORMS: list[tuple[str, dict[str, str], dict[str, object]]] = [
    ("tax_form", {}, {}),
    ("tax_form", {"line9_total_income": "88,120.00", "Your job": "Miller"}, {"tax_year": 2024, "wages": "61204.18"}),
    ("tax_form", {"Date filed": "04/15/2025", "line24": "1,204"}, {"form_type": "1040"}),
    ("tax_form", {"signed": "04/15/2025", "Spouse date of birth": "1980-01-02"}, {"form_type": "1040"}),
    ("tax_form", {"wages": "none of them", "Total tax": "$ 12.10"}, {}),
    ("tax_form", {"Effective rate": "12 %", "month": "4", "day": "15", "year": "2025"}, {}),
    ("insurance_claim", {"Claim number": "C-17", "Date of loss": "2024-03-01", "Age": "44"}, {"claimed_amount": "1"}),
    ("medical_bill", {"Patient name": "ROE, JANE", "Service date": "03/01/2024", "copay": "20"}, {"drg": "88"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog()


@pytest.mark.parametrize(("name", "facts"), CASES)
def test_a_row_of_facts_is_the_row_of_a_table_of_them(
    name: str, facts: dict[str, Any], catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    interpreter = Interpreter(catalog, BLOB, Limits())
    direct = interpreter.facts(name, facts)
    monkeypatch.setattr(interpreting, "fact_row", lambda *_: None)
    by_table = interpreter.facts(name, facts)
    assert direct.frame.to_dicts() == by_table.frame.to_dicts()
    assert direct.frame.schema == by_table.frame.schema
    assert (direct.rejections, direct.rejected_rows) == (by_table.rejections, by_table.rejected_rows)


def test_ordinary_facts_take_the_short_way(catalog: Catalog) -> None:
    facts = {"title": "A letter", "text": "Dear all", "pages": 1, "words": 2, "encoding": "utf-8"}
    row = fact_row(facts, catalog.dataset("document"), BLOB)
    assert row is not None
    assert row["_rescued"].to_list() == ['{"encoding":"utf-8"}']


def test_a_fact_that_may_be_the_missing_time_takes_the_long_way(catalog: Catalog) -> None:
    assert fact_row({"written": "1 March 2024"}, catalog.dataset("document"), BLOB) is None
    assert fact_row({"sizes": [1, 2]}, catalog.dataset("document"), BLOB) is None


@pytest.mark.parametrize(("name", "found", "known"), FORMS)
def test_the_row_of_a_form_is_the_row_of_a_table_of_its_values(
    name: str, found: dict[str, str], known: dict[str, object], catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    interpreter = Interpreter(catalog, BLOB, Limits())
    direct = interpreter.matched_facts(name, found, known)
    monkeypatch.setattr(interpreting, "day_among", lambda *_: None)
    by_table = interpreter.matched_facts(name, found, known)
    assert direct.frame.to_dicts() == by_table.frame.to_dicts()
    assert direct.frame.schema == by_table.frame.schema
    assert (direct.rejections, direct.rejected_rows) == (by_table.rejections, by_table.rejected_rows)


def test_most_rows_of_forms_are_made_without_a_table(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setattr(Interpreter, "_rows", lambda _self, _table, name, **_: made.append(name))
    for name, found, known in FORMS:
        Interpreter(catalog, BLOB, Limits()).matched_facts(name, found, known)
    assert len(made) <= len(FORMS) / 2
