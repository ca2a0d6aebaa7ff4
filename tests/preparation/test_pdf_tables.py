"""Tables that are ruled on the pages of a PDF."""

from itertools import pairwise
from pathlib import Path

import pytest
from reader_kit import sample, source

from preparation.catalog import Catalog
from preparation.preparing import prepare
from preparation.readers import pdf

HEADER = ("sensor_id", "timestamp", "temperature", "humidity")
READINGS = [(f"hall-{n}", f"2026-05-01 10:{n:02}:00", f"{20 + n}.5", f"{40 + n}") for n in range(1, 9)]
LEFTS, TOP, HEIGHT = (50, 150, 300, 400, 500), 780, 24


def document(rows: list[tuple[str, ...]], *, ruled: bool = True) -> bytes:
    """One page with a table, written by hand."""
    told = ["BT /F 10 Tf 50 810 Td (Readings of the halls on the first of May) Tj ET"]
    for number, row in enumerate(rows):
        base = TOP - HEIGHT * (number + 1) + 8
        told += [f"BT /F 10 Tf {left + 4} {base} Td ({cell}) Tj ET" for left, cell in zip(LEFTS, row, strict=False)]
        if ruled:
            top = TOP - HEIGHT * number
            told += [f"{left} {top - HEIGHT} {right - left} {HEIGHT} re S" for left, right in pairwise(LEFTS)]
    stream = "\n".join(told)
    parts = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        f"<</Length {len(stream)}>>stream\n{stream}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    body, places = "%PDF-1.7\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{part}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"xref\n0 6\n0000000000 65535 f \n{table}trailer<</Size 6/Root 1 0 R>>\nstartxref\n{len(body)}\n%%EOF"
    return (body + end).encode()


def test_a_ruled_table_gives_its_rows(tmp_path: Path) -> None:
    (table,) = pdf.read(source(tmp_path, document([HEADER, *READINGS]), "application/pdf")).tables

    assert tuple(table.frame.columns) == HEADER
    assert table.frame.rows() == READINGS


def test_rows_of_a_known_kind_become_records(tmp_path: Path) -> None:
    given = source(tmp_path, document([HEADER, *READINGS]), "application/pdf")
    prepared = prepare(given.path, name="x", sha256="0" * 64, size=given.size, catalog=Catalog())

    rows = {table.dataset: table.frame.height for table in prepared.tables}
    assert rows["sensor_reading"] >= len(READINGS)
    assert rows["document"] == 1


@pytest.mark.parametrize("rows", [[HEADER, *[("", "", "", "")] * 8], [("a", "a", "b", "c"), *READINGS]])
def test_empty_boxes_and_boxes_under_no_header_are_no_table(tmp_path: Path, rows: list[tuple[str, ...]]) -> None:
    assert pdf.read(source(tmp_path, document(rows), "application/pdf")).tables == ()


def test_columns_without_lines_are_left_to_the_text(tmp_path: Path) -> None:
    extraction = pdf.read(source(tmp_path, document([HEADER, *READINGS], ruled=False), "application/pdf"))

    assert extraction.tables == ()
    assert "hall-8" in extraction.text


def test_the_grid_of_an_interactive_form_is_no_table() -> None:
    given = sample("forms/wickedest__f8938-example-filled.pdf")

    assert pdf.read(given).tables == ()
