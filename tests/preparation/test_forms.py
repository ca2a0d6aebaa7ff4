"""Forms: values found under, beside and above their labels, in fixed places, and on numbered lines."""

from datetime import date
from decimal import Decimal

import pytest
from form_kit import HEIGHT, WIDTH, form_named, sheet_of, words_at

from preparation.forms import form_of, read_form
from preparation.forms.labels import find_labels
from preparation.forms.pages import page_of
from preparation.forms.spans import Sheet
from preparation.forms.values import Kind, amount_of, date_of, find_value, is_amount, normal
from preparation.forms.wordings import Wordings, label
from preparation.layout import Box, Entry, Page, Word


def _values(*sheets: Sheet, form: str | None = None) -> dict[str, str]:
    reading = read_form(sheets, form_named(form) if form else None)
    return {each.name: each.text for each in reading.fields}


BOXED_W2 = (
    (30.0, 60.0, "a Employee's social security number"),
    (60.0, 72.0, "521-44-9012"),
    (300.0, 60.0, "1 Wages, tips, other compensation"),
    (400.0, 72.0, "61204.18"),
    (470.0, 60.0, "2 Federal income tax withheld"),
    (560.0, 72.0, "7310.02"),
    (30.0, 90.0, "c Employer's name, address, and ZIP code"),
    (40.0, 102.0, "NORTHWIND MILLS INC"),
    (40.0, 112.0, "12 RIVER ROAD"),
    (40.0, 122.0, "DAYTON, OH 45402"),
    (300.0, 90.0, "3 Social security wages"),
    (400.0, 102.0, "61204.18"),
    (470.0, 90.0, "4 Social security tax withheld"),
    (560.0, 102.0, "3794.66"),
    (30.0, 200.0, "OH 8812345"),
    (300.0, 200.0, "61204.18"),
    (470.0, 200.0, "1820.55"),
    (30.0, 212.0, "15 State Employer's state ID number"),
    (300.0, 212.0, "16 State wages, tips, etc."),
    (470.0, 212.0, "17 State income tax"),
)


def test_values_stand_below_their_labels_in_boxes_and_above_them_in_rows() -> None:
    found = _values(sheet_of(*BOXED_W2), form="W-2")
    assert found["employee_ssn"] == "521-44-9012"
    assert (found["box1_wages"], found["box2_federal_tax_withheld"]) == ("61204.18", "7310.02")
    assert found["employer_name"] == "NORTHWIND MILLS INC"
    assert found["employer_address"] == "12 RIVER ROAD, DAYTON, OH 45402"
    assert (found["state1_id"], found["state1_wages"], found["state1_tax"]) == ("OH 8812345", "61204.18", "1820.55")


def test_values_stand_beside_their_labels_in_plain_lines() -> None:
    text = (
        "Form W-2 Wage and Tax Statement\nEmployer Name    Acme Paper Co\nEmployee SSN     521-44-9012\n"
        "Box 1: Wages, tips, other comp.    $61,204.18\nBox 2: Federal income tax withheld    $7,310.02\n"
        "State    Ohio\nState Wages    $61,204.18\n"
    )
    form = form_of(text)
    assert form is not None
    reading = read_form([Sheet(page_of(text))], form.definition)
    found = {each.name: each.text for each in reading.fields}
    assert found["employer_name"] == "Acme Paper Co"
    assert found["box1_wages"] == "$61,204.18"
    assert found["state1_name"] == "Ohio"
    assert reading.columns()["wages"] == "61204.18"


def test_labels_are_found_though_letters_are_misread() -> None:
    sheet = sheet_of((30, 60, "1 Wagas, lips, othar comp."), (30, 80, "d Contro1 Nurnber"))
    wanted = Wordings([label("wages", "Wages, tips, other comp."), label("control", "Control number")])
    assert [match.owner for match in find_labels(sheet, wanted)] == ["wages", "control"]


@pytest.mark.parametrize(
    ("printed", "is_found"),
    [
        ("Federal income tax withheld", True),
        ("Federa1 incorne tax withheld", True),
        ("Federal inc0me tx withheld by", True),
        ("Fedcral incone tax witheld", True),
        ("Federal unemployment and other taxes", False),
        ("Fe", False),
    ],
)
def test_a_label_is_found_with_a_fifth_of_its_letters_misread_and_no_more(printed: str, is_found: bool) -> None:
    wanted = Wordings([label("withheld", "Federal income tax withheld")])
    assert bool(find_labels(sheet_of((30.0, 60.0, printed)), wanted)) is is_found


