"""Sessions of a dropped log are among the views: as a list, by the hour, and made anew when that is asked."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import NotFoundError
from core.settings import Preparation, Processing, Settings
from pipeline.commands import obey
from pipeline.system import open_system
from pipeline.writer import Writer

HEADER = "timestamp,visitor_id,page_url,referrer,purchase_amount\n"
LATE_ROWS = "2026-05-02T08:00:00Z,v9,/late,,\n2026-05-02T08:01:00Z,v9,/late/2?x=1,,\n"


@pytest.fixture(scope="module")
def writer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Writer]:
    home = tmp_path_factory.mktemp("visited") / "home"
    with Writer(Settings(home, preparation=Preparation(workers=1), processing=Processing(train=False))) as running:
        yield running


def dropped(writer: Writer, file: Path, rows: str) -> None:
    file.write_text(HEADER + rows, encoding="utf-8")
    [answer] = obey(writer, "drop", {"paths": [[str(file), str(file)]], "source": "test"})
    assert (answer["outcome"], answer["dataset"]) == ("stored", "clickstream")


def test_a_dropped_log_shows_its_sessions_and_what_comes_late_waits_for_a_rebuild(
    writer: Writer, tmp_path: Path
) -> None:
    system = open_system(writer.parts.settings)
    with pytest.raises(NotFoundError):
        system.view_rows("clickstream_sessions")
    assert not [view for view in system.view_list("clickstream") if "sessions" in str(view["view"])]
    times = [(f"2026-05-04T10:{minute:02d}:00Z", "v1") for minute in (0, 20, 59)] + [("2026-05-04T10:01:00Z", "v2")]
    rows = "".join(
        f"{time},{who},/shop/{i}?token={i},,{'9.5' if i == 2 else ''}\n" for i, (time, who) in enumerate(times)
    )
    dropped(writer, tmp_path / "first.csv", rows)
    found = system.view_rows("clickstream_sessions")
    assert found.select("actor", "events", "duration_seconds", "entry", "exit", "converted").rows() == [
        ("visitor_id=v1", 1, 0.0, "/shop/2", "/shop/2", True),
        ("visitor_id=v2", 1, 0.0, "/shop/3", "/shop/3", False),
        ("visitor_id=v1", 2, 1200.0, "/shop/0", "/shop/1", False),
    ]
    [hour] = system.view_rows("clickstream_sessions_by_hour").rows(named=True)
    assert (hour["sessions"], hour["visitors"], hour["conversions"], hour["bounces"]) == (3, 2, 1, 2)
    dropped(writer, tmp_path / "late.csv", LATE_ROWS)
    assert system.view_rows("clickstream_sessions").height == 3
    told = {check["check"]: check for check in system.verify()}["sessions clickstream"]
    assert (told["ok"], str(told["detail"]).split(",")[:2]) == (True, ["4 events in sessions", " 2 late"])
    listed = {view["view"]: view for view in system.view_list("clickstream")}["clickstream_sessions"]
    assert (listed["rows"], listed["version"]) == (3, writer.parts.lake.version("clickstream"))
    assert "2 events came too late" in str(listed["description"])
    assert writer.parts.session_views.take_in_late(writer.parts.lake) == ["clickstream"]
    assert writer.parts.session_views.take_in_late(writer.parts.lake) == []
    assert "too late" not in str(system.view_list("clickstream"))
    [answer] = obey(writer, "rebuild_views", {"name": "clickstream_sessions"})
    assert answer == {"view": "clickstream_sessions", "version": writer.parts.lake.version("clickstream")}
    last = system.view_rows("clickstream_sessions").row(-1, named=True)
    assert (last["actor"], last["events"], last["exit"]) == ("visitor_id=v9", 2, "/late/2")
    system.close()
