"""Tables of people we never met are told apart by their headers and values."""

import csv
import io
from pathlib import Path

import polars as pl
import pytest

from preparation.catalog import Catalog
from preparation.classifying import classify_table
from preparation.extraction import RawTable
from preparation.forms import form_of
from preparation.matching import Matcher

CORPUS = Path(__file__).with_name("classification_corpus.txt")
SAMPLES = Path(__file__).resolve().parents[2] / "../shared/samples"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"the sample data is not at {SAMPLES}")


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher(Catalog())


def _frame(text: str) -> pl.DataFrame:
    delimiter = max(",;|\t", key=text.split("\n", 1)[0].count)
    names, *rows = csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=delimiter)
    unique = [name if name not in names[:place] else f"{name}_{place}" for place, name in enumerate(names)]
    filled = [[*row, *[None] * len(names)][: len(names)] for row in rows if row]
    return pl.DataFrame(filled, schema=dict.fromkeys(unique, pl.String), orient="row")


def _corpus() -> list[tuple[str, list[str], pl.DataFrame]]:
    """Blocks of ``# label,also name`` and a table below."""
    blocks = [block.split("\n", 1) for block in CORPUS.read_text(encoding="utf-8").strip().split("\n\n")]
    headed = [(head[2:].split(" ", 1), table) for head, table in blocks]
    return [(name, labels.split(","), _frame(table)) for (labels, name), table in headed]


def test_at_least_93_of_100_tables_of_the_corpus_are_right_and_no_plain_table_is_taken(matcher: Matcher) -> None:
    verdicts = [
        (name, labels, classify_table(RawTable(frame), matcher).classification) for name, labels, frame in _corpus()
    ]
    wrong = [(name, labels, found.dataset) for name, labels, found in verdicts if found.dataset not in labels]
    assert len(wrong) <= 0.07 * len(verdicts), wrong
    assert [each for each in wrong if each[1] == ["other"]] == []


