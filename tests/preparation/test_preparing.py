"""One blob in, rows of datasets out: every record is a row or a rejection."""

import hashlib
import json
from pathlib import Path

import polars as pl
import pytest

from core.dataset import BLOB_COLUMN, ROW_COLUMN
from core.frames import prepared_schema
from core.prepared import Prepared
from preparation.catalog import Catalog
from preparation.preparing import prepare

SAMPLES = Path(__file__).resolve().parents[2] / "../shared/samples"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"the sample data is not at {SAMPLES}")


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog()


def _prepared(catalog: Catalog, file: Path, declared: str | None = None) -> Prepared:
    content = file.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    prepared = prepare(file, name="x", sha256=sha256, size=len(content), catalog=catalog, declared=declared)
    for table in prepared.tables:
        assert table.frame.schema == prepared_schema(catalog.dataset(table.dataset))
        assert table.frame[BLOB_COLUMN].unique().to_list() in ([sha256], [])
        assert table.frame[ROW_COLUMN].is_unique().all()
    assert len({table.dataset for table in prepared.tables}) == len(prepared.tables)
    return prepared


def _written(folder: Path, text: str) -> Path:
    file = folder / "blob"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_sensor_table_becomes_typed_rows_and_bad_rows_are_rejected(catalog: Catalog, tmp_path: Path) -> None:
    text = "Timestamp,Temp (°F),Humidity (%)\n" + "\n".join(
        f"2024-03-01 10:0{minute},{50 + minute},{humidity}" for minute, humidity in enumerate([40, 41, 999, 43])
    )
    prepared = _prepared(catalog, _written(tmp_path, text))
    (table,) = prepared.tables
    assert prepared.classification.dataset == table.dataset == "sensor_reading"
    assert table.frame["temperature"].to_list() == [10.0, 10.555555556, 11.666666667]
    assert table.frame[ROW_COLUMN].to_list() == [0, 1, 3]
    (rejection,) = table.rejections
    assert (rejection.row, table.rejected_rows) == (2, 1)
    assert json.loads(rejection.record)["Humidity (%)"] == "999"


def test_a_column_that_mostly_fails_its_check_is_rescued_and_no_row_is_lost(catalog: Catalog, tmp_path: Path) -> None:
    text = "timestamp,temperature,humidity\n2024-03-01 10:00,20,4000\n2024-03-01 10:01,21,4100\n"
    (table,) = _prepared(catalog, _written(tmp_path, text)).tables
    assert table.frame.height == 2
    assert table.frame["humidity"].null_count() == 2
    assert json.loads(table.frame["_rescued"][0]) == {"humidity": "4000"}


def test_a_date_and_a_time_column_become_one_moment(catalog: Catalog, tmp_path: Path) -> None:
    text = "Date;Time;Voltage;Global_intensity\n16/12/2006;17:24:00;234.8;18.4\n16/12/2006;17:25:00;233.6;23.0\n"
    (table,) = _prepared(catalog, _written(tmp_path, text)).tables
    assert table.frame["time"].dt.to_string("%Y-%m-%d %H:%M").to_list() == ["2006-12-16 17:24", "2006-12-16 17:25"]


def test_a_table_of_no_dataset_is_kept_whole(catalog: Catalog, tmp_path: Path) -> None:
    prepared = _prepared(catalog, _written(tmp_path, "species,island\nAdelie,Torgersen\nGentoo,Biscoe\n"))
    (table,) = prepared.tables
    assert table.dataset == "other"
    assert [json.loads(each) for each in table.frame["record"]][1] == {"species": "Gentoo", "island": "Biscoe"}
    assert table.frame["text"][0] == "Adelie Torgersen"


def test_what_a_person_declares_wins_over_the_guess(catalog: Catalog, tmp_path: Path) -> None:
    file = _written(tmp_path, "when,who\n2024-01-02,Ann\n2024-01-03,Bo\n")
    assert _prepared(catalog, file).classification.dataset == "other"
    prepared = _prepared(catalog, file, "sensor_reading")
    assert prepared.classification.dataset == "sensor_reading"
    assert prepared.tables[0].frame.height == 2
    assert _prepared(catalog, file, "document").tables[0].dataset == "document"


def test_a_declared_dataset_that_refuses_every_row_is_a_fault_with_the_reasons(
    catalog: Catalog, tmp_path: Path
) -> None:
    prepared = _prepared(catalog, _written(tmp_path, "temperature,humidity\n20,999\n21,998\n"), "sensor_reading")
    assert prepared.tables == ()
    assert prepared.fault is not None
    assert "All 2 records were refused by sensor_reading" in prepared.fault.reason
    assert "humidity is 999.0" in prepared.fault.reason


def test_a_declared_dataset_that_does_not_exist_is_a_fault(catalog: Catalog, tmp_path: Path) -> None:
    prepared = _prepared(catalog, _written(tmp_path, "a,b\n1,2\n"), "parcels")
    assert prepared.fault is not None
    assert "sensor_reading" in prepared.fault.fix


