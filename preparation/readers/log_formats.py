"""The log formats known, and the choice among them."""

import re
from collections.abc import Sequence
from functools import cache

import polars as pl

from preparation.readers.log_format import ISO, ISO_TIMES, LEVEL, STAMP, LogFormat
from preparation.readers.log_formats_general import GENERAL
from preparation.readers.log_formats_network import NETWORK
from preparation.readers.log_formats_servers import SERVERS

_TAG = (
    r"(?P<component>[^:\[\]]{1,80}?|[^:\s]*\[[^\]]*[^\]\d][^\]]*\])(?:\[(?P<pid>\d+)\])?(?: \((?P<address>[^()]*)\))?"
    r":(?:\s+|$)"
)
CONTINUED = r"^(?:\s+\S|Caused by:|Traceback \(|\.\.\. \d+ more|at [\w.$<>]+\(|[\w.$]+(?:Error|Exception)\b|\}|\))"
MIN_SHARE = 0.3  # of the lines that must fit for the text to be a log of that format
SAMPLE_LINES = 2_000
_DISTINCT_SHARE, _DISTINCT_LINES = 0.5, 40  # of the first lines, for a text without any other mark of a log

_SYSTEMS = (
    LogFormat(
        "syslog (RFC 5424)",
        r"^<(?P<priority>\d{1,3})>\d{1,2} (?P<time>\S+) (?P<host>\S+) (?P<component>\S+) (?P<pid>\S+) "
        r"(?P<message_id>\S+) "
        r"(?P<structured_data>-|(?:\[(?:[^\]\\\"]|\"(?:[^\"\\]|\\.)*\")*\])+)(?: |$)(?P<content>.*)$",
        ISO_TIMES,
    ),
    LogFormat(
        "Thunderbird",
        rf"^(?P<label>\S+) \d{{9,11}} (?P<year>\d{{4}})\.\d\d\.\d\d (?P<host>\S+) {STAMP} (?P<location>\S+) "
        rf"{_TAG}(?P<content>.*)$",
        ("%Y %b %d %H:%M:%S",),
    ),
    LogFormat(
        "BGL",
        r"^(?P<label>\S+) \d{9,11} \d{4}\.\d\d\.\d\d (?P<host>\S+) "
        r"(?P<time>\d{4}-\d\d-\d\d-\d\d\.\d\d\.\d\d\.\d+) \S+ (?P<type>\S+) "
        r"(?P<component>\S+) (?P<level>\S+)\s*(?P<content>.*)$",
        ("%Y-%m-%d-%H.%M.%S%.f",),
    ),
    LogFormat(
        "syslog (RFC 3164)",
        rf"^(?:<(?P<priority>\d{{1,3}})>)?{STAMP} (?P<host>\S+)\s+{_TAG}(?P<content>.*)$",
        ("%Y %b %d %H:%M:%S",),
        has_year=False,
    ),
    LogFormat(
        "syslog with ISO times",
        rf"^(?:<(?P<priority>\d{{1,3}})>)?(?P<time>\d{{4}}-\d\d-\d\dT\S+) "
        rf"(?P<host>[^\s\[\]]+)\s+{_TAG}(?P<content>.*)$",
        ISO_TIMES,
    ),
    LogFormat(
        "Hadoop",
        rf"^(?P<time>{ISO})\s+(?P<level>[A-Z]+) \[(?P<thread>[^\]]*)\] (?P<component>[^\s:]+): (?P<content>.*)$",
        ISO_TIMES,
    ),
    LogFormat(
        "Zookeeper",
        rf"^(?P<time>{ISO}) - (?P<level>[A-Z]+)\s+\[(?P<node>.*?):(?P<component>.*?)@(?P<id>.*?)\] - (?P<content>.*)$",
        ISO_TIMES,
    ),
    LogFormat(
        "OpenStack",
        rf"^(?:(?P<file>\S+) )?(?P<time>{ISO}) (?P<pid>\d+) (?P<level>[A-Z]+) (?P<component>\S+) "
        rf"\[(?P<context>[^\]]*)\] (?P<content>.*)$",
        ISO_TIMES,
    ),
    LogFormat(
        "Windows servicing",
        rf"^(?P<time>{ISO}), (?P<level>[A-Z][a-z]+)\s+(?P<component>\S+)\s+(?P<content>.*)$",
        ISO_TIMES,
    ),
    LogFormat(
        "Spring",
        rf"^(?P<time>{ISO})\s+(?P<level>[A-Z]+) (?P<pid>\d+) --- \[\s*(?P<thread>[^\]]*)\] "
        rf"(?P<component>\S+)\s*: (?P<content>.*)$",
        ISO_TIMES,
    ),
    LogFormat(
        "Python logging",
        rf"^(?P<time>{ISO}) - (?P<component>\S+) - (?P<level>{LEVEL}) - (?P<content>.*)$",
        ISO_TIMES,
    ),
    LogFormat(
        "HDFS",
        r"^(?P<time>\d{6} \d{6}) (?P<pid>\d+) (?P<level>[A-Z]+) (?P<component>[^\s:]+): (?P<content>.*)$",
        ("%y%m%d %H%M%S",),
    ),
    LogFormat(
        "Spark",
        r"^(?P<time>\d\d/\d\d/\d\d \d\d:\d\d:\d\d) (?P<level>[A-Z]+) (?P<component>[^\s:]+): (?P<content>.*)$",
        ("%y/%m/%d %H:%M:%S",),
    ),
    LogFormat(
        "HPC",
        r"^(?P<log_id>\d+) (?P<host>\S+) (?P<component>\S+) (?P<state>\S+) (?P<time>\d{9,10}) (?P<flag>\d+) "
        r"(?P<content>.*)$",
        ("%s",),
    ),
    LogFormat(
        "Android",
        r"^(?P<time>\d\d-\d\d \d\d:\d\d:\d\d\.\d+)\s+(?P<pid>\d+)\s+(?P<thread>\d+) (?P<level>[A-Z]) "
        r"(?P<component>.*?)\s*: (?P<content>.*)$",
        ("%Y %m-%d %H:%M:%S%.f",),
        has_year=False,
    ),
    LogFormat(
        "HealthApp",
        r"^(?P<time>\d{8}-\d{1,2}:\d{1,2}:\d{1,2}:\d{1,3})\|(?P<component>[^|]*)\|(?P<pid>[^|]*)\|(?P<content>.*)$",
        ("%Y%m%d-%H:%M:%S%.f",),
    ),
    LogFormat(
        "Apache error log",
        r"^\[(?P<time>[A-Z][a-z]{2} [A-Z][a-z]{2}\s+\d{1,2} \d\d:\d\d:\d\d(?:\.\d+)? \d{4})\] "
        r"\[(?:(?P<component>[\w-]+):)?(?P<level>\w+)\]"
        r"(?: \[pid (?P<pid>\d+)(?::tid \d+)?\])? (?P<content>.*)$",
        ("%a %b %d %H:%M:%S%.f %Y",),
    ),
    LogFormat(
        "Proxifier",
        r"^\[(?P<time>\d\d\.\d\d \d\d:\d\d:\d\d)\] (?P<component>.*?) - (?P<content>.*)$",
        ("%Y %m.%d %H:%M:%S",),
        has_year=False,
    ),
    LogFormat(
        "nginx error log",
        r"^(?P<time>\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) \[(?P<level>\w+)\] (?P<pid>\d+)#\d+: (?P<content>.*)$",
        ("%Y/%m/%d %H:%M:%S",),
    ),
)
FORMATS = (*SERVERS, *NETWORK, *_SYSTEMS, *GENERAL)
_CONTINUED = re.compile(CONTINUED)
_GENERAL = frozenset(each.name for each in GENERAL)


