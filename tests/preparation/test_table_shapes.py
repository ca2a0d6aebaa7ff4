"""Tables as people make them: two header rows, totals below, a column a sensor, exports of programs."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from core.prepared import Prepared
from preparation.catalog import Catalog
from preparation.preparing import prepare


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog()


def prepared(tmp_path: Path, catalog: Catalog, *lines: str) -> Prepared:
    path = tmp_path / "0123456789abcdef"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return prepare(path, name=path.name, sha256="0" * 64, size=path.stat().st_size, catalog=catalog)


def column(of: Prepared, name: str) -> list[object]:
    return of.tables[0].frame.get_column(name).to_list()


def test_two_header_rows_are_one_header(tmp_path: Path, catalog: Catalog) -> None:
    found = prepared(
        tmp_path,
        catalog,
        ",,Temperature,,Pressure",
        "Time,Sensor,Min,Max,",
        "2026-03-01 10:00,S1,18.0,21.5,1013",
        "2026-03-01 10:05,S2,18.1,21.6,1012",
    )
    assert found.classification.dataset == "sensor_reading"
    assert column(found, "temperature_min") == [18.0, 18.1]
    assert column(found, "temperature_max") == [21.5, 21.6]
    assert column(found, "pressure") == [1013.0, 1012.0]
    assert column(found, "_row") == [0, 1]


def test_totals_and_footers_are_rejected_with_the_reason(tmp_path: Path, catalog: Catalog) -> None:
    found = prepared(
        tmp_path,
        catalog,
        "Claim report",
        "",
        "Claim Number,Policy Number,Loss Date,Claim Amount,Deductible,Status",
        "C1,P1,13/02/2026,1200.50,500,Open",
        "C2,P2,01/02/2026,80,20,Closed",
        "Total,,,1280.50,520,",
        "2 records,,,,,",
    )
    (table,) = found.tables
    assert (table.dataset, table.frame.height, table.rejected_rows) == ("insurance_claim", 2, 2)
    assert [each.row for each in table.rejections] == [2, 3]
    assert table.rejections[0].reason == "It is a total or a footer of the rows above, no record."
    assert column(found, "incident_date") == [datetime(2026, 2, 13).date(), datetime(2026, 2, 1).date()]  # noqa: DTZ001


def test_a_last_row_of_nothing_but_sums_is_a_total_though_it_says_nothing(tmp_path: Path, catalog: Catalog) -> None:
    head = "Claim Number;Policy Number;Loss Date;Claim Amount;Deductible;Status"
    rows = "C1;P1;13/02/2026;1.234,50 €;500,00 €;Open", "C2;P2;01/02/2026;12.000,00 €;n/a;Closed"
    totalled = prepared(tmp_path, catalog, head, *rows, ";;;13.234,50 €;500,00 €;").tables[0]
    partial = prepared(tmp_path, catalog, head, *rows, ";;;99,00 €;;").tables[0]
    assert (totalled.frame.height, totalled.rejected_rows) == (2, 1)
    assert (partial.frame.height, partial.rejected_rows) == (3, 0)


@pytest.mark.parametrize("names", ["sensor_1,sensor_2,sensor_3", "TI-101,TI-102,PT-201", "s1,s2,s3"])
def test_a_column_a_sensor_becomes_a_row_a_reading(tmp_path: Path, catalog: Catalog, names: str) -> None:
    rows = [f"2026-03-01 10:{at:02d},{at}.5,,{at}" for at in range(30)]
    rows[3] = "2026-03-01 10:03,3.5,7,3"
    found = prepared(tmp_path, catalog, f"timestamp,{names}", *rows)
    first, second, third = names.split(",")
    assert found.classification.dataset == "sensor_reading"
    assert column(found, "sensor_id")[:2] == [first, third]
    assert column(found, "value")[:2] == [0.5, 0.0]
    assert column(found, "sensor_id").count(second) == 1
    assert len(set(column(found, "_row"))) == len(column(found, "_row")) == 61
    assert column(found, "time")[0] == datetime(2026, 3, 1, 10, 0, tzinfo=UTC)


def test_columns_of_measures_stay_side_by_side(tmp_path: Path, catalog: Catalog) -> None:
    found = prepared(tmp_path, catalog, "time,PM10,NO2,CO2", *(f"2026-03-01 10:{at:02d},1,2,3" for at in range(30)))
    assert found.tables[0].frame.height == 30
    assert set(column(found, "no2")) == {2.0}


def test_a_date_beside_hours_and_minutes_run_together_is_one_moment(tmp_path: Path, catalog: Catalog) -> None:
    found = prepared(
        tmp_path,
        catalog,
        "date,time,sensor,value",
        *("2026-03-01,5,S1,1", "2026-03-01,930,S1,1.5", "2026-03-01,1405,S1,1.6"),
    )
    assert [each.strftime("%H:%M") for each in column(found, "time")] == ["00:05", "09:30", "14:05"]  # type: ignore[attr-defined]


def test_the_line_of_types_of_a_water_gauge_is_no_record(tmp_path: Path, catalog: Catalog) -> None:
    found = prepared(
        tmp_path,
        catalog,
        "# U.S. Geological Survey",
        "#",
        "agency_cd\tsite_no\tdatetime\ttz_cd\t69929_00065\t69929_00065_cd",
        "5s\t15s\t20d\t6s\t14n\t10s",
        "USGS\t01646500\t2026-03-01 00:00\tEST\t4.52\tP",
        "USGS\t01646500\t2026-03-01 00:15\tEST\t4.51\tP",
    )
    assert found.classification.dataset == "sensor_reading"
    assert column(found, "sensor_id") == ["01646500"] * 2
    assert column(found, "water_level") == [pytest.approx(1.377696), pytest.approx(1.374648)]


@pytest.mark.parametrize(
    ("lines", "dataset", "told"),
    [
        (
            (
                '{"messages":[{"id":1,"date_unixtime":"1767261600","from":"Alice","from_id":"u1","text":"hello"},',
                '{"id":2,"date_unixtime":"1767261660","from":"Bob","from_id":"u2","text":"hi"}]}',
            ),
            "social_post",
            {"author": "Alice", "text": "hello"},
        ),
        (
            ("AuthorID,Author,Date,Content,Attachments,Reactions", '1,alice,2026-01-01T10:00:00+00:00,"hi all",,'),
            "social_post",
            {"author": "alice", "text": "hi all"},
        ),
        (
            (
                "#separator \\x09",
                "#path\tcapture_loss",
                "#fields\tts\tts_delta\tpeer\tgaps\tacks\tpercent_lost",
                "1767225600.1\t900.0\tbro\t0\t123\t0.0",
                "1767226500.1\t900.0\tbro\t1\t12\t8.1",
            ),
            "network_log",
            {"host": "bro", "duration": 900.0},
        ),
    ],
)
def test_exports_of_known_programs_are_known_by_their_headers(
    tmp_path: Path, catalog: Catalog, lines: tuple[str, ...], dataset: str, told: dict[str, object]
) -> None:
    found = prepared(tmp_path, catalog, *lines)
    assert found.classification.dataset == dataset
    assert found.classification.why.startswith("an export of ")
    row = found.tables[0].frame.row(0, named=True)
    assert {name: row[name] for name in told} == told


def test_a_header_with_its_unit_is_the_column_in_the_unit_of_the_schema(tmp_path: Path, catalog: Catalog) -> None:
    found = prepared(
        tmp_path,
        catalog,
        "ts,station,pressure_kpa,temp_f,rainfall_in,voltage_mv",
        *(f"2026-01-01 10:{at:02d},a,101.3,68,1,3300" for at in range(3)),
    )
    row = found.tables[0].frame.row(0, named=True)
    assert (row["pressure"], row["temperature"], row["rainfall"]) == (1013.0, 20.0, 25.4)
    assert row["voltage"] == pytest.approx(3.3)


def test_a_date_beside_an_hour_is_one_moment(tmp_path: Path, catalog: Catalog) -> None:
    found = prepared(
        tmp_path, catalog, "date,hour,sensor,value", *(f"2026-03-01,{hour},S1,1.5" for hour in (0, 13, 23))
    )
    assert [each.hour for each in column(found, "time")] == [0, 13, 23]  # type: ignore[attr-defined]


def test_zones_by_name_are_offsets(tmp_path: Path, catalog: Catalog) -> None:
    found = prepared(
        tmp_path,
        catalog,
        "station,timestamp,temperature",
        "a,2026-03-01 10:00 EST,20",
        "a,2026-03-01 10:00 CET,21",
        "a,2026-03-01 10:00 UTC,22",
    )
    assert [each.hour for each in column(found, "time")] == [15, 9, 10]  # type: ignore[attr-defined]


def test_units_in_cells_are_converted_and_currencies_may_be_mixed(tmp_path: Path, catalog: Catalog) -> None:
    found = prepared(
        tmp_path, catalog, "sensor,time,temp", "S1,2026-03-01 10:00,68 °F", "S1,2026-03-01 11:00,69.8 °F", "S1,,"
    )
    assert column(found, "temperature")[:2] == [20.0, 21.0]
    claims = prepared(
        tmp_path,
        catalog,
        "Claim ID,Policy Number,Incident Date,Claim Amount,Status",
        'C1,P1,2026-04-03,"$1,234.50",Open',
        'C2,P2,2026-04-04,"USD 2,000",Open',
        "C3,P3,2026-04-05,300,Open",
    )
    assert column(claims, "claimed_amount") == [Decimal("1234.5"), Decimal(2000), Decimal(300)]
