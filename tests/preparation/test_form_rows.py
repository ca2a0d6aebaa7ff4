"""Files that are forms: rows of their dataset, and a row for each value with its place."""

import hashlib
from decimal import Decimal
from pathlib import Path

import numpy
import pypdfium2
import pytest
from pdf_kit import HEIGHT, WIDTH, Filled, pdf_of

from core.dataset import PersonalData
from core.prepared import Prepared, Table
from preparation.catalog import Catalog
from preparation.extraction import ModelUse, Options
from preparation.extras import OCR
from preparation.forms.scans import Scan
from preparation.layout import Box, Page
from preparation.preparing import prepare

PRINTED = (
    (40, 740, "Form 1099-INT  Interest Income"),
    (300, 740, "OMB No. 1545-0112"),
    (40, 725, "Department of the Treasury - Internal Revenue Service"),
    (300, 725, "For calendar year 2024"),
    (40, 700, "PAYER'S TIN"),
    (200, 700, "RECIPIENT'S TIN"),
    (380, 700, "1 Interest income"),
    (40, 660, "RECIPIENT'S name"),
    (380, 660, "4 Federal income tax withheld"),
    (40, 620, "FATCA filing requirement"),
)
INTEREST = (
    Filled("f1_1", (40, 682, 150, 696), "98-1122334"),
    Filled("f1_2", (200, 682, 330, 696), "521-44-9012"),
    Filled("f1_3", (380, 682, 520, 696), "1,204.18"),
    Filled("f1_4", (40, 642, 330, 656), "MARIA GONZALEZ"),
    Filled("f1_5", (380, 642, 520, 656), "110.02", "Tax withheld by the payer"),
    Filled("c1_1", (160, 618, 170, 628), value=True),
)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog()


def _prepared(catalog: Catalog, folder: Path, content: bytes, options: Options | None = None) -> Prepared:
    file = folder / "blob"
    file.write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    return prepare(file, name="x", sha256=sha256, size=len(content), catalog=catalog, options=options)


def _table(prepared: Prepared, name: str) -> Table:
    return next(table for table in prepared.tables if table.dataset == name)


def test_an_interactive_form_fills_the_columns_of_its_dataset(catalog: Catalog, tmp_path: Path) -> None:
    prepared = _prepared(catalog, tmp_path, pdf_of(PRINTED, INTEREST))
    assert prepared.classification.dataset == "tax_form"
    (row,) = _table(prepared, "tax_form").frame.to_dicts()
    assert (row["form_type"], row["tax_year"]) == ("1099-INT", 2024)
    assert (row["taxpayer_name"], row["ssn"], row["ein"]) == ("MARIA GONZALEZ", "521-44-9012", "98-1122334")
    assert (row["interest_income"], row["tax_withheld"]) == (Decimal("1204.18"), Decimal("110.02"))


def test_values_of_an_interactive_form_are_named_and_placed_and_searched(catalog: Catalog, tmp_path: Path) -> None:
    prepared = _prepared(catalog, tmp_path, pdf_of(PRINTED, INTEREST))
    assert prepared.fields["form"] == "1099-INT"
    assert prepared.fields["recipient_name"] == "MARIA GONZALEZ"
    assert prepared.fields["box1_interest_income"] == "1,204.18"
    assert "yes" in prepared.fields.values()
    place = prepared.places["box1_interest_income"]
    assert (place.page, place.confidence) == (1, 1.0)
    assert place.left == pytest.approx(380 / WIDTH, abs=0.001)
    assert place.top == pytest.approx((HEIGHT - 696) / HEIGHT, abs=0.001)
    assert prepared.places["Tax withheld by the payer"] == prepared.places["box4_federal_income_tax_withheld"]
    assert "MARIA GONZALEZ" in prepared.text


