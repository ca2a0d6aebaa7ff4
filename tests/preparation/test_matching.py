"""Headers in any spelling find their column."""

import polars as pl
import pytest

from preparation.catalog import Catalog
from preparation.column_values import Look, looks_of
from preparation.header_words import parsed_header
from preparation.matching import Matcher


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher(Catalog())


def _renames(matcher: Matcher, dataset: str, columns: dict[str, list[str]]) -> dict[str, str]:
    frame = pl.DataFrame(columns)
    match = matcher.match(frame.columns, looks_of(frame), dataset)
    return {pair.header: pair.column for pair in match.pairs if pair.renames}


@pytest.mark.parametrize(
    "spelling", ["source_ip", "Source IP", "SourceIP", "src_ip", "SRC-IP", "source.ip", "\ufeffSource Ip "]
)
def test_spellings_of_one_header_have_one_key(spelling: str) -> None:
    assert parsed_header(spelling).key == "sourceip"


def test_units_and_type_suffixes_are_no_part_of_the_name() -> None:
    assert parsed_header("Temperature (°C)").unit == "°C"
    assert parsed_header("Temperature (°C)").key == "temperature"
    assert parsed_header("refundAmount (N)").key == "refundamount"
    assert parsed_header("refundAmount (N)").unit is None


def test_accents_plurals_and_abbreviations_fall_away() -> None:
    assert parsed_header("Température").key == "temperature"
    assert parsed_header("claim amts").key == parsed_header("Claim Amount").key


def test_each_column_is_taken_once_and_the_better_header_takes_it(matcher: Matcher) -> None:
    renames = _renames(matcher, "sports_event", {"player.id": ["1"], "player.name": ["Ann"], "team.name": ["Reds"]})
    assert renames["player.name"] == "player"
    assert "player.id" not in renames
    assert renames["team.name"] == "team"


def test_a_header_whose_values_cannot_be_the_columns_is_not_renamed(matcher: Matcher) -> None:
    assert _renames(matcher, "sensor_reading", {"temperature": ["warm", "cold"]}) == {}
    assert "source" not in _renames(matcher, "network_log", {"source": ["Twitter", "Facebook"]})
    assert _renames(matcher, "network_log", {"source": ["10.0.0.1", "10.0.0.2"]}) == {"source": "source_ip"}


def test_misspelt_headers_are_understood(matcher: Matcher) -> None:
    assert _renames(matcher, "insurance_claim", {"Notifcation date": ["2024-01-02"]}) == {
        "Notifcation date": "notification_date"
    }


def test_headers_in_other_languages_are_understood(matcher: Matcher) -> None:
    renames = _renames(matcher, "sensor_reading", {"Luftfeuchte [%]": ["44"], "Temperatura": ["21,5"]})
    assert renames == {"Luftfeuchte [%]": "humidity", "Temperatura": "temperature"}


@pytest.mark.parametrize(
    ("values", "look"),
    [
        (["2024-01-02", "2024-02-03"], Look.DATE),
        (["2024-01-02T10:00:00Z"], Look.DATETIME),
        (["Mon Jul 31 15:30:08 +0000 2023"], Look.DATETIME),
        (["10:05", "10:06 AM"], Look.CLOCK),
        (["1594512094.38", "1594512095.10"], Look.EPOCH),
        (["$1,200.50", "$3"], Look.MONEY),
        (["1.234,50", "-3", ".5"], Look.NUMBER),
        (["10.0.0.1", "fe80::1:2"], Look.IP),
        (["https://example.com/a", "/index.html"], Look.URL),
        (["GET /a HTTP/1.1"], Look.REQUEST),
        (["ann@example.com"], Look.EMAIL),
        (["Yes", "no"], Look.BOOLEAN),
        (["The film was long but it was worth it"], Look.PROSE),
        (["NA", "", "-"], Look.EMPTY),
        (["Berlin", "Rome"], Look.WORDS),
    ],
)
def test_values_are_known_by_their_look(values: list[str], look: Look) -> None:
    assert looks_of(pl.DataFrame({"c": values}))[0].look is look


@pytest.mark.parametrize(
    ("header", "tokens"),
    [
        ("Schadennummer", ("claim", "number")),
        ("Rechnungsnr.", ("bill", "number")),
        ("Fecha de Pago", ("date", "de", "paid")),
        ("data_ocorrencia", ("date", "occurrence")),
        ("goles_local", ("goal", "home")),
        ("data", ("data",)),
        ("local", ("local",)),
        ("police report", ("police", "report")),
        ("hash_tag", ("hash", "tag")),
        ("sourceIPs", ("source", "ip")),
    ],
)
def test_words_of_other_languages_become_english_unless_english_has_them_too(
    header: str, tokens: tuple[str, ...]
) -> None:
    assert parsed_header(header).tokens == tokens
