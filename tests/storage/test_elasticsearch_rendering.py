"""Lake rows as the lines of a bulk request."""

import json
from typing import Any

import polars as pl
import pytest
from storage_rows import BLOB, CARE, CLAIM, OTHER_BLOB, care_rows, rows

from core.dataset import Column, ColumnType, Dataset
from storage.elasticsearch_rendering import CHUNK_BYTES, CHUNK_ROWS, Chunk, Form, Renderer, document_id


def chunks(dataset: Dataset, *frames: pl.DataFrame, version: int = 4) -> list[Chunk]:
    return list(Renderer(dataset, version).chunks(iter(frames)))


def documents(*made: Chunk) -> list[dict[str, Any]]:
    return [json.loads(line) for chunk in made for line in chunk.lines.splitlines()[1::2]]


def actions(*made: Chunk) -> list[dict[str, Any]]:
    return [json.loads(line)["index"] for chunk in made for line in chunk.lines.splitlines()[::2]]


def filled(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value is not None}


def test_a_document_is_named_by_its_record_and_numbered_by_the_lake() -> None:
    made = actions(*chunks(CARE, care_rows(), version=7))
    assert made[1] == {"_id": f"{BLOB}-1", "version": 8, "version_type": "external_gte"}
    assert [action["_id"] for action in made] == [f"{BLOB}-0", f"{BLOB}-1", f"{BLOB}-2"]


def test_a_record_is_written_typed_and_without_its_token() -> None:
    first, second, third = map(filled, documents(*chunks(CARE, care_rows())))
    assert first == {
        "_blob": BLOB,
        "_row": 0,
        "code": "A-12",
        "note": "The horses were walking through Zürich at night",
        "visits": 8080,
        "weight": 71.25,
        "paid": "1234.5600",
        "is_open": True,
        "day": "2024-02-29",
        "seen_at": "2024-02-29T23:59:59.999999Z",
        "ssn_masked": "***-**-1234",
        "ssn_hmac": "1f" * 32,
        "_rescued": {"species": "setosa", "petal.width": 0.2, "owner": "Jürgen"},
        "_words": first["_words"],
    }
    assert {"setosa", "Jürgen"} <= {word.strip('{}",') for word in first["_words"].split()}
    assert "species" not in first["_words"]
    assert "weight" not in second  # infinite: JSON has no such number
    assert third == {"_blob": BLOB, "_row": 2}


def test_a_column_without_a_value_is_not_written_at_all() -> None:
    (document,) = documents(*chunks(CARE, rows(CARE, {"code": "x"})))
    assert set(document) == {"_blob", "_row", "code"}


def test_what_is_no_object_is_kept_as_it_was() -> None:
    other = Dataset("other", "", (Column("record", ColumnType.TEXT),))
    values = ['{"a": 1}', "bare", '{"a": "line\\nbreak", "b": NaN}', None]
    written = documents(*chunks(other, rows(other, *({"record": value} for value in values))))
    assert [document.get("record") for document in written] == [{"a": 1}, None, {"a": "line\nbreak", "b": None}, None]
    assert [document.get("record__text") for document in written] == [None, "bare", None, None]


@pytest.mark.parametrize("value", ['quo"te', "back\\slash", "new\nline", "\x00\x1f\u2028", "🐎 東京"])
def test_any_text_comes_out_as_it_went_in(value: str) -> None:
    (chunk,) = chunks(CLAIM, rows(CLAIM, {"number": value}))
    assert documents(chunk)[0]["number"] == value
    assert actions(chunk)[0]["_id"] == f"claim:{value}"


def test_an_identity_that_is_too_long_is_named_by_its_hash() -> None:
    long = "ä" * 400
    (chunk,) = chunks(CLAIM, rows(CLAIM, {"number": long}, {"number": "short"}))
    assert [action["_id"] for action in actions(chunk)] == [document_id(f"claim:{long}"), "claim:short"]
    assert [document["_identity"] for document in documents(chunk)] == [f"claim:{long}", None]
    assert len(document_id(f"claim:{long}")) < 100


def test_of_an_identity_twice_in_a_frame_the_last_is_written() -> None:
    written = documents(*chunks(CLAIM, rows(CLAIM, {"number": "1", "paid": 1}, {"number": "1", "paid": 2})))
    assert [document["paid"] for document in written] == ["2.0000"]


def test_a_place_is_written_only_where_it_is_one() -> None:
    place = Dataset("place", "", tuple(Column(name, ColumnType.NUMBER) for name in ("latitude", "longitude")))
    values = [(52.5, 13.4), (95.0, 13.4), (52.5, None), (float("nan"), 1.0)]
    frame = rows(place, *({"latitude": latitude, "longitude": longitude} for latitude, longitude in values))
    assert [document["_location"] for document in documents(*chunks(place, frame))] == ["52.5,13.4", None, None, None]


def test_a_lesser_form_says_why_and_has_less() -> None:
    renderer = Renderer(CARE, 0)
    (whole,) = renderer.chunks(iter([care_rows()]))
    reasons = ["too deep", "too wide", "too odd"]
    lesser = filled(documents(renderer.chunk(whole.rows, Form.WITHOUT_OBJECTS, reasons))[0])
    least = filled(documents(renderer.chunk(whole.rows, Form.PLACE_ONLY, reasons))[1])
    assert "_rescued" not in lesser
    assert (lesser["code"], lesser["_refusal"]) == ("A-12", "too deep")
    assert least == {"_blob": BLOB, "_row": 1, "_refusal": "too wide"}


def test_part_of_a_lesser_form_keeps_its_reasons() -> None:
    renderer = Renderer(CARE, 0)
    (whole,) = renderer.chunks(iter([care_rows()]))
    part = renderer.part(renderer.chunk(whole.rows, Form.PLACE_ONLY, ["a", "b", "c"]), [2, 0])
    assert [document["_refusal"] for document in documents(part)] == ["c", "a"]
    assert [document["_row"] for document in documents(part)] == [2, 0]


def test_a_request_is_bounded_in_rows_and_in_bytes() -> None:
    many = rows(CARE, *({"visits": at} for at in range(CHUNK_ROWS * 2 + 1)))
    assert [chunk.rows.height for chunk in chunks(CARE, many)] == [CHUNK_ROWS, CHUNK_ROWS, 1]
    texts = [1_000, CHUNK_BYTES * 2, 1_000, CHUNK_BYTES // 2, CHUNK_BYTES // 2, 1_000]
    heavy = rows(CARE, *({"note": "x" * size} for size in texts), blob=OTHER_BLOB)
    made = chunks(CARE, heavy)
    assert sum(chunk.rows.height for chunk in made) == len(texts)
    assert max(len(chunk.lines) for chunk in made if chunk.rows.height > 1) < CHUNK_BYTES * 3.5
    assert len(made) >= 3


def test_no_rows_are_no_request() -> None:
    assert chunks(CARE, care_rows().clear()) == []