def test_every_value_is_a_row_and_what_tells_of_a_person_is_apart(catalog: Catalog, tmp_path: Path) -> None:
    prepared = _prepared(catalog, tmp_path, pdf_of(PRINTED, INTEREST))
    table = _table(prepared, "form_field")
    rows = {row["field"]: row for row in table.frame.to_dicts()}
    assert table.rejected_rows == 0
    assert rows["recipient_tin"]["personal_value"] == "521-44-9012"
    assert rows["recipient_tin"]["value"] is None
    assert rows["box1_interest_income"]["value"] == "1,204.18"
    assert rows["box1_interest_income"]["amount"] == Decimal("1204.18")
    assert catalog.dataset("form_field").column("personal_value").personal is PersonalData.RECORD


def test_a_blank_form_has_no_values(catalog: Catalog, tmp_path: Path) -> None:
    blank = [Filled(each.name, each.rectangle, "" if isinstance(each.value, str) else False) for each in INTEREST]
    prepared = _prepared(catalog, tmp_path, pdf_of(PRINTED, blank))
    assert prepared.classification.dataset == "tax_form"
    assert not prepared.places
    assert "form_field" not in [table.dataset for table in prepared.tables]


def test_a_flat_form_is_read_from_its_text_layer(catalog: Catalog, tmp_path: Path) -> None:
    written = [(each.rectangle[0] + 2, each.rectangle[1] + 3, str(each.value)) for each in INTEREST[:-1]]
    prepared = _prepared(catalog, tmp_path, pdf_of((*PRINTED, *written)))
    assert prepared.fields["recipient_name"] == "MARIA GONZALEZ"
    assert prepared.fields["box4_federal_income_tax_withheld"] == "110.02"


def test_what_does_not_add_up_is_in_the_row_and_the_note(catalog: Catalog, tmp_path: Path) -> None:
    text = (
        "ITEMIZED PATIENT STATEMENT\nPatient Name: R Hale\nHospital\n\nDate          Description      Amount\n"
        "02/27/2025    Chest x-ray      310.00\n02/28/2025    Visit            90.00\n\nTotal Charges    500.00\n"
    )
    prepared = _prepared(catalog, tmp_path, text.encode())
    (row,) = _table(prepared, "medical_bill").frame.to_dicts()
    assert row["discrepancy"] == "total_charges is 500.00, but 2 parts of it add up to 400.00 (page 1)"
    assert prepared.note == row["discrepancy"]


@pytest.mark.skipif(bool(OCR.missing()), reason=f"OCR is not installed: {OCR.install}")
def test_a_scan_is_read_closely_and_placed_on_its_picture(catalog: Catalog, tmp_path: Path) -> None:
    written = [(each.rectangle[0] + 2, each.rectangle[1] + 3, str(each.value)) for each in INTEREST[:-1]]
    document = pypdfium2.PdfDocument(pdf_of((*PRINTED, *written)))
    drawn = document[0].render(scale=2.5, grayscale=True).to_pil()
    document.close()
    drawn.crop((0, 60, drawn.width, 500)).save(tmp_path / "scan.png")
    content = (tmp_path / "scan.png").read_bytes()
    prepared = _prepared(catalog, tmp_path, content, Options(ocr=ModelUse.HERE))
    assert prepared.classification.dataset == "tax_form"
    assert prepared.fields["recipient_name"] == "MARIA GONZALEZ"
    assert prepared.fields["box1_interest_income"] == "1,204.18"
    place = prepared.places["recipient_name"]
    assert 0 < place.confidence <= 1
    assert place.left == pytest.approx(42 / WIDTH, abs=0.01)


def test_ink_is_looked_for_inside_the_frame_of_a_checkbox() -> None:
    pixels = numpy.full((100, 100), 255, dtype=numpy.uint8)
    pixels[10:30, 10:12] = 0  # the frame of an empty box
    pixels[50:70, 50:70] = 0
    scan = Scan(Page(1, 100, 100, is_scan=True), pixels)
    assert scan.darkness(Box(0.1, 0.1, 0.3, 0.3)) == 0.0
    assert scan.darkness(Box(0.5, 0.5, 0.7, 0.7)) == 1.0