@needs_samples
@pytest.mark.parametrize(("folder", "share"), [("wild", 0.95), ("timeseries", 1.0), ("social", 1.0), ("fraud", 1.0)])
def test_tables_of_the_samples_are_right(matcher: Matcher, folder: str, share: float) -> None:
    with (SAMPLES / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        entries = [row for row in csv.DictReader(file, delimiter="\t") if row["path"].startswith(f"{folder}/")]
    tables = [row for row in entries if row["path"].endswith(".csv")]
    right = 0
    for row in tables:
        frame = _frame((SAMPLES / row["path"]).read_text(encoding="utf-8-sig"))
        found = classify_table(RawTable(frame), matcher).classification.dataset
        right += found in (row["dataset"], *row["also"].split(","))
    assert right >= share * len(tables)


def test_the_reason_names_the_columns_that_told(matcher: Matcher) -> None:
    frame = pl.DataFrame({"src_ip": ["10.0.0.1"], "dst_ip": ["10.0.0.2"], "dport": ["443"], "proto": ["TCP"]})
    why = classify_table(RawTable(frame), matcher).classification.why
    assert "src_ip → source_ip" in why
    assert "dport → destination_port" in why


def test_a_near_miss_says_what_it_lacks(matcher: Matcher) -> None:
    frame = pl.DataFrame(
        {"policy_number": ["P1"], "premium": ["340"], "deductible": ["500"], "insured_name": ["A"], "insurer": ["B"]}
    )
    found = classify_table(RawTable(frame), matcher).classification
    assert found.dataset == "other"
    assert "insurance_claim, but it has none of claim_id" in found.why


@pytest.mark.parametrize(
    ("columns", "dataset"),
    [
        ({"column_1": ["1331901000.1", "1331901001.1"], "column_2": ["3.5", "3.6"]}, "sensor_reading"),
        ({"column_1": ["10.0.0.1", "10.0.0.2"], "column_2": ["8.8.8.8", "8.8.4.4"]}, "network_log"),
        (
            {
                "column_1": ["2031-02-03", "2031-02-04"],
                "column_2": ["03:38:15.7", "00:59:16.0"],
                "column_3": ["1", "2"],
            },
            "sensor_reading",
        ),
        (
            {"column_1": ["tcp", "udp"]} | {f"column_{number}": ["0", str(number)] for number in range(2, 14)},
            "network_log",
        ),
        (
            {
                "column_1": ["0", "0"],
                "column_2": [
                    "@switchfoot that is a bummer, you should have got David Carr",
                    "@kenichan I dived many times",
                ],
            },
            "social_post",
        ),
        ({"column_1": ["5.1", "4.9"], "column_2": ["3.5", "3.0"], "column_3": ["setosa", "setosa"]}, "other"),
    ],
)
def test_without_headers_the_values_tell(matcher: Matcher, columns: dict[str, list[str]], dataset: str) -> None:
    table = RawTable(pl.DataFrame(columns), has_header=False)
    assert classify_table(table, matcher).classification.dataset == dataset


def test_an_empty_table_is_other(matcher: Matcher) -> None:
    assert classify_table(RawTable(pl.DataFrame()), matcher).classification.dataset == "other"


FORMS = [
    (
        "Form W-2 Wage and Tax Statement 2023\na Employee's social security number 123-45-6789\n"
        "1 Wages, tips, other compensation 54000.00\n2 Federal income tax withheld 6200.00",
        ("tax_form", "W-2", 2023),
    ),
    (
        "2022 Form NJ-1040\nNew Jersey Division of Taxation\nResident Income Tax Return\nTax Year 2022",
        ("tax_form", "NJ-1040", 2022),
    ),
    (
        "SCHEDULE B (Form 1040)\nDepartment of the Treasury Internal Revenue Service\nOMB No. 1545-0074\n2021",
        ("tax_form", "1040 Schedule B", 2021),
    ),
    (
        "UB-04 CMS-1450\nPatient name Jane Roe\nTotal charges 4,310.00\nNational Uniform Billing Committee",
        ("medical_bill", "UB-04", None),
    ),
    (
        "ACORD 25 CERTIFICATE OF LIABILITY INSURANCE\nINSURER(S) AFFORDING COVERAGE",
        ("insurance_claim", "ACORD 25", None),
    ),
    (
        "AUTOMOBILE LOSS NOTICE\nPolicy number P-77\nDate of loss 02/03/2021\nClaimant A. Lee",
        ("insurance_claim", "", None),
    ),
]


@pytest.mark.parametrize(("text", "expected"), FORMS)
def test_forms_are_known_by_what_is_printed_on_them(text: str, expected: tuple[str, str, int | None]) -> None:
    form = form_of(text)
    assert form is not None
    found = (form.dataset, form.name, form.year if form.dataset == "tax_form" else None)
    assert found == expected


@pytest.mark.parametrize(
    "text",
    [
        "Abstract. We study how households answer changes in the income tax, using returns that the Internal "
        "Revenue Service gave to us for this paper.\nIntroduction. The tax year 2019 was unlike others because "
        "filing status was changed by law, and refunds were paid late to many of those who had asked for them.",
        "Dear Ms Roe, thank you for your letter about the tax return of last year; we shall answer it next week.",
        "INVOICE 4711\nBill to: Contoso\nTotal 310.00\nTax 12.00",
        "",
    ],
)
def test_papers_letters_and_invoices_are_no_forms(text: str) -> None:
    assert form_of(text) is None


TELLING = {
    "a reading a row, with what was measured and its unit": (
        "location,city,utc,local,parameter,value,unit,latitude,longitude\n"
        "Roof,Rome,2031-02-03T00:00:00Z,2031-02-03T01:00:00+01:00,pm25,18,ug/m3,28.59,77.18\n"
        "Roof,Rome,2031-02-03T01:00:00Z,2031-02-03T02:00:00+01:00,pm25,17,ug/m3,28.59,77.18\n",
        "sensor_reading",
    ),
    "a moment beside nothing but numbers, whatever their names": (
        "date,HA,HB,MA,MB,LA,LB,OX\n2031-02-03 00:00:00,5.8,2.0,1.5,0.4,4.2,1.3,30.5\n"
        "2031-02-03 01:00:00,5.6,2.1,1.4,0.5,4.1,1.4,27.7\n",
        "sensor_reading",
    ),
    "drugs that were claimed, as the authority abbreviates": (
        "PRSCRBR_NPI,Prscrbr_City,Prscrbr_Type,Gnrc_Name,Tot_Clms,Tot_Drug_Cst\n"
        "1003000001,Rome,Internal Medicine,Aspirin,13,101.5\n1003000002,Oslo,Surgery,Aspirin,20,90.7\n",
        "medical_bill",
    ),
    "prices that hospitals must publish": (
        "description,code|1,setting,standard_charge|gross,payer_name,plan_name,standard_charge|negotiated_dollar\n"
        "SCAN,70551,outpatient,3200.00,Acme,PPO,980.00\nCOUNT,85025,outpatient,120.00,Acme,PPO,12.00\n",
        "medical_bill",
    ),
    "the public codes of a tax authority": (
        "state,zipcode,agi_stub,N1,A00100,A00200,A00300\nAL,35004,1,530,3300,2500,11\nAL,35005,2,210,1300,1500,5\n",
        "tax_form",
    ),
    "medals": ("Name,Country,Medal,Time,Year\nAnn Lee,FR,GOLD,9.81,2031\nBo Roe,IT,SILVER,9.99,2031\n", "sports_event"),
    "acts of visitors": (
        "id,session,action,value,timestamp,userid,username\n1,S1,browse_categories,C1,2031/02/03 0:05:20,U1,Ann\n"
        "2,S1,view_product,P3,2031/02/03 0:05:40,U1,Ann\n",
        "clickstream",
    ),
    "trips are no series of one sensor": (
        "date,delay,distance,origin,destination\n2031-02-03 01:10,95,2399,AAA,BBB\n2031-02-03 06:55,-19,1797,CCC,DDD\n"
        "2031-02-03 07:00,3,933,EEE,FFF\n",
        "other",
    ),
    "a network of monitors of the air": (
        "date,aqs_site_id,poc,daily_mean_pm2_5_concentration,units,daily_aqi_value,state,site_latitude,site_longitude\n"
        "2/3/31,37-1,1,5.9,ug/m3,19,NC,36.03,-78.9\n2/9/31,37-1,1,10.4,ug/m3,34,NC,36.03,-78.9\n",
        "sensor_reading",
    ),
}


@pytest.mark.parametrize("name", TELLING)
def test_what_is_said_in_a_fields_own_words_is_recognised(matcher: Matcher, name: str) -> None:
    text, expected = TELLING[name]
    found = classify_table(RawTable(_frame(text)), matcher).classification
    assert found.dataset == expected, found.why


def test_what_lies_deep_within_records_tells_nothing_of_them(matcher: Matcher) -> None:
    deep = {f"style.{part}.line.fill.{name}": ["1", "2"] for part in ("left", "right") for name in ("r", "g", "w", "l")}
    named = {
        "shape.off.x": ["1", "2"],
        "shape.off.y": ["3", "4"],
        "shape.own.ref.type": ["a", "b"],
        "styleName": ["c", "d"],
    }
    frame = pl.DataFrame(deep | named | {f"style.part{number}.line.width.val": ["1", "2"] for number in range(9)})
    assert classify_table(RawTable(frame), matcher).classification.dataset == "other"


def test_what_lies_within_a_record_tells_of_it(matcher: Matcher) -> None:
    names = ("player.name", "team.name", "event.period", "event.minute", "pass.end_location", "shot.outcome.name")
    frame = pl.DataFrame({name: ["a", "b"] for name in names} | {"event.minute": [1, 2]})
    assert classify_table(RawTable(frame), matcher).classification.dataset == "sports_event"


def test_what_holds_many_fields_speaks_once(matcher: Matcher) -> None:
    fields = ("id", "name", "version", "description", "format", "creator", "upload_date", "licence", "url", "tag")
    frame = pl.DataFrame({f"data_set_description.{name}": ["a", "b"] for name in fields})
    assert classify_table(RawTable(frame), matcher).classification.dataset == "other"


def test_parameters_are_no_players(matcher: Matcher) -> None:
    names = ("P_1", "P_2", "r_1", "f_1", "l_1", "w_1", "var_1", "var_2")
    frame = pl.DataFrame({name: [0.25, 0.5, 0.75] for name in names})
    assert classify_table(RawTable(frame), matcher).classification.dataset == "other"
