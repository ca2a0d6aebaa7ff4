"""Logs: one record a line, times in ISO 8601, nothing lost."""

import csv
import time
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from reader_kit import sample, source

from preparation.extraction import Extraction
from preparation.readers import logs, web_logs
from preparation.readers.log_formats import FORMATS, best_format
from preparation.readers.log_times import iso_times

STRUCTURED = {
    "Apache": ("Time", "%a %b %d %H:%M:%S %Y", None),
    "Linux": ("Month Date Time", "%b %d %H:%M:%S %Y", "Component"),
    "OpenSSH": ("Date Day Time", "%b %d %H:%M:%S %Y", None),
    "OpenStack": ("Date Time", "%Y-%m-%d %H:%M:%S.%f", "Component"),
}
LINES = {
    "HDFS": "081109 203615 148 INFO dfs.DataNode$PacketResponder: terminating",
    "Hadoop": "2015-10-18 18:01:47,978 INFO [main] org.apache.hadoop.MRAppMaster: Created",
    "Spark": "17/06/09 20:10:40 INFO executor.Backend: Registered signal handlers for [TERM, HUP, INT]",
    "Zookeeper": "2015-07-29 17:41:44,747 - INFO  [/10.10.34.11:3888:QuorumCnxManager$Listener@493] - Received",
    "BGL": "- 1117838570 2005.06.03 R02-M1 2005-06-03-15.42.50.675872 R02-M1 RAS KERNEL INFO parity error",
    "HPC": "134681 node-246 unix.hw state_change.unavailable 1077804742 1 Component State Change",
    "Thunderbird": "- 1131566461 2005.11.09 dn228 Nov 9 12:01:01 dn228/dn228 crond(pam_unix)[2915]: session closed",
    "Windows servicing": "2016-09-28 04:30:30, Info                  CBS    Loaded Servicing Stack",
    "Android": "03-17 16:13:38.811  1702  2395 D WindowManager: printFreezing wtoken = x",
    "HealthApp": "20171223-22:15:29:606|Step_LSC|30002312|onStandStepChanged 3579",
    "Proxifier": "[10.30 16:49:06] Skype.exe *64 - proxy.example:5070 open through proxy",
    "syslog (RFC 3164)": "Jul  3 09:01:05 mac com.apple.launchd[1] (com.apple.quicklook[2206]): Endpoint activated",
    "syslog (RFC 5424)": '<165>1 2003-10-11T22:14:15.003Z host app - ID47 [a@1 b="x\\"]y"] An event',
    "syslog with ISO times": "2024-05-01T10:11:12.123456+02:00 web01 sshd[123]: Accepted password",
    "Spring": "2019-03-05 10:57:51.112  INFO 45469 --- [           main] org.apache.Engine  : Starting",
    "Python logging": "2023-01-01 00:00:00,123 - my.module - ERROR - it broke",
    "nginx error log": "2023/01/01 10:00:00 [error] 12#0: *1 open() failed",
    "Apache error log": "[Wed Oct 11 14:32:52.123456 2023] [core:error] [pid 35708:tid 43286] File does not exist",
    "time, level": "2023-01-01 00:00:00 [INFO] server started on port 8080",
}
ACCESS = '1.2.3.4 - bob [10/Oct/2000:13:55:36 -0700] "GET /a?b=1 HTTP/1.0" 200 2326 "http://x/" "Mozilla/4"'


def frame(extraction: Extraction) -> pl.DataFrame:
    return extraction.tables[0].frame


@pytest.mark.parametrize("name", STRUCTURED)
def test_the_fields_of_loghub_are_those_of_its_own_parse(name: str) -> None:
    columns, directive, component = STRUCTURED[name]
    given = sample(f"logs/{name}_2k.log")
    with Path(f"{given.path}_structured.csv").open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))

    found = frame(logs.read(given))

    assert found["content"].to_list() == [row["Content"] for row in expected]
    for text, row in zip(found["time"], expected, strict=True):
        written = " ".join(row[column] for column in columns.split())
        dated = written if len(columns.split()) < 3 else f"{written} {text[:4]}"  # these logs name no year
        assert datetime.fromisoformat(text) == datetime.strptime(dated, directive)  # noqa: DTZ007 - as written
    if component:
        assert [value or "" for value in found["component"]] == [row[component] for row in expected]


@pytest.mark.parametrize("name", LINES)
def test_a_line_of_each_format_is_recognised_and_gives_time_and_content(tmp_path: Path, name: str) -> None:
    extraction = logs.read(source(tmp_path, LINES[name]))

    assert extraction.metadata["format"] == name
    row = frame(extraction).row(0, named=True)
    assert row["time"] is not None
    assert LINES[name].endswith(row["content"])
    assert extraction.tables[0].dataset == "network_log"


