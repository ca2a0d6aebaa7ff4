"""Delimited text: every record is a row or a rejection, and no value is changed."""

import csv
import io
import time
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preparation.detect import detect
from preparation.extraction import Extraction, Limits, RawTable, Source
from preparation.media_types import CSV
from preparation.readers import delimited

SAMPLES = Path(__file__).resolve().parents[2] / "../shared/samples"


def read(path: Path, content: bytes | str, limits: Limits | None = None) -> Extraction:
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(data)
    return delimited.read(Source(path, "x", CSV, len(data), limits or Limits()))


def table(path: Path, content: bytes | str) -> RawTable:
    extraction = read(path, content)
    assert extraction.fault is None
    return extraction.tables[0]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "blob"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "~", "   ", "\x1f"])
def test_any_delimiter_is_found(file: Path, delimiter: str) -> None:
    lines = [["sensor", "read_at", "value"], *([f"s{i}", f"2024-05-0{i + 1}", f"{i}.50"] for i in range(6))]
    found = table(file, "\n".join(delimiter.join(line) for line in lines) + "\n")
    assert found.frame.columns == lines[0]
    assert found.frame.row(5) == ("s5", "2024-05-06", "5.50")


def test_colons_delimit_where_every_line_has_as_many(file: Path) -> None:
    found = table(file, "root:x:0:0:root:/root\nbin:x:1:1:bin:/bin\nsys:x:3:3:sys:/dev\n")
    assert found.frame.height == 3
    assert not found.has_header


def test_values_stay_as_they_were_written(file: Path) -> None:
    found = table(file, "zip,id,code,flag,note\n00123,12345678901234567890,250.00,true,NA\n02134,1,401.90,false,1e5\n")
    assert found.frame.row(0) == ("00123", "12345678901234567890", "250.00", "true", "NA")
    assert set(found.frame.dtypes) == {pl.String()}


def test_numbers_without_a_header_get_numbered_columns(file: Path) -> None:
    found = table(file, "1,2.5,3\n4,5.5,6\n7,8.5,9\n")
    assert not found.has_header
    assert found.frame.columns == ["column_1", "column_2", "column_3"]
    assert found.frame.height == 3


def test_years_in_order_are_a_header(file: Path) -> None:
    found = table(file, "Country,2019,2020,2021\nChile,1,2,3\nPeru,4,5,6\n")
    assert found.has_header
    assert found.frame.columns[1] == "2019"


def test_comments_and_titles_before_the_header_are_skipped(file: Path) -> None:
    extraction = read(file, "# exported 2024\n# by hand\nStation report,,\nstation,day,rain\nA,1,2\nB,2,3\n")
    assert extraction.tables[0].frame.columns == ["station", "day", "rain"]
    assert extraction.tables[0].frame.height == 2
    assert str(extraction.metadata["preamble"]).startswith("# exported 2024")


def test_the_header_of_an_extended_log_is_in_its_comment(file: Path) -> None:
    content = "#Version: 1.0\n#Fields: date time c-ip cs-method sc-status\n" + "".join(
        f"2024-01-0{i} 00:00:0{i} 10.0.0.{i} GET 200\n" for i in range(1, 6)
    )
    found = table(file, content)
    assert found.frame.columns == ["date", "time", "c-ip", "cs-method", "sc-status"]
    assert found.frame.height == 5


def test_short_records_are_filled_up_and_long_ones_rejected(file: Path) -> None:
    extraction = read(file, "a,b,c\n1,2,3\n4,5\n6,7,8,9\n10,11,12,\n13,14,15\n")
    found = extraction.tables[0]
    assert found.frame.rows() == [("1", "2", "3"), ("4", "5", None), ("10", "11", "12"), ("13", "14", "15")]
    assert found.rejected_rows == 1
    assert found.positions is not None
    assert found.positions.to_list() == [0, 1, 3, 4]
    assert found.rejections[0].row == 2
    assert '"(more)": ["9"]' in found.rejections[0].record
    assert "4 values where the table has 3" in found.rejections[0].reason
    assert "1 short records" in (extraction.note or "")


