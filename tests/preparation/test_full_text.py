"""The text of tables, for who asks for all that is in a file."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from reader_kit import source

from preparation.extraction import Limits, Options, Source
from preparation.media_types import CSV, JSON
from preparation.readers import read
from preparation.readers.merged_cells import filled_down, repeated

RAGGED = "Report of May\nname;amount\nAnn;1\nBob;2;too many\n"


def fully(of: Source) -> Source:
    return replace(of, options=Options(is_full_text=True))


def test_a_table_is_told_as_it_is_written_with_what_no_row_holds(tmp_path: Path) -> None:
    of = source(tmp_path, RAGGED, CSV)

    assert read(of).text == ""
    assert read(fully(of)).text == RAGGED.strip()


def test_a_delimiter_that_cannot_be_printed_is_a_tab(tmp_path: Path) -> None:
    of = source(tmp_path, "a\x01b\n1\x012\n3\x014\n", CSV)

    assert read(fully(of)).text.startswith("a\tb\n1\t2")


def test_records_of_json_are_told_as_they_are_written(tmp_path: Path) -> None:
    written = '[{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]'

    assert read(fully(source(tmp_path, written, JSON))).text == written


def test_packed_columns_are_told_as_rows(tmp_path: Path) -> None:
    file = tmp_path / "blob"
    pl.DataFrame({"a": [1, None], "b": [[1, 2], [3]], "c": [{"x": 1}, {"x": 2}]}).write_parquet(file)
    of = Source(file, "blob", "application/vnd.apache.parquet", file.stat().st_size)

    assert read(fully(of)).text == 'a\tb\tc\n1\t[1, 2]\t{"x": 1}\n\t[3]\t{"x": 2}'


@pytest.mark.parametrize("media_type", [CSV, JSON])
def test_no_more_text_is_told_than_may_be(tmp_path: Path, media_type: str) -> None:
    content = "a,b\n" + "1,2\n" * 5_000 if media_type == CSV else "[" + ",".join('{"a": 1}' for _ in range(5_000)) + "]"
    of = replace(fully(source(tmp_path, content, media_type)), limits=Limits(max_text_chars=1_000))

    assert 900 < len(read(of).text) <= 1_000


def test_merged_cells_hold_for_all_rows_and_columns_but_titles_stand_once() -> None:
    cells = [["Rates", None, None], ["Gold", 1, 2], [None, 3, 4], [None, None, None], ["x" * 200, 5, None]]
    merged = [((0, 0), (0, 2)), ((1, 0), (3, 0)), ((4, 1), (4, 2))]

    assert repeated(cells, merged)[:3] == [["Rates", None, None], ["Gold", 1, 2], ["Gold", 3, 4]]
    assert repeated(cells, merged)[4] == ["x" * 200, 5, 5]
    assert filled_down(cells, merged)[1:4] == [["Gold", 1, 2], ["Gold", 3, 4], [None, None, None]]
    assert repeated([["a"]], [((-5, 0), (2, 9)), ((7, 7), (8, 8))]) == [["a"]]
