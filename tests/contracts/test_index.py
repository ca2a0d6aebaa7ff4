"""What every index does."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from elasticsearch_indexes import ElasticsearchIndexes
from storage_rows import BLOB, CARE, CLAIM, OTHER_BLOB, PERSON, care_rows, retyped, rows, widened

from core.dataset import Column, ColumnType, Dataset
from core.errors import QueryError, StorageError
from core.ports import Index, SearchAnswer, SearchRequest
from storage import MemoryIndex, TantivyIndex

FIRST, SECOND, THIRD = f"{BLOB}-0", f"{BLOB}-1", f"{BLOB}-2"


@pytest.fixture(params=["tantivy", "memory", "elasticsearch"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Index]:
    known = (CARE, CLAIM, PERSON)
    if request.param == "tantivy":
        yield TantivyIndex(tmp_path / "index", lambda: known)
    elif request.param == "memory":
        yield MemoryIndex(datasets=lambda: known)
    else:
        indexes: ElasticsearchIndexes = request.getfixturevalue("elasticsearch_indexes")
        with indexes.opened(known) as made:
            yield made


@pytest.fixture
def care(index: Index) -> Index:
    index.write(CARE, iter([care_rows()]), 0)
    return index


def search(index: Index, words: str = "", **more: Any) -> SearchAnswer:
    return index.search(SearchRequest(words, **more))


def found(index: Index, words: str = "", **more: Any) -> set[str]:
    return {hit.id for hit in search(index, words, **more).hits}


def test_an_index_without_records_answers_nothing(index: Index) -> None:
    assert index.version("care") == -1
    assert index.count("care") == 0
    assert search(index, "anything") == SearchAnswer((), 0, {})
    assert not index.needs_rebuild(CARE)
    index.drop("care")


def test_writing_remembers_the_version(index: Index) -> None:
    assert index.write(CARE, iter([care_rows()]), 4) == 3
    assert (index.version("care"), index.count("care")) == (4, 3)
    assert index.write(CARE, iter([]), 9) == 0
    assert (index.version("care"), index.count("care")) == (9, 3)


def test_a_version_without_rows_is_remembered_even_first(index: Index) -> None:
    assert index.write(CARE, iter([care_rows().clear()]), 2) == 0
    assert (index.version("care"), index.count("care")) == (2, 0)
    assert search(index).total == 0


def test_writing_twice_leaves_one_of_each(care: Index) -> None:
    care.write(CARE, iter([care_rows()]), 0)
    assert care.count("care") == 3
    assert search(care).total == 3


def test_the_same_rows_twice_in_one_write_leave_one_of_each(index: Index) -> None:
    index.write(CARE, iter([care_rows(), care_rows(), pl.concat([care_rows(), care_rows()])]), 0)
    assert index.count("care") == 3


def test_a_record_written_again_is_the_newer_one(index: Index) -> None:
    index.write(CLAIM, iter([rows(CLAIM, {"number": "1", "paid": 1})]), 0)
    index.write(CLAIM, iter([rows(CLAIM, {"number": "1", "paid": 2}, blob=OTHER_BLOB)]), 1)
    (hit,) = search(index).hits
    assert (hit.id, hit.blob, hit.record["paid"]) == ("claim:1", OTHER_BLOB, 2.0)


def test_a_write_that_fails_leaves_the_index_as_it_was(care: Index) -> None:
    def broken() -> Any:
        yield rows(CARE, {"code": "half"}, blob=OTHER_BLOB)
        raise StorageError("The lake went away.")

    with pytest.raises(StorageError, match="went away"):
        care.write(CARE, broken(), 1)
    assert (care.version("care"), care.count("care")) == (0, 3)
    assert care.write(CARE, iter([rows(CARE, {"code": "half"}, blob=OTHER_BLOB)]), 1) == 1
    assert care.count("care") == 4


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("", {FIRST, SECOND, THIRD}),
        ("horses", {FIRST}),
        ("HORSES zurich", {FIRST}),
        ("horses tower", set()),
        ('"walking through"', {FIRST}),
        ('"through walking"', set()),
        ("-horses", {SECOND, THIRD}),
        ("quoted -words", set()),
        ("東京", {SECOND}),
        ("A-12", {FIRST}),
        ("wing", {SECOND}),
        ("1234", {FIRST}),
        ("setosa", {FIRST}),
        ("jurgen", {FIRST}),
        ("8080", {FIRST}),
        ("1234.56", {FIRST}),
        ("2024-02-29", {FIRST}),
        (BLOB, {FIRST, SECOND, THIRD}),
        (SECOND, {SECOND}),
        ("gAAAAtoken1", set()),
        ('horses "', {FIRST}),
        ("!!! ***", set()),
    ],
)
def test_words_find_the_records_that_have_them(care: Index, words: str, wanted: set[str]) -> None:
    assert found(care, words) == wanted


@pytest.mark.parametrize(
    "words", ['"', "AND OR (", "a:b:[", "\\", "[1 TO", "*", "\x00", "-", "--", "~" * 9, "x " * 5_000, "é́" * 900]
)
def test_no_words_are_an_error(care: Index, words: str) -> None:
    assert search(care, words).total >= 0


@pytest.mark.parametrize(
    ("where", "wanted"),
    [
        ({"code": "A-12"}, {FIRST}),
        ({"code": "a-12"}, set()),
        ({"code": "east wing"}, {SECOND}),
        ({"code": "A..B"}, {FIRST}),
        ({"visits": "8080"}, {FIRST}),
        ({"visits": "..0"}, {SECOND}),
        ({"visits": "-3..8080"}, {FIRST, SECOND}),
        ({"weight": "71..72"}, {FIRST}),
        ({"paid": "1234.56"}, {FIRST}),
        ({"paid": "-1.."}, {FIRST, SECOND}),
        ({"is_open": "true"}, {FIRST}),
        ({"day": "2024-02-29"}, {FIRST}),
        ({"day": "..1950-01-01"}, {SECOND}),
        ({"seen_at": "2024-02-29"}, {FIRST}),
        ({"seen_at": "2024-02-29T23:59:59.999999Z"}, {FIRST}),
        ({"seen_at": "2024-03-01..2300-01-01"}, {SECOND}),
        ({"note": "horses"}, {FIRST}),
        ({"ssn_hmac": "2f" * 32}, {SECOND}),
        ({"ssn_masked": "***-**-1234"}, {FIRST}),
        ({"species": "setosa"}, {FIRST}),
        ({"petal.width": "0.2"}, {FIRST}),
        ({"petal.width": "0..1"}, {FIRST}),
        ({"_blob": BLOB}, {FIRST, SECOND, THIRD}),
        ({"code": "A-12", "visits": "1"}, set()),
    ],
)
def test_where_keeps_the_records_that_have_the_value(care: Index, where: dict[str, str], wanted: set[str]) -> None:
    assert found(care, where=where) == wanted


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (SearchRequest(dataset="nonsense"), "no dataset 'nonsense'"),
        (SearchRequest(where={"nonsense": "1"}), "no column 'nonsense'"),
        (SearchRequest(where={"visits": "many"}), "whole number"),
        (SearchRequest(where={"day": "yesterday"}), "a date such as"),
        (SearchRequest(where={"is_open": "perhaps"}), "true or false"),
        (SearchRequest(where={"ssn": "123-45-6789"}), "sealed"),
        (SearchRequest(facets=("note",)), "cannot be counted"),
        (SearchRequest(facets=("ssn_hmac",)), "cannot be counted"),
        (SearchRequest(facets=("nonsense",)), "no column 'nonsense'"),
        (SearchRequest(limit=-1), "from 0 on"),
        (SearchRequest(limit=1_000_000), "deepest"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(care: Index, request_: SearchRequest, words: str) -> None:
    with pytest.raises(QueryError, match=words):
        care.search(request_)


def test_a_known_dataset_without_records_finds_nothing(care: Index) -> None:
    assert search(care, "x", dataset="claim").total == 0


def test_a_record_is_shown_typed_masked_and_without_tokens(care: Index) -> None:
    (hit,) = search(care, "horses").hits
    assert hit.record == {
        "_row": 0,
        "code": "A-12",
        "note": "The horses were walking through Zürich at night",
        "visits": 8080,
        "weight": 71.25,
        "paid": 1234.56,
        "is_open": True,
        "day": "2024-02-29",
        "seen_at": "2024-02-29T23:59:59.999999Z",
        "ssn": "***-**-1234",
        "_rescued": {"species": "setosa", "petal.width": 0.2, "owner": "Jürgen"},
    }
    assert (hit.dataset, hit.blob) == ("care", BLOB)


def test_a_snippet_shows_the_words_in_their_place(care: Index) -> None:
    assert "**horses**" in search(care, "horses").hits[0].snippet
    assert search(care, "setosa").hits[0].snippet == "species: **setosa**"
    assert search(care).hits[0].snippet == ""


def test_facets_count_all_that_matches_not_only_what_is_shown(index: Index) -> None:
    values = [{"code": code, "visits": len(code), "is_open": code == "a"} for code in ("a", "a", "bb", "a", "bb", "c")]
    index.write(CARE, iter([rows(CARE, *values)]), 0)
    answer = search(index, limit=1, facets=("code", "visits", "is_open"))
    assert len(answer.hits) == 1
    assert answer.facets == {
        "code": {"a": 3, "bb": 2, "c": 1},
        "visits": {"1": 4, "2": 2},
        "is_open": {"false": 3, "true": 3},
    }
    assert search(index, where={"code": "a"}, facets=("code",)).facets == {"code": {"a": 3}}


def test_facets_of_dates_and_rescued_columns_are_readable(care: Index) -> None:
    facets = search(care, facets=("day", "species")).facets
    assert facets == {"day": {"1899-12-31": 1, "2024-02-29": 1}, "species": {"setosa": 1, "virginica": 1}}


def test_pages_follow_one_another(index: Index) -> None:
    index.write(CARE, iter([rows(CARE, *({"code": f"c{at}"} for at in range(25)))]), 0)
    pages = [search(index, limit=10, offset=offset) for offset in (0, 10, 20)]
    assert [len(page.hits) for page in pages] == [10, 10, 5]
    assert len({hit.id for page in pages for hit in page.hits}) == 25
    assert {page.total for page in pages} == {25}
    assert search(index, limit=0).total == 25


def test_a_walk_meets_every_record_once_however_many_there_are(index: Index) -> None:
    frame = rows(CARE, *({"visits": at, "code": "even" if at % 2 == 0 else "odd"} for at in range(12_000)))
    index.write(CARE, iter([frame]), 0)
    index.write(CLAIM, iter([rows(CLAIM, {"number": "even"})]), 0)
    met = [hit.id for hit in index.walk(SearchRequest())]
    assert len(met) == len(set(met)) == 12_001
    even = list(index.walk(SearchRequest("even", limit=1, offset=5)))
    assert len(even) == 6_001
    assert {hit.dataset for hit in even} == {"care", "claim"}
    assert [hit.id for hit in index.walk(SearchRequest(where={"visits": "7"}))] == [f"{BLOB}-7"]
    assert list(index.walk(SearchRequest(dataset="person"))) == []
    with pytest.raises(QueryError, match="no column"):
        list(index.walk(SearchRequest(where={"nonsense": "1"})))


def test_a_walk_shows_records_as_a_search_does(care: Index) -> None:
    (met,) = care.walk(SearchRequest("horses"))
    (hit,) = search(care, "horses").hits
    assert (met.id, met.dataset, met.blob, met.record, met.snippet) == (
        hit.id,
        hit.dataset,
        hit.blob,
        hit.record,
        hit.snippet,
    )


def test_a_search_without_a_dataset_looks_into_all(care: Index) -> None:
    care.write(CLAIM, iter([rows(CLAIM, {"number": "A-12"})]), 0)
    answer = search(care, "A-12")
    assert sorted(hit.dataset for hit in answer.hits) == ["care", "claim"]
    assert [hit.score for hit in answer.hits] == sorted((hit.score for hit in answer.hits), reverse=True)
    assert found(care, "A-12", dataset="claim") == {"claim:A-12"}
    assert found(care, where={"number": "A-12"}) == {"claim:A-12"}


def test_a_whole_record_kept_as_json_is_searched_by_its_keys(index: Index) -> None:
    other = Dataset("other", "Anything.", (Column("record", ColumnType.TEXT),))
    kept = [
        {"record": '{"city": "Łódź", "people": 5, "tags": ["x", "y"]}'},
        {"record": "no object {"},
        {"record": "{}"},
    ]
    index.write(other, iter([rows(other, *kept)]), 0)
    assert index.count("other") == 3
    assert found(index, where={"city": "Łódź"}) == {FIRST}
    assert found(index, where={"people": "1..9"}) == {FIRST}
    assert found(index, where={"tags": "y"}) == {FIRST}
    assert search(index, "łódź").hits[0].record["record"] == {"city": "Łódź", "people": 5, "tags": ["x", "y"]}


def test_codes_in_scripts_without_spaces_are_found_whole_and_in_part(index: Index) -> None:
    index.write(CARE, iter([rows(CARE, {"code": "東京都港区"}, {"code": "Łódź"})]), 0)
    assert found(index, "東京都港区") == found(index, where={"code": "東京都港区"}) == {FIRST}
    assert search(index, "東京都港区").hits[0].record["code"] == "東京都港区"


def test_a_rescued_object_that_is_no_json_loses_its_keys_not_its_record(index: Index) -> None:
    index.write(CARE, iter([rows(CARE, {"code": "kept", "_rescued": '{"a": nonsense}'}, {"_rescued": "token"})]), 0)
    assert found(index, "kept") == {FIRST}
    assert index.count("care") == 2


def test_rebuilding_gives_the_same_answers(care: Index) -> None:
    questions = [("", {}), ("horses", {}), ("", {"where": {"species": "virginica"}}), ("wing", {"facets": ("code",)})]
    before = [search(care, words, **more) for words, more in questions]
    care.write(CARE, iter([care_rows()]), 1)
    assert care.rebuild(CARE, iter([care_rows()]), 7) == 3
    assert [search(care, words, **more) for words, more in questions] == before
    assert care.version("care") == 7


def test_a_rebuild_that_fails_leaves_the_old_index(care: Index) -> None:
    def broken() -> Any:
        yield care_rows()
        raise StorageError("The lake went away.")

    with pytest.raises(StorageError, match="went away"):
        care.rebuild(CARE, broken(), 9)
    assert (care.version("care"), care.count("care")) == (0, 3)
    assert found(care, "horses") == {FIRST}


def test_a_changed_type_needs_a_rebuild(care: Index) -> None:
    frame = rows(retyped(), {"visits": "many"})
    assert care.needs_rebuild(retyped())
    with pytest.raises(StorageError, match="other columns"):
        care.write(retyped(), iter([frame]), 1)
    assert found(care, where={"visits": "8080"}) == {FIRST}
    care.rebuild(retyped(), iter([frame]), 1)
    assert not care.needs_rebuild(retyped())
    assert found(care, where={"visits": "many"}) == {FIRST}


def test_a_column_gained_is_searched_after_a_rebuild_or_without_one(care: Index) -> None:
    frame = rows(widened(), {"ward": "north"}, blob=OTHER_BLOB)
    if care.needs_rebuild(widened()):
        every = care_rows().with_columns(ward=pl.lit(None, pl.String)).select(frame.columns)
        care.rebuild(widened(), iter([every, frame]), 1)
    else:
        care.write(widened(), iter([frame]), 1)
    assert not care.needs_rebuild(widened())
    assert found(care, where={"ward": "north"}) == {f"{OTHER_BLOB}-0"}
    assert found(care, "horses") == {FIRST}
    assert (care.version("care"), care.count("care")) == (1, 4)


def test_a_dropped_dataset_is_forgotten(care: Index) -> None:
    care.drop("care")
    assert (care.version("care"), care.count("care")) == (-1, 0)
    assert search(care, "horses").total == 0


def test_long_values_are_cut_where_they_are_shown(index: Index) -> None:
    index.write(CARE, iter([rows(CARE, {"note": "word " * 40_000 + "needle", "code": "k" * 70_000})]), 0)
    (hit,) = search(index, "needle").hits
    assert len(hit.record["note"]) <= 10_001
    assert "**needle**" in hit.snippet


def test_an_index_that_is_closed_can_be_asked_again(care: Index) -> None:
    care.close()
    assert found(care, "horses") == {FIRST}
