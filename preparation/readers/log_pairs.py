"""Logs that write each record as pairs of key=value: logfmt, firewalls, flows."""

import re
from collections import Counter
from collections.abc import Sequence

import polars as pl

from preparation.extraction import RawTable
from preparation.templates import templates_of

_PAIR = re.compile(r"""(?<![^\s,;|])([A-Za-z_@][\w.@/-]{0,40})=("(?:[^"\\]|\\.)*"|'[^']*'|[^\s,;|]*)""")
_MIN_PAIRS, _MIN_SHARED = 3, 2
_USUAL_SHARE = 0.6
_MAX_KEYS = 400
_REST = "remainder"
_NAMES = {
    "time": "time ts timestamp @timestamp t datetime rt eventtime",
    "host": "host hostname devname dvchost computer node",
    "level": "level lvl severity sev pri priority loglevel",
    "component": "component logger caller app program service process subsystem module type",
    "pid": "pid thread",
    "content": "msg message log event_message",
    "message_id": "logid eventid event_id msg_id signature_id",
    "event_type": "event subtype event_type",
    "source_ip": "src srcip src_ip saddr source_ip client client_ip remote_addr remip sourceip ip",
    "source_port": "spt sport srcport src_port",
    "destination_ip": "dst dstip dst_ip daddr dest_ip destination_ip destip locip",
    "destination_port": "dpt dport dstport dst_port dest_port",
    "protocol": "proto protocol",
    "bytes": "bytes len size",
    "source_bytes": "sentbyte bytes_sent bytes_out out",
    "destination_bytes": "rcvdbyte bytes_received bytes_in in",
    "packets": "packets pkts",
    "duration": "duration dur elapsed",
    "action": "action act outcome status",
    "user": "user suser username usr duser",
    "rule": "rule policy policyid policyname",
    "url": "url uri request path",
}


def are_pairs(lines: Sequence[str]) -> bool:
    """Whether most lines hold several pairs, and some keys come back in most."""
    filled = [line for line in lines if line.strip()]
    keys = [{found[1] for found in _PAIR.finditer(line)} for line in filled]
    many = [each for each in keys if len(each) >= _MIN_PAIRS]
    shared = [count for count in Counter(key for each in many for key in each).values() if count >= 0.6 * len(filled)]
    return len(filled) > 1 and len(many) >= _USUAL_SHARE * len(filled) and len(shared) >= _MIN_SHARED


def table(lines: Sequence[str]) -> RawTable | None:
    """One row a line, a column a key; what stands outside of the pairs is kept too. None where lines are no pairs.

    Keys that say what a column of ``network_log`` says become that column, the first of them where several do.
    """
    if not are_pairs(lines[:200]):
        return None
    numbered = [(at, line) for at, line in enumerate(lines) if line.strip()]
    records = [_record(line) for _, line in numbered]
    usual = Counter(key for record in records for key in record if key != _REST).most_common(_MAX_KEYS)
    keys = {key: None for key, _ in usual}
    records = [_folded(record, keys) for record in records]
    places = _places([*keys, *([_REST] if any(_REST in record for record in records) else [])])
    frame = pl.DataFrame(
        {column: [_value(record, sources) for record in records] for column, sources in places.items()},
        schema=dict.fromkeys(places, pl.String),
    )
    if "content" in places and "template" not in places:
        frame = frame.with_columns(templates_of(frame["content"]))
    positions = pl.Series([at for at, _ in numbered], dtype=pl.Int64)
    why = f"{len(records)} lines of pairs of key=value"
    return RawTable(frame, dataset="network_log", why=why, positions=positions, has_header=False)


def _record(line: str) -> dict[str, str]:
    record: dict[str, str] = {}
    for found in _PAIR.finditer(line):
        record.setdefault(found[1], found[2].strip("\"'").replace('\\"', '"'))
    rest = " ".join(_PAIR.sub(" ", line).split())
    return record | {_REST: rest} if rest else record


def _folded(record: dict[str, str], keys: dict[str, None]) -> dict[str, str]:
    """A record of the usual keys: its other pairs go into the remainder."""
    rare = [f"{key}={value}" for key, value in record.items() if key != _REST and key not in keys]
    rest = " ".join([record[_REST], *rare] if _REST in record else rare)
    return {key: value for key, value in record.items() if key in keys} | ({_REST: rest} if rest else {})


def _places(keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Each column and the keys whose values it takes; a date and a time beside it are one moment."""
    places: dict[str, tuple[str, ...]] = {}
    known = {key.lower(): key for key in keys}
    if "date" in known and "time" in known:
        places["time"] = (known["date"], known["time"])
    for column, names in _NAMES.items():
        found = next((known[name] for name in names.split() if name in known), None)
        if found is not None and column not in places:
            places[column] = (found,)
    if "content" not in places and _REST in known:
        places["content"] = (_REST,)
    taken = {key for sources in places.values() for key in sources}
    return places | {key: (key,) for key in keys if key not in taken and key not in places}


def _value(record: dict[str, str], sources: tuple[str, ...]) -> str | None:
    return " ".join(record[key] for key in sources if key in record) or None