def test_structured_data_severity_and_zone_of_rfc_5424_are_kept(tmp_path: Path) -> None:
    row = frame(logs.read(source(tmp_path, LINES["syslog (RFC 5424)"].replace("003Z", "003+02:00")))).row(0, named=True)

    assert row["structured_data"] == '[a@1 b="x\\"]y"]'
    assert row["level"] == "notice"
    assert row["time"] == "2003-10-11T20:14:15.003Z"
    assert (row["host"], row["component"], row["pid"], row["content"]) == ("host", "app", None, "An event")


def test_a_stack_trace_belongs_to_the_record_before_it(tmp_path: Path) -> None:
    text = (
        f"{LINES['Hadoop']}\njava.io.IOException: x\n\tat a.b.C(D.java:1)\nCaused by: y\n\n{LINES['Hadoop']}\nstray\n"
    )

    extraction = logs.read(source(tmp_path, text))

    assert frame(extraction)["content"].to_list() == [
        "Created\njava.io.IOException: x\n\tat a.b.C(D.java:1)\nCaused by: y",
        "Created",
        "stray",
    ]
    assert extraction.metadata["continuation_lines"] == 3
    assert extraction.metadata["unmatched_lines"] == 1
    assert extraction.tables[0].positions is not None
    assert extraction.tables[0].positions.to_list() == [0, 5, 6]


@pytest.mark.parametrize(
    ("stamps", "now", "expected"),
    [
        (["Dec 31 23:59:59", "Jan  1 00:00:01"], "2024-06-01", ["2023-12-31", "2024-01-01"]),
        (["Nov 30 10:00:00"], "2024-06-01", ["2023-11-30"]),
        (["Feb 29 10:00:00"], "2026-06-01", ["2024-02-29"]),
        (["Mar  1 10:00:00", "Feb 28 10:00:00"], "2024-06-01", ["2024-03-01", "2024-02-28"]),
    ],
)
def test_a_missing_year_is_the_latest_that_puts_no_line_in_the_future(
    stamps: list[str], now: str, expected: list[str]
) -> None:
    known = next(known for known in FORMATS if known.name == "syslog (RFC 3164)")
    given = pl.DataFrame({"time": stamps, "_fits": [True] * len(stamps)})

    times, remark = iso_times(given, known, datetime.fromisoformat(f"{now}T00:00:00+00:00"))

    assert [text[:10] for text in times] == expected
    assert "inferred" in remark


def test_prose_is_no_log() -> None:
    assert best_format(["It was a dark night.", "And so on."]) == (None, 0.0)


def test_a_web_log_gives_requests_in_utc_and_rejects_what_it_cannot_read(tmp_path: Path) -> None:
    text = "\n".join([ACCESS, "garbage", ACCESS.replace("10/Oct", "99/Oct"), f"host:80 {ACCESS} 0.5", ""])

    table = web_logs.read(source(tmp_path, text)).tables[0]

    assert table.dataset == "clickstream"
    assert table.frame.height + table.rejected_rows == 4
    assert [rejection.row for rejection in table.rejections] == [1, 2]
    assert table.frame.select(web_logs.COLUMNS).row(0) == (
        "2000-10-10T20:55:36Z", "1.2.3.4", "bob", "GET", "/a?b=1", "HTTP/1.0", 200, 2326, "http://x/", "Mozilla/4",
    )  # fmt: skip
    assert table.frame["virtual_host"].to_list() == [None, "host:80"]


def test_a_request_that_is_no_http_is_kept_as_it_was(tmp_path: Path) -> None:
    text = ACCESS.replace("GET /a?b=1 HTTP/1.0", r"\x16\x03\x01").replace(" 200 ", " 400 ")

    row = frame(web_logs.read(source(tmp_path, text))).row(0, named=True)

    assert (row["method"], row["url"], row["status_code"]) == (None, r"\x16\x03\x01", 400)


def test_the_fields_line_of_a_w3c_log_names_its_columns(tmp_path: Path) -> None:
    text = (
        "#Software: IIS\n"
        "#Fields: date time cs-method cs-uri-stem cs-uri-query c-ip cs(User-Agent) sc-status time-taken\n"
        "2023-01-01 00:00:01 GET /a q=1 1.2.3.4 Mozilla/5.0+(X11) 200 15\ntoo short\n"
    )

    table = logs.read(source(tmp_path, text)).tables[0]

    row = table.frame.row(0, named=True)
    assert (row["time"], row["url"], row["user_agent"], row["time_taken"]) == (
        "2023-01-01T00:00:01Z", "/a?q=1", "Mozilla/5.0 (X11)", "15",
    )  # fmt: skip
    assert table.rejected_rows == 1


def test_a_hundred_thousand_lines_take_less_than_four_seconds(tmp_path: Path) -> None:
    given = source(tmp_path, "\n".join([LINES["Hadoop"]] * 100_000))
    started = time.process_time()

    assert frame(logs.read(given)).height == 100_000
    assert time.process_time() - started < 4


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\x00\x00"])
def test_an_empty_log_is_a_fault(tmp_path: Path, content: bytes) -> None:
    assert logs.read(source(tmp_path, content)).fault is not None
    assert web_logs.read(source(tmp_path, content)).fault is not None
