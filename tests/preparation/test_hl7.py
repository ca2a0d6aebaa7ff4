"""HL7 version 2: charges as bills, other messages as rows, with any delimiters."""

from pathlib import Path

import pytest
from reader_kit import source

from preparation.readers import hl7

PATIENT = "PID|1||123456^^^HOSP^MR||DOE^JANE^Q||19700102|F|||1 MAIN ST^^LYNN^MA^01902\r"
CHARGES = (
    "MSH|^~\\&|HIS|HOSP|BILL|HOSP|20240105103000||DFT^P03|MSG1|P|2.5\r" + PATIENT + "DG1|1||J45.909\r"
    "FT1|1|TX1||20240104|20240105|CG|99213^Office visit||1|1|150.00\r"
    "FT1|2|TX2||20240104||CG|85025||2|2||12.50\r"
)
RESULT = (
    "MSH|^~\\&|LAB|H|EHR|H|202401051030+0100||ORU^R01|9|P|2.3\n"
    + PATIENT.replace("\r", "\n")
    + "OBX|1|NM|2345-7^Glucose||95|mg/dL\n"
)


def test_each_charge_is_a_row_of_a_bill_with_the_patient_and_exact_money(tmp_path: Path) -> None:
    (table,) = hl7.read(source(tmp_path, CHARGES)).tables

    assert table.dataset == "medical_bill"
    shown = table.frame.select("bill_id", "patient_name", "patient_birth_date", "procedure_codes", "diagnosis_codes")
    assert shown.rows() == [
        ("TX1", "JANE Q DOE", "1970-01-02", "99213", "J45.909"),
        ("TX2", "JANE Q DOE", "1970-01-02", "85025", "J45.909"),
    ]
    assert table.frame["billed_amount"].to_list() == ["150.00", "25.00"]


def test_another_message_is_one_row_with_its_observations(tmp_path: Path) -> None:
    extraction = hl7.read(source(tmp_path, RESULT))

    row = extraction.tables[0].frame.row(0, named=True)
    assert (row["message_type"], row["control_id"], row["time"]) == ("ORU^R01", "9", "2024-01-05T10:30:00+01:00")
    assert row["observations"] == "Glucose: 95 mg/dL"
    assert "Glucose" in extraction.text


def test_a_batch_gives_every_message_and_rejects_the_one_without_a_type(tmp_path: Path) -> None:
    text = f"FHS|^~\\&|A\rBHS|^~\\&|A\r{RESULT}MSH|^~\\&|A|B|C|D|20240101|||2|P|2.4\rBTS|2\rFTS|1\r"

    (table,) = hl7.read(source(tmp_path, text)).tables

    assert (table.frame.height, table.rejected_rows) == (1, 1)
    assert "MSH at segment 1, field 9" in table.rejections[0].reason


def test_the_delimiters_are_those_the_message_declares(tmp_path: Path) -> None:
    changed = CHARGES.translate({ord("|"): "#", ord("^"): "@"})

    expected = hl7.read(source(tmp_path, CHARGES)).tables[0].frame
    assert hl7.read(source(tmp_path, changed)).tables[0].frame.equals(expected)


@pytest.mark.parametrize("text", ["", "hello", "MSH", "MSH|", "MSH|^", "\x0b\x1c\r", "MSH|^~\\&|\rpid|1"])
def test_what_is_no_message_is_a_fault(tmp_path: Path, text: str) -> None:
    assert hl7.read(source(tmp_path, text)).fault is not None
