"""X12: what is sound goes on, what is faulty is named with its segment and position."""

import time
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from reader_kit import sample, source

from preparation.extraction import Extraction
from preparation.readers import x12

FAULTY = {
    "bad_first_line": "ISA at segment 1, element 02",
    "bad_valid_code": "NM1 at segment 9, element 01",
    "loop_errors1_exceeds_max_1_parent": "NM1 at segment 15",
    "loop_errors3_missing_loops": "HL at segment 8",
    "missing_elements": "NM1 at segment 7, element 02",
    "missing_required_loops_mult_repeats": "SV1 at segment 33",
    "no_isa_line": "GS at segment 1",
    "segments_out_of_order": "N4 at segment 12",
}
SOUND = {
    "imsweb/837_5010__x12_valid_different_separators.txt": ("medical_bill", 2),
    "imsweb/837_5010__x12_multiple_isa.txt": ("medical_bill", 4),
    "imsweb/837_5010__x12_multiple_transactions.txt": ("medical_bill", 624),
    "imsweb/277_5010__x12_277CA_accepted.txt": ("insurance_claim", 1),
    "imsweb/277_5010__x12_277_x212.txt": ("insurance_claim", 8),
    "imsweb/837_5010__x12_999_rejected.txt": ("other", 1),
    "imsweb/x270_271__x271.txt": ("other", 1),
    "pyx12/834_deident_family.txt": ("other", 3),
    "pyx12/834_deident_term.txt": ("other", 2),
    "pyx12/834_ls_le_ls_5010.999.txt": ("other", 1),
    "pyx12/835_mult_loops.txt": ("insurance_claim", 1),
}
CLAIM = (
    "CLM*{id}*{billed}***11:B:1*Y*A*Y*I*P~HI*ABK:J45909~LX*1~SV1*HC:99213*100*UN*1***1~DTP*472*D8*20240104~"
    "LX*2~SV1*HC:85025*50.5*UN*1***1~DTP*472*D8*20240105~"
)
HEAD = (
    "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *240105*1253*^*00501*000000905*0*T*:~"
    "GS*HC*SENDER*RECEIVER*20240105*0802*1*X*005010X222A1~ST*837*0001*005010X222A1~BHT*0019*00*0123*20240105*0932*CH~"
    "NM1*41*2*SUBMITTER*****46*999999999~PER*IC*JANE ROE*TE*3016809770~NM1*40*2*RECEIVER*****46*111222333~HL*1**20*1~"
    "NM1*85*2*MEDICAL GROUP*****XX*1234567893~N3*1 MAIN ST~N4*LYNN*MA*01902~REF*EI*123456789~HL*2*1*22*0~"
    "SBR*P*18*******CI~NM1*IL*1*DOE*JANE*Q***MI*123456~N3*2 SIDE ST~N4*LYNN*MA*01902~DMG*D8*19700102*F~"
    "NM1*PR*2*BLUE CROSS*****PI*11122333~"
)


def interchange(*claims: str) -> str:
    body = HEAD + "".join(claims)
    count = body.count("~") - 2 + 1
    return f"{body}SE*{count}*0001~GE*1*1~IEA*1*000000905~"


def claim(identifier: str = "A1", billed: str = "150.5") -> str:
    return CLAIM.format(id=identifier, billed=billed)


def rows(extraction: Extraction) -> pl.DataFrame:
    return extraction.tables[0].frame


@pytest.mark.parametrize("name", FAULTY)
def test_a_faulty_interchange_is_named_faulty_with_segment_and_position(name: str) -> None:
    extraction = x12.read(sample(f"edi/imsweb/837_5010__x12_{name}.txt"))

    said = extraction.fault.reason if extraction.fault else extraction.note
    assert said is not None
    assert FAULTY[name] in said
    assert extraction.tables[0].dataset == "medical_bill"


@pytest.mark.parametrize("path", SOUND)
def test_a_sound_interchange_gives_no_fault_and_all_its_rows(path: str) -> None:
    extraction = x12.read(sample(f"edi/{path}"))

    assert extraction.fault is None
    assert extraction.metadata["faults"] == 0
    assert [(table.dataset, table.frame.height, table.rejected_rows) for table in extraction.tables] == [
        (*SOUND[path], 0)
    ]


