"""Events give the rows that a file of them gives."""

import json
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from core.events import ReadEvents
from preparation import JsonEvents
from preparation.catalog import Catalog
from preparation.preparing import prepare

NOON = 1_777_636_800_000_000  # 2026-05-01T12:00:00Z in microseconds


def reading(number: int, **others: object) -> bytes:
    at = f"2026-05-01T12:{number // 60 % 60:02d}:{number % 60:02d}+00:00"
    return json.dumps({"device": f"hall-{number % 7}", "ts": at, "temp_c": 20 + number / 8, **others}).encode()


@pytest.fixture
def read(tmp_path: Path) -> JsonEvents:
    return JsonEvents(tmp_path / "schemas")


def as_a_file(folder: Path, lines: list[bytes], declared: str | None) -> ReadEvents:
    file = folder / "events.ndjson"
    file.write_bytes(b"\n".join(lines) + b"\n")
    found = prepare(
        file,
        name=file.name,
        sha256="",
        size=file.stat().st_size,
        catalog=Catalog(folder / "schemas"),
        declared=declared,
    )
    [table] = found.tables
    return ReadEvents(table.dataset, table.frame, rejected=table.rejected_rows)


@pytest.mark.parametrize("declared", ["sensor_reading", None])
def test_events_are_the_rows_of_a_file_of_them_each_time(
    read: JsonEvents, tmp_path: Path, declared: str | None
) -> None:
    shapes: list[dict[str, object]] = [{}, {"site": "east", "note": {"by": "Ann"}}, {}, {"temp_c": None}]
    for turn, others in enumerate(shapes):
        lines = [reading(number, **others) for number in range(turn * 100, turn * 100 + 100)]
        lines[50:50] = [b"garbage", b'{"device": "hall-1"}', '{"device": "h\u00fctte", "ts": 1777636800}'.encode()]
        found, expected = read(lines, declared, None), as_a_file(tmp_path, lines, declared)
        assert found.dataset == expected.dataset == "sensor_reading"
        assert found.rejected == expected.rejected >= 1
        assert_frame_equal(found.frame, expected.frame)


@pytest.mark.parametrize(
    "odd",
    [
        [b'{"device": "a", "ts": [1', b'2], "temp_c": 3}'],
        [b'{"device": "a"}, {"device": "b"}', b'{"device": "c", "ts": [1', b"2]}"],
        [b'{"device": "a"}, 7', b'{"device": "b"'],
        [b'{"device": "\\ud83d", "temp_c": 1}', b'{"device": "\\ud83d\\ude00", "temp_c": 2}'],
        [b'{"device": "a+b+c", "temp_c": 1e400}', b'{"device": {}, "temp_c": -0.0, "x": {"y": [1, {"z": null}]}}'],
        [b'{"device": "\x1b", "temp_c": 1}', b"{}", b"{", b'{"device": NaN}', b'{"a": 1, "a": 2}'],
        [b'{"big": 123456789012345678901234567890}', b'{"big": ' + b"9" * 5000 + b"}", b'{"flag": true}'],
    ],
)
def test_a_line_that_is_no_event_spoils_none_beside_it(read: JsonEvents, tmp_path: Path, odd: list[bytes]) -> None:
    lines = [reading(1), *odd, reading(2)]
    found, expected = read(lines, "sensor_reading", None), as_a_file(tmp_path, lines, "sensor_reading")
    assert found.rejected == expected.rejected
    assert_frame_equal(found.frame, expected.frame)


def test_events_before_the_moment_are_late_and_told_by_their_position(read: JsonEvents) -> None:
    lines = [reading(30), reading(10), b"garbage", reading(9), reading(31)]
    found = read(lines, "sensor_reading", NOON + 10_000_000)
    assert found.late == (3,)
    assert found.frame.height == 3
    assert found.rejected == 1
    assert found.latest == NOON + 31_000_000


def test_events_of_which_none_can_be_read_are_all_rejected(read: JsonEvents) -> None:
    found = read([b"x", b"[]", b"{}"], "sensor_reading", None)
    assert (found.frame.height, found.rejected, found.latest) == (0, 3, None)


def test_an_event_that_breaks_its_parser_is_left_to_its_blob(read: JsonEvents) -> None:
    endless = json.dumps({f"field {number}": number for number in range(20_001)}).encode()
    found = read([reading(1), endless], "sensor_reading", None)
    assert (found.dataset, found.frame.height, found.late) == ("sensor_reading", 0, ())
    assert read([reading(1)], "sensor_reading", None).frame.height == 1


def test_a_model_that_a_person_adds_counts_from_the_next_events_on(read: JsonEvents) -> None:
    lines = [b'{"well": "w1", "ph": 7.1}', b'{"well": "w2", "ph": 6.9}']
    assert read(lines, None, None).dataset == "other"
    read.schemas.mkdir()
    (read.schemas / "well.py").write_text(
        "from penstock import DatasetModel, column\n\n\nclass Well(DatasetModel, needs=('well, ph',)):\n"
        '    """A sample of a well."""\n\n    well: str = column(description="The well.", required=True)\n'
        '    ph: float = column(description="The pH.")\n',
        encoding="utf-8",
    )
    assert read(lines, "well", None).frame["ph"].to_list() == [7.1, 6.9]