def test_an_empty_file_is_an_empty_document(catalog: Catalog, tmp_path: Path) -> None:
    prepared = _prepared(catalog, _written(tmp_path, ""))
    assert prepared.classification.dataset == "document"
    assert prepared.fault is None
    assert prepared.note == "The file is empty."


def test_prose_is_a_document_with_its_text_and_language(catalog: Catalog, tmp_path: Path) -> None:
    prose = (
        "The bridge was closed on Monday because of the storm.\n\nIt will be opened again when the wind goes down.\n"
    )
    prepared = _prepared(catalog, _written(tmp_path, prose))
    (table,) = prepared.tables
    assert table.dataset == prepared.classification.dataset == "document"
    assert "opened again" in table.frame["text"][0]
    assert table.frame["language"][0] == prepared.language == "en"


def test_posts_in_english_are_given_a_sentiment(catalog: Catalog, tmp_path: Path) -> None:
    text = "username,post_text,likes\nann,I love this wonderful day so much,4\nbo,This is a horrible awful failure,1\n"
    (table,) = _prepared(catalog, _written(tmp_path, text)).tables
    happy, angry = table.frame["sentiment_score"].to_list()
    assert happy > 0.5
    assert angry < -0.5


def test_a_tax_form_in_text_is_a_tax_form_and_a_document(catalog: Catalog, tmp_path: Path) -> None:
    text = (
        "Form W-2 Wage and Tax Statement\nTax Year: 2023\nEmployer EIN 12-3456789\n"
        "Federal income tax withheld 6200.00\nSocial security wages 54000.00\n"
    )
    prepared = _prepared(catalog, _written(tmp_path, text))
    assert prepared.classification.dataset == "tax_form"
    assert [table.dataset for table in prepared.tables] == ["tax_form", "document", "form_field"]
    assert prepared.tables[0].frame.row(0, named=True)["form_type"] == "W-2"
    assert prepared.tables[0].frame.row(0, named=True)["tax_year"] == 2023


def test_records_in_json_are_matched_like_any_table(catalog: Catalog, tmp_path: Path) -> None:
    events = [
        {"id": 1, "match_id": 7, "minute": 3, "team": {"name": "Reds"}, "player": {"name": "Ann"}, "type": "Pass"},
        {"id": 2, "match_id": 7, "minute": 4, "team": {"name": "Blues"}, "player": {"name": "Bea"}, "type": "Shot"},
    ]
    (table,) = _prepared(catalog, _written(tmp_path, json.dumps(events))).tables
    assert table.dataset == "sports_event"
    assert table.frame["player"].to_list() == ["Ann", "Bea"]
    assert table.frame["match_id"].to_list() == ["7", "7"]


def test_money_never_passes_through_a_double(catalog: Catalog, tmp_path: Path) -> None:
    text = 'claim_id,claim_amount,claim_status\n1,"$12,345,678,901.1234",open\n2,0.1,closed\n'
    (table,) = _prepared(catalog, _written(tmp_path, text)).tables
    assert table.frame["claimed_amount"].cast(pl.String).to_list() == ["12345678901.1234", "0.1000"]


@needs_samples
@pytest.mark.parametrize(
    "path",
    ["wild/insurance_claim__5.csv", "wild/social_post__4.csv", "wild/tax_form__4.csv", "fraud/insurance_claims.csv"],
)
def test_rows_and_rejected_rows_are_the_records_of_the_file(catalog: Catalog, path: str) -> None:
    import csv

    with (SAMPLES / path).open(encoding="utf-8-sig", newline="") as file:
        records = sum(bool(row) for row in csv.reader(file)) - 1
    prepared = _prepared(catalog, SAMPLES / path)
    assert sum(table.frame.height + table.rejected_rows for table in prepared.tables) == records


@needs_samples
def test_samples_of_every_kind_are_told_by_their_content_alone(catalog: Catalog) -> None:
    kinds = {
        "wild/clickstream__2.csv": "clickstream",
        "wild/clickstream__5.log": "clickstream",
        "logs/OpenSSH_2k.log": "network_log",
        "sports/statsbomb_3788741_lineup.json": "sports_event",
        "sports/sportec_events.xml": "sports_event",
        "forms/ustaxes__2021_f8889.pdf": "tax_form",
        "documents/docling/audio__sample_10s.mp3": "audio",
        "documents/tiny/png-transparent.png": "image",
    }
    found = {path: _prepared(catalog, SAMPLES / path).classification.dataset for path in kinds}
    assert found == kinds


