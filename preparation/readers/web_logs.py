"""Web access logs: common and combined format (with a virtual host before or timings after), and W3C extended."""

import json
import re
from collections.abc import Sequence

import polars as pl

from core.prepared import Rejection
from preparation.encodings import decode
from preparation.extraction import Extraction, Limits, RawTable, Source, unreadable

COLUMNS = (
    "time",
    "ip_address",
    "user_id",
    "method",
    "url",
    "protocol",
    "status_code",
    "bytes_sent",
    "referrer",
    "user_agent",
)
_ACCESS = (
    r"^(?:(?P<virtual_host>\S+) )?(?P<ip_address>\S+) (?P<ident>\S+) (?P<user_id>\S+) \[(?P<time>[^\]]{10,40})\] "
    r'"(?P<request>(?:[^"\\]|\\.)*)" (?P<status_code>\d{3}|-) (?P<bytes_sent>\d+|-)'
    r'(?:\s+"(?P<referrer>(?:[^"\\]|\\.)*)" "(?P<user_agent>(?:[^"\\]|\\.)*)")?(?P<extra>.*)$'
)
_REQUEST = r"^(?P<method>[A-Za-z_-]+) (?P<url>.*?)(?: (?P<protocol>HTTP/[\d.]+))?$"
_FIELDS_LINE = re.compile(r"^#Fields:\s*(.+)$", re.I)
_W3C_NAMES = {
    "c-ip": "ip_address",
    "cs-username": "user_id",
    "cs-method": "method",
    "cs-uri-stem": "url",
    "cs-uri": "url",
    "cs-version": "protocol",
    "cs-protocol-version": "protocol",
    "sc-status": "status_code",
    "sc-bytes": "bytes_sent",
    "cs(referer)": "referrer",
    "cs(user-agent)": "user_agent",
}
SAMPLE_LINES = 2_000
MAX_RECORD_CHARS = 2_000
_EXPECTED = 'expected: address, identity, user, [time], "request", status, bytes'


def read(source: Source) -> Extraction:
    """Reads an access log into rows of ``clickstream``; a line that cannot be read is rejected with the reason."""
    data = source.path.read_bytes()
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        return unreadable(f"The log is empty: {len(data)} bytes.", "Check what should have written it.", kind="log")
    decoded = decode(data)
    lines = decoded.text.lstrip("\ufeff").replace("\r\n", "\n").split("\n")
    return from_lines(lines, source.limits, decoded.encoding)