def test_quoted_line_ends_delimiters_and_quotes_stay_inside_values(file: Path) -> None:
    found = table(file, 'name,note\r\n"Doe, J","said ""hi""\r\ntwice"\r\nRoe,x\r\n')
    assert found.frame.rows() == [("Doe, J", 'said "hi"\r\ntwice'), ("Roe", "x")]


def test_backslashes_escape_quotes_where_they_do_throughout(file: Path) -> None:
    found = table(file, 'id,text\n1,"he said \\"no\\", twice"\n2,"plain"\n3,"an \\"other\\" one"\n')
    assert found.frame.row(0) == ("1", 'he said "no", twice')
    assert found.frame.height == 3


def test_single_quotes_quote_where_they_do_throughout(file: Path) -> None:
    found = table(file, "id,text\n1,'a, b'\n2,'c, d'\n3,'e, f'\n")
    assert found.frame.row(2) == ("3", "e, f")


def test_a_quote_that_is_never_closed_costs_one_line_only(file: Path) -> None:
    extraction = read(file, 'id,text\n1,fine\n2,"never closed\n3,fine\n4,fine\n')
    assert extraction.tables[0].frame.rows() == [("1", "fine"), ("2", '"never closed'), ("3", "fine"), ("4", "fine")]
    assert "never closed were read as characters" in (extraction.note or "")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_ends_a_record(file: Path, end: str) -> None:
    found = table(file, end.join(["a,b", "1,2", "3,4", "", ""]))
    assert found.frame.rows() == [("1", "2"), ("3", "4")]


def test_blank_lines_are_no_records(file: Path) -> None:
    assert table(file, "a,b\n1,2\n\n3,4\n\n\n").frame.rows() == [("1", "2"), ("3", "4")]


def test_nuls_are_left_out_with_a_note(file: Path) -> None:
    extraction = read(file, b"a,b\n1,x\x00y\n2,z\n")
    assert extraction.tables[0].frame.rows() == [("1", "xy"), ("2", "z")]
    assert "1 NUL" in (extraction.note or "")


def test_invalid_utf8_is_replaced_with_a_note(file: Path) -> None:
    rows = "".join(f"{i},Zürich\n" for i in range(10)).encode()
    extraction = read(file, b"id,city\n" + rows + b"11,Gen\xff\xfeve\n")
    assert extraction.tables[0].frame.height == 11
    assert extraction.tables[0].frame["city"][0] == "Zürich"
    assert "replaced" in (extraction.note or "")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_the_encoding_makes_no_difference(file: Path, encoding: str) -> None:
    content = "Stadt;Größe;Wert\nKöln;klein;1\nMünchen;groß;2\nTübingen;mäßig;3\n"
    found = table(file, content.encode(encoding))
    assert found.frame.columns == ["Stadt", "Größe", "Wert"]
    assert found.frame.row(1) == ("München", "groß", "2")


def test_empty_and_doubled_names_of_columns_are_told_apart(file: Path) -> None:
    assert table(file, "id,,id,x:\na,b,c,1\nd,e,f,2\n").frame.columns == ["id", "column_2", "id_2", "x:"]


def test_ten_thousand_columns_are_read(file: Path) -> None:
    width = 10_000
    content = "\n".join([",".join(f"c{i}" for i in range(width)), *[",".join(map(str, range(width)))] * 3]) + "\n"
    found = table(file, content)
    assert found.frame.shape == (3, width)


def test_too_many_columns_are_a_fault_that_names_the_limit(file: Path) -> None:
    extraction = read(file, "a,b,c\n1,2,3\n4,5,6\n", Limits(max_columns=2))
    assert extraction.fault is not None
    assert "3 columns; at most 2" in extraction.fault.reason


@pytest.mark.parametrize("dirt", ["", "\x00"])
def test_a_line_without_end_is_a_fault_on_the_fast_and_the_careful_way(file: Path, dirt: str) -> None:
    content = f"id,text\n1,fi{dirt}ne\n2,{'x' * 300_000}\n".encode()
    file.write_bytes(content)
    assert delimited.read(Source(file, "x", CSV, len(content))).fault is None
    extraction = delimited.read(Source(file, "x", CSV, len(content)), max_line_chars=100_000)
    assert extraction.fault is not None
    assert "Line 3 is longer than 100000 characters" in extraction.fault.reason


