"""The closed table of readers, and the readers of workbooks, columnar files and databases."""

import importlib
import io
import sqlite3
import warnings
import zipfile
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.orc
import pytest

from preparation.detect import detect
from preparation.extraction import Extraction, Source
from preparation.media_types import MEDIA_TYPES
from preparation.readers import READERS, read, reader_of

SAMPLES = Path(__file__).resolve().parents[2] / "../shared/samples/documents"


def opened(path: Path, name: str = "x") -> Extraction:
    size = path.stat().st_size
    return read(Source(path, name, detect(path, name, size).media_type, size))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "blob"


def test_every_kind_that_is_named_has_a_reader() -> None:
    unread = {kind for kind in MEDIA_TYPES if kind not in READERS}
    assert not unread


def test_what_is_not_named_is_read_by_its_family_or_kept_whole() -> None:
    assert reader_of("image/x-new") == "preparation.readers.media:read"
    assert reader_of("text/x-new") == "preparation.readers.markup:read"
    assert reader_of("application/x-new") == "preparation.readers.opaque:read"


@pytest.mark.parametrize("target", sorted(set(READERS.values())))
def test_every_reader_named_exists(target: str) -> None:
    module, _, function = target.partition(":")
    assert callable(getattr(importlib.import_module(module), function))


def test_an_empty_file_is_noted_as_empty(file: Path) -> None:
    file.write_bytes(b"")
    found = opened(file)
    assert (found.kind, found.note, found.text) == ("data", "The file is empty.", "")