def test_a_label_goes_on_in_the_line_below_and_takes_the_number_before_it() -> None:
    sheet = sheet_of((30.0, 60.0, "2 Federal income"), (44.0, 69.0, "tax withheld 88.10"))
    [match] = find_labels(sheet, Wordings([label("withheld", "Federal income tax withheld")]))
    assert [word.text for word in match.words] == ["2", "Federal", "income", "tax", "withheld"]


def test_words_of_a_value_are_no_label() -> None:
    sheet = sheet_of((30, 60, "Mercy General Hospital of Ohio"))
    assert find_labels(sheet, Wordings([label("facility", "Hospital")])) == []


def test_each_value_has_its_place() -> None:
    reading = read_form([sheet_of(*BOXED_W2)], form_named("W-2"))
    wages = next(each for each in reading.fields if each.name == "box1_wages")
    assert wages.page == 1
    assert wages.box.left == pytest.approx(400 / WIDTH)
    assert wages.box.top == pytest.approx(72 / HEIGHT)
    assert 0 < wages.box.right - wages.box.left < 0.1


def test_numbered_lines_of_an_unknown_return_are_named_by_their_words() -> None:
    found = _values(
        sheet_of(
            (30, 60, "1a"),
            (50, 60, "Total amount of wages . . . . . . ."),
            (470, 60, "1a"),
            (540, 60, "85,000.00"),
            (30, 75, "2a"),
            (50, 75, "Exempt interest"),
            (200, 75, "2a"),
            (250, 75, "112.00"),
            (320, 75, "b Taxable interest"),
            (470, 75, "2b"),
            (540, 75, "223.00"),
        )
    )
    assert found == {
        "line1a_total_amount_wages": "85,000.00",
        "line2a_exempt_interest": "112.00",
        "line2b_taxable_interest": "223.00",
    }


def test_boxes_of_an_unknown_statement_are_named_by_the_label_inside() -> None:
    found = _values(
        sheet_of(
            (300, 60, "1a Total ordinary dividends"),
            (300, 70, "$"),
            (390, 70, "1,456.00"),
            (440, 60, "1b Qualified dividends"),
            (440, 70, "$"),
            (520, 70, "321.00"),
        )
    )
    assert found == {"box1a_total_ordinary_dividends": "1,456.00", "box1b_qualified_dividends": "321.00"}


def test_pairs_with_a_colon_are_found_on_any_form() -> None:
    found = _values(sheet_of((30, 60, "Claim Number: CL-4471"), (30, 75, "Adjuster:"), (200, 75, "Nora Wells")))
    assert found == {"claim_number": "CL-4471", "adjuster": "Nora Wells"}


def _entry(form: str, name: str, text: str, line: int = 0) -> Word:
    definition = form_named(form)
    fields = {each.name: each for each in definition.fields}
    table = definition.tables[0]
    fields |= {f"{table.name}_{each.name}": each for each in table.columns}
    field = fields[name]
    box = field.box or next(place for says, place in (field.choices or {}).items() if says == text)
    down = line * table.pitch
    return Word("X" if field.choices else text, Box(box.left, box.top + down, box.right, box.bottom + down))


def _claim(*entries: Word) -> Sheet:
    return Sheet(Page(1, WIDTH, HEIGHT, ()), [Entry(word) for word in entries])


CLAIM = (
    _entry("CMS-1500", "2_patient_name", "GONZALEZ, MARIA"),
    _entry("CMS-1500", "3_patient_birth_date", "07 19 1984"),
    _entry("CMS-1500", "3_patient_sex", "F"),
    _entry("CMS-1500", "24_line_from", "05 01 24"),
    _entry("CMS-1500", "24_line_cpt", "99214"),
    _entry("CMS-1500", "24_line_charges", "185.00"),
    _entry("CMS-1500", "24_line_charges", "42.50", line=1),
)


def test_a_form_of_fixed_layout_is_read_by_place() -> None:
    reading = read_form([_claim(*CLAIM, _entry("CMS-1500", "28_total_charge", "227.50"))], form_named("CMS-1500"))
    found = {each.name: each.text for each in reading.fields}
    assert found["2_patient_name"] == "GONZALEZ, MARIA"
    assert found["3_patient_sex"] == "F"
    assert (found["24_line1_cpt"], found["24_line2_charges"]) == ("99214", "42.50")
    assert reading.columns()["patient_birth_date"] == "1984-07-19"
    assert reading.columns()["billed_amount"] == "227.50"
    assert reading.discrepancies == ()


