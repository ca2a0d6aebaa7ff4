"""What broke on hostile files, reader by reader."""

from pathlib import Path

import pytest

from core.prepared import Prepared
from preparation.catalog import Catalog
from preparation.preparing import prepare

HEADER = "timestamp,sensor_id,temperature"
ROWS = [f"2026-05-01T00:{minute:02}:00Z,s1,20.5" for minute in range(60)]


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog()


def prepared(catalog: Catalog, tmp_path: Path, content: bytes, name: str = "x") -> Prepared:
    file = tmp_path / "blob"
    file.write_bytes(content)
    return prepare(file, name=name, sha256="0" * 64, size=len(content), catalog=catalog)


@pytest.mark.parametrize("every", [20, 5, 3])
def test_a_table_of_ragged_rows_that_begin_with_a_time_is_no_log(catalog: Catalog, tmp_path: Path, every: int) -> None:
    rows = [
        row.rpartition(",")[0] if at % every == 1 else f"{row},extra,more" if at % every == 2 else row
        for at, row in enumerate(ROWS)
    ]
    found = prepared(catalog, tmp_path, "\n".join([HEADER, *rows, ""]).encode())
    assert found.classification.dataset == "sensor_reading"
    assert sum(table.frame.height + table.rejected_rows for table in found.tables) == len(ROWS)


def test_a_log_with_a_comma_a_line_stays_a_log(catalog: Catalog, tmp_path: Path) -> None:
    lines = [f"2026-05-01 00:{at:02}:00,123 INFO server started, port {8000 + at}, ready" for at in range(60)]
    found = prepared(catalog, tmp_path, "\n".join(lines).encode())
    assert found.classification.dataset == "network_log"


def test_a_number_of_ten_thousand_digits_is_kept_as_text(catalog: Catalog, tmp_path: Path) -> None:
    digits = "9" * 10_000
    found = prepared(catalog, tmp_path, f'[{{"name": "a", "size": {digits}}}, {{"name": "b", "size": 2}}]'.encode())
    assert found.fault is None
    assert found.media_type == "application/json"
    assert digits in found.tables[0].frame["record"][0]


def test_half_an_emoji_costs_no_record(catalog: Catalog, tmp_path: Path) -> None:
    posts = r'[{"user": "ann", "tweet": "cut \ud83d"}, {"user": "bo", "tweet": "whole \ud83d\ude00, path \\ud800"}]'
    found = prepared(catalog, tmp_path, posts.encode())
    assert found.fault is None
    (table,) = found.tables
    texts = table.frame["text"].to_list()
    assert "cut \ufffd" in texts[0]
    assert r"whole 😀, path \ud800" in texts[1]


def test_messages_in_messages_without_end_are_a_fault_in_words(catalog: Catalog, tmp_path: Path) -> None:
    head = b"From: a@example.com\nSubject: deep\nMIME-Version: 1.0\n"
    found = prepared(catalog, tmp_path, (head + b"Content-Type: message/rfc822\n\n") * 2000 + head + b"\nend\n")
    assert found.fault is not None
    assert found.fault.reason == "It is nested too deeply to be read."
    assert found.media_type == "message/rfc822"


def test_a_header_longer_than_the_head_is_not_counted_wrongly(catalog: Catalog, tmp_path: Path) -> None:
    header = ",".join(f"column_{number}" for number in range(50_000))
    row = ",".join("1" for _ in range(50_000))
    found = prepared(catalog, tmp_path, f"{header}\n{row}\n".encode(), "x.csv")
    assert found.fault is not None
    assert "or more columns; at most 20000" in found.fault.reason


def test_a_cut_off_package_says_so(catalog: Catalog, tmp_path: Path) -> None:
    found = prepared(catalog, tmp_path, b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + bytes(range(100)))
    assert found.fault is not None
    assert "cut off" in found.fault.reason
