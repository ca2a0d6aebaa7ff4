"""Lines of servers and network tools, each known by its form alone and taken apart."""

from pathlib import Path

import pytest
from reader_kit import source

from preparation.detect import detect
from preparation.readers import log_pairs, logs

Wanted = dict[str, str]

TOOLS: dict[str, tuple[str, int, Wanted]] = {
    "PostgreSQL": (
        "2031-02-03 04:05:06.789 UTC [71] LOG:  ready\n2031-02-03 04:05:07.000 UTC [72] ERROR:  no relation\n",
        2,
        {"time": "2031-02-03T04:05:06.789", "pid": "71", "level": "LOG", "content": "ready"},
    ),
    "MySQL": (
        "2031-02-03T04:05:06.123456Z 0 [Note] started\n2031-02-03T04:05:07.123456Z 4 [Warning] slow\n",
        2,
        {"level": "Note", "content": "started"},
    ),
    "Redis": (
        "9:M 03 Feb 2031 04:05:06.100 * Ready\n9:M 03 Feb 2031 04:05:07.100 # memory is low\n",
        2,
        {"time": "2031-02-03T04:05:06.100", "pid": "9"},
    ),
    "glog": (
        "I0203 04:05:06.000001    77 main.go:5] up\nE0203 04:05:07.000001    77 main.go:9] down\n",
        2,
        {"component": "main.go:5", "pid": "77"},
    ),
    "java.util.logging": (
        "Feb 03, 2031 4:05:06 PM org.a.B start\nINFO: up\nFeb 03, 2031 4:05:07 PM org.a.B stop\nINFO: down\n",
        4,
        {"time": "2031-02-03T16:05:06", "component": "org.a.B"},
    ),
    "Linux kernel": ("[    0.000000] one\n[    1.250000] eth0: link up\n", 2, {"content": "one"}),
    "Linux audit": (
        "type=CWD msg=audit(1900000000.250:7): cwd=/x\ntype=PATH msg=audit(1900000000.250:7): item=0\n",
        2,
        {"time": "2030-03-17T17:46:40.250Z", "event_type": "CWD", "message_id": "7"},
    ),
    "ArcSight CEF": (
        "CEF:0|Acme|Wall|1|41|port scan|5|src=10.1.1.1 dst=10.1.1.2\n" * 2,
        2,
        {"vendor": "Acme", "event_type": "port scan", "level": "5"},
    ),
    "QRadar LEEF": ("LEEF:1.0|Acme|Mail|1|15|src=10.1.1.1\tdst=10.1.1.2\n" * 3, 3, {"message_id": "15"}),
    "Snort and Suricata alerts": (
        "02/03/2031-04:05:06.100000  [**] [1:9:2] SCAN seen [**] [Classification: Scan] [Priority: 2] {TCP} "
        "10.1.1.1:99 -> 10.1.1.2:80\n" * 2,
        2,
        {"attack": "SCAN seen", "source_ip": "10.1.1.1", "destination_port": "80", "time": "2031-02-03T04:05:06.100"},
    ),
    "tcpdump": (
        "04:05:06.100000 IP 10.1.1.1.99 > 10.1.1.2.80: Flags [S], length 0\n04:05:06.200000 ARP, Request who-has x\n",
        2,
        {"source_ip": "10.1.1.1", "source_port": "99", "destination_port": "80"},
    ),
    "Squid": (
        "1900000000.250    80 10.1.1.1 TCP_MISS/200 411 GET http://a.example/ - DIRECT/10.1.1.2 text/html\n" * 2,
        2,
        {"time": "2030-03-17T17:46:40.250Z", "source_ip": "10.1.1.1", "bytes": "411", "action": "TCP_MISS"},
    ),
    "sockets (netstat)": (
        "Active connections\nProto Recv-Q Send-Q Local Address Foreign Address State\n"
        "tcp        0      0 10.1.1.1:22   *:*            LISTEN\n"
        "tcp        0      0 10.1.1.1:99   10.1.1.2:443   ESTABLISHED\n"
        "udp6       0      0 :::53         :::*\n",
        3,
        {"source_ip": "10.1.1.1", "source_port": "22", "connection_state": "LISTEN"},
    ),
    "sockets (ss)": (
        "State  Recv-Q Send-Q Local Address:Port Peer Address:Port\n"
        "LISTEN 0      128    [::]:22            [::]:*\nESTAB  0      0      10.1.1.1:99        10.1.1.2:443\n",
        2,
        {"source_ip": "::", "source_port": "22", "connection_state": "LISTEN"},
    ),
    "neighbours (arp)": (
        "Address   HWtype  HWaddress           Flags Mask  Iface\n10.1.1.1  ether   02:00:00:00:00:01   C   eth0\n"
        "10.1.1.2  ether   02:00:00:00:00:02   C   eth0\n",
        2,
        {"source_ip": "10.1.1.1", "mac_address": "02:00:00:00:00:01"},
    ),
}