def test_amounts_that_do_not_add_up_are_said() -> None:
    reading = read_form([_claim(*CLAIM, _entry("CMS-1500", "28_total_charge", "300.00"))], form_named("CMS-1500"))
    assert reading.discrepancies == ("28_total_charge is 300.00, but 2 parts of it add up to 227.50 (page 1)",)


def test_a_page_askew_and_smaller_is_laid_over_the_layout() -> None:
    form = form_named("CMS-1500")
    scale, across, down = 0.9, 0.04, 0.03
    anchors = [
        (at[0] * scale * WIDTH + across * WIDTH, (at[1] * scale + down) * HEIGHT - 4, text)
        for text, at in (form.anchors or {}).items()
    ]
    field = next(each for each in form.fields if each.name == "26_patient_account")
    assert field.box is not None
    left, top = (field.box.left * scale + across) * WIDTH, (field.box.top * scale + down) * HEIGHT
    found = _values(sheet_of(*anchors, (left + 4, top + 3, "MG-20418")), form="CMS-1500")
    assert found["26_patient_account"] == "MG-20418"


def test_a_mark_that_ocr_missed_is_told_by_its_ink() -> None:
    form = form_named("CMS-1500")
    choices = next(each.choices for each in form.fields if each.name == "10a_employment") or {}
    sheet = Sheet(
        Page(1, WIDTH, HEIGHT, (), is_scan=True),
        (Entry(_entry("CMS-1500", "2_patient_name", "ROE, JANE")),),
        darkness=lambda box: (
            0.4 if abs(box.left - choices["NO"].left) < 0.001 and abs(box.top - choices["NO"].top) < 0.001 else 0.02
        ),
    )
    assert _values(sheet, form="CMS-1500")["10a_employment"] == "NO"


def test_printed_words_of_an_interactive_form_are_no_values() -> None:
    entry = Word("Lena Okafor", Box(0.1, 0.12, 0.4, 0.135))
    sheet = sheet_of((60, 84, "Your first name and middle initial"), (300, 84, "Last name"), entries=[entry])
    assert _values(sheet, form="1040") == {"first_name": "Lena Okafor"}


def test_columns_that_ocr_ran_together_come_apart() -> None:
    sheet = Sheet(Page(1, WIDTH, HEIGHT, words_at([(30, 60, "594.54E.Pennsboro")])))
    assert [span.text for span in sheet.words] == ["594.54", "E.Pennsboro"]


@pytest.mark.parametrize(
    ("text", "amount"),
    [("$1,234.50", "1234.50"), ("(12.00)", "-12.00"), ("538,83", "538.83"), ("1,753", "1753"), ("no", None)],
)
def test_amounts_are_read_as_they_are_written(text: str, amount: str | None) -> None:
    assert amount_of(text) == (Decimal(amount) if amount else None)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("03 01 2020", date(2020, 3, 1)),
        ("3/1/84", date(1984, 3, 1)),
        ("04012020", date(2020, 4, 1)),
        ("2024-05-06", date(2024, 5, 6)),
        ("May 6, 2024", date(2024, 5, 6)),
        ("13 60 20", None),
    ],
)
def test_days_are_read_month_first(text: str, day: date | None) -> None:
    assert date_of(text) == day


def test_a_value_of_a_kind_is_picked_out_of_other_words() -> None:
    line = [sheet_of((30, 60, word)).words[0] for word in ("15", "OH", "521-44-9012", "61,204.18")]
    picked = {kind: found.text for kind in (Kind.SSN, Kind.MONEY) if (found := find_value(kind, [line]))}
    assert picked == {Kind.SSN: "521-44-9012", Kind.MONEY: "61,204.18"}
    assert find_value(Kind.DATE, [line]) is None
    assert normal(Kind.SSN, "5 2 1 4 4 9 0 1 2") == "521-44-9012"
    assert not is_amount("1545")


