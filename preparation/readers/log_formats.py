"""The log formats known, each a pattern and the ways its times are written; and the choice among them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

_ISO = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"
_LEVEL = (
    r""
    r"TRACE|DEBUG|FINEST|FINER|FINE|CONFIG|INFO|INFORMATION|NOTICE|WARN|WARNING|ERROR|ERR|SEVERE|CRITICAL|CRIT|ALERT|EMERG"
    r"|FATAL|PANIC"
)
_TAG = (
    r"(?P<component>[^:\[\]]{1,80}?|[^:\s]*\[[^\]]*[^\]\d][^\]]*\])(?:\[(?P<pid>\d+)\])?(?: \((?P<address>[^()]*)\))?"
    r":(?:\s+|$)"
)
_STAMP = r"(?P<time>[A-Z][a-z]{2}\s+\d{1,2} \d\d:\d\d:\d\d)"
_ISO_TIMES = ("%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M:%S%.f")
CONTENT = "(?P<content>.*)$"  # every pattern ends so
CONTINUED = r"^(?:\s+\S|Caused by:|Traceback \(|\.\.\. \d+ more|at [\w.$<>]+\(|[\w.$]+(?:Error|Exception)\b|\}|\))"
MIN_SHARE = 0.3  # of the lines that must fit for the text to be a log of that format
SAMPLE_LINES = 2_000


@dataclass(frozen=True, slots=True)
class LogFormat:
    """One way of writing a log line.

    Attributes:
        name: For people.
        pattern: Named groups `time`, `host`, `level`, `component`, `pid`, `content`, `priority` and any others,
            which are kept under their own names.
        times: How the time is written, in `strptime` directives, tried in order. A time is given to them with
            one blank between its parts and `T` for the blank of an ISO date.
        has_year: Whether the time names its year.
    """

    name: str
    pattern: str
    times: tuple[str, ...]
    has_year: bool = True


FORMATS = (
    LogFormat(
        "syslog (RFC 5424)",
        r"^<(?P<priority>\d{1,3})>\d{1,2} (?P<time>\S+) (?P<host>\S+) (?P<component>\S+) (?P<pid>\S+) "
        r"(?P<message_id>\S+) "
        r"(?P<structured_data>-|(?:\[(?:[^\]\\\"]|\"(?:[^\"\\]|\\.)*\")*\])+)(?: |$)(?P<content>.*)$",
        _ISO_TIMES,
    ),
    LogFormat(
        "Thunderbird",
        rf"^(?P<label>\S+) \d{{9,11}} (?P<year>\d{{4}})\.\d\d\.\d\d (?P<host>\S+) {_STAMP} (?P<location>\S+) "
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
        rf"^(?:<(?P<priority>\d{{1,3}})>)?{_STAMP} (?P<host>\S+)\s+{_TAG}(?P<content>.*)$",
        ("%Y %b %d %H:%M:%S",),
        has_year=False,
    ),
    LogFormat(
        "syslog with ISO times",
        rf"^(?:<(?P<priority>\d{{1,3}})>)?(?P<time>\d{{4}}-\d\d-\d\dT\S+) "
        rf"(?P<host>[^\s\[\]]+)\s+{_TAG}(?P<content>.*)$",
        _ISO_TIMES,
    ),
    LogFormat(
        "Hadoop",
        rf"^(?P<time>{_ISO})\s+(?P<level>[A-Z]+) \[(?P<thread>[^\]]*)\] (?P<component>[^\s:]+): (?P<content>.*)$",
        _ISO_TIMES,
    ),
    LogFormat(
        "Zookeeper",
        rf"^(?P<time>{_ISO}) - (?P<level>[A-Z]+)\s+\[(?P<node>.*?):(?P<component>.*?)@(?P<id>.*?)\] - (?P<content>.*)$",
        _ISO_TIMES,
    ),
    LogFormat(
        "OpenStack",
        rf"^(?:(?P<file>\S+) )?(?P<time>{_ISO}) (?P<pid>\d+) (?P<level>[A-Z]+) (?P<component>\S+) "
        rf"\[(?P<context>[^\]]*)\] (?P<content>.*)$",
        _ISO_TIMES,
    ),
    LogFormat(
        "Windows servicing",
        rf"^(?P<time>{_ISO}), (?P<level>[A-Z][a-z]+)\s+(?P<component>\S+)\s+(?P<content>.*)$",
        _ISO_TIMES,
    ),
    LogFormat(
        "Spring",
        rf"^(?P<time>{_ISO})\s+(?P<level>[A-Z]+) (?P<pid>\d+) --- \[\s*(?P<thread>[^\]]*)\] "
        rf"(?P<component>\S+)\s*: (?P<content>.*)$",
        _ISO_TIMES,
    ),
    LogFormat(
        "Python logging",
        rf"^(?P<time>{_ISO}) - (?P<component>\S+) - (?P<level>{_LEVEL}) - (?P<content>.*)$",
        _ISO_TIMES,
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
    LogFormat(
        "time, level, component",
        rf""
        rf"^\[?(?P<time>{_ISO})\]?[\s|-]+\[?(?P<level>(?i:{_LEVEL}))\]?[\s|:-]+\[?(?P<component>[\w.$/-]+)\]?\s*[:|-]\s+(?P<content>.*)$",
        _ISO_TIMES,
    ),
    LogFormat(
        "time, level",
        rf"^\[?(?P<time>{_ISO})\]?[\s|:-]+\[?(?P<level>(?i:{_LEVEL}))\b\]?[\s|:-]*(?P<content>.*)$",
        _ISO_TIMES,
    ),
    LogFormat(
        "syslog without a tag",
        rf"^(?:<(?P<priority>\d{{1,3}})>)?{_STAMP} (?P<host>\S+) (?P<content>.*)$",
        ("%Y %b %d %H:%M:%S",),
        has_year=False,
    ),
    LogFormat("time first", rf"^\[?(?P<time>{_ISO})\]?[\s|:,-]+(?P<content>.*)$", _ISO_TIMES),
)
_CONTINUED = re.compile(CONTINUED)
_GENERAL = ("time, level", "syslog without a tag", "time first")


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
