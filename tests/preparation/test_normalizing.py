"""Values as people write them become the schema's types and units; nothing is lost on the way."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pytest

from core.dataset import Column, ColumnType, Dataset
from core.frames import prepared_schema
from preparation.dates import to_timestamps
from preparation.normalizing import Provenance, normalize
from preparation.units import conversion

SHA = "ab" * 32


def _one(values: list[object], kind: ColumnType, *, header: str = "v", unit: str | None = None) -> pl.DataFrame:
    dataset = Dataset("d", "", (Column("v", kind, unit=unit),))
    frame = pl.DataFrame({header: values}, strict=False)
    shaped = normalize(frame, {header: "v"}, dataset, Provenance(SHA))
    assert shaped.schema == prepared_schema(dataset)
    return shaped


def _values(values: list[object], kind: ColumnType, *, header: str = "v", unit: str | None = None) -> list[object]:
    return _one(values, kind, header=header, unit=unit)["v"].to_list()


def test_money_is_exact_and_signs_and_groups_fall_away() -> None:
    written = ["$1,234.50", "2980", "£15,670 ", "(12.10)", "0.1", "-€ 3.3333", "N/A", "12-"]
    assert _values(written, ColumnType.MONEY) == [
        Decimal(each) if each else None
        for each in ["1234.5000", "2980.0000", "15670.0000", "-12.1000", "0.1000", "-3.3333", None, "-12.0000"]
    ]


def test_the_column_decides_whether_a_comma_is_a_decimal_sign() -> None:
    assert _values(["1.250,00", "980,00", "3"], ColumnType.MONEY) == [Decimal(1250), Decimal(980), Decimal(3)]
    assert _values(["1,250", "12,980", "3.5"], ColumnType.NUMBER) == [1250.0, 12980.0, 3.5]
    assert _values(["3,4", "2,75"], ColumnType.NUMBER) == [3.4, 2.75]


def test_percent_signs_and_null_words_fall_away() -> None:
    assert _values(["45.2%", "n/a", "-", "?", "NULL", "", "nan"], ColumnType.NUMBER) == [45.2, *[None] * 6]


def test_whole_numbers_come_out_of_decimals_and_keep_all_digits() -> None:
    assert _values(["23.0", "7", "9007199254740993"], ColumnType.INTEGER) == [23, 7, 9007199254740993]


def test_flags_in_a_column_of_numbers_are_counted() -> None:
    assert _values(["False", "True", ""], ColumnType.INTEGER) == [0, 1, None]


def test_tables_without_rows_or_known_columns_keep_their_height() -> None:
    dataset = Dataset("d", "", (Column("v", ColumnType.NUMBER),))
    assert normalize(pl.DataFrame(), {}, dataset, Provenance(SHA)).height == 0
    shaped = normalize(pl.DataFrame({"x": ["1", "2"]}), {}, dataset, Provenance(SHA))
    assert shaped["v"].to_list() == [None, None]
    assert shaped["_rescued"].to_list() == ['{"x":"1"}', '{"x":"2"}']


def test_yes_and_no_in_several_languages_are_booleans() -> None:
    assert _values(["Y", "no", "TRUE", "0", "sim", "?"], ColumnType.BOOLEAN) == [True, False, True, False, True, None]


def test_what_does_not_convert_is_rescued_and_the_field_is_null() -> None:
    shaped = _one(["12.5", "broken", None], ColumnType.NUMBER, header="Temp")
    assert shaped["v"].to_list() == [12.5, None, None]
    assert shaped["_rescued"].to_list() == [None, '{"Temp":"broken"}', None]


def test_unknown_columns_are_rescued_under_their_own_names_without_nulls() -> None:
    dataset = Dataset("d", "", (Column("a", ColumnType.KEYWORD),))
    frame = pl.DataFrame({"a": ["x", "y"], "b": [1, 2], 'c "q"': ["é", None]})
    shaped = normalize(frame, {"a": "a"}, dataset, Provenance(SHA, pl.Series([5, 9])))
    assert [json.loads(each) for each in shaped["_rescued"]] == [{"b": 1, 'c "q"': "é"}, {"b": 2}]
    assert shaped["_row"].to_list() == [5, 9]
    assert shaped["_blob"].to_list() == [SHA, SHA]


def test_a_column_of_which_nothing_converts_is_rescued_whole() -> None:
    shaped = _one(["warm", "cold"], ColumnType.NUMBER, header="mood")
    assert shaped["_rescued"].to_list() == ['{"mood":"warm"}', '{"mood":"cold"}']


def test_lists_and_objects_are_kept_as_json() -> None:
    assert _values([[1, 2], None], ColumnType.KEYWORD) == ["[1,2]", None]
    assert _values([{"a": 1}], ColumnType.KEYWORD) == ['{"a":1}']


def test_bytes_are_kept_as_hexadecimal_digits() -> None:
    dataset = Dataset("d", "", (Column("v", ColumnType.KEYWORD),))
    frame = pl.DataFrame({"v": [b"\xff\x00"], "raw": [b"\x01"], "parts": [[b"\x02"]]})
    shaped = normalize(frame, {"v": "v"}, dataset, Provenance(SHA))
    assert shaped["v"].to_list() == ["ff00"]
    assert json.loads(shaped["_rescued"][0]) == {"raw": "01", "parts": '["02"]'}


def test_keys_of_a_spreadsheet_are_no_decimals() -> None:
    assert _values([4711.0, 4712.0], ColumnType.KEYWORD) == ["4711", "4712"]


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2024-03-05 06:07:08", "2024-03-05T06:07:08"),
        ("2024-03-05T06:07:08.250Z", "2024-03-05T06:07:08.250"),
        ("2025-11-28T10:47:59-03:00", "2025-11-28T13:47:59"),
        ("2024-03-05T06:07:08+0530", "2024-03-05T00:37:08"),
        ("2024/03/05 06:07", "2024-03-05T06:07:00"),
        ("Mon Jul 31 15:30:08 +0000 2023", "2023-07-31T15:30:08"),
        ("Sun Dec 04 04:47:44 2005", "2005-12-04T04:47:44"),
        ("Tue, 05 Aug 2008 16:31:02 -0700", "2008-08-05T23:31:02"),
        ("[29/Nov/2017:06:58:55", "2017-11-29T06:58:55"),
        ("29/Nov/2017:06:58:55 +0100", "2017-11-29T05:58:55"),
        ("4/13/2016 7:21:00 AM", "2016-04-13T07:21:00"),
        ("13/4/2016 7:21:00 PM", "2016-04-13T19:21:00"),
        ("13.04.2016 07:21", "2016-04-13T07:21:00"),
        ("March 5, 2024", "2024-03-05T00:00:00"),
        ("5 Mar 2024", "2024-03-05T00:00:00"),
        ("20240305", "2024-03-05T00:00:00"),
        ("20141013T000000", "2014-10-13T00:00:00"),
        ("20240305060708", "2024-03-05T06:07:08"),
        ("2015-02-24 11:35:52 -0800", "2015-02-24T19:35:52"),
        ("2019-10-01 00:00:00 UTC", "2019-10-01T00:00:00"),
        ("2012-10-12 00:30:00.0000000", "2012-10-12T00:30:00"),
        ("1709618828", "2024-03-05T06:07:08"),
        ("1709618828250", "2024-03-05T06:07:08.250"),
        ("1709618828.25", "2024-03-05T06:07:08.250"),
        ("1593604800000000", "2020-07-01T12:00:00"),
    ],
)
def test_moments_in_common_spellings_are_read_in_utc(written: str, moment: str) -> None:
    assert _values([written, None], ColumnType.TIMESTAMP) == [datetime.fromisoformat(moment).replace(tzinfo=UTC), None]


def test_the_whole_column_decides_what_is_the_day() -> None:
    assert _values(["01/02/2021", "25/02/2021"], ColumnType.DATE) == [date(2021, 2, 1), date(2021, 2, 25)]
    assert _values(["01/02/2021", "02/25/2021"], ColumnType.DATE) == [date(2021, 1, 2), date(2021, 2, 25)]


def test_a_zone_in_the_header_moves_no_day() -> None:
    assert _values(["2024-03-05"], ColumnType.DATE, header="day (UTC+2)") == [date(2024, 3, 5)]


def test_a_column_of_mixed_spellings_is_read_by_each() -> None:
    read = _values(["2024-03-05", "05 Mar 2024", "2024-03-05 00:00:00"], ColumnType.DATE)
    assert read == [date(2024, 3, 5)] * 3


def test_typed_dates_and_numbers_are_moments_too() -> None:
    assert to_timestamps(pl.Series([date(2024, 3, 5)])).to_list() == [datetime(2024, 3, 5, tzinfo=UTC)]
    assert to_timestamps(pl.Series([1709618828])).to_list() == [datetime(2024, 3, 5, 6, 7, 8, tzinfo=UTC)]
    assert to_timestamps(pl.Series([3.5, 4.5])).to_list() == [None, None]


def test_units_in_headers_are_converted_to_the_schemas() -> None:
    assert _values(["212", "32"], ColumnType.NUMBER, header="Temp (°F)", unit="Cel") == [100.0, 0.0]
    assert _values(["298.15"], ColumnType.NUMBER, header="Air temperature [K]", unit="Cel") == [25.0]
    assert _values(["1500"], ColumnType.NUMBER, header="duration_ms", unit="s") == [1.5]
    assert _values(["2"], ColumnType.INTEGER, header="size_kb", unit="By") == [2000]
    assert _values(["36"], ColumnType.NUMBER, header="Wind Speed (km/h)", unit="m/s") == [10.0]
    assert _values(["101.3"], ColumnType.NUMBER, header="pressure (kPa)", unit="hPa") == [1013.0]


def test_a_header_without_a_unit_or_with_the_schemas_is_left_alone() -> None:
    assert conversion("temperature", "Cel") is None
    assert conversion("Temperature (°C)", "Cel") is None
    assert conversion("temp_min", "Cel") is None
    assert conversion("response_time_ms", "ms") is None