@pytest.mark.parametrize("name", TOOLS)
def test_what_a_tool_writes_is_a_log_of_its_format_without_its_heading(tmp_path: Path, name: str) -> None:
    text, rows, wanted = TOOLS[name]
    given = source(tmp_path, text)

    assert detect(given.path, "x", given.size).media_type == "text/x-log"
    extraction = logs.read(given)
    found = extraction.tables[0].frame

    assert extraction.metadata["format"] == name
    assert extraction.tables[0].dataset == "network_log"
    assert found.height == rows
    assert {column: found.row(0, named=True)[column] for column in wanted} == wanted


@pytest.mark.parametrize(
    ("line", "time"),
    [
        ("update 2031-02-03 04:05:06: linked a to b", "2031-02-03T04:05:06"),
        ("Mon Feb  3 04:05:06 2031 tunnel is up", "2031-02-03T04:05:06"),
        ("03-Feb-2031 04:05:06.100 client asked for a name", "2031-02-03T04:05:06.100"),
        ("1900000000 job done", "2030-03-17T17:46:40Z"),
    ],
)
def test_lines_that_begin_with_any_time_are_records(tmp_path: Path, line: str, time: str) -> None:
    extraction = logs.read(source(tmp_path, f"{line}\n{line} again\n"))

    assert extraction.kind == "log"
    assert extraction.tables[0].frame["time"].to_list() == [time, time]


def test_days_and_months_of_one_log_are_never_mixed(tmp_path: Path) -> None:
    extraction = logs.read(source(tmp_path, "02/01/2031 04:05:06 a\n13/01/2031 04:05:06 b\n"))

    assert [text[:10] for text in extraction.tables[0].frame["time"]] == ["2031-01-02", "2031-01-13"]


PAIRS = 'FLOW src=10.1.1.1 dport=53 proto=UDP bytes=90\nFLOW src=10.1.1.2 dport=443 proto=TCP note="a b" bytes=80\n'


def test_pairs_become_columns_and_nothing_outside_of_them_is_lost(tmp_path: Path) -> None:
    given = source(tmp_path, PAIRS)

    assert detect(given.path, "x", given.size).media_type == "text/x-log"
    found = logs.read(given).tables[0].frame

    assert found["source_ip"].to_list() == ["10.1.1.1", "10.1.1.2"]
    assert found["destination_port"].to_list() == ["53", "443"]
    assert found["note"].to_list() == [None, "a b"]
    assert found["content"].to_list() == ["FLOW", "FLOW"]


def test_a_date_and_a_time_beside_it_are_one_moment() -> None:
    table = log_pairs.table(['date=2031-02-03 time=04:05:06 act=deny srcip=10.1.1.1 msg="no way"'] * 2)

    assert table is not None
    assert table.frame["time"].to_list() == ["2031-02-03 04:05:06"] * 2
    assert table.frame["content"].to_list() == ["no way"] * 2


def test_a_thousand_different_keys_do_not_make_a_thousand_columns() -> None:
    lines = [f"a=1 b=2 c=3 k{number}=x" for number in range(1000)]

    table = log_pairs.table(lines)

    assert table is not None
    assert table.frame.width <= 402
    assert any("k999=x" in text for text in table.frame["content"].drop_nulls())


@pytest.mark.parametrize(
    "text",
    [
        "def area(width=1, height=2, depth=3):\n    return width * height\n\narea(width=4, height=5, depth=6)\n",
        "Let a = 1 and b = 2.\nThen c = 3 follows from what was said above.\n",
        "Mix flour and water.\nBake at 200 degrees for an hour.\nLet it cool.\n",
    ],
)
def test_code_and_prose_are_no_logs(tmp_path: Path, text: str) -> None:
    given = source(tmp_path, text)

    assert detect(given.path, "x", given.size).media_type != "text/x-log"


def test_a_table_of_names_above_data_is_split_at_single_blanks(tmp_path: Path) -> None:
    given = source(tmp_path, "station kind height wind\nK1 a 12.5 3\nK2 b 13.5 4\nK3 c 14.5 5\n")

    assert detect(given.path, "x", given.size).media_type == "text/csv"
