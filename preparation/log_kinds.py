"""Whether a text is a log, by what most of its lines begin with."""

import re
from collections.abc import Sequence

from preparation import media_types as types
from preparation.readers.log_formats import distinct_format
from preparation.readers.log_pairs import are_pairs

_MAX_LINES = 200
_MAX_LINE_CHARS = 500  # patterns with choices take the square of a line's length
_USUAL_SHARE = 0.6
_LEADING_SHARE = 0.3  # the lines that begin an entry, where entries run over several (stack traces)
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_TIME = r"\d\d?:\d\d:\d\d(?:[.,]\d+)?"
_STAMP = (
    rf"(?:\d{{4}}[-/.]\d\d[-/.]\d\d[T \-_.]{_TIME}(?:Z|[+-]\d\d:?\d\d)?"
    rf"|\d{{4}}-\d\d-\d\d-\d\d\.\d\d\.\d\d\.\d+"
    rf"|\d\d[-/.]\d\d[-/.]\d{{2,4}} {_TIME}"
    rf"|\d{{6}} \d{{6}}"
    rf"|1\d{{9}}(?:\.\d+)?"
    rf"|\d{{8}}[-T ]\d\d?:?\d\d:?\d\d[:.,]?\d*"
    rf"|(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?{_MONTH} +\d\d? (?:\d{{4}} )?{_TIME}(?: \d{{4}})?"
    rf"|\d\d?[ /-]{_MONTH}[ /-]\d{{4}}[: ]{_TIME}"
    rf"|\d\d[-.]\d\d {_TIME}"
    rf"|{_TIME}(?= ))"
)
ACCESS_LINE = re.compile(r'\S+ \S+ .{1,80}? ?\[[^\]]{10,40}\] "(?:[^"\\]|\\.)*" (?:\d{3}|-) (?:\d+|-)')
_SYSLOG_5424 = re.compile(r"(?:\d+ )?<\d{1,3}>[1-9]\d? (?:\d{4}-\d\d-\d\dT\S+|-) \S+ \S+ \S+ \S+ ")
_SYSLOG_3164 = re.compile(rf"<\d{{1,3}}>{_MONTH} [ \d]\d {_TIME} |{_MONTH} [ \d]?\d (?:\d{{4}} )?{_TIME} [\w.:-]+ \S")
_PRIORITY = re.compile(r"<\d{1,3}>\S")
_GENERIC = re.compile(rf"(?:- )?(?:[\w./:-]+ +){{0,4}}?[\[(]?{_STAMP}\]?[\s,|:;)\]-]")
_LEVELLED = re.compile(r"\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|FATAL|CRITICAL)\]?[ :|-]", re.IGNORECASE)


def log_kind(lines: Sequence[str]) -> tuple[str, str] | None:
    """The kind of log that these lines, the first of a text, are; or None.

    A delimited table whose first column is a time looks much the same: ask for the table first.
    """
    sample = [line[:_MAX_LINE_CHARS] for line in lines if line.strip() and not line.startswith("#")][:_MAX_LINES]
    if not sample:
        return None
    for media_type, pattern, words in (
        (types.ACCESS_LOG, ACCESS_LINE, "host, time, request and status"),
        (types.SYSLOG, _SYSLOG_5424, "an RFC 5424 header"),
        (types.SYSLOG, _SYSLOG_3164, "an RFC 3164 header"),
    ):
        share = _share(pattern, sample, _USUAL_SHARE)
        if share:
            return media_type, f"{share:.0%} of its lines begin with {words}"
    return _generic_kind(sample)


def _generic_kind(sample: Sequence[str]) -> tuple[str, str] | None:
    for pattern, words in (
        (_GENERIC, "a time"),
        (_PRIORITY, "a syslog priority"),
        (_LEVELLED, "a level"),
    ):
        starts = _LEADING_SHARE if pattern is _GENERIC and pattern.match(sample[0]) else _USUAL_SHARE
        share = _share(pattern, sample, starts)
        if share and (len(sample) > 1 or pattern is _GENERIC):
            return types.LOG, f"{share:.0%} of its lines begin with {words}"
    return (types.LOG, "most of its lines are pairs of key=value") if are_pairs(sample) else None


def _share(pattern: re.Pattern[str], lines: Sequence[str], least: float) -> float:
    """The share of lines that begin so; 0 as soon as too many do not: most texts are no logs."""
    missed = 0
    for line in lines:
        if not pattern.match(line):
            missed += 1
            if len(lines) - missed < least * len(lines):
                return 0.0
    return (len(lines) - missed) / len(lines)


def tool_kind(lines: Sequence[str]) -> tuple[str, str] | None:
    """The kind of a text whose first lines are as one server or network tool writes them, and no other; or None."""
    found = distinct_format([line for line in lines if not line.startswith("#")])
    return (types.LOG, f"its lines are of the format {found.name}") if found else None


def begins_with_time(line: str) -> bool:
    """Whether a line begins with a time, as an entry of a log does."""
    return bool(_GENERIC.match(line))
