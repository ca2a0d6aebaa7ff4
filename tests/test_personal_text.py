"""Personal data in prose is marked where it stands, and numbers that only look like it are not."""

import time
from itertools import pairwise

import polars as pl
import pytest

from core.personal_text import personal_spans
from security.free_text import mask_text

FOUND = {
    "SSN 123-45-6789.": ("ssn", "123-45-6789"),
    "ITIN 912-70-1234": ("tax_id", "912-70-1234"),
    "paid by 4111 1111 1111 1111 today": ("card", "4111 1111 1111 1111"),
    "Amex 378282246310005": ("card", "378282246310005"),
    "to DE89 3704 0044 0532 0130 00 BIC COBADE": ("account", "DE89 3704 0044 0532 0130 00"),
    "Rendering NPI: 1234567893": ("npi", "1234567893"),
    "EIN 12-3456789": ("tax_id", "12-3456789"),
    "call (212) 555-0100 x12 now": ("phone", "(212) 555-0100 x12"),
    "Tel. +49 30 901820": ("phone", "+49 30 901820"),
    "mail jane.doe+x@example.co.uk, please": ("email", "jane.doe+x@example.co.uk"),
    "DOB: 04/05/1971": ("birth_date", "04/05/1971"),
    "Date of Birth  1971-04-05": ("birth_date", "1971-04-05"),
    "born on April 5, 1971 in": ("birth_date", "April 5, 1971"),
    "Patient: Jane Q. Doe": ("person_name", "Jane Q. Doe"),
    "Insured's Name: Doe, Jane": ("person_name", "Doe, Jane"),
    "we saw Dr. Gregory House there": ("person_name", "Gregory House"),
    "Dear Jane,": ("person_name", "Jane"),
}
NOT_PERSONAL = (
    "order 4111 1111 1111 1112",  # no check digit
    "DE89 3704 0044 0532 0130 01",
    "NPI 1234567890",
    "invoice 1234567893",  # an NPI by its digits, but nothing says so
    "build 00-1234567 and 2024-12-3456789",
    "from 2026-01-02 to 2026-03-04",
    "Dear Sir or Madam,",
    "Dear Customer,",
    "Patient Name: Date",
    "10.0.0.1:8080 1234567890123456789",
)


@pytest.mark.parametrize("text", FOUND)
def test_it_is_found_where_it_stands(text: str) -> None:
    kind, value = FOUND[text]
    assert [(span.kind, text[span.start : span.end]) for span in personal_spans(text)] == [(kind, value)]


@pytest.mark.parametrize("text", NOT_PERSONAL)
def test_what_only_looks_like_it_is_left(text: str) -> None:
    assert personal_spans(text) == ()


def test_spans_are_in_order_and_apart() -> None:
    text = "Patient: Jane Doe\nDOB 04/05/1971, 212-555-0100, jane@example.org, SSN 123-45-6789"
    spans = personal_spans(text)
    assert [span.kind for span in spans] == ["person_name", "birth_date", "phone", "email", "ssn"]
    assert all(a.end <= b.start for a, b in pairwise(spans))


def test_all_that_is_masked_in_a_column_is_marked_in_the_text() -> None:
    for text, (kind, value) in FOUND.items():
        masked = mask_text(pl.Series([text]))[0]
        if kind in ("ssn", "card", "account", "phone", "email"):
            assert value not in masked, text
        assert masked == text or personal_spans(text)


def test_a_long_text_made_to_be_slow_is_not() -> None:
    hostile = ("a" * 200 + "@" + "b." * 200 + " +1 22 33 44 " + "Dear " + "A" * 300 + " 4111-" * 20) * 800
    started = time.process_time()
    personal_spans(hostile)
    assert time.process_time() - started < 8