def best_format(lines: Sequence[str]) -> tuple[LogFormat | None, float]:
    """The format that most of `lines` fit, and the share that do; of equals the one listed first.

    A general format wins over a specific one only where it fits a fifth more of the lines. Lines that look like
    parts of a stack trace are not counted.
    """
    filled = [line for line in lines if line.strip() and not _CONTINUED.match(line)]
    if not filled:
        return None, 0.0
    step = max(1, len(filled) // SAMPLE_LINES)
    sample = pl.Series([line[:4_000] for line in filled[::step]], dtype=pl.String).str.strip_chars_end()
    best: LogFormat | None = None
    share = 0.0
    for candidate in FORMATS:
        found = sample.str.contains(candidate.pattern).mean()
        fits = float(found) if isinstance(found, (int, float)) else 0.0
        if fits > share + (0.2 if candidate.name in _GENERAL else 0.0):
            best, share = candidate, fits
    return (best, share) if share >= MIN_SHARE else (None, share)


def is_general(known: LogFormat) -> bool:
    """Whether a format says little more than where the time stands."""
    return known.name in _GENERAL


def distinct_format(lines: Sequence[str]) -> LogFormat | None:
    """The format of a server or a network tool that at least half of some first lines fit, or None."""
    filled = [line[:1_000] for line in lines[:_DISTINCT_LINES] if line.strip()]
    for candidate in (*SERVERS, *NETWORK):
        fitting = sum(bool(_compiled(candidate.pattern).match(line)) for line in filled)
        if fitting >= max(_DISTINCT_SHARE * len(filled), 2):
            return candidate
    return None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