def test_a_claim_gives_patient_provider_payer_codes_and_exact_money(tmp_path: Path) -> None:
    extraction = x12.read(source(tmp_path, interchange(claim())))

    assert extraction.fault is None
    assert extraction.note is None
    assert rows(extraction).drop("service_lines", "claim_type", "patient_address", "patient_state").to_dicts() == [
        {
            "claim_id": "A1",
            "provider": "MEDICAL GROUP",
            "provider_npi": "1234567893",
            "patient_name": "JANE Q DOE",
            "member_id": "123456",
            "patient_birth_date": "1970-01-02",
            "patient_sex": "female",
            "payer": "BLUE CROSS",
            "billed_amount": "150.50",
            "place_of_service": "11",
            "diagnosis_codes": "J45909",
            "procedure_codes": "99213, 85025",
            "revenue_code": None,
            "service_date": "2024-01-04",
            "service_end_date": "2024-01-05",
        }
    ]


def test_a_faulty_claim_is_rejected_and_the_sound_one_beside_it_goes_on(tmp_path: Path) -> None:
    faulty = claim("B2").replace("LX*2~", "")

    table = x12.read(source(tmp_path, interchange(claim("A1"), faulty, claim("C3")))).tables[0]

    assert table.frame["claim_id"].to_list() == ["A1", "C3"]
    assert table.positions is not None
    assert table.positions.to_list() == [0, 2]
    assert [(rejection.row, rejection.reason.split(":")[0]) for rejection in table.rejections] == [(1, "Claim b2")]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("CLM*A1*150.5*", "CLM*A1*15O.5*", "CLM at segment 20, element 02: '15O.5' is no decimal number"),
        ("DTP*472*D8*20240104", "DTP*472*D8*20240231", "DTP at segment 24, element 03"),
        ("LX*1~", "QQ9*1~", "QQ9 at segment 22: the segment identifier is not known"),
        ("DMG*D8*19700102*F", "DMG*D8*19700102*X", "DMG at segment 18, element 03"),
        ("REF*EI*123456789~", "", "the required segment REF"),
        ("SE*", "SE1*", "has no SE before it"),
        ("*0001~GE", "*0002~GE", "SE at segment 28, element 02: control number '0002' is not '0001'"),
    ],
)
def test_each_kind_of_fault_refuses_the_claim_and_says_where(tmp_path: Path, old: str, new: str, expected: str) -> None:
    text = interchange(claim()).replace(old, new)

    extraction = x12.read(source(tmp_path, text))

    assert extraction.fault is not None
    assert expected in extraction.fault.reason
    assert extraction.tables[0].rejected_rows == 1


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("GS*HC*SENDER*RECEIVER*20240105*0802*1*X*005010X222A1~", "", "ST at segment 2: the transaction set is in no"),
        ("ST*837*0001*005010X222A1~", "", "BHT at segment 3: it stands outside of any transaction set"),
        ("SE*26*0001~", "", "GE at segment 28: the transaction set that begins at segment 3 has no SE"),
    ],
)
def test_a_set_whose_envelope_is_torn_is_refused(tmp_path: Path, old: str, new: str, expected: str) -> None:
    text = interchange(claim())
    assert old in text

    extraction = x12.read(source(tmp_path, text.replace(old, new)))

    assert extraction.fault is not None
    assert expected in extraction.fault.reason
    assert [(table.dataset, table.rejected_rows) for table in extraction.tables] == [("medical_bill", 1)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("GE*1*1~", "", "IEA at segment 29: the functional group that begins at segment 2 has no GE"),
        ("IEA*1*000000905~", "", "GE at segment 29: the interchange ends here without its IEA"),
        ("GE*1*1~", "GE*3*1~", "GE at segment 29, element 01: says '3', but 1 are there"),
        ("SE*26*", "SE*30*", "SE at segment 28, element 01: says '30' segments, but 26 are there"),
        ("IEA*1*000000905", "IEA*1*000000906", "IEA at segment 30, element 02: control number '000000906'"),
    ],
)
def test_wrong_counts_around_sound_claims_are_noted(tmp_path: Path, old: str, new: str, expected: str) -> None:
    extraction = x12.read(source(tmp_path, interchange(claim()).replace(old, new)))

    assert extraction.fault is None
    assert rows(extraction).height == 1
    assert expected in (extraction.note or "")


def test_the_opener_of_a_loop_twice_in_a_row_is_a_loop_too_many(tmp_path: Path) -> None:
    name = "NM1*85*2*MEDICAL GROUP*****XX*1234567893~"

    fault = x12.read(source(tmp_path, interchange(claim()).replace(name, name * 2))).fault

    assert fault is not None
    assert "NM1 at segment 10: the loop 2010AA (Billing Provider Name) occurs more than 1 times." in fault.reason