def test_unknown_bytes_are_kept_without_text(file: Path) -> None:
    file.write_bytes(bytes((i * i * 7 + i // 3) % 256 for i in range(3000)))
    found = opened(file)
    assert (found.kind, found.text, found.fault) == ("data", "", None)


def test_settings_are_data_with_their_text(file: Path) -> None:
    file.write_text("title: Größe\nserver:\n  host: a\n  port: 1\nitems:\n  - b\n", encoding="utf-8")
    found = opened(file)
    assert found.kind == "data"
    assert "Größe" in found.text


FRAME = pl.DataFrame(
    {
        "id": [1, 2],
        "name": ["a", None],
        "at": [datetime(2024, 1, 1), datetime(2024, 1, 2)],  # noqa: DTZ001 - as files have them
        "tags": [["x", "y"], []],
        "place": [{"lat": 1.5, "on": date(2024, 1, 1)}, None],
        "raw": [b"text", b"\xff\x00"],
    }
)


@pytest.mark.parametrize("form", ["parquet", "arrow", "stream", "feather", "orc", "avro"])
def test_columnar_files_keep_their_types(file: Path, form: str) -> None:
    flat = FRAME.drop("place", "tags", "raw")
    if form == "parquet":
        FRAME.write_parquet(file)
    elif form == "arrow":
        FRAME.write_ipc(file)
    elif form == "stream":
        FRAME.write_ipc_stream(file)
    elif form == "feather":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            pyarrow.feather.write_feather(flat.to_arrow(), str(file), version=1)
    elif form == "orc":
        pyarrow.orc.write_table(
            flat.to_arrow().cast(pa.schema([("id", "int64"), ("name", "string"), ("at", pa.timestamp("ns"))])),
            str(file),
        )
    else:
        flat.write_avro(file)
    found = opened(file)
    assert found.fault is None
    frame = found.tables[0].frame
    assert frame["id"].to_list() == [1, 2]
    assert frame["id"].dtype == pl.Int64
    assert frame["name"].to_list() == ["a", None]
    assert frame["at"].dt.date().to_list() == [date(2024, 1, 1), date(2024, 1, 2)]
    if "tags" in frame.columns:
        assert frame["tags"].to_list() == ['["x", "y"]', "[]"]
        assert frame["place"].to_list() == ['{"lat": 1.5, "on": "2024-01-01"}', None]
        assert frame["raw"].to_list() == ["text", "ff00"]


@pytest.mark.parametrize("form", ["parquet", "arrow", "stream", "avro", "orc"])
def test_a_truncated_columnar_file_is_a_fault(file: Path, form: str) -> None:
    frame = pl.DataFrame({"a": list(range(5000)), "b": [f"v{i}" for i in range(5000)]})
    if form == "orc":
        pyarrow.orc.write_table(frame.to_arrow().cast(pa.schema([("a", "int64"), ("b", "string")])), str(file))
    else:
        getattr(
            frame,
            {"parquet": "write_parquet", "arrow": "write_ipc", "stream": "write_ipc_stream", "avro": "write_avro"}[
                form
            ],
        )(file)
    data = file.read_bytes()
    media_type = detect(file, "x", len(data)).media_type
    file.write_bytes(data[: len(data) // 2])
    found = read(Source(file, "x", media_type, len(data) // 2))
    assert found.fault is not None


def test_a_database_gives_each_table(file: Path) -> None:
    connection = sqlite3.connect(file)
    connection.execute('CREATE TABLE "od""d name" (id INTEGER, name TEXT, raw BLOB)')
    connection.executemany('INSERT INTO "od""d name" VALUES (?, ?, ?)', [(1, "a", b"\xff"), (None, "b", None)])
    connection.execute("CREATE TABLE empty (x)")
    connection.execute(
        "CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT * FROM n"
    )
    connection.commit()
    connection.close()
    found = opened(file)
    assert [(table.name, table.frame.height) for table in found.tables] == [("empty", 0), ('od"d name', 2)]
    assert found.tables[1].frame.columns == ["id", "name", "raw"]


def test_a_damaged_database_is_a_fault(file: Path) -> None:
    file.write_bytes(b"SQLite format 3\0" + b"\x7f" * 2000)
    found = opened(file)
    assert found.fault is not None


def workbook(rows: list[list[object]]) -> bytes:
    """A minimal xlsx of one sheet."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"

    def cell(at: str, value: object) -> str:
        if value is None:
            return ""
        if isinstance(value, str):
            return f'<c r="{at}" t="inlineStr"><is><t>{value}</t></is></c>'
        return f'<c r="{at}"><v>{value}</v></c>'

    data = "".join(
        f'<row r="{y}">{"".join(cell(f"{chr(65 + x)}{y}", v) for x, v in enumerate(row))}</row>'
        for y, row in enumerate(rows, start=1)
    )
    return packed(
        {
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" '
            f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kinds}.worksheet+xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
            '<sheet name="Claims" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{data}</sheetData></worksheet>',
        }
    )


def packed(members: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_the_header_of_a_sheet_is_found_below_its_titles(file: Path) -> None:
    rows: list[list[object]] = [["Claims of 2024"], [], ["id", "amount", "state"], [1, 10.5, "open"], [2, 20, None]]
    file.write_bytes(workbook(rows))
    found = opened(file)
    table = found.tables[0]
    assert found.kind == "document"
    assert (table.name, table.frame.columns) == ("Claims", ["id", "amount", "state"])
    assert table.frame.rows() == [(1, 10.5, "open"), (2, 20.0, None)]
    assert "Claims of 2024" in found.text
    assert "1\t10.5\topen" in found.text


def test_a_value_in_the_last_corner_of_a_sheet_is_a_fault_not_a_crash(file: Path) -> None:
    data = workbook([[1, 2]])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name).decode() for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    members[sheet] = members[sheet].replace(
        "</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    )
    file.write_bytes(packed(members))
    found = opened(file)
    assert found.fault is not None
    assert "1048576 rows and 16384 columns" in found.fault.reason


def test_a_truncated_workbook_is_a_fault(file: Path) -> None:
    data = workbook([["a", "b"], [1, 2]] * 50)
    file.write_bytes(data[:-100])
    found = opened(file)
    assert found.fault is not None


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared samples are not beside the repository")
def test_the_sample_workbooks_open() -> None:
    for path in [*SAMPLES.rglob("*.xlsx"), *SAMPLES.rglob("*.xlsm")]:
        found = opened(path)
        assert found.fault is None, path.name
        assert found.kind == "document"