PAPERS = {
    "an itemised statement": (
        """SUNRISE MEDICAL CENTER
400 Hospital Drive, Mesa AZ 85201            ITEMIZED PATIENT STATEMENT

Patient Name: Robert Hale          Account Number: 55-20913
Date of Birth: 04/12/1961          Statement Date: 03/15/2025
Insurance: Aetna PPO               Member ID: W882019231
Admission Date: 02/27/2025         Discharge Date: 03/01/2025

Date          Code     Description                     Qty     Amount
02/27/2025    99285    Emergency department visit      1       1,250.00
02/27/2025    71046    Chest x-ray, 2 views            1       310.00
02/28/2025    80053    Comprehensive metabolic panel   2       184.50

Total Charges                                                  1,744.50
Insurance Paid                                                 -1,200.00
Adjustments                                                    -144.50
Balance Due                                                    $400.00
""",
        "medical_bill",
        {
            "patient_name": "Robert Hale",
            "billed_amount": "1744.50",
            "balance_due": "400.00",
            "procedure_codes": "99285 71046 80053",
            "discharge_date": "2025-03-01",
        },
    ),
    "a loss notice": (
        """PROPERTY LOSS NOTICE
Policy Number: HO-4471-22          Claim Number: CL-2025-00891
Insured Name: Dana Whitfield       Date of Loss: 01/09/2025
Location of Loss: 88 Birch Court, Salem OR 97301
Type of Loss: Water damage
Description of Loss: Pipe burst in the upstairs bathroom and flooded two rooms.
Estimated Amount of Loss: $18,450.00
Deductible: $1,000
Adjuster: Karen Voss
Phone: (503) 555-0114
""",
        "insurance_claim",
        {
            "claim_id": "CL-2025-00891",
            "policy_number": "HO-4471-22",
            "incident_date": "2025-01-09",
            "loss_amount": "18450.00",
            "claim_type": "Water damage",
        },
    ),
    "an explanation of benefits": (
        """EXPLANATION OF BENEFITS   This is not a bill
Member Name: Ana Cruz         Member ID: ZX1188220
Claim Number: 20250311-77     Group Number: 8812
Provider: Lakeside Orthopedics   Patient: Ana Cruz

Date of Service   Description        Amount Billed   Plan Discount   Plan Paid   Your Responsibility
03/02/2025        Office visit       220.00          70.00           120.00      30.00
03/02/2025        X-ray knee         140.00          40.00           80.00       20.00
Total                                360.00          110.00          200.00      50.00
""",
        "insurance_claim",
        {"claimant_name": "Ana Cruz", "claim_id": "20250311-77", "claimed_amount": "360.00"},
    ),
    "a UB-04": (
        """UB-04 CMS-1450   APPROVED OMB NO. 0938-0997
3a PAT. CNTL #  PC-99120                 4 TYPE OF BILL
b. MED. REC. #  MR-4410                       0111
5 FED. TAX NO.        6 STATEMENT COVERS PERIOD
58-1122334               030125 030525
8 PATIENT NAME                9 PATIENT ADDRESS
  HALE, ROBERT                  12 Elm St, Mesa AZ 85201
10 BIRTHDATE     11 SEX     12 DATE
04121961          M          030125
42 REV. CD.  43 DESCRIPTION        44 HCPCS / RATE / HIPPS CODE   45 SERV. DATE   46 SERV. UNITS   47 TOTAL CHARGES
0120         ROOM-BOARD/SEMI                                      030125          4                4800.00
0300         LABORATORY            80053                          030225          2                184.50
0450         EMERG ROOM            99285                          030125          1                1250.00
TOTALS                                                                                             6234.50
50 PAYER NAME        56 NPI
AETNA PPO            1922334455
""",
        "medical_bill",
        {
            "patient_name": "HALE, ROBERT",
            "billed_amount": "6234.50",
            "patient_birth_date": "1961-04-12",
            "service_date": "2025-03-01",
            "payer": "AETNA PPO",
        },
    ),
}


@pytest.mark.parametrize("paper", PAPERS)
def test_bills_and_claims_fill_the_columns_of_their_dataset(paper: str) -> None:
    text, dataset, columns = PAPERS[paper]
    form = form_of(text)
    assert form is not None
    assert form.dataset == dataset
    reading = read_form([Sheet(page_of(text))], form.definition)
    assert columns.items() <= reading.columns().items()
    assert reading.discrepancies == ()


def test_lines_that_do_not_add_up_to_the_total_are_said_on_bills_too() -> None:
    text = PAPERS["an itemised statement"][0].replace("184.50", "284.50")
    form = form_of(text)
    assert form is not None
    (said,) = read_form([Sheet(page_of(text))], form.definition).discrepancies
    assert said == "total_charges is 1744.50, but 3 parts of it add up to 1844.50 (page 1)"
