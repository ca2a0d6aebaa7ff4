"""XML: records, prose, and what is refused."""

from pathlib import Path

import pytest

from preparation.extraction import Extraction, Source
from preparation.readers import xml_records

SAMPLES = Path(__file__).resolve().parents[2] / "../shared/samples"


def read(path: Path, content: str | bytes) -> Extraction:
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(data)
    return xml_records.read(Source(path, "x", "application/xml", len(data)))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "blob"


def test_elements_that_come_again_are_rows(file: Path) -> None:
    rows = "".join(f'<c id="{i}"><n:amount cur="USD">{i}.50</n:amount><who><name>A</name></who></c>' for i in range(4))
    found = read(file, f'<claims xmlns:n="urn:x"><head>x</head><list>{rows}</list></claims>')
    frame = found.tables[0].frame
    assert found.kind == "table"
    assert frame.columns == ["id", "amount.cur", "amount", "who.name"]
    assert frame.row(2) == ("2", "USD", "2.50", "A")


def test_the_one_element_inside_says_what_kind_of_event_it_is(file: Path) -> None:
    found = read(file, '<put><e t="1"><Pass to="x"/></e><e t="2"><Shot/></e><e t="3"><Pass to="y"/></e></put>')
    assert found.tables[0].frame["type"].to_list() == ["Pass", "Shot", "Pass"]


def test_pairs_of_a_name_and_a_value_become_columns(file: Path) -> None:
    label = "<label><group>{}</group><text>{}</text></label>"
    row = "<i><id>{}</id>" + label.format("Team", "A") + label.format("Player", "B") + "</i>"
    found = read(file, f"<all>{row.format(1)}{row.format(2)}</all>")
    assert found.tables[0].frame.columns == ["id", "label.Team", "label.Player"]


def test_sentences_make_a_document(file: Path) -> None:
    sentence = "This sentence goes on for a while so that it reads as prose does, and then it ends. "
    found = read(file, f"<report>{''.join(f'<par>{sentence * 2}</par>' for _ in range(5))}</report>")
    assert found.kind == "document"
    assert "reads as prose" in found.text
    assert not found.tables


def test_the_rules_of_a_program_are_no_records(file: Path) -> None:
    rule = '<x:template match="{}" priority="{}"><x:message>{}</x:message></x:template>'
    rules = "".join(rule.format(name, at, f"seen {name}") for at, name in enumerate("abcdef"))
    found = read(file, f'<x:stylesheet xmlns:x="http://www.w3.org/1999/XSL/Transform">{rules}</x:stylesheet>')
    assert (found.kind, found.tables) == ("data", ())
    assert "seen f" in found.text


def test_a_billion_laughs_are_refused(file: Path) -> None:
    entities = '<!ENTITY lol0 "lol">' + "".join(f'<!ENTITY lol{i} "{f"&lol{i - 1};" * 10}">' for i in range(1, 10))
    found = read(file, f'<?xml version="1.0"?><!DOCTYPE lolz [{entities}]><lolz>&lol9;</lolz>')
    assert found.fault is not None
    assert "made of other entities" in found.fault.reason


def test_a_quadratic_blowup_stays_small(file: Path) -> None:
    found = read(file, f'<!DOCTYPE x [<!ENTITY a "{"y" * 10_000}">]><x>{"&a;" * 1000}</x>')
    assert len(found.text) < 100_000


def test_an_external_entity_is_refused_and_never_fetched(file: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("TOP SECRET")
    found = read(file, f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]><x><y>&e;</y></x>')
    assert found.fault is not None
    assert "external entity 'e'" in found.fault.reason


def test_an_external_document_type_is_not_loaded(file: Path, tmp_path: Path) -> None:
    found = read(file, f'<!DOCTYPE x SYSTEM "{tmp_path}/missing.dtd"><x><y>1</y></x>')
    assert found.fault is None


def test_a_broken_document_gives_what_can_be_read_with_a_note(file: Path) -> None:
    found = read(file, "<a><b><c>1</c><d>2</d></b><b><c>3</c><d>4</d></b><b><c>5</a>")
    assert "not well-formed" in (found.note or "")
    assert found.tables[0].frame.height >= 2


def test_a_name_that_is_none_after_damage_hides_no_record(file: Path) -> None:
    items = "".join(f"<item><no>{no}</no><of>a</of></item>" for no in (1, 2, 3))
    found = read(file, f'<items xmlns="ht}}tp:/x">{items}</items>')
    assert found.tables[0].frame["no"].to_list() == ["1", "2", "3"]


def test_what_is_no_xml_at_all_is_a_fault(file: Path) -> None:
    assert read(file, "<").fault is not None


def test_a_wrong_declaration_of_the_encoding_is_seen_through(file: Path) -> None:
    found = read(file, '<?xml version="1.0" encoding="UTF-8"?><a><b>Käse</b><b>Öl</b></a>'.encode("cp1252"))
    assert "Käse" in found.text
    assert found.note is not None


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared samples are not beside the repository")
def test_match_events_in_xml_become_tables() -> None:
    for name, rows in (("sportec_events.xml", 28), ("code_xml.xml", 3)):
        path = SAMPLES / "sports" / name
        found = xml_records.read(Source(path, "x", "application/xml", path.stat().st_size))
        assert found.kind == "table"
        assert found.tables[0].frame.height == rows