def test_rejections_beyond_the_limit_are_counted_but_not_kept(file: Path) -> None:
    content = "a,b\n" + "1,2\n" * 300 + "1,2,3\n" * 20
    found = read(file, content, Limits(max_rejections=5)).tables[0]
    assert (found.frame.height, found.rejected_rows, len(found.rejections)) == (300, 20, 5)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(st.text(alphabet='ab1,"\n .é', min_size=1, max_size=6), min_size=3, max_size=3),
        min_size=2,
        max_size=12,
    )
)
def test_every_record_that_csv_writes_comes_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerows([["one", "two", "three"], *rows])
    path = tmp_path_factory.mktemp("csv") / "blob"
    data = buffer.getvalue().encode()
    path.write_bytes(data)
    found = delimited.read(Source(path, "x", CSV, len(data))).tables[0]
    records = len(rows) + (0 if found.has_header else 1)
    assert found.frame.height + found.rejected_rows == records


def test_the_fast_and_the_careful_way_agree(file: Path) -> None:
    clean = "id,name,note\n" + "".join(f'{i:05d},n{i},"a, ""b"" {i}"\n' for i in range(500))
    fast = table(file, clean).frame
    careful = table(file, clean.replace("n7,", "n\x007,")).frame
    assert fast.equals(careful)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8"])
def test_a_large_file_in_any_encoding_is_read_the_fast_way(file: Path, encoding: str) -> None:
    rows = "".join(f"{i},Größe {i},n\x00ote\n" for i in range(120_000))
    extraction = read(file, f"id,Maß,note\n{rows}".encode(encoding))
    assert extraction.tables[0].frame.shape == (120_000, 3)
    assert extraction.tables[0].frame.row(7) == ("7", "Größe 7", "note")
    assert "120000 NUL" in (extraction.note or "")


def test_a_hundred_megabytes_take_about_as_long_as_polars_alone(file: Path) -> None:
    row = "2024-01-01T00:00:00Z,sensor-00042,building 7 floor 3,21.1234,45.4321,1001.1234,3.30001,ok,v1.2.3,"
    file.write_text("at,sensor,place,t,h,p,v,state,firmware,seq\n" + "".join(f"{row}{i}\n" for i in range(200_000)))
    size = file.stat().st_size
    delimited.read(Source(file, "x", CSV, size))
    start = time.perf_counter()
    pl.read_csv(file, infer_schema=False)
    bare = time.perf_counter() - start
    start = time.perf_counter()
    frame = delimited.read(Source(file, "x", CSV, size)).tables[0].frame
    ours = time.perf_counter() - start
    assert frame.shape == (200_000, 10)
    assert ours < 3 * bare + 0.3


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared samples are not beside the repository")
def test_the_samples_keep_every_record() -> None:
    files = [f for folder in ("wild", "timeseries", "social", "fraud") for f in (SAMPLES / folder).rglob("*.csv")]
    assert files
    for path in files:
        size = path.stat().st_size
        detected = detect(path, "blob", size)
        assert detected.media_type == CSV, path.name
        found = delimited.read(Source(path, "blob", detected.media_type, size)).tables[0]
        with path.open(encoding="utf-8-sig", newline="") as text:
            records = sum(1 for row in csv.reader(text) if row) - found.has_header
        assert found.frame.height + found.rejected_rows == records, path.name


def test_the_names_of_columns_may_stand_in_a_comment_above_that_of_their_units(file: Path) -> None:
    found = table(
        file, "#hour wind gust press\n#hh  m/s  m/s  hPa\n1 2.5 3.5 1000.5\n2 2.6 3.7 1000.4\n3 2.7 3.9 1000.1\n"
    )
    assert found.frame.columns == ["hour", "wind", "gust", "press"]
    assert found.frame.height == 3
