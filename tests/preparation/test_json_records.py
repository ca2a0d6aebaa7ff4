"""JSON and JSON Lines: which list is the table, and what becomes of what is no record."""

import json
from pathlib import Path

import polars as pl
import pytest

from preparation.extraction import Extraction, Limits, Source
from preparation.readers import json_records

SAMPLES = Path(__file__).resolve().parents[2] / "../shared/samples/sports"
LINES = "application/x-ndjson"


def read(path: Path, content: object, media_type: str = "application/json", limits: Limits | None = None) -> Extraction:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    path.write_bytes(data)
    return json_records.read(Source(path, "x", media_type, len(data), limits or Limits()))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "blob"


def test_a_list_of_objects_is_a_table_with_dotted_names(file: Path) -> None:
    found = read(file, [{"id": 1, "at": {"x": 1.5, "tags": ["a"]}}, {"id": 2, "at": {"x": 2}}])
    frame = found.tables[0].frame
    assert found.kind == "table"
    assert frame.columns == ["id", "at.x", "at.tags"]
    assert frame.rows() == [(1, 1.5, '["a"]'), (2, 2.0, None)]


def test_the_list_that_holds_most_of_an_envelope_is_the_table(file: Path) -> None:
    rows = [{"t": i, "v": i * 2} for i in range(50)]
    found = read(file, {"meta": {"pages": [{"n": 1}, {"n": 2}]}, "result": {"data": rows}})
    assert found.tables[0].name == "result.data"
    assert found.tables[0].frame.height == 50
    assert '"pages"' in found.text


def test_objects_under_identities_are_records(file: Path) -> None:
    found = read(file, {"players": {"101": {"name": "A", "age": 1}, "102": {"name": "B", "age": 2}}})
    assert found.tables[0].frame.rows() == [("101", "A", 1), ("102", "B", 2)]


def test_many_like_objects_under_names_are_records(file: Path) -> None:
    people = {
        f"Ann {chr(65 + n)}.": {"born": 1950 + n, "town": "X"} | ({"height": n} if n % 2 else {}) for n in range(9)
    }
    frame = read(file, people).tables[0].frame
    assert frame.height == 9
    assert frame["id"].to_list()[:2] == ["Ann A.", "Ann B."]
    few = {"left": {"width": 1, "color": 2}, "right": {"width": 3, "color": 4}}
    assert read(file, few).tables[0].frame.height == 1


def test_groups_of_like_records_are_one_table(file: Path) -> None:
    groups = {g: [{"type": g, "minute": i, g: 1} for i in range(3)] for g in ("goals", "fouls", "shots")}
    frame = read(file, {"events": groups, "empty": []}).tables[0].frame
    assert frame.height == 9
    assert frame["group"].unique().sort().to_list() == ["fouls", "goals", "shots"]


def test_rows_under_a_header_and_columns_of_values_are_records(file: Path) -> None:
    assert read(file, [["a", "b"], [1, 2], [3, 4]]).tables[0].frame.rows() == [(1, 2), (3, 4)]
    assert read(file, {"columns": ["a", "b"], "data": [[1, 2]]}).tables[0].frame.rows() == [(1, 2)]
    assert read(file, {"a": [1, 2], "b": ["x", "y"]}).tables[0].frame.rows() == [(1, "x"), (2, "y")]


def test_features_of_a_map_become_rows_with_coordinates(file: Path) -> None:
    feature = {"type": "Feature", "properties": {"mag": 4.5}, "geometry": {"type": "Point", "coordinates": [7.1, 50.2]}}
    frame = read(file, {"type": "FeatureCollection", "features": [feature, feature]}).tables[0].frame
    assert frame.row(0, named=True) == {"longitude": 7.1, "latitude": 50.2, "mag": 4.5}


def test_a_single_object_is_one_row_and_its_text(file: Path) -> None:
    found = read(file, {"device": "a", "temperature": 21.5})
    assert found.tables[0].frame.rows() == [("a", 21.5)]
    assert "temperature" in found.text


def test_what_is_no_object_among_records_is_rejected(file: Path) -> None:
    table = read(file, [{"a": 1}, 7, {"a": 2}, None]).tables[0]
    assert (table.frame.height, table.rejected_rows) == (2, 2)
    assert table.positions is not None
    assert table.positions.to_list() == [0, 2]


def test_values_keep_their_meaning_in_columns_of_mixed_types(file: Path) -> None:
    frame = read(file, [{"a": 1, "b": 2**70, "c": True}, {"a": "1", "b": 1, "c": None}]).tables[0].frame
    assert frame["a"].to_list() == ["1", "1"]
    assert frame["b"].to_list() == [str(2**70), "1"]
    assert frame["c"].dtype == pl.Boolean


def test_a_bad_line_is_rejected_with_its_number(file: Path) -> None:
    found = read(file, b'{"a": 1}\n\n{"a": oops}\n[1]\n{"a": 2}\n', LINES)
    table = found.tables[0]
    assert (table.frame.height, table.rejected_rows) == (2, 2)
    assert "Line 3" in table.rejections[0].reason
    assert table.rejections[0].row == 1


def test_a_line_too_long_is_rejected_and_the_rest_goes_on(file: Path) -> None:
    data = b'{"a": 1}\n{"a": "' + b"x" * 5000 + b'"}\n{"a": 2}\n'
    file.write_bytes(data)
    found = json_records.read(Source(file, "x", LINES, len(data)), max_line_bytes=1000)
    assert found.tables[0].frame["a"].to_list() == [1, 2]
    assert "longer than 1000 bytes" in found.tables[0].rejections[0].reason


def test_lines_that_disagree_on_a_type_meet_in_a_string(file: Path) -> None:
    lines = [json.dumps({"a": i}) for i in range(50_000)] + ['{"a": "late"}']
    frame = read(file, "\n".join(lines).encode(), LINES).tables[0].frame
    assert frame.height == 50_001
    assert frame["a"][0] == "0"
    assert frame["a"][-1] == "late"


def test_broken_json_is_a_fault_that_says_where(file: Path) -> None:
    found = read(file, b'{"a": [1, 2')
    assert found.fault is not None
    assert "char 11" in found.fault.reason


def test_deep_nesting_is_a_fault(file: Path) -> None:
    found = read(file, b"[" * 200_000 + b"]" * 200_000)
    assert found.fault is not None


def test_too_many_fields_are_a_fault(file: Path) -> None:
    found = read(file, [{f"f{i}": 1} for i in range(40)], limits=Limits(max_columns=20))
    assert found.fault is not None
    assert "more than 20" in found.fault.reason


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared samples are not beside the repository")
def test_event_feeds_of_many_providers_become_tables_of_events() -> None:
    heights = {}
    for path in SAMPLES.glob("*.json*"):
        media_type = LINES if path.suffix == ".jsonl" else "application/json"
        found = json_records.read(Source(path, "x", media_type, path.stat().st_size))
        assert found.kind == "table", path.name
        heights[path.name] = found.tables[0].frame.height
    assert sum(heights.values()) > 4_500