@pytest.mark.parametrize(
    ("text", "dataset", "expected"),
    [
        (
            "claim_id,policy_number,claim_amount,claim_date,claim_status\n1,P1,100,2024-03-01,open\n2,P2,50,,closed\n",
            "insurance_claim",
            ["2024-03-01", None],
        ),
        (
            "Bill ID,Patient ID,Date of Admission,Bill Date,Procedure,Billed Amount\n"
            "1,P1,2024-01-02,2024-02-01,MRI,100\n2,P2,,2024-02-02,CT,50\n",
            "medical_bill",
            ["2024-01-02", "2024-02-02"],
        ),
        (
            "date,home_team,away_team,home_score,away_score\n2024-03-01,Reds,Blues,1,0\n2024-03-08,Blues,Reds,2,2\n",
            "sports_event",
            ["2024-03-01 00:00:00", "2024-03-08 00:00:00"],
        ),
        (
            "Match Date,Kickoff Time,Home Team,Away Team,Home Goals,Away Goals\n"
            "01/03/2024,8:05 PM,Reds,Blues,1,0\n15/03/2024,9:00 AM,Blues,Reds,2,2\n",
            "sports_event",
            ["2024-03-01 20:05:00", "2024-03-15 09:00:00"],
        ),
        (
            "Year,Month,Day,Src IP,Dst IP,Dst Port,Protocol\n2024,3,1,10.0.0.1,10.0.0.2,443,TCP\n"
            "2024,3,2,10.0.0.3,10.0.0.2,22,TCP\n",
            "network_log",
            ["2024-03-01 00:00:00", "2024-03-02 00:00:00"],
        ),
    ],
)
def test_every_row_with_a_sensible_date_has_an_event_time(
    catalog: Catalog, tmp_path: Path, text: str, dataset: str, expected: list[str | None]
) -> None:
    (table,) = _prepared(catalog, _written(tmp_path, text)).tables
    assert table.dataset == dataset
    event_time = catalog.dataset(dataset).event_time
    assert event_time is not None
    shown = [str(value).removesuffix("+00:00") if value else None for value in table.frame[event_time].to_list()]
    assert shown == expected


def test_a_time_of_day_without_any_date_is_kept_aside(catalog: Catalog, tmp_path: Path) -> None:
    text = (
        "time,src,dst,protocol,dport\n15:43:48,172.18.209.21,104.18.39.21,TCP,443\n15:43:49,10.0.0.1,10.0.0.2,TCP,22\n"
    )
    (table,) = _prepared(catalog, _written(tmp_path, text)).tables
    assert table.frame["time"].null_count() == 2
    assert json.loads(table.frame["_rescued"][0]) == {"time": "15:43:48"}


def test_a_date_of_birth_is_no_event_time(catalog: Catalog, tmp_path: Path) -> None:
    text = "claim_id,policy_number,claim_amount,DOB,claim_status\n1,P1,100,1980-03-01,open\n2,P2,50,1991-01-01,closed\n"
    (table,) = _prepared(catalog, _written(tmp_path, text)).tables
    assert table.dataset == "insurance_claim"
    assert table.frame["incident_date"].null_count() == 2


@pytest.mark.parametrize(
    "value",
    [
        {"Statement": [{"Sid": "A", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}] * 2},
        [{"path": "/a", "method": "GET", "action": "list"}, {"path": "/b", "method": "POST", "action": "add"}],
        {"configurations": [{"type": "node", "request": "launch", "program": "a"}, {"type": "node", "port": 9229}]},
        1,
        "hello",
        None,
    ],
)
def test_policies_settings_and_single_values_in_json_are_other(catalog: Catalog, tmp_path: Path, value: object) -> None:
    prepared = _prepared(catalog, _written(tmp_path, json.dumps(value)))
    assert (prepared.media_type, prepared.classification.dataset) == ("application/json", "other")


_PARAGRAPH = {"type": "paragraph", "content": [{"type": "text", "text": "The bridge "}, {"type": "text", "text": "is"}]}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"v": 1, "doc": {"type": "doc", "content": [_PARAGRAPH, _PARAGRAPH]}}, "The bridge is\nThe bridge is"),
        ([{"type": "p", "children": [{"text": "The bridge"}]}, {"type": "hr", "children": []}], "The bridge"),
        ({"root": {"type": "root", "children": [{"type": "p", "children": [{"type": "text", "text": "A"}]}]}}, "A"),
        ({"ops": [{"insert": "The "}, {"insert": "bridge\n"}]}, "The bridge"),
        ({"blocks": [{"type": "list", "data": {"items": ["<b>One</b>", {"content": "Two"}]}}]}, "One\nTwo"),
    ],
)
def test_rich_text_in_json_is_a_document_with_its_text(
    catalog: Catalog, tmp_path: Path, value: object, text: str
) -> None:
    prepared = _prepared(catalog, _written(tmp_path, json.dumps(value)))
    assert (prepared.classification.dataset, prepared.text) == ("document", text)


def test_tables_of_a_wiki_are_a_document(catalog: Catalog, tmp_path: Path) -> None:
    text = "Costs:\n\n|| Item || Price ||\n| Ropes | 12 |\n\nMore:\n\n|| Item || Price ||\n| Sails | 9 |\n"
    assert _prepared(catalog, _written(tmp_path, text)).classification.dataset == "document"


def test_what_a_name_calls_personal_stays_out_of_the_text_of_other_records(catalog: Catalog, tmp_path: Path) -> None:
    text = "species,owner phone,ssn\nAdelie,5551234567,123456789\nGentoo,5551234568,123456780\n"
    (table,) = _prepared(catalog, _written(tmp_path, text)).tables
    assert (table.dataset, table.frame["text"][0]) == ("other", "Adelie")
    assert json.loads(table.frame["record"][0])["ssn"] == "123456789"
