"""What a person said of a table holds for every table of its shape, and can be read and taken back."""

import tomllib
from pathlib import Path

import polars as pl
import pytest

from core.errors import NotFoundError, SettingsError
from core.prepared import Prepared
from preparation.catalog import Catalog
from preparation.corrections import (
    CORRECTIONS_FILE,
    Correction,
    forget,
    load_corrections,
    remember,
    said_now,
    shape_of_headers,
)
from preparation.preparing import prepare

HEADERS = ("Zeitpunkt", "Kanal", "Messung", "Bemerkung")
LINES = ("2026-01-01 10:00;A1;1,5;ok", "2026-01-01 10:01;A2;1,7;ok")


def prepared(folder: Path, *lines: str, schemas: Path) -> Prepared:
    path = folder / "anything.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    return prepare(path, name=path.name, sha256="0" * 64, size=path.stat().st_size, catalog=Catalog(schemas))


def said(dataset: str = "sensor_reading", **columns: str) -> Correction:
    return said_now(dataset, HEADERS, columns, "first.csv")


def test_a_table_with_the_same_headers_in_another_order_and_spelling_is_taken_as_said(tmp_path: Path) -> None:
    remember(tmp_path / "s", said(Kanal="sensor_id", Messung="value"))

    found = prepared(
        tmp_path, "KANAL;messung;Bemerkung;zeitpunkt", "A1;1,5;ok;2026-01-01 10:00", schemas=tmp_path / "s"
    )

    assert found.classification.dataset == "sensor_reading"
    assert found.classification.why.startswith("corrected by a person on 20")
    row = found.tables[0].frame.row(0, named=True)
    assert (row["sensor_id"], row["value"]) == ("A1", 1.5)
    assert row["time"] is not None
    assert row["_rescued"] == '{"Bemerkung":"ok"}'


def test_what_became_of_each_column_is_told(tmp_path: Path) -> None:
    remember(tmp_path / "s", said(Kanal="sensor_id", Messung=""))

    (match,) = prepared(tmp_path, ";".join(HEADERS), *LINES, schemas=tmp_path / "s").matches

    assert match.shape == shape_of_headers(HEADERS)
    assert {each.header: (each.column, each.why) for each in match.columns} == {
        "Zeitpunkt": ("time", "its name"),
        "Kanal": ("sensor_id", "a person said so"),
        "Messung": (None, "a person said so"),
        "Bemerkung": (None, "kept under its own name"),
    }


def test_a_table_of_other_headers_is_recognised_by_itself(tmp_path: Path) -> None:
    remember(tmp_path / "s", said())

    found = prepared(tmp_path, ";".join((*HEADERS, "mehr")), *(f"{line};x" for line in LINES), schemas=tmp_path / "s")

    assert found.classification.dataset == "other"


def test_rows_that_do_not_satisfy_what_was_said_are_rejected_and_not_kept_as_other(tmp_path: Path) -> None:
    remember(tmp_path / "s", said(Kanal="latitude"))

    found = prepared(tmp_path, ";".join(HEADERS), "2026-01-01 10:00;95;1,5;ok", schemas=tmp_path / "s")

    assert [(table.dataset, table.frame.height, table.rejected_rows) for table in found.tables] == [
        ("sensor_reading", 0, 1)
    ]


def test_a_large_table_that_is_read_in_pieces_is_taken_as_said(tmp_path: Path) -> None:
    from preparation.extraction import Limits, Source
    from preparation.interpreting import Interpreter
    from preparation.piecewise import streamed
    from preparation.row_files import RowFiles, rows_in

    remember(tmp_path, said(Kanal="sensor_id", Messung="value", Zeitpunkt="time"))
    path = tmp_path / "large"
    rows = "".join(f"2026-01-01T10:00:{at % 60:02d}Z;A{at};{at};ok\n" for at in range(30_000))
    path.write_text(";".join(HEADERS) + "\n" + rows, encoding="utf-8")
    interpreter = Interpreter(Catalog(tmp_path), "0" * 64, Limits())
    files = RowFiles()

    done = streamed(
        Source(path, "large", "text/csv", path.stat().st_size), interpreter, files, None, piece_bytes=300_000
    )

    assert done is not None
    assert done.plan.classification.dataset == "sensor_reading"
    assert rows_in(files.take(), done.table.frame).get_column("value").to_list() == list(map(float, range(30_000)))
    assert [match.dataset for match in interpreter.matches] == ["sensor_reading"]


def test_it_is_kept_in_a_file_that_people_can_read_and_can_be_taken_back(tmp_path: Path) -> None:
    awkward = said_now("other", ('a "quoted" \\ name', "b\tc", "ü\x7f"), {}, "x.csv")
    remember(tmp_path, awkward)
    remember(tmp_path, said())

    entries = tomllib.loads((tmp_path / CORRECTIONS_FILE).read_text(encoding="utf-8"))
    assert tuple(entries[awkward.id]["headers"]) == awkward.headers
    assert load_corrections(tmp_path)[awkward.id] == awkward

    assert forget(tmp_path, awkward.id) == awkward
    assert list(load_corrections(tmp_path)) == [said().id]
    with pytest.raises(NotFoundError, match="no correction"):
        forget(tmp_path, awkward.id)


def test_the_later_word_on_a_shape_wins(tmp_path: Path) -> None:
    remember(tmp_path, said())
    remember(tmp_path, said("network_log"))
    assert [each.dataset for each in load_corrections(tmp_path).values()] == ["network_log"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[a]\ndataset = ", "cannot be read"),
        ("[a]\ndataset = 'other'\n", "no list of headers"),
        ("[a]\ndataset = 'nothing'\nheaders = ['x']\n", "no dataset"),
        ("[a]\ndataset = 'other'\nheaders = ['x']\ncolumns = {x = 'y'}\n", "no column y"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused_with_its_entry(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / CORRECTIONS_FILE).write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=words):
        Catalog(tmp_path)


def test_a_column_that_a_person_gave_is_given_up_by_the_one_that_was_guessed() -> None:
    found = said(Kanal="value").applied({"Messung": "value", "Zeitpunkt": "time"}, HEADERS)
    assert found == {"Zeitpunkt": "time", "Kanal": "value"}


def test_looks_of_columns_are_told_for_what_is_other_too(tmp_path: Path) -> None:
    found = prepared(tmp_path, ";".join(HEADERS), *LINES, schemas=tmp_path)
    assert [match.dataset for match in found.matches] == ["other"]
    assert isinstance(found.tables[0].frame, pl.DataFrame)