def test_an_interchange_without_its_isa_does_not_hide_behind_the_next(tmp_path: Path) -> None:
    whole = interchange(claim())
    torn = whole[whole.index("GS*") :]

    before = x12.read(source(tmp_path, torn + whole))
    after = x12.read(source(tmp_path, whole + torn))

    assert "GS at segment 1: it stands before the first ISA" in (before.note or "")
    assert "it comes after the IEA" in (after.note or "")
    for extraction in (before, after):
        assert (rows(extraction).height, extraction.tables[0].rejected_rows) == (1, 1)


def test_institutional_and_dental_claims_give_their_own_columns(tmp_path: Path) -> None:
    institutional = (
        "CLM*I1*1000***11:A:1**A*Y*Y~DTP*434*RD8*20240101-20240105~DTP*435*DT*202401010930~CL1*1*7*01~HI*ABK:J189~"
        "HI*BBR:0DTJ4ZZ:D8:20240102~LX*1~SV2*0120**600*DA*3~DTP*472*D8*20240101~LX*2~SV2*0300*HC:80053*400*UN*1~"
    )
    dental = "CLM*D1*200***11:B:1*Y*A*Y*Y~DTP*472*D8*20240105~LX*1~SV3*AD:D1110*200****1~TOO*JP*3~"
    found = {}
    for guide, body in (("005010X223A2", institutional), ("005010X224A2", dental)):
        extraction = x12.read(source(tmp_path, interchange(body).replace("005010X222A1", guide)))
        assert extraction.metadata["faults"] == 0
        found[guide] = rows(extraction).row(0, named=True)

    assert found["005010X223A2"]["revenue_code"] == "0120, 0300"
    assert found["005010X223A2"]["procedure_codes"] == "0DTJ4ZZ, 80053"
    assert found["005010X223A2"]["admission_date"] == "2024-01-01"
    assert found["005010X224A2"]["procedure_codes"] == "D1110"
    assert [row["claim_type"] for row in found.values()] == ["institutional", "dental"]


def test_lines_that_do_not_add_up_to_the_claim_are_noted(tmp_path: Path) -> None:
    extraction = x12.read(source(tmp_path, interchange(claim(billed="151"))))

    assert extraction.note == "Claim A1 at segment 20 bills 151.00, but its 2 service lines add up to 150.50."


@pytest.mark.parametrize("separators", ["|>\n", "\x1d\x1f\x1c", "*:~\r\n", "+;'\n\n"])
def test_any_delimiters_and_line_ends_give_the_same_rows(tmp_path: Path, separators: str) -> None:
    text = interchange(claim("A1"), claim("B2"))
    expected = rows(x12.read(source(tmp_path, text)))
    changed = text.translate({ord("*"): separators[0], ord(":"): separators[1], ord("~"): separators[2:]})

    assert rows(x12.read(source(tmp_path, changed))).equals(expected)


def test_the_claims_and_payments_of_a_remittance_add_up() -> None:
    extraction = x12.read(sample("edi/pyx12/835_mult_loops.txt"))

    row = rows(extraction).row(0, named=True)
    assert Decimal(row["claimed_amount"]) - Decimal(row["adjustments"]) == Decimal(row["paid_amount"]) == 0
    assert row["adjustment_reasons"] == "CO-16, OA-A7"
    assert row["claim_status"] == "denied"
    assert extraction.note is None


def test_a_remittance_that_does_not_balance_is_noted(tmp_path: Path) -> None:
    text = (
        sample("edi/pyx12/835_mult_loops.txt")
        .path.read_text()
        .replace("BPR*H*0*", "BPR*H*10*")
        .replace("127.8~", "27.8~")
    )

    note = x12.read(source(tmp_path, text)).note

    assert note is not None
    assert "charge 915.39 less adjustments 815.39 is not the 0.00 paid" in note
    assert "pays 10.00 (BPR02)" in note


def test_fifty_thousand_segments_take_less_than_ten_seconds(tmp_path: Path) -> None:
    given = source(tmp_path, interchange(*(claim(f"A{number}") for number in range(100))) * 62)
    started = time.process_time()

    extraction = x12.read(given)

    assert time.process_time() - started < 10
    assert rows(extraction).height == 6_200


@pytest.mark.parametrize(
    "text", ["", "ISA", "ISA*", "ISA*00*", "\x00" * 200, "ISA*" * 1000, HEAD, "GS*HC~ST*835*1~SE*1*1~"]
)
def test_broken_beginnings_are_faults_and_never_raise(tmp_path: Path, text: str) -> None:
    assert x12.read(source(tmp_path, text)).fault is not None