def access_share(lines: Sequence[str]) -> float:
    """The share of the lines that are access log records; 1 where the log declares its fields."""
    filled = [line for line in lines if line.strip()]
    if not filled:
        return 0.0
    if any(_FIELDS_LINE.match(line) for line in filled[:20]):
        return 1.0
    sample = pl.Series([line[:4_000] for line in filled[:: max(1, len(filled) // SAMPLE_LINES)]], dtype=pl.String)
    found = sample.str.contains(_ACCESS).mean()
    return float(found) if isinstance(found, (int, float)) else 0.0


def from_lines(lines: Sequence[str], limits: Limits, encoding: str) -> Extraction:
    """As `read`, from lines already decoded."""
    is_w3c = any(_FIELDS_LINE.match(line) for line in lines[:20])
    frame, bad = _w3c(lines) if is_w3c else _access(lines)
    form = "W3C extended log" if is_w3c else "web access log"
    total = frame.height + len(bad)
    rejections = tuple(_rejection(number, text, reason) for number, text, reason in bad[: limits.max_rejections])
    extras = [name for name in frame.columns if name not in COLUMNS and name != "_line"]
    extras = [name for name in extras if frame[name].null_count() < frame.height]
    table = RawTable(
        frame.select(*COLUMNS, *extras),
        dataset="clickstream",
        why=f"{frame.height} of {total} lines are records of a {form}",
        positions=frame["_line"],
        rejections=rejections,
        rejected_rows=len(bad),
        has_header=is_w3c,
    )
    return Extraction(kind="log", tables=(table,), metadata={"encoding": encoding, "format": form, "lines": total})


def _rejection(number: int, text: str, reason: str) -> Rejection:
    return Rejection(number, f"Line {number + 1} {reason}", json.dumps({"line": text[:MAX_RECORD_CHARS]}))


_Bad = list[tuple[int, str, str]]


def _numbered(lines: Sequence[str]) -> pl.DataFrame:
    """The lines that are not blank, each with its position among them."""
    filled = [line for line in lines if line.strip()]
    return (
        pl.DataFrame({"_text": filled}, schema={"_text": pl.String}).with_row_index("_line").cast({"_line": pl.Int64})
    )


def _access(lines: Sequence[str]) -> tuple[pl.DataFrame, _Bad]:
    frame = (
        _numbered(lines).with_columns(pl.col("_text").str.extract_groups(_ACCESS).alias("_fields")).unnest("_fields")
    )
    frame = frame.with_columns(pl.col("request").str.extract_groups(_REQUEST).alias("_parts")).unnest("_parts")
    zoned = pl.col("time").str.to_datetime("%d/%b/%Y:%H:%M:%S%.f %z", strict=False, time_unit="us", time_zone="UTC")
    plain = pl.col("time").str.to_datetime("%d/%b/%Y:%H:%M:%S%.f", strict=False, time_unit="us", time_zone="UTC")
    moment = pl.coalesce(zoned, plain).dt.to_string("%Y-%m-%dT%H:%M:%S%.fZ")
    frame = frame.with_columns(moment.alias("_moment"), pl.coalesce("url", "request").alias("url"))
    torn = frame.filter(pl.col("ip_address").is_null())
    undated = frame.filter(pl.col("ip_address").is_not_null() & pl.col("_moment").is_null())
    bad = [
        (line, text, f"is no access log record; {_EXPECTED}.")
        for line, text in torn.select("_line", "_text").iter_rows()
    ]
    bad += [
        (line, text, f"has the time {time!r}; expected day/month/year:hour:minute:second zone.")
        for line, text, time in undated.select("_line", "_text", "time").iter_rows()
    ]
    good = frame.filter(pl.col("_moment").is_not_null()).with_columns(pl.col("_moment").alias("time"))
    good = good.with_columns(_unquoted("ident"), _unquoted("extra")).drop("_text", "_moment", "request")
    return _typed(good), sorted(bad)


def _w3c(lines: Sequence[str]) -> tuple[pl.DataFrame, _Bad]:
    """Sections, each under the `#Fields:` line that names its columns."""
    rows: list[dict[str, str | None]] = []
    bad: _Bad = []
    names: list[str] = []
    number = -1
    for line in lines:
        if declared := _FIELDS_LINE.match(line):
            names = declared.group(1).split()
        if not line.strip() or line.startswith("#"):
            continue
        number += 1
        values = line.split("\t") if "\t" in line else line.split()
        if len(values) != len(names):
            bad.append((number, line, f"has {len(values)} values; expected {len(names)}, as its #Fields line names."))
            continue
        rows.append({"_line": str(number), **_w3c_row(dict(zip(names, values, strict=True)))})
    columns = dict.fromkeys(name for row in rows for name in row) or {"_line": None}
    frame = pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in columns}, schema=dict.fromkeys(columns, pl.String())
    )
    frame = frame.with_columns(pl.col("_line").cast(pl.Int64))
    return _typed(frame.with_columns(pl.lit(None, pl.String).alias(c) for c in COLUMNS if c not in frame.columns)), bad


def _w3c_row(values: dict[str, str]) -> dict[str, str | None]:
    row: dict[str, str | None] = {}
    for name, value in values.items():
        key = _W3C_NAMES.get(name.lower(), re.sub(r"\W+", "_", name.lower()).strip("_"))
        row[key] = None if value == "-" else value
    if row.get("date") and row.get("time"):
        row["time"] = f"{row.pop('date')}T{row['time']}Z"
    if row.get("cs_uri_query"):
        row["url"] = f"{row.get('url') or ''}?{row['cs_uri_query']}"
    if agent := row.get("user_agent"):
        row["user_agent"] = agent.replace("+", " ").replace("%20", " ")
    return row


def _unquoted(name: str) -> pl.Expr:
    stripped = pl.col(name).str.strip_chars()
    return pl.when(stripped.is_in(["", "-"])).then(None).otherwise(stripped).alias(name)


def _typed(frame: pl.DataFrame) -> pl.DataFrame:
    texts = [_unquoted(name) for name in ("user_id", "referrer", "user_agent", "method", "url")]
    numbers = [pl.col(name).cast(pl.Int64, strict=False) for name in ("status_code", "bytes_sent")]
    return frame.with_columns(*texts, *numbers)
